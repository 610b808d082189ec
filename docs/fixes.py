"""Which clause tells a fix in the change log of ``persistent``: ``python docs/fixes.py``.

Every clause that cites a release of the change log is asked of that release and of the one before
it, in the same interpreter. `generate.py` makes the page of what is stored.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from packaging.version import Version

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from conformance.clauses import registry  # noqa: E402
from conformance.clauses.registry import CLAUSES  # noqa: E402
from conformance.history.environments import (  # noqa: E402
    CannotBuild,
    Environments,
    kept_folder,
)
from conformance.history.points import Point, releases  # noqa: E402
from conformance.history.pythons import at_hand  # noqa: E402
from conformance.history.questions import of_clauses  # noqa: E402
from conformance.judging.in_process import FAIL, PASS  # noqa: E402
from docs.markdown import escaped, heading, row  # noqa: E402
from docs.releases import TARGETS, store, stored_in  # noqa: E402
from fixtures.targets import TargetError  # noqa: E402
from stateful.processes.isolation import Launch  # noqa: E402

STORED = DOCS / "fixes.json"
_CITED = re.compile(r"CH (\d[\d.]*\d)")
_PATIENCE = 1.0
_NOT_JUDGED = "not judged"


def cited() -> dict[Version, list[str]]:
    """The releases that clauses cite, with the ids of those that have checks."""
    registry.load()
    found: dict[Version, list[str]] = {}
    for clause in CLAUSES.values():
        if registry.checks_of(clause.id):
            for release in _CITED.findall(clause.source):
                found.setdefault(Version(release), []).append(clause.id)
    return found


def measure(folder: Path) -> None:
    """Ask each pair of releases, and store it as soon as it is known."""
    environments = Environments(folder)
    points = {Version(point.label): point for point in releases("persistent", "4.0..", at_hand())}
    data = stored()
    # The oldest ones hang in many checks: they come last.
    for release, ids in sorted(cited().items(), reverse=True):
        before = max((each for each in points if each < release), default=None)
        # One that was withdrawn is told by the next.
        after = min((each for each in points if each >= release), default=None)
        if after is None or before is None or str(release) in data:
            continue
        data[str(release)] = {
            "before": str(before),
            "after": str(after),
            **_asked(points[before], points[after], ids, environments),
        }
        print(release, flush=True)
        store(STORED, data)


def _asked(
    before: Point, after: Point, ids: Sequence[str], environments: Environments
) -> dict[str, Any]:
    pythons = tuple(each for each in after.pythons if each in before.pythons)
    found: dict[str, Any] = {"python": str(pythons[0]) if pythons else "", "targets": {}}
    for target in TARGETS:
        answers = found["targets"][target] = {id: [] for id in ids}
        for point in (before, after):
            for id, answer in zip(
                ids,
                _answers(target, replace(point, pythons=pythons), ids, environments),
                strict=True,
            ):
                answers[id].append(answer)
    return found


def _answers(
    target: str, point: Point, ids: Sequence[str], environments: Environments
) -> list[str]:
    found: list[str] = []
    try:
        launch = Launch(target, environments.of(point).interpreter, _PATIENCE)
        for question in of_clauses([CLAUSES[id] for id in ids]):
            answer = question.ask(launch)
            found.append(PASS if answer.word == PASS else f"{answer.word}: {answer.details}")
    except (CannotBuild, TargetError):
        found += [_NOT_JUDGED] * (len(ids) - len(found))
    return found


def stored() -> dict[str, Any]:
    """What was measured, by release."""
    return stored_in(STORED)


def page() -> str:
    """The fixes that a clause tells, and those that none does."""
    registry.load()
    data = stored()
    lines = [
        "# Fixes in the change log",
        "",
        _ABOUT,
        "",
        *heading(("release", "clause", "sentence", "target", "the release before says")),
    ]
    untold: list[str] = []
    releases_told: set[str] = set()
    for release in sorted(data, key=Version):
        told = data[release]
        for id, by_target in _by_clause(told):
            telling = {target: pair for target, pair in by_target.items() if _tells(pair)}
            if telling:
                releases_told.add(release)
            for target, (was, _) in telling.items():
                sentence = escaped(CLAUSES[id].sentence)
                shown = escaped(was if len(was) < 160 else f"{was[:160]} ...")
                lines.append(
                    row((f"{told['before']} -> {told['after']}", id, sentence, target, shown))
                )
            if not telling:
                untold.append(f"{release} {id}")
    silent = [each for each in sorted(data, key=Version) if each not in releases_told]
    counted = (
        f"Of {len(data)} releases that a clause cites, {len(releases_told)} are told from the one "
        f"before; not {', '.join(silent) or 'any other'}."
    )
    lines += ["", counted, ""]
    lines.append(f"Answered alike on both sides, in this interpreter: {', '.join(untold)}.")
    return "\n".join(lines) + "\n"


def _by_clause(told: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    for id in sorted({id for by_id in told["targets"].values() for id in by_id}):
        if id in CLAUSES:
            yield id, {target: by_id[id] for target, by_id in told["targets"].items()}


def _tells(pair: Sequence[str]) -> bool:
    """Whether the release before fails, and this one passes or fails in another way."""
    was, now = pair
    return was.startswith(FAIL) and now != was and now != _NOT_JUDGED


_ABOUT = (
    "Every clause that cites a release of the change log of `persistent`, asked of that release "
    "and of the one before it in the same interpreter (`nox -s releases`). A row is a clause that "
    "fails in the release before, and passes, or fails in another way, in this one."
)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environments", type=Path, default=kept_folder())
    measure(parser.parse_args().environments)
