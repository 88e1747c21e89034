"""Write a verdict as Markdown for a pull request, and as JUnit XML, which CI shows with tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from xml.etree import ElementTree

from adverts.errors import plural
from adverts.evaluation.figures import wording
from adverts.evaluation.gate.gate_record import ConditionResult, GateRecord
from adverts.evaluation.report.pages import escaped

_VERDICTS = {
    "passed": "✅ **Passed**",
    "failed": "❌ **Failed**",
    "could not judge": "⚠️ **Could not judge**",
}
_OUTCOMES = {
    "failed": "❌ failed",
    "insufficient": "⚠️ could not judge",
    "abstained": "🤚 left to people",
    "reported": "ℹ️ told only",
    "passed": "✅ passed",
}
_RULES = (
    "A condition fails where the adverts refute it; all tests together call a model that meets "
    "every condition failed with a chance of at most 5 % (Holm). It passes only where these "
    "adverts could have shown the breach that matters, with a power of 0.8; otherwise nobody can "
    "judge it. Brackets hold 95 % intervals over whole clusters. Figures about a bar must besides "
    "stand on the right side of it; a lift, a floor and a skill pass only where their whole "
    "interval does."
)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_markdown(record: GateRecord, digest: str) -> str:
    """Return the Markdown page of a record.

    Args:
        record: The record of the verdict.
        digest: sha256 of the record's ``gate.json``.
    """
    lines = [
        f"## {_VERDICTS[record.verdict]} · gate `{_cell(record.gate)}`{_changed(record)}",
        "",
        _cell(says_verdict(record)),
        "",
    ]
    lines += _to_do(record.results)
    lines += [
        "| | condition | about | wanted | found | smallest visible breach |",
        "|---|---|---|---|---|---|",
        *map(_row, record.results),
        "",
        _RULES,
        "",
        *_abstained(record),
        "| | |",
        "|---|---|",
        f"| Model | `{_cell(record.model)}` |",
        f"| Champion | {f'`{_cell(record.champion)}`' if record.champion else 'none'} |",
        f"| Judged on | {plural(record.adverts, 'advert')}, split `{_cell(record.split)}`, "
        f"data `{_cell(record.data_hash)}` |",
        f"| Looked at before | {says_looks(record)} |",
        f"| sha256 of what the gate asks | `{record.gate_sha256 or 'not known'}` |",
        f"| Made | {_cell(record.created)}, {_cell(record.created_by)} |",
        f"| sha256 of gate.json | `{digest}` |",
    ]
    return "\n".join(lines) + "\n"


def _changed(record: GateRecord) -> str:
    if not record.gate_changes:
        return ""
    return f", changed: {_cell('; '.join(record.gate_changes))}"


def says_verdict(record: GateRecord) -> str:
    """Return the verdict in one sentence, with the number of checks behind it."""
    results = record.results
    failed = [one for one in results if one.outcome == "failed"]
    untold = [one for one in results if one.outcome == "insufficient"]
    passed = sum(one.outcome == "passed" for one in results)
    if failed:
        rest = f", {len(untold)} could not be judged" if untold else ""
        return f"{len(failed)} of {len(results)} checks failed{rest}: {_named(failed)}."
    if untold:
        return f"{len(untold)} of {len(results)} checks could not be judged: {_named(untold)}."
    if record.verdict != "passed":
        return f"No figure was judged: {passed} of {len(results)} checks passed, none of a figure."
    left = [one for one in results if one.outcome == "abstained"]
    rest = f"; {plural(len(left), 'slice')} left to people" if left else ""
    return f"{passed} of {len(results)} checks passed, none failed{rest}."


def says_looks(record: GateRecord) -> str:
    """Return text on how often other models were tried on these adverts."""
    if not record.earlier_looks:
        return "by no other model that is recorded"
    times = plural(record.earlier_looks, "time")
    return f"{times} by other models: each look makes the best of them look better than it is"


def _named(results: Sequence[ConditionResult]) -> str:
    counts = Counter(one.name for one in results)
    return ", ".join(f"{name} ({n} times)" if n > 1 else name for name, n in counts.items())


def _to_do(results: Sequence[ConditionResult]) -> list[str]:
    told = [one for one in results if one.outcome in ("failed", "insufficient") and one.message]
    lines = [f"- **{_cell(one.name)}**, {_cell(one.scope)}: {_cell(one.message)}" for one in told]
    return ["**What to do**", "", *lines, ""] if lines else []


def _row(one: ConditionResult) -> str:
    visible = "" if one.smallest_visible is None else wording.number(one.smallest_visible)
    told = one.outcome in ("abstained", "reported") and one.message  # others are in the list
    found = f"{one.found}: {one.message}" if told else one.found
    cells = (_OUTCOMES[one.outcome], one.name, one.scope, one.wanted, found, visible)
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return " ".join(escaped(text).split())


def _abstained(record: GateRecord) -> list[str]:
    if not record.abstained:
        return []
    named = "; ".join(f"{one.language}, {one.script}, {one.modality}" for one in record.abstained)
    unlisted = "So is every language, script and modality that is not judged here."
    return [f"Left to people until there is enough evidence: {_cell(named)}. {unlisted}", ""]


def to_junit(record: GateRecord) -> str:
    """Return the record as JUnit XML: one suite of test cases."""
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
    """Return the time of a record without its zone, as the format requires."""
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
    """Return a text with characters that XML cannot hold replaced."""
    return _ILLEGAL.sub("\ufffd", text)
