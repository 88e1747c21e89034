"""Differences of several runs to a reference: intervals that hold together, and their words."""

import dataclasses

import numpy as np
import pytest

from adverts.advert import Task
from adverts.evaluation.comparison.compared import ComparedFigure, DecisionsCompared
from adverts.evaluation.comparison.power import smallest_visible, standard_error
from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.statistics.bootstrap import (
    Estimate,
    Resampled,
    estimate,
    estimates,
    resample,
)
from adverts.evaluation.truth import Judged
from adverts.judging.corrected_figures import corrected_decisions, corrected_figures

pytestmark = pytest.mark.promise

REFER = Task("refer", "single", ("no", "yes"), "yes")


def compared(values_RN, clusters, *, figure="macro_f1", resamples=300, seed=0):
    """Return one figure of each run against the first: the mean of its values over adverts."""

    def means(weights_RN):
        return weights_RN @ values_RN.T / weights_RN.sum(axis=1, keepdims=True)

    (found,) = resample([means], clusters, resamples=resamples, seed=seed)
    return against_first(found, len(set(clusters)), figure)


def against_first(found, independent, figure):
    """Return the figure of each run, a column of ``found``, against that of the first."""
    own = estimates(found)
    rows = {}
    for run in range(1, len(found.point)):
        samples = found.samples[:, run] - found.samples[:, 0]
        gap = estimate(float(found.point[run] - found.point[0]), samples)
        error = standard_error(samples)
        visible = None if gap.low is None else smallest_visible(error, independent)
        rows[f"run-{run}"] = ComparedFigure(
            "refer", figure, "", own[run], own[0], gap, "not enough data",
            smallest_visible=visible, adverts_needed=None, samples=samples,
            independent=independent,
        )  # fmt: skip
    return rows


def corrected(rows, **changes):
    settings = {"relevant": 0.03, "min_independent": 50, **changes}
    return corrected_figures({run: (one,) for run, one in rows.items()}, "first", **settings)


def alike(rng, *, runs, clusters, shared=1.0):
    """Return values of runs between which there is no difference but chance."""
    common = shared * rng.normal(size=clusters)
    return common + rng.normal(size=(runs, clusters)) * rng.exponential(size=clusters)


@pytest.mark.parametrize(
    ("runs", "clusters"), [(3, 60), (6, 120), pytest.param(11, 200, marks=pytest.mark.slow)]
)
def test_without_a_difference_all_intervals_cover_zero_together_in_95_percent(runs, clusters):
    rng = np.random.default_rng(1)
    names = [f"c{i}" for i in range(clusters)]
    covered = []
    for trial in range(400):
        rows = corrected(compared(alike(rng, runs=runs, clusters=clusters), names, seed=trial))
        gaps = [one.gap for one in rows if one.answer is not None]
        covered.append(all(one.low <= 0 <= one.high for one in gaps))
    assert np.mean(covered) >= 0.95


def test_intervals_that_are_not_corrected_would_miss_zero_too_often():
    rng = np.random.default_rng(1)
    names = [f"c{i}" for i in range(120)]
    missed = 0
    for trial in range(100):
        rows = compared(alike(rng, runs=11, clusters=120), names, seed=trial)
        missed += any(not one.difference.low <= 0 <= one.difference.high for one in rows.values())
    assert missed > 20


def test_no_corrected_interval_is_narrower_than_its_own():
    values = alike(np.random.default_rng(3), runs=5, clusters=100)
    rows = compared(values, [f"c{i}" for i in range(100)])
    for one, wide in zip(rows.values(), [r for r in corrected(rows) if r.answer], strict=True):
        assert wide.difference_low <= one.difference.low
        assert wide.difference_high >= one.difference.high


def test_two_runs_pay_almost_nothing_and_copies_of_a_run_add_nothing():
    values = alike(np.random.default_rng(4), runs=2, clusters=200)
    names = [f"c{i}" for i in range(200)]
    (_, single), (_, *many) = (
        corrected(compared(one, names, resamples=2000))
        for one in (values, np.vstack([values, values[1:], values[1:]]))
    )
    for one in many:
        assert one.difference_low == pytest.approx(single.difference_low)
        assert one.difference_high == pytest.approx(single.difference_high)
    own = compared(values, names, resamples=2000)["run-1"].difference
    assert single.difference_high - single.difference_low < 1.1 * (own.high - own.low)


def test_the_reference_comes_first_and_has_no_difference():
    rows = corrected(
        compared(alike(np.random.default_rng(5), runs=3, clusters=80), list("ab") * 40)
    )
    assert [one.run for one in rows] == ["first", "run-1", "run-2"]
    assert rows[0].answer is None
    assert rows[0].difference is None


EXACT = "the interval is exact, since no resample differs"


def of_equal_runs(*, clusters, half):
    """The row of a run that is equal to the first, with an exact interval of a half width."""
    values = np.stack([np.random.default_rng(8).normal(size=clusters)] * 2)
    rows = {
        run: dataclasses.replace(
            one, smallest_visible=0.1, difference=Estimate(0.0, -half, half, EXACT)
        )
        for run, one in compared(values, [f"c{i}" for i in range(clusters)]).items()
    }
    (row,) = [one for one in corrected(rows) if one.answer]
    return row


def test_too_few_independent_adverts_are_named_before_the_kind_of_the_interval():
    row = of_equal_runs(clusters=37, half=0.063)
    assert row.answer == "too little evidence"
    assert row.reason == f"37 independent adverts, wanted 50; {EXACT}"


def test_what_the_adverts_show_is_named_before_the_kind_of_the_interval():
    row = of_equal_runs(clusters=80, half=0.05)
    assert row.reason == f"these adverts show 0.100 or more; {EXACT}"


def test_a_clear_difference_is_better_or_worse_by_the_sense_of_the_figure():
    rng = np.random.default_rng(6)
    values = np.stack([rng.normal(size=200), rng.normal(size=200) + 2, rng.normal(size=200) - 2])
    names = [f"c{i}" for i in range(200)]
    words = [one.answer for one in corrected(compared(values, names))]
    turned = [one.answer for one in corrected(compared(values, names, figure="macro_mae"))]
    assert words == [None, "better", "worse"]
    assert turned == [None, "worse", "better"]


def test_few_independent_adverts_are_too_little_evidence_however_clear_it_looks():
    values = np.stack([np.zeros(40), np.ones(40) + np.arange(40) / 100])
    rows = corrected(compared(values, [f"c{i}" for i in range(40)]))
    assert rows[1].answer == "too little evidence"
    assert rows[1].reason == "40 independent adverts, wanted 50"


def test_copies_in_few_clusters_are_no_evidence():
    values = np.stack([np.zeros(400), np.ones(400) + np.arange(400) / 1000])
    rows = corrected(compared(values, [f"c{i % 20}" for i in range(400)]))
    assert rows[1].answer == "too little evidence"


def test_a_difference_that_could_not_have_been_seen_is_too_little_evidence():
    rng = np.random.default_rng(7)
    values = rng.normal(size=(2, 100))
    rows = corrected(compared(values, [f"c{i}" for i in range(100)]), relevant=0.01)
    assert rows[1].answer == "too little evidence"
    assert "these adverts show" in rows[1].reason


def test_what_could_be_seen_is_less_after_the_correction():
    values = alike(np.random.default_rng(8), runs=9, clusters=150)
    before = compared(values, [f"c{i}" for i in range(150)])
    after = [one for one in corrected(before) if one.answer]
    for one, more in zip(before.values(), after, strict=True):
        assert more.smallest_visible > one.smallest_visible


def test_the_same_run_shows_no_difference_and_widens_no_other_interval():
    values = alike(np.random.default_rng(9), runs=2, clusters=200)
    rows = compared(np.vstack([values, values[:1]]), [f"c{i}" for i in range(200)], resamples=500)
    rows["run-2"] = dataclasses.replace(rows["run-2"], smallest_visible=0.0)
    _, other, same = corrected(rows)
    assert (same.difference_low, same.difference_high) == (0.0, 0.0)
    assert same.answer == "no detectable difference"
    del rows["run-2"]
    assert corrected(rows)[1].gap == other.gap


def test_an_exact_interval_is_widened_for_the_number_of_comparisons():
    rows = compared(alike(np.random.default_rng(10), runs=5, clusters=80), list("abcd") * 20)
    exact = dataclasses.replace(
        rows["run-1"], difference=Estimate(0.0, -0.02, 0.02), samples=np.zeros(300)
    )
    rows["run-1"] = exact
    found = corrected(rows)[1]
    assert found.difference_low < -0.02
    assert found.difference_high > 0.02


def test_a_figure_without_an_interval_is_too_little_evidence_and_says_why():
    rows = compared(alike(np.random.default_rng(11), runs=3, clusters=80), list("abcd") * 20)
    lacking = Estimate(None, reason="12 positive clusters, wanted 100")
    rows["run-1"] = dataclasses.replace(
        rows["run-1"], difference=lacking, candidate=lacking, smallest_visible=None,
        samples=np.empty(0), independent=100.0,
    )  # fmt: skip
    found = corrected(rows)[1]
    assert found.answer == "too little evidence"
    assert found.reason == "12 positive clusters, wanted 100"


def test_one_giant_cluster_is_no_interval_however_many_adverts_it_holds():
    rows = compared(alike(np.random.default_rng(14), runs=2, clusters=80), list("abcd") * 20)
    rows["run-1"] = dataclasses.replace(rows["run-1"], independent=1.2)
    found = corrected(rows)[1]
    assert (found.answer, found.difference_low) == ("too little evidence", None)
    assert found.reason == "1 independent advert, wanted 50; fewer than two independent adverts"


def test_nothing_to_compare_gives_no_row():
    assert corrected_figures({"b": (), "c": ()}, "a", relevant=0.03, min_independent=50) == []


def decided(ours, theirs, p_value):
    return DecisionsCompared("refer", "yes", "precision", ours, theirs, p_value)


def test_decisions_are_corrected_by_holm_and_never_called_alike():
    found = corrected_decisions(
        {"b": (decided(30, 5, 0.0001), decided(9, 1, 0.021)), "c": (decided(2, 40, 0.00001),)}
    )
    assert [one.answer for one in found] == ["better", "better", "worse"]
    weaker = corrected_decisions({"b": (decided(9, 1, 0.021),), "c": (decided(5, 4, 0.9),) * 4})
    assert {one.answer for one in weaker} == {"too little evidence"}


@pytest.mark.slow
def test_real_figures_of_equal_models_cover_zero_together_as_often_as_is_said():
    rng, covered = np.random.default_rng(2), []
    cluster_of = np.repeat(np.arange(250), 2)
    for trial in range(500):
        truth = (rng.random(250) < 0.4)[cluster_of]
        judged = Judged(REFER, truth.astype(np.int64), np.arange(500))
        shared = rng.normal(size=250)[cluster_of]
        independent = float(min(truth.sum(), (~truth).sum())) / 2  # clusters of the rarer label
        models = [
            FigureSet(judged, said(rng, truth, shared, cluster_of), precision=0.8) for _ in range(4)
        ]
        names = [f"c{one}" for one in cluster_of]
        found = resample(models, names, resamples=400, seed=trial)
        pairs = {}
        for figure in ("average_precision", "macro_f1", "roc_auc"):
            place = models[0].names.index(figure)
            points = np.array([one.point[place] for one in found])
            samples = np.stack([one.samples[:, place] for one in found], axis=1)
            rows = against_first(Resampled(points, samples), independent, figure)
            for run, row in rows.items():
                pairs[run] = (*pairs.get(run, ()), row)
        rows = corrected_figures(pairs, "first", relevant=0.05, min_independent=50)
        gaps = [one.gap for one in rows if one.answer is not None]
        assert len(gaps) == 9
        covered.append(all(one.low <= 0 <= one.high for one in gaps))
    assert np.mean(covered) >= 0.95


def said(rng, truth, shared, cluster_of):
    """Return probabilities of one of several equal models, whose copies score alike."""
    scores = 1.5 * truth + shared + 0.5 * rng.normal(size=cluster_of.max() + 1)[cluster_of]
    yes = 1 / (1 + np.exp(-scores - 0.3 * rng.normal(size=len(truth))))
    return np.stack([1 - yes, yes], axis=1)


def test_a_clear_difference_that_does_not_matter_says_so():
    shared = np.random.default_rng(13).normal(size=200)
    values = np.stack([shared, shared + 0.01 + np.arange(200) * 1e-6])
    rows = corrected(compared(values, [f"c{i}" for i in range(200)]))
    assert (rows[1].answer, rows[1].reason) == ("better", "by less than 0.03")
