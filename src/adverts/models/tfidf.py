"""Hashed tf-idf with a linear scorer, in numpy: the baseline with which neural models are compared.

Shape suffixes: ``N`` adverts, ``F`` size of the hashed feature space, ``L`` labels, ``K`` logits.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from adverts.advert import Task
from adverts.arrays import Floats
from adverts.errors import InputError

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

Features = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Hashed feature ids of one advert, ascending, and the count of each."""


@dataclass(frozen=True, slots=True)
class LinearNgrams:
    """One linear map from hashed n-gram counts to the logits of every task.

    A count becomes ``(1 + log(count)) * idf``. Word n-grams (the first half of the feature space)
    and character n-grams (the second half) are each scaled to unit length. A feature never seen in
    training has idf 0, so it has no effect on the score or on the scaling. An advert without
    features gets the biases. :class:`adverts.models.hashed_linear.HashedLinear` computes the same
    in torch.

    Attributes:
        tasks: Tasks of the groups of logits, in this order.
        idf_F: Inverse document frequency of each feature, float32.
        weight_FK: Weight of each feature for each logit of all tasks together, float32.
        bias_K: Logits of an advert without features, float32.
    """

    tasks: tuple[Task, ...]
    idf_F: NDArray[np.float32]  # noqa: N815 - suffixed by shape
    weight_FK: NDArray[np.float32]  # noqa: N815 - suffixed by shape
    bias_K: NDArray[np.float32]  # noqa: N815 - suffixed by shape

    @classmethod
    def empty(cls, tasks: Sequence[Task], num_features: int) -> LinearNgrams:
        """Return a map that knows no feature, so that every logit is 0."""
        width = sum(task.num_logits for task in tasks)
        return cls(
            tuple(tasks),
            np.zeros(num_features, np.float32),
            np.zeros((num_features, width), np.float32),
            np.zeros(width, np.float32),
        )

    @property
    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """The arrays by their names in a checkpoint."""
        return {"idf": self.idf_F, "weight": self.weight_FK, "bias": self.bias_K}

    def values(self, features: Sequence[Features]) -> csr_matrix:
        """Return the scaled tf-idf value of each feature of each advert, ``(N, F)``, float64."""
        nothing = np.zeros(0, np.int64)
        sizes = np.array([len(ids) for ids, _ in features], np.int64)
        rows = np.repeat(np.arange(len(features)), sizes)
        ids = np.concatenate([nothing, *(ids for ids, _ in features)])
        counts = np.concatenate([nothing, *(counts for _, counts in features)])
        values = (1.0 + np.log(np.maximum(counts, 1.0))) * self.idf_F[ids] * (counts > 0)
        kind = 2 * rows + (ids >= len(self.idf_F) // 2)  # words and characters of each advert
        norms = np.sqrt(np.bincount(kind, values**2, minlength=2 * len(features)))
        values /= np.maximum(norms, 1e-12)[kind]
        ends = np.concatenate([[0], np.cumsum(sizes)])
        return csr_matrix((values, ids, ends), shape=(len(features), len(self.idf_F)))

    def logits(self, features: Sequence[Features]) -> dict[str, NDArray[np.float32]]:
        """Return the logits of ``N`` adverts by task, ``(N, K)``, from their hashed features."""
        values = self.values(features)
        known = np.unique(values.indices)
        logits_NK = values[:, known] @ self.weight_FK[known].astype(np.float64) + self.bias_K
        return by_task(self.tasks, logits_NK.astype(np.float32))

    def along(self, slopes_K: Floats, offsets_K: Floats) -> LinearNgrams:
        """Return the map that gives each logit times a slope plus an offset."""
        slopes, offsets = slopes_K.astype(np.float32), offsets_K.astype(np.float32)
        return dataclasses.replace(
            self, weight_FK=self.weight_FK * slopes, bias_K=self.bias_K * slopes + offsets
        )


def by_task(
    tasks: Sequence[Task], logits_NK: NDArray[np.float32]
) -> dict[str, NDArray[np.float32]]:
    """Return the columns of each task, from the logits of all tasks side by side."""
    ends = np.cumsum([task.num_logits for task in tasks])[:-1]
    return {
        task.name: np.ascontiguousarray(part)
        for task, part in zip(tasks, np.split(logits_NK, ends, axis=1), strict=True)
    }


def fit_tfidf(
    features: Sequence[Features],
    targets: Mapping[str, NDArray[np.float32]],
    tasks: Sequence[Task],
    *,
    num_features: int,
    inverse_regularisation: float,
    seed: int,
) -> LinearNgrams:
    """Fit idf on every advert, and each task on the adverts that have a label of it.

    ``single`` fits one multinomial regression, ``multi`` one regression for each label, ``ordinal``
    one for each threshold between levels. A label that all or none of the adverts have gets a
    constant logit. An advert with several labels counts for each with the weight in its target.

    Args:
        features: Hashed features of ``N`` training adverts.
        targets: Maps each task name to label weights ``(N, L)``; NaN where unlabelled.
        tasks: The tasks to fit.
        num_features: Size of the hashed feature space.
        inverse_regularisation: ``C`` of scikit-learn's logistic regression.
        seed: Seed of the solver.

    Returns:
        The fitted map. The same input gives the same map.

    Raises:
        InputError: There is no advert, or a task has no labelled advert.
    """
    if not features:
        raise InputError("tf-idf: there is no advert to fit on")
    empty = LinearNgrams.empty(tasks, num_features)
    document_frequency_F = np.bincount(
        np.concatenate([ids for ids, _ in features]), minlength=num_features
    )
    seen_S = np.flatnonzero(document_frequency_F)
    empty.idf_F[seen_S] = np.log((1 + len(features)) / (1 + document_frequency_F[seen_S])) + 1.0
    values = empty.values(features)[:, seen_S]
    solver = _Solver(inverse_regularisation, seed)
    fitted = [_fit_task(values, targets[task.name], task, solver) for task in tasks]
    empty.weight_FK[seen_S] = np.concatenate([weight for weight, _ in fitted], axis=1)
    bias_K = np.concatenate([bias for _, bias in fitted]).astype(np.float32)
    return dataclasses.replace(empty, bias_K=bias_K)


@dataclass(frozen=True, slots=True)
class _Solver:
    """Regularised logistic regression; newton-cg was the fastest solver that fully converges."""

    inverse_regularisation: float
    seed: int

    def fit(
        self, values: csr_matrix, labels_N: NDArray[np.int64], weights_N: NDArray[np.float64]
    ) -> LogisticRegression:
        from sklearn.linear_model import LogisticRegression  # 1.4 s that a network does not pay

        regression = LogisticRegression(
            C=self.inverse_regularisation,
            solver="newton-cg",
            tol=1e-6,
            max_iter=1000,
            random_state=self.seed,
        )
        return regression.fit(values, labels_N, sample_weight=weights_N)


def _fit_task(
    values: csr_matrix, targets_NL: NDArray[np.float32], task: Task, solver: _Solver
) -> tuple[Floats, Floats]:
    """Return weights ``(S, K)`` and biases ``(K,)`` of one task."""
    if np.isnan(targets_NL).all():
        raise InputError(f"tf-idf: task {task.name!r} has no labelled advert in the training split")
    match task.kind:
        case "single":
            return _fit_single(values, targets_NL, solver)
        case "multi":
            shares = targets_NL
        case "ordinal":
            shares = 1.0 - np.cumsum(targets_NL, axis=1)[:, :-1]
    fitted = [_fit_share(values, shares[:, k], solver) for k in range(task.num_logits)]
    return np.stack([weight for weight, _ in fitted], axis=1), np.array([b for _, b in fitted])


def _fit_share(
    values: csr_matrix, share_N: NDArray[np.float32], solver: _Solver
) -> tuple[Floats, float]:
    """Fit the log-odds of one event; ``share_N`` is the share of annotators who saw it."""
    known_M = np.flatnonzero(~np.isnan(share_N))
    share_M = share_N[known_M].clip(0.0, 1.0).astype(np.float64)
    rows = np.concatenate([known_M, known_M])
    labels = np.repeat(np.array([1, 0]), len(known_M))
    weights = np.concatenate([share_M, 1.0 - share_M])
    rows, labels, weights = rows[weights > 0], labels[weights > 0], weights[weights > 0]
    if len(np.unique(labels)) < 2:
        yes = weights[labels == 1].sum()
        no = weights[labels == 0].sum()
        return np.zeros(values.shape[1]), float(np.log((yes + 0.5) / (no + 0.5)))
    regression = solver.fit(values[rows], labels, weights)
    return regression.coef_[0], float(regression.intercept_[0])


def _fit_single(
    values: csr_matrix, targets_NL: NDArray[np.float32], solver: _Solver
) -> tuple[Floats, Floats]:
    """Fit exclusive labels; a label that no advert has stays improbable for every advert."""
    rows, labels = np.nonzero(np.nan_to_num(targets_NL) > 0)
    weights = targets_NL[rows, labels].astype(np.float64)
    carried = np.unique(labels)
    weight_SL = np.zeros((values.shape[1], targets_NL.shape[1]))
    bias_L = np.full(targets_NL.shape[1], -np.log(2.0 * weights.sum() + 1.0))
    bias_L[carried] = 0.0
    if len(carried) < 2:
        return weight_SL, bias_L
    regression = solver.fit(values[rows], labels, weights)
    fitted = carried[1:] if len(carried) == 2 else carried
    weight_SL[:, fitted] = regression.coef_.T
    bias_L[fitted] = regression.intercept_
    return weight_SL, bias_L
