"""JUnit XML: one test case a check, with clause id, level and source as properties."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from conformance.files import write_whole
from conformance.judging.events import CheckFinished
from conformance.judging.in_process import FAIL, PASS, UNSUPPORTED
from conformance.judging.judgement import Judgement
from conformance.judging.verdicts import ClauseResult, Results
from fixtures.roles import plain
from stateful.lockstep.divergence import Divergence


def write(path: Path, results: Results, judgement: Judgement) -> None:
    """Write the report, whole or not at all. Raises `BadFile`."""
    write_whole(path, render(results, judgement))


def render(results: Results, judgement: Judgement) -> str:
    """The report as text.

    A failing check is a ``failure`` if its clause makes the run fail, else it is ``skipped`` with
    the reason: it is known, or of a level that does not gate.
    """
    suite = ElementTree.Element(
        "testsuite", name=plain(f"persistent-conformance {results.subject.name}")
    )
    cases = [(result, check) for result in results.clauses for check in result.checks]
    for result, check in cases:
        suite.append(_case(result, check, judgement))
    found = results.search.divergences if results.search else ()
    for divergence in found:
        suite.append(_divergence(divergence, judgement))
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
    properties = ElementTree.SubElement(case, "properties")
    for name, value in (
        ("clause", clause.id),
        ("level", clause.level),
        ("source", clause.source),
        ("verdict", check.verdict),
    ):
        ElementTree.SubElement(properties, "property", name=name, value=plain(value))
    if check.verdict == PASS:
        return case
    if check.verdict == UNSUPPORTED:
        ElementTree.SubElement(case, "skipped", message=plain(check.what))
        return case
    message = check.what
    if check.verdict == FAIL:
        message += f": expected {check.expected}, got {check.got}"
    gates = clause.id in judgement.unexpected or clause.id in judgement.unjudged
    tag = "skipped" if not gates else "failure" if check.verdict == FAIL else "error"
    inner = ElementTree.SubElement(case, tag, message=plain(message))
    inner.text = plain("\n".join((clause.sentence, "", *check.words)))
    return case


def _divergence(found: Divergence, judgement: Judgement) -> ElementTree.Element:
    name = str(found.signature)
    case = ElementTree.Element("testcase", classname="conformance.divergences", name=plain(name))
    tag = "failure" if name in judgement.divergences.unexpected else "skipped"
    message = f"expected {found.expected}, got {found.actual}"
    inner = ElementTree.SubElement(case, tag, message=plain(message))
    inner.text = plain("\n".join(found.trace.words()))
    return case
