"""A figure without an error is as sure as exact bounds say, and no surer."""

import numpy as np
import pytest

from adverts.advert import Task
from adverts.evaluation.figures.evidence import surest
from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.figures.label_figures import LabelDecisions
from adverts.evaluation.figures.planned_figures import PlannedFigures
from adverts.evaluation.figures.slices import gap_of
from adverts.evaluation.statistics.bootstrap import (
    Bench,
    Estimate,
    or_exact,
    or_exact_difference,
    resample,
)
from adverts.evaluation.statistics.bounds import exact_interval
from adverts.evaluation.truth import judge

REFER = Task("refer", "single", ("no", "yes"), "yes")
KINDS = Task("kind", "single", ("a", "b", "c"))
LEVELS = Task("risk", "ordinal", ("0", "1", "2"))
SIGNALS = Task("signals", "multi", ("x", "y"))


def told(task, targets, said, clusters=None, others=None, **asked):
    """Return figures and comparisons of a model as a report has them."""
    names = clusters or [str(i) for i in range(len(said))]
    bench, judged = Bench(), judge(task, targets)
    planned = PlannedFigures(
        bench,
        judged,
        {"model": said, **(others or {})},
        precision=0.9,
        recall=0.95,
        prevalence=asked.get("prevalence"),
        clusters=names,
    )
    bench.run(names, resamples=200, seed=0)
    return planned.models()[0].figures, planned.comparisons(planned.figures())


def queue(positives, negatives):
    truth = np.arange(positives + negatives) < positives
    targets = np.stack([~truth, truth], axis=1).astype(np.float32)
    score = np.where(truth, 0.7, 0.3) + np.linspace(0, 0.1, len(truth))
    return targets, np.stack([1 - score, score], axis=1)


def test_a_perfect_figure_has_the_exact_lower_end_of_a_share_without_an_error():
    figures, _ = told(REFER, *queue(100, 400))
    lost = 1 - exact_interval(100, 100)[0]
    recall = figures["recall_at_precision"]
    assert (recall.value, recall.high) == (1.0, 1.0)
    assert recall.low == pytest.approx(1 - lost, rel=1e-6)
    assert figures["average_precision"].low == pytest.approx(1 - lost, abs=0.01)
    assert figures["roc_auc"].low == pytest.approx(1 - lost / 2, abs=0.001)
    assert figures["accuracy"].low < 1 - lost / 6
    assert "exact" in recall.reason


def test_rare_positives_make_false_alarms_that_nobody_saw_costly():
    few, _ = told(REFER, *queue(100, 400))
    rare, _ = told(REFER, *queue(100, 400), prevalence=0.005)
    assert few["average_precision"].low > 0.95
    assert rare["average_precision_at_prevalence"].low < 0.5


def test_copies_of_a_few_adverts_make_nothing_sure():
    targets, said = queue(200, 800)
    clusters = [f"c{i // 20}" for i in range(1000)]
    figures, _ = told(REFER, targets, said, clusters)
    assert figures["recall_at_precision"].low < 0.75


def test_a_figure_of_nothing_is_no_surer_than_one_of_everything():
    targets, said = queue(100, 400)
    figures, _ = told(REFER, targets, said[:, ::-1])
    nothing = figures["recall_at_precision"]
    assert (nothing.value, nothing.low) == (0.0, 0.0)
    assert nothing.high == pytest.approx(exact_interval(0, 100)[1], rel=1e-6)


def test_figures_that_resamples_change_keep_their_interval():
    targets, said = queue(100, 400)
    said[:5] = said[:5, ::-1]
    bench, judged = Bench(), judge(REFER, targets)
    plain = PlannedFigures(
        bench, judged, {"model": said}, precision=0.9, recall=0.95, prevalence=None
    )
    bench.run([str(i) for i in range(500)], resamples=200, seed=0)
    figures, _ = told(REFER, targets, said)
    assert figures["average_precision"] == plain.models()[0].figures["average_precision"]


def test_a_constant_has_a_roc_auc_of_one_half_and_nobody_doubts_it():
    targets, _ = queue(100, 400)
    figures, _ = told(REFER, targets, np.full((500, 2), 0.5))
    assert (figures["roc_auc"].low, figures["roc_auc"].high) == (0.5, 0.5)


def test_perfect_labels_levels_and_signals_are_no_surer():
    labels = np.arange(300) % 3
    one_hot = np.eye(3)[labels]
    for task, name in ((KINDS, "macro_f1"), (LEVELS, "quadratic_kappa")):
        found = told(task, one_hot.astype(np.float32), one_hot)[0][name]
        assert found.value == 1.0
        assert 0.9 < found.low < 0.99
    levels = told(LEVELS, one_hot.astype(np.float32), one_hot)[0]["macro_mae"]
    assert (levels.value, levels.low) == (0.0, 0.0)
    assert levels.high == pytest.approx(2 * exact_interval(0, 100)[1] / 3, rel=1e-6)
    signals = (np.random.default_rng(0).random((300, 2)) < 0.4).astype(np.float32)
    found = told(SIGNALS, signals, signals.astype(float))[0]
    assert 0.9 < found["micro_f1"].low < 1.0
    assert 0.9 < found["mean_average_precision"].low < 1.0


def test_a_brier_score_of_nothing_may_be_that_of_an_error_nobody_saw():
    targets, _ = queue(100, 400)
    figures, _ = told(REFER, targets, targets.astype(float))
    assert figures["brier"].low == 0.0
    assert figures["brier"].high == pytest.approx(exact_interval(0, 100)[1] / 5, rel=0.02)


def test_two_perfect_models_may_differ_on_what_neither_has_seen():
    targets, said = queue(100, 400)
    other = np.stack([1 - said[:, 1] ** 2, said[:, 1] ** 2], axis=1)
    _, [*found] = told(REFER, targets, said, others={"other": other, "itself": said})
    gaps = {(one.reference, one.figure): one.difference for one in found}
    differs = gaps["other", "average_precision"]
    assert differs.low == pytest.approx(-differs.high)
    assert differs.low < -0.02
    same = gaps["itself", "average_precision"]
    assert (same.low, same.high) == (0.0, 0.0)


def test_one_answer_alone_bounds_nothing():
    targets, said = queue(20, 0)
    judged = judge(REFER, targets)
    figures = FigureSet(judged, said, precision=0.9)
    assert surest(figures, judged, [str(i) for i in range(20)], judged.rows) == {}


def test_a_figure_without_a_bound_or_an_interval_stays_as_it_is():
    sure, none = Estimate(1.0, 1.0, 1.0), Estimate(1.0)
    assert or_exact(sure, None, low_is_good=True) is sure
    assert or_exact(none, 0.9, low_is_good=False) is none
    gap = or_exact_difference(Estimate(0.1, 0.0, 0.2), 0.9, low_is_good=False)
    assert gap.low == 0.0


def test_a_label_that_is_always_right_has_an_f1_no_surer_than_its_precision_and_recall():
    targets, said = queue(100, 400)
    decisions = LabelDecisions(judge(REFER, targets), said)
    names = [str(i) for i in range(500)]
    [drawn] = resample([decisions], names, resamples=100, seed=0)
    yes = decisions.read(drawn, names)[1]
    assert yes["f1"].value == yes["f1"].high == 1.0
    assert yes["f1"].low == pytest.approx(exact_interval(100, 100)[0])


def test_groups_without_an_error_have_a_gap_without_an_interval():
    groups = {name: (1.0, np.ones(100)) for name in ("en", "fr")}
    found = gap_of("language", "accuracy", groups, lower_is_better=False).difference
    assert (found.value, found.low, found.high) == (0.0, None, None)
    assert "no resample differs" in found.reason
