"""Python code that lives in the database and changes at run time.

A registry holds modules by dotted name.  Their source is what is stored; it is
executed in every process, and again in the same namespace, classes, functions
and interfaces when it has changed.
"""

from __future__ import annotations

import copyreg
import importlib
from types import ModuleType
from typing import Any

from persistent_ref.modules.changing.moves import BadMove
from persistent_ref.modules.definitions.showing import show_in
from persistent_ref.modules.doctor import Finding, examine_modules
from persistent_ref.modules.executing.registrations import executed_again
from persistent_ref.modules.families import family_for
from persistent_ref.modules.files import (
    Adapter,
    Comparison,
    Difference,
    Plan,
    Representation,
    Step,
    compare_modules,
    export_modules,
    import_modules,
)
from persistent_ref.modules.finder import ModuleFinder
from persistent_ref.modules.live import LiveModule
from persistent_ref.modules.policy import (
    Change,
    DeletionRefused,
    DeletionWarning,
    LayoutRefused,
    ModuleReloadError,
    Policy,
)
from persistent_ref.modules.registry import Registry
from persistent_ref.modules.storing.broken import BrokenObject, why_broken
from persistent_ref.modules.storing.history import Version
from persistent_ref.modules.storing.upgrading import upgrade_instances
from persistent_ref.modules.tree import BadTree
from persistent_ref.modules.zodb import ClassFactory
from persistent_ref.persistence import Persistent

__all__ = [
    "Adapter",
    "BadMove",
    "BadTree",
    "BrokenObject",
    "Change",
    "ClassFactory",
    "Comparison",
    "DeletionRefused",
    "DeletionWarning",
    "Difference",
    "Finding",
    "LayoutRefused",
    "LiveModule",
    "ModuleFinder",
    "ModuleReloadError",
    "Plan",
    "Policy",
    "Registry",
    "Representation",
    "Step",
    "Version",
    "compare_modules",
    "create_registry",
    "examine_modules",
    "executed_again",
    "export_modules",
    "import_modules",
    "show_in",
    "upgrade_instances",
    "why_broken",
]


def create_registry(persistent: Any = Persistent) -> Registry:
    """Return an empty registry on that ``Persistent`` class.

    Raises ValueError for a class that cannot be imported by its name: other
    processes could not find it.
    """
    registry: Registry = family_for(persistent).registry()
    return registry


def _reduce_module(module: ModuleType) -> Any:
    return importlib.import_module, (module.__name__,)


# An ordinary module is pickled by name (PM-11).
copyreg.pickle(ModuleType, _reduce_module)
