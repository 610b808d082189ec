"""Wrong about transitions: when an object changes, and when its jar is told."""

from tests.wrong.making import wrong

wrong(
    "loses the data of an object that is given a jar",
    breaks="TRANS-01 TRANS-22 STATE-11",
    module="persistence",
    old="        if jar is None:\n",
    new="        drop_data(self, with_slots=True)\n        if jar is None:\n",
)
wrong(
    "gives every object the jar that was set last",
    breaks="TRANS-02 STATE-01",
    module="persistence",
    old="return head_of(self).jar\n\n    @_p_jar.setter\n    def _p_jar(self, jar: Any) -> None:\n",
    new="return head_of(self).jar or _STATUS.get('jar')\n\n    @_p_jar.setter\n"
    "    def _p_jar(self, jar: Any) -> None:\n        _STATUS['jar'] = jar\n",
)
wrong(
    "does not notice writes",
    breaks="TRANS-03 TRANS-04 TRANS-05 ATTR-09 ATTR-10",
    module="persistence",
    old="_change(self, head)\n        _set(self, name, value)",
    new="pass\n        _set(self, name, value)",
)
wrong(
    "does not notice changes of sticky objects",
    breaks="TRANS-04",
    module="persistence",
    old="if head.state == CHANGED or head.jar is None",
    new="if head.state in (CHANGED, STICKY) or head.jar is None",
)
wrong(
    "registers twice",
    breaks="TRANS-05",
    module="persistence",
    old="        head.jar.register(obj)\n",
    new="        head.jar.register(obj)\n        head.jar.register(obj)\n",
)
wrong(
    "registers once for all time",
    breaks="TRANS-05 TRANS-10",
    module="persistence",
    old="        head.registering = False\n    # A jar",
    new="        pass\n    # A jar",
)
wrong(
    "registers a changed object that is marked once more",
    breaks="TRANS-06",
    module="persistence",
    old="if head.state == CHANGED or head.jar is None",
    new="if head.jar is None",
)
wrong(
    "changes objects without a jar",
    breaks="TRANS-07 STATE-10",
    module="persistence",
    old="    if head.state == CHANGED or head.jar is None",
    new="    if head.jar is None:\n        head.state = CHANGED\n"
    "    if head.state == CHANGED or head.jar is None",
)
wrong(
    "registers a marked ghost before it loads it",
    breaks="TRANS-08",
    module="persistence",
    old="            if head.state == GHOST:\n                _load(self, head)\n",
    new="",
)
wrong(
    "invalidates only what is changed",
    breaks="TRANS-09 ACT-20",
    module="persistence",
    old="if head.state != GHOST:\n            head.state = UPTODATE\n            try",
    new="if head.state == CHANGED:\n            head.state = UPTODATE\n            try",
)
wrong(
    "keeps what is changed when it is invalidated",
    breaks="TRANS-11 ACT-18",
    module="persistence",
    old="if head.state != GHOST:\n            head.state = UPTODATE\n            try",
    new="if head.state not in (GHOST, CHANGED):\n            head.state = UPTODATE\n"
    "            try",
)
wrong(
    "stays changed when _p_changed is set to False",
    breaks="TRANS-10 TRANS-13 TRANS-15",
    module="persistence",
    old="if head.state != GHOST:\n                head.state = UPTODATE",
    new="if head.state == STICKY:\n                head.state = UPTODATE",
)
wrong(
    "drops the data when _p_changed is set to False",
    breaks="TRANS-10 TRANS-13",
    module="persistence",
    old="if head.state != GHOST:\n                head.state = UPTODATE",
    new="if head.state != GHOST:\n                drop_data(self, with_slots=True)\n"
    "                head.state = UPTODATE",
)
wrong(
    "loads a ghost when _p_changed is set to False",
    breaks="TRANS-14",
    module="persistence",
    old="            head = head_of(self)\n            if head.state != GHOST:",
    new="            head = _use(self)\n            if head.state != GHOST:",
)
wrong(
    "loads a ghost twice",
    breaks="TRANS-12 TRANS-08 ACT-01",
    module="persistence",
    old="        head.jar.setstate(obj)\n",
    new="        head.jar.setstate(obj)\n        head.jar.setstate(obj)\n",
)
wrong(
    "marks only for True itself",
    breaks="TRANS-15",
    module="persistence",
    old="elif value:",
    new="elif value is True:",
)
wrong(
    "is unmarked by False itself alone",
    breaks="TRANS-15",
    module="persistence",
    old="        else:\n            head = head_of(self)\n            if head.state != GHOST:",
    new="        elif value is False:\n            head = head_of(self)\n"
    "            if head.state != GHOST:",
)
wrong(
    "is changed before it registers",
    breaks="TRANS-16 TRANS-17",
    module="persistence",
    old="    head.registering = True\n",
    new="    head.registering = True\n    head.state = CHANGED\n",
)
wrong(
    "believes register, which unmarked the object",
    breaks="TRANS-18",
    module="persistence",
    old="    head.registering = True\n    try:\n        head.jar.register(obj)\n",
    new="    head.registering = True\n    head.state = CHANGED\n    try:\n"
    "        head.jar.register(obj)\n        if head.state == UPTODATE:\n            return\n",
)
wrong(
    "registers inside register",
    breaks="TRANS-19",
    module="persistence",
    old=" or head.registering or",
    new=" or",
)
wrong(
    "deactivates cached objects only",
    breaks="TRANS-20 ACT-30",
    module="persistence",
    old="if head.state == UPTODATE:\n",
    new="if head.state == UPTODATE and head.cache is not None:\n",
)
wrong(
    "stores before it registers",
    breaks="TRANS-21",
    module="persistence",
    old="_change(self, head)\n        _set(self, name, value)",
    new="_set(self, name, value)\n                _change(self, head)\n"
    "        _set(self, name, value)",
)
wrong(
    "takes every read for a change",
    breaks="TRANS-23 STATE-02",
    module="persistence",
    old="_use(self)\n        return _get(self, name)",
    new="_change(self, _use(self))\n        return _get(self, name)",
)
