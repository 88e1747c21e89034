"""Fit hashed n-grams on the training adverts of a run: alone as tf-idf, or beside a network."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adverts.advert import Task
from adverts.arrays import Ints, Targets
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.splits.split_clusters import fold_clusters
from adverts.evaluation.truth import true_labels, true_signals
from adverts.inputs.encoding import AdvertEncoder
from adverts.inputs.pixels import CHECKED
from adverts.inputs.spec import InputSpec
from adverts.models.built_model import BuiltModel
from adverts.models.ngram_branch import NgramBranch
from adverts.models.tfidf import Features, HashedLinear, fit_tfidf, logits_of
from adverts.training.branch_lines import Logits, UnseenLogits, calibrate
from adverts.training.dataset import AdvertBatches
from adverts.training.loss import LossFunction
from adverts.training.processes import Processes
from adverts.training.runs.checkpoint import CheckpointRecord, write_checkpoint
from adverts.training.validation import Validation
from adverts.work.progress import note_when_slow

FOLDS = 5
_ADVERTS_PER_BATCH = 256


@dataclass(frozen=True, slots=True)
class FittedTfidf:
    """A fitted tf-idf model with its figures.

    Attributes:
        model: Model with the fitted module.
        figures: ``loss``, ``average_precision`` and ``macro_f1`` on validation.
    """

    model: BuiltModel
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class NgramFit:
    """Settings of a fit of hashed n-grams.

    Attributes:
        tasks: Tasks to fit.
        num_features: Size of the hashed feature space.
        inverse_regularisation: C of the logistic regression.
        seed: Seed of the solver and of the folds.
    """

    tasks: tuple[Task, ...]
    num_features: int
    inverse_regularisation: float
    seed: int

    def fit(self, features: Sequence[Features], targets: Targets) -> HashedLinear:
        """Fit on adverts, given their hashed features and their targets ``(N, L)`` by task.

        Raises:
            InputError: There is no advert, or a task has no labelled advert.
        """
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
    features: Sequence[Sequence[Features]],
    tables: tuple[AdvertTable, AdvertTable],
    settings: NgramFit,
    fold_of: Ints,
) -> UnseenLogits:
    """Fit the n-grams beside a network on training adverts, and calibrate them; in place.

    They are calibrated on scores of adverts that they were not fitted on: training adverts by
    n-grams of the other folds, and validation adverts.

    Args:
        branch: The branch, not fitted yet.
        features: Hashed features of training and validation adverts.
        tables: Training and validation adverts.
        settings: Tasks, features and seed.
        fold_of: Fold of each training advert; a cluster is never divided.
    """
    targets = {task.name: tables[0].targets[task.name] for task in settings.tasks}
    linear = settings.fit(features[0], targets)
    branch.linear.load_state_dict(linear.state_dict())
    unseen = UnseenLogits(
        train=settings.out_of_fold(features[0], targets, fold_of),
        validation=logits_of(linear, features[1]),
    )
    calibrate(branch.lines_of("ngrams"), settings.tasks, unseen, tables)
    return unseen


def ngram_features(table: AdvertTable, spec: InputSpec) -> list[Features]:
    """Return the hashed n-grams of each advert that a model with inputs ``spec`` reads."""
    texts = tuple(name for name in spec.inputs if name != "image")
    alone = dataclasses.replace(spec, inputs=texts, tokens=None, image=None, ocr_quality=False)
    encoder = AdvertEncoder(alone, None, CHECKED)
    adverts = AdvertBatches(table, encoder, (), modality_dropout=0.0, seed=0)
    return [(advert.feature_ids, advert.feature_counts) for advert in adverts.encoded()]


def folds_of(table: AdvertTable, tasks: Sequence[Task], *, seed: int) -> Ints:
    """Return the fold of each advert, ``(N,)``: whole clusters, with labels evenly spread."""
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
    return fold_clusters(table.clusters, named, folds=FOLDS, seed=seed)


def fit_and_judge(
    model: BuiltModel,
    train: AdvertBatches,
    held_out: AdvertBatches,
    *,
    headline: Task,
    loss_function: LossFunction,
    settings: NgramFit,
    fitted: HashedLinear | None = None,
    processes: Processes,
) -> FittedTfidf:
    """Fit the tf-idf model ``model`` on ``train`` and judge it on ``held_out``.

    Args:
        model: Model that is not fitted yet.
        train: Labelled adverts to fit on.
        held_out: Validation adverts.
        headline: Task whose figures are computed.
        loss_function: Returns the loss summed over a batch.
        settings: Tasks, features and seed.
        fitted: The fit with these settings on ``train``, where it was made before; else None.
        processes: A single process, on the CPU.
    """
    module = settings.fit(*_material(train)) if fitted is None else fitted
    validation = Validation(
        held_out,
        headline,
        loss_function,
        tokens_per_batch=_ADVERTS_PER_BATCH,
        max_adverts=_ADVERTS_PER_BATCH,
    )
    figures = validation.figures(module, processes=processes, autocast_dtype=None)
    return FittedTfidf(dataclasses.replace(model, module=module), figures)


def _material(train: AdvertBatches) -> tuple[list[Features], Targets]:
    features = [(advert.feature_ids, advert.feature_counts) for advert in train.encoded()]
    return features, {name: values_NL.numpy() for name, values_NL in train.targets.items()}


def write_tfidf(folder: Path, fitted: FittedTfidf, record: CheckpointRecord) -> None:
    """Write the checkpoint of a fitted tf-idf model.

    Raises:
        InputError: The disk is full.
    """
    write_checkpoint(folder, fitted.model.module, record, tokenizer_json=None, frozen_sha256=None)
