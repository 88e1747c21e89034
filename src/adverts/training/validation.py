"""Score the validation adverts and compute the figures that choose the best checkpoint.

Shapes: N adverts, K logits, L labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from adverts.advert import Task
from adverts.arrays import Floats
from adverts.evaluation.figures.figures_by_kind import SIGNAL_THRESHOLD
from adverts.evaluation.statistics import metrics
from adverts.evaluation.truth import NOT_JUDGED, predicted_labels, true_labels, true_signals
from adverts.models.ngram_branch import NgramBranch, has_ngrams
from adverts.runtime.rules.probabilities import probabilities
from adverts.training.batching import token_budget_batches
from adverts.training.branch_lines import Labels, Logits, calibrated_mean
from adverts.training.dataset import AdvertBatches, prefetch
from adverts.training.loop import Forward, autocast, to_device
from adverts.training.loss import LossFunction
from adverts.training.processes import Processes
from adverts.work.progress import bar

_NETWORK, _NGRAMS, _PRESENT = "network ", "ngrams ", "has n-grams"


class Validation:
    """The validation adverts, in batches of similar length that are planned once."""

    def __init__(
        self,
        adverts: AdvertBatches,
        labels: Labels,
        task: Task,
        loss_function: LossFunction,
        *,
        tokens_per_batch: int,
        max_adverts: int,
    ) -> None:
        """Plan the batches.

        Args:
            adverts: Validation adverts.
            labels: Their labels.
            task: Task whose figures choose the best checkpoint.
            loss_function: Returns the loss summed over a batch.
            tokens_per_batch: Largest padded size of a forward pass, in tokens.
            max_adverts: Largest number of adverts in a forward pass.
        """
        self._adverts, self._labels = adverts, labels
        self._task, self._loss_function = task, loss_function
        self._batches = token_budget_batches(
            adverts.lengths(),
            None,
            tokens_per_batch=tokens_per_batch,
            max_adverts=max_adverts,
        )

    def figures(
        self, module: nn.Module, *, processes: Processes, autocast_dtype: torch.dtype | None
    ) -> dict[str, float]:
        """Return the loss (mean over adverts, in nats) and the figures of the headline task.

        In a model with n-grams, this first calibrates the logits of the network on these adverts.
        """
        module.eval()
        branch = getattr(module, "ngrams", None)
        if isinstance(branch, NgramBranch):
            network: Forward = module.network  # type: ignore[assignment]
            raw = self._logits(partial(_of_each, network, branch), processes, autocast_dtype)
            logits = self._calibrated_mean(branch, raw)
        else:
            logits = self._logits(module, processes, autocast_dtype)
        return figures_of(logits, self._labels, self._task, self._loss_function)

    def _calibrated_mean(self, branch: NgramBranch, raw: Logits) -> Logits:
        """Calibrate the network's logits and the mean of both branches; return that mean."""
        tasks = self._adverts.tasks
        network, ngrams = (
            {task.name: raw[prefix + task.name] for task in tasks} for prefix in (_NETWORK, _NGRAMS)
        )
        present_N = raw[_PRESENT][:, 0] > 0
        return calibrated_mean(branch, tasks, network, ngrams, present_N, labels=self._labels)

    @torch.inference_mode()
    def _logits(self, forward: Forward, processes: Processes, dtype: torch.dtype | None) -> Logits:
        mine = self._batches[processes.index :: processes.count]
        parts: list[tuple[tuple[int, ...], dict[str, NDArray[np.float32]]]] = []
        shown = bar(mine, "validation", "batches", show=processes.is_main)
        for rows, batch in zip(shown, prefetch(map(self._adverts.batch, mine)), strict=True):
            feeds, _ = to_device(batch, processes.device)
            with autocast(processes.device, dtype):
                logits = forward(feeds)
            parts.append((rows, {name: x.float().cpu().numpy() for name, x in logits.items()}))
        return _in_row_order([part for share in processes.gather(parts) for part in share])


def _of_each(
    network: Forward, branch: NgramBranch, feeds: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return the uncalibrated logits of both branches, and which adverts have n-grams."""
    by_network = {_NETWORK + name: logits for name, logits in network(feeds).items()}
    by_ngrams = {_NGRAMS + name: logits for name, logits in branch.linear(feeds).items()}
    return {**by_network, **by_ngrams, _PRESENT: has_ngrams(feeds).unsqueeze(1).float()}


def unseen_figures(
    logits: Logits, labels: Labels, task: Task, loss_function: LossFunction
) -> dict[str, float]:
    """Return the figures of :func:`figures_of` on validation, without any: out of fold on training.

    Args:
        logits: Logits of adverts that the model did not learn from, ``(N, K)`` by task: first those
            of training adverts by models of the other folds, then those of validation adverts.
        labels: Labels of the same adverts.
        task: Task whose figures are computed.
        loss_function: Returns the loss summed over a batch.
    """
    count, train = len(labels.clusters), labels.train
    rows = np.arange(train, count)
    part = labels.held_out
    if train == count:
        rows, part = np.setdiff1d(np.arange(train), labels.copies), labels.own
    said = {name: np.nan_to_num(x_NK[rows]) for name, x_NK in logits.items()}
    return figures_of(said, part, task, loss_function)


def figures_of(
    logits: Logits, labels: Labels, task: Task, loss_function: LossFunction
) -> dict[str, float]:
    """Return ``loss`` (mean over adverts, in nats), ``average_precision`` and ``macro_f1``.

    ``logits`` maps each task name to an array ``(N, K)``; the latter two figures are of ``task``.
    """
    said = {name: torch.from_numpy(values_NK) for name, values_NK in logits.items()}
    targets = {name: torch.from_numpy(values_NL) for name, values_NL in labels.targets.items()}
    loss = float(loss_function(said, targets)) / max(1, len(labels.clusters))
    return {"loss": loss, **headline_figures(task, logits[task.name], labels.targets[task.name])}


def headline_figures(
    task: Task, logits_NK: NDArray[np.float32], targets_NL: NDArray[np.float32]
) -> dict[str, float]:
    """Return ``average_precision`` and ``macro_f1`` of one task; NaN where nothing can be judged.

    For a ``single`` task with a positive label, ``average_precision`` is that of this label.
    Otherwise it is the mean over the yes-or-no questions that have both answers: each label against
    the rest, each signal, or for ``ordinal`` "is the level above k?". In a ``multi`` task, a signal
    counts as predicted from 0.5 on.
    """
    probabilities_NL = probabilities(task, logits_NK)
    if task.kind == "multi":
        signals_NL = true_signals(targets_NL)
        f1 = [
            _signal_f1(scores >= SIGNAL_THRESHOLD, truth)
            for scores, truth in zip(probabilities_NL.T, signals_NL.T, strict=True)
        ]
        return {
            "average_precision": _mean_average_precision(probabilities_NL, signals_NL),
            "macro_f1": _mean_of_defined(f1),
        }
    labels_N = true_labels(task, targets_NL)
    judged = np.flatnonzero(labels_N != NOT_JUDGED)
    labels_N, probabilities_NL = labels_N[judged], probabilities_NL[judged]
    scores, truth = _questions(task, probabilities_NL, labels_N)
    predicted_N = predicted_labels(task, probabilities_NL)
    return {
        "average_precision": _mean_average_precision(scores, truth),
        "macro_f1": metrics.macro_f1(predicted_N, labels_N, task.num_labels),
    }


def _questions(
    task: Task, probabilities_NL: Floats, labels_N: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64]]:
    """Return scores and true answers ``(N, Q)`` of the yes-or-no questions of a task."""
    positive = task.positive_index
    if task.kind == "ordinal":
        above_NQ = probabilities_NL[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
        return above_NQ, (labels_N[:, None] > np.arange(task.num_labels - 1)).astype(np.int64)
    truth_NL = (labels_N[:, None] == np.arange(task.num_labels)).astype(np.int64)
    if positive is None:
        return probabilities_NL, truth_NL
    chosen = slice(positive, positive + 1)
    return probabilities_NL[:, chosen], truth_NL[:, chosen]


def _mean_average_precision(scores_NQ: Floats, truth_NQ: NDArray[np.int64]) -> float:
    values = []
    for scores, truth in zip(scores_NQ.T, truth_NQ.T, strict=True):
        known = truth != NOT_JUDGED
        both = {0, 1} <= set(truth[known].tolist())
        if both:
            values.append(metrics.average_precision(scores[known], truth[known]))
    return _mean_of_defined(values)


def _signal_f1(predicted: NDArray[np.bool_], truth: NDArray[np.int64]) -> float:
    known = truth != NOT_JUDGED
    hits = int((predicted & (truth == 1)).sum())
    total = int((predicted & known).sum()) + int((truth == 1).sum())
    return 2 * hits / total if total else float("nan")


def _mean_of_defined(values: list[float]) -> float:
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")


def _in_row_order(
    parts: list[tuple[tuple[int, ...], dict[str, NDArray[np.float32]]]],
) -> dict[str, NDArray[np.float32]]:
    order = np.argsort(np.concatenate([np.array(rows) for rows, _ in parts]))
    names = parts[0][1]
    return {name: np.concatenate([logits[name] for _, logits in parts])[order] for name in names}
