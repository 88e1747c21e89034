"""Calibration mends what is wrong, leaves what is right, and says what it rests on."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from adverts.evaluation.statistics.metrics import expected_calibration_error, reliability
from adverts_findings.campaigns.edges import Edges
from adverts_findings.campaigns.judgements.calibration import calibrate, calibration_error, mean_gap
from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.judgements.labelled_edges import LabelledEdges, labelled_edges
from adverts_findings.campaigns.judgements.probability_model import features, fit_model
from adverts_findings.campaigns.judgements.which_to_judge import which_to_judge

pytestmark = pytest.mark.promise

KINDS, SHARES = (0, 1, 2, 3), (0.45, 0.4, 0.08, 0.07)


def made_edges(count=4_000, seed=0):
    """Return edges of unlike pairs as a bank has them: most are sure, few are doubtful."""
    rng = np.random.default_rng(seed)
    status = rng.choice(3, count, p=[0.85, 0.1, 0.05])
    centre = np.array([4.0, -0.5, -1.0])[status]
    probability = expit(centre + rng.normal(size=count))
    zeros = np.zeros(count, dtype=np.int64)
    return Edges(
        first=2 * np.arange(count),
        second=2 * np.arange(count) + 1,
        kind=rng.choice(4, count, p=SHARES),
        value=("v",) * count,
        adverts=zeros,
        accounts=zeros,
        silence=np.zeros(count),
        across=zeros.astype(bool),
        also=zeros,
        weight=np.zeros(count),
        probability=probability,
        status=status,
        reason=("",) * count,
    )


def sheet(edges, truth, *, budget=200, seed=0, bridges=()):
    """Return the labels of a sheet that is filled in by the truth."""
    roots = np.arange(2 * len(edges)) // 2 * 2
    drawn = which_to_judge(edges, roots=roots, bridges=bridges, judged=(), budget=budget, seed=seed)
    places = np.array([one.edge for one in drawn])
    return LabelledEdges(
        places=places,
        pairs=np.arange(len(places)),
        same=truth[places],
        chance=np.array([one.chance for one in drawn]),
        at_random=np.array([one.drawn == "random" for one in drawn]),
        unsure=0,
        contradicted=0,
    )


def judged_by_truth(seed):
    """Return edges whose probabilities are right, their truth, and the labels of a sheet."""
    edges = made_edges(seed=seed)
    truth = np.random.default_rng(50 + seed).random(len(edges)) < edges.probability
    return edges, truth, sheet(edges, truth, seed=seed)


def calibrated(edges, uncalibrated, labels):
    """Return calibrated probabilities without the reported error, which takes many more fits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{calibrate.__module__}.calibration_error", lambda *_, **__: None)
        found = calibrate(edges, uncalibrated, labels)
    assert found.calibrated
    return found.probability


def error_of(probability, truth):
    return expected_calibration_error(reliability(probability, truth))


SHAPES = {
    "right": lambda odds, kind: odds,
    "too sure": lambda odds, kind: 0.4 * odds,
    "not sure enough": lambda odds, kind: 2 * odds,
    "too high": lambda odds, kind: odds - 3,
    "too low": lambda odds, kind: odds + 3,
    "accounts wrong": lambda odds, kind: odds - 5 * (kind == 1),
    "contacts wrong": lambda odds, kind: odds - 4 * (kind == 0),
    "templates wrong": lambda odds, kind: odds - 4 * (kind == 3),
}


@functools.cache
def errors(shape, seeds=8):
    before, after = [], []
    for seed in range(seeds):
        edges = made_edges(seed=seed)
        chance = expit(SHAPES[shape](logit(edges.probability), edges.kind))
        truth = np.random.default_rng(100 + seed).random(len(edges)) < chance
        found = calibrated(edges, edges.probability, sheet(edges, truth, seed=seed))
        before.append(error_of(edges.probability, truth))
        after.append(error_of(found, truth))
    return np.array(before), np.array(after)


@pytest.mark.parametrize("shape", SHAPES)
def test_after_two_hundred_judgements_the_error_is_five_per_cent_or_less_but_for_chance(shape):
    _, after = errors(shape)
    assert after.mean() - after.std(ddof=1) / np.sqrt(len(after)) <= 0.05
    assert after.max() < 0.16


@pytest.mark.parametrize("shape", ["too high", "accounts wrong", "contacts wrong"])
def test_probabilities_that_are_wrong_become_better(shape):
    before, after = errors(shape)
    assert after.mean() < 0.6 * before.mean()


def test_a_few_slips_do_not_make_sure_edges_doubtful():
    surest, means = [], []
    for seed in range(6):
        edges, truth, labels = judged_by_truth(seed)
        sure = np.flatnonzero(labels.same & (edges.probability[labels.places] > 0.97))
        slips = labels.same.copy()
        slips[sure[:2]] = False
        found = calibrated(edges, edges.probability, replace(labels, same=slips))
        surest.append(np.mean(found[edges.probability > 0.97]))
        means.append(error_of(found, truth))
    assert np.mean(surest) > 0.92
    assert np.mean(means) < 0.05


def test_probabilities_that_are_right_hardly_change():
    assert errors("right")[1].max() < 0.03


def test_informative_pairs_in_which_all_are_different_do_not_bend_the_rest():
    errors, rest = [], []
    for seed in range(6):
        edges, truth, _ = judged_by_truth(seed)
        bridges = np.arange(len(edges)) % 20 == 0
        truth[bridges] = False
        labels = sheet(edges, truth, seed=seed, bridges=np.flatnonzero(bridges).tolist())
        found = calibrated(edges, edges.probability, labels)
        asked = bridges[labels.places]
        errors.append(error_of(found, truth))
        rest.append(np.mean(labels.same[~asked]) - np.mean(labels.same))
    assert np.mean(rest) > 0.05
    assert np.mean(errors) < 0.07


@pytest.mark.parametrize(("pairs", "at_random"), [(99, 99), (400, 24), (0, 0)])
def test_with_too_few_labels_probabilities_stay_and_are_called_uncalibrated(pairs, at_random):
    edges = made_edges()
    labels = LabelledEdges(
        places=np.arange(pairs),
        pairs=np.arange(pairs),
        same=np.ones(pairs, dtype=bool),
        chance=np.full(pairs, 0.1),
        at_random=np.arange(pairs) < at_random,
        unsure=7,
        contradicted=2,
    )
    found = calibrate(edges, edges.probability, labels)
    assert not found.calibrated
    assert found.error is None
    assert np.array_equal(found.probability, edges.probability)
    assert (found.pairs, found.at_random) == (pairs, min(pairs, at_random))
    assert (found.unsure, found.contradicted) == (7, 2)


def test_many_edges_of_few_pairs_are_too_few_labels():
    edges = made_edges()
    labels = sheet(edges, np.ones(len(edges), dtype=bool))
    few = LabelledEdges(
        labels.places, labels.pairs % 40, labels.same, labels.chance, labels.at_random, 0, 0
    )
    assert not calibrate(edges, edges.probability, few).calibrated


@pytest.mark.parametrize("said", [True, False])
def test_labels_of_one_word_alone_give_neither_zero_nor_one(said):
    edges = made_edges()
    labels = sheet(edges, np.full(len(edges), said))
    found = calibrate(edges, edges.probability, labels).probability
    assert np.all((found > 1e-6) & (found < 1 - 1e-6))


def test_an_edge_that_is_not_weighed_stays_unknown_and_its_label_counts_for_nothing():
    edges = made_edges()
    truth = np.random.default_rng(1).random(len(edges)) < edges.probability
    labels = sheet(edges, truth)
    unknown = edges.probability.copy()
    unknown[labels.places[:50]] = np.nan
    found = calibrate(edges, unknown, labels)
    assert np.array_equal(np.isnan(found.probability), np.isnan(unknown))
    assert found.pairs == labels.num_pairs - 50


def test_probabilities_of_zero_and_one_are_calibrated_too():
    errors = []
    for seed in range(6):
        edges, truth, labels = judged_by_truth(seed)
        found = calibrated(edges, np.round(edges.probability), labels)
        assert np.all((found > 0) & (found < 1))
        errors.append(error_of(found, truth))
    assert np.mean(errors) < 0.06


def test_the_order_of_labels_does_not_matter():
    edges = made_edges()
    labels = sheet(edges, edges.probability > 0.4)
    order = np.random.default_rng(0).permutation(len(labels.places))
    shuffled = LabelledEdges(
        *(getattr(labels, name)[order] for name in ("places", "pairs", "same", "chance")),
        at_random=labels.at_random[order],
        unsure=0,
        contradicted=0,
    )
    one, other = (calibrate(edges, edges.probability, each) for each in (labels, shuffled))
    assert one.probability == pytest.approx(other.probability, abs=1e-6)


def test_the_reported_error_is_small_where_probabilities_can_be_mended_and_seen_by_chance():
    edges = made_edges()
    truth = np.random.default_rng(1).random(len(edges)) < edges.probability
    found = calibrate(edges, edges.probability, sheet(edges, truth, budget=400)).error
    assert 0 <= found.error < 0.15
    assert abs(found.error - found.by_chance) < 3 * found.standard_error + 0.02
    assert found == calibrate(edges, edges.probability, sheet(edges, truth, budget=400)).error


def test_no_pair_is_compared_with_a_fit_that_knows_its_label(monkeypatch):
    edges = made_edges()
    labels = sheet(edges, edges.probability > 0.4)
    labels = replace(labels, pairs=labels.pairs // 2)
    pair_of = dict(zip(labels.places.tolist(), labels.pairs.tolist(), strict=True))
    compared = []

    def fitted(edges, uncalibrated, known, places):
        held_out = {pair_of[place] for place in places.tolist()}
        assert not held_out & set(known.pairs.tolist())
        compared.extend(places.tolist())
        return np.full(len(places), 0.5)

    monkeypatch.setattr("adverts_findings.campaigns.judgements.calibration._fitted", fitted)
    calibration_error(edges, edges.probability, labels, seed=0)
    assert sorted(compared) == sorted(pair_of)


def test_the_reported_error_is_large_where_the_model_cannot_mend_it():
    edges = made_edges()
    odds = np.random.default_rng(2).uniform(-6, 6, len(edges))
    labels = sheet(edges, np.abs(odds) < 1.5, budget=400)
    found = calibrate(edges, expit(odds), labels)
    assert found.error.error > 1.5 * found.error.by_chance
    assert error_of(found.probability, np.abs(odds) < 1.5) > 0.1


def test_the_gap_is_weighted_and_equal_probabilities_share_a_bin():
    stated = np.array([0.2, 0.2, 0.8, 0.8])
    same = np.array([0.0, 1.0, 1.0, 1.0])
    assert mean_gap(stated, same, np.ones(4)) == pytest.approx(0.5 * 0.3 + 0.5 * 0.2)
    assert mean_gap(stated, same, np.array([3.0, 1.0, 0.0, 0.0])) == pytest.approx(0.05)
    assert mean_gap(stated, same, np.ones(4)) == mean_gap(stated[::-1], same[::-1], np.ones(4))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 1, allow_subnormal=False),
            st.sampled_from(KINDS),
            st.integers(0, 2),
            st.booleans(),
        ),
        max_size=20,
    )
)
def test_whatever_the_labels_a_fit_ends_within_zero_and_one(labels):
    chances, kinds, statuses, same = map(list, zip(*labels, strict=True)) if labels else ([],) * 4
    seen = features(
        np.array(chances, dtype=float), np.array(kinds, dtype=int), np.array(statuses, dtype=int)
    )
    model = fit_model(seen, np.array(same, dtype=float), np.ones(len(labels)))
    grid = features(np.linspace(0, 1, 9), np.arange(9) % 4, np.arange(9) % 3)
    assert np.all((model.probability(grid) > 0) & (model.probability(grid) < 1))


def judged(said, first, second, *, by="anna", chance=0.5, drawn="random", anchors=None):
    pairs = ((first, second),) if anchors is None else anchors
    at = "2026-03-02T10:00:00+00:00"
    return Judgement(said, first, second, pairs, by, at, "", drawn, chance, "e1" if drawn else "")


ROWS = {f"a{row}": row for row in range(20)}


def labels_of(*judgements, edges=None):
    return labelled_edges(judgements, made_edges(10) if edges is None else edges, ROWS)


def test_a_judged_pair_labels_each_of_its_edges_whichever_advert_is_named_first():
    edges = made_edges(10)
    edges.first[5], edges.second[5] = 1, 0
    found = labels_of(judged("same", "a1", "a0"), judged("different", "a4", "a5"), edges=edges)
    assert found.places.tolist() == [0, 2, 5]
    assert found.pairs.tolist() == [0, 1, 0]
    assert found.same.tolist() == [True, False, True]
    assert (found.num_pairs, found.num_random) == (2, 2)


def test_only_pairs_that_were_drawn_are_labels():
    found = labels_of(
        judged("same", "a0", "a1", drawn="", chance=0.0),
        judged("same", "a10", "a11", drawn="", chance=0.5),
        judged("same", "a12", "a13", chance=0.0),
        judged("merge", "c1", "c2", drawn="", chance=0.0, anchors=(("a2", "a3"),)),
        judged("same", "a0", "gone"),
        judged("same", "a0", "a9"),
        judged("same", "a6", "a7", anchors=()),
        judged("same", "a8", "a9", anchors=(("a8", "a9"), ("a0", "a1"))),
    )
    assert len(found.places) == 0
    assert found.num_pairs == 0


def test_unsure_and_contradicted_pairs_are_left_out_and_counted():
    found = labels_of(
        judged("unsure", "a0", "a1"),
        judged("unsure", "a2", "a3"),
        judged("same", "a2", "a3", by="bob"),
        judged("same", "a4", "a5"),
        judged("different", "a4", "a5", by="bob"),
    )
    assert found.places.tolist() == [1]
    assert (found.unsure, found.contradicted) == (1, 1)


def test_two_people_who_agree_give_one_label():
    found = labels_of(judged("same", "a0", "a1"), judged("same", "a1", "a0", by="bob"))
    assert found.places.tolist() == [0]
    assert found.num_pairs == 1


def test_the_error_of_the_error_hangs_on_the_pairs_and_on_no_scale_of_their_chances():
    edges, _, labels = judged_by_truth(0)
    often, seldom = (
        calibration_error(edges, edges.probability, replace(labels, chance=chance), seed=0)
        for chance in (labels.chance, labels.chance / 1_000)
    )
    assert seldom.standard_error == pytest.approx(often.standard_error, rel=1e-6)
    assert often.standard_error > 0.005
