"""Wrong ways to tell objects apart."""

from tests.wrong.making import wrong

wrong(
    "asks objects whether they are equal",
    breaks="RING-01",
    module="picklecache",
    old="if known is not value:",
    new="if known != value:",
)
