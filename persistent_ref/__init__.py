"""The persistent object protocol: a reference implementation in Python.

A drop-in for the package ``persistent``.  ``TimeStamp`` is the module, like
``list`` and ``mapping``: that is what programs import from here.
"""

import sys as _sys

from persistent_ref import timestamp as TimeStamp  # noqa: N812
from persistent_ref.interfaces import CHANGED, GHOST, STICKY, UPTODATE, IPersistent
from persistent_ref.persistence import Persistent
from persistent_ref.picklecache import PickleCache

__all__ = [
    "CHANGED",
    "GHOST",
    "STICKY",
    "UPTODATE",
    "IPersistent",
    "Persistent",
    "PickleCache",
    "TimeStamp",
]

__version__ = "0.1.0"

_sys.modules[f"{__name__}.TimeStamp"] = TimeStamp
