"""An exploration in the terminal: what came of each scope, and what it amounts to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.reports.searching.campaign import Tally
from stateful.processes.events import DivergenceFound, UnitEvent, UnitFailed, UnitFinished

_COLUMNS = ("depth", "states", "edges", "steps", "divergences", "seconds")


class Scopes:
    """What came of each of the scopes with these names, which are the units of a run in order."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._finished: dict[int, UnitFinished] = {}
        self._failed: set[int] = set()
        self._found = [0] * len(names)

    @property
    def complete(self) -> bool:
        """Whether all scopes were explored to their depth."""
        return len(self._finished) == len(self._names)

    @property
    def unseen(self) -> str | None:
        """Why what was explored says nothing; None if it does."""
        results = {number: event.result for number, event in self._finished.items()}
        blocked = [self._names[number] for number, seen in results.items() if not seen["states"]]
        if blocked:
            return f"{', '.join(blocked)}: the worlds differ before they are as they should be"
        if not any(seen["edges"] for seen in results.values()):
            return "no step was tried: the target lacks what these scopes are about"
        return None

    def hear(self, event: UnitEvent) -> None:
        """Take an event in."""
        if isinstance(event, UnitFinished):
            self._finished[event.unit] = event
        elif isinstance(event, UnitFailed):
            self._failed.add(event.unit)
        elif isinstance(event, DivergenceFound):
            self._found[event.unit] += 1

    def show(
        self, tally: Tally, earlier: int, resume: Path | None, console: Console, quiet: bool = False
    ) -> None:
        """Print what the exploration came to; ``earlier`` ones were found by the one it resumed."""
        if not quiet:
            console.print(self._table())
        for why in tally.failed[:3]:
            console.print(Text(f"not explored to its end: {why.strip()}"), soft_wrap=True)
        if self.unseen is not None:
            console.print(Text(self.unseen), soft_wrap=True)
        if not self.complete and resume is not None:
            console.print(Text(f"to go on: the same command, with --resume {resume}"))
        before = f", {earlier} of them earlier" if earlier else ""
        console.print(
            Text(
                f"{len(tally.divergences) + earlier} divergences{before}; "
                f"{len(self._finished)} of {len(self._names)} scopes explored in "
                f"{tally.seconds:.1f} s, {tally.lost} processes lost"
            ),
            soft_wrap=True,
        )

    def _table(self) -> Table:
        table = Table("scope", *_COLUMNS, box=None, pad_edge=False, header_style="dim")
        for column in table.columns[1:]:
            column.justify = "right"
        for number, name in enumerate(self._names):
            event = self._finished.get(number)
            if event is None:
                state = "failed" if number in self._failed else "interrupted"
                table.add_row(name, state, *[""] * (len(_COLUMNS) - 1))
                continue
            seen = event.result
            table.add_row(
                name,
                *(f"{seen[column]:,}" for column in _COLUMNS[:4]),
                f"{self._found[number]}",
                f"{event.seconds:.1f}",
            )
        return table
