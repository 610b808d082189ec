"""The corpus says what the reference does, is replayed whole, and is refused when damaged."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from conformance.clauses import registry
from conformance.files import schema_named
from fixtures.targets import load
from fixtures.world import trace_json
from stateful.lockstep.divergence import Signature
from stateful.processes.isolation import Launch
from stateful.replay import corpus as corpora
from stateful.replay.corpus import CorpusResult, corpus, replay_corpus, replay_each
from stateful.replay.replaying import DIVERGES, FIXED, Replayer
from stateful.replay.saved import loads, recorded
from stateful.traces.trace import BadTrace, Trace

_NAME = "failed-load-leaves-a-ghost"


def _text(name: str = _NAME) -> str:
    return (corpora.FOLDER / f"{name}.json").read_text(encoding="utf-8")


def test_the_corpus_says_what_the_reference_does() -> None:
    reference = load("ref")
    for saved in corpus():
        now = recorded(saved.name, saved.trace, reference, saved.about, saved.clauses)
        assert now == saved, (
            f"{saved.name}: run `python -m stateful.replay.corpus` if this is right"
        )


def test_recordings_survive_their_file() -> None:
    for saved in corpus():
        text = _text(saved.name)
        jsonschema.validate(json.loads(text), schema_named("recording"))
        assert loads(text, saved.name).dumps() == text
        assert Trace.loads(text) == saved.trace


def test_every_trace_says_why_it_is_kept_and_names_known_clauses() -> None:
    registry.load()
    for saved in corpus():
        assert saved.about.endswith((".", ")")), saved.name
        assert saved.clauses, saved.name
        assert set(saved.clauses) <= set(registry.CLAUSES), saved.name


def test_traces_have_one_operation_a_line() -> None:
    for saved in corpus():
        lines = [line for line in _text(saved.name).splitlines() if line.startswith('  {"op": ')]
        steps = trace_json({}, saved.trace.operations)["operations"]
        assert [json.loads(line.rstrip(",")) for line in lines] == steps


def test_the_whole_corpus_is_replayed_and_counted() -> None:
    result = replay_corpus(Launch("tests.hostile:fine"))
    assert result.replayed == len(corpus()) >= 36
    assert not result.divergences
    assert not result.unjudged


def test_an_empty_result_has_replayed_nothing() -> None:
    assert CorpusResult(()).replayed == 0


def test_what_cannot_be_judged_is_not_counted() -> None:
    result = replay_corpus(Launch("tests.hostile:only_persistent"))
    assert result.unjudged
    assert result.replayed + len(result.unjudged) == len(corpus())


def test_wrong_implementations_differ_from_the_corpus() -> None:
    targets = ("wrong_load_failure", "records_no_access")
    for target in targets:
        assert replay_corpus(Launch(f"tests.traced:{target}")).divergences, target


def test_a_target_that_ends_its_process_costs_one_trace_each() -> None:
    saved = [each for each in corpus() if each.name in (_NAME, "sticky-object-resists")]
    with Replayer(Launch("tests.hostile:aborts_when_activated")) as replayer:
        results = list(replay_each(replayer, saved=saved))
    verdicts = {each.name: result.verdict for each, result in results}
    assert verdicts == {_NAME: FIXED, "sticky-object-resists": DIVERGES}
    found = results[1][1].found
    assert found is not None
    assert found.signature == Signature("activate", "Plain ghost cached", "crash")
    assert found.actual == "was killed by SIGABRT"


def test_what_is_known_and_leaves_nothing_behind_passes() -> None:
    target = "tests.traced:returns_a_count_from_sweeps"
    saved = [each for each in corpus() if each.name == "sticky-object-resists"]
    known = [Signature("minimize", "cache: sticky", "value")]
    with Replayer(Launch(target)) as replayer:
        ((_, without),) = replay_each(replayer, saved=saved)
        ((_, with_it),) = replay_each(replayer, known, saved)
    assert without.found is not None
    assert without.found.signature == known[0]
    assert with_it.verdict == FIXED


def _damage(text: str, **changed: object) -> str:
    data = json.loads(text)
    data.update(changed)
    return json.dumps(data)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (_text()[:200], "damaged or truncated"),
        ("[]", "an object is needed"),
        (_damage(_text(), expected=[]), "one object for each operation"),
        (_damage(_text(), expected=[1] * 5), r"expected\[0\]"),
        (_damage(_text(), expected=[{"does": "x", "changes": {"a": 1}}] * 5), r"expected\[0\]"),
        (_damage(_text(), about=None), "about"),
        (_damage(_text(), clauses="STATE-01"), "clauses"),
        (_damage(_text(), world={"odd": 1}), "'odd'"),
        (_damage(_text(), world={"jars": 3}), "neither 1 nor 2"),
        (_damage(_text(), operations=[], expected=[]), "nothing to replay"),
        (_damage(_text(), operations=[{"op": "nonsense"}]), "'nonsense' is no operation"),
    ],
)
def test_a_damaged_recording_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(BadTrace, match=problem):
        loads(text, "it")
    (tmp_path / "damaged.json").write_text(text)
    with pytest.raises(BadTrace, match=r"damaged\.json: "):
        corpus(tmp_path)


def test_a_folder_without_traces_and_a_trace_without_recording_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTrace, match="there are no traces"):
        corpus(tmp_path)
    data = json.loads(_text())
    del data["expected"]
    (tmp_path / "a.json").write_text(json.dumps(data))
    with pytest.raises(BadTrace, match="a recording is needed"):
        corpus(tmp_path)


def test_recordings_are_made_again(tmp_path: Path) -> None:
    path = tmp_path / f"{_NAME}.json"
    path.write_text(_text().replace("returns 1", "returns 2"))
    assert corpora.record_again(tmp_path) == 1
    assert path.read_text() == _text()
    assert corpora.record_again(tmp_path) == 0
