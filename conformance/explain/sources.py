"""Where a clause is written, spelt out for people, with links.

Clauses name their sources in a short notation, such as ``D1.5; I:_p_changed; CH 4.4.0 (#41)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_DOCS = "https://persistent.readthedocs.io/en/latest"
_CODE = "https://github.com/zopefoundation/persistent"
_FILES = f"{_CODE}/blob/master/src/persistent"
_MODULES = "persistent modules of zodbcode 3.4.0"

#: The sections of the documentation of persistent: their titles, and the pages that hold them.
_SECTIONS = {
    "1": ("Using persistent in your application", "using.html"),
    "1.1": ("Inheriting from persistent.Persistent", "using.html"),
    "1.2": ("Relationship to a Data Manager and its Cache", "using.html"),
    "1.3": ("Persistent objects without a Data Manager", "using.html"),
    "1.4": ("Associating an Object with a Data Manager", "using.html"),
    "1.5": ("Explicitly controlling _p_state", "using.html"),
    "1.6": ("The pickling protocol", "using.html"),
    "1.7": ("Estimated Object Size", "using.html"),
    "1.8": ("Overriding the attribute protocol", "using.html"),
    "1.9": ("Implementing _p_repr", "using.html"),
    "2.1": ("persistent.interfaces", "api/interfaces.html"),
    "2.2": ("Implementations", "api/interfaces.html"),
    "2.3": ("Persistent Collections", "api/collections.html"),
    "2.4": ("Customizing Attribute Access", "api/attributes.html"),
    "2.4.1": ("Hooking __getattr__", "api/attributes.html"),
    "2.4.2": ("Hooking All Access", "api/attributes.html"),
    "2.5": ("Pickling Persistent Objects", "api/pickling.html"),
    "2.6": ("Caching Persistent Objects", "api/cache.html"),
}
#: Other sources, by their abbreviations: what they are, and where.
_OTHERS = {
    "H": ("comments in cPersistence.h", f"{_FILES}/cPersistence.h"),
    "K": ("the header comment of cPickleCache.c", f"{_FILES}/cPickleCache.c"),
    "G": (
        'the ZODB guide, "Writing persistent objects"',
        "https://zodb.org/en/latest/guide/writing-persistent-objects.html",
    ),
    "N": ("written nowhere: inferred from its neighbours", ""),
    "SEED": ("the paper on persistent modules", ""),
    "TM": (f"test_module of the {_MODULES}", ""),
    "TC": (f"test_class of the {_MODULES}", ""),
    "TP": (f"test_patch of the {_MODULES}", ""),
    "IF": (f"interfaces of the {_MODULES}", ""),
    "MOD": (f"module of the {_MODULES}", ""),
    "FUN": (f"function of the {_MODULES}", ""),
    "CLS": (f"class_ of the {_MODULES}", ""),
    "PAT": (f"patch of the {_MODULES}", ""),
    "PCR": ("persistentclass.rst of ZODB", ""),
}
#: What is no word in a sentence.
_ABBREVIATIONS = (
    r"\bD(?P<section>\d(?:\.\d+)*)\b"
    r"|\bI:(?P<interface>[\w./]+(?:->\w+)?)"
    r"|\bCH (?P<release>\d[\d.]*\d)"
    r"|\bGloss\.\s*(?P<term>[a-z][a-z ]*)?"
)
_IN_TEXT = re.compile(_ABBREVIATIONS)
_NAMES = "|".join(sorted((*_OTHERS, "I"), key=len, reverse=True))
_ABBREVIATED = re.compile(
    _ABBREVIATIONS
    + r"|(?P<issue>(?:(?<![\w#/])|\b(?P<project>ZODB|BTrees|persistent))#(?P<number>\d+))"
    r"|(?P<alone>^C$)"
    rf"|(?:(?<=^)|(?<=; )|(?<=against )|(?<=and ))(?P<other>{_NAMES})(?![\w#])(?:[:.](?=\w))?"
)


@dataclass(frozen=True)
class Source:
    """One of the texts that a clause rests on, in words; ``link`` is empty if it has none."""

    words: str
    link: str = ""

    def __str__(self) -> str:
        return f"{self.words} <{self.link}>" if self.link else self.words


def sources(notation: str) -> tuple[Source, ...]:
    """The texts that a clause rests on, from the short notation."""
    return tuple(_source(part) for part in _parts(notation))


def in_words(text: str) -> str:
    """A sentence in which abbreviations of sources are spelt out, such as a decision."""
    return _IN_TEXT.sub(lambda match: _told(match)[0], text)


def rests_on(name: str) -> Callable[[str], bool] | None:
    """Whether a notation names the source ``name``, as a function; None if ``name`` is none.

    ``name`` is what stands in the notation, in any case: ``D1.5``, ``CH 4.4.0``, ``CH``, ``K``,
    ``I:IRing``. A section stands for those in it.
    """
    name = name.strip().rstrip(".")
    upper = name.upper()
    if re.fullmatch(r"D\d(\.\d+)*", upper):
        pattern = rf"\b{re.escape(upper)}(?![\d])"
    elif upper == "CH" or re.fullmatch(r"CH \d[\d.]*", upper):
        pattern = rf"\b{re.escape(upper)}(?!\d)"
    elif upper == "GLOSS" or upper.startswith("GLOSS. "):
        pattern = rf"\bGloss\. ?{re.escape(name[7:])}"
    elif upper == "I" or upper.startswith("I:"):
        pattern = rf"\bI\b{re.escape(name[1:])}"
    elif re.fullmatch(r"#\d+", name):
        pattern = rf"{name}(?!\d)"
    elif upper in _OTHERS:
        pattern = rf"(?:^|; |against |and ){upper}(?![\w#])"
    else:
        return None
    found = re.compile(pattern, re.IGNORECASE if upper[0] in "GI" and len(upper) > 2 else 0)
    return lambda notation: found.search(notation) is not None


def _parts(notation: str) -> list[str]:
    """The parts between semicolons, but for those in brackets and quotes."""
    parts, depth, quoted = [""], 0, False
    for letter in notation:
        quoted ^= letter == '"'
        depth += (letter == "(") - (letter == ")")
        if letter == ";" and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _source(part: str) -> Source:
    found = next(_ABBREVIATED.finditer(part), None)
    words = _ABBREVIATED.sub(lambda match: _told(match)[0], part)
    return Source(words, "" if found is None else _told(found)[1])


def _told(found: re.Match[str]) -> tuple[str, str]:
    """What an abbreviation stands for, and where that is."""
    named = found.groupdict()
    if named["section"]:
        number = named["section"]
        title, page = _SECTIONS.get(number, ("", "index.html"))
        anchor = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        quoted = f' "{title}"' if title else ""
        return f"documentation of persistent, {number}{quoted}", f"{_DOCS}/{page}#{anchor}"
    if named["interface"]:
        what = named["interface"].replace("/", ", ")
        whose = "" if what.startswith(("I", "OID")) else "IPersistent, "
        return f"persistent.interfaces, {whose}{what}", f"{_FILES}/interfaces.py"
    if named["release"]:
        return f"changelog of persistent {named['release']}", f"{_CODE}/blob/master/CHANGES.rst"
    if named.get("issue"):
        code = _CODE.replace("/persistent", f"/{named['project'] or 'persistent'}")
        return named["issue"], f"{code}/issues/{named['number']}"
    if named.get("alone"):
        return "the C implementation", _FILES
    if named.get("other") == "I":
        return "persistent.interfaces, IPersistent", f"{_FILES}/interfaces.py"
    if named.get("other"):
        words, link = _OTHERS[named["other"]]
        more = ", " if found[0] != named["other"] else ""
        return words + more, link
    term = (named["term"] or "").strip()
    quoted = f', "{term}"' if term else ""
    return f"glossary of persistent{quoted}", f"{_DOCS}/glossary.html"


__all__ = ["Source", "in_words", "rests_on", "sources"]
