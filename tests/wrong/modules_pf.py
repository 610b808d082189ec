"""Wrong implementations: the functions of persistent modules."""

from tests.wrong.making import wrong

wrong(
    "makes no persistent functions",
    breaks="PF-01",
    module="modules/executing/execution",
    old="        if not _is_function(value):\n",
    new="        if True:\n",
)
wrong(
    "calls functions through a method of its own",
    breaks="PF-08",
    module="modules/families",
    old="        made.__call__ = made._p_call\n",
    new="        made.__call__ = lambda self, *args, **named: self._p_loaded()(*args, **named)\n",
)
wrong(
    "closes over a class where super() is only",
    breaks="PF-09",
    module="modules/sources/compiling",
    old="            node.body.append(_mention_class(node.body[-1]))\n",
    new="            pass\n",
)
