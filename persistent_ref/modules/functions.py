"""Persistent functions: ghostable objects that stand for what their module defines.

Python's functions cannot be subclassed, so that a persistent function is an
object of its own.  As far as Python can tell it is a function: a call goes
straight to the plain one, and so do all attributes.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

from persistent_ref.modules.definitions import overlay
from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.definitions.unique import Unique

__all__ = ["Function", "FunctionHome", "ModuleName"]


# A class with a ``__class__`` of its own cannot have a bare super().
_super: Any = super


class FunctionHome:
    """Where a function is defined, and the plain function that it is at present."""

    __slots__ = ("body", "ghosting", "qualname", "table", "token")

    def __init__(self, table: Table, qualname: str, token: str) -> None:
        self.table = table
        self.qualname = qualname
        self.token = token
        self.body: Any = None
        # The data that become a ghost's are not those of the plain function.
        self.ghosting = False


class _OfTheBody:
    """An attribute that the class has for itself, too."""

    def __init__(self, name: str, own: Any = None) -> None:
        self._name = name
        self._own = own

    def __get__(self, instance: Any, owner: type) -> Any:
        return self._own if instance is None else getattr(instance._p_body(), self._name)

    def __set__(self, instance: Any, value: Any) -> None:
        setattr(instance._p_body(), self._name, value)


_attribute: Any = _OfTheBody


class ModuleName(str):
    """The module of a class, and that of the function which an instance stands for."""

    __slots__ = ()

    def __get__(self, instance: Any, owner: type) -> str:
        return str(self) if instance is None else str(instance._p_body().__module__)


class _Loading:
    """Called in the place of a ghost: loads it, and is off the stack when the function runs."""

    __slots__ = ("_function",)

    def __init__(self, function: Function) -> None:
        self._function = function

    @property
    def __call__(self) -> Any:
        return self._function._p_loaded()


class Function(Unique):
    """Behaves as the function of its module does; joined with a ``Persistent`` class.

    Attributes that are set on it are set on the plain function.  They are not
    stored, as the source is the state, unless the module keeps its data.

    ``_p_call`` is what a call runs: the plain function, or what loads it first
    (PF-02).  A class that joins this one has ``__call__`` look there.
    """

    __slots__ = ()

    def __new__(cls, record: Any, qualname: str, token: str) -> Any:
        """Return, for a jar, the function that the arguments mean."""
        return record._p_runtime().function_for_jar(qualname, token)

    @classmethod
    def _p_make(cls, table: Table, qualname: str, token: str) -> Any:
        self: Any = _super(Function, cls).__new__(cls)
        self._p_home = FunctionHome(table, qualname, token)
        self._p_call = _Loading(self)
        return self

    # As a function

    __class__ = property(lambda self: FunctionType)
    __doc__ = _attribute("__doc__", __doc__)
    __annotations__ = _attribute("__annotations__", {})
    # All that is looked up here is loaded here, so that nothing else has to come first.
    __getattribute__ = object.__getattribute__

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return {} if self._p_home.ghosting else self._p_body().__dict__

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Bind as a method (PF-07)."""
        return self if instance is None else MethodType(self, instance)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_p_", "_v_")) or name == "__getnewargs_ex__":
            raise AttributeError(name)
        return getattr(self._p_body(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith(("_p_", "_v_")):
            _super(Function, self).__setattr__(name, value)
        else:
            home = self._p_home
            setattr(self._p_body(), name, value)
            overlay.keep(home.table, home.qualname, name, value)

    def __delattr__(self, name: str) -> None:
        if name.startswith(("_p_", "_v_")):
            _super(Function, self).__delattr__(name)
        else:
            home = self._p_home
            delattr(self._p_body(), name)
            overlay.drop(home.table, home.qualname, name)

    def __dir__(self) -> list[str]:
        return dir(self._p_body())

    def __repr__(self) -> str:
        home = self._p_home
        return f"<persistent function {home.table.name}.{home.qualname}>"

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Be pickled by name, as a function is; a jar refers to it by its oid."""
        return self._p_home.qualname

    # The plain function

    def _p_become(self, body: Any) -> None:
        """Stand for another plain function from now on."""
        self._p_home.body = body
        self._p_call = _Loading(self) if self._p_changed is None else self._p_called()

    def _p_body(self) -> Any:
        """Return the plain function.

        Raises ModuleReloadError if there is none, because the source that
        defines it cannot be executed here.
        """
        self._p_activate()
        home = self._p_home
        if home.body is None:
            home.table.follower.use()
            raise AttributeError(f"{home.table.name} does not define {home.qualname} any more")
        return home.body

    def _p_loaded(self) -> Any:
        """Return what a call runs, loading it first (PF-02)."""
        self._p_body()
        return self._p_called()

    def _p_called(self) -> Any:
        body = self._p_home.body
        code = getattr(body, "__code__", None)
        if body is None:
            return _Loading(self)
        if code is not None and any(overlay.written_globals(code)):
            return overlay.keeping(self._p_home.table, body)
        return body

    def _p_why_broken(self) -> str | None:
        """Return why nothing defines the function here, None if something does."""
        home = self._p_home
        return None if home.body is not None else home.table.why_undefined(home.qualname)

    # As a persistent object

    def _p_deactivate(self) -> None:
        self._p_ghost(_super(Function, self)._p_deactivate)

    def _p_invalidate(self) -> None:
        self._p_ghost(_super(Function, self)._p_invalidate)

    def _p_ghost(self, become: Callable[[], None]) -> None:
        home = self._p_home
        home.ghosting = True
        try:
            become()
        finally:
            home.ghosting = False
        if self._p_changed is None:
            self._p_call = _Loading(self)

    def __getnewargs__(self) -> tuple[Any, ...]:
        home = self._p_home
        return (home.table.record, home.qualname, home.token)

    def __getstate__(self) -> dict[str, Any]:
        self._p_activate()
        return {"revision": self._p_home.table.revision}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take notice of a change; an error of the source waits for the module's use (PC-18)."""
        home = self._p_home
        with home.table.errors_kept():
            home.table.follower.notice(state["revision"])
        if home.body is not None:
            self._p_call = self._p_called()
