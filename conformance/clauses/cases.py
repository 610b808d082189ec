"""Tables of cases for the checks that are made with ``each``: label -> arguments."""

from typing import Any, Dict, Iterable, Mapping, Sequence

Cases = Dict[str, Dict[str, Any]]

#: The settings of a world whose jars have no cache.
NO_CACHE = {"cache": False}


def cases(**values: Iterable[Any]) -> Cases:
    """Every combination of these values, each labelled with them.

    ``cases(state=("ghost", "saved"), name=("x", "y"))``: the first is ``ghost, x``.
    """
    return crossed(
        *(
            {str(value) or "empty": {name: value} for value in given}
            for name, given in values.items()
        )
    )


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


def rows(table: Mapping[str, Sequence[Any]], *names: str) -> Cases:
    """A case for each row of a table: label -> the arguments of these names, in order."""
    return {label: dict(zip(names, row)) for label, row in table.items()}
