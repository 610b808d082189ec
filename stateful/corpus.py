"""The regression corpus: recordings that come with the package and are replayed first of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import fixtures
from stateful.divergence import Divergence
from stateful.replaying import DIVERGES, FIXED, Replayed, Replayer
from stateful.saved import Saved, loads
from stateful.trace import BadTrace

FOLDER = Path(fixtures.__file__).parent / "traces"


@dataclass(frozen=True)
class CorpusResult:
    """What came of the corpus, in the order in which it was replayed.

    A run is not green if ``replayed`` is zero.
    """

    results: tuple[tuple[Saved, Replayed], ...]

    @property
    def replayed(self) -> int:
        """How many recordings were replayed and judged."""
        return sum(result.verdict in (FIXED, DIVERGES) for _, result in self.results)

    @property
    def divergences(self) -> tuple[Divergence, ...]:
        """What differs from the recordings."""
        return tuple(result.found for _, result in self.results if result.found is not None)

    @property
    def unjudged(self) -> dict[str, str]:
        """The recordings that could not be judged, such as for a part that is absent: why."""
        return {
            saved.name: result.problem
            for saved, result in self.results
            if result.verdict not in (FIXED, DIVERGES)
        }


def corpus(folder: Path = FOLDER) -> tuple[Saved, ...]:
    """All recordings in ``folder``, by name. Raises `BadTrace`, also if there is none."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            saved = loads(path.read_text(encoding="utf-8"), path.stem)
            if saved.expected is None:
                raise BadTrace(
                    "expected: a recording is needed, which says what the reference does"
                )
        except (BadTrace, UnicodeDecodeError) as error:
            raise BadTrace(f"{path}: {error}") from None
        found.append(saved)
    if not found:
        raise BadTrace(f"{folder}: there are no traces in this folder")
    return tuple(found)


def replay_each(
    replayer: Replayer, saved: Iterable[Saved] | None = None
) -> Iterator[tuple[Saved, Replayed]]:
    """Replay recordings, all of the corpus by default, and yield what comes of each at once.

    Raises `TargetError` if the target does not start again.
    """
    for each in corpus() if saved is None else saved:
        yield each, each.replay(replayer)


def replay_corpus(target: str, python: str | None = None, timeout: float = 10.0) -> CorpusResult:
    """Replay the corpus on ``target``. Raises `TargetError` if it does not start."""
    with Replayer(target, python, timeout) as replayer:
        return CorpusResult(tuple(replay_each(replayer)))
