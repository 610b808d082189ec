"""``explain ID``: a clause, an operation, or a divergence in words."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import rich_click as click

from conformance.clauses import registry
from conformance.commands.settings import ends_with_message
from conformance.explain.clause import explain_clause, explain_operation
from conformance.explain.signature import explain_saved, explain_signature
from conformance.files import BadFile, read_text
from conformance.judging.judgement import USAGE
from conformance.reports.plain import echo
from fixtures.operations import OPERATIONS
from stateful.lockstep.divergence import Signature
from stateful.replay.saved import loads
from stateful.traces.trace import BadTrace

_WAY_OUT = "Give a divergence, a trace or a recording as JSON"


@click.command()
@click.argument("id")
@ends_with_message
def explain(id: str) -> None:
    """Explain a clause (STATE-01), an operation (cache_invalidate) or a divergence in words.

    A divergence is named by its signature, or by the file that holds it; a trace by its file.
    """
    registry.load()
    if id.upper() in registry.CLAUSES:
        echo(explain_clause(registry.CLAUSES[id.upper()]))
    elif id in OPERATIONS:
        echo(explain_operation(OPERATIONS[id]))
    elif id.endswith(".json") or Path(id).is_file():
        echo(_explain_file(Path(id)))
    elif " | " in id:
        echo(_explain_text(id))
    else:
        known = [*registry.CLAUSES, *OPERATIONS]
        near = difflib.get_close_matches(id.upper(), known, n=3, cutoff=0.5) or [known[0]]
        echo(
            f"Error: ID: {id!r} is neither a clause nor an operation; try {' or '.join(near)}, or "
            "give the signature or the file of a divergence",
            err=True,
        )
        sys.exit(USAGE)


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
