"""Scripts show a divergence in a fresh interpreter, and nothing where there is none."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.operations import OPERATIONS, Operation
from fixtures.operations.table import step
from fixtures.targets import load
from fixtures.values import Opaque, Ref, ref
from stateful.engines.choices import Vocabulary, samples_for, steps
from stateful.lockstep.divergence import Divergence, Signature
from stateful.processes.isolation import Launch
from stateful.replay.corpus import corpus
from stateful.replay.replaying import DIVERGES, FIXED, Replayer
from stateful.scripts.rendering import CannotRender, Rendered
from stateful.scripts.script import script
from stateful.traces.trace import Trace

_TOP = Path(__file__).parents[3]
_OURS = ("fixtures", "stateful", "conformance", "persistent_ref")


def _run(text: str, path: Path, **environment: str) -> tuple[int, str]:
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(path)],
        env=environment,
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _of(target: str) -> list[Divergence]:
    """The divergences of ``target`` that the corpus shows, one for each signature."""
    found: dict[Signature, Divergence] = {}
    with Replayer(Launch(target)) as replayer:
        for saved in corpus():
            result = saved.replay(replayer)
            if result.found is not None:
                found.setdefault(result.found.signature, result.found)
    return list(found.values())


def test_scripts_differ_where_the_divergence_is_and_nowhere_else(tmp_path: Path) -> None:
    checked = 0
    for target in ("persistent-c", "persistent-py"):
        for number, found in enumerate(_of(target)[:8]):
            path = tmp_path / f"{target}-{number}.py"
            code, printed = _run(script(found, target), path)
            assert code == 1, f"{found.signature}\n{printed}"
            assert "IT DIFFERS" in printed
            code, printed = _run(script(found, "ref"), path, PYTHONPATH=str(_TOP))
            assert code == 0, f"{found.signature}\n{printed}"
            assert "IT DOES NOT DIFFER" in printed
            checked += 1
    assert checked >= 12


def test_scripts_of_the_corpus_do_not_differ_on_the_reference(tmp_path: Path) -> None:
    for number, saved in enumerate(corpus()):
        if number % 6 == 0:
            text = script(saved.trace, "ref", expected=saved.expected)
            code, printed = _run(text, tmp_path / "it.py", PYTHONPATH=str(_TOP))
            assert code == 0, f"{saved.name}\n{printed}"


def test_a_script_imports_none_of_our_packages() -> None:
    for saved in corpus()[::2]:
        text = script(saved.trace, "persistent-c", expected=saved.expected)
        nodes = list(ast.walk(ast.parse(text)))
        modules = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
        modules += [
            name.name for node in nodes if isinstance(node, ast.Import) for name in node.names
        ]
        packages = {module and module.partition(".")[0] for module in modules}
        assert "persistent" in packages
        assert not packages & {None, *_OURS}


def test_a_script_reads_as_ordinary_python() -> None:
    text = script(
        Trace(
            {},
            (
                step("ghost", "a"),
                step("set", "a", "x", 2),
                step("deactivate", "a"),
                step("cache_invalidate", [ref("a"), ref("u")]),
                step("plan", "setstate", "a", [step("drop", "a"), step("minimize")], "LoadError"),
                step("get", "a", "x"),
                step("drop", "a"),
            ),
        ),
        "persistent-c",
    )
    for line in (
        "    a = ghost(Plain, oid('a'), {'x': 1}, jar, Persistent)",
        "    a.x = 2",
        "    returned(a._p_deactivate())",
        "    returned(jar._cache.invalidate([oid('a'), oid('u')]))",
        "def inside_5_1():\n    global a\n    del a",
        "    return jar._cache.minimize()",
        "def inside_5_2():",
        "    returned(a.x)",
        "    del a",
    ):
        assert f"\n{line}\n" in text, line
    then = "[nested('drop', inside_5_1), nested('minimize', inside_5_2)]"
    assert f"    plan('setstate', 'a', {then}, LoadError, 1, plans)" in text
    assert 'os.environ.pop("PURE_PYTHON", None)' in text
    assert text.index("PURE_PYTHON") < text.index("from persistent import")


def test_a_divergence_stands_at_the_top_of_its_script() -> None:
    signature = Signature("get", "Plain ghost cached", "value")
    found = Divergence(
        signature, Trace({}, (step("ghost", "a"), step("get", "a", "x"))), 1, "1", "2"
    )
    documentation = ast.get_docstring(ast.parse(script(found, "ref")))
    assert documentation is not None
    for line in (str(signature), "expected: 1", "got: 2", "2. read a.x"):
        assert line in documentation.splitlines()


@pytest.mark.parametrize(
    ("target", "how"),
    [
        ("aborts_when_activated", "was killed by SIGABRT"),
        ("exits_when_activated", "ended by itself with exit code 7"),
    ],
)
def test_a_crash_is_reported_from_outside(target: str, how: str, tmp_path: Path) -> None:
    target = f"tests.hostile:{target}"
    with Replayer(Launch(target)) as replayer:
        found = replayer.replay(Trace({}, (step("ghost", "a"), step("activate", "a")))).found
    assert found is not None
    path = tmp_path / "it.py"
    code, printed = _run(script(found, target), path, PYTHONPATH=str(_TOP))
    assert code == 1, printed
    assert f"IT DIFFERS\nthe process {how}" in printed
    code, printed = _run(script(found, "tests.hostile:fine"), path, PYTHONPATH=str(_TOP))
    assert code == 0, printed


def test_what_was_passed_on_the_way_does_not_count(tmp_path: Path) -> None:
    steps = (step("ghost", "a"), step("minimize"), step("drop", "a"), step("minimize"))
    known = Signature("minimize", "cache: ghost", "value")
    found = Divergence(
        Signature("minimize", "cache: empty", "value"), Trace({}, steps), 3, "None", "0", (known,)
    )
    target = "tests.traced:returns_a_count_from_sweeps"
    _, printed = _run(script(found, target), tmp_path / "it.py", PYTHONPATH=str(_TOP))
    assert "step 4: expected returns None, got returns 0" in printed
    assert "step 2: " not in printed


def test_a_package_in_the_conventional_layout_is_looked_up(tmp_path: Path) -> None:
    text = script(Trace({}, (step("build", "a", "mapping"),)), "persistent_ref")
    assert "part('persistent_ref:PickleCache', 'persistent_ref.picklecache:PickleCache')" in text
    assert _run(text, tmp_path / "it.py", PYTHONPATH=str(_TOP))[0] == 0


def test_without_the_implementation_nothing_is_said(tmp_path: Path) -> None:
    text = script(Trace({}, (step("ghost", "a"),)), "no_such_package")
    code, printed = _run(text, tmp_path / "it.py")
    assert code == 3
    assert "no_such_package" in printed


# Every operation can be written


_KNOWN = Vocabulary(
    objects=dict.fromkeys("ab", ""),
    new=("c",),
    jars=("jar", "other"),
    samples=samples_for(load("ref")),
    references=("r",),
    new_references=("s",),
    watched=("a",),
    oids=("a", "b"),
)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda each: each.name)
def test_every_operation_can_be_written(operation: Operation) -> None:
    written = 0
    for number, each in enumerate(steps(_KNOWN, [operation])):
        if number % 7 and number > 30:
            continue
        rendered = Rendered(each.made, "inside")
        value = "" if rendered.value is None else f"returned({rendered.value})"
        ast.parse("\n".join([*rendered.functions, *rendered.lines, value]))
        written += 1
    assert written


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_is_a_single_statement(operation: Operation) -> None:
    (defined,) = ast.parse(inspect.getsource(operation.function)).body
    assert isinstance(defined, ast.FunctionDef)
    statements = defined.body[1:] if ast.get_docstring(defined) is not None else defined.body
    assert len(statements) == 1, f"{operation.name}: put what it does into fixtures/helpers.py"
    assert not isinstance(statements[0], (ast.With, ast.For, ast.If, ast.Try))


def test_what_cannot_be_written_is_refused() -> None:
    for made, problem in (
        (step("get", "class", "x"), "'class' cannot be a name"),
        (step("set", "a", "x", Opaque("a thing")), "was not recorded"),
    ):
        with pytest.raises(CannotRender, match=problem):
            Rendered(made, "inside")
    for names, problem in ((("jar",), "'jar' means something else"), (("plan",), "'plan' means")):
        with pytest.raises(CannotRender, match=problem):
            script(Trace({}, tuple(step("ghost", name) for name in names)), "ref")
    twice = (step("ghost", "a"), step("refer", "a", "a"))
    with pytest.raises(CannotRender, match="an object and a weak reference"):
        script(Trace({}, twice), "ref")


def test_values_are_written_by_their_role() -> None:
    made = step(
        "set", "a", "x", [Ref("jar", "jar"), Ref("cache", "jar"), (1,), {1}, {"b": ref("b")}]
    )
    assert Rendered(made, "inside").lines == ["a.x = [jar, jar._cache, (1,), {1}, {'b': b}]"]


def test_replay_and_script_agree(tmp_path: Path) -> None:
    trace = Trace({}, (step("create", "a", "Mapping", {"data": {"a": 1}}), step("clear", "a")))
    with Replayer(Launch("persistent-c")) as replayer:
        verdict = replayer.replay(trace).verdict
    code, _ = _run(script(trace, "persistent-c"), tmp_path / "it.py")
    assert (verdict, code) in ((FIXED, 0), (DIVERGES, 1))


def test_json_divergences_become_scripts() -> None:
    trace = Trace({"cache_size": 2}, (step("ghost", "a"), step("incrgc")))
    found = Divergence(Signature("incrgc", "cache: ghost", "value"), trace, 1, "None", "0")
    again = Divergence.from_json(json.loads(json.dumps(found.to_json())))
    assert script(again, "ref") == script(found, "ref")
    assert "PickleCache(jar, 2, 0)" in script(found, "ref")


@pytest.mark.parametrize(
    ("sample", "seen"),
    [
        ("ClassTells__call__", "__call__ value"),
        ("BeforeReenters__new__", ""),
        ("CalledLikeBaseSlotted", ""),
        ("InheritedSlotsTells_p_deactivate", "_p_deactivate a"),
        ("Itself", ""),
        ("Concrete", ""),
    ],
)
def test_samples_made_by_rule_are_the_same_in_scripts(
    sample: str, seen: str, tmp_path: Path
) -> None:
    steps = (
        step("ghost", "b"),
        step("activate", "b"),
        step("create", "a", sample),
        step("add", "a"),
        step("repr", "a"),
        step("set", "a", "_p_changed", True),
        step("commit"),
        step("deactivate", "a"),
        step("pickle", "a", "c", 2),
    )
    written = script(Trace({}, steps), "ref")
    assert seen in written
    code, printed = _run(written, tmp_path / "it.py", PYTHONPATH=str(_TOP))
    assert code == 0, printed
