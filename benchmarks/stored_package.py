"""A plugin of pytest: what the tests import is found in the database ``STORED_PACKAGE``.

``pytest -p benchmarks.stored_package``; the variable is the path of a FileStorage.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import transaction
import ZODB
from ZODB.FileStorage import FileStorage

from persistent_ref.modules import ClassFactory, ModuleFinder

_storage = FileStorage(os.environ["STORED_PACKAGE"], read_only=True)
_connection: Any = ZODB.DB(_storage, class_factory=ClassFactory()).open(
    transaction.TransactionManager()
)
_registry = _connection.root()["modules"]
ModuleFinder(_registry).install()
# What tools have installed of the same name must not come first.
sys.meta_path.insert(0, sys.meta_path.pop())
for _name in [name for name in sys.modules if name in _registry]:
    del sys.modules[_name]
