"""Wrong implementations: repr."""

from tests.wrong.making import wrong

wrong(
    "shows the class without its module",
    breaks="REPR-01",
    module="persistence",
    old="<{home}.{cls.__name__} object",
    new="<{cls.__name__} object",
)
wrong(
    "does not show the jar",
    breaks="REPR-01 REPR-02",
    module="persistence",
    old="{oid}{jar}{failure}>",
    new="{oid}{failure}>",
)
wrong(
    "shows an odd number of digits",
    breaks="REPR-01",
    module="persistence",
    old="if len(digits) < 8 and len(digits) % 2:",
    new="if False:",
)
wrong(
    "shows whole bytes of long oids, too",
    breaks="REPR-01",
    module="persistence",
    old="if len(digits) < 8 and len(digits) % 2:",
    new="if len(digits) % 2:",
)
wrong(
    "shows bytes of every length as digits",
    breaks="REPR-01",
    module="persistence",
    old="if not issubclass(type(oid), bytes) or bytes.__len__(oid) != 8:",
    new="if not issubclass(type(oid), bytes):",
)
wrong(
    "looks _p_repr up on the object",
    breaks="REPR-02",
    module="persistence",
    old='custom = getattr(cls, "_p_repr", None)',
    new='custom = getattr(self, "_p_repr", None)',
)
wrong(
    "loads a ghost for its repr",
    breaks="REPR-01 REPR-02",
    module="persistence",
    old='custom = getattr(cls, "_p_repr", None)',
    new='_use(self); custom = getattr(cls, "_p_repr", None)',
)
wrong(
    "hides the exception of a failing _p_repr",
    breaks="REPR-02",
    module="persistence",
    old='failure = f" _p_repr {_safe_repr(error)}"',
    new='failure = ""',
)
wrong(
    "lets an exception of the jar's repr escape",
    breaks="REPR-03",
    module="persistence",
    old="{_safe_repr(head.jar)}",
    new="{head.jar!r}",
)
wrong(
    "swallows an interrupt in _p_repr",
    breaks="REPR-04",
    module="persistence",
    old="                return text\n            except Exception as error:",
    new="                return text\n            except BaseException as error:",
)
wrong(
    "names the base class by the module that defines it",
    breaks="REPR-05",
    module="persistence",
    old='home = cls.__module__.partition(".")[0] if cls is Persistent else cls.__module__',
    new="home = cls.__module__",
)
