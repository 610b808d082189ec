"""Functions of persistent modules: stored by name, called as they are now."""

from __future__ import annotations

import asyncio
import inspect
import sys
import typing
from typing import Any

import pytest

from tests.persistent_ref.modules.worlds import Connection, World

SOURCE = '''
import asyncio, contextlib, functools

rate = NUMBER

def plain(a, b=NUMBER, *, c: int = NUMBER) -> int:
    """Number NUMBER."""
    return a + b + c + rate

def generate(n):
    for i in range(n):
        yield i * rate

async def later():
    return rate

def decorate(function):
    @functools.wraps(function)
    def wrapper(*args):
        return ("decorated", function(*args))
    return wrapper

@decorate
def dressed(x):
    return x * rate

@functools.lru_cache
def cached(x):
    return x * rate

@contextlib.contextmanager
def manager():
    yield rate

def counter():
    n = 0
    def step():
        nonlocal n
        n += rate
        return n
    return step

double = lambda x, y=NUMBER: x * 2 + y
'''


def check(module: Any, n: int) -> None:
    assert module.plain(1) == 1 + 3 * n
    assert list(module.generate(3)) == [0, n, 2 * n]
    assert asyncio.run(module.later()) == n
    assert module.dressed(2) == ("decorated", 2 * n)
    assert module.cached(2) == 2 * n
    with module.manager() as value:
        assert value == n
    step = module.counter()
    assert (step(), step()) == (n, 2 * n)
    assert module.double(1) == 2 + n
    assert module.plain.__doc__ == f"Number {n}."
    assert module.plain.__kwdefaults__ == {"c": n}
    assert str(inspect.signature(module.plain)) == f"(a, b={n}, *, c: int = {n}) -> int"
    assert typing.get_type_hints(module.plain) == {"c": int, "return": int}
    assert (module.plain.__name__, module.plain.__module__) == ("plain", "m")
    # Python 3.10 takes its own functions only.
    later = module.later.__wrapped__ if sys.version_info < (3, 11) else module.later
    assert inspect.iscoroutinefunction(later)


@pytest.fixture
def modules(one: Connection, two: Connection) -> tuple[Any, Any]:
    module = one.registry.new("m", SOURCE.replace("NUMBER", "1"))
    one.commit()
    two.begin()
    return module, two.find("m")


def test_every_kind_of_function_follows(
    one: Connection, two: Connection, modules: tuple[Any, Any]
) -> None:
    held = [(m.plain, m.generate, m.dressed, m.counter(), m.double) for m in modules]
    for number in (1, 2):
        for module in modules:
            check(module, number)
        one.registry.update("m", SOURCE.replace("NUMBER", str(number + 1)))
        one.commit()
        two.begin()
    for plain, generate, dressed, step, double in held:
        assert (plain(1), list(generate(2)), dressed(2)) == (10, [0, 3], ("decorated", 6))
        assert (step(), double(1)) == (3, 5)


def test_functions_are_stored_by_reference(
    one: Connection, two: Connection, modules: tuple[Any, Any]
) -> None:
    one.root["f"] = [modules[0].plain, modules[0].double]
    one.commit()
    two.begin()
    assert two.root["f"] == [modules[1].plain, modules[1].double]
    assert repr(two.root["f"][0]) == "<persistent function m.plain>"


def test_attributes_belong_to_the_plain_function(world: World, modules: tuple[Any, Any]) -> None:
    before = world.written()
    plain = modules[0].plain
    plain.note = "here"
    assert plain.note == "here"
    del plain.note
    assert not hasattr(plain, "note")
    world.first.commit()
    assert world.written() == before
