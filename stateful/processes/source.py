"""Source coverage: which lines and branches of a target written in Python are performed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from fixtures.builds import C, written_in
from fixtures.implementation import Implementation
from fixtures.targets import python_sources

#: Steps from line to line, as coverage counts them, by the name of a file (see `name_of`).
Performed = Mapping[str, Sequence[Sequence[int]]]


def places_of(implementation: Implementation) -> dict[str, str]:
    """Where the source is (see `python_sources`); nowhere if the base class is written in C."""
    if written_in(implementation.persistent) == C:
        return {}
    return python_sources(implementation)


def name_of(path: str, places: Mapping[str, str]) -> str | None:
    """What a file is called wherever its package is: this, and its path below; None if in none."""
    for package, place in sorted(places.items(), key=lambda each: len(each[1]), reverse=True):
        if path == place:
            return f"{package}:"
        if path.startswith(place + os.sep):
            return f"{package}:{os.path.relpath(path, place)}"
    return None


def path_of(name: str, places: Mapping[str, str]) -> str:
    """Where the file with this name is here."""
    package, _, below = name.partition(":")
    return os.path.join(places[package], below) if below else places[package]  # noqa: PTH118


class LineRecorder:
    """Records in this process, and in those forked from it, what is performed at ``places``.

    It has to begin before the target is imported.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        # Each process that performs units is one that could record: few do.
        import coverage

        self._places = places
        self._told: dict[str, set[tuple[int, int]]] = {}
        self._coverage = coverage.Coverage(
            data_file=None,
            branch=True,
            include=[place if place.endswith(".py") else f"{place}/*" for place in places.values()],
            config_file=False,
        )
        self._coverage.start()

    def performed(self) -> Performed:
        """What this process has performed, with those that it was forked from; each step once."""
        data = self._coverage.get_data()
        new: dict[str, list[tuple[int, int]]] = {}
        for path in data.measured_files():
            name = name_of(path, self._places)
            if name is not None:
                told = self._told.setdefault(name, set())
                more = set(data.arcs(path) or ()) - told
                told |= more
                if more:
                    new[name] = sorted(more)
        return new


__all__ = ["LineRecorder", "Performed", "name_of", "path_of", "places_of"]
