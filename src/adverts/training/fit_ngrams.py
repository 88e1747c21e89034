"""Fit hashed n-grams on the training adverts of a run: alone as tf-idf, or beside a network."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adverts.advert import Task
from adverts.arrays import Floats, Ints, Logits, Targets
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.campaign_clusters import joined_by
from adverts.data.splits.split_clusters import fold_clusters
from adverts.evaluation.decisions.calibration_choice import CalibrationEvidence
from adverts.evaluation.truth import true_labels, true_signals
from adverts.inputs.encoding import AdvertEncoder
from adverts.inputs.pixels import CHECKED
from adverts.inputs.spec import InputSpec
from adverts.models.built_model import BuiltModel
from adverts.models.tfidf import Features, LinearNgrams, by_task, fit_tfidf
from adverts.training.branch_lines import Labels, fitted_lines
from adverts.training.figures import figures_of, unseen_figures
from adverts.training.runs.checkpoint import write_checkpoint
from adverts.training.runs.checkpoint_record import CheckpointRecord
from adverts.training.task_loss import TaskLoss
from adverts.work.progress import bar, note_when_slow

FOLDS = 5


@dataclass(frozen=True, slots=True)
class FittedTfidf:
    """A fitted tf-idf model with its figures.

    Attributes:
        model: Model with the fitted module, whose logits are calibrated.
        figures: See :func:`adverts.training.figures.unseen_figures`.
        calibrated_on: What the calibration of each task rests on, out of fold and on validation.
    """

    model: BuiltModel
    figures: dict[str, float]
    calibrated_on: Mapping[str, CalibrationEvidence]

    @property
    def ngrams(self) -> LinearNgrams:
        """The map of the model."""
        assert isinstance(self.model.module, LinearNgrams)
        return self.model.module


@dataclass(frozen=True, slots=True)
class NgramFit:
    """Settings of a fit of hashed n-grams.

    Attributes:
        tasks: Tasks to fit.
        num_features: Size of the hashed feature space.
        inverse_regularisation: C of the logistic regression.
        seed: Seed of the solver.
    """

    tasks: tuple[Task, ...]
    num_features: int
    inverse_regularisation: float
    seed: int

    def fit(self, features: Sequence[Features], targets: Targets) -> LinearNgrams:
        """Fit on adverts, given their hashed features and their targets ``(N, L)`` by task.

        Where no advert has an n-gram, every logit is 0.

        Raises:
            InputError: There is no advert, or a task has no labelled advert.
        """
        if not any(len(ids) for ids, _ in features):
            return LinearNgrams.empty(self.tasks, self.num_features)
        with note_when_slow(f"fitting n-grams on {len(features):,} adverts"):
            return fit_tfidf(
                features,
                targets,
                self.tasks,
                num_features=self.num_features,
                inverse_regularisation=self.inverse_regularisation,
                seed=self.seed,
            )

    def out_of_fold(self, features: Sequence[Features], targets: Targets, fold_of: Ints) -> Logits:
        """Return each advert's logits by n-grams fitted on the other folds, ``(N, K)`` by task.

        Where the other folds have no label of a task, its logits are NaN.
        """
        logits = {
            task.name: np.full((len(features), task.num_logits), np.nan, np.float32)
            for task in self.tasks
        }
        for fold in np.unique(fold_of):
            inside, others = np.flatnonzero(fold_of == fold), np.flatnonzero(fold_of != fold)
            kept = {name: values_NL[others] for name, values_NL in targets.items()}
            known = tuple(t for t in self.tasks if not np.isnan(kept[t.name]).all())
            if not known:
                continue
            part = dataclasses.replace(self, tasks=known)
            fitted = part.fit([features[row] for row in others.tolist()], kept)
            found = fitted.logits([features[row] for row in inside.tolist()])
            for name, values_NK in found.items():
                logits[name][inside] = values_NK
        return logits


@dataclass(frozen=True, slots=True)
class FittedNgrams:
    """Hashed n-grams, and the lines that calibrate their logits.

    They are calibrated on scores of adverts that they were not fitted on: training adverts by
    n-grams of the other folds, and validation adverts.

    Attributes:
        linear: The n-grams, uncalibrated.
        slopes_K: Slope of each logit of all tasks together.
        offsets_K: Offset of each of these logits.
        unseen: The uncalibrated scores by which they were calibrated, ``(N, K)`` by task.
    """

    linear: LinearNgrams
    slopes_K: Floats  # noqa: N815 - suffixed by shape
    offsets_K: Floats  # noqa: N815 - suffixed by shape
    unseen: Logits

    @property
    def calibrated(self) -> LinearNgrams:
        """The n-grams with the lines in their weights."""
        return self.linear.along(self.slopes_K, self.offsets_K)

    @property
    def calibrated_unseen(self) -> Logits:
        """The scores by which they were calibrated, as they say them now."""
        tasks = self.linear.tasks
        raw_NK = np.concatenate([self.unseen[task.name] for task in tasks], axis=1)
        return by_task(tasks, (raw_NK * self.slopes_K + self.offsets_K).astype(np.float32))


def fit_ngrams(
    features: Sequence[Features], labels: Labels, settings: NgramFit, fold_of: Ints
) -> FittedNgrams:
    """Fit hashed n-grams on training adverts, and calibrate them.

    Args:
        features: Hashed features of training adverts, then of validation adverts.
        labels: Labels of the same adverts.
        settings: Tasks, features and seed.
        fold_of: Fold of each training advert; a cluster is never divided.
    """
    count = len(fold_of)
    targets = {task.name: labels.targets[task.name][:count] for task in settings.tasks}
    linear = settings.fit(features[:count], targets)
    inside = settings.out_of_fold(features[:count], targets, fold_of)
    outside = linear.logits(features[count:])
    unseen = {name: np.concatenate([inside[name], outside[name]]) for name in inside}
    return FittedNgrams(linear, *fitted_lines(settings.tasks, unseen, labels), unseen)


def ngram_features(table: AdvertTable, spec: InputSpec) -> list[Features]:
    """Return the hashed n-grams of each advert that a model with inputs ``spec`` reads."""
    texts = tuple(name for name in spec.inputs if name != "image")
    alone = dataclasses.replace(spec, inputs=texts, tokens=None, image=None, ocr_quality=False)
    encoder = AdvertEncoder(alone, None, CHECKED)
    rows = bar(range(len(table)), "encode", "adverts")
    adverts = (encoder.encode(table.advert(row, images=False)) for row in rows)
    return [(advert.feature_ids, advert.feature_counts) for advert in adverts]


def folds_of(table: AdvertTable, tasks: Sequence[Task], *, folds: int | None = None) -> Ints:
    """Return the fold of each advert, ``(N,)``: whole clusters, with labels evenly spread.

    Where the adverts have groups, such as brands or authors, or campaigns, these are whole too: a
    model meets new ones in service. This needs five groups or more; one with half of the adverts or
    more is divided by its clusters all the same. There are five folds, or as many as are given.
    """
    strata: list[list[str]] = [[] for _ in range(len(table))]
    for task in tasks:
        targets_NL = table.targets[task.name]
        if task.kind == "multi":
            for row, label in np.argwhere(true_signals(targets_NL) == 1):
                strata[row].append(f"{task.name}: {label}")
            continue
        for row, label in enumerate(true_labels(task, targets_NL).tolist()):
            strata[row].append(f"{task.name}: {label}")
    named = [tuple(one) or ("",) for one in strata]
    return fold_clusters(_held_together(table), named, folds=folds or FOLDS, seed=0)


def _held_together(table: AdvertTable) -> list[str]:
    """Return the name of what is never divided between folds, for each advert."""
    groups = [None if group is None else str(group) for group in table.values("group")]
    campaigns = [None if one is None else str(one) for one in table.values("campaign")]
    if set(groups) | set(campaigns) == {None}:
        return table.clusters
    joined = joined_by(table.copies, table.clusters, groups)
    sizes = Counter(joined)
    if len(sizes) < FOLDS:
        return table.clusters
    return [
        name if 2 * sizes[name] < len(joined) else cluster
        for name, cluster in zip(joined, table.clusters, strict=True)
    ]


def fit_alone(
    model: BuiltModel,
    tables: tuple[AdvertTable, AdvertTable],
    settings: NgramFit,
    *,
    headline: Task,
    loss: Sequence[TaskLoss],
    beside: LinearNgrams | None = None,
) -> FittedTfidf:
    """Fit the tf-idf model ``model``, calibrate it out of fold, and judge it.

    Args:
        model: Model that is not fitted yet.
        tables: Training and validation adverts.
        settings: Tasks, features and seed.
        headline: Task whose figures are computed.
        loss: The loss of each task.
        beside: Calibrated n-grams that were fitted with these settings on the same adverts; None
            if none were.
    """
    labels = Labels.of(*tables)
    held_out = ngram_features(tables[1], model.input_spec)
    if beside is None or not held_out:
        features = [*ngram_features(tables[0], model.input_spec), *held_out]
        fitted = fit_ngrams(features, labels, settings, folds_of(tables[0], settings.tasks))
        beside = fitted.calibrated
        if not held_out:
            figures = unseen_figures(fitted.calibrated_unseen, labels, headline, loss)
    if held_out:
        figures = figures_of(beside.logits(held_out), labels.held_out, headline, loss)
    model = dataclasses.replace(model, module=beside)
    return FittedTfidf(model, figures, labels.evidence(settings.tasks))


def write_tfidf(folder: Path, fitted: FittedTfidf, record: CheckpointRecord) -> None:
    """Write the checkpoint of a fitted tf-idf model.

    Raises:
        InputError: The disk is full.
    """
    write_checkpoint(folder, fitted.ngrams.tensors, record, tokenizer_json=None, frozen_sha256=None)
