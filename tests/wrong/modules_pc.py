"""Wrong implementations: the classes of persistent modules."""

from tests.wrong.making import wrong

wrong(
    "makes ghosts of classes",
    breaks="PC-01",
    module="modules/classes",
    old="    _p_state = _ClassAttribute(lambda head: _CHANGED if head.changed else _UPTODATE)\n",
    new="    _p_state = _ClassAttribute(lambda head: _CHANGED if head.changed else -1)\n",
)
wrong(
    "does not reload a class that is invalidated",
    breaks="PC-02 PM-29",
    module="modules/classes",
    old="            cache[head.oid] = cls\n        head.jar.setstate(cls)\n",
    new="            cache[head.oid] = cls\n",
)
wrong(
    "keeps attributes that are gone from a class",
    breaks="PC-03",
    module="modules/executing/redefine",
    old="if name not in kept and name not in namespace]:",
    new="if False]:",
)
wrong(
    "adds no special methods",
    breaks="PC-04 PC-05 PC-06 PC-20",
    module="modules/executing/redefine",
    old="        if name not in _CELLS and ",
    new="        if name not in ('__len__', '__getitem__') and name not in _CELLS and ",
)
wrong(
    "stores the subclasses of a class",
    breaks="PC-07",
    module="modules/classes",
    old='    return {"revision": head_of_class(cls).table.revision}\n',
    new='    return {"revision": head_of_class(cls).table.revision, "subclasses": [\n'
    "        each.__name__ for each in type.__subclasses__(cls)]}\n",
)
wrong(
    "lets the errors of a reload escape",
    breaks="PC-18",
    module="modules/definitions/identities",
    old="            yield\n        except (Exception, SystemExit) as error:\n",
    new="            yield\n        except KeyError as error:\n",
)
wrong(
    "stores a class without its identity",
    breaks="PM-45 PM-51",
    module="modules/classes",
    old="    return (head.table.record, head.qualname, head.token)\n",
    new='    return (head.table.record, head.qualname, "")\n',
)
wrong(
    "makes new members of an enumeration",
    breaks="PC-21",
    module="modules/executing/defining",
    old="            replaced, undo = keep_members(cls, self._members)\n",
    new="            replaced, undo = [], list\n",
)
wrong(
    "does not follow in what a decorator makes",
    breaks="PC-21",
    module="modules/classes",
    old="        if self.table.execution is not None:\n",
    new="        if False:\n",
)
wrong(
    "makes new classes with a metaclass that makes its own kind only",
    breaks="PC-21",
    module="modules/executing/defining",
    old="        if known is not None and _can_take_over(known, cls):\n",
    new="        if False:\n",
)
wrong(
    "changes what is in a class that it replaces",
    breaks="PC-22",
    module="modules/executing/defining",
    old="    if identities.may_replace:\n        raise",
    new="    if False:\n        raise",
)
