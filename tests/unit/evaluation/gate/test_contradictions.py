"""What a gate itself decides contradicts nothing, whatever the figures are."""

import dataclasses

import pytest
from gate_examples import AP, RECALL, against, estimate, facts, point, report

from adverts.config.shipped_gates import gate_sha256, shipped_gate
from adverts.evaluation.gate.contradictions import contradictions
from adverts.evaluation.gate.gate_facts import Gate
from adverts.evaluation.gate.judge_conditions import judge_conditions
from adverts.evaluation.predictions.lost_adverts import Lost

pytestmark = pytest.mark.promise


@pytest.mark.parametrize("name", ["first", "release"])
@pytest.mark.parametrize("value", [0.2, 0.55, 0.61, 0.9])
def test_what_a_shipped_gate_decides_contradicts_nothing(name, value):
    gate = shipped_gate(name)
    given = report(
        {AP: estimate(value), RECALL: estimate(value), "calibration_error": estimate(0.05)},
        operating=(point(),),
        comparison=against(value - 0.5) if name == "release" else None,
    )
    judged = Gate(name, gate.conditions, sha256=gate_sha256(gate), changes=())
    record = judge_conditions(given, facts(), judged)
    assert list(contradictions(record, gate, gate_sha256(gate))) == []
    results = tuple(dataclasses.replace(one, outcome="passed") for one in record.results)
    forged = list(
        contradictions(dataclasses.replace(record, results=results), gate, gate_sha256(gate))
    )
    assert any("passed with" in one for one in forged)


@pytest.mark.parametrize(("skill", "is_told"), [(-0.1, True), (0.0, True), (0.2, False)])
def test_a_model_that_says_no_more_than_the_base_rate_did_not_pass(skill, is_told):
    gate = shipped_gate("first")
    judged = Gate("first", gate.conditions, sha256=gate_sha256(gate), changes=())
    given = report({"calibration_error": estimate(0.01), "log_loss_skill": estimate(skill)})
    record = judge_conditions(given, facts(), judged)
    results = tuple(dataclasses.replace(one, outcome="passed") for one in record.results)
    forged = dataclasses.replace(record, results=results)
    told = list(contradictions(forged, gate, gate_sha256(gate)))
    assert any("compared with the base rate) passed" in one for one in told) is is_told


def test_a_record_that_passed_although_too_much_was_lost_contradicts_itself():
    gate = shipped_gate("first")
    judged = Gate("first", gate.conditions, sha256=gate_sha256(gate), changes=())
    record = judge_conditions(report(), facts(lost=Lost(100, unexplained=3)), judged)
    results = tuple(dataclasses.replace(one, outcome="passed") for one in record.results)
    forged = dataclasses.replace(record, results=results)
    told = [one for one in contradictions(forged, gate, gate_sha256(gate)) if "nothing_lost" in one]
    assert told == [
        "nothing_lost (adverts judged earlier) passed with 3 of 100 (3.00%), at most 2.00% of "
        "adverts judged earlier are lost without explanation"
    ]
