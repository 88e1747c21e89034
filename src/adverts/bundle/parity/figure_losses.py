"""How much the figures of a model fall in a bundle, with paired intervals over clusters.

Shape suffixes: ``N`` adverts of the split, ``L`` labels, ``R`` weightings of the adverts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Bools, Floats, Ints
from adverts.bundle.parity.checkpoint_reference import Probabilities
from adverts.bundle.parity.parity_record import Change
from adverts.bundle.parity.proof_adverts import Truth, holding_rows
from adverts.config import BundleConfig
from adverts.evaluation.figures.figures_by_kind import AVERAGE_PRECISION, FigureSet, primary_figure
from adverts.evaluation.statistics import ranking
from adverts.evaluation.statistics.bootstrap import (
    Bench,
    BenchResult,
    Estimate,
    Statistic,
    difference,
)
from adverts.evaluation.statistics.classes import ratio
from adverts.evaluation.statistics.ranking import Ranking
from adverts.runtime.rules.thresholds import Threshold, has_queue, label_scores

RESAMPLES = 1000
DECISIONS_KEPT = "decisions kept"
USUAL = 0.5
_ROUNDING = 1e-9


def measure_losses(
    truth: Truth,
    expected: Probabilities,
    found: Probabilities,
    *,
    flipped: Bools,
    allowance: BundleConfig,
) -> tuple[Change, ...]:
    """Return each figure of the headline task, on all adverts and on each slice.

    The figures are the primary figure of the task, and recall at each of its shipped thresholds. A
    task with a queue but no threshold has recall at :data:`USUAL` instead. If a task has neither,
    or no figure has an advert, the share of adverts whose decisions are all kept is measured too.
    Each label of another task with a shipped threshold is a slice of its own, with its recall.

    Args:
        truth: Adverts and labels.
        expected: Maps each task name to the checkpoint's probabilities ``(N, L)``.
        found: Maps each task name to the bundle's probabilities ``(N, L)``.
        flipped: ``(N,)``, whether a decision of any task differs.
        allowance: How much each figure may fall.
    """
    bench, name = Bench(), truth.task.name
    planned = []
    for place, rows in (("", np.arange(len(truth.clusters))), *truth.slices):
        pairs = zip(
            _figures(truth, expected[name], rows), _figures(truth, found[name], rows), strict=True
        )
        measured = [_Planned(bench, place, ours, theirs) for theirs, ours in pairs]
        decides = truth.thresholds or has_queue(truth.task)
        if not decides or not any(one.count for one in measured):
            measured.append(_Planned(bench, place, *_kept(flipped, rows)))
        planned += measured
    for other in truth.others:
        task, one, rows = other.task, other.threshold, other.positives
        ours, theirs = (_recall(task, said[task.name], one, rows) for said in (found, expected))
        planned.append(_Planned(bench, f"label={task.name}: {one.label}", ours, theirs))
    bench.run(truth.clusters, resamples=RESAMPLES, seed=0)
    return tuple(one.read(allowance) for one in planned)


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure of one model on some adverts.

    Attributes:
        name: Name in words.
        count: Number of adverts that it is computed on.
        statistic: Computes this figure only.
    """

    name: str
    count: int
    statistic: Statistic


class _Planned:
    """A figure of both models, planned before the resamples and read after them."""

    def __init__(self, bench: Bench, place: str, ours: _Figure, theirs: _Figure) -> None:
        self._place, self._name, self.count = place, ours.name, ours.count
        self._ours: BenchResult = bench.add(ours.statistic)
        self._theirs: BenchResult = bench.add(theirs.statistic)

    def read(self, allowance: BundleConfig) -> Change:
        """Return the change of the figure, judged by the allowance."""
        ours, theirs = self._ours.value, self._theirs.value
        gap = difference(ours, theirs, 0)
        allowed = allowance.max_lower_in_slice if self._place else allowance.max_lower
        wanted = allowance.min_slice_positives if self._place else 1
        proven = gap.value is not None and self.count >= wanted
        lower = gap.value is not None and gap.value < -allowed - _ROUNDING
        return Change(
            figure=self._name,
            slice=self._place,
            count=self.count,
            checkpoint=_defined(theirs.point[0]),
            bundle=_defined(ours.point[0]),
            change=gap.value,
            low=gap.low,
            high=gap.high,
            allowed=allowed,
            verdict=("lower" if lower else "held") if proven else "unproven",
        )


def _figures(truth: Truth, said_NL: Floats, rows: Ints) -> Iterator[_Figure]:
    yield _leading(truth, said_NL, rows)
    for one in truth.thresholds:
        holding = holding_rows(truth.task, truth.targets_NL, one, truth.langs)
        yield _recall(truth.task, said_NL, one, np.intersect1d(rows, holding))
    if not truth.thresholds and has_queue(truth.task):
        yield _usual_recall(truth, said_NL, rows)


def _usual_recall(truth: Truth, said_NL: Floats, rows: Ints) -> _Figure:
    place, judged = truth.task.positive_index, truth.judged
    assert place is not None, "a queue has a positive label"
    kept = np.intersect1d(judged.rows, rows)
    positives = kept[judged.labels[kept] == place]
    told_N = said_NL[positives, place] >= USUAL
    return _Figure(f"recall at {USUAL}", len(positives), _Share(positives, told_N))


def _recall(task: Task, said_NL: Floats, one: Threshold, positives: Ints) -> _Figure:
    assert one.value is not None, "only thresholds with a value are shipped"
    told_N = label_scores(task, said_NL, one.label) >= one.value
    language = "" if one.language is None else f", {one.language}"
    name = f"recall of {one.label} at {one.value:.4g} ({one.purpose} {one.promised:g}{language})"
    return _Figure(name, len(positives), _Share(positives, told_N[positives]))


def _leading(truth: Truth, said_NL: Floats, rows: Ints) -> _Figure:
    task, judged, name = truth.task, truth.judged, primary_figure(truth.task)
    kept = np.intersect1d(judged.rows, rows)
    words = name.replace("_", " ")
    if has_queue(task) and name == AVERAGE_PRECISION:
        assert task.positive_index is not None, "a queue has a positive label"
        positive_N = judged.labels[kept] == task.positive_index
        order = Ranking(said_NL[kept, task.positive_index], positive_N, kept)
        return _Figure(words, int(positive_N.sum()), _AveragePrecision(order))
    figures = FigureSet(judged, said_NL, precision=0.9, rows=kept)
    return _Figure(words, len(kept), _Column(figures, figures.names.index(name)))


def _kept(flipped_N: Bools, rows: Ints) -> tuple[_Figure, _Figure]:
    """Return the share of decisions kept by the bundle, and by the checkpoint, which is all."""
    count, every = len(rows), np.ones(len(rows), dtype=bool)
    return (
        _Figure(DECISIONS_KEPT, count, _Share(rows, ~flipped_N[rows])),
        _Figure(DECISIONS_KEPT, count, _Share(rows, every)),
    )


class _Share:
    """Weight of the marked adverts, divided by that of all rows; NaN without any weight."""

    def __init__(self, rows: Ints, holds: Bools) -> None:
        self._rows, self._holds = rows, holds

    def __call__(self, weights_RN: NDArray[np.float32]) -> Floats:
        asked = weights_RN[:, self._rows].astype(np.float64)
        return ratio(asked[:, self._holds].sum(axis=1), asked.sum(axis=1))[:, None]


class _AveragePrecision:
    def __init__(self, order: Ranking) -> None:
        self._order = order

    def __call__(self, weights_RN: NDArray[np.float32]) -> Floats:
        return ranking.average_precision(*self._order.counts(weights_RN))[:, None]


class _Column:
    """Statistic that computes one figure of a set."""

    def __init__(self, figures: FigureSet, column: int) -> None:
        self._figures, self._column = figures, column

    def __call__(self, weights_RN: NDArray[np.float32]) -> Floats:
        return self._figures(weights_RN)[:, [self._column]]


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def describe_change(change: Change) -> str:
    """Return a change in words, with its interval if there is one."""
    gap = Estimate(change.change, change.low, change.high)
    if gap.value is None:
        return "not defined"
    interval = "" if gap.low is None else f" [{gap.low:+.4f}, {gap.high:+.4f}]"
    return f"{gap.value:+.4f}{interval}"
