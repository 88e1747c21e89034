"""Hashed tf-idf with a linear scorer: the baseline with which neural models are compared.

Shape suffixes: ``N B`` adverts, ``F`` features of an advert, ``L`` labels, ``K`` logits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor, nn

from adverts.advert import Task
from adverts.arrays import Floats
from adverts.errors import InputError

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

_AT_ONCE = 64  # adverts in one matrix of features
Features = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Hashed feature ids of one advert, ascending, and the count of each."""


class HashedLinear(nn.Module):
    """Scores hashed n-gram counts; it has only buffers, and no parameter learns by gradient.

    A count becomes ``(1 + log(count)) * idf``. Word n-grams (the first half of the feature space)
    and character n-grams (the second half) are each scaled to unit length. One linear map then
    gives the logits of every task. A feature never seen in training has idf 0, so it has no effect
    on the score or on the scaling. An advert without features gets the biases.

    Args:
        tasks: Tasks of the groups of logits, in this order.
        num_features: Size of the hashed feature space.
    """

    idf: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, tasks: Sequence[Task], num_features: int) -> None:
        super().__init__()
        self.task_names = tuple(task.name for task in tasks)
        self.widths = tuple(task.num_logits for task in tasks)
        self.num_features = num_features
        self.register_buffer("idf", torch.zeros(num_features))
        self.register_buffer("weight", torch.zeros(num_features, sum(self.widths)))
        self.register_buffer("bias", torch.zeros(sum(self.widths)))

    @property
    def feed_names(self) -> tuple[str, ...]:
        """The feeds that :meth:`forward` reads."""
        return ("feature_ids", "feature_counts")

    def values(self, ids_BF: Tensor, counts_BF: Tensor) -> Tensor:
        """Return the scaled tf-idf value of each feature, ``(B, F)``; 0 where the count is 0."""
        tf_BF = torch.where(counts_BF > 0, 1.0 + counts_BF.clamp(min=1.0).log(), 0.0)
        raw_BF = tf_BF * self.idf[ids_BF]
        words_BF = ids_BF < self.num_features // 2
        word_norm_B1 = _norm(raw_BF.masked_fill(~words_BF, 0.0))
        char_norm_B1 = _norm(raw_BF.masked_fill(words_BF, 0.0))
        return raw_BF / torch.where(words_BF, word_norm_B1, char_norm_B1)

    def forward(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the logits of each task, ``(B, task.num_logits)``, float32."""
        ids_BF = feeds["feature_ids"]
        values_BF = self.values(ids_BF, feeds["feature_counts"])
        logits_BK = (values_BF.unsqueeze(-1) * self.weight[ids_BF]).sum(dim=1) + self.bias
        return dict(zip(self.task_names, logits_BK.split(self.widths, dim=1), strict=True))


def _norm(x_BF: Tensor) -> Tensor:
    norm_B1: Tensor = x_BF.square().sum(dim=1, keepdim=True).sqrt().clamp(min=1e-12)
    return norm_B1


@torch.inference_mode()
def logits_of(model: HashedLinear, features: Sequence[Features]) -> dict[str, NDArray[np.float32]]:
    """Return the logits of ``N`` adverts by task, ``(N, K)``, from their hashed features."""
    found: dict[str, list[NDArray[np.float32]]] = {name: [] for name in model.task_names}
    for start in range(0, len(features), _AT_ONCE):
        part = features[start : start + _AT_ONCE]
        width = max(1, *(len(ids) for ids, _ in part))
        ids_BF = np.zeros((len(part), width), np.int64)
        counts_BF = np.zeros((len(part), width), np.float32)
        for row, (ids, counts) in enumerate(part):
            ids_BF[row, : len(ids)], counts_BF[row, : len(ids)] = ids, counts
        feeds = {
            "feature_ids": torch.from_numpy(ids_BF),
            "feature_counts": torch.from_numpy(counts_BF),
        }
        for name, logits_BK in model(feeds).items():
            found[name].append(logits_BK.numpy())
    return {
        name: np.concatenate(parts) if parts else np.zeros((0, width_K), np.float32)
        for (name, parts), width_K in zip(found.items(), model.widths, strict=True)
    }


def fit_tfidf(
    features: Sequence[Features],
    targets: Mapping[str, NDArray[np.float32]],
    tasks: Sequence[Task],
    *,
    num_features: int,
    inverse_regularisation: float,
    seed: int,
) -> HashedLinear:
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
        The fitted module, in evaluation mode. The same input gives the same module.

    Raises:
        InputError: There is no advert, or a task has no labelled advert.
    """
    model = HashedLinear(tasks, num_features)
    if not features:
        raise InputError("tf-idf: there is no advert to fit on")
    document_frequency_F = np.bincount(
        np.concatenate([ids for ids, _ in features]), minlength=num_features
    )
    seen_S = np.flatnonzero(document_frequency_F)
    idf_S = np.log((1 + len(features)) / (1 + document_frequency_F[seen_S])) + 1.0
    model.idf[seen_S] = torch.from_numpy(idf_S).float()
    values = _value_matrix(model, features)[:, seen_S]
    solver = _Solver(inverse_regularisation, seed)
    fitted = [_fit_task(values, targets[task.name], task, solver) for task in tasks]
    weight_SK = np.concatenate([weight for weight, _ in fitted], axis=1)
    bias_K = np.concatenate([bias for _, bias in fitted])
    model.weight[seen_S] = torch.from_numpy(weight_SK).float()
    model.bias.copy_(torch.from_numpy(bias_K))
    return model.eval()


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


def _value_matrix(model: HashedLinear, features: Sequence[Features]) -> csr_matrix:
    """Return the result of :meth:`HashedLinear.values` for each advert, ``(N, num_features)``."""
    rows = [
        model.values(torch.from_numpy(ids.astype(np.int64))[None], torch.from_numpy(counts)[None])[
            0
        ].numpy()
        for ids, counts in features
    ]
    ends = np.cumsum([0, *(len(ids) for ids, _ in features)])
    columns = np.concatenate([ids for ids, _ in features])
    shape = (len(features), model.num_features)
    return csr_matrix((np.concatenate(rows).astype(np.float64), columns, ends), shape=shape)


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
