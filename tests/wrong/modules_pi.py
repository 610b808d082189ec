"""Wrong implementations: the interfaces of persistent modules."""

from tests.wrong.making import wrong

wrong(
    "makes a new interface of each definition",
    breaks="PI-01",
    module="modules/building",
    old="        if interface is None:\n",
    new="        if True:\n",
)
