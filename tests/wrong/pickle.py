"""Wrong implementations: states, pickles, slots."""

from tests.wrong.making import wrong

wrong(
    "stores volatile attributes",
    breaks="PICKLE-01 PICKLE-05 PICKLE-15 PICKLE-16",
    module="data",
    old='str.startswith(name, ("_p_", "_v_"))',
    new='str.startswith(name, "_p_")',
)
wrong(
    "leaves out every name that begins with an underscore",
    breaks="PICKLE-01",
    module="data",
    old='str.startswith(name, ("_p_", "_v_"))',
    new='str.startswith(name, "_")',
)
wrong(
    "gives its own dict away as the state",
    breaks="PICKLE-01",
    module="data",
    old="items = {k: v for k, v in instance_dict.items() if not _is_private(k)}",
    new="items = instance_dict",
)
wrong(
    "takes the state of a ghost without loading it",
    breaks="PICKLE-02",
    module="persistence",
    old="        Persistent._p_activate(self)\n",
    new="",
)
wrong(
    "marks an object changed when its state is taken",
    breaks="PICKLE-03 PICKLE-13",
    module="persistence",
    old="        Persistent._p_activate(self)\n",
    new="        self._p_changed = True\n",
)
wrong(
    "makes a pair of the state although no slot is assigned",
    breaks="PICKLE-04",
    module="data",
    old="return (items, slots) if slots else items",
    new="return (items, slots) if _slots_of(type(obj)) else items",
)
wrong(
    "leaves the slots out of the state",
    breaks="PICKLE-05 PICKLE-13 PICKLE-14",
    module="data",
    old="return (items, slots) if slots else items",
    new="return items",
)
wrong(
    "leaves out slots that are None",
    breaks="PICKLE-05",
    module="data",
    old="    return (items, slots) if slots else items",
    new="    slots = {k: v for k, v in slots.items() if v is not None}\n"
    "    return (items, slots) if slots else items",
)
wrong(
    "adds the state to what the dict holds",
    breaks="PICKLE-06 PICKLE-07 PICKLE-12",
    module="data",
    old="        instance_dict.clear()\n        for name, value in state.items():",
    new="        for name, value in state.items():",
)
wrong(
    "clears the dict where the state has none",
    breaks="PICKLE-07",
    module="data",
    old="    if state is not None:",
    new="    state = {} if state is None else state\n    if _dict_of(obj) is not None:",
)
wrong(
    "sets slots only where the state has no dict",
    breaks="PICKLE-07 PICKLE-12",
    module="data",
    old="    for name, value in slots.items():",
    new="    for name, value in () if state else slots.items():",
)
wrong(
    "does not look at the slots part of a state",
    breaks="PICKLE-09",
    module="data",
    old="    if not issubclass(type(slots), dict):",
    new="    if False:",
)
wrong(
    "makes every object saved that is given a state",
    breaks="PICKLE-10",
    module="persistence",
    old="        set_data(self, state)",
    new="        set_data(self, state)\n        head_of(self).state = UPTODATE",
)
wrong(
    "loads a ghost before it takes a state",
    breaks="PICKLE-07 PICKLE-10 PICKLE-11",
    module="persistence",
    old="        set_data(self, state)",
    new="        _use(self)\n        set_data(self, state)",
)
wrong(
    "does not intern the keys of a state",
    breaks="PICKLE-12",
    module="data",
    old="sys.intern(name) if type(name) is str else name",
    new="name",
)
wrong(
    "takes nothing but a dict for a state",
    breaks="PICKLE-12",
    module="data",
    old="        for name, value in state.items():",
    new="        for name, value in dict.items(state):",
)
wrong(
    "leaves out the arguments of __new__",
    breaks="PICKLE-13",
    module="persistence",
    old="(type(self), *new_args)",
    new="(type(self),)",
)
wrong(
    "takes two items for a pair",
    breaks="PICKLE-18",
    module="data",
    old="    if issubclass(type(state), tuple):",
    new="    state = tuple(state) if len(state or ()) == 2 else state\n"
    "    if issubclass(type(state), tuple):",
)
wrong(
    "takes the first two parts of a longer tuple",
    breaks="PICKLE-19",
    module="data",
    old="        length = tuple.__len__(state)",
    new="        state = state[:2]\n        length = tuple.__len__(state)",
)
wrong(
    "clears a new ghost",
    breaks="PICKLE-17",
    module="picklecache",
    old="            head.jar = self._jar",
    new="            obj.__setstate__({})\n            head.jar = self._jar",
)
wrong(
    "demands that every key of the dict is a string",
    breaks="PICKLE-20",
    module="data",
    old="return issubclass(type(name), str) and str.startswith",
    new="return name.startswith",
)
wrong(
    "drops what a state has for slots that are gone",
    breaks="PICKLE-21",
    module="data",
    old="        setattr(obj, name, value)",
    new="        if name in _slots_of(type(obj)):\n            setattr(obj, name, value)",
)
wrong(
    "ignores a dict where it has none",
    breaks="PICKLE-22",
    module="data",
    old='            raise TypeError("this object has no instance dictionary")',
    new="            return",
)
