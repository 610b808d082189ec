"""report.json: everything that a run found out, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.clauses.registry import Clause
from conformance.files import BadFile, read_json
from conformance.judging.causes import cause_of, shipped
from conformance.judging.causes.explained import Caused, by_cause, explained
from conformance.judging.digests import of_check
from conformance.judging.events import CheckFinished, Subject
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, INCONCLUSIVE
from conformance.judging.judgement import Judgement
from conformance.judging.search import CHECKS, Search
from conformance.judging.verdicts import ClauseResult, Results
from conformance.reports.declared import Judged, report
from conformance.reports.divergences import as_data, coverage_data
from stateful.lockstep.divergence import Divergence
from stateful.replay.informed import Informs
from stateful.traces.trace import BadTrace

_WAY_OUT = "Write it again with `persistent-conformance check --report-json FILE`"


def data(results: Results, judgement: Judgement) -> dict[str, Any]:
    """The report as data, valid by the schema ``report``."""
    counts = results.counts()
    found = results.search.findings if results.search is not None else ()
    return {
        "schema": 1,
        "suite": {"version": __version__},
        "implementation": {
            **asdict(results.subject),
            "parts": list(results.subject.parts),
            "capabilities": list(results.subject.capabilities),
        },
        "summary": {
            "verdicts": dict(sorted(counts.items())),
            "checks": sum(len(result.checks) for result in results.clauses),
            "executed": results.executed,
            "seconds": round(results.seconds, 3),
            "exit_code": judgement.exit_code,
            "unexpected": [*judgement.unexpected, *judgement.divergences.unexpected],
            "stale": [*judgement.stale, *judgement.divergences.stale],
            **({} if results.accepted is None else _beside(results)),
            **({} if judgement.unspoken is None else {"unspoken": judgement.unspoken}),
            **_search(results.search),
            **({} if results.workers.is_empty else {"fleet": results.workers.to_json()}),
        },
        "clauses": [
            {
                "id": result.clause.id,
                "level": result.clause.level,
                "area": result.clause.area,
                "sentence": result.clause.sentence,
                "source": result.clause.source,
                "verdict": result.verdict,
                "message": result.message,
                **({} if result.cause is None else {"cause": result.cause.name}),
                "checks": [_check(check) for check in result.checks],
            }
            for result in results.clauses
        ],
        "divergences": [as_data(each) for each in found],
        "causes": [_caused(each) for each in by_cause(results.clauses, found)],
        **_informs(results),
    }


def _caused(caused: Caused) -> dict[str, Any]:
    """A cause, and what comes of it."""
    cause = caused.cause
    return {
        "name": cause.name,
        "reason": cause.sentence,
        **({} if cause.clause is None else {"clause": cause.clause}),
        "derived": cause.is_derived,
        "clauses": [each.clause.id for each in caused.clauses],
        "divergences": [each.id for each in caused.findings],
    }


def _informs(results: Results) -> dict[str, Any]:
    """What decides nothing, if anybody looked."""
    if results.informs is None:
        return {}
    return {"informs": [each.to_json() for each in results.informs]}


def _beside(results: Results) -> dict[str, Any]:
    """What the target was judged beside, and what is mended since."""
    assert results.accepted is not None
    subject = results.accepted.subject
    return {
        "accepted": {
            "target": subject.target,
            "name": subject.name,
            "version": subject.version,
            "python": subject.python,
            "interpreter": subject.interpreter,
        },
        "mended": list(results.mended),
    }


def _search(searched: Search | None) -> dict[str, Any]:
    if searched is None:
        return {}
    return {
        "engines": list(searched.engines),
        "corpus": {"replayed": searched.replayed, "unjudged": searched.unjudged},
        "coverage": coverage_data(searched.coverage, searched.source),
        "processes_lost": searched.lost,
        "losses_unexplained": len(searched.unexplained),
    }


@report("--report-json", "Write everything that was found as JSON.")
def dumps(judged: Judged) -> str:
    """The report as text."""
    found = data(judged.results, judged.judgement)
    return json.dumps(found, indent=1, ensure_ascii=True) + "\n"


def read(path: Path) -> dict[str, Any]:
    """The report in ``path``. Raises `BadFile` if it is missing, truncated or of another shape."""
    data: dict[str, Any] = read_json(path, "report", _WAY_OUT)
    return data


def results(path: Path) -> Results:
    """What the report in ``path`` says, as far as it is told there. Raises `BadFile`."""
    data = read(path)
    told = data["implementation"]
    subject = Subject(
        **{**told, "parts": tuple(told["parts"]), "capabilities": tuple(told["capabilities"])}
    )
    clauses = tuple(
        ClauseResult(
            Clause(each["id"], each["level"], each["sentence"], each["source"]),
            each["verdict"],
            tuple(_finished(each["id"], check) for check in each["checks"]),
        )
        for each in data["clauses"]
    )
    try:
        divergences = [Divergence.from_json(each) for each in data["divergences"]]
    except BadTrace as error:
        raise BadFile(path, str(error), _WAY_OUT) from None
    findings = tuple(
        Finding(
            found,
            subject.target,
            digest=each.get("digest", ""),
            cause=cause_of(found, shipped(subject.name)),
        )
        for found, each in zip(divergences, data["divergences"], strict=True)
    )
    engines = tuple(data["summary"].get("engines", ()))
    searched = Search(engines, findings) if set(engines) - {CHECKS} else None
    informs = data.get("informs")
    told = None if informs is None else tuple(map(Informs.from_json, informs))
    return explained(Results(subject, clauses, data["summary"]["seconds"], searched, informs=told))


def _finished(clause: str, told: dict[str, Any]) -> CheckFinished:
    more = {key: told[key] for key in ("what", "expected", "got", "error", "trace") if key in told}
    words = tuple(told.get("words", ()))
    return CheckFinished(f"{clause}:{told['name']}", clause, told["verdict"], words=words, **more)


def _check(check: CheckFinished) -> dict[str, Any]:
    shown: dict[str, Any] = {"name": check.check.partition(":")[2], "verdict": check.verdict}
    if check.what:
        shown["what"] = check.what
    if check.verdict in (FAIL, INCONCLUSIVE):
        shown["digest"] = of_check(check)
        if check.verdict == FAIL:
            shown["expected"] = check.expected
            shown["got"] = check.got
            if check.error:
                shown["error"] = check.error
        if check.trace is not None:
            shown["trace"] = check.trace
            shown["words"] = list(check.words)
    return shown
