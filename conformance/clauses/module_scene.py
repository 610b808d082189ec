"""What the checks of persistent modules have in common: a database with two connections.

A connection stands for a process: it has live modules, classes and caches of its own.
"""

import functools
import io
import pickletools
import sys
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple, Type, Union

from conformance.clauses.expect import Mismatch, equal
from conformance.clauses.registry import check
from fixtures import samples
from fixtures.implementation import Implementation

_BECAUSE = "source is executed and followed, which is not in the vocabulary of a world"


class Scene:
    """An empty database, in ``one``, which writes, and ``two``, which follows."""

    def __init__(self, implementation: Implementation) -> None:
        assert implementation.modules is not None
        self.implementation = implementation
        self.database = implementation.modules()
        self.facility = self.database.facility
        self.one = self.database.open()
        self.two = self.database.open()
        self._written = 0

    def start(self, **sources: str) -> Tuple[Any, Any]:
        """Store modules; the last of them in both connections."""
        for name, source in sources.items():
            self.one.registry.new(name, source)
        self.share()
        return self.both(name)

    @property
    def base(self) -> str:
        """Source that binds ``Base``, a subclass of the implementation's ``Persistent``."""
        found = samples.of(self.implementation)
        return f"import sys\nBase = sys.modules[{found.__name__!r}].Plain\n"

    def share(self) -> None:
        """Commit in the first connection, and let the second see it."""
        self.one.commit()
        self.two.begin()

    def both(self, name: str) -> Tuple[Any, Any]:
        """The module in each connection."""
        return self.one.registry.module(name), self.two.registry.module(name)

    def update(self, name: str, source: str, **policy: Any) -> Any:
        """Change a source in the first connection; what is deleted may be."""
        chosen = self.facility.Policy(**{"deletion": "allow", **policy})
        return self.one.registry.update(name, source, policy=chosen)

    def follow(self, name: str, source: str) -> None:
        """Change a source and share it."""
        self.update(name, source)
        self.share()

    def fresh(self) -> Any:
        """A connection that has seen nothing yet."""
        return self.database.open()

    def mark(self) -> None:
        """Count what is written from here on."""
        self._written = len(self.database.written())

    def written(self) -> List[bytes]:
        """The oids of the records stored since the mark."""
        return self.database.written()[self._written :]  # type: ignore[no-any-return]

    def record(self, oid: bytes) -> str:
        """What is stored under ``oid``, as far as it can be read: the words of a pickle."""
        return words_of(self.database.stored(oid))


@contextmanager
def visible_to_sources(name: str, value: Any) -> Iterator[Any]:
    """Let every source find ``value`` in ``sys`` under that name."""
    setattr(sys, name, value)
    try:
        yield value
    finally:
        delattr(sys, name)


def words_of(record: bytes) -> str:
    """Every constant in a record of one or more pickles, one on each line."""
    file = io.BytesIO(record)
    found = []
    while file.tell() < len(record):
        for _, argument, _ in pickletools.genops(file):
            found.append(argument if isinstance(argument, str) else repr(argument))
    return "\n".join(found)


def same(got: Any, expected: Any, what: str) -> None:
    """``got`` has to be the object ``expected``, or a sequence of the same objects."""
    pairs = [(got, expected)]
    if isinstance(expected, (list, tuple)):
        equal(len(got), len(expected), f"{what}: the number")
        pairs = list(zip(got, expected))
    for mine, wanted in pairs:
        if mine is not wanted:
            raise Mismatch(what, wanted, mine)


def module_check(
    clause_id: str, each: Optional[Mapping[str, Dict[str, Any]]] = None
) -> Callable[[Callable[..., Optional[str]]], Callable[..., Optional[str]]]:
    """Declare a check of ``clause_id`` whose function takes a `Scene` and the arguments."""

    def declare(function: Callable[..., Optional[str]]) -> Callable[..., Optional[str]]:
        @functools.wraps(function)
        def run(implementation: Implementation, **arguments: Any) -> Optional[str]:
            return function(Scene(implementation), **arguments)

        check(clause_id, needs=("modules",), because=_BECAUSE, each=each)(run)
        return function

    return declare


def fails(
    call: Callable[[], Any],
    error: Union[Type[BaseException], Tuple[Type[BaseException], ...]],
    what: str,
) -> BaseException:
    """``call`` has to raise ``error``, which is returned."""
    try:
        got = call()
    except error as raised:
        return raised
    except Exception as other:
        got = other
    raise Mismatch(what, error, got)
