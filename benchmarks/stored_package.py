"""A plugin of pytest: what the tests import is found in the database ``STORED_PACKAGE``.

``pytest -p benchmarks.stored_package``; the variable is the path of a FileStorage.
"""

from __future__ import annotations

import os
from typing import Any

import transaction
import ZODB
from ZODB.FileStorage import FileStorage

from persistent_ref.modules import ClassFactory, ModuleFinder

_storage = FileStorage(os.environ["STORED_PACKAGE"], read_only=True)
_connection: Any = ZODB.DB(_storage, class_factory=ClassFactory()).open(
    transaction.TransactionManager()
)
ModuleFinder(_connection.root()["modules"]).install()
