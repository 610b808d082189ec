"""A search masks what a baseline knows, where its trace still shows exactly that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.judging.baseline import file as baselines
from conformance.judging.baseline.entries import Baseline, Pinned
from conformance.judging.baseline.masks import masks_of
from conformance.judging.digests import of_replayed
from fixtures.targets import load
from stateful.engines.engine import Sides
from stateful.engines.walker import walk
from stateful.processes.isolation import Launch
from stateful.replay.replaying import Replayer
from tests.conftest import Run

TARGET = "tests.hostile:prints_in_the_middle"
FINE = "tests.hostile:fine"


@pytest.fixture(scope="module")
def entry() -> Pinned:
    """Something that the target gets wrong."""
    (found, *_) = walk(load("ref"), load(TARGET), 0, 400).divergences
    with Replayer(Launch(TARGET)) as replayer:
        digest = of_replayed(replayer.replay_divergence(found))
    return Pinned(found, digest, "we know")


def test_what_still_shows_the_same_is_masked(entry: Pinned) -> None:
    masks = masks_of(Baseline(TARGET, divergences=(entry,)), Sides(Launch(TARGET)))
    assert (masks.signatures, masks.changed, masks.gone) == ([entry.signature], [], [])


def test_what_shows_something_else_is_news(entry: Pinned) -> None:
    other = replace(entry, digest="0" * 12)
    masks = masks_of(Baseline(TARGET, divergences=(other,)), Sides(Launch(TARGET)))
    assert [each.divergence.signature for each in masks.changed] == [entry.signature]
    assert entry.signature in masks.signatures
    assert masks.gone == []


def test_what_shows_nothing_any_more_masks_nothing(entry: Pinned) -> None:
    masks = masks_of(Baseline(FINE, divergences=(entry,)), Sides(Launch(FINE)))
    assert (masks.signatures, masks.changed, masks.gone) == ([], [], [entry])


def test_what_does_not_repeat_is_masked_unseen(entry: Pinned) -> None:
    once = replace(entry, repeats=False)
    masks = masks_of(Baseline(FINE, divergences=(once,)), Sides(Launch(FINE)))
    assert (masks.signatures, masks.gone) == ([entry.signature], [])


def test_entries_of_other_interpreters_mask_nothing(entry: Pinned) -> None:
    elsewhere = replace(entry, marker="python_version < '3'")
    masks = masks_of(Baseline(TARGET, divergences=(elsewhere,)), Sides(Launch(TARGET)))
    assert (masks.signatures, masks.changed, masks.gone) == ([], [], [])


@pytest.mark.parametrize("command", [("fuzz",), ("explore", "--depth", 1)])
def test_a_command_tells_what_changed_and_what_is_gone(
    run: Run,
    counted: Callable[[int], None],
    entry: Pinned,
    tmp_path: Path,
    command: tuple[object, ...],
) -> None:
    counted(0)
    path, found = tmp_path / "known.toml", tmp_path / "found"
    scope = () if command[0] == "fuzz" else ("--scope", "timestamps")
    options = (*command[1:], *scope, "--baseline", path, "--output", found)
    baselines.write(path, Baseline(TARGET, divergences=(replace(entry, digest="0" * 12),)))
    changed = run(command[0], TARGET, *options)
    assert changed.exit_code == 1, changed.output
    assert str(entry.signature) in changed.output
    assert list(found.glob("*.json"))
    baselines.write(path, Baseline(FINE, divergences=(entry,)))
    gone = run(command[0], FINE, *options[:-1], tmp_path / "none")
    assert gone.exit_code == 0, gone.output
    assert "1 entries show nothing, and mask nothing" in gone.output
    both = run(command[0], FINE, *options, "--accepted", FINE)
    assert both.exit_code == 2
    assert "both say what is known" in " ".join(both.output.replace("│", " ").split())
