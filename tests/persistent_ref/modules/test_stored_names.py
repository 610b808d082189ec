"""Databases name classes and functions of `persistent_ref.modules`: these names do not change.

``stored.json`` is a database as it was written once: the record of each oid. What is written now
has the same names, so that programs with older versions read it too.
"""

from __future__ import annotations

import base64
import io
import json
import pickletools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from persistent_ref.modules.memory import ModuleDatabase

STORED = Path(__file__).with_name("stored.json")

KEPT = ("module", "interface", "abstract", "class", "plain", "function", "instance")


def records() -> Mapping[bytes, bytes]:
    found = json.loads(STORED.read_text(encoding="utf-8"))
    return {bytes.fromhex(oid): base64.b64decode(data) for oid, data in found.items()}


def names_in(datas: Iterable[bytes]) -> set[str]:
    """The classes and functions that pickles refer to by their names."""
    found = set()
    for data in datas:
        file = io.BytesIO(data)
        while file.tell() < len(data):
            found |= {
                argument
                for opcode, argument, _ in pickletools.genops(file)
                if opcode.name in ("GLOBAL", "STACK_GLOBAL")
            }
    return found


def as_it_was() -> Any:
    database = ModuleDatabase()
    database._storage.store(dict(records()))
    return database


def test_what_was_stored_once_is_loaded() -> None:
    connection = as_it_was().open()
    root = connection.root
    module = connection.registry.module("shop")
    assert root["module"] is module
    assert root["interface"] is module.IPriced
    assert root["abstract"] is module.Goods
    assert root["class"] is module.Apple
    assert root["plain"] is module.Plain
    assert root["function"] is module.gross
    assert root["instance"].price() == 2
    assert root["function"](1) == 2


def test_what_was_stored_once_follows_an_update() -> None:
    database = as_it_was()
    one, two = database.open(), database.open()
    held = two.root["class"], two.root["function"]
    source = one.registry.source("shop")
    one.registry.update("shop", source.replace("return 2", "return 3").replace("+ 1", "+ 2"))
    one.commit()
    two.begin()
    assert (two.root["class"], two.root["function"]) == held
    assert two.root["instance"].price() == 3
    assert two.root["function"](1) == 3


def test_what_is_stored_now_has_the_names_of_then() -> None:
    then = as_it_was().open()
    database = ModuleDatabase()
    now = database.open()
    now.registry.new("shop", then.registry.source("shop"))
    module = now.registry.module("shop")
    values = (module, *map(vars(module).get, ("IPriced", "Goods", "Apple", "Plain", "gross")))
    for name, value in zip(KEPT, (*values, module.Apple()), strict=True):
        now.root[name] = value
    now.commit()
    assert names_in(map(database.stored, set(database.written()))) == names_in(records().values())
