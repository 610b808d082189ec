"""The four processes of the seed, as connections of one process."""

from __future__ import annotations

from typing import Any

import pytest

from tests.persistent_ref.modules.worlds import Connection, World

M1 = "class C1:\n    def __getitem__(self, i):\n        return i\n"
M1_LONGER = M1 + "    def __len__(self):\n        return 7\n"
M1_CHANGED = "class C1:\n    def __len__(self):\n        return 8\n"
M2 = "from m1 import C1\nclass C2(C1):\n    pass\n"


@pytest.fixture
def c2(one: Connection, two: Connection) -> Any:
    """An instance of C2, in the second connection."""
    one.registry.new("m1", M1)
    one.registry.new("m2", M2)
    one.commit()
    two.begin()
    return two.find("m2").C2()


def test_p1_subclasses_follow_in_the_updating_process(one: Connection, c2: Any) -> None:
    own = one.find("m2").C2()
    one.registry.update("m1", M1_LONGER)
    assert (own[3], len(own)) == (3, 7)
    one.registry.update("m1", M1_CHANGED)
    assert len(own) == 8
    with pytest.raises(TypeError):
        own[3]


def test_p2_subclasses_follow_in_other_processes(one: Connection, two: Connection, c2: Any) -> None:
    one.registry.update("m1", M1_LONGER)
    one.commit()
    with pytest.raises(TypeError):
        len(c2)
    two.begin()
    assert (c2[3], len(c2)) == (3, 7)
    one.registry.update("m1", M1_CHANGED)
    one.commit()
    two.begin()
    assert len(c2) == 8
    with pytest.raises(TypeError):
        c2[3]


def test_p3_a_subclass_that_is_loaded_later_is_right(world: World, one: Connection) -> None:
    one.registry.new("m1", M1)
    one.registry.new("m2", M2)
    one.commit()
    third = world.open()
    third.begin()
    assert not hasattr(third.find("m1").C1, "__len__")
    one.registry.update("m1", M1_LONGER)
    one.commit()
    third.begin()
    assert len(third.find("m2").C2()) == 7


def test_p4_a_class_follows_whose_module_nobody_has_asked_for(
    one: Connection, two: Connection, c2: Any
) -> None:
    one.registry.update("m1", M1_LONGER)
    one.commit()
    two.begin()
    assert (c2[3], len(c2)) == (3, 7)


def test_writers_take_turns(one: Connection, two: Connection, c2: Any) -> None:
    for number in range(6):
        writer, reader = (one, two) if number % 2 else (two, one)
        source = f"class C1:\n    def __len__(self):\n        return {number}\n"
        writer.registry.update("m1", source)
        writer.commit()
        reader.begin()
        assert [len(each.find("m2").C2()) for each in (one, two)] == [number, number]
    assert len(c2) == 5
