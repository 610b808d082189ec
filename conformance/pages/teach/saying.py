"""Saying: a step in plain words for a button, and the code that does it."""

from __future__ import annotations

from collections.abc import Mapping

from fixtures.values import Ref
from stateful.scripts.rendering import CannotRender, Rendered
from stateful.traces.step import Step

#: By the label of a step, or by its first words; what stands in braces are its arguments.
_PLAIN: Mapping[str, str] = {
    "create": "Create {object}, a new object",
    "ghost": "Make {object}: a ghost, something is stored for it",
    "add": "Add {object} to the data manager",
    "drop": "Drop the last name for {object}",
    "fetch": "Ask the cache for {object} again",
    "activate": "Load {object}, if it is a ghost",
    "deactivate": "Ask {object} to become a ghost",
    "invalidate": "Invalidate {object}: what it holds is outdated",
    "get": "Read {name} of {object}",
    "set": "Write {value} to {name} of {object}",
    "set _p_changed True": "Mark {object} as changed",
    "set _p_changed False": "Mark {object} as not changed",
    "set _p_changed None": "Ask {object} to become a ghost, by its change mark",
    "set _p_jar jar": "Give {object} its data manager",
    "set _p_jar None": "Take the data manager from {object}",
    "set _p_oid None": "Take the oid from {object}",
    "delete": "Delete {name} of {object}",
    "delete _p_changed": "Invalidate {object}, by its change mark",
    "delete _p_jar": "Delete the data manager of {object}",
    "delete _p_oid": "Delete the oid of {object}",
    "make_sticky True": "Make {object} sticky",
    "make_sticky False": "Make {object} no longer sticky",
    "cache_set": "Put {object} into the cache",
    "cache_del": "Take {oid} out of the cache",
    "new_ghost": "Put {object} into the cache, as a new ghost",
    "mru": "Say that {oid} was just used",
    "cache_invalidate": "Invalidate through the cache: {oids}",
    "cache_invalidate odd": "Invalidate what is no oid",
    "cache_invalidate empty": "Invalidate an empty oid",
    "incrgc": "Let the cache shrink to its size",
    "full_sweep": "Let the cache sweep everything",
    "minimize": "Let the cache make ghosts of all it can",
    "commit": "Commit the transaction",
    "abort": "Abort the transaction",
    "forget_registered": "Let the data manager forget who registered",
    "plan setstate [] LoadError": "Let the next load of {object} fail",
    "plan register [] LoadError": "Let the next registration of {object} fail",
}
#: What people write, where that is not what a world does.
_WRITTEN: Mapping[str, str] = {
    "commit": "transaction.commit()",
    "abort": "transaction.abort()",
    # These are ours: no code of a program does what they do.
    "ghost": "",
    "fetch": "",
    "plan": "",
    "forget_registered": "",
}


def plainly(step: Step) -> str:
    """``step`` in plain words; empty if there are none but those of its operation."""
    given = {name: _said(value) for name, value in step.made.items()}
    known = [key for key in _PLAIN if step.label == key or f"{step.label} ".startswith(f"{key} ")]
    return _PLAIN[max(known, key=len)].format(**given) if known else ""


def code(step: Step) -> str:
    """``step`` as Python; empty if that takes more than it says."""
    if step.operation.name in _WRITTEN:
        return _WRITTEN[step.operation.name]
    try:
        rendered = Rendered(step.made, "then")
    except CannotRender:
        return ""
    lines = [*rendered.lines, *([rendered.value] if rendered.value else [])]
    return "" if rendered.functions or len(lines) != 1 else lines[0]


def _said(value: object) -> str:
    if isinstance(value, Ref):
        return "an unknown one" if value.name == "u" else value.name
    if isinstance(value, (list, tuple)):
        return ", then ".join(map(_said, value)) or "nothing"
    return str(value)


__all__ = ["code", "plainly"]
