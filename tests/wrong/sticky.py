"""Wrong about sticky objects."""

from tests.wrong.making import wrong

wrong(
    "stays sticky for ever",
    breaks="STICKY-01",
    module="persistence",
    old="elif not value and head.state == STICKY:",
    new="elif not value and head.state == GHOST:",
)
wrong(
    "makes changed objects sticky",
    breaks="STICKY-02",
    module="persistence",
    old="if value and head.state == UPTODATE and",
    new="if value and",
)
wrong(
    "saves changed objects that are unmarked as sticky",
    breaks="STICKY-02",
    module="persistence",
    old="elif not value and head.state == STICKY:",
    new="elif not value:",
)
wrong(
    "refuses to invalidate sticky objects",
    breaks="STICKY-03",
    module="persistence",
    old="if head.state != GHOST:\n            head.state = UPTODATE\n            try",
    new="if head.state == STICKY:\n            raise ValueError('sticky')\n"
    "        if head.state != GHOST:\n            head.state = UPTODATE\n            try",
)
wrong(
    "keeps silent when a ghost is made sticky",
    breaks="STICKY-04",
    module="persistence",
    old="""raise ValueError("can't set sticky flag on a ghost")""",
    new="return",
)
wrong(
    "leaves objects sticky that were loaded",
    breaks="STICKY-05",
    module="persistence",
    old="head.state = UPTODATE\n    # The jar",
    new="head.state = STICKY\n    # The jar",
)
wrong(
    "stays sticky when _p_changed is set to False",
    breaks="STICKY-06",
    module="persistence",
    old="if head.state != GHOST:\n                head.state = UPTODATE",
    new="if head.state not in (GHOST, STICKY):\n                head.state = UPTODATE",
)
wrong(
    "ends stickiness at the first read",
    breaks="STICKY-07",
    module="persistence",
    old="_use(self)\n        return _get(self, name)",
    new="head = _use(self)\n            if head.state == STICKY:\n"
    "                head.state = UPTODATE\n        return _get(self, name)",
)
