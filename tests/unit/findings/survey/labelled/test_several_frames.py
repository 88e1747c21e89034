"""Several frames as one: an advert of two frames counts once, or nothing is said."""

import dataclasses

import numpy as np
import pytest
from made_frame import made_frame
from made_sample import drawing, drawn_sample, labelled, sealed, stratum

from adverts.errors import CannotJudgeError, InputError
from adverts_findings.survey.labelled.labelled_sample import label_sample
from adverts_findings.survey.labelled.several_frames import estimate_union

RNG = np.random.default_rng(5)
CHANCE = RNG.beta(0.05, 0.6, 3_000)
POSITIVE = {f"a{i}" for i in np.flatnonzero(RNG.random(3_000) < CHANCE)}
FIRST, SECOND = range(2_000), range(1_200, 3_000)
NAMES = [{f"a{i}" for i in part} for part in (FIRST, SECOND)]


def part(rows, name, seed=0, **settings):
    frame = made_frame(CHANCE[list(rows)])
    frame = dataclasses.replace(frame, ids=[f"a{i}" for i in rows])
    return drawn_sample(frame, 300, name=name, seed=seed, **settings)


def by_hand(**settings):
    """Return two frames of 100 adverts, with 4 draws each; the draw s is of an advert of both."""
    return [
        sealed(
            [stratum("line", 100, 4, lowest=True)],
            [drawing(one, 0, 1 / 100) for one in (f"{name}1", f"{name}2", f"{name}3", "s")],
            name=name,
            **settings,
        )
        for name in "xy"
    ]


HAND = [{"s", *(f"{name}{i}" for i in range(99))} for name in "xy"]


def test_an_advert_of_two_frames_counts_half_in_each():
    parts = [labelled(one, {"x1", "s"}) for one in by_hand()]
    found = estimate_union(parts, HAND)
    assert found.adverts == 199
    assert found.total.value is None  # 4 labels say nothing; the values of the draws are
    many = [
        sealed(
            [stratum("line", 100, 40, lowest=True)],
            [drawing("s", 0, 1 / 100, times=10)]
            + [drawing(f"{name}{i}", 0, 1 / 100) for i in range(30)],
            name=name,
        )
        for name in "xy"
    ]
    total = estimate_union([labelled(one, {"x1", "s"}) for one in many], HAND).total
    assert total.value == pytest.approx(100 / 40 * (10 / 2 + 1) + 100 / 40 * 10 / 2)


def test_two_frames_that_share_nothing_add_up():
    frames = [{f"{name}{i}" for i in range(100)} for name in "xy"]
    parts = [
        labelled(
            sealed(
                [stratum("line", 100, 40, lowest=True)],
                [drawing(f"{name}{i}", 0, 1 / 100) for i in range(40)],
                name=name,
            ),
            {"x1", "x2", "y3"},
        )
        for name in "xy"
    ]
    found = estimate_union(parts, frames)
    assert found.adverts == 200
    assert found.total.value == pytest.approx(3 * 100 / 40)


def test_the_union_is_estimated_without_bias_and_its_interval_holds_it():
    truth = len(POSITIVE)
    values, held = [], 0
    for seed in range(15):
        parts = [
            labelled(part(rows, f"{i}", seed), POSITIVE) for i, rows in enumerate((FIRST, SECOND))
        ]
        found = estimate_union(parts, NAMES).total
        values.append(found.value)
        held += found.low <= truth <= found.high
    assert abs(np.mean(values) - truth) < 4 * np.std(values) / np.sqrt(len(values))
    assert held >= 12
    assert found.high <= 3_000


def test_without_the_names_of_the_frames_nothing_is_said():
    parts = [labelled(one) for one in by_hand()]
    with pytest.raises(CannotJudgeError, match="would count twice"):
        estimate_union(parts, None)
    with pytest.raises(CannotJudgeError, match="would count twice"):
        estimate_union(parts, HAND[:1])


def test_names_of_a_part_of_a_frame_are_refused():
    parts = [labelled(one) for one in by_hand()]
    half = [HAND[0], {name for name in HAND[1] if name in ("s", "y1", "y2", "y3")}]
    with pytest.raises(CannotJudgeError, match="name 4 adverts .* frame holds 100"):
        estimate_union(parts, half)


def test_names_of_another_frame_are_refused():
    parts = [labelled(one) for one in by_hand()]
    with pytest.raises(CannotJudgeError, match="without 3 of those drawn"):
        estimate_union(parts, HAND[::-1])


def test_one_sample_twice_is_not_two():
    one, _ = (labelled(part) for part in by_hand())
    with pytest.raises(InputError, match="two samples or more"):
        estimate_union([one, one], [HAND[0], HAND[0]])
    with pytest.raises(InputError, match="two samples or more"):
        estimate_union([one], [HAND[0]])


def test_two_codebooks_are_never_added():
    one, two = by_hand()
    question = dataclasses.replace(two.question, codebook="refer 2")
    parts = [labelled(one), labelled(dataclasses.replace(two, question=question))]
    with pytest.raises(InputError, match="different questions"):
        estimate_union(parts, HAND)


def test_errors_of_reviewers_are_paid_for_in_each_frame():
    planted = {f"p{i}": i < 100 for i in range(1_100)}
    right = {f"p{i}" for i in range(100)}
    parts = [labelled(part(rows, f"{i}"), POSITIVE) for i, rows in enumerate((FIRST, SECOND))]
    erring = [
        labelled(part(rows, f"{i}", planted=planted), POSITIVE | right)
        for i, rows in enumerate((FIRST, SECOND))
    ]
    plain, paid = (estimate_union(one, NAMES).total for one in (parts, erring))
    assert paid.value == pytest.approx(plain.value)
    assert paid.low < plain.low
    assert paid.high > plain.high


def test_reviewers_no_better_than_chance_leave_no_union():
    planted = {"p": True, "n": False}
    parts = [labelled(one, {"n"}) for one in by_hand(planted=planted)]
    found = estimate_union(parts, HAND).total
    assert found.reason.startswith("cannot say: reviewers call")


def test_what_is_not_judged_widens_the_union():
    parts = [part(rows, f"{i}") for i, rows in enumerate((FIRST, SECOND))]
    unsure = {one.item for one in parts[0].draws if one.stratum == 0 and one.item.endswith("7")}
    plain = estimate_union([labelled(one, POSITIVE - unsure) for one in parts], NAMES).total
    wide = estimate_union([labelled(one, POSITIVE, unsure=unsure) for one in parts], NAMES).total
    assert (wide.value, wide.low) == (plain.value, plain.low)
    assert wide.high > plain.high


def test_a_sample_without_labels_is_no_part():
    one, _ = by_hand()
    with pytest.raises(CannotJudgeError):
        label_sample(one, dataclasses.replace(labelled(one).answers, said={}))
