"""Wrong about attributes: what loads, what marks and registers, what counts as use."""

from tests.wrong.making import wrong

_WRITE = "_change(self, head)\n        _set(self, name, value)"
_DELETE = "_change(self, head)\n        _delete(self, name)"

# Reading

wrong(
    "does not load for volatile attributes",
    breaks="ATTR-02 ATTR-07",
    module="persistence",
    old="and _plain(name) not in SPECIAL_NAMES:",
    new='and _plain(name) not in SPECIAL_NAMES and not _startswith(name, "_v_"):',
)
wrong(
    "does not load for names with two underscores",
    breaks="ATTR-02 ATTR-07",
    module="persistence",
    old="and _plain(name) not in SPECIAL_NAMES:",
    new='and not _startswith(name, "__"):',
)
wrong(
    "takes _p for a _p_ name",
    breaks="ATTR-02 ATTR-07",
    module="persistence",
    old='"_p_") and _plain(name) not in SPECIAL_NAMES:',
    new='"_p") and _plain(name) not in SPECIAL_NAMES:',
)
wrong(
    "loads to find an unknown _p_ attribute",
    breaks="ATTR-03 ATTR-08",
    module="persistence",
    old='if not _startswith(name, "_p_") and _plain(name) not in SPECIAL_NAMES:',
    new="if not hasattr(type(self), name) and _plain(name) not in SPECIAL_NAMES "
    'or not _startswith(name, "_p_") and _plain(name) not in SPECIAL_NAMES:',
)
wrong(
    "loads to read __of__",
    breaks="ATTR-04 ATTR-08 HOOK-02",
    module="persistence",
    old='"__of__", ',
    new="",
)
wrong(
    "loads to read __class__",
    breaks="ATTR-04 ATTR-06 ATTR-08 HOOK-02",
    module="persistence",
    old='"__class__", ',
    new="",
)
wrong(
    "loads to show itself",
    breaks="ATTR-06",
    module="persistence",
    old="        cls = type(self)\n",
    new="        cls = type(_use(self) and self)\n",
)
wrong(
    "records no access",
    breaks="ATTR-07 ATTR-13 HOOK-03 HOOK-04 HOOK-05",
    module="persistence",
    old="head.cache._ring.move_to_head(head)",
    new="pass",
)
wrong(
    "records the reading of metadata",
    breaks="ATTR-08",
    module="persistence",
    old="return _get(self, name)",
    new='head = _get(self, HEAD)\n        if name != "_p_state" and head.next is not None:\n'
    "            head.cache._ring.move_to_head(head) if head.cache else None\n"
    "        return _get(self, name)",
)
wrong(
    "takes what it uses into the cache",
    breaks="ATTR-24",
    module="persistence",
    old="_load(obj, head)\n    if head.next is not None:",
    new='_load(obj, head)\n    cache = getattr(head.jar, "_cache", None)\n'
    "    if cache is not None and head.oid and head.cache is None:\n"
    "        cache[head.oid] = obj\n    if head.next is not None:",
)
wrong(
    "takes a read for a change",
    breaks="ATTR-19 TRANS-12",
    module="persistence",
    old="_use(self)\n        return _get(self, name)",
    new="_change(self, _use(self))\n        return _get(self, name)",
)

# Writing

wrong(
    "stores before it loads",
    breaks="ATTR-09 ATTR-12",
    module="persistence",
    old='TRANS-21)."""\n',
    new='TRANS-21)."""\n        if not _startswith(name, "_p_"):\n'
    "            _set(self, name, value); _use(self); _change(self, head_of(self)); return\n",
)
wrong(
    "ignores the write of an equal value",
    breaks="ATTR-10",
    module="persistence",
    old=_WRITE,
    new="if getattr(self, name, self) != value:\n                    " + _WRITE,
)
wrong(
    "registers volatile writes",
    breaks="ATTR-11 ATTR-12",
    module="persistence",
    old='"_v_"):\n                ' + _WRITE,
    new='"_w_"):\n                ' + _WRITE,
)
wrong(
    "takes _v for a _v_ name",
    breaks="ATTR-09",
    module="persistence",
    old='"_v_"):\n                ' + _WRITE,
    new='"_v"):\n                ' + _WRITE,
)
wrong(
    "does not load for a volatile write",
    breaks="ATTR-12 ATTR-13",
    module="persistence",
    old='TRANS-21)."""\n        if not _startswith(name, "_p_"):',
    new='TRANS-21)."""\n        if not _startswith(name, ("_p_", "_v_")):',
)
wrong(
    "loads and registers for an unknown _p_ attribute",
    breaks="ATTR-14",
    module="persistence",
    old='TRANS-21)."""\n        if not _startswith(name, "_p_"):',
    new='TRANS-21)."""\n        if not _startswith(name, "_p_") or not hasattr(type(self), name):',
)
wrong(
    "does not load for special names that are written",
    breaks="ATTR-15",
    module="persistence",
    old='TRANS-21)."""\n        if not _startswith(name, "_p_"):',
    new='TRANS-21)."""\n        if not _startswith(name, "_p_") and name not in (*SPECIAL_NAMES,):',
)
wrong(
    "sets properties without a change",
    breaks="ATTR-20",
    module="persistence",
    old=_WRITE,
    new="if not isinstance(getattr(type(self), name, None), property):\n                    "
    + _WRITE,
)

# Deleting

wrong(
    "does not register a delete",
    breaks="ATTR-16",
    module="persistence",
    old=_DELETE,
    new="pass\n        _delete(self, name)",
)
wrong(
    "registers volatile deletes",
    breaks="ATTR-17",
    module="persistence",
    old='"_v_"):\n                ' + _DELETE,
    new='"_w_"):\n                ' + _DELETE,
)
wrong(
    "deletes what is missing",
    breaks="ATTR-18 ATTR-23",
    module="persistence",
    old=_DELETE,
    new="_change(self, head)\n        if name in self.__dict__:\n            _delete(self, name)",
)
wrong(
    "loads and registers to delete an unknown _p_ attribute",
    breaks="ATTR-23",
    module="persistence",
    old='ATTR-23)."""\n        if not _startswith(name, "_p_"):',
    new='ATTR-23)."""\n        if not _startswith(name, "_p_") or not hasattr(type(self), name):',
)

# Names

wrong(
    "fails differently for names that are no strings",
    breaks="ATTR-22",
    module="persistence",
    old="_startswith = str.startswith",
    new="_startswith = lambda name, start: name.startswith(start)",
)
wrong(
    "refuses surrogates when it writes them only",
    breaks="ATTR-21",
    module="persistence",
    old='TRANS-21)."""\n',
    new='TRANS-21)."""\n        name.encode()\n',
)
wrong(
    "asks a name what it begins with",
    breaks="ATTR-26",
    module="persistence",
    old='if not _startswith(name, "_p_") and _plain(name) not in SPECIAL_NAMES:',
    new='if not name.startswith("_p_") and _plain(name) not in SPECIAL_NAMES:',
)
