"""Figures of a frame and its groups, by hand, by other programs, and whatever is not judged."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from made_sample import drawing, drawn_sample, group, labelled, made_truth, sealed, stratum

from adverts.errors import InputError
from adverts_findings.survey.designs.strata import Stratum
from adverts_findings.survey.estimators.by_design import estimate_total
from adverts_findings.survey.labelled.figures import frame_figures, group_figures, total_by_design
from adverts_findings.survey.labelled.labelled_sample import unit_draws
from adverts_findings.survey.sample import SealedStratum

ORACLES = Path(__file__).parents[1] / "estimators" / "oracles"
R = json.loads((ORACLES / "survey.json").read_text())
SVY = json.loads((ORACLES / "svy.json").read_text())
RNG = np.random.default_rng(11)
N = 8_000
TRUTH = made_truth(
    N,
    0.05,
    views=RNG.pareto(1.2, N) * 100 + 1,
    platforms=RNG.choice(["x", "y", "z"], N, p=[0.6, 0.39, 0.01]),
)


@pytest.fixture(scope="module")
def count():
    return drawn_sample(TRUTH.frame, 900)


@pytest.fixture(scope="module")
def viewed():
    return drawn_sample(TRUTH.frame, 900, views=True)


def by_unit(sample, positive=(), **settings):
    figures = frame_figures(labelled(sample, positive, **settings))
    return {one.unit: one for one in figures}


def single_adverts():
    """Return the design of adverts whose total R and svy give, as a sealed sample."""
    strata = [stratum("adverts", 80, 8, name="a"), stratum("whole", 12, 12, name="b")]
    return sealed(
        strata,
        [
            *[drawing(f"a{i}", 0, 0.1) for i in range(8)],
            *[drawing(f"b{i}", 1, 1.0) for i in range(12)],
        ],
    )


def lines():
    """Return the design of unequal draws whose total R and svy give, as a sealed sample."""
    values = [[120, 0, 75.5, 0, 0], [10, 10, 0, 42]]
    strata, draws = [], []
    for h, row in enumerate(values):
        totals, largest = {"adverts": 60.0}, {"adverts": 130.0}
        inside = Stratum(f"{h}", 60, 1.0, 60)
        strata.append(SealedStratum(inside, "line", h == 0, len(row), 0, 1, totals, largest))
        draws += [drawing(f"{h}{i}", h, 1 / (value or 50)) for i, value in enumerate(row)]
    return sealed(strata, draws)


def test_a_total_of_adverts_is_that_of_two_survey_programs():
    one = labelled(single_adverts(), {"a0", "a5", *(f"b{i}" for i in range(7))})
    found = sum(draws.estimate for draws in unit_draws(one, "adverts", one.labels))
    assert found == pytest.approx(R["adverts_total"], rel=1e-6)
    assert found == pytest.approx(SVY["adverts_total"][0], rel=1e-6)


def test_a_total_of_unequal_draws_is_that_of_two_survey_programs():
    one = labelled(lines(), {"00", "02", "10", "11", "13"})
    found = sum(draws.estimate for draws in unit_draws(one, "adverts", one.labels))
    assert found == pytest.approx(R["draws_total"], rel=1e-6)
    assert found == pytest.approx(SVY["draws_total"][0], rel=1e-6)


def test_a_total_counts_draws_and_not_adverts():
    strata = [stratum("line", 1_000, 40, lowest=True)]
    draws = [drawing("a", 0, 1 / 1_000, times=10)]
    draws += [drawing(f"b{i}", 0, 1 / 1_000) for i in range(30)]
    found = by_unit(sealed(strata, draws), {"a", "b0"})["adverts"].total.by_design
    assert found.value == pytest.approx(1_000 * 11 / 40)


def test_a_total_of_views_weighs_each_advert_by_hand():
    strata = [
        stratum("line", 100, 30, lowest=True, views=100, most=2),
        stratum("whole", 2, 2, views=900, most=500),
    ]
    strata[0] = dataclasses.replace(strata[0], largest={"adverts": 100.0, "views": 150.0})
    draws = [
        *(drawing(f"a{i}", 0, 1 / 100, views=1.5) for i in range(30)),
        drawing("b", 1, 1.0, views=500),
        drawing("c", 1, 1.0, views=400),
    ]
    found = by_unit(sealed(strata, draws), {"a0", "b"})["views"].total.by_design
    assert found.value == pytest.approx(150 / 30 + 500)


def test_views_of_a_sample_that_was_not_drawn_for_them_cannot_be_said(count):
    found = by_unit(count, TRUTH.items)
    assert found["views"].total.by_design.value is None
    assert "was not drawn for views" in found["views"].total.by_design.reason
    assert found["accounts"].total.by_design.reason == (
        "cannot say: the accounts of the frame are not known"
    )


def test_intervals_hold_the_truth_of_a_frame_in_every_unit(count, viewed):
    positive = TRUTH.positive.astype(float)
    adverts = by_unit(count, TRUTH.items)["adverts"]
    assert adverts.total.by_design.low <= positive.sum() <= adverts.total.by_design.high
    assert adverts.total.assisted.low <= positive.sum() <= adverts.total.assisted.high
    for unit, found in by_unit(viewed, TRUTH.items).items():
        if unit != "accounts":
            truth = float(positive @ TRUTH.frame.sizes[unit])
            assert found.total.by_design.low <= truth <= found.total.by_design.high


def test_a_share_is_the_total_of_the_frame(count):
    found = by_unit(count, TRUTH.items)["adverts"]
    for total, share in zip(
        dataclasses.astuple(found.total), dataclasses.astuple(found.share), strict=True
    ):
        assert np.array(share[:3]) == pytest.approx(np.array(total[:3]) / N)
    assert found.expected == pytest.approx(TRUTH.frame.probabilities.sum())


def test_the_interval_is_that_of_the_estimator_by_design(count):
    one = labelled(count, TRUTH.items)
    found = frame_figures(one)[0].total.by_design
    draws = unit_draws(one, "adverts", one.labels)
    assert found == estimate_total(draws, frame_total=float(N))


def test_what_is_not_judged_widens_the_interval_and_leaves_the_figure(count):
    several = {one.item for one in count.draws if one.stratum == 0 and one.item[-1] == "7"}
    plain = by_unit(count, TRUTH.items - several)["adverts"].total
    if_positive = by_unit(count, TRUTH.items | several)["adverts"].total
    unsure = by_unit(count, TRUTH.items, unsure=several)["adverts"].total
    assert unsure.by_design.value == plain.by_design.value
    assert unsure.by_design.low == plain.by_design.low
    assert unsure.by_design.high == if_positive.by_design.high
    assert unsure.by_design.high > 2 * plain.by_design.high


def test_if_nothing_could_be_judged_nothing_is_known(count):
    everything = {one.item for one in count.draws}
    found = by_unit(count, unsure=everything)["adverts"].total.by_design
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == N


def test_the_order_of_draws_and_the_names_of_strata_change_nothing(count):
    order = np.random.default_rng(2).permutation(len(count.draws))
    renamed = [
        dataclasses.replace(one, stratum=dataclasses.replace(one.stratum, name=f"other {h}"))
        for h, one in enumerate(count.strata)
    ]
    other = dataclasses.replace(
        count, draws=tuple(count.draws[i] for i in order), strata=tuple(renamed)
    )
    assert by_unit(other, TRUTH.items)["adverts"] == by_unit(count, TRUTH.items)["adverts"]


def test_groups_add_up_to_the_frame(viewed):
    one = labelled(viewed, TRUTH.items)
    for unit in ("adverts", "templates", "views"):
        total = float(one.frame_total(unit))
        parts = [
            sum(d.estimate for d in unit_draws(one, unit, one.labels, group=part))
            for part in viewed.groups
            if part.field == "platform"
        ]
        assert len(parts) == 3
        assert sum(parts) == pytest.approx(total_by_design(one, unit, total).value)


def test_a_group_holds_its_truth_or_is_not_spoken_of(count):
    found = {one.value: one for one in group_figures(labelled(count, TRUTH.items), "platform")}
    places = np.array(TRUTH.frame.fields["platform"].codes)
    for code, value in enumerate(["x", "y"]):
        truth = TRUTH.positive[places == code].sum()
        total = found[value].figures[0].total.by_design
        assert total.low <= truth <= total.high
    assert found["z"].figures[0].total.by_design.value is None
    assert found["z"].figures[0].total.by_design.reason.startswith("cannot say: ")


def test_a_group_is_never_larger_than_it_is():
    strata = [stratum("line", 1_000, 100, lowest=True)]
    draws = [drawing(f"a{i}", 0, 1 / 1_000, platform="x") for i in range(50)]
    draws += [drawing(f"b{i}", 0, 1 / 1_000, platform="y") for i in range(50)]
    groups = [group("platform", "x", [400]), group("platform", "y", [600])]
    one = labelled(sealed(strata, draws, groups), {f"a{i}" for i in range(45)})
    found = group_figures(one, "platform")[0].figures[0]
    assert (found.total.by_design.value, found.total.by_design.high) == (400, 400)
    assert found.total.by_design.low < 400
    assert found.share.by_design.value == 1.0


def test_of_few_labels_of_a_group_nothing_is_said():
    strata = [stratum("line", 1_000, 100, lowest=True)]
    draws = [drawing(f"a{i}", 0, 1 / 1_000, platform="xy"[i < 29]) for i in range(100)]
    groups = [group("platform", "x", [710]), group("platform", "y", [290])]
    few = group_figures(labelled(sealed(strata, draws, groups)), "platform")[1]
    assert few.labels == 29
    assert few.figures[0].total.by_design.reason == (
        "cannot say: 29 labels of 290 adverts, want at least 30"
    )


def test_no_positive_gives_an_upper_bound_and_no_lower_one(count):
    found = by_unit(count)["adverts"].total.by_design
    assert (found.value, found.low) == (0.0, 0.0)
    assert 0 < found.high < N / 20


def test_known_errors_of_reviewers_are_taken_out_and_paid_for():
    truth = {f"t{i}": i < 100 for i in range(200)}
    said = {f"t{i}" for i in range(90)}  # 90 of 100 positives, no negative
    strata = [stratum("line", 1_000, 500, lowest=True)]
    draws = [drawing(f"a{i}", 0, 1 / 1_000) for i in range(500)]
    called = {f"a{i}" for i in range(45)}
    plain = by_unit(sealed(strata, draws), called)["adverts"].total.by_design
    erring = by_unit(sealed(strata, draws, planted=truth), called | said)["adverts"].total.by_design
    assert plain.value == pytest.approx(90)
    assert erring.value == pytest.approx(100)
    assert erring.high > plain.high
    assert erring.low < plain.low


def test_reviewers_no_better_than_chance_leave_no_figure():
    strata = [stratum("line", 1_000, 50, lowest=True)]
    draws = [drawing(f"a{i}", 0, 1 / 1_000) for i in range(50)]
    one = sealed(strata, draws, planted={"p": True, "n": False})
    found = by_unit(one, {"n"})["adverts"].total
    assert found.by_design.reason.startswith("cannot say: reviewers call known negatives")


def test_a_field_that_is_not_known_is_refused(count):
    with pytest.raises(InputError, match="knows no"):
        group_figures(labelled(dataclasses.replace(count, groups=())), "platform")
