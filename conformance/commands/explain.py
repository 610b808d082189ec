"""``explain ID``: a clause or an operation in words."""

from __future__ import annotations

import difflib
import sys

import rich_click as click

from conformance import registry
from conformance.explanations import explain_clause, explain_operation
from conformance.judgement import USAGE
from fixtures.operations import OPERATIONS


@click.command()
@click.argument("id")
def explain(id: str) -> None:
    """Explain a clause (STATE-01) or an operation (cache_invalidate) in words."""
    registry.load()
    if id.upper() in registry.CLAUSES:
        click.echo(explain_clause(registry.CLAUSES[id.upper()]))
    elif id in OPERATIONS:
        click.echo(explain_operation(OPERATIONS[id]))
    else:
        known = [*registry.CLAUSES, *OPERATIONS]
        near = difflib.get_close_matches(id.upper(), known, n=3, cutoff=0.5) or [known[0]]
        click.echo(
            f"Error: ID: {id!r} is neither a clause nor an operation; try {' or '.join(near)}",
            err=True,
        )
        sys.exit(USAGE)
