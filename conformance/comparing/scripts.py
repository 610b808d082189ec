"""The stand-alone scripts of a comparison: each trace that it shows, for each target once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.judging.findings import Finding, script_of
from stateful.traces.trace import Trace


class Scripts:
    """Scripts for ``targets``: ``texts`` holds them by their keys.

    ``traces`` are traces with their ids, each for one of the targets; ``findings`` have theirs,
    which pass what is known on the way, and survive a crash. A trace that cannot be a script has
    none.
    """

    def __init__(
        self,
        targets: tuple[str, ...],
        traces: Iterable[tuple[str, Trace, int]],
        findings: Iterable[tuple[Finding, int]],
    ) -> None:
        self._targets = targets
        kept: dict[str, str | None] = {}
        for id, trace, column in traces:
            key = self._key(id, column)
            if key not in kept:
                kept[key] = script_of(trace, targets[column])
        for finding, column in findings:
            kept.setdefault(self._key(finding.id, column), finding.script)
        self.texts: Mapping[str, str] = {
            key: text for key, text in kept.items() if text is not None
        }

    def of(self, id: str, column: int) -> str | None:
        """The key of the script of a trace for a column; None if there is none."""
        key = self._key(id, column)
        return key if key in self.texts else None

    def of_finding(self, found: Finding, column: int) -> str | None:
        """The key of the script of a finding for a column; None if there is none."""
        return self.of(found.id, column)

    def of_all(self, id: str) -> list[str | None]:
        """The key of the script of a trace for each column."""
        return [self.of(id, number) for number in range(len(self._targets))]

    def _key(self, id: str, column: int) -> str:
        return f"{id} {self._targets[column]}"


__all__ = ["Scripts"]
