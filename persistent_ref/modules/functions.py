"""Persistent functions: ghostable objects that call what their module defines.

Python's functions cannot be subclassed, so that a persistent function is an
object that stands for one.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

from persistent_ref.modules.definitions import overlay
from persistent_ref.modules.definitions.identities import Table
from persistent_ref.modules.definitions.unique import Unique

__all__ = ["Function", "FunctionHome"]

#: What the class itself has, too, but the function answers for.
_OF_THE_BODY = frozenset({"__doc__", "__module__", "__annotations__"})


class FunctionHome:
    """Where a function is defined, and the plain function that it is at present."""

    __slots__ = ("body", "qualname", "table", "token")

    def __init__(self, table: Table, qualname: str, token: str) -> None:
        self.table = table
        self.qualname = qualname
        self.token = token
        self.body: Any = None


class Function(Unique):
    """Behaves as the function of its module does; joined with a ``Persistent`` class.

    Attributes that are set on it are set on the plain function.  They are not
    stored, as the source is the state, unless the module keeps its data.
    """

    __slots__ = ()

    _p_home: FunctionHome

    def __new__(cls, record: Any, qualname: str, token: str) -> Any:
        """Return, for a jar, the function that the arguments mean."""
        return record._p_runtime().function_for_jar(qualname, token)

    @classmethod
    def _p_make(cls, table: Table, qualname: str, token: str) -> Any:
        self: Any = super().__new__(cls)
        self._p_home = FunctionHome(table, qualname, token)
        return self

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call the function of the module, loading both first (PF-02).

        Where a module keeps its data, globals that were assigned are stored (PF-06).
        """
        body = self._p_body()
        table = self._p_home.table
        if not overlay.is_kept(table):
            return body(*args, **kwargs)
        code = getattr(body, "__code__", None)
        names = set(overlay.written_globals(code)) if code else set()
        before = {name: table.namespace.get(name) for name in names}
        try:
            return body(*args, **kwargs)
        finally:
            for name in sorted(names & table.namespace.keys()):
                if table.namespace[name] is not before[name]:
                    overlay.keep(table, "", name, table.namespace[name])

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """Bind as a method (PF-07)."""
        return self if instance is None else MethodType(self, instance)

    @property
    def __wrapped__(self) -> Any:
        """The plain function, for ``inspect`` and ``typing``."""
        return self._p_body()

    def __getattribute__(self, name: str) -> Any:
        if name in _OF_THE_BODY:
            return getattr(self._p_body(), name)
        return super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_p_", "_v_")) or name == "__getnewargs_ex__":
            raise AttributeError(name)
        return getattr(self._p_body(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith(("_p_", "_v_")):
            super().__setattr__(name, value)
        else:
            setattr(self._p_body(), name, value)
            overlay.keep(self._p_home.table, self._p_home.qualname, name, value)

    def __delattr__(self, name: str) -> None:
        if name.startswith(("_p_", "_v_")):
            super().__delattr__(name)
        else:
            delattr(self._p_body(), name)
            overlay.drop(self._p_home.table, self._p_home.qualname, name)

    def __repr__(self) -> str:
        home = self._p_home
        return f"<persistent function {home.table.name}.{home.qualname}>"

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

    def _p_why_broken(self) -> str | None:
        """Return why nothing defines the function here, None if something does."""
        home = self._p_home
        return None if home.body is not None else home.table.why_undefined(home.qualname)

    def __getnewargs__(self) -> tuple[Any, ...]:
        home = self._p_home
        return (home.table.record, home.qualname, home.token)

    def __getstate__(self) -> dict[str, Any]:
        self._p_activate()
        return {"revision": self._p_home.table.revision}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take notice of a change; an error of the source waits for the module's use (PC-18)."""
        table = self._p_home.table
        with table.errors_kept():
            table.follower.notice(state["revision"])
