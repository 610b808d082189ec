"""Wrong weak references and dictionaries with weak keys."""

from tests.wrong.making import wrong

wrong(
    "asks the jar at every call",
    breaks="WREF-01",
    module="wref",
    old="self._v_ob = self.dm[self.oid]\n        except (KeyError, AttributeError):\n"
    "            return None\n        return self._v_ob",
    new="return self.dm[self.oid]\n        except (KeyError, AttributeError):\n"
    "            return None",
)
wrong(
    "raises when the object is gone",
    breaks="WREF-01",
    module="wref",
    old="except (KeyError, AttributeError):",
    new="except AttributeError:",
)
wrong(
    "compares weak references by identity",
    breaks="WREF-02",
    module="wref",
    old="return _alive(self) == _alive(other)",
    new="return self is other",
)
wrong(
    "hashes the weak reference itself",
    breaks="WREF-02",
    module="wref",
    old="return hash(_alive(self))",
    new="return id(self)",
)
wrong(
    "takes the dead for equal",
    breaks="WREF-02",
    module="wref",
    old="return _alive(self) == _alive(other)",
    new="return self() == other()",
)
wrong(
    "does not record the name of the database",
    breaks="WREF-03",
    module="wref",
    old="self.database_name = self.dm.db().database_name",
    new="self.dm.db()",
)
wrong(
    "records a name where there is no jar",
    breaks="WREF-03",
    module="wref",
    old="if self.dm is not None:",
    new="self.database_name = None\n        if self.dm is not None:",
)
wrong(
    "keeps dead keys",
    breaks="WREF-04",
    module="wref",
    old='for ref, value in state["data"] if ref() is not None}',
    new='for ref, value in state["data"] if ref() or setattr(ref, "_v_ob", None) is None}',
)
wrong(
    "stores a dict instead of pairs",
    breaks="WREF-04",
    module="wref",
    old='state["data"] = list(state["data"].items())',
    new='state["data"] = dict(state["data"])',
)
wrong(
    "does not mark a dictionary changed when an item is set",
    breaks="WREF-05",
    module="wref",
    old="self.data[WeakRef(key)] = value\n        self._p_changed = True",
    new="self.data[WeakRef(key)] = value",
)
wrong(
    "iterates over the references",
    breaks="WREF-04 WREF-06",
    module="wref",
    old="yield ref()",
    new="yield ref",
)
wrong(
    "has no default for get",
    breaks="WREF-06",
    module="wref",
    old="return self.data.get(WeakRef(key), default)",
    new="return self.data.get(WeakRef(key))",
)
wrong(
    "is not built from another dictionary",
    breaks="WREF-08",
    module="wref",
    old="self.update(adict)",
    new="self.update(dict(adict))",
)
