"""Disguise judged adverts and score them again at the frozen threshold.

Shape suffixes: ``N`` drawn adverts, ``K`` draws.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from adverts.advert import Task
from adverts.arrays import Bools, Targets
from adverts.candidates.predict import candidate_logits
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.preparing.build_reader import build_reader
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.robustness.drawn_adverts import draw_clusters
from adverts.evaluation.robustness.robustness_results import (
    Decided,
    Perturbed,
    Robustness,
    count,
    lack_of,
)
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.bounds import effective_number
from adverts.evaluation.truth import NOT_JUDGED, true_labels
from adverts.judging.disguise import Disguise, DisguisedAdverts, Kind, pictures_again, texts_again
from adverts.judging.judge import EvaluationJob
from adverts.runtime.rules.calibration import UNCALIBRATED
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.probabilities import calibrated_probabilities
from adverts.runtime.rules.thresholds import Purpose
from adverts.work.progress import counter

_PURPOSES: tuple[Purpose, ...] = ("recall", "precision")
_NO_THRESHOLD = 0.5


def stress(
    job: EvaluationJob, predictions: Predictions, targets: Targets, rules: DecisionRules | None
) -> Robustness | None:
    """Return the effect of disguises on recall and false alarms; None if none are configured.

    Everything is counted at the high-recall threshold for all languages. If none is shipped, it is
    counted at the high-precision one, otherwise at 0.5. Contacts in the disguised texts are masked.

    Args:
        job: The evaluation.
        predictions: Calibrated predictions of the candidate on the undisguised adverts.
        targets: Truth by task, in the order of the candidate's labels; NaN where not judged.
        rules: Rules of the candidate; None where it has none.
    """
    asked = list(_asked(job))
    if not asked:
        return None
    schema = job.candidate.facts.schema
    task = schema.task(schema.headline)
    label = task.positive_index if task.kind == "single" else None
    if label is None or task.name not in targets:
        lack = f"task {task.name!r} " + (
            "has no positive label" if label is None else "has no judged advert"
        )
        return Robustness(
            task.name, "", _NO_THRESHOLD, 0, tuple(_untried(one, job, lack) for one in asked)
        )
    threshold, told = frozen_threshold(rules, task.name, task.labels[label])
    subject = _subject(job, predictions, targets, rules, task=task, threshold=threshold)
    return Robustness(
        task=task.name,
        label=task.labels[label],
        threshold=threshold,
        adverts=len(subject.table),
        perturbed=tuple(_perturbed(subject, asked)),
        threshold_from=told,
        learnt=job.candidate.facts.disguises,
    )


def frozen_threshold(rules: DecisionRules | None, task: str, label: str) -> tuple[float, str]:
    """Return the threshold at which disguises are counted, and where it comes from."""
    found = rules.thresholds.first_shipped(task, label, _PURPOSES) if rules else None
    if rules and found and found.value is not None:
        promise = f"{found.purpose} {found.promised:g}"
        return found.value, f"promises {promise}, chosen on {rules.thresholds.split}"
    return _NO_THRESHOLD, f"no threshold is shipped, so {_NO_THRESHOLD:g} is used"


def _asked(job: EvaluationJob) -> Iterator[Disguise]:
    config = job.config.robustness
    if not config.adverts:
        return
    kinds: tuple[tuple[Kind, Sequence[str]], ...] = (("text", config.text), ("image", config.image))
    for kind, names in kinds:
        for name, strength in itertools.product(names, config.strengths):
            yield Disguise(kind, name, strength)


def _subject(
    job: EvaluationJob,
    predictions: Predictions,
    targets: Targets,
    rules: DecisionRules | None,
    *,
    task: Task,
    threshold: float,
) -> DisguisedAdverts:
    """Draw adverts from the reviewed ones that have a label and that the candidate can read."""
    config, label = job.config.robustness, task.positive_index
    labels = true_labels(task, targets[task.name])
    judged = np.flatnonzero((labels != NOT_JUDGED) & predictions.reviewed & ~predictions.unreadable)
    clusters = [predictions.clusters[row] for row in judged.tolist()]
    positive = np.asarray(labels[judged] == label)
    drawn = draw_clusters(clusters, positive, adverts=config.adverts, seed=config.seed)
    calibration = rules.calibration if rules else UNCALIBRATED

    def flag(table: AdvertTable, title: str) -> Bools:
        scored = candidate_logits(job.candidate, table, title=title)
        logits = scored.logits[task.name].astype(np.float64)
        return np.asarray(
            calibrated_probabilities(task, logits, calibration)[:, label] >= threshold
        )

    said = predictions.probabilities[task.name][judged[drawn], label]
    return DisguisedAdverts(
        job=job,
        table=job.table.select(judged[drawn]),
        positive_N=positive[drawn],
        before_N=np.asarray(said >= threshold),
        flag=flag,
        reader=build_reader(job.config.ocr) if _must_read(job) and config.image else None,
    )


def _perturbed(subject: DisguisedAdverts, asked: Sequence[Disguise]) -> Iterator[Perturbed]:
    draws = subject.job.config.robustness.draws
    with counter("disguises", "draws", len(asked) * draws) as shown:
        for disguise in asked:
            unread, lack = _unread(subject, disguise.kind), _lack(subject, disguise.kind)
            if unread or lack:
                untried = _untried(disguise, subject.job, unread or lack or "")
                yield replace(untried, applies=not unread)
                shown.update(draws)
            else:
                yield _tried(subject, disguise, shown.update)


def _unread(subject: DisguisedAdverts, kind: Kind) -> str | None:
    """Say that the model does not read what a disguise changes; None if it does."""
    inputs = set(subject.job.candidate.facts.inputs)
    if kind == "text":
        return None if "text" in inputs else "the model reads no captions"
    return None if inputs & {"ocr", "image"} else "the model reads no pictures"


def _lack(subject: DisguisedAdverts, kind: Kind) -> str | None:
    """Say why a disguise that would apply cannot be tried; None if it can."""
    if not len(subject.table):
        return "no cluster of judged adverts is small enough for robustness.adverts; raise it"
    return _lack_of_reader(subject) if kind == "image" and _must_read(subject.job) else None


def _lack_of_reader(subject: DisguisedAdverts) -> str | None:
    """Say why disguised pictures cannot be read like the undisguised ones; None if they can."""
    if subject.reader is None:
        return "not tried: the model needs the text of disguised pictures; add ocr=auto to read it"
    read_by = subject.job.dataset.manifest.made.ocr_key
    if read_by not in (None, subject.reader.spec.key):
        return "not tried: the pictures were read by another reader; name that reader in ocr="
    return None


def _must_read(job: EvaluationJob) -> bool:
    return "ocr" in job.candidate.facts.inputs


def _tried(
    subject: DisguisedAdverts, disguise: Disguise, told: Callable[[int], object]
) -> Perturbed:
    config = subject.job.config
    again = (texts_again if disguise.kind == "text" else pictures_again)(subject, disguise, told)
    kept = np.flatnonzero(again.changed_N)
    if not len(kept):
        untried = _untried(
            disguise, subject.job, f"it can change none of {again.unchanged} adverts"
        )
        return replace(untried, unchanged=again.unchanged, applies=False)
    decided = Decided(subject.positive_N[kept], subject.before_N[kept], again.after_KN[:, kept])
    clusters = np.array([subject.table.clusters[row] for row in kept.tolist()], dtype=object)
    figures = count(
        decided,
        clusters.tolist(),
        resamples=config.bootstrap_resamples,
        seed=config.seed,
    )
    return Perturbed(
        name=disguise.name,
        kind=disguise.kind,
        strength=disguise.strength,
        adverts=len(kept),
        positives=int(decided.positive_N.sum()),
        found_clusters=len(set(clusters[decided.positive_N & decided.before_N])),
        recall_kept=figures.recall_kept,
        worst_recall_kept=figures.worst_recall_kept,
        false_positives_gained=figures.false_positives_gained,
        draws=config.robustness.draws,
        lack=lack_of(figures),
        unchanged=again.unchanged,
        found_worth=effective_number(clusters[decided.positive_N & decided.before_N]),
    )


def _untried(disguise: Disguise, job: EvaluationJob, lack: str) -> Perturbed:
    nothing = Estimate(None, reason=lack)
    return Perturbed(
        name=disguise.name,
        kind=disguise.kind,
        strength=disguise.strength,
        adverts=0,
        positives=0,
        found_clusters=0,
        recall_kept=nothing,
        worst_recall_kept=nothing,
        false_positives_gained=nothing,
        draws=job.config.robustness.draws,
        lack=lack,
    )
