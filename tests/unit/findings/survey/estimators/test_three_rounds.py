"""From reviews of three rounds by people who err to a figure that is right on average."""

import numpy as np
import pytest
from made_sample import drawn_sample, made_truth

from adverts.data.review.reviews import Review
from adverts_findings.survey.estimators.reviewers import possible_truth
from adverts_findings.survey.labelled.answers import answers_from_reviews
from adverts_findings.survey.labelled.labelled_sample import label_sample, unit_draws
from adverts_findings.survey.sheets.rounds import items_of_round

N = 4_000
TRUTH = made_truth(N, 0.1)
PLANTED = {f"p{i}": i < 150 for i in range(300)}
REAL = {
    **dict(zip(TRUTH.frame.ids, TRUTH.positive.tolist(), strict=True)),
    **PLANTED,
}
SENSITIVITY, SPECIFICITY = 0.8, 0.95


def reviewed(sample, rng):
    """Return reviews of three people who err independently, and are asked as rounds ask."""
    reviews, seal = [], sample.seal
    for number, reviewer in ((1, "ana"), (2, "ben"), (3, "eva")):
        items = sorted(items_of_round(sample, reviews, number))
        truth = np.array([REAL[item] for item in items])
        says = rng.random(len(items)) < np.where(truth, SENSITIVITY, 1 - SPECIFICITY)
        reviews += [
            Review(
                item=item,
                task="refer",
                label="yes" if yes else "no",
                reviewer=reviewer,
                reviewed_at="2026-11-03T09:00:00+00:00",
                blind=True,
                round=number,
                sample=seal,
                design="estimate",
                codebook=sample.question.codebook,
            )
            for item, yes in zip(items, says.tolist(), strict=True)
        ]
    return reviews


def ratios(**settings):
    """Return figures over truth, as labelled and as corrected, of 12 samples."""
    rng, found = np.random.default_rng(8), []
    for seed in range(12):
        sample = drawn_sample(TRUTH.frame, 500, seed=seed, planted=PLANTED, **settings)
        one = label_sample(sample, answers_from_reviews(sample, reviewed(sample, rng)))
        draws = unit_draws(one, "adverts", one.labels)
        apparent, corrected = (
            possible_truth(draws, error, frame_total=N, draws=2)[1] for error in (None, one.error)
        )
        found.append([apparent, corrected])
    return np.array(found) / TRUTH.positive.sum()


@pytest.mark.parametrize("second_share", [pytest.param(0.0, marks=pytest.mark.slow), 0.6])
def test_planted_items_correct_what_three_rounds_come_to(second_share):
    found = ratios(second_share=second_share)
    error = found.std(axis=0) / np.sqrt(len(found))
    assert abs(found[:, 1].mean() - 1) < 3 * error[1]
    assert found[:, 0].mean() < 1 - 3 * error[0]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_planted_items_are_seen_twice_as_often_as_adverts_drawn(share):
    sample = drawn_sample(TRUTH.frame, 500, planted=PLANTED, second_share=share)
    second = items_of_round(sample, [], 2)
    planted, drawn = len(second & PLANTED.keys()), len(second - PLANTED.keys())
    assert planted / len(PLANTED) == pytest.approx(share, abs=0.08)
    assert drawn / len(sample.draws) == pytest.approx(share, abs=0.01)
    assert second == items_of_round(sample, [], 2)
