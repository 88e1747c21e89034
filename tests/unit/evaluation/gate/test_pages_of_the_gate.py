"""The verdict for a pull request and for CI: what fails stands first, and nothing looks green."""

import dataclasses
import re
from xml.etree import ElementTree

import pytest
from gate_examples import (
    AP,
    against,
    asked,
    at_least,
    cell,
    estimate,
    facts,
    gate,
    not_worse,
    report,
)

from adverts.config.gate import SizeCondition
from adverts.evaluation.gate.gate_record import AbstainedSlice
from adverts.evaluation.gate.judge_conditions import judge_conditions
from adverts.evaluation.report.gate_markdown import to_junit, to_markdown, verdict_sentence

pytestmark = pytest.mark.promise

DIGEST = "d" * 64


def record(drop=-0.05, **known):
    slices = [cell("en, Latn, text", {AP: estimate(0.9)}), cell("ps, Arab, image")]
    everywhere = at_least(by="language, script and modality", if_insufficient="abstain_slice")
    conditions = gate(
        a=at_least(), b=not_worse(), c=everywhere, small=asked(SizeCondition, at_most=10.0)
    )
    known = {"champion": "c" * 64, "megabytes": 5.0, "earlier_looks": 3, **known}
    return judge_conditions(
        report(slices=slices, comparison=against(drop)), facts(**known), conditions
    )


def rows(page):
    lines = page.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|---|"))
    return lines[start + 1 : lines.index("", start)]


def test_the_page_begins_with_the_verdict_and_what_to_do():
    page = to_markdown(record(), DIGEST)
    said = "1 of 5 checks of 4 conditions (2 of c) failed: b."
    assert page.startswith(f"## ❌ **Failed** · gate `made up`\n\n{said}\n")
    assert "- **b**, refer: worse than the champion by more than is tolerated" in page


def test_what_failed_and_what_nobody_could_tell_are_each_named():
    conditions = gate(a=at_least(0.99), b=at_least(0.5, figure="recall"))
    judged = judge_conditions(report({AP: estimate(0.9)}), facts(), conditions)
    assert [one.outcome for one in judged.results] == ["failed", "insufficient"]
    sentence = "1 of 2 checks failed: a; 1 could not be judged: b."
    assert verdict_sentence(judged) == sentence


def test_a_changed_gate_says_so_in_the_first_line_of_every_page():
    changes = ("conditions.a.at_least=0.1, shipped with 0.6", "without conditions.no_leak")
    changed = dataclasses.replace(record(), gate_changes=changes)
    said = "; ".join(changes)
    first = to_markdown(changed, DIGEST).splitlines()[0]
    assert first == f"## ❌ **Failed** · gate `made up`, changed: {said}"
    suites = ElementTree.fromstring(to_junit(changed).partition("\n")[2])
    assert {suites.get("name"), suites[0].get("name")} == {
        f"adverts gate made up, changed ({said})"
    }


@pytest.mark.parametrize("changes", [(), None])
def test_a_gate_that_is_as_it_ships_is_named_alone(changes):
    page = to_markdown(dataclasses.replace(record(), gate_changes=changes), DIGEST)
    assert page.splitlines()[0] == "## ❌ **Failed** · gate `made up`"


def test_the_worst_condition_stands_first_in_the_table():
    found = [row.split(" | ")[0] for row in rows(to_markdown(record(), DIGEST))]
    assert found == ["| ❌ failed", "| 🤚 left to people", *["| ✅ passed"] * 3]


def test_the_page_says_how_small_a_drop_these_adverts_show():
    row = next(row for row in rows(to_markdown(record(), DIGEST)) if "| b |" in row)
    assert re.search(r"\| 0\.02\d \|$", row)


def test_the_page_names_model_champion_data_looks_and_hash():
    page = to_markdown(record(), DIGEST)
    for named in ("m" * 64, "c" * 64, "ab" * 32, DIGEST, "3 times by other models"):
        assert named in page


def test_what_no_one_could_tell_stands_with_its_reason():
    row = next(row for row in rows(to_markdown(record(), DIGEST)) if "ps, Arab, image" in row)
    assert "no figure: too little evidence" in row


def test_a_slice_that_is_left_to_people_is_named():
    assert "Left to people until there is enough evidence: ps, Arab, image." in to_markdown(
        record(0.0), DIGEST
    )


def test_a_pass_says_so_without_a_list_of_things_to_do():
    page = to_markdown(record(0.0), DIGEST)
    assert page.startswith("## ✅ **Passed**")
    assert "What to do" not in page


def test_no_text_can_break_out_of_the_table():
    bad = record()
    odd = dataclasses.replace(bad.results[0], found="a | b\n| c <img>")
    page = to_markdown(dataclasses.replace(bad, results=(odd,)), DIGEST)
    assert r"a \| b \| c &lt;img>" in page


def test_texts_that_the_page_joins_make_no_markup_together():
    told = dataclasses.replace(record(), abstained=(AbstainedSlice("a&lt", "b ]", "c&amp"),) * 2)
    odd = dataclasses.replace(told.results[0], outcome="reported", found="[a]", message="&lt;")
    page = to_markdown(dataclasses.replace(told, results=(odd,)), DIGEST)
    assert r"| [a\]: &amp;lt; |" in page
    assert "enough evidence: a&lt, b ], c&amp;amp; a&lt, b ], c&amp. So is" in page


def suite(**known):
    return ElementTree.fromstring(to_junit(record(**known)))


CASE_HOLDS = {"failure": {"message", "type"}, "error": {"message", "type"}, "skipped": {"message"}}


@pytest.mark.parametrize(
    "known", [{}, {"drop": 0.0}, {"megabytes": None}, {"drop": 0.0, "megabytes": None}]
)
def test_the_junit_file_is_of_the_form_that_readers_expect(known):
    root = suite(**known)
    assert root.tag == "testsuites"
    (only,) = root
    assert only.tag == "testsuite"
    assert {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"} <= set(
        only.attrib
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", only.get("timestamp"))
    assert [case.tag for case in only] == ["testcase"] * int(only.get("tests"))
    assert all({"classname", "name", "time"} == set(case.attrib) for case in only)
    inner = [part for case in only for part in case]
    assert all(len(case) <= 1 for case in only)
    assert all(set(part.attrib) == CASE_HOLDS[part.tag] for part in inner)
    for tag, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(only.get(count)) == sum(part.tag == tag for part in inner)
    names = [(case.get("classname"), case.get("name")) for case in only]
    assert len(set(names)) == len(names)


def outcomes(root):
    return {case.get("name"): [part.tag for part in case] for case in root[0]}


def test_failed_left_and_passed_checks_are_told_apart():
    found = outcomes(suite())
    assert found["b: refer"] == ["failure"]
    assert found["c: refer, language, script and modality ps, Arab, image"] == ["skipped"]
    assert found["a: refer"] == []
    assert found["verdict"] == ["failure"]


def test_a_run_that_nobody_can_judge_is_an_error_of_the_verdict():
    found = outcomes(suite(drop=0.0, megabytes=None))
    assert found["small: model"] == ["skipped"]
    assert found["verdict"] == ["error"]


def test_a_pass_is_green():
    assert outcomes(suite(drop=0.0))["verdict"] == []


def test_what_xml_cannot_hold_is_replaced():
    bad = record()
    odd = dataclasses.replace(bad.results[0], message="a\x00b\ud800 & <c>")
    root = ElementTree.fromstring(to_junit(dataclasses.replace(bad, results=(odd,))))
    assert root.find(".//failure").get("message") == "a\ufffdb\ufffd & <c>"


HOSTILE = "<b>x</b>|\n\n# Title [a](http://a.example)\x1b[2J\x00"


def hostile_record():
    first, *others = record().results
    result = dataclasses.replace(
        first, name=HOSTILE, scope=HOSTILE, found=HOSTILE, wanted=HOSTILE, message=HOSTILE
    )
    return dataclasses.replace(
        record(), results=(result, *others), gate=HOSTILE, split=HOSTILE, created_by=HOSTILE
    )


def test_names_from_outside_are_no_markup_in_a_verdict():
    page = to_markdown(hostile_record(), DIGEST)
    assert "<" not in page
    assert not re.search(r"(?<!\\)\]\(", page)
    assert "\x1b" not in page
    assert "\n# Title" not in page


def test_names_from_outside_leave_the_verdict_of_a_ci_readable():
    suite = ElementTree.fromstring(to_junit(hostile_record()))
    assert suite.findall(".//testcase")


def test_a_gate_that_never_shipped_is_called_one_of_your_own_and_not_changed():
    changes = ("no gate of the name made up ships with adverts",)
    own = dataclasses.replace(record(), gate_changes=changes)
    first = to_markdown(own, DIGEST).splitlines()[0]
    assert first == f"## ❌ **Failed** · gate `made up`, a gate of your own: {changes[0]}"
    assert own.gate_as_asked == f"made up, a gate of your own ({changes[0]})"
