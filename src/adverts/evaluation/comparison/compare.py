"""Compare a model with a champion on the same adverts, by paired differences of figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Ints, Targets
from adverts.errors import plural
from adverts.evaluation.comparison import power
from adverts.evaluation.comparison.compared import (
    ChampionComparison,
    ComparedFigure,
    Contender,
    answer,
)
from adverts.evaluation.comparison.mcnemar import compare_decisions
from adverts.evaluation.comparison.pairing import Pair, pair
from adverts.evaluation.figures.evidence import (
    MIN_CLUSTERS,
    surest,
    weigh_evidence,
)
from adverts.evaluation.figures.figures_by_kind import INFLATED, LOWER_IS_BETTER, FigureSet
from adverts.evaluation.figures.planned_slices import slices_of
from adverts.evaluation.figures.service_figures import SHARES, InService, queues_by_share
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.statistics.bootstrap import (
    Bench,
    Estimate,
    difference,
    estimates,
    or_exact,
    or_exact_difference,
)
from adverts.evaluation.truth import Judged, judge

SLICED_BY = ("language", "script", "modality", CELL, "platform")
"""Dimensions that a gate may ask for; their slices are compared too, except in ``multi`` tasks."""
_SAME = 1e-6  # the rounding of one model in two forms
InServicePair = tuple[InService, InService]


def compare(
    candidate: Contender,
    champion: Contender,
    targets: Targets,
    *,
    precision: float,
    relevant: float,
    min_positive_clusters: int,
    resamples: int,
    seed: int,
    recall: float | None = None,
    prevalences: Mapping[str, float] | None = None,
    held_to: Mapping[str, float] | None = None,
    by_share_of: str | None = None,
    progress: Callable[[int], object] | None = None,
) -> ChampionComparison:
    """Compare two models on the reviewed adverts that both were scored on.

    Args:
        candidate: The judged model.
        champion: The model that it is compared with.
        targets: Maps each task name to ``(N, L)``, rows as in the candidate's predictions.
        precision: The precision at which recall is measured.
        relevant: The smallest difference that matters.
        min_positive_clusters: Slices with fewer show no figure and count as not enough data.
        resamples: Number of resamples of clusters.
        seed: Seed of the resamples.
        recall: The recall at which precision is measured; None: it is not.
        prevalences: Maps a task name to the share of its positive label in service; average
            precision and recall at the precision are also measured there.
        held_to: Maps a task name to the share at which probabilities are judged; None: the same.
        by_share_of: Name of the task whose queues are also compared at ever smaller shares of
            positives, as is done where none is stated; None: of no task.
        progress: Called with the number of resamples just done.

    Raises:
        InputError: They share no reviewed advert or no task, or targets have another shape.
    """
    both = pair(candidate.predictions, champion.predictions, targets)
    bench, plans, decisions = Bench(), [], []
    stated = prevalences or {}
    states = stated if held_to is None else held_to
    queues: list[InServicePair] = []
    by_share: list[InServicePair] = []
    notes = list(both.notes)
    for task in both.candidate.tasks:
        judged = judge(task, both.targets[task.name])
        if not len(judged.rows):
            notes.append(f"No advert that both models were scored on has a label of {task.name}.")
            continue
        for place, rows in _scopes(both, judged):
            wanted = min_positive_clusters if place else MIN_CLUSTERS
            sets = [
                FigureSet(
                    judged,
                    said,
                    precision=precision,
                    recall=recall,
                    prevalence=stated.get(task.name),
                    in_service=states.get(task.name),
                    rows=rows,
                    unreadable=unreadable,
                )
                for said, unreadable in zip(
                    _said(both, judged),
                    (both.candidate.unreadable, both.champion.unreadable),
                    strict=True,
                )
            ]
            plans.append(_Plan(bench, both, judged, place, rows, sets=sets, wanted=wanted))
        if task.name in stated:
            queues += _queues(both, judged, [stated[task.name]], precision=precision)
        if task.name == by_share_of:
            by_share = _queues(both, judged, SHARES, precision=precision)
        notes += _few(judged, both.candidate.clusters, min_positive_clusters)
        decisions += compare_decisions(both, task, candidate.thresholds, champion.thresholds)
    bench.run(both.candidate.clusters, resamples=resamples, seed=seed, progress=progress)
    return ChampionComparison(
        candidate=candidate.name,
        champion=champion.name,
        relevant=relevant,
        figures=tuple(one for plan in plans for one in plan.figures(relevant)),
        decisions=tuple(decisions),
        notes=tuple(notes),
        prevalence=next(iter(stated.values()), None),
        in_service=queues[0] if queues else None,
        by_share=tuple(by_share),
    )


def _queues(
    both: Pair, judged: Judged, shares: Sequence[float], *, precision: float
) -> list[InServicePair]:
    """Return the queues of both models at each share; empty where the task has none."""
    ours, theirs = (
        queues_by_share(judged, said, both.candidate.clusters, shares, precision=precision)
        for said in _said(both, judged)
    )
    return list(zip(ours, theirs, strict=True))


def _scopes(both: Pair, judged: Judged) -> list[tuple[str, Ints]]:
    """Return all judged adverts, then each slice of them, with the name of each."""
    scopes = [("", judged.rows)]
    if judged.task.kind != "multi":
        parts = slices_of(both.candidate, judged)
        scopes += [(f"{name}={value}", rows) for name, value, rows in parts if name in SLICED_BY]
    return scopes


def _said(both: Pair, judged: Judged) -> list[NDArray[np.float64]]:
    """Return the probabilities of both models, the candidate's first."""
    return [one.probabilities[judged.task.name] for one in (both.candidate, both.champion)]


class _Plan:
    """Figures of both models on the same adverts, added before the resamples and read after."""

    def __init__(
        self,
        bench: Bench,
        both: Pair,
        judged: Judged,
        place: str,
        rows: Ints,
        *,
        sets: Sequence[FigureSet],
        wanted: int,
    ) -> None:
        """Add both models to the bench, unless the adverts hold too little evidence."""
        self._task, self._place = judged.task, place
        self._evidence = weigh_evidence(judged, both.candidate.clusters, rows, wanted=wanted)
        ours, theirs = (said[rows] for said in _said(both, judged))
        self._alike = np.allclose(ours, theirs, rtol=0, atol=_SAME)
        self._names = sets[0].names
        self._lack = self._evidence.lack
        self._results = [] if self._lack else [bench.add(one) for one in sets]
        clusters = both.candidate.clusters
        self._bounds = {} if self._lack else surest(sets[0], judged, clusters, rows)

    def figures(self, relevant: float) -> list[ComparedFigure]:
        """Return the compared figures; the bench must have run."""
        if self._lack:
            return [self._lacking(name, self._lack) for name in self._names]
        ours, theirs = (result.value for result in self._results)
        inflated = [i for i, name in enumerate(self._names) if name in INFLATED]
        each = (estimates(one, inflated=inflated) for one in (ours, theirs))
        both = [
            (self._or_exact(name, one), self._or_exact(name, other))
            for name, one, other in zip(self._names, *each, strict=True)
        ]
        return [
            self._figure(name, both[k], difference(ours, theirs, k), gaps, relevant=relevant)
            for k, (name, gaps) in enumerate(
                zip(self._names, (ours.samples - theirs.samples).T, strict=True)
            )
        ]

    def _figure(
        self,
        name: str,
        both: tuple[Estimate, Estimate],
        gap: Estimate,
        samples: NDArray[np.float64],
        *,
        relevant: float,
    ) -> ComparedFigure:
        counts = self._evidence
        if not self._alike:
            bound = self._bounds.get(name)
            gap = or_exact_difference(gap, bound, low_is_good=name in LOWER_IS_BETTER)
        error = None if gap.low is None else power.standard_error(samples)
        visible = needed = None
        if error is not None and self._alike:
            visible = 0.0  # nothing is hidden between two models that say the same
        elif error is not None:
            clusters = counts.independent
            visible = power.smallest_visible(error, clusters)
            needed = power.adverts_needed(counts.adverts, error, clusters, relevant=relevant)
        return ComparedFigure(
            task=self._task.name,
            figure=name,
            slice=self._place,
            candidate=both[0],
            champion=both[1],
            difference=gap,
            answer=answer(name, gap, visible, relevant),
            smallest_visible=visible,
            adverts_needed=needed,
            samples=samples,
            independent=counts.independent,
        )

    def _or_exact(self, name: str, found: Estimate) -> Estimate:
        return or_exact(found, self._bounds.get(name), low_is_good=name in LOWER_IS_BETTER)

    def _lacking(self, name: str, lack: str) -> ComparedFigure:
        none = Estimate(None, reason=lack)
        place, empty = self._place, np.empty(0)
        return ComparedFigure(
            self._task.name,
            name,
            place,
            none,
            none,
            none,
            answer="not enough data",
            smallest_visible=None,
            adverts_needed=None,
            samples=empty,
            independent=self._evidence.independent,
        )


def _few(judged: Judged, clusters: Sequence[str], wanted: int) -> list[str]:
    """Return a warning where intervals rest on few positive clusters, otherwise nothing."""
    found = weigh_evidence(judged, clusters, judged.rows).positive_clusters
    if found is None or found >= wanted:
        return []
    return [
        f"Task {judged.task.name} has {plural(found, 'positive cluster')}, fewer than {wanted}: "
        "intervals of so few may be too narrow."
    ]
