"""Released versions of ``persistent``, judged one by one: ``python docs/releases.py [RELEASES]``.

What is stored already is kept, unless ``--again``; `generate.py` makes the page of it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from packaging.version import Version

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from conformance.clauses import registry  # noqa: E402
from conformance.clauses.registry import CLAUSES, MUST, Clause  # noqa: E402
from conformance.explain.sources import sources  # noqa: E402
from conformance.history.environments import (  # noqa: E402
    CannotBuild,
    Environment,
    Environments,
    kept_folder,
)
from conformance.history.points import releases  # noqa: E402
from conformance.history.pythons import at_hand  # noqa: E402
from conformance.judging import in_processes  # noqa: E402
from conformance.judging.baseline import file as baselines  # noqa: E402
from conformance.judging.causes import Cause, cause_of, shipped  # noqa: E402
from conformance.judging.in_process import FAIL, PASS, UNSUPPORTED  # noqa: E402
from conformance.judging.verdicts import collect  # noqa: E402
from docs.markdown import escaped, heading, row  # noqa: E402
from docs.module_verdicts import AREAS  # noqa: E402
from fixtures.targets import TargetError  # noqa: E402
from stateful.processes.isolation import Launch  # noqa: E402
from stateful.replay.corpus import replay_each  # noqa: E402
from stateful.replay.replaying import Replayer  # noqa: E402

TARGETS = ("persistent-c", "persistent-py")
STORED = DOCS / "releases.json"
ALL = "4.0.."
#: Seconds of CPU for a check or trace: old releases hang in many, a long chain takes two or three.
_PATIENCE = 6.0
#: What stands for a release that nobody has judged yet.
_WAITING: dict[str, Any] = {"problem": ""}
_ABOUT = (
    "Every release that can be installed on a Python at hand, judged by `nox -s releases`: all "
    "checks, without those of persistent modules, then the traces of the corpus and of the "
    "baselines in this repository. `persistent-conformance history` asks them one thing."
)


def clauses() -> list[Clause]:
    """The clauses that a release is judged by: those of modules are about `persistent_ref`."""
    registry.load()
    return [clause for clause in CLAUSES.values() if clause.area not in AREAS]


def measured(target: str, made: Environment) -> dict[str, Any]:
    """What one release does: its clauses by verdict, and its causes."""
    launch = Launch(target, made.interpreter, _PATIENCE)
    chosen = clauses()
    checks = [check for clause in chosen for check in registry.checks_of(clause.id)]
    results = collect(in_processes.run(launch, checks, workers=1), chosen)
    verdicts = {
        verdict: [each.clause.id for each in results.with_verdict(verdict)]
        for verdict in dict.fromkeys(each.verdict for each in results.clauses)
    }
    return {
        "python": str(made.python),
        "builds": dict(results.subject.builds),
        "verdicts": verdicts,
        "causes": sorted(_causes(launch)),
    }


def _causes(launch: Launch) -> set[str]:
    """The causes that show in the traces of the corpus and of the baseline."""
    known = baselines.read(DOCS.parent / "tests" / "baselines" / f"{launch.target}.toml")
    causes = (*shipped(launch.target), *known.causes)
    with Replayer(launch) as replayer:
        replayed = [result for _, result in replay_each(replayer)]
        replayed += [
            replayer.replay_divergence(each.divergence) for each in known.divergences if each.cause
        ]
    found = (cause_of(each.found, causes) for each in replayed if each.found is not None)
    return {cause.name for cause in found if cause is not None}


def judge(wanted: str, targets: Sequence[str], folder: Path, again: bool) -> None:
    """Judge the releases that ``wanted`` names, and store each as soon as it is judged."""
    data = stored()
    environments = Environments(folder)
    for point in releases("persistent", wanted, at_hand()):
        told = data.setdefault(point.label, {})
        for target in targets:
            if target in told and not again:
                continue
            try:
                told[target] = measured(target, environments.of(point))
            except CannotBuild as error:
                told[target] = {"problem": f"not installed: {error}"}
            except TargetError as error:
                told[target] = {"problem": error.problem}
            print(point.label, target, told[target].get("problem", "judged"), flush=True)
            store(STORED, data)


def stored() -> dict[str, Any]:
    """What was measured, by release and target."""
    return stored_in(STORED)


def stored_in(path: Path) -> dict[str, Any]:
    """What was measured before; nothing if there is no such file yet."""
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def store(path: Path, data: Mapping[str, Any]) -> None:
    """Keep what was measured, for the pages that `generate.py` makes."""
    path.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")


# The page


def page() -> str:
    """What each release does, and when clauses and causes came and went."""
    registry.load()
    data = {
        name: {target: told.get(target, _WAITING) for target in TARGETS}
        for name, told in stored().items()
    }
    names = sorted(data, key=Version)
    lines = [
        "# Releases of persistent",
        "",
        _ABOUT,
        "",
        *heading(("release", "interpreter", *(f"{each}: pass, fail (MUST)" for each in TARGETS))),
    ]
    for name in names:
        told = [data[name][target] for target in TARGETS]
        python = next((each["python"] for each in told if "python" in each), "-")
        lines.append(row((name, python, *map(_verdicts, told))))
    lines += ["", "What could not be judged:", ""]
    problems = [
        (target, name, data[name][target]["problem"])
        for target in TARGETS
        for name in names
        if data[name][target].get("problem")
    ]
    for target, problem in dict.fromkeys((target, problem) for target, _, problem in problems):
        where = [name for each, name, said in problems if (each, said) == (target, problem)]
        lines.append(f"- {target} {', '.join(where)}: {escaped(problem)}")
    for target in TARGETS:
        judged = [name for name in names if "problem" not in data[name][target]]
        runs = [data[name][target] for name in judged]
        lines += [
            "",
            f"## {target}",
            "",
            *_clauses(judged, runs),
            "",
            *_causes_of(target, runs, judged),
        ]
    return "\n".join(lines) + "\n"


def _verdicts(told: dict[str, Any]) -> str:
    if "problem" in told:
        return "not judged" if told["problem"] else ""
    failing = told["verdicts"].get(FAIL, [])
    musts = sum(CLAUSES[id].level == MUST for id in failing if id in CLAUSES)
    return f"{len(told['verdicts'].get(PASS, []))}, {len(failing)} ({musts})"


def _clauses(names: Sequence[str], runs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The clauses that fail in some of the releases and not in others."""
    failing = [set(run["verdicts"].get(FAIL, [])) for run in runs]
    lacking = [set(run["verdicts"].get(UNSUPPORTED, [])) for run in runs]
    ids = [clause.id for clause in clauses()]
    always = [id for id in ids if failing and all(id in each for each in failing)]
    some = [id for id in ids if id not in always and any(id in each for each in failing)]
    yield from heading(("clause", "level", "sentence", "fails in", "source"))
    for id in some:
        clause = CLAUSES[id]
        where = _spans(names, [id in each for each in failing], [id in each for each in lacking])
        source = "; ".join(str(each) for each in sources(clause.source) if "CH" in str(each))
        yield row((id, clause.level, escaped(clause.sentence), where, escaped(source)))
    yield ""
    yield f"Fail in every release: {', '.join(always) or 'none'}."


def _causes_of(target: str, runs: Sequence[dict[str, Any]], names: Sequence[str]) -> Iterator[str]:
    known: Iterable[Cause] = shipped(target)
    yield from heading(("cause", "clause", "shows in"))
    for cause in known:
        shown = [cause.name in run["causes"] for run in runs]
        if any(shown) and not cause.is_free:
            sentence = f"{cause.name}: {cause.sentence}"
            yield row((escaped(sentence), cause.clause or "", _spans(names, shown, ())))


def _spans(names: Sequence[str], shown: Sequence[bool], lacking: Sequence[bool]) -> str:
    """The releases for which ``shown`` is true, as spans from one to another.

    One that lacks what it takes ends no span.
    """
    asked = [
        (name, yes)
        for number, (name, yes) in enumerate(zip(names, shown, strict=True))
        if not (lacking and lacking[number])
    ]
    found = []
    for yes, members in groupby(asked, key=lambda each: each[1]):
        inside = [name for name, _ in members]
        if yes and inside[-1] == asked[-1][0]:
            found.append(f"from {inside[0]} on" if inside != [asked[-1][0]] else inside[0])
        elif yes:
            found.append(f"{inside[0]} to {inside[-1]}" if len(inside) > 1 else inside[0])
    return ", ".join(found)


def main() -> None:
    """Judge releases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("releases", nargs="?", default=ALL)
    parser.add_argument("--target", dest="targets", action="append", choices=TARGETS)
    parser.add_argument("--again", action="store_true", help="judge what is stored already, too")
    parser.add_argument("--environments", type=Path, default=kept_folder())
    options = parser.parse_args()
    targets = options.targets or TARGETS
    judge(options.releases, targets, options.environments, options.again)


if __name__ == "__main__":
    main()
