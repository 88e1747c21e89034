"""The loss of one or several tasks, with soft targets and masked missing labels.

Shapes: B adverts, L labels, K logits (L, or L - 1 for ordinal).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from adverts.training.task_loss import TaskLoss

LossFunction = Callable[[Mapping[str, Tensor], Mapping[str, Tensor]], Tensor]


def summed_loss(parts: Sequence[TaskLoss]) -> LossFunction:
    """Return a function that maps the logits and targets of a batch to its summed loss.

    The function takes logits ``(B, K)`` and targets ``(B, L)`` by task. A target row of NaN, or for
    ``multi`` a NaN entry, adds nothing, and a batch without any label gives 0. The result is a
    float32 scalar in nats.
    """

    def loss(logits: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> Tensor:
        terms = [
            part.weight * task_loss(part, logits[part.task.name], targets[part.task.name])
            for part in parts
        ]
        return torch.stack(terms).sum()

    return loss


def task_loss(part: TaskLoss, logits_BK: Tensor, targets_BL: Tensor) -> Tensor:
    """Return the loss of one task, summed over the labelled adverts of the batch.

    ``multi`` is the mean over its labels. ``ordinal`` is the mean of the binary losses "is the
    label above k?", so that tasks with different numbers of labels have the same scale.

    Source: for ``ordinal``, as a sum: Cao, Mirjalili and Raschka, Rank consistent ordinal
    regression for neural networks, 2020.
    """
    if logits_BK.dtype != torch.float64:
        logits_BK = logits_BK.float()
    known_BL = ~torch.isnan(targets_BL)
    targets_BL = targets_BL.nan_to_num(0.0).to(logits_BK.dtype)
    balance_2L = (
        None if part.balance_2L is None else torch.from_numpy(part.balance_2L).to(logits_BK)
    )
    if part.task.kind == "multi":
        return _multi(part, logits_BK, targets_BL, known_BL=known_BL, balance_2L=balance_2L)
    known_B = known_BL.all(dim=1)
    if part.task.kind == "single":
        loss_B = F.cross_entropy(
            logits_BK,
            targets_BL,
            weight=balance_2L[1] if balance_2L is not None else None,
            label_smoothing=part.label_smoothing,
            reduction="none",
        )
    else:
        loss_B = _ordinal(part, logits_BK, targets_BL)
        if balance_2L is not None:
            loss_B = loss_B * (targets_BL @ balance_2L[1])
    return (loss_B * known_B).sum()


def _multi(
    part: TaskLoss,
    logits_BL: Tensor,
    targets_BL: Tensor,
    *,
    known_BL: Tensor,
    balance_2L: Tensor | None,
) -> Tensor:
    smooth_BL = targets_BL * (1 - part.label_smoothing) + part.label_smoothing / 2
    loss_BL = F.binary_cross_entropy_with_logits(logits_BL, smooth_BL, reduction="none")
    if balance_2L is not None:
        loss_BL = loss_BL * torch.lerp(balance_2L[0], balance_2L[1], targets_BL)
    return (loss_BL * known_BL).sum() / part.task.num_labels


def _ordinal(part: TaskLoss, logits_BK: Tensor, targets_BL: Tensor) -> Tensor:
    even = 1 / part.task.num_labels
    smooth_BL = targets_BL + part.label_smoothing * (even - targets_BL)
    above_BK = smooth_BL.flip(1).cumsum(1).flip(1)[:, 1:].clamp(max=1)
    loss_BK = F.binary_cross_entropy_with_logits(logits_BK, above_BK, reduction="none")
    return loss_BK.mean(dim=1)
