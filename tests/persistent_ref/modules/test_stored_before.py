"""A database that version 0.1.0 of the package has written is read and changed.

``stored_before.fs`` holds the modules ``pk.m``, which has data of its own, and ``user``, and at
``root["v"]`` what they define: instances, a class, a function, an interface, a member of an
enumeration by the name of its class, a bound method, an instance of a class that was deleted.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from persistent_ref.modules import ClassFactory, examine_modules

ZODB = pytest.importorskip("ZODB", reason="needs the package ZODB")
FileStorage = pytest.importorskip("ZODB.FileStorage").FileStorage


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    database = ZODB.DB(FileStorage(str(path)), class_factory=ClassFactory())
    with database.transaction() as connection:
        yield connection.root()
    database.close()


def test_what_was_stored_before_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "data.fs"
    shutil.copy(Path(__file__).parent / "stored_before.fs", path)
    for number, data in ((1, 43), (2, 1), (3, 1)):
        with opened(path) as root:
            registry, values = root["modules"], root["v"]
            m = registry.module("pk.m")
            assert [values[key].f() for key in "ips"] == [(number, 3), ("<p", 4), ("<u", 5)]
            assert (values["g"](), values["b"](), values["gone"].f()) == (number, ("<p", 4), 1)
            kept = ("c", "C", "g", "I", "k", "mod")
            now = (m.Colour.RED, m.Colour, m.g, m.IThing, m.Plain, m)
            assert all(values[key] is value for key, value in zip(kept, now, strict=True))
            assert m.x == data
            assert [each.name for each in examine_modules(registry)] == ["pk.m.Gone"]
            source = registry.source("pk.m")
            registry.update("pk.m", source.replace(f"return {number}", f"return {number + 1}"))
            root["v"] = dict(values)
