"""What informs and decides nothing, in words: under a heading of its own in each report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from conformance.comparing.comparison import InformingRow
from stateful.replay.informed import Informs

#: What stands above it.
HEADING = "What informs, and decides nothing"


def told_of(found: Iterable[Informs | InformingRow]) -> dict[str, int]:
    """What it is told of, and how many ways to differ there are, most first."""
    return dict(Counter(each.kind for each in found).most_common())


def counts(found: Iterable[Informs | InformingRow]) -> str:
    """The same in a line."""
    return ", ".join(f"{what} ({times})" for what, times in told_of(found).items())


def where(each: Informs | InformingRow) -> str:
    """What differs, and after which operation."""
    return f"{each.what} after {each.operation}" if each.operation else each.what


def summary(each: Informs) -> str:
    """A difference in a line: where, what the reference shows, and the target; how often."""
    times = f" ({each.times} times)" if each.times > 1 else ""
    return f"{where(each)}: {each.actual}, of the reference {each.expected}{times}"


__all__ = ["HEADING", "counts", "summary", "told_of", "where"]
