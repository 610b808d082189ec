"""JUnit XML: one test case a check, with clause id, level and source as properties."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from conformance.judging.causes import Cause
from conformance.judging.causes.explained import by_cause
from conformance.judging.events import CheckFinished
from conformance.judging.findings import Finding
from conformance.judging.in_process import FAIL, PASS, UNSUPPORTED
from conformance.judging.judgement import Judgement
from conformance.judging.verdicts import ClauseResult
from conformance.reports.declared import Judged, report
from fixtures.roles import plain


@report("--junitxml", "Write a JUnit XML report.")
def render(judged: Judged) -> str:
    """The report as text.

    A failing check is a ``failure`` if its clause makes the run fail, else it is ``skipped`` with
    the reason: it is known, or of a level that does not gate. A check that could not be judged is
    an ``error``.
    """
    results, judgement = judged.results, judged.judgement
    suite = ElementTree.Element(
        "testsuite", name=plain(f"persistent-conformance {results.subject.name}")
    )
    cases = [(result, check) for result in results.clauses for check in result.checks]
    for result, check in cases:
        suite.append(_case(result, check, judgement))
    found = results.search.findings if results.search else ()
    for caused in by_cause(findings=found):
        for finding in caused.findings:
            suite.append(_divergence(finding))
    for finding in found:
        if finding.cause is None:
            suite.append(_divergence(finding))
    suite.set("tests", str(len(cases) + len(found)))
    for outcome, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(outcome, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("time", f"{results.seconds:.3f}")
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(result: ClauseResult, check: CheckFinished, judgement: Judgement) -> ElementTree.Element:
    clause = result.clause
    case = ElementTree.Element("testcase", classname=f"conformance.{clause.area}", name=check.check)
    cause = None if check.verdict == PASS else result.cause
    _properties(
        case,
        ("clause", clause.id),
        ("level", clause.level),
        ("source", clause.source),
        ("verdict", check.verdict),
        *_cause(cause),
    )
    if check.verdict == PASS:
        return case
    if check.verdict == UNSUPPORTED:
        ElementTree.SubElement(case, "skipped", message=plain(check.what))
        return case
    message, tag = check.what, "error"
    if check.verdict == FAIL:
        message += f": expected {check.expected}, got {check.got}"
        tag = "failure" if clause.id in judgement.unexpected else "skipped"
    elif clause.id not in {**judgement.unexpected, **judgement.unjudged}:
        tag = "skipped"
    inner = ElementTree.SubElement(case, tag, message=plain(message))
    inner.text = plain("\n".join((clause.sentence, *_why(cause), "", *check.words)))
    return case


def _properties(case: ElementTree.Element, *told: tuple[str, str]) -> None:
    properties = ElementTree.SubElement(case, "properties")
    for name, value in told:
        ElementTree.SubElement(properties, "property", name=name, value=plain(value))


def _cause(cause: Cause | None) -> Sequence[tuple[str, str]]:
    return () if cause is None else (("cause", cause.name),)


def _why(cause: Cause | None) -> Sequence[str]:
    return () if cause is None else (cause.sentence,)


def _divergence(finding: Finding) -> ElementTree.Element:
    name = str(finding.divergence.signature)
    case = ElementTree.Element("testcase", classname="conformance.divergences", name=plain(name))
    _properties(case, ("id", finding.id), *_cause(finding.cause))
    tag = "failure" if finding.is_news else "skipped"
    inner = ElementTree.SubElement(case, tag, message=plain(finding.message))
    inner.text = plain("\n".join([*_why(finding.cause), "", *finding.divergence.trace.words()]))
    return case
