"""Annotations: workflow commands of GitHub Actions, a line for everything that makes a run fail."""

from __future__ import annotations

from pathlib import Path

from conformance.files import write_whole
from conformance.judgement import CONFORMANT, Judgement
from conformance.registry import CLAUSES
from conformance.verdicts import Results


def write(path: Path, results: Results, judgement: Judgement, baseline: Path | None) -> None:
    """Write the annotations, whole or not at all; nothing if there are none. Raises `BadFile`."""
    write_whole(path, dumps(results, judgement, baseline))


def dumps(results: Results, judgement: Judgement, baseline: Path | None) -> str:
    """The annotations as text; what is about the ``baseline`` is attached to that file."""
    divergences = judgement.divergences
    name = results.subject.name
    lines = []
    for id, why in {**judgement.unexpected, **divergences.unexpected}.items():
        lines.append(_error(f"{name}: {id}", _with_sentence(id, why)))
    for id, why in {**judgement.stale, **divergences.stale}.items():
        lines.append(_error(f"{name}: stale in the baseline: {id}", why, baseline))
    for id, why in {**judgement.unjudged, **divergences.unjudged}.items():
        lines.append(_error(f"{name}: could not be judged: {id}", _with_sentence(id, why)))
    if judgement.missed_floor and judgement.exit_code != CONFORMANT:
        lines.append(_error(f"{name}: could not be judged", judgement.missed_floor))
    return "".join(f"{line}\n" for line in lines)


def _with_sentence(id: str, why: str) -> str:
    return f"{CLAUSES[id].sentence}\n{why}" if id in CLAUSES else why


def _error(title: str, message: str, file: Path | None = None) -> str:
    properties = [f"title={_escaped(title, ':,')}"]
    if file is not None:
        properties.insert(0, f"file={_escaped(file.as_posix(), ':,')}")
    return f"::error {','.join(properties)}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    for letter in "%\r\n" + more:
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text
