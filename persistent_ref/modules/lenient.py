"""Records of a ZODB database, read as far as that goes without the classes of its modules.

An instance can be made only if its class is there, and so can what a class, a
function or a method makes of it: an enum member, a bound method, a value that
is computed from others.  Whoever looks for the registry, which has the classes,
needs nothing of these.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

__all__ = ["read_leniently"]


class LeftOut:
    """Stands for a value that could not be made."""


@contextmanager
def read_leniently(reader: Any) -> Iterator[None]:
    """Let the reader of a ZODB connection leave out what cannot be made.

    What is lost in the storage raises as ever.
    """

    def unpickler(data: bytes) -> _Unpickler:
        return _Unpickler(data, reader)

    def set_state(obj: Any, data: bytes) -> None:
        state = reader.getState(data)
        try:
            obj.__setstate__(state)
        except Exception:
            if not isinstance(state, dict):
                raise
            vars(obj).update(state)

    reader._get_unpickler, reader.setGhostState = unpickler, set_state
    try:
        yield
    finally:
        del reader._get_unpickler, reader.setGhostState


# The one in Python: what it does with an opcode can be overridden.
_Base: Any = pickle._Unpickler


class _Unpickler(_Base):  # type: ignore[misc]
    """Reads the two pickles of a record; a reader finds the classes and other objects."""

    dispatch = dict(_Base.dispatch)

    def __init__(self, data: bytes, reader: Any) -> None:
        super().__init__(io.BytesIO(data))
        self.find_class = reader._get_class
        self.persistent_load = reader._persistent_load

    def _push(self, make: Callable[..., Any], arguments: Any) -> None:
        try:
            self.append(make(*arguments))
        except Exception:
            self.append(LeftOut())

    def load_reduce(self) -> None:
        arguments, make = self.stack.pop(), self.stack.pop()
        self._push(make, arguments)

    def load_newobj(self) -> None:
        arguments, cls = self.stack.pop(), self.stack.pop()
        self._push(lambda *given: cls.__new__(cls, *given), arguments)

    def _instantiate(self, cls: Any, arguments: Any) -> None:
        try:
            super()._instantiate(cls, arguments)
        except Exception:
            self.append(LeftOut())

    def load_setitems(self) -> None:
        items = self.pop_mark()
        for key, value in zip(items[::2], items[1::2], strict=True):
            # One key that cannot be hashed must not cost the others.
            with suppress(Exception):
                self.stack[-1][key] = value


def _if_possible(load: Callable[[Any], None]) -> Callable[[Any], None]:
    def load_if_possible(unpickler: Any) -> None:
        with suppress(Exception):
            load(unpickler)

    return load_if_possible


_Unpickler.dispatch.update(
    {
        pickle.REDUCE[0]: _Unpickler.load_reduce,
        pickle.NEWOBJ[0]: _Unpickler.load_newobj,
        pickle.SETITEMS[0]: _Unpickler.load_setitems,
    }
)
for _opcode in (pickle.BUILD, pickle.APPEND, pickle.APPENDS, pickle.SETITEM):
    _Unpickler.dispatch[_opcode[0]] = _if_possible(_Base.dispatch[_opcode[0]])
