"""What a process does decides whether it hangs, and nothing else: with a clock made by hand."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from stateful.processes.patience import SPINS, STOPPED, WAITS, Patience, Watch
from stateful.processes.table import Use

LIMIT = 10.0
#: Seconds of the clock between two looks.
TICK = 0.25


def _judged(life: Iterable[tuple[float, float, str]], tick: float = TICK) -> str | None:
    """What a watch says of a process that lives like this.

    In each tick it uses so much of it as CPU, is able to run and does not for so much of it, and is
    then in these states.
    """
    now = cpu = waited = 0.0
    seen = Use(0.0, 0.0, frozenset("S"))
    watch = Watch(1, LIMIT, used=lambda pid: seen, clock=lambda: now)
    assert watch.look() is None
    for used, delayed, states in life:
        now += tick
        cpu += used * tick
        waited += delayed * tick
        seen = Use(cpu, waited, frozenset(states))
        how = watch.look()
        if how is not None:
            return how
    return None


def _hours(*each: tuple[float, float, str]) -> list[tuple[float, float, str]]:
    return list(each) * round(3600 / TICK)


@pytest.mark.parametrize(
    ("life", "how"),
    [
        (_hours((1.0, 0.0, "R")), SPINS),
        (_hours((0.0, 0.0, "S")), WAITS),
        (_hours((0.0, 0.0, "D")), WAITS),
        (_hours((0.0, 0.0, "T")), STOPPED),
        # It looks every now and then whether it can go on.
        (_hours((0.01, 0.0, "S")), WAITS),
        (_hours((0.1, 0.1, "S"), (0.0, 0.0, "S")), WAITS),
        # Two threads, or a process and its child, of which one spins.
        (_hours((1.0, 0.0, "RS")), SPINS),
        (_hours((2.0, 0.0, "R")), SPINS),
        # It gets a thousandth of what it needs, and spins.
        (_hours((0.01, 0.99, "R")), SPINS),
    ],
)
def test_what_spins_or_waits_hangs(life: list[tuple[float, float, str]], how: str) -> None:
    assert _judged(life) == how


@pytest.mark.parametrize(
    "life",
    [
        # It gets next to nothing.
        _hours((0.0, 0.0, "R")),
        _hours((0.002, 0.998, "R")),
        # It sleeps shortly whenever it has run, and then it is the turn of others.
        _hours((0.001, 0.998, "S")),
        # It waits for its child, which gets next to nothing.
        _hours((0.0, 0.0, "SR")),
        # A debugger holds it.
        _hours((0.0, 0.0, "t")),
        # Much, and not enough.
        _hours((1.0, 0.0, "R"))[: round(LIMIT / TICK) - 1],
        _hours((0.0, 0.0, "S"))[: round(2 * LIMIT / TICK) - 1],
    ],
)
def test_what_is_starved_does_not_hang(life: list[tuple[float, float, str]]) -> None:
    assert _judged(life) is None


def test_of_a_time_in_which_it_did_not_look_itself_nothing_is_held_against_anyone() -> None:
    asleep = [(0.0, 0.0, "S")] * 10
    assert _judged(asleep, tick=3600.0) is None
    assert _judged(asleep * 10, tick=3600.0) == WAITS


def test_with_each_word_all_begins_anew() -> None:
    now = cpu = 0.0
    watch = Watch(1, LIMIT, used=lambda pid: Use(cpu, 0.0, frozenset("R")), clock=lambda: now)
    for _ in range(100):
        for _ in range(30):
            now, cpu = now + TICK, cpu + TICK
            assert watch.look() is None
        watch.heard()


def test_cpu_of_children_that_nobody_asked_for_is_not_given_back() -> None:
    cpu = 0.0
    watch = Watch(1, LIMIT, used=lambda pid: Use(cpu, 0.0, frozenset("R")), clock=lambda: 0.0)
    looks = 0
    while watch.look() is None:
        cpu = 0.0 if cpu else 1.0
        looks += 1
    assert looks <= 2 * LIMIT + 1


def test_patience_falls_with_hangs_only_and_never_to_nothing() -> None:
    patience = Patience(LIMIT)
    for how in ("was killed by SIGABRT", "", WAITS):
        patience.heed(how)
        assert patience.seconds == LIMIT
    borne = [patience.seconds]
    for _ in range(40):
        patience.heed(SPINS)
        borne.append(patience.seconds)
    assert borne == sorted(borne, reverse=True)
    assert borne[-1] == LIMIT / 10
    assert sum(borne) < 8 * LIMIT
