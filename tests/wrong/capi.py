"""Wrong containers, as seen by whoever uses them."""

from tests.wrong.making import wrong

_UPDATE = "    def update(self, other: Any = (), /, **kwargs: Any) -> None:"
_ANSWERS = """    def {name}:
        try:
            return super().{call}
        except Exception:
            return False

"""

wrong(
    "says no to a key of a mapping that cannot be loaded",
    breaks="CAPI-06 CAPI-07",
    module="mapping",
    old=_UPDATE,
    new=_ANSWERS.format(name="__contains__(self, key)", call="__contains__(key)") + _UPDATE,
)
wrong(
    "takes a mapping that cannot be loaded for an empty one",
    breaks="CAPI-06",
    module="mapping",
    old=_UPDATE,
    new=_ANSWERS.format(name="__len__(self)", call="__len__()") + _UPDATE,
)
wrong(
    "loads a mapping again each time that its length is asked for",
    breaks="CAPI-02",
    module="mapping",
    old=_UPDATE,
    new="    def __len__(self):\n        self._p_deactivate()\n        return super().__len__()\n\n"
    + _UPDATE,
)
wrong(
    "registers a mapping twice when an item is deleted",
    breaks="CAPI-03",
    module="mapping",
    old="super().__delitem__(key)\n        self._p_changed = True",
    new="super().__delitem__(key)\n        self._p_jar.register(self)",
)
