"""``explore TARGET``: look at small worlds exhaustively, to a depth."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import rich_click as click

from conformance.commands.searching import Interruption, Searching, searching_options
from conformance.commands.settings import ends_with_message
from conformance.files import BadFile
from conformance.judging.findings import Finding, Findings
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, NOT_JUDGED
from conformance.judging.selection import require_names
from conformance.reports.plain import PlainConsole
from conformance.reports.searching import campaign as shown
from conformance.reports.searching import exploration, graphs
from fixtures.targets import load
from stateful.engines import journal as journals
from stateful.engines.graph import Graph, state_graph
from stateful.engines.journal import BadJournal
from stateful.engines.scopes import SCOPES
from stateful.engines.units.explorer import unit
from stateful.lockstep.divergence import Divergence, Signature
from stateful.processes.events import DivergenceFound
from stateful.processes.supervisor import Supervisor

_FILE = click.Path(dir_okay=False, path_type=Path)
_WAY_OUT = "Name another file, or remove this one to begin anew"


@click.command()
@click.argument("target")
@click.option(
    "--scope",
    "names",
    multiple=True,
    help=f"Only this scope (repeatable): {', '.join(SCOPES)}.",
)
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    help="Steps from the start to look at; default: each scope has its own.",
)
@click.option("--graph", "graph_file", type=_FILE, help="Write the graph of the states as JSON.")
@click.option(
    "--resume", type=_FILE, help="Note here how far it has come, and go on from there next time."
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes; with one, the same is found each time.",
)
@searching_options
@ends_with_message
def explore(
    target: str,
    names: tuple[str, ...],
    depth: int | None,
    graph_file: Path | None,
    resume: Path | None,
    workers: int,
    searching: Searching,
) -> None:
    """Look at every state of small worlds that is some steps away, and try everything there.

    Each distinct divergence from the reference is written to the folder the moment it is found,
    with a shortest trace.

    Exit codes: 0 nothing new was found, 1 something was, 2 wrong usage, 3 could not be judged.
    """
    require_names("--scope", names, SCOPES)
    chosen = tuple(names) or tuple(SCOPES)
    known = searching.known(target)
    findings = Findings(searching.output, target)
    sides = searching.sides(target)
    earlier = () if resume is None else _begun(resume, target)
    console = PlainConsole()
    tally = shown.Tally()
    scopes = exploration.Scopes(chosen)
    units = [unit(sides, name, depth, resume) for name in chosen]
    masks = searching.masks(known, sides, earlier)
    with Interruption() as interruption, Supervisor(workers, searching.limits) as supervisor:
        performed = supervisor.run(units, masks.signatures)
        events = interruption.until(chain(masks.changed, performed))
        for event in shown.watch(events, tally, console, searching.quiet):
            scopes.hear(event)
            if isinstance(event, DivergenceFound):
                findings.write(Finding(event.divergence, target))
                if resume is not None:
                    journals.append(resume, {"found": event.divergence.to_json()})
    found = [*earlier, *tally.divergences]
    if graph_file is not None:
        signatures = [each.signature for each in found]
        graphs.write(graph_file, [_graph(name, depth, signatures) for name in chosen])
    scopes.show(tally, len(earlier), resume, console, searching.quiet)
    interruption.ended(console)
    if found:
        sys.exit(NONCONFORMANT)
    judged = scopes.complete and not (tally.failed or scopes.unseen)
    sys.exit(CONFORMANT if judged else NOT_JUDGED)


def _begun(path: Path, target: str) -> tuple[Divergence, ...]:
    """What was found according to the journal, which is begun if it is not there yet."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            journals.begin(path, target)
        journal = journals.read(path)
    except OSError as error:
        raise BadFile(path, f"cannot be used ({error.strerror})", _WAY_OUT) from None
    except BadJournal as error:
        raise BadFile(path, f"is no journal, or damaged ({error})", _WAY_OUT) from None
    if journal.target != target:
        raise BadFile(path, f"is about the target {journal.target!r}", _WAY_OUT)
    return journal.found


def _graph(name: str, depth: int | None, divergences: Sequence[Signature]) -> Graph:
    return state_graph(load("ref"), SCOPES[name], depth, divergences)
