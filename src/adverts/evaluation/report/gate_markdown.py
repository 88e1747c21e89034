"""Write a verdict as Markdown for a pull request, and as JUnit XML, which CI shows with tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree

from adverts.errors import plural
from adverts.evaluation.gate.gate_record import ConditionResult, GateRecord
from adverts.evaluation.report.pages import render_text
from adverts.evaluation.report.templating import FOLDER

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_markdown(record: GateRecord, digest: str) -> str:
    """Return the Markdown page of a record.

    Args:
        record: The record of the verdict.
        digest: sha256 of the record's ``gate.json``.
    """
    values = {
        "gate": record,
        "verdict": verdict_sentence(record),
        "looks": looks_sentence(record),
        "digest": digest,
    }
    return render_text("gate.md.j2", values, folders=[FOLDER])


def verdict_sentence(record: GateRecord) -> str:
    """Return the verdict in one sentence, with the number of checks behind it."""
    results = record.results
    checks = _checks(results)
    failed = [one for one in results if one.outcome == "failed"]
    untold = [one for one in results if one.outcome == "insufficient"]
    passed = sum(one.outcome == "passed" for one in results)
    if failed:
        rest = f"; {len(untold)} could not be judged: {_named(untold)}" if untold else ""
        return f"{len(failed)} of {checks} failed: {_named(failed)}{rest}."
    if untold:
        return f"{len(untold)} of {checks} could not be judged: {_named(untold)}."
    if record.verdict != "passed":
        return f"No figure was judged: {passed} of {checks} passed, none of a figure."
    left = [one for one in results if one.outcome == "abstained"]
    rest = f"; {plural(len(left), 'slice')} left to people" if left else ""
    return f"{passed} of {checks} passed, none failed{rest}."


def looks_sentence(record: GateRecord) -> str:
    """Return text on how often other models were tried on these adverts."""
    if not record.earlier_looks:
        return "by no other model that is recorded"
    times = plural(record.earlier_looks, "time")
    return f"{times} by other models: each look makes the best of them look better than it is"


def _checks(results: Sequence[ConditionResult]) -> str:
    """Return the number of checks, and which conditions make more than one of them."""
    counts = Counter(one.name for one in results)
    several = [f"{n} of {name}" for name, n in counts.items() if n > 1]
    if not several:
        return f"{len(results)} checks"
    return f"{len(results)} checks of {plural(len(counts), 'condition')} ({', '.join(several)})"


def _named(results: Sequence[ConditionResult]) -> str:
    counts = Counter(one.name for one in results)
    return ", ".join(f"{name} ({n} times)" if n > 1 else name for name, n in counts.items())


def to_junit(record: GateRecord) -> str:
    """Return the record as JUnit XML: one suite of test cases."""
    name = _legal(f"adverts gate {record.gate_as_asked}")
    suites = ElementTree.Element("testsuites", name=name)
    time = _legal(record.created.partition("+")[0])  # the format allows no zone
    suite = ElementTree.SubElement(suites, "testsuite", name=name, timestamp=time)
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
        sentence = _legal(verdict_sentence(record))
        ElementTree.SubElement(case, tag, message=sentence, type=record.verdict).text = sentence


def _legal(text: str) -> str:
    """Return a text with characters that XML cannot hold replaced."""
    return _ILLEGAL.sub("\ufffd", text)
