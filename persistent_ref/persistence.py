"""The base class of persistent objects: states, attributes, transitions.

State of an object that has a jar, and what an event makes of it.  ``load`` and
``register`` are calls to the jar, made before the new state is entered; where
one of them raises, the object stays as it was (a failed load leaves a ghost).

=============  ================  ==============  =========  ==============
event          GHOST             UPTODATE        CHANGED    STICKY
=============  ================  ==============  =========  ==============
read           load, UPTODATE    -               -          -
write, delete  load, register,   register,       -          register,
               CHANGED           CHANGED                    CHANGED
_v_ write      load, UPTODATE    -               -          -
changed=True   load, register,   register,       -          register,
               CHANGED           CHANGED                    CHANGED
changed=False  -                 -               UPTODATE   UPTODATE
deactivate     -                 GHOST           -          -
invalidate     -                 GHOST           GHOST      GHOST
sticky=True    ValueError        STICKY          -          -
sticky=False   ValueError        -               -          UPTODATE
=============  ================  ==============  =========  ==============

An object without a jar is unsaved: it stays UPTODATE whatever happens.
"""

from __future__ import annotations

import copyreg
from typing import Any

from zope.interface import implementer

from persistent_ref.data import drop_data, get_data, set_data
from persistent_ref.head import HEAD, NO_SERIAL, Head, head_of, rounded_size
from persistent_ref.interfaces import CHANGED, GHOST, STICKY, UPTODATE, IPersistent
from persistent_ref.timestamp import TimeStamp

__all__ = ["SPECIAL_NAMES", "Persistent"]

#: Names that can be read from a ghost without loading it, besides ``_p_*`` (ATTR-04).
SPECIAL_NAMES = frozenset({"__class__", "__del__", "__dict__", "__of__", "__setstate__"})

_STATUS = {GHOST: "ghost", UPTODATE: "saved", CHANGED: "changed", STICKY: "sticky"}

_get = object.__getattribute__
_set = object.__setattr__
_delete = object.__delattr__
# Unbound, so that a name that is not a string is a TypeError before anything
# else happens (ATTR-22).
_startswith = str.startswith
# What a subclass of str holds, whatever it overrides; a str is returned as it is.
_plain = str.__str__


@implementer(IPersistent)
class Persistent:
    """Base class of objects that load and store themselves through a jar.

    The jar (``_p_jar``) is the object's data manager: ``jar.setstate(obj)``
    loads it, ``jar.register(obj)`` is told of its first change.  Methods and
    attributes are described by ``persistent_ref.interfaces.IPersistent``.
    """

    __slots__ = (HEAD,)

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an unsaved object; the arguments are for ``__init__`` (STATE-01, HOOK-08)."""
        self = super().__new__(cls)
        _set(self, HEAD, Head())
        return self

    # Attributes of the protocol

    @property
    def _p_jar(self) -> Any:
        """The data manager, or None (META-03 to 05, META-19, META-20, META-23)."""
        return head_of(self).jar

    @_p_jar.setter
    def _p_jar(self, jar: Any) -> None:
        head = head_of(self)
        if head.cache is not None and head.jar is not jar and head.jar != jar:
            raise ValueError("can not change _p_jar of cached object")
        head.jar = jar
        if jar is None:
            head.state = UPTODATE

    @_p_jar.deleter
    def _p_jar(self) -> None:
        head = head_of(self)
        if head.cache is not None:
            raise ValueError("can't delete _p_jar of cached object")
        head.jar = None
        head.state = UPTODATE

    @property
    def _p_oid(self) -> Any:
        """The object id, or None (META-06 to 10)."""
        return head_of(self).oid

    @_p_oid.setter
    def _p_oid(self, oid: Any) -> None:
        head = head_of(self)
        if head.cache is not None and head.oid != oid:
            raise ValueError("can not change _p_oid of cached object")
        head.oid = oid

    @_p_oid.deleter
    def _p_oid(self) -> None:
        head = head_of(self)
        if head.cache is not None:
            raise ValueError("can't delete _p_oid of cached object")
        head.oid = None

    @property
    def _p_serial(self) -> bytes:
        """The revision, 8 bytes; eight NULs if there is none (META-12)."""
        return head_of(self).serial

    @_p_serial.setter
    def _p_serial(self, serial: bytes) -> None:
        is_right = issubclass(type(serial), bytes) and bytes.__len__(serial) == len(NO_SERIAL)
        if not is_right:
            raise ValueError("_p_serial must be 8 bytes")
        # A subclass of bytes may override what is done with it later.
        head_of(self).serial = bytes.__getitem__(serial, slice(None))

    @_p_serial.deleter
    def _p_serial(self) -> None:
        head_of(self).serial = NO_SERIAL

    @property
    def _p_mtime(self) -> float | None:
        """Seconds since the epoch according to the serial; loads a ghost (META-15 to 17)."""
        serial = _use(self).serial
        return None if serial == NO_SERIAL else TimeStamp(serial).timeTime()

    @property
    def _p_estimated_size(self) -> int:
        """The estimated size of the record in bytes, rounded (META-18)."""
        return head_of(self).size

    @_p_estimated_size.setter
    def _p_estimated_size(self, size: int) -> None:
        head_of(self).size = rounded_size(size)

    @_p_estimated_size.deleter
    def _p_estimated_size(self) -> None:
        head_of(self).size = 0

    @property
    def _p_state(self) -> int:
        """GHOST, UPTODATE, CHANGED or STICKY (STATE-07)."""
        return head_of(self).state

    @property
    def _p_status(self) -> str:
        """The state's name, for debugging (STATE-14)."""
        head = head_of(self)
        return "unsaved" if head.jar is None else _STATUS[head.state]

    @property
    def _p_changed(self) -> bool | None:
        """None for a ghost, else whether the object is changed (STATE-09).

        Assigning None deactivates, deleting invalidates; see the table above.
        """
        state = head_of(self).state
        return None if state == GHOST else state == CHANGED

    @_p_changed.setter
    def _p_changed(self, value: Any) -> None:
        if value is None:
            self._p_deactivate()
        elif value:
            head = head_of(self)
            if head.state == GHOST:
                _load(self, head)
            _change(self, head)
        else:
            head = head_of(self)
            if head.state != GHOST:
                head.state = UPTODATE

    @_p_changed.deleter
    def _p_changed(self) -> None:
        self._p_invalidate()

    @property
    def _p_sticky(self) -> bool:
        """Whether the object is sticky, for debugging (STATE-13, STICKY-04)."""
        return head_of(self).state == STICKY

    @_p_sticky.setter
    def _p_sticky(self, value: Any) -> None:
        head = head_of(self)
        if head.state == GHOST:
            raise ValueError("can't set sticky flag on a ghost")
        if value and head.state == UPTODATE and head.jar is not None:
            head.state = STICKY
        elif not value and head.state == STICKY:
            head.state = UPTODATE

    # Access to the application's attributes

    def __getattribute__(self, name: str) -> Any:
        """Read an attribute, loading a ghost unless the name is special (ATTR-02 to 08)."""
        if not _startswith(name, "_p_") and _plain(name) not in SPECIAL_NAMES:
            _use(self)
        return _get(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Write an attribute, loading and registering first (ATTR-09 to 15, TRANS-21)."""
        if not _startswith(name, "_p_"):
            head = _use(self)
            if head.state != CHANGED and not _startswith(name, "_v_"):
                _change(self, head)
        _set(self, name, value)

    def __delattr__(self, name: str) -> None:
        """Delete an attribute, loading and registering first (ATTR-16 to 18, ATTR-23)."""
        if not _startswith(name, "_p_"):
            head = _use(self)
            if head.state != CHANGED and not _startswith(name, "_v_"):
                _change(self, head)
        _delete(self, name)

    def _p_getattr(self, name: str) -> bool:
        """Return True if the base class must read ``name``, else load (HOOK-02, HOOK-03)."""
        if _startswith(name, "_p_") or _plain(name) in SPECIAL_NAMES:
            return True
        _use(self)
        return False

    def _p_setattr(self, name: str, value: Any) -> bool:
        """Set a ``_p_`` name and return True, else load (HOOK-04, HOOK-06)."""
        if _startswith(name, "_p_"):
            _set(self, name, value)
            return True
        _use(self)
        return False

    def _p_delattr(self, name: str) -> bool:
        """Delete a ``_p_`` name and return True, else load (HOOK-05, HOOK-06, HOOK-10)."""
        if _startswith(name, "_p_"):
            _delete(self, name)
            return True
        _use(self)
        return False

    # Transitions on request

    def _p_activate(self) -> None:
        """Load the object if it is a ghost (ACT-01 to 03)."""
        head = head_of(self)
        if head.state == GHOST:
            _load(self, head)

    def _p_deactivate(self) -> None:
        """Make a saved object a ghost; leave any other as it is (ACT-10 to 14)."""
        head = head_of(self)
        if head.state == UPTODATE:
            _ghostify(self, head)

    def _p_invalidate(self) -> None:
        """Make the object a ghost, changed or not (ACT-18 to 22, ACT-25).

        An overridden ``_p_deactivate`` is called, but cannot prevent it.
        """
        head = head_of(self)
        if head.state != GHOST:
            head.state = UPTODATE
            try:
                self._p_deactivate()
            finally:
                _ghostify(self, head)

    # Pickling

    def __getstate__(self) -> Any:
        """Return a copy of the application data, loading a ghost (PICKLE-01 to 05)."""
        Persistent._p_activate(self)
        return get_data(self)

    def __setstate__(self, state: Any) -> None:
        """Take over what ``__getstate__`` returned, without loading (PICKLE-06 to 12).

        Raises TypeError for a state of another form (PICKLE-09, PICKLE-19).
        """
        set_data(self, state)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what pickle needs to make the object anew (PICKLE-13)."""
        new_args = self.__getnewargs__() if hasattr(self, "__getnewargs__") else ()
        make = copyreg.__newobj__  # type: ignore[attr-defined]
        return make, (type(self), *new_args), self.__getstate__()

    def __repr__(self) -> str:
        """Show class, oid and jar, without loading a ghost (REPR-01 to 03)."""
        cls = type(self)
        # The base class is known by the package that exports it.
        home = cls.__module__.partition(".")[0] if cls is Persistent else cls.__module__
        failure = ""
        custom = getattr(cls, "_p_repr", None)
        if custom is not None:
            try:
                text: str = custom(self)
                return text
            except Exception as error:
                failure = f" _p_repr {_safe_repr(error)}"
        head = head_of(self)
        oid = "" if head.oid is None else f" oid {_oid_text(head.oid)}"
        jar = "" if head.jar is None else f" in {_safe_repr(head.jar)}"
        return f"<{home}.{cls.__name__} object at {id(self):#x}{oid}{jar}{failure}>"


# Transitions


def _load(obj: Persistent, head: Head) -> None:
    """Ghost -> saved: have the jar set the state (ACT-01, ACT-04 to ACT-07, ACT-29)."""
    if head.loading:
        return
    if head.cache is not None:
        head.cache._enter(head, obj)
    # Seen by the jar; it keeps reads and writes of the object by the jar from
    # loading and registering it.
    head.state = CHANGED
    head.loading = True
    try:
        head.jar.setstate(obj)
    except BaseException:
        _ghostify(obj, head)
        raise
    finally:
        head.loading = False
    head.state = UPTODATE
    # The jar may have ghosted the object, or cached it, in between.
    if head.cache is not None and head.next is None:
        head.cache._enter(head, obj)


def _use(obj: Persistent) -> Head:
    """Make ``obj`` loaded, record the access, and return its head (ATTR-07)."""
    head: Head = _get(obj, HEAD)
    if head.state == GHOST:
        _load(obj, head)
    if head.next is not None:
        head.cache._ring.move_to_head(head)  # type: ignore[union-attr]
    return head


def _change(obj: Persistent, head: Head) -> None:
    """Saved or sticky -> changed: register with the jar first (TRANS-05, TRANS-16 to 19)."""
    if head.state == CHANGED or head.jar is None or head.registering or head.loading:
        return
    head.registering = True
    try:
        head.jar.register(obj)
    finally:
        head.registering = False
    # A jar that ghosts the object on this occasion must not turn the write
    # into the loss of all that it does not write.
    if head.state == GHOST:
        _load(obj, head)
    if head.jar is not None:
        head.state = CHANGED


def _ghostify(obj: Persistent, head: Head) -> None:
    """Any state -> ghost: drop the application data (STATE-05, STATE-16, ACT-15 to 17)."""
    if head.state == GHOST or head.jar is None:
        return
    # Slots of a class with a __new__ of its own may hold what only __new__ sets.
    drop_data(obj, with_slots=type(obj).__new__ is Persistent.__new__)
    head.state = GHOST
    if head.next is not None:
        head.cache._leave(head)  # type: ignore[union-attr]


# Words


def _oid_text(oid: Any) -> str:
    if not issubclass(type(oid), bytes) or bytes.__len__(oid) != 8:
        return _safe_repr(oid)
    digits = f"{int.from_bytes(oid, 'big'):x}"
    # Whole bytes, as ZODB shows short oids.
    if len(digits) < 8 and len(digits) % 2:
        digits = "0" + digits
    return "0x" + digits


def _safe_repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception as error:
        return repr(error)
