"""Wrong implementations: the classes of persistent modules."""

from tests.wrong.making import wrong

wrong(
    "makes ghosts of classes",
    breaks="PC-01",
    module="modules/classes",
    old="    _p_state = _ClassAttribute(lambda head: _CHANGED if head.changed else _UPTODATE)\n",
    new="    _p_state = _ClassAttribute(lambda head: _CHANGED if head.changed else -1)\n",
)
