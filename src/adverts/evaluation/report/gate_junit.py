"""A verdict as JUnit XML, which CI shows beside the tests.

One test case a check: a failed one holds ``failure``; one that could not be judged, was left to
people or is told only holds ``skipped``. A last case is the verdict itself: ``failure`` where the
model failed, ``error`` where nobody could judge, so that no reader shows such a run as green.
"""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree

from adverts.evaluation.gate.record import ConditionResult, GateRecord
from adverts.evaluation.report.gate_markdown import says_verdict

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(record: GateRecord) -> str:
    """Return the record as one suite of test cases."""
    name = _legal(f"adverts gate {record.gate_as_asked}")
    suites = ElementTree.Element("testsuites", name=name)
    suite = ElementTree.SubElement(suites, "testsuite", name=name, timestamp=_time(record))
    for one in record.results:
        _add(suite, one)
    _add_verdict(suite, record)
    kinds = Counter(inner.tag for case in suite for inner in case)
    counts = {
        "tests": str(len(suite)),
        "failures": str(kinds["failure"]),
        "errors": str(kinds["error"]),
        "skipped": str(kinds["skipped"]),
        "time": "0",
    }
    for element in (suites, suite):
        for key, value in counts.items():
            element.set(key, value)
    ElementTree.indent(suites)
    text = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _time(record: GateRecord) -> str:
    """Return the time as the format has it: no zone."""
    return _legal(record.created.partition("+")[0])


def _add(suite: ElementTree.Element, one: ConditionResult) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_legal(f"gate.{one.kind}"),
        name=_legal(f"{one.name}: {one.scope}"),
        time="0",
    )
    text = _legal(f"wanted: {one.wanted}; found: {one.found}")
    if one.outcome == "failed":
        inner = ElementTree.SubElement(
            case, "failure", message=_legal(one.message or text), type=one.kind
        )
        inner.text = text
    elif one.outcome != "passed":
        words = f"{one.outcome}: {one.message or text}"
        ElementTree.SubElement(case, "skipped", message=_legal(words))


def _add_verdict(suite: ElementTree.Element, record: GateRecord) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname="gate", name="verdict", time="0")
    if record.verdict != "passed":
        tag = "failure" if record.verdict == "failed" else "error"
        sentence = _legal(says_verdict(record))
        ElementTree.SubElement(case, tag, message=sentence, type=record.verdict).text = sentence


def _legal(text: str) -> str:
    """Replace what XML cannot hold."""
    return _ILLEGAL.sub("\ufffd", text)
