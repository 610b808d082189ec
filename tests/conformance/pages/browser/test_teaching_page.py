"""The teaching page in a browser: what it shows is what the reference does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.clauses import registry
from conformance.pages.teach.compared import Other
from conformance.pages.teach.glossary import GLOSSARY
from conformance.pages.teach.lessons import LESSONS, Lesson
from conformance.pages.teach.page import teaching_page
from conformance.pages.teach.saying import plainly
from conformance.pages.teach.story import STORY
from conformance.reports.recordings import dumps
from fixtures.operations import words
from fixtures.recording import record
from fixtures.targets import load
from fixtures.world import step_from_json, trace_json
from stateful.engines.scopes import SCOPES
from stateful.processes.isolation import Launch
from stateful.replay.recorder import recorded_by
from stateful.replay.saved import loads, recorded
from stateful.traces.step import Step
from stateful.traces.trace import Trace
from tests.conformance.pages.browser.conftest import Browser
from tests.traced import returns_a_count_from_sweeps

Keys = pytest.importorskip(
    "selenium.webdriver.common.keys", reason="needs the extra 'browser'"
).Keys
REFERENCE = load("ref")
WRONG = "tests.traced:returns_a_count_from_sweeps"
SLOT = SCOPES["one-slot"]
#: The link to the sandbox.
SANDBOX = "#in=one"
#: What a walk presses: both orders of invalidation, both evictions.
WALK: tuple[Mapping[str, Any], ...] = (
    {"op": "get", "object": "a", "name": "x"},
    {"op": "incrgc"},
    {"op": "get", "object": "b", "name": "x"},
    {"op": "set", "object": "a", "name": "x", "value": 0},
    {"op": "incrgc"},
    {"op": "cache_invalidate", "oids": [{"$object": "b"}, {"$object": "a"}]},
    {"op": "abort"},
    {"op": "set", "object": "b", "name": "x", "value": 0},
    {"op": "commit"},
    {"op": "deactivate", "object": "b"},
    {"op": "get", "object": "b", "name": "x"},
    {"op": "invalidate", "object": "b"},
    {"op": "minimize"},
)
HOSTILE = "<img id=pwned src=x onerror=\"document.title='pwned'\"></script><script>document.title=1"


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with fewer states than usual, and a wrong implementation."""
    lessons = [
        Lesson(replace(SCOPES["one"], depth=1), _few(LESSONS["one"].pressed, "full_sweep", "add")),
        Lesson(replace(SLOT, depth=0, leading={}), _few(LESSONS["one-slot"].pressed, *_LEFT_OUT)),
    ]
    registry.load()
    few = {id: check for id, check in registry.CHECKS.items() if id.startswith(("ACT", "TRANS"))}
    with closing(Other(REFERENCE, Launch(WRONG))) as other, pytest.MonkeyPatch.context() as patched:
        patched.setattr(registry, "CHECKS", few)
        text = teaching_page(REFERENCE, lessons, [other])
    file = tmp_path_factory.mktemp("page") / "teach.html"
    file.write_text(text, encoding="utf-8")
    return file


_LEFT_OUT = ("activate", "full_sweep", "make_sticky")


def _few(pressed: Mapping[str, Any], *left_out: str) -> Mapping[str, Any]:
    return {name: patterns for name, patterns in pressed.items() if name not in left_out}


def _shown(window: Browser) -> dict[str, str]:
    """What the page says of objects and caches, as recordings name it."""
    found: dict[str, str] = window.run(
        """
        const found = {};
        for (const object of document.querySelectorAll("#now .object")) {
          const terms = [...object.querySelectorAll("dt")].map((each) => each.textContent);
          const texts = [...object.querySelectorAll("dd > code")].map((each) => each.textContent);
          terms.forEach((term, at) => (found[`${object.dataset.object}.${term}`] = texts[at]));
        }
        for (const cache of document.querySelectorAll("#now .cache")) {
          const name = cache.dataset.cache;
          found[`${name}.ring`] = [...cache.querySelectorAll("ol.ring li")]
            .map((each) => each.textContent).join(" ");
          for (const [at, term] of [...cache.querySelectorAll("dt")].entries()) {
            const texts = cache.querySelectorAll("dd > code");
            found[`${name}.${term.textContent}`] = texts[at].textContent;
          }
        }
        return found;
        """
    )
    return found


def _expected(seen: Mapping[str, str]) -> dict[str, str]:
    """What a recording says, under the words of the page; serials go unsaid."""
    counts = {
        "length": "objects and ghosts",
        "ringlen": "in the ring",
        "non_ghost_count": "non-ghosts",
        "class_count": "classes",
        "estimated_size": "estimated size",
    }
    found = {}
    for key, text in seen.items():
        name, _, field = key.partition("._cache.")
        if field == "ring":
            found[f"{name}.ring"] = " ".join(part[-1] for part in text.strip("[]").split("'")[1::2])
        elif field:
            found[f"{name}.{counts[field]}"] = text
        elif not key.endswith(".serial"):
            found[key] = text
    return found


def _press(window: Browser, made: Mapping[str, Any]) -> None:
    """Press the button of a step."""
    wanted = words(step_from_json(dict(made)))
    number = window.run(
        "return page.lesson.steps.findIndex((each) => each.words === arguments[0])", wanted
    )
    window.press(f'#do [data-step="{number}"]')


def _walk(window: Browser, page: Path) -> list[dict[str, Any]]:
    """Press all of WALK; what the reference does in it."""
    window.open(page, "#in=one-slot")
    operations = [*trace_json({}, SLOT.start)["operations"], *WALK]
    done = record(REFERENCE, {"world": dict(SLOT.config), "operations": operations})
    steps: list[dict[str, Any]] = done["steps"][len(SLOT.start) :]
    return steps


def test_a_walk_shows_what_the_reference_does(window: Browser, page: Path) -> None:
    steps = _walk(window, page)
    rings = set()
    for made, expected in zip(WALK, steps, strict=True):
        _press(window, made)
        assert window.texts("#happened .outcome > p code")[0] == expected["does"]
        calls = [call for call in expected["calls"] if not call.startswith("setstate done")]
        assert window.texts("#happened .outcome ol.calls code") == calls
        shown = {key: text for key, text in _shown(window).items() if not key.endswith(".serial")}
        assert shown == _expected(expected["seen"])
        assert window.texts("#happened [data-clause]"), f"no clause speaks of {made}"
        rings.add(shown["jar.ring"])
    assert {"a", "b", ""} <= rings
    assert len(window.all("#steps li")) == len(WALK)
    assert window.complaints() == []


def test_the_link_holds_the_steps(window: Browser, page: Path) -> None:
    _walk(window, page)
    for made in WALK[:5]:
        _press(window, made)
    shown, link = _shown(window), window.driver.current_url
    window.driver.get("about:blank")
    window.driver.get(link)
    assert _shown(window) == shown
    assert len(window.all("#steps li")) == 5
    window.press("#back")
    assert len(window.all("#steps li")) == 4
    window.open(page, "#in=one-slot&v=other&steps=1.2.3")
    assert "another edition" in window.one("#note").text
    assert window.all("#steps li") == []


def test_a_state_on_the_map_is_a_press_away(window: Browser, page: Path) -> None:
    window.open(page, SANDBOX)
    for wanted in ("Plain sticky cached", "Plain ghost cached", "Plain changed cached"):
        place = window.one(f'#map [data-words="{wanted}"]')
        window.run("arguments[0].dispatchEvent(new Event('click'))", place)
        assert window.texts("#now .object .badge") == [wanted]
    assert window.all("#map .here")[0].get_attribute("data-words") == "Plain changed cached"


def test_what_another_implementation_does_otherwise_stands_out(window: Browser, page: Path) -> None:
    window.open(page, SANDBOX)
    window.choose("#lesson", "one-slot")
    assert window.all("#do .different") == []
    window.choose("#other", WRONG)
    assert window.texts("#do .different code") == ["jar._cache.minimize()"]
    assert window.all("#map .line.different")
    _press(window, {"op": "get", "object": "a", "name": "x"})
    assert "does the same" in window.one("#elsewhere").text
    _press(window, {"op": "minimize"})
    assert "returns 0" in window.one("#elsewhere").text
    assert "with=" in window.driver.current_url


def test_a_recorded_trace_is_stepped_through(window: Browser, page: Path, tmp_path: Path) -> None:
    steps = [
        step_from_json(dict(made)) for made in (*trace_json({}, SLOT.start)["operations"], *WALK)
    ]
    trace = Trace(dict(SLOT.config), tuple(steps))
    file = tmp_path / "recording.json"
    file.write_text(recorded("walk", trace, REFERENCE, "A walk.").dumps(), encoding="utf-8")
    window.open(page, SANDBOX)
    window.one("#file").send_keys(str(file))
    window.wait_for("#opened .stepper")
    assert window.texts("#opened .steps button") == trace.words()
    assert window.texts("#opened tbody td")[0] == "returns None"
    both = tmp_path / "both.json"
    counts = recorded_by(returns_a_count_from_sweeps(), trace)
    expected = recorded_by(REFERENCE, trace)
    both.write_text(dumps(loads(trace.dumps(), "walk"), expected, "counts 0", counts))
    window.one("#file").send_keys(str(both))
    window.wait_for("#opened .steps button.differing")
    assert window.texts("#opened .steps button.differing") == [words({"op": "minimize"})]
    assert window.texts("#opened thead th") == ["then", "reference", "counts 0"]
    assert window.texts("#opened tr.differs td") == ["returns None", "returns 0"]
    bare = tmp_path / "trace.json"
    bare.write_text(trace.dumps(), encoding="utf-8")
    window.one("#file").send_keys(str(bare))
    window.wait_for("#opened .note")
    # The page knows these steps itself, so that the reference can be shown.
    assert window.texts("#opened thead th") == ["then", "reference"]
    assert window.texts("#opened tbody td")[0] == "returns None"
    assert "--record" in window.one("#opened .note").text


def test_what_is_not_known_is_not_shown(window: Browser, page: Path, tmp_path: Path) -> None:
    """The page knows the first steps of this trace, the report the last; nobody the one between."""
    operations = [
        {"op": "ghost", "object": "a", "state": {"x": 1}},
        {"op": "set", "object": "a", "name": "x", "value": "of a kind that no button has"},
        {"op": "make_sticky", "object": "a"},
    ]
    found = {
        "target": "somebody",
        "signature": "make_sticky True | Plain changed cached | object.state",
        "step": 2,
        "expected": "1",
        "actual": "2",
        "trace": trace_json({}, [step_from_json(made) for made in operations]),
    }
    file = tmp_path / "found.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    window.open(page, SANDBOX)
    window.one("#file").send_keys(str(file))
    window.wait_for("#opened .stepper")
    assert window.texts("#opened tbody th") == ["object.state"]
    assert window.texts("#opened tr.differs td") == ["1", "2"]
    assert len(window.all("#opened .steps button.differing")) == 1
    window.run("document.querySelector('#opened .steps button').click()")
    assert "'ghost'" in window.texts("#opened tbody td")


def _report(text: str) -> dict[str, Any]:
    """A report in which every text that comes from a target is ``text``."""
    trace = trace_json({}, [{"op": "ghost", "object": "a"}, {"op": "activate", "object": "a"}])
    return {
        "implementation": {"target": text, "name": text, "version": text},
        "divergences": [
            {
                "signature": "activate | Plain ghost cached | error",
                "steps": trace.get("words", ["make a", text]),
                "step": 1,
                "expected": "returns None",
                "actual": text,
                "trace": trace,
            }
        ],
        "clauses": [
            {
                "id": "ACT-01",
                "sentence": "A sentence.",
                "checks": [
                    {
                        "name": "a_check",
                        "verdict": "fail",
                        "what": text,
                        "expected": "1",
                        "got": text,
                        "words": ["make a", text],
                        "trace": trace,
                    }
                ],
            }
        ],
    }


def test_hostile_text_in_a_report_stays_text(window: Browser, page: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(json.dumps(_report(HOSTILE)), encoding="utf-8")
    window.open(page, SANDBOX)
    window.one("#file").send_keys(str(file))
    window.wait_for("#opened .stepper")
    assert window.all("#opened .stepper"), window.texts("#note")
    for film in ("0", "1"):
        window.choose("#film", film)
        assert HOSTILE in window.one("#opened").get_attribute("textContent")
        assert window.all("#opened .steps button.differing")
        assert window.all("#pwned") == []
    assert window.driver.title != "pwned"
    file.write_text('{"clauses": [', encoding="utf-8")
    window.one("#file").send_keys(str(file))
    window.wait_for("#note:not([hidden])")
    assert "damaged or truncated" in window.one("#note").text
    assert window.complaints() == []


def test_what_a_report_holds_is_chosen_by_cause_and_in_words(
    window: Browser, page: Path, tmp_path: Path
) -> None:
    report = _report("somebody")
    (found,), (clause,) = report["divergences"], report["clauses"]
    report["divergences"] = [found, {**found, "cause": "why", "actual": "returns 7"}]
    report["clauses"] = [{**clause, "cause": "why"}]
    report["causes"] = [{"name": "why", "reason": "Nobody thought of it."}]
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report), encoding="utf-8")
    window.open(page, SANDBOX)
    window.one("#file").send_keys(str(file))
    window.wait_for("#opened .stepper")
    groups = [each.get_attribute("label") for each in window.all("#film optgroup")]
    assert groups == ["Nobody thought of it. (2)", "No cause is known (1)"]
    titles = [each.get_attribute("textContent") for each in window.all("#film option")]
    assert titles == [
        "somebody: error returns 7",
        "ACT-01: somebody: it somebody",
        "somebody: error somebody",
    ]
    told = window.one("#opened").text
    assert "Nobody thought of it." in told
    assert found["signature"] in told
    window.choose("#film", "2")
    assert "Nobody thought of it." not in window.texts("#opened p")


def test_the_story_is_told_from_the_first_step_to_the_last_by_keys_alone(
    window: Browser, page: Path
) -> None:
    window.open(page)
    _tab_to(window, "Lesson")
    for number, chapter in enumerate(STORY, 1):
        # What a browser does with the tabulator is shown once.
        go_to = _tab_to if number == 1 else _focus
        assert window.one("#where").text == f"Step {number} of {len(STORY)}"
        assert window.one("#story-title").text == chapter.title
        assert window.texts("#happened [data-clause]") == []
        for count, goal in enumerate(chapter.goals):
            assert len(window.all("#story .goals .reached")) == count
            go_to(window, _label(goal.made))
            window.type(Keys.ENTER)
            assert _focused(window).startswith(_label(goal.made))
            assert window.all("#now .new") or not goal.calls or goal.before == goal.after
            assert window.texts("#happened [data-clause]"), "no clause says why"
        assert len(window.all("#story .goals .reached")) == len(chapter.goals)
        assert chapter.learned in window.one("#learned").text
        go_to(window, "On to the sandbox" if number == len(STORY) else "Next step")
        window.type(Keys.ENTER)
    assert window.run("return document.body.dataset.mode") == "free"
    assert window.complaints() == []


def _label(made: Mapping[str, Any]) -> str:
    return plainly(Step.of(made))


def _focused(window: Browser) -> str:
    return str(window.run("return document.activeElement.textContent"))


def _tab_to(window: Browser, text: str) -> None:
    """Press the tabulator until something that begins with ``text`` has the focus."""
    for _ in range(60):
        if _focused(window).startswith(text):
            return
        window.type(Keys.TAB)
    raise AssertionError(f"the tabulator does not lead to {text!r}")


def _focus(window: Browser, text: str) -> None:
    """Put the focus on the next that begins with ``text``, if the tabulator leads there."""
    is_there = window.run(
        """
        const selector = "a[href], button, input, select, summary, [tabindex]";
        const all = [...document.querySelectorAll(selector)].filter(
          (each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility());
        const at = Math.max(all.indexOf(document.activeElement), 0);
        const found = [...all.slice(at), ...all.slice(0, at)].find(
          (each) => each.textContent.startsWith(arguments[0]));
        found?.focus();
        return found !== undefined && found === document.activeElement;
        """,
        text,
    )
    assert is_there, f"the tabulator does not lead to {text!r}"


def test_a_hint_is_given_in_words_and_then_shown(window: Browser, page: Path) -> None:
    window.open(page, "#step=4")
    assert window.all(".operation.shown") == []
    window.press("#hint")
    assert STORY[3].hint in window.one(".hint").text
    window.press("#hint")
    assert window.texts(".operation.shown span") == [_label(STORY[3].goals[0].made)]
    window.press(".operation.shown")
    window.press("#anew")
    assert window.all(".goals .reached") == []
    assert window.run("return document.activeElement.id") == "story-title"


def test_words_of_the_field_are_explained_where_they_stand(window: Browser, page: Path) -> None:
    window.open(page)
    assert window.all("#meaning:not([hidden])") == []
    _tab_to(window, "ghost")
    assert window.one("#meaning").text == GLOSSARY["ghost"]
    window.type(Keys.ESCAPE)
    assert window.all("#meaning:not([hidden])") == []
    ghost = window.all("#story [data-term=ghost]")[0]
    window.run("arguments[0].dispatchEvent(new Event('mouseenter'))", ghost)
    assert window.one("#meaning").text == GLOSSARY["ghost"]


#: Ways to answer for those who know nothing: each takes the choice with the highest score.
SILLY = """
const words = (text) => new Set(text.toLowerCase().match(/[a-z_0-9]+/g) ?? []);
const common = (one, other) => [...words(one)].filter((word) => words(other).has(word)).length;
const told = ({ lesson, edge, kind, told }) => {
  const { plain, code } = lesson.steps[edge.step];
  const objects = Object.entries(lesson.objects(edge.source));
  return kind === "done" ? told : `${plain} ${code} ${objects.join(" ")}`;
};
const much = (text) => (text.match(/becomes|setstate|register|raises/g) ?? []).length;
const SILLY = {
  "the most words of the question": (asked, text) => common(text, told(asked)),
  "the most words of the other choices": (asked, text) =>
    asked.texts.reduce((sum, other) => sum + common(text, other), 0),
  "the longest": (asked, text) => text.length,
  "the shortest": (asked, text) => -text.length,
  "where most happens": (asked, text) => much(text),
  "where least happens": (asked, text) => -much(text),
  "the first": (asked, text) => -asked.texts.indexOf(text),
};
let seed = 12;
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}
const rules = rulesIn(LESSONS);
"""


def test_who_knows_nothing_scores_what_chance_gives(window: Browser, page: Path) -> None:
    window.open(page)
    shares = window.run(
        SILLY
        + """
        const rounds = new Rounds(rules.keys(), random);
        const right = Object.fromEntries(Object.keys(SILLY).map((name) => [name, 0]));
        for (let at = 0; at < 2000; at += 1) {
          const asked = question(rules.get(rounds.next()), random);
          if (new Set(asked.texts).size !== 4) throw new Error(asked.texts);
          for (const [name, score] of Object.entries(SILLY)) {
            const scores = asked.texts.map((text) => score(asked, text));
            const best = asked.texts.filter((_, number) => scores[number] === Math.max(...scores));
            if (best.includes(asked.answer)) right[name] += 1 / best.length;
          }
        }
        return Object.entries(right).map(([name, count]) => [name, count / 2000]);
        """
    )
    assert len(shares) == 7
    assert {name: share for name, share in shares if share > 0.3} == {}


def test_each_rule_is_asked_before_any_is_asked_again_and_what_was_wrong_comes_back(
    window: Browser, page: Path
) -> None:
    window.open(page)
    rules, first, again, then = window.run(
        SILLY
        + """
        const rounds = new Rounds(rules.keys(), random);
        const all = [...rules.keys()].map(() => rounds.next());
        rounds.miss(all[3]);
        rounds.miss(all[5]);
        const again = [rounds.next(), rounds.next()];
        rounds.miss(again[1]);
        return [[...rules.keys()], all, [all[3], all[5], ...again], [again[1], rounds.next()]];
        """
    )
    assert len(rules) > 50
    assert len(set(first[:50])) == 50
    assert sorted(first) == sorted(rules)
    assert set(again[:2]) == set(again[2:])
    assert then[0] == then[1]


def test_the_quiz_knows_the_answer_and_the_clause(window: Browser, page: Path) -> None:
    window.open(page)
    window.press("#quiz")
    # Whatever could tell what a step does is hidden, and comes after the answer.
    for part in ("#do", "#happened", "#map", "#steps", "#opened", "#note"):
        assert not window.one(part).is_displayed()
    for number in range(1, 4):
        assert len(window.all(".choices button")) == 4
        assert window.all("#question [data-clause]") == []
        window.run("document.querySelector('.choices button').click()")
        answer, kind = window.run("return [page.quiz.current.answer, page.quiz.current.kind]")
        assert window.texts(".choices .right") == [answer]
        assert window.texts("#question [data-clause] strong")[0] == window.run(
            "return page.quiz.current.rule"
        )
        verdict = window.one("#verdict").text
        assert verdict.startswith(("Right.", "No."))
        assert verdict.startswith("Right.") == (not window.all(".choices .wrong"))
        assert f" of {number} right." in verdict
        assert kind in ("next", "done")
        assert _focused(window) == "Next question"
        window.type(Keys.ENTER)
    assert window.complaints() == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_everybody_can_use_it(window: Browser, page: Path, look: str, width: int) -> None:
    window.dark(look == "dark")
    window.width(width)
    window.open(page, "#step=10")
    for goal in STORY[9].goals:
        _press(window, goal.made)
    _is_usable(window, f"teach-lesson-{look}-{width}", width)
    window.open(page, "#in=one-slot")
    window.choose("#other", WRONG)
    for made in (*WALK[:4], {"op": "minimize"}):
        _press(window, made)
    if width == 390:
        # What happened stands right below the buttons among which one was pressed.
        assert window.all(".group:has(.operation) + #happening")
    _is_usable(window, f"teach-sandbox-{look}-{width}", width)
    window.press("#quiz")
    window.run("document.querySelector('.choices button').click()")
    _is_usable(window, f"teach-quiz-{look}-{width}", width)


def _is_usable(window: Browser, name: str, width: int) -> None:
    """Nothing is wider than the window, texts of the map can be read, and axe is content."""
    assert window.run("return document.documentElement.scrollWidth <= window.innerWidth")
    heights = window.run(
        "return [...document.querySelectorAll('#map text')]"
        ".map((each) => each.getBoundingClientRect().height).filter((each) => each > 0)"
    )
    assert all(height >= 10 for height in heights)
    assert window.violations() == []
    window.keep(name)
    window.width(width)


def test_it_asks_nobody_for_anything(window: Browser, page: Path) -> None:
    window.open(page)
    assert window.run("return performance.getEntriesByType('resource').map((e) => e.name)") == []
    assert window.run("return navigator.onLine") is False
    assert window.all("#do .operation")
