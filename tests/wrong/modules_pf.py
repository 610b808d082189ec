"""Wrong implementations: the functions of persistent modules."""

from tests.wrong.making import wrong

wrong(
    "makes no persistent functions",
    breaks="PF-01",
    module="modules/executing/execution",
    old="        if not _is_function(value):\n",
    new="        if True:\n",
)
