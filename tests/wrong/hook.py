"""Wrong about overridden access: what the helpers claim, load, store and mark."""

from tests.wrong.making import wrong

_GETATTR = "SPECIAL_NAMES:\n            return True\n        _use(self)"
_SETATTR = "_set(self, name, value)\n            return True\n        _use(self)"
_DELATTR = "_delete(self, name)\n            return True\n        _use(self)"

wrong(
    "calls __getattr__ on a ghost",
    breaks="HOOK-01",
    module="persistence",
    old="_use(self)\n        return _get(self, name)",
    new='if not hasattr(type(self), "__getattr__"):\n                _use(self)\n'
    "        return _get(self, name)",
)
wrong(
    "does not claim special names",
    breaks="HOOK-02",
    module="persistence",
    old='"_p_") or _plain(name) in SPECIAL_NAMES:',
    new='"_p_"):',
)
wrong(
    "claims every name with two underscores",
    breaks="HOOK-02 HOOK-03",
    module="persistence",
    old='"_p_") or _plain(name) in SPECIAL_NAMES:',
    new='"_p_") or _startswith(name, "__"):',
)
wrong(
    "claims ordinary names as well",
    breaks="HOOK-02 HOOK-03 HOOK-07",
    module="persistence",
    old=_GETATTR + "\n        return False",
    new=_GETATTR + "\n        return True",
)
wrong(
    "loads for a name that it claims",
    breaks="HOOK-02",
    module="persistence",
    old=_GETATTR,
    new="SPECIAL_NAMES:\n            _use(self)\n            return True\n        _use(self)",
)
wrong(
    "does not load in _p_getattr",
    breaks="HOOK-03 HOOK-07",
    module="persistence",
    old=_GETATTR,
    new="SPECIAL_NAMES:\n            return True",
)
wrong(
    "does not load in _p_setattr",
    breaks="HOOK-04 HOOK-07",
    module="persistence",
    old=_SETATTR,
    new="_set(self, name, value)\n            return True",
)
wrong(
    "stores ordinary names in _p_setattr",
    breaks="HOOK-04",
    module="persistence",
    old=_SETATTR,
    new=_SETATTR + "\n        _set(self, name, value)",
)
wrong(
    "stores _p_ names for nobody in _p_setattr",
    breaks="HOOK-04 HOOK-07",
    module="persistence",
    old=_SETATTR,
    new="return True\n        _use(self)",
)
wrong(
    "does not load in _p_delattr",
    breaks="HOOK-05 HOOK-07",
    module="persistence",
    old=_DELATTR,
    new="_delete(self, name)\n            return True",
)
wrong(
    "deletes ordinary names in _p_delattr",
    breaks="HOOK-05",
    module="persistence",
    old=_DELATTR,
    new=_DELATTR + "\n        self.__dict__.pop(name, None)",
)
wrong(
    "marks the object changed in _p_setattr",
    breaks="HOOK-04 HOOK-06",
    module="persistence",
    old=_SETATTR,
    new="_set(self, name, value)\n            return True\n        _change(self, _use(self))",
)
wrong(
    "marks the object changed in _p_delattr",
    breaks="HOOK-05 HOOK-06",
    module="persistence",
    old=_DELATTR,
    new="_delete(self, name)\n            return True\n        _change(self, _use(self))",
)
wrong(
    "calls the __setattr__ of a class for a new object",
    breaks="HOOK-08",
    module="persistence",
    old="_set(self, HEAD, Head())",
    new="_set(self, HEAD, Head())\n        self._p_serial = NO_SERIAL",
)
wrong(
    "claims a _p_ name that is deleted, and keeps it",
    breaks="HOOK-05 HOOK-10",
    module="persistence",
    old=_DELATTR,
    new="return True\n        _use(self)",
)
wrong(
    "deletes the oid of a cached object in _p_delattr",
    breaks="HOOK-10",
    module="persistence",
    old=_DELATTR,
    new='if name == "_p_oid":\n                head_of(self).oid = None\n'
    "                return True\n            " + _DELATTR,
)
wrong(
    "asks the class of what it loads for its truth",
    breaks="HOOK-11",
    module="persistence",
    old="    if head.loading:\n        return",
    new="    if head.loading or not type(obj):\n        return",
)
wrong(
    "keeps the slots of a class that overrides _p_activate",
    breaks="HOOK-12",
    module="persistence",
    old="with_slots=type(obj).__new__ is Persistent.__new__)",
    new="with_slots=type(obj).__new__ is Persistent.__new__\n"
    "        and type(obj)._p_activate is Persistent._p_activate)",
)
