"""What a gate itself decides contradicts nothing, whatever the figures are."""

import dataclasses

import pytest
from gate_examples import AP, RECALL, against, estimate, facts, point, report

from adverts.config.shipped_gates import gate_sha256, shipped_gate
from adverts.evaluation.gate.contradictions import contradictions
from adverts.evaluation.gate.gate_facts import Gate
from adverts.evaluation.gate.judge_conditions import judge_conditions


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
