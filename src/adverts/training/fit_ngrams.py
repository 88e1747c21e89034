"""Fit hashed n-grams on the training adverts of a run: alone as tf-idf, or beside a network."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adverts.advert import Task
from adverts.arrays import Ints, Targets
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.campaign_clusters import joined_by
from adverts.data.splits.split_clusters import fold_clusters
from adverts.evaluation.decisions.calibration_choice import CalibrationEvidence
from adverts.evaluation.truth import true_labels, true_signals
from adverts.inputs.encoding import AdvertEncoder
from adverts.inputs.pixels import CHECKED
from adverts.inputs.spec import InputSpec
from adverts.models.built_model import BuiltModel
from adverts.models.ngram_branch import NgramBranch
from adverts.models.tfidf import Features, HashedLinear, fit_tfidf, logits_of
from adverts.training.branch_lines import Labels, Logits, calibrated_branches, fit_lines
from adverts.training.dataset import AdvertBatches
from adverts.training.loss import LossFunction
from adverts.training.runs.checkpoint import CheckpointRecord, write_checkpoint
from adverts.training.validation import figures_of, unseen_figures
from adverts.work.progress import note_when_slow

FOLDS = 5


@dataclass(frozen=True, slots=True)
class FittedTfidf:
    """A fitted tf-idf model with its figures.

    Attributes:
        model: Model with the fitted module, whose logits are calibrated.
        figures: See :func:`adverts.training.validation.unseen_figures`.
        calibrated_on: What the calibration of each task rests on, out of fold and on validation.
    """

    model: BuiltModel
    figures: dict[str, float]
    calibrated_on: Mapping[str, CalibrationEvidence]


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

    def fit(self, features: Sequence[Features], targets: Targets) -> HashedLinear:
        """Fit on adverts, given their hashed features and their targets ``(N, L)`` by task.

        Where no advert has an n-gram, every logit is 0.

        Raises:
            InputError: There is no advert, or a task has no labelled advert.
        """
        if not any(len(ids) for ids, _ in features):
            return HashedLinear(self.tasks, self.num_features).eval()
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
            found = logits_of(fitted, [features[row] for row in inside.tolist()])
            for name, values_NK in found.items():
                logits[name][inside] = values_NK
        return logits


def fit_branch(
    branch: NgramBranch,
    features: Sequence[Features],
    labels: Labels,
    settings: NgramFit,
    fold_of: Ints,
) -> Logits:
    """Fit hashed n-grams on training adverts, and calibrate them; in place.

    They are calibrated on scores of adverts that they were not fitted on: training adverts by
    n-grams of the other folds, and validation adverts.

    Args:
        branch: The branch, not fitted yet.
        features: Hashed features of training adverts, then of validation adverts.
        labels: Labels of the same adverts.
        settings: Tasks, features and seed.
        fold_of: Fold of each training advert; a cluster is never divided.

    Returns:
        The uncalibrated scores by which they were calibrated, ``(N, K)`` by task.
    """
    count = len(fold_of)
    targets = {task.name: labels.targets[task.name][:count] for task in settings.tasks}
    linear = settings.fit(features[:count], targets)
    branch.linear.load_state_dict(linear.state_dict())
    inside = settings.out_of_fold(features[:count], targets, fold_of)
    outside = logits_of(linear, features[count:])
    unseen = {name: np.concatenate([inside[name], outside[name]]) for name in inside}
    fit_lines(branch.lines_of("ngrams"), settings.tasks, unseen, labels)
    return unseen


def ngram_features(table: AdvertTable, spec: InputSpec) -> list[Features]:
    """Return the hashed n-grams of each advert that a model with inputs ``spec`` reads."""
    texts = tuple(name for name in spec.inputs if name != "image")
    alone = dataclasses.replace(spec, inputs=texts, tokens=None, image=None, ocr_quality=False)
    encoder = AdvertEncoder(alone, None, CHECKED)
    adverts = AdvertBatches(table, encoder, (), modality_dropout=0.0, seed=0)
    return [(advert.feature_ids, advert.feature_counts) for advert in adverts.encoded()]


def folds_of(table: AdvertTable, tasks: Sequence[Task]) -> Ints:
    """Return the fold of each advert, ``(N,)``: whole clusters, with labels evenly spread.

    Where the adverts have groups, such as brands or authors, or campaigns, these are whole too: a
    model meets new ones in service. This needs five groups or more; one with half of the adverts or
    more is divided by its clusters all the same.
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
    return fold_clusters(_held_together(table), named, folds=FOLDS, seed=0)


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
    loss_function: LossFunction,
    beside: NgramBranch | None = None,
) -> FittedTfidf:
    """Fit the tf-idf model ``model``, calibrate it out of fold, and judge it.

    Args:
        model: Model that is not fitted yet.
        tables: Training and validation adverts.
        settings: Tasks, features and seed.
        headline: Task whose figures are computed.
        loss_function: Returns the loss summed over a batch.
        beside: A branch that was fitted with these settings on the same adverts; None if none was.
    """
    labels = Labels.of(*tables)
    held_out = ngram_features(tables[1], model.input_spec)
    branch, unseen = beside, None
    if branch is None or not held_out:
        branch = NgramBranch(settings.tasks, settings.num_features)
        features = [*ngram_features(tables[0], model.input_spec), *held_out]
        fold_of = folds_of(tables[0], settings.tasks)
        unseen = fit_branch(branch, features, labels, settings, fold_of)
    module = branch.calibrated_linear()
    if held_out:
        said = logits_of(module, held_out)
        figures = figures_of(said, labels.held_out, headline, loss_function)
    else:
        assert unseen is not None, "without validation it was fitted here"
        out_of_fold = calibrated_branches(branch, unseen, unseen)["ngrams"]
        figures = unseen_figures(out_of_fold, labels, headline, loss_function)
    fitted = dataclasses.replace(model, module=module)
    return FittedTfidf(fitted, figures, labels.evidence(settings.tasks))


def write_tfidf(folder: Path, fitted: FittedTfidf, record: CheckpointRecord) -> None:
    """Write the checkpoint of a fitted tf-idf model.

    Raises:
        InputError: The disk is full.
    """
    write_checkpoint(folder, fitted.model.module, record, tokenizer_json=None, frozen_sha256=None)
