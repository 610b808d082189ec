"""The teaching page: transitions, clauses and other implementations as one HTML file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from conformance import __version__
from conformance.clauses import registry
from conformance.explain.sources import in_words, sources
from conformance.pages import render
from conformance.pages.teach.citing import Citations
from conformance.pages.teach.compared import Compared, Other
from conformance.pages.teach.deciding import SCENE
from conformance.pages.teach.glossary import GLOSSARY
from conformance.pages.teach.lessons import Lesson
from conformance.pages.teach.saying import code, plainly
from conformance.pages.teach.story import STORY, Chapter, Goal
from conformance.pages.teach.transitions import Transitions, transitions
from fixtures.implementation import Implementation
from fixtures.operations import OPERATIONS, words
from fixtures.values import to_json
from fixtures.world import DEFAULTS, trace_json
from stateful.traces.step import Step

TITLE = "The persistent object protocol, step by step"
#: In this order, since each uses what stands before it.
_ASSETS = (
    "steps.css",
    "teach/teach.css",
    "steps.js",
    "teach/lesson.js",
    "teach/words.js",
    "teach/glossary.js",
    "teach/views.js",
    "teach/diagram.js",
    "teach/opened.js",
    "teach/story.js",
    "teach/quiz.js",
    "teach/teach.js",
)
_Item = TypeVar("_Item", bound=Hashable)


def teaching_page(
    reference: Implementation,
    lessons: Sequence[Lesson],
    others: Sequence[Other] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> str:
    """The page with ``lessons``, and how ``others`` differ there. ``tell`` hears how far it is."""
    return render(
        "teach/teach.html",
        title=TITLE,
        data=teaching_data(reference, lessons, others, tell),
        assets=_ASSETS,
    )


def teaching_data(
    reference: Implementation,
    lessons: Sequence[Lesson],
    others: Sequence[Other] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """What the page is made from, as JSON."""
    found = []
    for lesson in lessons:
        found.append(transitions(reference, lesson, marked=bool(others)))
        tell(f"{lesson.name}: {len(found[-1].states)} states, {len(found[-1].edges)} steps")
    citations = Citations(reference, {step.label for each in found for step in each.steps})
    shown = [_lesson(each, citations) for each in found]
    cited = {cites[0] for each in shown for together in each["cites"] for cites in together}
    return {
        "suite": __version__,
        "reference": reference.name,
        "edition": _edition(shown),
        "defaults": DEFAULTS,
        "operations": {
            name: {
                "words": operation.words,
                "defaults": {key: to_json(value) for key, value in operation.defaults.items()},
            }
            for name, operation in OPERATIONS.items()
        },
        "clauses": _clauses(cited),
        "glossary": dict(GLOSSARY),
        "lessons": shown,
        "story": list(_story(found)),
        "others": [_other(other, found, tell) for other in others],
    }


class _Pool(Generic[_Item]):
    """Items, each once: what stands in the page as a number."""

    def __init__(self) -> None:
        self._numbers: dict[_Item, int] = {}

    def __call__(self, item: _Item) -> int:
        return self._numbers.setdefault(item, len(self._numbers))

    def __iter__(self) -> Iterator[_Item]:
        return iter(self._numbers)


def _lesson(found: Transitions, citations: Citations) -> dict[str, Any]:
    lesson = found.lesson
    outcomes: _Pool[tuple[str, tuple[str, ...]]] = _Pool()
    cites: _Pool[tuple[Any, ...]] = _Pool()
    texts: _Pool[str] = _Pool()
    edges: list[list[int]] = [[] for _ in found.states]
    for edge in found.edges:
        step = found.steps[edge.step]
        cited = citations.of(step, edge.before, found.decides(edge))
        edges[edge.source] += (
            edge.step,
            outcomes((edge.does, edge.calls)),
            edge.target,
            cites(tuple((each.clause, each.demands, each.here) for each in cited)),
        )
    states = [
        [
            [number for pair in part.items() for number in map(texts, pair)]
            for part in (state.seen, state.kept, state.objects)
        ]
        for state in found.states
    ]
    return {
        "name": lesson.name,
        "words": lesson.scope.words,
        "world": dict(lesson.scope.config),
        "objects": list(lesson.scope.objects),
        "start": [_step(step) for step in found.start],
        "steps": [{**_step(step), "pressed": lesson.is_pressed(step)} for step in found.steps],
        "outcomes": list(outcomes),
        "cites": list(cites),
        "texts": list(texts),
        "nodes": states,
        "edges": edges,
        "beyond": [found.beyond.get(state, 0) for state in range(len(found.states))],
    }


def _step(step: Step) -> dict[str, Any]:
    (made,) = trace_json({}, [step.made])["operations"]
    return {
        "made": made,
        "words": words(dict(step.made)),
        "plain": plainly(step),
        "code": code(step),
        "group": step.operation.group,
        "scene": step.operation.name in SCENE,
    }


def _story(found: Sequence[Transitions]) -> Iterator[dict[str, Any]]:
    """The chapters that play in the lessons that there are."""
    numbers = {
        each.lesson.name: {_key(step): at for at, step in enumerate(each.steps)} for each in found
    }
    for chapter in STORY:
        if chapter.world in numbers:
            yield _chapter(chapter, numbers[chapter.world])


def _key(step: Step) -> Hashable:
    return step.operation.name, repr(step.arguments)


def _chapter(chapter: Chapter, numbers: Mapping[Hashable, int]) -> dict[str, Any]:
    def number(made: Mapping[str, Any]) -> int:
        return numbers[_key(Step.of(made))]

    def goal(each: Goal) -> dict[str, Any]:
        return {
            "words": each.words,
            "step": number(each.made),
            "before": dict(each.before),
            "after": dict(each.after),
            "calls": list(each.calls),
        }

    return {
        "title": chapter.title,
        "world": chapter.world,
        "scene": [number(made) for made in chapter.scene],
        "told": list(chapter.told),
        "goals": [goal(each) for each in chapter.goals],
        "offered": [number(made) for made in chapter.offered],
        "hint": chapter.hint,
        "learned": chapter.learned,
    }


def _clauses(ids: Collection[str]) -> dict[str, Any]:
    return {
        clause.id: {
            "level": clause.level,
            "sentence": clause.sentence,
            "sources": [[each.words, each.link] for each in sources(clause.source)],
            "decision": clause.decision and in_words(clause.decision),
        }
        for clause in registry.CLAUSES.values()
        if clause.id in ids
    }


def _edition(shown: Sequence[Any]) -> str:
    """Tells pages apart whose steps have different numbers: part of the links that they give."""
    steps = [[each["name"], [step["made"] for step in each["steps"]]] for each in shown]
    return hashlib.sha256(json.dumps(steps).encode()).hexdigest()[:6]


def _other(
    other: Other, found: Sequence[Transitions], tell: Callable[[str], None]
) -> dict[str, Any]:
    lessons = {}
    for each in found:
        compared = other.compare(each)
        tell(f"{each.lesson.name}: {other.target} differs at {len(compared.differing)} steps")
        lessons[each.lesson.name] = _compared(compared)
    return {
        "target": other.target,
        **{key: other.about[key] for key in ("name", "version", "python", "interpreter")},
        "lessons": lessons,
    }


def _compared(compared: Compared) -> dict[str, Any]:
    whats: _Pool[tuple[Any, ...]] = _Pool()
    differing = [
        [state, step, whats((what.does, what.calls, tuple(what.seen.items())))]
        for (state, step), what in compared.differing.items()
    ]
    return {"apart": list(compared.apart), "differing": differing, "whats": list(whats)}


__all__ = ["TITLE", "teaching_data", "teaching_page"]
