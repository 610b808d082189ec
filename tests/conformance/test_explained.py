"""Sources are spelt out, settings told in words, and only what differs is shown."""

from __future__ import annotations

import re

import pytest

from conformance.clauses import registry
from conformance.clauses.registry import CLAUSES
from conformance.explain.areas import areas
from conformance.explain.evidence import by_thing, settings
from conformance.explain.sources import in_words, rests_on, sources
from conformance.judging.causes.differing import differing

registry.load()
#: What nobody can read who has not read the notation.
_SHORT = re.compile(r"\bD\d|\bI:|\bCH \d|Gloss\.|^(?!ZODB)[A-Z]{1,4}\b(?![-\w .])")


@pytest.mark.parametrize("clause", CLAUSES.values(), ids=lambda clause: clause.id)
def test_every_source_is_spelt_out(clause: registry.Clause) -> None:
    for source in sources(clause.source):
        assert not _SHORT.search(source.words), source
        assert source.words
        assert source.link == "" or source.link.startswith("https://")


@pytest.mark.parametrize(
    ("notation", "words", "link"),
    [
        (
            "D1.5 (example)",
            'documentation of persistent, 1.5 "Explicitly controlling _p_state" (example)',
            "using.html#explicitly-controlling-p-state",
        ),
        ("K", "the header comment of cPickleCache.c", "cPickleCache.c"),
        ("CH 4.4.0 (#41)", "changelog of persistent 4.4.0 (#41)", "CHANGES.rst"),
        ("Gloss. ghost", 'glossary of persistent, "ghost"', "glossary.html"),
        ("N (as META-05)", "written nowhere: inferred from its neighbours (as META-05)", ""),
        ("I:_p_jar", "persistent.interfaces, IPersistent, _p_jar", "interfaces.py"),
        (
            "TM.testUpdate",
            "test_module of the persistent modules of zodbcode 3.4.0, testUpdate",
            "",
        ),
        ("cPersistence.h", "cPersistence.h", ""),
    ],
)
def test_a_source_in_words(notation: str, words: str, link: str) -> None:
    (source,) = sources(notation)
    assert source.words == words
    assert source.link.endswith(link)
    assert bool(source.link) == bool(link)


def test_sources_end_at_semicolons_that_stand_in_no_brackets() -> None:
    words = "; ".join(each.words for each in sources('K; N (a; b); D1.3 ("c; d")'))
    told = words.split("; ")
    assert len(told) == 5
    assert [each.words[:3] for each in sources('K; N (a; b); D1.3 ("c; d")')] == [
        "the",
        "wri",
        "doc",
    ]


def test_what_rests_on_a_section_does_not_rest_on_another() -> None:
    on_it = rests_on("D2.4")
    assert on_it is not None
    assert on_it("D2.4.2; N")
    assert not on_it("D2.45")
    assert not on_it("D1.4")
    assert rests_on("nothing of the kind") is None
    nowhere = rests_on("n")
    assert nowhere is not None
    assert nowhere("N (ACT-05)")
    assert not nowhere("CN; NN")


def test_decisions_are_spelt_out() -> None:
    decided = [clause.decision for clause in CLAUSES.values() if clause.decision]
    assert decided
    assert not [text for text in decided if _SHORT.search(in_words(text))]


def test_settings_are_told_in_words() -> None:
    assert settings({}) == "a jar with a cache of 100 objects, without a limit in bytes"
    assert settings({"cache": False, "jars": 2}) == "2 jars without a cache"
    sizes = {"cache_size": 1, "cache_size_bytes": 2000}
    assert settings(sizes) == "a jar with a cache of 1 objects and 2,000 bytes"


def test_of_two_states_only_the_fields_that_differ_are_left() -> None:
    one = "ObjectState(state=-1, dict={}, oid=b'a,(', jar=<jar (x, jar>, slots={'a': \"}\"})"
    other = one.replace("dict={}", "dict={'x': [1, 2]}").replace("-1", "0")
    assert differing(one, other) == (("state", "-1", "0"), ("dict", "{}", "{'x': [1, 2]}"))
    assert differing("1", "2") == (("", "1", "2"),)
    assert differing("f(1, 2)", "f(1, 3)") == (("", "f(1, 2)", "f(1, 3)"),)
    assert differing("A(x=1)", "A(y=1)") == (("", "A(x=1)", "A(y=1)"),)


def test_what_differs_is_told_thing_by_thing() -> None:
    seen = {"a.dict": ("{}", "1"), "jar._cache.ring": ("[]", "1"), "a.state": ("0", "1")}
    told = by_thing(seen)
    assert list(told) == ["a", "jar._cache"]
    assert [field for field, _, _ in told["a"]] == ["state", "dict"]


def test_every_area_says_what_it_is_about() -> None:
    assert list(areas()) == list(dict.fromkeys(clause.area for clause in CLAUSES.values()))
    assert all(areas().values())
