"""What thresholds do to judged adverts: counted by hand, with intervals that admit ignorance."""

from dataclasses import replace

import numpy as np
import pytest
from evaluation_examples import predictions, targets
from scipy.stats import beta, binomtest
from sklearn.metrics import precision_score, recall_score

from adverts.advert import Task
from adverts.evaluation.decisions.operating_points import operating_points
from adverts.evaluation.figures.look_alikes import LookAlikes
from adverts.runtime.rules.thresholds import Threshold, Thresholds

QUEUE = Task("refer", "single", ("no", "yes"), "yes")
PRECISE = Threshold("refer", "yes", "precision", 0.9, 0.5, 0.05)
COMPLETE = Threshold("refer", "yes", "recall", 0.9, 0.5)


def judged_set(found, missed, alarms, quiet, **changes):
    """Return so many adverts of each kind at a threshold of 0.5, one advert a cluster."""
    n = found + missed + alarms + quiet
    scores = np.repeat([0.9, 0.1, 0.9, 0.1], [found, missed, alarms, quiet])
    truth = np.arange(n) < found + missed
    columns = {
        "ids": [f"a{i}" for i in range(n)],
        "clusters": [f"c{i}" for i in range(n)],
        "langs": ["en"] * n,
        "probabilities": {"refer": np.stack([1 - scores, scores], axis=1)},
    }
    said = replace(predictions(n, tasks=()), tasks=(QUEUE,), **{**columns, **changes})
    return said, {"refer": np.stack([~truth, truth], axis=1).astype(np.float32)}


def points(said, wanted, *thresholds, look_alikes=None, resamples=200):
    return operating_points(
        said,
        wanted,
        Thresholds(thresholds),
        look_alikes=look_alikes,
        resamples=resamples,
        seed=0,
    )


def point(threshold, *counts, **changes):
    return points(*judged_set(*counts, **changes), threshold)[0]


def test_the_figures_are_those_of_the_four_counts():
    one = point(PRECISE, 80, 20, 10, 390)
    assert (one.adverts, one.flagged) == (500, 90)
    assert one.precision.value == pytest.approx(80 / 90)
    assert one.recall.value == pytest.approx(0.8)
    assert one.false_positive_rate.value == pytest.approx(10 / 400)
    # at a prevalence of 0.05: 0.04 of all are found, beside 0.95 * 0.025 false alarms
    assert one.precision_at_prevalence.value == pytest.approx(0.04 / (0.04 + 0.02375))


def test_intervals_hold_the_figure_and_narrow_with_more_adverts():
    few, many = point(PRECISE, 80, 20, 10, 390), point(PRECISE, 800, 200, 100, 3900)
    for name in ("precision", "precision_at_prevalence", "recall", "false_positive_rate"):
        wide, narrow = getattr(few, name), getattr(many, name)
        assert wide.low < wide.value < wide.high
        assert narrow.high - narrow.low < wide.high - wide.low


def test_the_figures_of_every_task_are_those_of_scikit_learn():
    said, wanted = predictions(), targets()
    asked = [
        Threshold("coarse", "offer", "recall", 0.9, 0.4),
        Threshold("signals", "price", "recall", 0.9, 0.6),
        Threshold("risk", "2", "recall", 0.9, 0.7),
    ]
    scores = [
        said.probabilities["coarse"][:, 0],
        said.probabilities["signals"][:, 0],
        said.probabilities["risk"][:, 2:].sum(axis=1),
    ]
    truths = [
        wanted["coarse"][:, 0] == 1,
        wanted["signals"][:, 0] == 1,
        wanted["risk"][:, 2:].sum(axis=1) == 1,
    ]
    known = [np.ones(240, bool), ~np.isnan(wanted["signals"][:, 0]), np.ones(240, bool)]
    for one, score, truth, judged in zip(
        points(said, wanted, *asked), scores, truths, known, strict=True
    ):
        flagged = score[judged] >= one.threshold.value
        assert one.precision.value == pytest.approx(precision_score(truth[judged], flagged))
        assert one.recall.value == pytest.approx(recall_score(truth[judged], flagged))
        assert one.precision_at_prevalence is None


def test_a_score_at_the_threshold_is_flagged():
    one = point(replace(PRECISE, value=0.9), 5, 5, 5, 5)
    assert one.flagged == 10


def test_without_a_false_alarm_the_interval_is_exact_and_not_empty():
    one = point(PRECISE, 50, 0, 0, 40)
    exact = binomtest(0, 40).proportion_ci(0.95, "exact")
    assert (one.false_positive_rate.low, one.false_positive_rate.value) == (0.0, 0.0)
    assert one.false_positive_rate.high == pytest.approx(exact.high)
    assert one.recall.low == pytest.approx(binomtest(50, 50).proportion_ci(0.95, "exact").low)
    assert one.precision_at_prevalence.value == 1.0
    assert one.precision_at_prevalence.low < 0.5
    assert "exact" in one.recall.reason


def test_with_few_false_alarms_no_interval_is_narrower_than_the_exact_one():
    one = point(PRECISE, 80, 20, 2, 1000)
    exact = binomtest(2, 1002).proportion_ci(0.95, "exact")
    assert one.false_positive_rate.low <= exact.low
    assert one.false_positive_rate.high >= exact.high - 1e-12
    assert one.precision.low <= binomtest(80, 82).proportion_ci(0.95, "exact").low + 1e-12
    assert one.false_positive_rate.reason.startswith("few errors")
    assert one.recall.reason is None


@pytest.mark.parametrize(
    ("threshold", "counts", "kept"),
    [
        (PRECISE, (100, 0, 0, 1000), True),
        (PRECISE, (50, 0, 0, 40), None),
        (PRECISE, (80, 20, 100, 390), False),
        (COMPLETE, (100, 0, 0, 10), True),
        (COMPLETE, (20, 0, 0, 10), None),
        (COMPLETE, (50, 50, 0, 10), False),
        (COMPLETE, (0, 0, 3, 10), None),
    ],
)
def test_a_promise_is_kept_broken_or_left_open(threshold, counts, kept):
    assert point(threshold, *counts).kept is kept


def test_copies_do_not_prove_that_a_promise_is_kept():
    clusters = ["all of them"] * 1000 + [f"c{i}" for i in range(1000)]
    assert point(COMPLETE, 1000, 0, 0, 1000, clusters=clusters).kept is None


@pytest.mark.parametrize(
    ("confidence", "found", "kept"),
    [
        # a recall of 0.9 without a miss takes log(1 - confidence) / log(0.9) adverts:
        (0.95, 29, True),  # 28.4
        (0.95, 28, None),
        (0.975, 35, None),  # 35.01
        (0.975, 36, True),
        (0.99, 43, None),  # 43.7
        (0.99, 44, True),
    ],
)
def test_a_promise_is_judged_at_the_confidence_that_was_promised(confidence, found, kept):
    said, wanted = judged_set(found, 0, 0, 10)
    rules = Thresholds((COMPLETE,), confidence=confidence)
    one = operating_points(said, wanted, rules, look_alikes=None, resamples=100, seed=0)[0]
    assert one.kept is kept


def test_misses_that_come_in_a_large_cluster_are_worth_as_little_as_it_is():
    # 80 positives found, each by itself, and 20 copies of one that is missed. Of the first 20
    # clusters, that one first, 39 adverts have squared sizes of 400 + 19: 100 adverts are then
    # worth 39 * 100 / 419 = 9.3 independent ones, and without regard to the miss 100² / 480.
    clusters = [f"c{i}" for i in range(80)] + ["copies"] * 20 + [f"n{i}" for i in range(10)]
    worth, blind = 39 * 100 / 419, 100**2 / 480
    low, too_high = (beta.ppf(0.05, 0.8 * n, 0.2 * n + 1) for n in (worth, blind))
    assert low < 0.55 < too_high
    for promised, kept in ((low - 0.001, True), (low + 0.001, None), (0.55, None)):
        threshold = replace(COMPLETE, promised=promised)
        assert point(threshold, 80, 20, 0, 10, clusters=clusters).kept is kept


def test_false_alarms_that_come_in_a_large_cluster_are_worth_as_little_as_it_is():
    # the same with 20 copies that are flagged, among 80 others that are not
    clusters = [f"p{i}" for i in range(1000)] + ["copies"] * 20 + [f"n{i}" for i in range(80)]
    recall = beta.ppf(0.05, 1000, 1)
    worth, blind = 39 * 100 / 419, 100**2 / 480
    high, too_low = (beta.ppf(0.95, 0.2 * n + 1, 0.8 * n) for n in (worth, blind))
    precise = {rate: recall / (recall + rate) for rate in (high, (high + too_low) / 2)}
    for promised, kept in zip(precise.values(), (True, None), strict=True):
        threshold = replace(PRECISE, operating_prevalence=0.5, promised=promised - 1e-9)
        assert point(threshold, 1000, 0, 20, 80, clusters=clusters).kept is kept


def test_without_a_positive_recall_is_undefined():
    one = point(PRECISE, 0, 0, 3, 10)
    assert one.recall.value is None
    assert one.precision.value == 0.0


def test_where_nothing_is_flagged_precision_is_undefined():
    assert point(PRECISE, 0, 5, 0, 10).precision.value is None


def test_only_reviewed_adverts_count():
    reviewed = np.arange(100) < 50
    one = point(COMPLETE, 50, 0, 0, 50, reviewed=reviewed)
    assert one.adverts == 50
    assert not points(*judged_set(5, 5, 5, 5, reviewed=np.zeros(20, dtype=bool)), COMPLETE)


def test_what_is_not_shipped_or_not_judged_has_no_point():
    said, wanted = judged_set(5, 5, 5, 5)
    assert points(said, wanted, replace(COMPLETE, value=None, lack="too few")) == ()
    assert points(said, {}, COMPLETE) == ()
    assert points(said, wanted, replace(COMPLETE, task="other")) == ()


def test_each_language_is_judged_at_its_own_threshold():
    langs = ["en"] * 60 + ["ps"] * 40
    said, wanted = judged_set(50, 0, 0, 50, langs=langs)
    everyone, own = points(said, wanted, COMPLETE, replace(COMPLETE, value=0.05, language="ps"))
    assert (everyone.adverts, everyone.flagged) == (60, 50)
    assert (own.adverts, own.flagged) == (40, 40)


def test_look_alikes_are_told_for_the_queue_and_for_no_other_label():
    kinds = np.array(["offer"] * 50 + ["news"] * 10 + ["seek"] * 40, dtype=object)
    like = LookAlikes(kinds, {"news": "benign_adjacent"}, ("seek",))
    said, wanted = judged_set(50, 0, 4, 46)
    (one,) = points(said, wanted, COMPLETE, look_alikes=like)
    rates = {group.group: (group.kind, group.flagged, group.adverts) for group in one.groups}
    assert rates == {"benign_adjacent": ("look_alike", 4, 10), "seek": ("ambiguous", 0, 40)}
    coarse = points(
        predictions(), targets(), Threshold("coarse", "offer", "recall", 0.9, 0.4), look_alikes=like
    )
    assert coarse[0].groups == ()


def test_the_seed_decides_the_intervals():
    said, wanted = judged_set(80, 20, 10, 390)
    assert points(said, wanted, PRECISE) == points(said, wanted, PRECISE)


def test_a_promise_rests_on_what_the_clusters_of_its_own_adverts_are_worth():
    clusters = ["copies"] * 60 + [f"c{i}" for i in range(440)]
    assert point(COMPLETE, 80, 20, 10, 390).independent == pytest.approx(100)
    assert point(PRECISE, 80, 20, 10, 20).independent == pytest.approx(30)
    copied = point(COMPLETE, 80, 20, 10, 390, clusters=clusters)
    assert copied.independent == pytest.approx(100**2 / (60**2 + 40))
