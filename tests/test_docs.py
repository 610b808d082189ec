"""The documentation: no dead links, and one folder that a workflow publishes."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from docs import readme, wrong

TOP = Path(__file__).parents[1]
PAGES = sorted([TOP / "README.md", *(TOP / "docs").glob("*.md")])
#: What `nox -s docs` makes beside the pages that stand here.
MADE = frozenset({"teach.html", "compared.html"})
_LINK = re.compile(r"(?<!\\)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)|href=\"([^\"]+)\"")
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


@functools.cache
def _text(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def _links(page: Path) -> Iterator[str]:
    for found in _LINK.finditer(re.sub(r"`[^`\n]*`", "", _text(page))):
        yield found[1] or found[2]


@functools.cache
def _anchors(page: Path) -> frozenset[str]:
    """What can be linked to in a page: its ids, and its headings as Sphinx writes them."""
    text = _text(page)
    headings = re.findall(r"^#{1,3} (.+)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)
    return frozenset((*re.findall(r'id="([^"]+)"', text), *plain))


@functools.cache
def _scripts() -> dict[str, str]:
    """The scripts that are written beside the pages, by their links."""
    return {
        f"wrong/{target}/{name}.py": text
        for target in ("persistent-c", "persistent-py")
        for name, text in wrong.scripts(target).items()
    }


def _is_dead(page: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return False
    name, _, anchor = link.partition("#")
    if name in MADE or name in _scripts():
        return False
    # What is linked to by its address in the folder that is published stands here as Markdown.
    target = (page.parent / re.sub(r"\.html$", ".md", name)) if name else page
    if not target.exists():
        return True
    return bool(anchor) and target.suffix == ".md" and anchor not in _anchors(target)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_is_dead(page: Path) -> None:
    assert [link for link in _links(page) if _is_dead(page, link)] == []


@pytest.mark.parametrize("target", ["persistent-c", "persistent-py"])
def test_the_script_of_a_cause_shows_it(target: str, tmp_path: Path) -> None:
    path = tmp_path / "negative.py"
    path.write_text(_scripts()[f"wrong/{target}/negative-sizes.py"], encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "IT DIFFERS" in done.stdout


def test_the_links_are_found() -> None:
    assert sum(len(list(_links(page))) for page in PAGES) > 100
    index = TOP / "docs" / "index.md"
    assert set(_links(index)) >= MADE
    for dead in ("nowhere.md", "learn.md#nowhere", "nowhere.html", "#nowhere"):
        assert _is_dead(index, dead)


def test_the_folder_that_is_published_is_the_one_that_is_built() -> None:
    workflow = yaml.safe_load((TOP / ".github" / "workflows" / "docs.yml").read_text("utf-8"))
    steps = workflow["jobs"]["build"]["steps"]
    (path,) = (step["with"]["path"] for step in steps if "upload-pages" in step.get("uses", ""))
    assert "nox -s docs" in [step.get("run") for step in steps]
    sessions = (TOP / "noxfile.py").read_text(encoding="utf-8")
    assert f'"docs", "{path}"' in sessions
    for page in MADE:
        assert f"docs/_pages/{page}" in sessions


def test_the_figures_of_the_readme_are_of_one_release_of_the_suite() -> None:
    text = readme.README.read_text(encoding="utf-8")
    counts = re.findall(r"- (\d+) pass, (\d+) fail, (\d+) unsupported; \d+\s+divergences", text)
    assert len(counts) == len(readme.commands()) == 2
    assert len(set(counts)) == 1
