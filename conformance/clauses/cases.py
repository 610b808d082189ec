"""Tables of cases for the checks that are made with ``each``: label -> arguments."""

from typing import Any, Dict

Cases = Dict[str, Dict[str, Any]]

#: The settings of a world whose jars have no cache.
NO_CACHE = {"cache": False}


def crossed(*tables: Cases) -> Cases:
    """Every case of the first table with every case of the next ones."""
    made: Cases = {"": {}}
    for table in tables:
        made = {
            f"{before}, {label}" if before else label: {**arguments, **more}
            for before, arguments in made.items()
            for label, more in table.items()
        }
    return made


def uncached(cases: Cases) -> Cases:
    """The same cases under labels of their own, for a world whose jars have no cache."""
    return {f"{label}, no cache" if label else "no cache": cases[label] for label in cases}
