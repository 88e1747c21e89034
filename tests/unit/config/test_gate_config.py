"""The schema of a gate: what is misspelt or makes no sense is named by its key."""

import pytest
from composing import load

from adverts.errors import InputError
from adverts.judging.gate_verdict import build_gate

pytestmark = pytest.mark.promise


def composed(*overrides):
    return load("evaluate", "candidate=m", "prepared=p", *overrides)


@pytest.mark.parametrize("name", ["first", "release"])
def test_a_shipped_gate_is_built_with_all_its_conditions(name):
    config = composed(f"gate={name}").gate
    gate = build_gate(config)
    assert gate.name == name
    assert {key: one.kind for key, one in gate.conditions.items()} == {
        key: one.kind for key, one in config.conditions.items()
    }


def test_the_release_gate_tolerates_less_than_it_must_see():
    recall = build_gate(composed("gate=release").gate).conditions["finds_as_much"]
    assert recall.tolerated < recall.must_see == 0.03


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "+gate.conditions.ranks_well.at_leest=0.5",
            "at_leest: no such key; nearest key: at_least",
        ),
        ("gate.conditions.ranks_well.at_most=0.5", "one of at_least and at_most"),
        ("gate.conditions.ranks_well.kind=absolut", "found 'absolut'; legal: 'absolute'"),
        (
            "gate.conditions.ranks_well.if_insufficient=abstain_slice",
            "abstain_slice needs by='language, script and modality'",
        ),
        ("gate.conditions.ranks_well.must_see=0", "must_see: found 0; wanted: greater than or eq"),
        ("gate.conditions.calibrated.must_see_at_top=1e-300", "must_see_at_top: found 1e-300"),
        ("gate.conditions.ranks_well.weight=1e-300", "weight: found 1e-300"),
        ("gate.conditions.ranks_well.weight=1e308", "weight: found 1e"),
        (
            "decisions.models_compared=100000000000000000",
            "models_compared: found 100000000000000000",
        ),
        ("gate.conditions.fits.if_insufficient=abstain_slice", "'fail' or 'report'"),
    ],
)
def test_what_makes_no_gate_is_named(override, message):
    with pytest.raises(InputError, match=message):
        composed("gate=first", override)


def test_a_drop_that_is_tolerated_need_not_be_seen():
    with pytest.raises(InputError, match="must_see above tolerated"):
        composed("gate=release", "gate.conditions.finds_as_much.tolerated=0.03")


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
@pytest.mark.parametrize(
    "key", ["gate.conditions.ranks_well.at_least", "gate.conditions.ranks_well.must_see",
            "decisions.recall", "bootstrap_resamples"],
)  # fmt: skip
def test_no_number_of_a_gate_or_beside_it_is_infinite_or_none(key, value):
    given = ["candidate=c", "prepared=p", "run_dir=r", "gate=first", f"{key}={value}"]
    with pytest.raises(InputError, match=f"{key}: found {value}; wanted"):
        load("evaluate", *given)
