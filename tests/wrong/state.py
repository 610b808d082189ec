"""Wrong about states: what an object reads in each of them, and what a ghost keeps."""

from tests.wrong.making import wrong

wrong(
    "makes new objects as ghosts",
    breaks="STATE-01 STATE-10 STATE-17",
    module="head",
    old="self.state = UPTODATE",
    new="self.state = -1",
)
wrong(
    "marks an object changed when it was loaded",
    breaks="STATE-02 TRANS-12 ACT-05",
    module="persistence",
    old="head.state = UPTODATE\n    # The jar",
    new="head.state = CHANGED\n    # The jar",
)
wrong(
    "never reads as changed",
    breaks="STATE-03 STATE-09",
    module="persistence",
    old="None if state == GHOST else state == CHANGED",
    new="None if state == GHOST else False",
)
wrong(
    "reads a ghost as not changed",
    breaks="STATE-04 STATE-09",
    module="persistence",
    old="None if state == GHOST else state == CHANGED",
    new="state == CHANGED",
)
wrong(
    "leaves the data in ghosts",
    breaks="STATE-05 ACT-15",
    module="persistence",
    old="drop_data(obj, with_slots=",
    new="bool(",
)
wrong(
    "leaves the slots of ghosts filled",
    breaks="STATE-05",
    module="persistence",
    old="with_slots=type(obj).__new__ is Persistent.__new__",
    new="with_slots=False",
)
wrong(
    "deactivates sticky objects",
    breaks="STATE-06 ACT-11",
    module="persistence",
    old="if head.state == UPTODATE:\n",
    new="if head.state in (UPTODATE, STICKY):\n",
)
wrong(
    "has a state of its own for ghosts",
    breaks="STATE-07 STATE-04",
    module="persistence",
    old="return head_of(self).state\n",
    new="return head_of(self).state * 2\n",
)
wrong(
    "lets the state be set",
    breaks="STATE-08",
    module="persistence",
    old="    @property\n    def _p_status(",
    new="    @_p_state.setter\n    def _p_state(self, state: int) -> None:\n"
    "        head_of(self).state = state\n\n    @property\n    def _p_status(",
)
wrong(
    "makes ghosts of objects without a jar",
    breaks="STATE-10",
    module="persistence",
    old="if head.state == GHOST or head.jar is None:",
    new="if head.state == GHOST:",
)
wrong(
    "calls an added object changed",
    breaks="STATE-11 TRANS-22",
    module="persistence",
    old="        if jar is None:\n",
    new="        head.state = CHANGED\n        if jar is None:\n",
)
wrong(
    "forgets the oid when the jar is set",
    breaks="STATE-12 STATE-11 TRANS-22",
    module="persistence",
    old="        if jar is None:\n",
    new="        head.oid = None\n        if jar is None:\n",
)
wrong(
    "calls an object unsaved that has no oid",
    breaks="STATE-14",
    module="persistence",
    old='"unsaved" if head.jar is None',
    new='"unsaved" if head.oid is None',
)
wrong(
    "forgets the serial of ghosts",
    breaks="STATE-16",
    module="persistence",
    old="    head.state = GHOST\n",
    new="    head.state = GHOST\n    head.serial = NO_SERIAL\n",
)
wrong(
    "forgets the size of ghosts",
    breaks="STATE-16",
    module="persistence",
    old="    head.state = GHOST\n",
    new="    head.state = GHOST\n    head.size = 0\n",
)
wrong(
    "deletes attributes only of objects that have a jar",
    breaks="STATE-17",
    module="persistence",
    old="_change(self, head)\n        _delete(self, name)",
    new="_change(self, head)\n        if head_of(self).jar is not None:\n"
    "            _delete(self, name)",
)
wrong(
    "takes private names of a class called Persistent for its own",
    breaks="STATE-19",
    module="persistence",
    old='if not _startswith(name, "_p_"):\n            head = _use(self)\n'
    '            if head.state != CHANGED and not _startswith(name, "_v_"):\n'
    "                _change(self, head)\n        _set(self, name, value)",
    new='if not _startswith(name, ("_p_", "_Persistent__")):\n            head = _use(self)\n'
    '            if head.state != CHANGED and not _startswith(name, "_v_"):\n'
    "                _change(self, head)\n        _set(self, name, value)",
)
wrong(
    "makes no object of the base class itself",
    breaks="STATE-20",
    module="persistence",
    old="self = super().__new__(cls)\n        _set(self, HEAD, Head())",
    new="if cls is Persistent:\n            raise TypeError(cls)\n"
    "        self = super().__new__(cls)\n        _set(self, HEAD, Head())",
)
