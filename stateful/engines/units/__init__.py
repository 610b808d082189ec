"""The engines, and what each does in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping

from stateful.engines.engine import Engine
from stateful.engines.units.explorer import EXPLORER
from stateful.engines.units.machines import PLAYER
from stateful.engines.units.walker import WALKER

#: Every engine, by its name.
ENGINES: Mapping[str, Engine] = {engine.name: engine for engine in (EXPLORER, WALKER, PLAYER)}

__all__ = ["ENGINES"]
