"""Wrong mappings and lists."""

from tests.wrong.making import wrong

_SET_ITEM = """super().__setitem__(key, value)
        self._p_changed = True"""

wrong(
    "does not mark a mapping changed when an item is set",
    breaks="COLL-01 COLL-05",
    module="mapping",
    old=_SET_ITEM,
    new="super().__setitem__(key, value)",
)
wrong(
    "does not mark a mapping changed when an item is deleted",
    breaks="COLL-01",
    module="mapping",
    old="""super().__delitem__(key)
        self._p_changed = True""",
    new="super().__delitem__(key)",
)
wrong(
    "marks an empty mapping changed when it is cleared",
    breaks="COLL-02 COLL-14",
    module="mapping",
    old='changes = "_container" in self.__dict__ or bool(self.data)',
    new="self.data\n        changes = self._p_jar is not None or self.data['cleared']",
)
wrong(
    "marks a mapping changed by setdefault of a present key",
    breaks="COLL-02 COLL-05",
    module="mapping",
    old="""if key not in self.data:
            self._p_changed = True
        return super().setdefault""",
    new="""self._p_changed = True
        return super().setdefault""",
)
wrong(
    "marks a mapping changed before a deletion that fails",
    breaks="COLL-03",
    module="mapping",
    old="super().__delitem__(key)",
    new="self._p_changed = True\n        super().__delitem__(key)",
)
wrong(
    "takes no keyword in update",
    breaks="COLL-01 COLL-04 COLL-17",
    module="mapping",
    old="super().update(other, **kwargs)",
    new="super().update(other)",
)
wrong(
    "marks a mapping changed when its old data are read",
    breaks="COLL-05",
    module="mapping",
    old='data = instance_dict["data"] = instance_dict.pop("_container")',
    new='data = instance.data = instance_dict.pop("_container")',
)
wrong(
    "shares the items of a mapping with its copy",
    breaks="COLL-06 COLL-18",
    module="mapping",
    old="""(attributes["data"] if data is None else data).copy()""",
    new="""attributes["data"] if data is None else data""",
)
wrong(
    "does not load a ghost mapping for a copy",
    breaks="COLL-06",
    module="mapping",
    old="""self._p_activate()
        copy = type(self)""",
    new="copy = type(self)",
)
wrong(
    "marks a mapping changed by pop of a missing key",
    breaks="COLL-11",
    module="mapping",
    old="""if key in self.data:
            self._p_changed = True
        elif""",
    new="""self._p_changed = True
        if key in self.data:
            pass
        elif""",
)
wrong(
    "has no default for pop",
    breaks="COLL-11 COLL-15",
    module="mapping",
    old="default: Any = _MISSING) -> Any:",
    new="*, default: Any = _MISSING) -> Any:",
)
wrong(
    "has no default for setdefault",
    breaks="COLL-15",
    module="mapping",
    old="def setdefault(self, key: Any, default: Any = None)",
    new="def setdefault(self, key: Any, default: Any)",
)
wrong(
    "keeps the mapping that it is built from",
    breaks="COLL-16",
    module="mapping",
    old="    def __setitem__(self, key: Any, value: Any)",
    new="""    def __init__(self, given=(), /, **kwargs):
        self.data = given or kwargs

    def __setitem__(self, key: Any, value: Any)""",
)
wrong(
    "marks a mapping without a jar as if it had one when it is cleared",
    breaks="COLL-14",
    module="mapping",
    old="""super().clear()
        if changes:""",
    new="""super().clear()
        if changes and self._p_jar.register:""",
)
wrong(
    "refuses the keyword self in update",
    breaks="COLL-17",
    module="mapping",
    old="other: Any = (), /, **kwargs: Any) -> None:",
    new="other: Any = (), **kwargs: Any) -> None:",
)
wrong(
    "marks a mapping changed by copy()",
    breaks="COLL-18",
    module="mapping",
    old="return self.__copy__()",
    new="self._p_changed = True\n        return self.__copy__()",
)
wrong(
    "does not register a list that is sorted",
    breaks="COLL-07",
    module="list",
    old="""        finally:
            self._p_changed = True""",
    new="""        finally:
            pass""",
)
wrong(
    "deletes from a list without marking it",
    breaks="COLL-07 COLL-08",
    module="list",
    old="if len(self.data) != before:\n            self._p_changed = True",
    new="if len(self.data) > before:\n            self._p_changed = True",
)
wrong(
    "marks a list changed by an empty slice",
    breaks="COLL-08",
    module="list",
    old="if len(self.data) != before:\n            self._p_changed = True",
    new="self._p_changed = True",
)
wrong(
    "marks an empty list changed when it is cleared",
    breaks="COLL-08",
    module="list",
    old="if before:",
    new="if True:",
)
wrong(
    "marks a list changed before a pop that fails",
    breaks="COLL-09",
    module="list",
    old="item = super().pop(i)",
    new="self._p_changed = True\n        item = super().pop(i)",
)
wrong(
    "swallows the error of remove",
    breaks="COLL-09",
    module="list",
    old="super().remove(item)",
    new="self.data[:] = [i for i in self.data if i != item]",
)
wrong(
    "slices a list into a plain list",
    breaks="COLL-10",
    module="list",
    old="    def __delitem__(self, index: Any)",
    new="""    def __getitem__(self, index):
        return self.data[index]

    def __delitem__(self, index: Any)""",
)
wrong(
    "shares the items of a list with its copy",
    breaks="COLL-06 COLL-10",
    module="list",
    old="self.data[:]",
    new="self.data",
)
wrong(
    "does not load a ghost list to take its length",
    breaks="COLL-13",
    module="list",
    old="    def __delitem__(self, index: Any)",
    new="""    def __len__(self):
        return len(self.__dict__.get("data", ()))

    def __delitem__(self, index: Any)""",
)
wrong(
    "loses what a failing extend has added",
    breaks="COLL-19",
    module="list",
    old="""            if len(self.data) != before:
                self._p_changed = True
            raise""",
    new="            raise",
)
wrong(
    "answers that an item is missing where a mapping cannot be loaded",
    breaks="COLL-20",
    module="mapping",
    old="    def __delitem__(self, key: Any)",
    new="""    def __contains__(self, key):
        try:
            self[key]
        except KeyError:
            return False
        return True

    def __delitem__(self, key: Any)""",
)
