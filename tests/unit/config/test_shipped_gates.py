"""A gate that was changed says in what, and one that was not says that."""

import pytest
from composing import load

from adverts.config.shipped_gates import gate_changes, gate_sha256, judging_changes

pytestmark = pytest.mark.promise

FILES = ("candidate=a", "prepared=b")


def gate(*overrides):
    return load("evaluate", *FILES, *overrides).gate


@pytest.mark.parametrize("name", ["first", "release", "none"])
def test_a_gate_as_it_ships_has_no_changes(name):
    assert gate_changes(gate(f"gate={name}")) == ()


@pytest.mark.parametrize(
    ("override", "change"),
    [
        (
            "gate.conditions.ranks_well.at_least=0.1",
            "conditions.ranks_well.at_least=0.1, shipped with 0.6",
        ),
        ("~gate.conditions.no_leak", "without conditions.no_leak"),
        (
            "+gate.conditions.small={kind: size_mb, at_most: 1, if_insufficient: fail}",
            "with conditions.small, which is not shipped",
        ),
        ("gate.needs_champion=true", "needs_champion=True, shipped with False"),
        ("gate.promises.recall=0.2", "promises.recall=0.2, shipped with 0.95"),
        ("gate.promises=null", "promises=None, shipped with"),
        ("gate.name=mine", "no gate of the name mine ships with adverts"),
        ("gate.name=../gate/first", "no gate of the name ../gate/first ships with adverts"),
    ],
)
def test_every_override_of_a_gate_is_told(override, change):
    changed = gate("gate=first", override)
    [told] = gate_changes(changed)
    assert told == change or (change.endswith("with") and told.startswith(change))
    assert gate_sha256(changed) != gate_sha256(gate("gate=first"))


def test_one_gate_under_the_name_of_another_is_told():
    found = gate_changes(gate("gate=first", "gate.name=release"))
    assert "without conditions.ranks_as_well" in found


def test_equal_gates_have_equal_hashes_in_whatever_order_they_are_written():
    one = gate("gate=first")
    turned = one.model_copy(update={"conditions": dict(reversed(one.conditions.items()))})
    assert gate_sha256(turned) == gate_sha256(one)
    assert gate_changes(turned) == ()


@pytest.mark.parametrize(
    ("override", "change"),
    [
        ("recall_at_precision=0.05", "recall_at_precision=0.05, shipped with 0.9"),
        ("decisions.recall=0.2", "decisions.recall=0.2, shipped with 0.95"),
        ("decisions.precision=0.3", "decisions.precision=0.3, shipped with 0.9"),
        ("decisions.confidence=0.51", "decisions.confidence=0.51, shipped with 0.95"),
        ("decisions.seed=7", "decisions.seed=7, shipped with 0"),
        ("min_positive_clusters=5000", "min_positive_clusters=5000, shipped with 100"),
        ("bootstrap_resamples=100", "bootstrap_resamples=100, shipped with 2000"),
        ("seed=7", "seed=7, shipped with 0"),
    ],
)
def test_what_decides_beside_the_gate_is_told_too(override, change):
    assert judging_changes(load("evaluate", *FILES, "gate=release", override)) == (change,)
    assert judging_changes(load("evaluate", *FILES, "gate=release")) == ()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["robustness=quick"], []),
        (["robustness=full"], []),
        (
            ["robustness=quick", "robustness.adverts=50"],
            ["robustness.adverts=50, shipped with 100"],
        ),
        (["robustness=quick", "robustness.seed=7"], ["robustness.seed=7, shipped with 0"]),
        (
            ["robustness=quick", "robustness.draws=1", "robustness.text=[leet]"],
            [
                "robustness.draws=1, shipped with 2",
                "robustness.text without look_alikes, zero_width, spacing, truncation",
            ],
        ),
    ],
)
def test_fewer_disguises_than_the_quick_ones_are_a_change_of_release_alone(words, told):
    given = ["candidate=c", "prepared=p", *words]
    release = load("evaluate", *given, "gate=release", "champion=m")
    assert list(judging_changes(release)) == told
    first = load("evaluate", *given, "gate=first")
    assert judging_changes(first) == ()
