"""The pages that say why a release is wrong, cause by cause, with a script for each.

They are made of the causes that come with the package and of the baselines in tests/baselines. Run
as ``python -m docs.wrong FOLDER``, it writes the scripts, to which the pages link.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conformance.clauses.registry import CLAUSES, Clause
from conformance.explain.evidence import settings
from conformance.explain.sources import in_words, sources
from conformance.judging.baseline import file as baselines
from conformance.judging.baseline.entries import Baseline, Pinned
from conformance.judging.causes import Cause, shipped
from conformance.judging.findings import script_of
from docs.markdown import escaped, heading, linked, row
from stateful.lockstep.divergence import CRASH

_BASELINES = Path(__file__).parents[1] / "tests" / "baselines"
_SOURCE = "https://github.com/zopefoundation/persistent/tree/{}/src/persistent"
#: What the releases are called.
_NAMES = {"persistent-c": "C", "persistent-py": "pure Python"}


def page(target: str) -> str:
    """Why the release that is judged as ``target`` is said to be wrong."""
    known = baselines.read(_BASELINES / f"{target}.toml", target)
    name, source = _NAMES[target], _SOURCE.format(known.version)
    every = list(_causes(known))
    links = {each: f"wrong/{target}/{each}.py" for each in scripts(target)}
    causes = [each for each in every if not each[0].is_free]
    free = [each for each in every if each[0].is_free]
    shown = sum(len(entries) for _, entries in causes)
    lines = [
        f"# Why the {name} implementation is said to be wrong",
        "",
        f"What `persistent` {known.version} in {name} does otherwise than the clauses say, cause",
        "by cause: what ends the process first, then by how many divergences come of it. Each has",
        "the clause that decides and its source, the shortest trace that shows it, and a script",
        f"that needs nothing but `persistent`. Names are those of [its source]({source}).",
        "",
        f"{shown} divergences come of these {len(causes)} causes; what checks find is listed",
        "[elsewhere](confirmed.md). Is a clause wrong? Read [how sides were taken](disagree.md),",
        "and [the decisions](decisions.md) where a text is silent.",
        "",
        *_table(causes),
    ]
    for cause, entries in causes:
        lines += ["", *_told(cause, entries, "##", links.get(cause.name))]
    if free:
        lines += [
            "",
            "## Free",
            "",
            "No clause says that these are wrong; they are worth knowing all the same.",
            "",
            *_table(free),
        ]
    for cause, entries in free:
        lines += ["", *_told(cause, entries, "###", links.get(cause.name))]
    return "\n".join(lines) + "\n"


def scripts(target: str) -> Mapping[str, str]:
    """The script of each cause that has one, by the name of the cause."""
    known = baselines.read(_BASELINES / f"{target}.toml", target)
    made = {
        cause.name: script_of(_shortest(entries).divergence, target)
        for cause, entries in _causes(known)
    }
    return {name: text for name, text in made.items() if text is not None}


def _causes(known: Baseline) -> Iterator[tuple[Cause, Sequence[Pinned]]]:
    """The causes that something comes of, and what: worst first, then the widest."""
    by_cause = {
        cause: [entry for entry in known.divergences if entry.cause == cause.name]
        for cause in shipped(known.target)
    }
    found = [(cause, entries) for cause, entries in by_cause.items() if entries]
    found.sort(key=lambda each: (not any(map(_is_crash, each[1])), -len(each[1]), each[0].name))
    yield from found


def _table(causes: Sequence[tuple[Cause, Sequence[Pinned]]]) -> Iterator[str]:
    yield from heading(("cause", "clause", "divergences", "ends the process"))
    for cause, entries in causes:
        ends = sum(map(_is_crash, entries))
        link = f"[{cause.name}](#{cause.name})"
        yield row((link, cause.clause or "-", str(len(entries)), str(ends)))


def _is_crash(entry: Pinned) -> bool:
    return entry.signature.field == CRASH


def _shortest(entries: Sequence[Pinned]) -> Pinned:
    """The shortest trace among the worst."""
    return min(
        entries, key=lambda each: (not _is_crash(each), len(each.divergence.trace.operations))
    )


def _told(cause: Cause, entries: Sequence[Pinned], level: str, script: str | None) -> Iterator[str]:
    found = _shortest(entries).divergence
    yield f"{level} {cause.name}"
    yield ""
    yield escaped(cause.sentence)
    if cause.clause is not None:
        yield ""
        yield from _because(CLAUSES[cause.clause])
    yield ""
    yield "```text"
    yield f"with  {settings(found.trace.world)}"
    for number, step in enumerate(found.trace.words()):
        yield f"{'done' if number == 0 else '    '}  {step}"
    yield f"expected {found.expected}, got {found.actual} ({found.signature.field})"
    yield "```"
    yield ""
    count = "One divergence" if len(entries) == 1 else f"{len(entries)} divergences"
    yield f'{count}. <a href="{script}">A script shows it.</a>' if script else f"{count}."


def _because(clause: Clause) -> Iterator[str]:
    says = "; ".join(map(linked, sources(clause.source)))
    decided = f" Decided: {escaped(in_words(clause.decision))}" if clause.decision else ""
    link = f'<a href="clauses.html#{clause.id}">{clause.id}</a>'
    yield f"{link}: {escaped(clause.sentence)}{decided} ({says})"


def main() -> None:
    """Write the scripts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder for each target is made in it")
    folder: Path = parser.parse_args().folder
    for target in _NAMES:
        (folder / target).mkdir(parents=True, exist_ok=True)
        for name, text in scripts(target).items():
            (folder / target / f"{name}.py").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
