"""Fit the calibration of a model on validation adverts, and report its effect on judged ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Targets
from adverts.errors import InputError
from adverts.evaluation.decisions.calibration_choice import (
    ENOUGH_CLUSTERS,
    FOLDS,
    MIN_CLUSTERS,
    CalibrationEvidence,
    choose_map,
    evidence_of,
    label_shares,
)
from adverts.evaluation.decisions.calibration_losses import CalibrationFigureSet
from adverts.evaluation.figures.curves import Reliability, reliability_of
from adverts.evaluation.figures.evidence import positive_label
from adverts.evaluation.figures.figures_by_kind import INFLATED
from adverts.evaluation.predictions.prediction_file import Predictions, select
from adverts.evaluation.statistics.bootstrap import (
    Bench,
    Estimate,
    Resampled,
    difference,
    estimates,
)
from adverts.evaluation.truth import Judged, judge
from adverts.runtime.rules.calibration import Calibration, Method, TaskCalibration
from adverts.runtime.rules.probabilities import mapped_probabilities, probabilities


@dataclass(frozen=True, slots=True)
class CalibrationFigures:
    """Errors of the probabilities of one task, see ``CalibrationFigureSet``.

    Attributes:
        log_loss: Log loss in nats for each judged label.
        brier: Mean squared error.
        calibration_error: Mean gap over bins of about equally many adverts.
    """

    log_loss: Estimate
    brier: Estimate
    calibration_error: Estimate


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """The effect of calibration on one task, on the judged adverts.

    Attributes:
        task: Name of the task.
        method: The chosen method.
        losses: Maps each method to its cross-validated log loss on validation, in nats; empty where
            none was tried.
        before: Reliability before calibration; None where the task has no positive label.
        after: Reliability after calibration; None where the task has no positive label.
        adverts: Number of judged adverts.
        clusters: Number of clusters of these adverts.
        figures_before: Errors before calibration. All figures are weighted to the operating
            prevalence, where there is one.
        figures_after: Errors after calibration.
        change: Each figure after minus before, paired; below 0 is better.
        fitted_prevalence: Share of the positive label where calibration was fitted; None where the
            task has no positive label or no share is recorded.
        operating_prevalence: Share for which the probabilities are valid; None: the fitted share.
        judged_prevalence: Share among these adverts; None where the task has no positive label.
        reason: Why no method was tried or the prevalence is not used; None otherwise.
    """

    task: str
    method: Method
    losses: Mapping[str, float]
    before: Reliability | None
    after: Reliability | None
    adverts: int = 0
    clusters: int = 0
    figures_before: CalibrationFigures | None = None
    figures_after: CalibrationFigures | None = None
    change: CalibrationFigures | None = None
    fitted_prevalence: float | None = None
    operating_prevalence: float | None = None
    judged_prevalence: float | None = None
    reason: str | None = None


def fit_calibration(
    predictions: Predictions,
    targets: Targets,
    *,
    prevalence: float | None,
    seed: int,
    headline: str | None = None,
    in_training: Mapping[str, CalibrationEvidence] = MappingProxyType({}),
) -> Calibration:
    """Return the map of each task with the least cross-validated log loss on clean adverts.

    A task keeps the calibration of its training where that rests on more clusters with the rarer
    answer than there are here, and there are fewer than 100 here: a map fitted on those would be
    worse than none.

    *Clean* adverts were reviewed by a person, and the model was not trained on their campaign. A
    model is too certain about adverts that it has seen.

    Args:
        predictions: Predictions for validation adverts, with logits.
        targets: Maps each task name to ``(N, L)``, rows as in the predictions; NaN: not judged.
        prevalence: Share of the positive label where the model will work; None: as on validation.
        seed: Seed of the division of clusters into folds.
        headline: The task that the prevalence is for; None: every one with a positive label.
        in_training: What the calibration of training rests on, out of fold, for each task; a task
            that is left out was not calibrated.

    Raises:
        InputError: The adverts are of the split ``test``, or not of exactly one split.
    """
    splits = sorted(set(predictions.splits))
    if len(splits) != 1 or splits == ["test"]:
        raise InputError(
            f"calibration is fitted on one split that is not test, found {', '.join(splits)}; "
            "give the adverts of validation"
        )
    kept = np.flatnonzero(predictions.reviewed & ~predictions.seen)
    reviewed = select(predictions, kept)
    tasks = [
        _fit(
            task,
            reviewed,
            targets[task.name][kept],
            prevalence=prevalence if headline in (None, task.name) else None,
            seed=seed,
            in_training=in_training.get(task.name),
        )
        for task in predictions.tasks
        if task.name in targets
    ]
    about: dict[str, str | int] = {
        "split": splits[0],
        "data_hash": predictions.data_hash,
        "adverts": len(reviewed),
        "clusters": len(set(reviewed.clusters)),
        "folds": FOLDS,
        "seed": seed,
    }
    return Calibration(tuple(tasks), about)


def calibration_reports(
    predictions: Predictions,
    targets: Targets,
    calibration: Calibration,
    *,
    resamples: int = 2_000,
    seed: int = 0,
) -> tuple[CalibrationReport, ...]:
    """Return the effect of the calibration on each task, on the judged, reviewed adverts.

    A task without logits or without such an advert is left out.

    Args:
        predictions: Predictions with logits; their probabilities are not used.
        targets: Maps each task name to ``(N, L)``, rows as in the predictions; NaN: not judged.
        calibration: Calibration of the model.
        resamples: Number of resamples of clusters for an interval.
        seed: Seed of the resamples.
    """
    kept = np.flatnonzero(predictions.reviewed)
    reviewed = select(predictions, kept)
    bench = Bench()
    pending = [
        _report(bench, task, reviewed, targets[task.name][kept], calibration.of(task.name))
        for task in predictions.tasks
        if task.name in targets and task.name in predictions.logits
    ]
    made = [report for report in pending if report is not None]
    if made:
        bench.run(reviewed.clusters, resamples=resamples, seed=seed)
    return tuple(report() for report in made)


def as_trained(
    task: Task, evidence: CalibrationEvidence, why: str, *, prevalence: float | None
) -> TaskCalibration:
    """Return the map that leaves a task as training calibrated it, and says so.

    Args:
        task: The task.
        evidence: What the calibration of training rests on.
        why: Why validation does not decide.
        prevalence: Share of the positive label in service, to which the probabilities are adjusted
            from the share in training; None: not adjusted.
    """
    found = TaskCalibration(
        task.name,
        shares=evidence.shares,
        reason=f"{why}; what training found on {evidence.clusters} such clusters, out of fold, "
        "stands",
    )
    positive = positive_label(task)
    if prevalence is None or positive is None or not 0 < evidence.shares[positive] < 1:
        return found
    return replace(found, operating_prevalence=prevalence)


def _fit(
    task: Task,
    reviewed: Predictions,
    targets_NL: NDArray[np.float32],
    *,
    prevalence: float | None,
    seed: int,
    in_training: CalibrationEvidence | None,
) -> TaskCalibration:
    judged = judge(task, targets_NL)
    rows, positive = judged.rows, positive_label(task)
    if task.name not in reviewed.logits:
        return TaskCalibration(task.name, reason="the predictions contain no logits of this task")
    clusters = [reviewed.clusters[row] for row in rows]
    kept = Judged(task, judged.labels[rows], np.arange(len(rows)))
    here = evidence_of(kept, clusters).clusters if len(rows) else 0
    if in_training is not None and here < min(in_training.clusters, ENOUGH_CLUSTERS):
        why = f"validation has {here} clusters with the rarer answer, of {ENOUGH_CLUSTERS} wanted"
        return as_trained(task, in_training, why, prevalence=prevalence)
    if not len(rows):
        return TaskCalibration(task.name, reason="no reviewed advert has a label of this task")
    found = choose_map(kept, reviewed.logits[task.name][rows], clusters, seed=seed)
    if prevalence is None or positive is None:
        return found
    if here >= MIN_CLUSTERS:
        return replace(found, operating_prevalence=prevalence)
    why = found.reason or (
        f"{task.labels[positive]!r}, or its absence, occurs in only {here} clusters, "
        f"{MIN_CLUSTERS} are wanted"
    )
    return replace(found, reason=f"{why}; so the share of {prevalence:g} is not used")


def _report(
    bench: Bench,
    task: Task,
    reviewed: Predictions,
    targets_NL: NDArray[np.float32],
    found: TaskCalibration,
) -> Callable[[], CalibrationReport] | None:
    """Add the figures of a task; the returned function makes the report after the bench has run."""
    judged = judge(task, targets_NL)
    if not len(judged.rows):
        return None
    logits, positive = reviewed.logits[task.name], positive_label(task)
    before_NL, after_NL = probabilities(task, logits), mapped_probabilities(task, logits, found)
    share = found.operating_prevalence
    results = [
        bench.add(CalibrationFigureSet(judged, said, prevalence=share))
        for said in (before_NL, after_NL)
    ]

    def made() -> CalibrationReport:
        before, after = (result.value for result in results)
        lines = [
            None if positive is None else reliability_of(name, judged, said)
            for name, said in (("before", before_NL), ("after", after_NL))
        ]
        return CalibrationReport(
            task=task.name,
            method=found.method,
            losses=found.losses,
            before=lines[0],
            after=lines[1],
            adverts=len(judged.rows),
            clusters=len({reviewed.clusters[row] for row in judged.rows}),
            figures_before=_figures(before),
            figures_after=_figures(after),
            change=CalibrationFigures(*(difference(after, before, i) for i in range(3))),
            fitted_prevalence=_share(task, found.shares),
            operating_prevalence=found.operating_prevalence,
            judged_prevalence=_share(task, label_shares(judged)),
            reason=found.reason,
        )

    return made


def _figures(found: Resampled) -> CalibrationFigures:
    inflated = [i for i, name in enumerate(CalibrationFigureSet.names) if name in INFLATED]
    return CalibrationFigures(*estimates(found, inflated=inflated))


def _share(task: Task, shares: tuple[float, ...]) -> float | None:
    positive = positive_label(task)
    return None if positive is None or not shares else shares[positive]
