"""Stand-alone scripts: a trace as ordinary Python that imports nothing but the implementation.

A script repeats the trace step by step, prints what the reference does and what happens, and ends
with 1 while they differ, with 0 when they do not, with 3 if the implementation cannot be imported.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from fixtures.builds import EXTENSIONS, VARIABLE, extensions
from fixtures.implementation import Implementation
from fixtures.operations import words
from fixtures.operations.domains import PART_NAMES
from fixtures.recording import record
from fixtures.roles import plain
from fixtures.samples import SAMPLES
from fixtures.targets import BUILTINS, LAYOUT, entry_points, load
from fixtures.values import Ref
from fixtures.world import DEFAULTS, JAR_NAMES, World, trace_json
from stateful.lockstep.abstract import before
from stateful.lockstep.divergence import CRASH, PASSING, Divergence, Masked, Signature
from stateful.lockstep.lockstep import perform_alone
from stateful.lockstep.recorded import Seen
from stateful.scripts import inlining
from stateful.scripts.rendering import CannotRender, Rendered, identifier
from stateful.traces.step import Step
from stateful.traces.trace import Trace

#: What every script defines or imports.
_DEFINED = ("Jar", "PARTS", "JARS", "NAMES", "REFERENCES", *inlining.STANDARD)
_NAMING = ("object", "new", "watched")
_REFERRING = ("reference", "new reference")
#: How many seconds of CPU a script bears of a process that may hang.
_PATIENCE = 10.0


def script(
    found: Divergence | Trace,
    target: str,
    reference: Implementation | None = None,
    expected: Sequence[Seen] | None = None,
) -> str:
    """A stand-alone script for a divergence, or for a trace, on ``target``.

    ``expected`` is what the reference does at each step, as it was recorded; None to ask
    ``reference``. Raises `CannotRender` if a step cannot be written as Python, or not be performed
    by the reference.
    """
    reference = reference or load("ref")
    divergence = found if isinstance(found, Divergence) else None
    trace = divergence.trace if divergence is not None else found
    assert isinstance(trace, Trace)
    if expected is None:
        recorded = record(reference, trace_json(trace.world, trace.operations), collect=())
        if "unsupported" in recorded:
            raise CannotRender(f"the reference cannot perform it: {recorded['unsupported']}")
        expected = recorded["steps"]
    despite = divergence.despite if divergence is not None else ()
    passing = _passing(reference, trace, despite) if despite else set()
    steps = _steps(trace, expected, passing)
    crashes = divergence is not None and divergence.signature.field == CRASH
    return "\n".join([_head(divergence, trace), *_setting(trace, target, steps, crashes), steps])


def _passing(reference: Implementation, trace: Trace, despite: Collection[Signature]) -> set[int]:
    """The numbers of the steps at which what is known may be returned."""
    known = Masked(despite)
    world = World(reference, trace.world)
    world.keep_no_trace()
    found = set()
    try:
        for number, step in enumerate(map(Step.of, trace.operations)):
            met = before(world, step)
            if any(known.holds(Signature(step.label, met, field)) for field in PASSING):
                found.add(number)
            perform_alone(world, step)
    finally:
        world.close()
    return found


# The text, from top to bottom


def _head(divergence: Divergence | None, trace: Trace) -> str:
    lines = ["A trace, step by step, on an implementation of persistent objects.", ""]
    if divergence is not None:
        lines = [
            str(divergence.signature),
            "",
            f"expected: {divergence.expected}",
            f"got: {divergence.actual}",
            "",
            "after these steps:",
            "",
        ]
    numbered = [f"{number}. {line}" for number, line in enumerate(trace.words(), 1)]
    lines += [*numbered, "", "Ends with 1 while this differs, with 0 when it does not."]
    text = "\n".join(textwrap.fill(line, 96, subsequent_indent="   ") for line in lines)
    quotable = plain(text).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{quotable}\n"""\n'


def _setting(trace: Trace, target: str, steps: str, crashes: bool) -> list[str]:
    """Everything before the steps, as sections of the script."""
    config = {**DEFAULTS, **trace.world}
    names, references, samples = _used(trace)
    jars = JAR_NAMES[: config["jars"]]
    _check_names(names, references, jars)
    used = inlining.names_in(steps)
    classes = [
        inlining.sample_class(name, PART_NAMES[inlining.base_part(name)]) for name in samples
    ]
    parts = ["persistent", *(["cache"] if config["cache"] else [])]
    parts += [part for part, called in PART_NAMES.items() if called in used]
    parts = list(dict.fromkeys([*parts, *map(inlining.base_part, samples)]))
    imported = _implementation(target, parts)
    jar = inlining.jar_class(used)
    texts = "\n".join([steps, jar, *classes, imported, "heard"])
    needed = inlining.names_in(texts) - {"part"}
    needed |= {"watched_from_outside"} if crashes else set()
    helpers = inlining.helpers_for(needed)
    values = [
        f"PARTS = {{{', '.join(f'{part!r}: {PART_NAMES[part]}' for part in parts)}}}",
        *_making(jars, config),
        f"JARS = {{{', '.join(f'{name!r}: {name}' for name in jars)}}}",
        f"NAMES = {list(names)!r}",
        f"REFERENCES = {list(references)!r}",
    ]
    start = [f"watched_from_outside({_PATIENCE:g})"] if crashes else []
    modules = {"import os", "import sys", "import gc"}
    modules |= {*inlining.imports([helpers, jar, *classes, *values, steps, imported])}
    return [
        "\n".join(sorted(modules)) + "\n",
        imported + "\n\n# What the steps need\n",
        helpers + "\n",
        *(text + "\n" for text in start),
        "\n# The data manager, and the classes of the objects\n",
        "\n\n\n".join([jar, *classes]) + "\n\n",
        "\n".join([*values, "gc.disable()", "", "# The steps", ""]),
    ]


def _making(jars: Sequence[str], config: Mapping[str, Any]) -> list[str]:
    lines = []
    for name in jars:
        lines.append(f"{name} = Jar({name!r}, heard)")
        if config["cache"]:
            sizes = f"{config['cache_size']}, {config['cache_size_bytes']}"
            lines.append(f"{name}._cache = PickleCache({name}, {sizes})")
    return lines


def _steps(trace: Trace, expected: Sequence[Seen], passing: Collection[int]) -> str:
    texts = []
    seen: Mapping[str, str] = {}
    for number, (made, does) in enumerate(zip(trace.operations, expected, strict=True), 1):
        rendered = Rendered(made, f"inside_{number}")
        lines = list(rendered.lines)
        if rendered.value is not None:
            lines.append(f"returned({rendered.value})")
        about = [f"    {words(dict(made))!r},"]
        about.append(f"    expected={does['does']!r},")
        if does["calls"]:
            about.append(f"    calls={list(does['calls'])!r},")
        changes = {key: value for key, value in does["seen"].items() if seen.get(key) != value}
        changes.update({key: None for key in seen if key not in does["seen"]})
        seen = does["seen"]
        if changes:
            pairs = (f"        {key!r}: {value!r}," for key, value in changes.items())
            about.append("\n".join(["    changes={", *pairs, "    },"]))
        if number - 1 in passing:
            about.append("    passes=True,")
        body = "\n".join(f"    {line}" for line in lines)
        texts += [f"{text}\n" for text in rendered.functions]
        texts.append("\n".join(["with step(", *about, "):", body, ""]))
    return "\n".join([*texts, "end()\n"])


def _used(trace: Trace) -> tuple[list[str], list[str], list[str]]:
    """The names of objects, of references and of sample classes in a trace, as they come."""
    names: dict[str, None] = {}
    references: dict[str, None] = {}
    samples: dict[str, None] = {}

    def value_used(value: Any) -> None:
        if isinstance(value, Ref):
            if value.kind == "class":
                samples[value.name] = None
        elif isinstance(value, (list, tuple, set)):
            for each in value:
                value_used(each)
        elif isinstance(value, dict):
            for each in value.values():
                value_used(each)

    def step_used(made: Mapping[str, Any]) -> None:
        step = Step.of(made)
        for domain, value in zip(step.operation.arguments.values(), step.arguments, strict=True):
            if domain.kind in _NAMING:
                names[value] = None
            elif domain.kind in _REFERRING:
                references[value] = None
            elif domain.kind == "sample":
                samples[value] = None
            elif domain.kind == "operations":
                for each in value:
                    step_used(each)
            else:
                value_used(value)
        for name in (made.get("kind"), *(each.written for each in step.operation.given.values())):
            if name in SAMPLES:
                samples[name] = None

    for made in trace.operations:
        step_used(made)
    return list(names), list(references), list(samples)


def _check_names(names: Sequence[str], references: Sequence[str], jars: Sequence[str]) -> None:
    taken = inlining.names_of_helpers() | {*jars, *PART_NAMES.values(), *_DEFINED}
    for name in (*names, *references):
        if identifier(name) in taken:
            raise CannotRender(f"{name!r} means something else in a script: rename it")
    for name in references:
        if name in names:
            raise CannotRender(f"{name!r} is an object and a weak reference: rename one of them")


# The implementation


def _implementation(target: str, parts: Sequence[str]) -> str:
    """How a script gets the parts of the implementation that ``target`` names."""
    builtin = BUILTINS.get(target)
    path = target if builtin is not None or ":" in target else entry_points().get(target, target)
    if builtin is not None:
        lines = [_import(builtin.package, part) for part in parts]
        if builtin.pure is not None:
            lines[:0] = _variant(builtin.package, builtin.pure)
    elif ":" in path:
        module, _, attribute = path.partition(":")
        lines = [
            _HERE,
            f"import {module}\nimplementation = {module}.{attribute}",
            "if callable(implementation):\n    implementation = implementation()",
            "if isinstance(implementation, type(sys)):",
            *(f"    {_look_up('{implementation.__name__}', part, 'f')}" for part in parts),
            "else:",
            *(f"    {PART_NAMES[part]} = implementation.{part}" for part in parts),
        ]
    else:
        lines = [_HERE, *(_look_up(path, part) for part in parts)]
    body = textwrap.indent("\n".join(lines), "    ")
    text = f"try:\n{body}\nexcept ImportError as error:\n    print(error)\n    sys.exit(3)"
    looked_up = "part(" in text
    return f"{inlining.helpers_for(['part'])}\n\n\n{text}" if looked_up else text


#: The target may be in the current folder, as it may for us.
_HERE = "sys.path.append(os.getcwd())"


def _variant(package: str, pure: bool) -> list[str]:
    """Have one of the two that ``package`` ships imported, as `fixtures.builds.variant` does."""
    if pure:
        names = ", ".join(map(repr, extensions(package)))
        return [
            f'os.environ["{VARIABLE}"] = "1"',
            f"for extension in ({names}):",
            "    sys.modules[extension] = None  # it cannot be imported",
        ]
    needed = ", ".join(f"{package}.{EXTENSIONS[part][0]}" for part in ("persistent", "cache"))
    return [f'os.environ.pop("{VARIABLE}", None)', f"import {needed}"]


def _import(package: str, part: str) -> str:
    below, attribute = LAYOUT[part][0]
    module = f"{package}.{below}" if below else package
    return f"from {module} import {attribute}"


def _look_up(package: str, part: str, prefix: str = "") -> str:
    places = ", ".join(
        prefix + repr(f"{package}.{below}:{name}" if below else f"{package}:{name}")
        for below, name in LAYOUT[part]
    )
    return f"{PART_NAMES[part]} = part({places})"


__all__ = ["CannotRender", "script"]
