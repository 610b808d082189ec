"""What a worker has to have, so that it finds what any other one does: the same of everything."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import fixtures
from stateful.processes.isolation import Agent, Launch

_OURS = "persistent-conformance"
_TOP = Path(fixtures.__file__).parents[1]
#: What decides what is done: our own packages, and what draws for the machines.
_PACKAGES = ("conformance", "fixtures", "persistent_ref", "stateful")
_DRAWS = "hypothesis"
_SOURCES = "fixtures.targets:sources_digest"
_DIGITS = 8


def versions(launches: Sequence[Launch]) -> dict[str, str]:
    """What there is here, as words by name. Raises `TargetError` if a target does not start."""
    return {
        _OURS: f"{metadata.version(_OURS)} ({_digest()})",
        "Python": f"{platform.python_implementation()} {_minor(platform.python_version())}",
        _DRAWS: metadata.version(_DRAWS),
        **{launch.target: _of(launch) for launch in launches},
    }


def differing(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    """What a worker has ``there`` that is not as it is ``here``, in words; empty if nothing is."""
    return "; ".join(_differing(here, there))


def _differing(here: Mapping[str, str], there: Mapping[str, str]) -> Iterator[str]:
    for name, version in here.items():
        other = there.get(name, "none")
        if other != version:
            yield f"{name} is {other} there, and {version} here"


def _of(launch: Launch) -> str:
    with Agent(launch) as agent:
        about = agent.about
        digest = agent.call(_SOURCES, Agent.STARTING)
    python = f"{about['interpreter']} {_minor(about['python'])}"
    sources = f" ({digest[:_DIGITS]})" if digest else ""
    return f"{about['name']} {about['version']}{sources} on {python}"


@functools.cache
def _digest() -> str:
    """Stands for our own sources, which change more often than their version."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((_TOP / package).rglob("*.py")):
            digest.update(str(path.relative_to(_TOP)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


__all__ = ["differing", "versions"]
