"""``explain ID``: a clause, an operation, or a divergence in words."""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path

import rich_click as click

from conformance.clauses import registry
from conformance.commands.settings import ends_with_message
from conformance.explain.areas import areas, clause_list, explain_area, explain_areas
from conformance.explain.clause import explain_clause, explain_operation
from conformance.explain.finding import explain_finding
from conformance.explain.signature import explain_saved, explain_signature
from conformance.explain.sources import rests_on, sources
from conformance.files import BadFile, read_text
from conformance.judging import last
from conformance.judging.judgement import USAGE
from conformance.judging.selection import matching
from conformance.reports.plain import echo
from fixtures.operations import OPERATIONS
from stateful.lockstep.divergence import Signature
from stateful.replay.saved import loads
from stateful.traces.trace import BadTrace

_WAY_OUT = "Give a divergence, a trace or a recording as JSON"


@click.command()
@click.argument("id", required=False)
@ends_with_message
def explain(id: str | None) -> None:
    """Explain a clause, an area, a source, an operation or a divergence in words.

    A clause is named by its id (STATE-01, STICKY-*), an area by its name (STICKY), a source as
    clauses name it (D1.5, "CH 4.4.0"), an operation by its name (cache_invalidate). A divergence is
    named by the id that the last `check` from this folder gave it, by its signature, or by the file
    that holds it; a trace by its file. A word lists the clauses that speak of it. Without an ID,
    all areas are listed.
    """
    registry.load()
    if id is None:
        echo(explain_areas())
        return
    found = next((told for told in (look(id) for look in _LOOKS) if told is not None), None)
    if found is not None:
        echo(found)
        return
    known = [*registry.CLAUSES, *OPERATIONS]
    near = difflib.get_close_matches(id.upper(), known, n=3, cutoff=0.5) or [known[0]]
    echo(
        f"Error: ID: {id!r} is neither a clause nor an operation; try {' or '.join(near)}, or "
        "give the signature or the file of a divergence",
        err=True,
    )
    sys.exit(USAGE)


def _clause(id: str) -> str | None:
    clause = registry.CLAUSES.get(id.upper())
    return None if clause is None else explain_clause(clause)


def _operation(id: str) -> str | None:
    return explain_operation(OPERATIONS[id]) if id in OPERATIONS else None


def _area(id: str) -> str | None:
    return explain_area(id.upper()) if id.upper() in areas() else None


def _several(id: str) -> str | None:
    """The clauses that a pattern stands for."""
    if not set("*?[") & set(id) or " | " in id:
        return None
    return clause_list(registry.CLAUSES[each] for each in matching(id))


def _source(id: str) -> str | None:
    """What rests on a source."""
    named = rests_on(id)
    if named is None:
        return None
    clauses = [clause for clause in registry.CLAUSES.values() if named(clause.source)]
    name = id.capitalize() if id.lower().startswith("gloss") else id[0].upper() + id[1:]
    told = "; ".join(map(str, sources(name)))
    return f"{name}: {told}\n{len(clauses)} clauses rest on it\n\n{clause_list(clauses)}"


def _last_found(id: str) -> str | None:
    told = last.finding(id)
    return None if told is None else explain_finding(*told)


def _file(id: str) -> str | None:
    return _explain_file(Path(id)) if id.endswith(".json") or Path(id).is_file() else None


def _signature(id: str) -> str | None:
    return _explain_text(id) if " | " in id else None


def _word(id: str) -> str | None:
    """The clauses and operations that speak of something."""
    if not re.fullmatch(r"[A-Za-z_ ]{3,}", id):
        return None
    word = id.lower()
    clauses = [each for each in registry.CLAUSES.values() if word in each.sentence.lower()]
    operations = [name for name in OPERATIONS if word in name]
    if not clauses and not operations:
        return None
    named = [f"operations: {', '.join(operations)}"] if operations else []
    return "\n".join([clause_list(clauses), *named])


#: Ways to find what an ID means; the first one that knows it tells.
_LOOKS = (
    _clause,
    _operation,
    _area,
    _several,
    _source,
    _last_found,
    _file,
    _signature,
    _word,
)


def _explain_file(path: Path) -> str:
    try:
        return explain_saved(loads(read_text(path, _WAY_OUT), str(path)))
    except (BadTrace, ValueError) as error:
        raise BadFile(path, str(error), _WAY_OUT) from None


def _explain_text(text: str) -> str:
    try:
        return explain_signature(Signature.parse(text))
    except ValueError as error:
        echo(f"Error: ID: {error}", err=True)
        sys.exit(USAGE)
