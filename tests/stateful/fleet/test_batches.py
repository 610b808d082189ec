"""What a unit tells travels in few batches, and in order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

pytest.importorskip("distributed")

from stateful.fleet.worker import Batches
from stateful.processes.supervisor import Message
from tests.stateful.fleet.simulated import Clock


def _progress(steps: int, *covered: str) -> Message:
    return "progress", {"done": {"steps": steps}, "covered": [[name, "Plain"] for name in covered]}


def _batches(clock: Clock) -> tuple[Batches, list[Sequence[Message]]]:
    sent: list[Sequence[Message]] = []
    return Batches(lambda number, messages: sent.append(messages), set(), clock.monotonic), sent


def test_progress_is_put_together_and_told_from_time_to_time() -> None:
    clock = Clock()
    batches, sent = _batches(clock)
    for _ in range(3):
        batches.add(*_progress(2))
        batches.send()
    assert not sent
    clock.now = 10.0
    batches.send()
    assert sent == [[("progress", {"done": {"steps": 6}, "covered": []})]]
    assert batches.sent == 1


def test_what_is_found_is_told_at_once() -> None:
    batches, sent = _batches(Clock())
    batches.add(*_progress(2))
    batches.add("found", {})
    batches.send()
    assert [[kind for kind, _ in each] for each in sent] == [["progress", "found"]]


def test_of_several_checkpoints_the_last_one_is_told_behind_all_that_it_stands_for() -> None:
    batches, sent = _batches(Clock())
    for part in range(3):
        batches.add("checkpoint", {"after": part, "known": []})
        batches.add(*_progress(1))
        batches.add("keep", part)
    batches.send(is_urgent=True)
    (told,) = sent
    kinds = [kind for kind, _ in told]
    assert kinds == ["progress", "keep", "progress", "keep", "checkpoint", "progress", "keep"]
    assert told[4] == ("checkpoint", {"after": 2, "known": []})


def test_a_pair_is_told_once_by_a_worker() -> None:
    batches, sent = _batches(Clock())
    batches.add(*_progress(1, "get", "set"))
    batches.add(*_progress(1, "set", "delete"))
    batches.send(is_urgent=True)
    ((_, content),) = sent[0]
    assert content["covered"] == [("get", "Plain"), ("set", "Plain"), ("delete", "Plain")]
