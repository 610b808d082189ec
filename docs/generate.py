"""Write the pages that are drawn from data: ``python docs/generate.py [--check]``.

With ``--check``, write nothing and end with 1 if a page is not up to date. With ``--judge``, run
the checks of persistent modules on every built-in target first, and store their verdicts.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from conformance.clauses import registry, table
from conformance.clauses.registry import CLAUSES, MUST, Clause
from conformance.explain.sources import in_words, sources
from conformance.judging.confirmed import confirmed_failures

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from docs import field, fixes, module_verdicts, releases, wrong  # noqa: E402
from docs.markdown import escaped, heading, linked, row  # noqa: E402
from tests.wrong import WRONG, load_all  # noqa: E402


def clauses_page() -> str:
    """Every clause, by area."""
    lines = [
        "# The clauses",
        "",
        (
            "Each normative sentence that the suite knows, with its level and its source. An id is "
            "an anchor too (`clauses.html#ACT-16`). `persistent-conformance explain D1.5` lists "
            "what rests on a section of the documentation of `persistent`; so do `CH 4.4.0` for a "
            "release in its changelog, `I:_p_jar` for a docstring, `K`, `H`, `G`, `Gloss.` and `N`."
        ),
    ]
    for area, found in groupby(_clauses(), key=lambda clause: clause.area):
        lines += [
            "",
            f"## {area}",
            "",
            "| id | level | clause | source | checks |",
            "|---" * 5 + "|",
        ]
        for clause in found:
            sentence = escaped(clause.sentence)
            if clause.decision:
                sentence += f" **Decision:** {escaped(in_words(clause.decision))}"
            if clause.unchecked:
                sentence += f" *Not checked:* {escaped(clause.unchecked)}"
            cells = (
                f'<a id="{clause.id}"></a>{clause.id}',
                clause.level,
                sentence,
                "; ".join(map(linked, sources(clause.source))),
                str(len(registry.checks_of(clause.id))),
            )
            lines.append(row(cells))
    return "\n".join(lines) + "\n"


def states_page() -> str:
    """The state x event table."""
    return (
        "# The state x event table\n\n"
        "What every event does to an object in every state, and which clause says so. The checks "
        "of the same name are made from this table. What stays as before is folded: press it to "
        "see of what that is demanded, and by which clause.\n\n" + table.markdown()
    )


def matrix_page() -> str:
    """The kill matrix, from what the wrong implementations say that they break."""
    load_all()
    matrix = {
        clause.id: [declared.name for declared in WRONG.values() if clause.id in declared.breaks]
        for clause in _clauses()
        if clause.unchecked is None
    }
    must = [id for id in matrix if CLAUSES[id].level == MUST]
    killed = sum(bool(matrix[id]) for id in must)
    lines = [
        "# The kill matrix",
        "",
        (
            "A check that cannot fail proves nothing. The tests of this project hold deliberately "
            "wrong implementations, each made from the reference by one small change "
            "(`tests/wrong/`). This table names, for each clause, those that say that they break "
            "it; `tests/conformance/clauses/test_wrong.py` shows of every one that the checks of "
            "the clause fail on it. `python -m tests.wrong` shows what else each of them breaks."
        ),
        "",
        (
            f"{len(WRONG)} wrong implementations; {killed} of {len(must)} MUST clauses are broken "
            "by at least one."
        ),
        "",
        "| clause | level | wrong implementations that fail it |",
        "|---|---|---|",
    ]
    for id, names in matrix.items():
        lines.append(row((id, CLAUSES[id].level, "; ".join(names) or "-")))
    return "\n".join(lines) + "\n"


def confirmed_page() -> str:
    """What released implementations fail, confirmed by hand."""
    failures = confirmed_failures()
    lines = [
        "# What released implementations fail",
        "",
        (
            "Each failure was confirmed by hand as the implementation's and not the check's: "
            "reproduced without this suite, or traced to the line that causes it."
        ),
        "",
    ]
    targets = sorted({(failure.target, failure.version) for failure in failures})
    areas = list(dict.fromkeys(clause.area for clause in CLAUSES.values()))
    titles = [f"{target} {version}" for target, version in targets]
    lines += ["Failing MUST clauses, by area:", ""]
    lines += heading(("area", *titles))
    counts = Counter(
        ((failure.target, failure.version), CLAUSES[failure.clause].area)
        for failure in failures
        if failure.level == MUST
    )
    for area in areas:
        if any(counts[target, area] for target in targets):
            lines.append(row((area, *(str(counts[target, area]) for target in targets))))
    sums = (str(sum(counts[target, area] for area in areas)) for target in targets)
    lines.append(row(("all", *sums)))
    order = {clause.id: number for number, clause in enumerate(_clauses())}
    for target, version in targets:
        lines += [
            "",
            f"## {target} {version}",
            "",
            "| clause | level | what it does |",
            "|---|---|---|",
        ]
        mine = [each for each in failures if (each.target, each.version) == (target, version)]
        for failure in sorted(mine, key=lambda each: order[each.clause]):
            lines.append(row((failure.clause, failure.level, failure.what)))
    return "\n".join(lines) + "\n"


def modules_page() -> str:
    """The clauses of persistent modules with the verdicts on each implementation."""
    measured = module_verdicts.stored()
    versions = " and ".join(
        f"`{each['target']}` {each['version']}" for each in measured["targets"][1:]
    )
    heads, *rows = module_verdicts.rows()
    lines = [
        "# Persistent modules, clause by clause",
        "",
        (
            "Each clause, the checks that test it, and what they say of `persistent_ref.modules` "
            "on each implementation of the protocol: on the reference, and on "
            f"{versions}, under Python {measured['python']}. `persistent-conformance check TARGET "
            "--area PM --area PC --area PF --area PI` says it of yours."
        ),
        "",
        *heading(heads),
        *map(row, rows),
    ]
    return "\n".join(lines) + "\n"


def _clauses() -> list[Clause]:
    """All clauses, by area and number."""
    return sorted(CLAUSES.values(), key=lambda clause: (clause.area, clause.id))


def areas_page() -> str:
    """Implementations and releases, area by area."""
    head, *rows = field.rows()
    lines = [
        "# Implementations and areas",
        "",
        (
            "How many clauses of each area are kept, of those that could be judged: of "
            "implementations and releases that nobody here wrote. [In the field](field.md) tells "
            "what was learned, [Releases](releases.md) when things came and went."
        ),
        "",
        *heading(head),
        *map(row, rows),
        "",
        *field.lines(),
    ]
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "clauses.md": clauses_page,
    "states.md": states_page,
    "kill-matrix.md": matrix_page,
    "confirmed.md": confirmed_page,
    "modules-clauses.md": modules_page,
    "releases.md": releases.page,
    "areas.md": areas_page,
    "fixes.md": fixes.page,
    "wrong-c.md": lambda: wrong.page("persistent-c"),
    "wrong-py.md": lambda: wrong.page("persistent-py"),
}


def main() -> int:
    """Write the pages, or say which are out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--judge", action="store_true", help="run the checks of modules first")
    options = parser.parse_args()
    registry.load()
    if options.judge:
        module_verdicts.store(module_verdicts.measure())
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not options.check:
            path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"docs/{name} {'is not up to date' if options.check else 'written'}")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
