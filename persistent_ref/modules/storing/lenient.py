"""Records of a ZODB database, read as far as that goes without the classes of its modules.

An instance can be made only if its class is there, and so can what a class, a
function or a method makes of it: an enum member, a bound method, a value that
is computed from others.  What cannot be made is kept as it was stored.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from persistent_ref.modules.storing.broken import (
    BrokenObject,
    Kept,
    is_of_module,
    the_same,
    why_broken,
)

__all__ = ["read_leniently", "read_what_is_broken"]


@contextmanager
def read_leniently(reader: Any) -> Iterator[None]:
    """Let the reader of a ZODB connection keep as it is whatever cannot be made.

    What is lost in the storage raises as ever.
    """
    _patch(reader, lambda data: _Unpickler(data, reader), lambda data: True)
    try:
        yield
    finally:
        del reader._get_unpickler, reader.setGhostState


def read_what_is_broken(reader: Any, is_strict: bool = True) -> None:
    """Let the reader of a ZODB connection keep what cannot be made, from now on.

    If it ``is_strict``, records without anything broken, and the errors that they
    raise, are as ever.
    """
    if "_get_unpickler" in vars(reader):
        return
    make = reader._get_unpickler

    def unpickler(data: bytes) -> Any:
        return _Patient(make(data), data, reader) if is_strict else _Unpickler(data, reader)

    _patch(reader, unpickler, lambda data: not is_strict or _has_broken_parts(data, reader))


def _has_broken_parts(data: bytes, reader: Any) -> bool:
    found = _Unpickler(data, reader)
    found.load()
    found.load()
    return found.is_broken


def _patch(
    reader: Any, unpickler: Callable[[bytes], Any], may_fail: Callable[[bytes], bool]
) -> None:
    def set_state(obj: Any, data: bytes) -> None:
        state = reader.getState(data)
        try:
            obj.__setstate__(state)
        except Exception:
            if not isinstance(state, dict) or not may_fail(data):
                raise
            vars(obj).update(state)

    reader._get_unpickler, reader.setGhostState = unpickler, set_state


class _Patient:
    """Reads a record as ever, and anew if that fails because of something that is broken."""

    def __init__(self, strict: Any, data: bytes, reader: Any) -> None:
        self._strict = strict
        self._data = data
        self._reader = reader
        self._loaded = 0

    def load(self) -> Any:
        try:
            value = self._strict.load()
        except Exception:
            lenient = _Unpickler(self._data, self._reader)
            for _ in range(self._loaded):
                lenient.load()
            value = lenient.load()
            if not lenient.is_broken:
                raise
        self._loaded += 1
        return value


_MAKERS: Any = (copyreg.__newobj__, copyreg.__newobj_ex__)  # type: ignore[attr-defined]

# The one in Python: what it does with an opcode can be overridden.
_Base: Any = pickle._Unpickler


class _Unpickler(_Base):  # type: ignore[misc]
    """Reads the two pickles of a record; a reader finds the classes and other objects."""

    dispatch = dict(_Base.dispatch)

    def __init__(self, data: bytes, reader: Any) -> None:
        super().__init__(io.BytesIO(data))
        self._reader = reader
        #: Whether something was met that is broken.
        self.is_broken = False

    def find_class(self, module: str, name: str) -> Any:
        value = self._reader._get_class(module, name)
        self.is_broken |= why_broken(value) is not None
        return value

    def persistent_load(self, reference: Any) -> Any:
        value = self._reader._persistent_load(reference)
        self.is_broken |= why_broken(value) is not None
        return value

    def _push(self, make: Callable[..., Any], arguments: Any) -> None:
        try:
            because = why_broken(arguments[0] if make in _MAKERS else make)
            if because is not None:
                raise BrokenObject(because)
            self.append(make(*arguments))
        except Exception as error:
            parts = (make, *arguments)
            self.is_broken |= any(is_of_module(each) for each in parts)
            reasons = [reason for reason in map(why_broken, parts) if reason is not None]
            because = reasons[0] if reasons else f"{type(error).__name__}: {error}"
            self.append(Kept(make, arguments, because))

    def load_reduce(self) -> None:
        arguments, make = self.stack.pop(), self.stack.pop()
        self._push(make, arguments)

    def load_newobj(self) -> None:
        arguments, cls = self.stack.pop(), self.stack.pop()
        self._push(_MAKERS[0], (cls, *arguments))

    def load_newobj_ex(self) -> None:
        named, arguments, cls = self.stack.pop(), self.stack.pop(), self.stack.pop()
        self._push(_MAKERS[1], (cls, arguments, named))

    def _instantiate(self, cls: Any, arguments: Any) -> None:
        self._push(cls, tuple(arguments))

    def load_build(self) -> None:
        state = self.stack.pop()
        value = self.stack[-1]
        if type(value) is Kept:
            vars(value)["state"] = state
            return
        self.stack.append(state)
        try:
            _Base.load_build(self)
        except Exception:
            self.is_broken |= is_of_module(value)
            if isinstance(state, dict):
                with suppress(Exception):
                    vars(value).update(state)

    def _extend(self, items: Any) -> None:
        value = self.stack[-1]
        if type(value) is Kept:
            vars(value)["items"] += items
        else:
            for item in items:
                with suppress(Exception):
                    value.append(item)

    def load_append(self) -> None:
        self._extend([self.stack.pop()])

    def load_appends(self) -> None:
        self._extend(self.pop_mark())

    def _set(self, pairs: Any) -> None:
        value = self.stack[-1]
        if type(value) is Kept:
            vars(value)["pairs"] += pairs
            return
        for key, item in pairs:
            try:
                value[key] = item
            except Exception as error:
                # One key that cannot be hashed must not cost the others, nor be lost.
                with suppress(Exception):
                    value[Kept(the_same, (key,), f"{type(error).__name__}: {error}")] = item

    def load_setitem(self) -> None:
        item, key = self.stack.pop(), self.stack.pop()
        self._set([(key, item)])

    def load_setitems(self) -> None:
        items = self.pop_mark()
        self._set(list(zip(items[::2], items[1::2], strict=True)))


_Unpickler.dispatch.update(
    {
        pickle.REDUCE[0]: _Unpickler.load_reduce,
        pickle.NEWOBJ[0]: _Unpickler.load_newobj,
        pickle.NEWOBJ_EX[0]: _Unpickler.load_newobj_ex,
        pickle.BUILD[0]: _Unpickler.load_build,
        pickle.APPEND[0]: _Unpickler.load_append,
        pickle.APPENDS[0]: _Unpickler.load_appends,
        pickle.SETITEM[0]: _Unpickler.load_setitem,
        pickle.SETITEMS[0]: _Unpickler.load_setitems,
    }
)
