"""Wrong implementations: the interfaces of persistent modules."""

from tests.wrong.making import wrong

wrong(
    "makes a new interface of each definition",
    breaks="PI-01",
    module="modules/executing/building",
    old="        if interface is None:\n",
    new="        if True:\n",
)
wrong(
    "loses what depends on an interface",
    breaks="PI-02 PI-03",
    module="modules/interfaces",
    old="            interface.subscribe(dependent)\n",
    new="            pass\n",
)
wrong(
    "keeps the bases of an interface",
    breaks="PI-02 PI-03 PI-04 PI-05",
    module="modules/interfaces",
    old="    InterfaceClass.__init__(interface, interface.__name__, bases, dict(attributes))\n",
    new="    bases = interface.__bases__\n"
    "    InterfaceClass.__init__(interface, interface.__name__, bases, dict(attributes))\n",
)
