"""The points of a history: releases of a distribution, or commits of a checkout."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from conformance.history.pythons import Python
from conformance.judging.selection import UnknownName

_RANGE = ".."
_LISTED = re.compile(r"^Available versions: (?P<all>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Point:
    """One release or commit: what rows call it, and what is installed for it.

    ``name`` is that of a folder too. ``wanted`` is a requirement, a file or a folder as pip takes
    it; None for a commit, whose ``commit`` is then built. ``pythons`` are those that it may be
    installed in, the one to try first in front; they are all at hand if it does not say.
    """

    label: str
    name: str
    wanted: str | None
    commit: str | None = None
    pythons: tuple[Python, ...] = ()


#: Version -> the interpreters for which the package index offers it.
Offered = dict[Version, tuple[Python, ...]]
Listing = Callable[[str, Sequence[Python]], Offered]


def offered(distribution: str, pythons: Sequence[Python]) -> Offered:
    """The versions of ``distribution`` on the package index, as pip of each interpreter sees it."""
    found: Offered = {}
    for python in pythons:
        command = [python.path, "-m", "pip", "index", "versions", distribution]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        listed = _LISTED.search(done.stdout)
        for text in listed["all"].split(", ") if listed else ():
            try:
                version = Version(text)
            except InvalidVersion:
                continue
            found[version] = (*found.get(version, ()), python)
    return found


def releases(
    distribution: str, text: str, pythons: Sequence[Python], listing: Listing = offered
) -> tuple[Point, ...]:
    """The releases that ``text`` names, with commas between, in its order.

    That is a version; two with ``..`` between for all from one to the other, of which one may be
    left out; or the path of a wheel, an archive or a folder. Raises `UnknownName`.
    """
    given = [each.strip() for each in text.split(",") if each.strip()]
    if not given:
        raise UnknownName("RELEASES: there are none; give versions, such as 4.5.0..4.6.4 or 4.6.0")
    paths = [each for each in given if Path(each).exists()]
    known = listing(distribution, pythons) if len(paths) < len(given) else {}
    found: list[Point] = []
    for each in given:
        if each in paths:
            path = Path(each).resolve()
            found.append(Point(each, path.name, str(path), pythons=tuple(pythons)))
        else:
            found += [_release(distribution, version, known) for version in _named(each, known)]
    # A release that is named twice is asked once.
    return tuple(dict.fromkeys(found))


def _release(distribution: str, version: Version, known: Offered) -> Point:
    wanted = f"{distribution}=={version}"
    return Point(str(version), f"{distribution}-{version}", wanted, pythons=known[version])


def _named(text: str, known: Offered) -> list[Version]:
    first, dots, last = text.partition(_RANGE)
    lowest, highest = (_version(each) if each else None for each in (first, last))
    if not dots:
        if lowest is None or lowest not in known:
            listed = ", ".join(map(str, sorted(known))) or "none"
            raise UnknownName(f"RELEASES: there is no release {text!r} for a Python here: {listed}")
        return [lowest]
    found = [
        version
        for version in sorted(known)
        if not version.is_prerelease
        if (lowest is None or lowest <= version) and (highest is None or version <= highest)
    ]
    if not found:
        raise UnknownName(f"RELEASES: there is no release in {text!r} for a Python here")
    return found


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        raise UnknownName(
            f"RELEASES: {text!r} is neither a version nor a file; give 4.6.0, 4.5.0..4.6.4 or a "
            "path"
        ) from None


def commits(repository: Path, text: str, pythons: Sequence[Python]) -> tuple[Point, ...]:
    """The commits ``GOOD..BAD`` of a checkout, both of them too, the oldest first.

    Of merges, the first parent is followed. Raises `UnknownName`.
    """
    good, dots, bad = text.partition(_RANGE)
    if not dots:
        raise UnknownName(f"--git: {text!r} is no range of commits; give GOOD..BAD")
    first = git(repository, "rev-parse", "--verify", f"{good}^{{commit}}").strip()
    span = f"{first}..{bad or 'HEAD'}"
    told = git(repository, "log", "--reverse", "--first-parent", "--format=%H %s", span)
    told = git(repository, "log", "-1", "--format=%H %s", first) + told
    found = []
    for line in told.splitlines():
        commit, _, subject = line.partition(" ")
        label = f"{commit[:10]} {subject}"[:60]
        name = f"{repository.resolve().name}-{commit[:12]}"
        found.append(Point(label, name, None, commit, tuple(pythons)))
    return tuple(found)


def git(repository: Path, *arguments: str) -> str:
    """What git prints for a checkout. Raises `UnknownName` with its message if it fails."""
    command = ["git", "-C", str(repository), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        problem = done.stderr.strip().splitlines()[-1:] or ["git failed"]
        raise UnknownName(f"--git: {repository}: {problem[0]}")
    return done.stdout


__all__ = ["Listing", "Offered", "Point", "commits", "git", "offered", "releases"]
