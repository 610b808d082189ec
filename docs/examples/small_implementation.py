"""A small implementation as somebody writes it on the first day: no cache, no slots, no hooks."""

from fixtures.implementation import Implementation

_NEVER_LOAD = ("__class__", "__dict__", "__del__", "__setstate__", "__repr__")


class Persistent:
    """Objects that load themselves when they are used."""

    __slots__ = ("__dict__", "__weakref__", "_jar", "_oid", "_serial", "_size", "_state")

    def __new__(cls, *arguments, **named):
        """Make an unsaved object, whatever its class takes."""
        made = object.__new__(cls)
        put = object.__setattr__
        for name, value in (
            ("_jar", None),
            ("_oid", None),
            ("_serial", b"\0" * 8),
            ("_state", 0),
            ("_size", 0),
        ):
            put(made, name, value)
        return made

    def __getattribute__(self, name):
        get = object.__getattribute__
        if not name.startswith("_p_") and name not in _NEVER_LOAD and get(self, "_state") == -1:
            get(self, "_p_activate")()
        return get(self, name)

    def __setattr__(self, name, value):
        if not name.startswith("_p_"):
            self._p_activate()
            if not name.startswith("_v_"):
                self._p_changed = True
        object.__setattr__(self, name, value)

    def __delattr__(self, name):
        if name == "_p_changed":
            self._p_invalidate()
            return
        self._p_activate()
        if not name.startswith("_v_"):
            self._p_changed = True
        object.__delattr__(self, name)

    def __getstate__(self):
        return {k: v for k, v in self.__dict__.items() if not k.startswith(("_v_", "_p_"))}

    def __setstate__(self, state):
        self.__dict__.clear()
        self.__dict__.update(state or {})

    def _p_activate(self):
        get, put = object.__getattribute__, object.__setattr__
        if get(self, "_state") == -1 and get(self, "_jar") is not None:
            put(self, "_state", 0)
            get(self, "_jar").setstate(self)

    def _p_deactivate(self):
        if object.__getattribute__(self, "_state") == 0:
            self._p_invalidate()

    def _p_invalidate(self):
        if object.__getattribute__(self, "_jar") is not None:
            object.__getattribute__(self, "__dict__").clear()
            object.__setattr__(self, "_state", -1)

    def _get_changed(self):
        state = object.__getattribute__(self, "_state")
        return None if state == -1 else state == 1

    def _set_changed(self, value):
        get, put = object.__getattribute__, object.__setattr__
        if value is None:
            self._p_deactivate()
        elif not value:
            put(self, "_state", 0)
        elif get(self, "_jar") is not None and get(self, "_state") != 1:
            get(self, "_p_activate")()
            put(self, "_state", 1)
            get(self, "_jar").register(self)

    _p_changed = property(_get_changed, _set_changed)
    _p_state = property(lambda self: object.__getattribute__(self, "_state"))
    _p_mtime = None


def _kept_in(name):
    return property(
        lambda self: object.__getattribute__(self, name),
        lambda self, value: object.__setattr__(self, name, value),
    )


for _name in ("jar", "oid", "serial"):
    setattr(Persistent, f"_p_{_name}", _kept_in(f"_{_name}"))
Persistent._p_estimated_size = _kept_in("_size")


def small() -> Implementation:
    """How it is named: `small_implementation:small`."""
    return Implementation(name="small", version="0.1", persistent=Persistent)
