"""What all pages have in common: they load nothing, and no text from a target becomes markup."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from conformance.pages import render

HOSTILE = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> & \u2028 \ud800 '\""


class Parsed(HTMLParser):
    """The tags with their attributes, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip() and self.tags:
            self.texts.append((*self.tags[-1], data))


@pytest.fixture(scope="module")
def page() -> Parsed:
    return Parsed(render("base.html", title=HOSTILE, data={"text": HOSTILE}))


def test_text_stays_text(page: Parsed) -> None:
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "data"}, {}]
    assert not [tag for tag, _ in page.tags if tag == "img"]
    (data,) = [text for tag, attributes, text in page.texts if attributes.get("id") == "data"]
    shown = HOSTILE.replace("\u2028", "\\u2028").replace("\ud800", "\\ud800")
    assert json.loads(data) == {"text": shown}


def test_the_policy_allows_what_we_ship_and_nothing_else(page: Parsed) -> None:
    policy = next(
        attributes["content"] or "" for _, attributes in page.tags if "http-equiv" in attributes
    )
    assert policy.startswith("default-src 'none'; ")
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    shipped = {
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for tag, attributes, text in page.texts
        if tag in ("script", "style") and not attributes
    }
    assert allowed == shipped
    assert len(shipped) == 2
    assert "unsafe" not in policy


def test_a_page_loads_nothing(page: Parsed) -> None:
    for tag, attributes in page.tags:
        assert "src" not in attributes, tag
        assert attributes.get("href", "#").startswith("#"), tag  # type: ignore[union-attr]
