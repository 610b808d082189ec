"""What informs and decides nothing, in words: under a heading of its own in each report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.text import Text

from conformance.comparing.comparison import Comparison
from stateful.replay.informed import Informs

#: What stands above it.
HEADING = "What informs, and decides nothing"


def told_of(found: Iterable[Informs]) -> dict[str, int]:
    """What it is told of, and how many ways to differ there are, most first."""
    return dict(Counter(each.kind for each in found).most_common())


def summary(each: Informs) -> str:
    """A difference in a line: where, what the reference shows, and the target; how often."""
    after = f" after {each.operation}" if each.operation else ""
    times = f" ({each.times} times)" if each.times > 1 else ""
    return f"{each.what}{after}: {each.actual}, of the reference {each.expected}{times}"


def informing(comparison: Comparison) -> Iterator[Text]:
    """A line that counts what of a comparison informs, if there is anything."""
    if comparison.informing:
        counts = Counter(row.kind for row in comparison.informing)
        told = ", ".join(f"{kind} ({times})" for kind, times in counts.most_common())
        yield Text.assemble(("informs: ", "dim"), f"{len(comparison.informing)} rows: {told}")


__all__ = ["HEADING", "informing", "summary", "told_of"]
