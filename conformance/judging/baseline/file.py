"""The file of a baseline: written whole, and read with a message for whatever is wrong with it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from conformance.clauses.registry import CLAUSES
from conformance.files import BadFile, load_toml, require_valid, write_whole
from conformance.judging.baseline.entries import Baseline, Entry, FailingCheck, Pinned
from conformance.judging.baseline.markers import Interpreter, checked
from conformance.judging.causes import Cause
from stateful.lockstep.divergence import Divergence, Signature
from stateful.traces.trace import BadTrace, Trace

SCHEMA = 2
WAY_OUT = "Write a new one with `persistent-conformance baseline TARGET -o FILE`"
_FORMER = (
    "is of an earlier release, which named failures and patterns, and not what was seen: nothing "
    "can be known by it"
)
_WRITE_ANEW = (
    "Write it anew with `persistent-conformance baseline TARGET -o {path}`, which keeps its reasons"
)
_MEND = "Mend the entry, or remove it and write it anew with `baseline`"


def read(path: Path, target: str | None = None) -> Baseline:
    """The baseline in ``path``, which has to be one of ``target`` if that is given.

    Raises `BadFile` if it is missing, damaged, of another shape or of another target.
    """
    data = load_toml(path, WAY_OUT)
    if data.get("schema") == 1:
        raise BadFile(path, _FORMER, _WRITE_ANEW.format(path=path))
    require_valid(path, data, "baseline", WAY_OUT)
    require_target(path, data, target)
    causes = [
        _told(path, f"cause {raw['name']!r}", Cause.from_json, raw) for raw in _of(data, "cause")
    ]
    entries = [_told(path, raw["id"], _entry, raw) for raw in _of(data, "clause")]
    divergences: dict[tuple[str, str, str | None], Pinned] = {}
    for raw in _of(data, "divergence"):
        entry = _told(path, f"divergence {raw['signature']!r}", pinned, raw)
        key = (*entry.key, entry.marker)
        if key in divergences:
            raise BadFile(path, f"{key[0]!r} is listed twice", "Keep one of the entries")
        divergences[key] = entry
    for text in data["interpreters"]:
        _told(path, "interpreters", Interpreter.parse, text)
    return Baseline(
        data["target"],
        data.get("version", ""),
        tuple(data["interpreters"]),
        tuple(entries),
        tuple(divergences.values()),
        tuple(causes),
    )


def require_target(path: Path, data: Mapping[str, Any], target: str | None) -> None:
    """Raise `BadFile` if the baseline in ``path`` is not one of ``target``, where that is given."""
    if target is not None and data["target"] != target:
        raise BadFile(path, f"is of the target {data['target']!r}, not of {target!r}", WAY_OUT)


def _of(data: Mapping[str, Any], key: str) -> list[Any]:
    return list(data.get(key, ()))


def _told(path: Path, name: str, make: Any, raw: Any) -> Any:
    """What ``make`` makes of ``raw``. Raises `BadFile`, which names the entry."""
    try:
        if isinstance(raw, dict):
            dated(raw)
        return make(raw)
    except (BadTrace, ValueError) as error:
        raise BadFile(path, f"{name}: {error}", _MEND) from None


def dated(raw: Mapping[str, Any]) -> None:
    """Raises ValueError if an entry expires on no date."""
    if type(raw.get("expires", datetime.date.min)) is not datetime.date:
        raise ValueError("expires is no date, such as 2030-01-31")


def _entry(raw: Mapping[str, Any]) -> Entry:
    given = {key: value for key, value in raw.items() if key != "level"}
    checked(given.get("marker"))
    return Entry(**{**given, "checks": tuple(FailingCheck(**each) for each in raw["checks"])})


def pinned(raw: Mapping[str, Any]) -> Pinned:
    """The divergence that `_divergence` wrote. Raises `BadTrace` and ValueError."""
    trace = Trace.loads(raw["trace"])
    if not trace.operations:
        raise ValueError("its trace is empty")
    found = Divergence(
        Signature.parse(raw["signature"]),
        trace,
        len(trace.operations) - 1,
        raw.get("expected", ""),
        raw.get("actual", ""),
        tuple(map(Signature.parse, raw.get("despite", ()))),
    )
    checked(raw.get("marker"))
    named = ("reason", "cause", "clause", "issue", "expires", "marker")
    return Pinned(
        found,
        raw.get("digest", ""),
        repeats=raw.get("repeats", True),
        **{name: raw[name] for name in named if name in raw},
    )


def write(path: Path, baseline: Baseline) -> None:
    """Write ``baseline`` to ``path``, whole or not at all. Raises `BadFile`."""
    write_whole(path, dumps(baseline))


def dumps(baseline: Baseline) -> str:
    """The file as text."""
    document = tomlkit.document()
    document.add(tomlkit.comment("What is known to fail, and why. `check --baseline` holds to it"))
    document.add(tomlkit.comment("in both directions; `baseline` brings it up to date."))
    document["schema"] = SCHEMA
    document["target"] = baseline.target
    document["version"] = baseline.version
    document["interpreters"] = list(baseline.interpreters)
    for key, tables in (
        ("clause", [_clause(entry) for entry in baseline.entries]),
        ("cause", [_cause(cause) for cause in baseline.causes]),
        ("divergence", [_divergence(entry) for entry in baseline.divergences]),
    ):
        array = tomlkit.aot()
        for table in tables:
            array.append(table)
        if tables:
            document[key] = array
    return tomlkit.dumps(document)


def _clause(entry: Entry) -> Any:
    table = tomlkit.table()
    table["id"] = entry.id
    table["level"] = CLAUSES[entry.id].level
    table["verdict"] = entry.verdict
    _add(table, marker=entry.marker, reason=entry.reason, issue=entry.issue, expires=entry.expires)
    checks = tomlkit.array()
    for check in entry.checks:
        inline = tomlkit.inline_table()
        inline.update({"name": check.name, "got": check.got, "digest": check.digest})
        checks.append(inline)
    table["checks"] = checks.multiline(True)
    return table


def _cause(cause: Cause) -> Any:
    table = tomlkit.table()
    _add(table, name=cause.name, clause=cause.clause, reason=cause.reason, issue=cause.issue)
    patterns = tomlkit.array()
    for pattern in cause.patterns:
        inline = tomlkit.inline_table()
        for name, given in vars(pattern).items():
            if given:
                plain = given.isprintable() and "'" not in given
                inline[name] = tomlkit.string(given, literal=plain)
        patterns.append(inline)
    table["patterns"] = patterns.multiline(True)
    return table


def _divergence(entry: Pinned) -> Any:
    found = entry.divergence
    table = tomlkit.table()
    table["signature"] = str(found.signature)
    _add(
        table,
        marker=entry.marker,
        cause=entry.cause,
        reason=entry.reason,
        clause=entry.clause,
        issue=entry.issue,
        expires=entry.expires,
    )
    table["expected"] = found.expected
    table["actual"] = found.actual
    table["digest"] = entry.digest
    if not entry.repeats:
        table["repeats"] = False
    if found.despite:
        despite = tomlkit.array()
        despite.extend(map(str, found.despite))
        table["despite"] = despite.multiline(True)
    text = Trace(found.trace.world, found.trace.operations[: found.step + 1]).dumps()
    if "'''" in text:
        table["trace"] = tomlkit.string(text, multiline=True)
    else:
        table["trace"] = tomlkit.value(f"'''\n{text}'''")
    return table


def _add(table: Any, **given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            table[name] = value


__all__ = ["SCHEMA", "WAY_OUT", "dated", "dumps", "pinned", "read", "write"]
