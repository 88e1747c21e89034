"""Divide adverts into folds of whole clusters, and predict each fold by tf-idf of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats, Ints
from adverts.auditing.audited_adverts import AuditedAdverts
from adverts.data.dataset.campaign_clusters import joined_by
from adverts.data.splits.split_clusters import fold_clusters
from adverts.evaluation.truth import NOT_JUDGED
from adverts.inputs.hashing import hashed_features
from adverts.inputs.spec import HashSpec
from adverts.models.tfidf import LinearNgrams, fit_tfidf
from adverts.runtime.rules.probabilities import probabilities
from adverts.work.progress import Progress

_AT_ONCE = 64
_FEATURES = HashSpec(num_features=1 << 18, word_ngrams=(1, 2), char_ngrams=(2, 5))
_INVERSE_REGULARISATION = 10.0


@dataclass(frozen=True, slots=True)
class FoldSettings:
    """Settings of out-of-fold predictions.

    Attributes:
        folds: Number of folds.
        fit_adverts: Largest number of adverts that the model of one fold is fitted on, drawn from
            all other folds.
        seed: Seed of the folds, the draw and the solver.
    """

    folds: int
    fit_adverts: int
    seed: int


def deal_folds(subject: AuditedAdverts, labels: Ints, *, folds: int, seed: int) -> Ints:
    """Return the fold of each advert; a cluster is never divided, and labels are spread evenly.

    Args:
        subject: The audited adverts.
        labels: Label of each advert; -1 where there is none.
        folds: Number of folds.
        seed: Seed of the division into folds.
    """
    strata = [(str(label),) for label in labels.tolist()]
    whole = joined_by(subject.table.copies, subject.table.clusters)
    return fold_clusters(whole, strata, folds=folds, seed=seed)


def out_of_fold(
    subject: AuditedAdverts,
    tasks: Sequence[Task],
    fold_of: Ints,
    *,
    settings: FoldSettings,
    watch: Progress,
) -> dict[str, Floats]:
    """Return what tf-idf fitted on the other folds predicts for each advert: by task ``(N, L)``.

    Text and picture text are read as one. An advert with neither has a row of NaN. So has every
    advert of a fold if the other folds hold fewer than two labels of the task.

    Args:
        subject: The audited adverts.
        tasks: Tasks to fit and predict, none of them ``multi``.
        fold_of: Fold of each advert.
        settings: Number of folds, size of the draw, and seed.
        watch: Passes rows through and shows the progress.
    """
    texts = [
        "\n".join(part for part in (text, read) if part)
        for text, read in zip(subject.table.texts, subject.table.ocr_texts, strict=True)
    ]
    readable = np.array([bool(text.strip()) for text in texts], bool)
    said = {task.name: np.full((len(texts), task.num_labels), np.nan) for task in tasks}
    labels = {task.name: subject.labels(task) for task in tasks}
    rng = np.random.default_rng(settings.seed)
    for fold in range(settings.folds):
        others = np.flatnonzero((fold_of != fold) & readable)
        fitted = [task for task in tasks if _varied(labels[task.name][others])]
        asked = np.flatnonzero((fold_of == fold) & readable)
        if not fitted or not len(asked):
            continue
        drawn = _drawn(others, settings.fit_adverts, rng)
        where = f"fold {fold + 1} of {settings.folds}"
        fit_on = watch(drawn.tolist(), f"{where}: fit")
        model = _fit(subject, texts, fitted, rows=fit_on, settings=settings)
        for rows, logits in _ask(model, texts, watch(asked.tolist(), f"{where}: ask")):
            for task in fitted:
                said[task.name][rows] = probabilities(task, logits[task.name])
    return said


def _varied(labels: Ints) -> bool:
    return len(np.unique(labels[labels != NOT_JUDGED])) > 1


def _drawn(rows: Ints, most: int, rng: np.random.Generator) -> Ints:
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))


def _fit(
    subject: AuditedAdverts,
    texts: Sequence[str],
    tasks: Sequence[Task],
    *,
    rows: Iterable[int],
    settings: FoldSettings,
) -> LinearNgrams:
    drawn, features = [], []
    for row in rows:
        drawn.append(row)
        features.append(hashed_features(texts[row], _FEATURES))
    return fit_tfidf(
        features,
        {task.name: subject.table.targets[task.name][drawn] for task in tasks},
        tasks,
        num_features=_FEATURES.num_features,
        inverse_regularisation=_INVERSE_REGULARISATION,
        seed=settings.seed,
    )


def _ask(
    model: LinearNgrams, texts: Sequence[str], rows: Iterable[int]
) -> Iterable[tuple[list[int], dict[str, NDArray[np.float32]]]]:
    """Yield batches of rows with the logits of each task."""
    batch: list[int] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _AT_ONCE:
            yield batch, model.logits([hashed_features(texts[i], _FEATURES) for i in batch])
            batch = []
    if batch:
        yield batch, model.logits([hashed_features(texts[i], _FEATURES) for i in batch])
