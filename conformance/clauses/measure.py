"""Standard containers as the measure of persistent ones: the same operations on both (COLL-16)."""

from collections import UserDict, UserList
from typing import Any, Dict

from conformance.clauses.expect import equal, raises
from fixtures.errors import OperationFailed
from fixtures.operations import operation_named
from fixtures.states import GHOST, given
from fixtures.values import Ref, fresh
from fixtures.world import Observation, World


class _StandardWorld:
    """What the effects of operations on collections ask of a world, with standard containers."""

    parts = {"mapping": UserDict, "list": UserList, "persistent": (UserDict, UserList)}
    #: Subclasses with the names of the samples.
    _samples = {
        "Mapping": type("Mapping", (UserDict,), {}),
        "List_": type("List_", (UserList,), {}),
    }

    def __init__(self) -> None:
        self.objects: Dict[str, Any] = {}

    def collection(self, kind: str) -> Any:
        return self.parts[kind] if kind in self.parts else self._samples[kind]

    def decode(self, value: Any) -> Any:
        if isinstance(value, Ref):
            return self.objects[value.name]
        if isinstance(value, (list, tuple)):
            return type(value)(self.decode(item) for item in value)
        if isinstance(value, dict):
            return {key: self.decode(item) for key, item in value.items()}
        return value


class Measured:
    """A world and, beside each of its collections, the standard container with the same items.

    What the protocol adds - states, calls, marks - is for the checks to say.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._standard = _StandardWorld()

    def given(
        self, state: str, name: str, items: Any, old: bool = False, **attributes: Any
    ) -> None:
        """Make a subclass of a collection in ``state``, with ``items``.

        With ``old``, its state is one that ZODB stored before 3.3. ``attributes`` are what else is
        in its instance dict.
        """
        sample = "Mapping" if isinstance(items, dict) else "List_"
        key = "_container" if old else "data"
        given(self.world, state, name, sample, {key: items, **attributes})
        made = self._standard.objects[name] = self._standard.collection(sample)()
        vars(made).update(fresh({"data": items, **attributes}))

    def do(self, op: str, *arguments: Any, **named: Any) -> Observation:
        """Perform an operation on both; value or error have to be the same, and the contents.

        Raises `Mismatch`, or `OperationFailed` where only the persistent collection raises.
        """
        seen = self.world.attempt(op, *arguments, **named)
        declared = operation_named(op)
        made = {**declared.defaults, **seen.operation}
        del made["op"]
        try:
            value = declared.effect(self._standard, **made)
        except Exception as error:
            raises(seen, type(error).__name__)
        else:
            if seen.error is not None:
                raise OperationFailed(seen.operation, seen.error, seen.message)
            equal(seen.value, value, "the value")
        self.same_contents()
        return seen

    def same_contents(self) -> None:
        """Every collection that is loaded has to hold what its standard container holds."""
        for name, standard in self._standard.objects.items():
            now = self.world.object(name)
            if now.state != GHOST:
                found = dict(now.dict)
                if "_container" in found:
                    found["data"] = found.pop("_container")
                equal(found, vars(standard), f"the instance dict of {name}")
