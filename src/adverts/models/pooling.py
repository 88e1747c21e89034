"""Pooling of token features to one vector, and task heads from features to logits."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from adverts.advert import Task
from adverts.models.architecture import PoolingName


def masked_mean(x_BTD: Tensor, mask_BT: Tensor) -> Tensor:
    """Average the unmasked positions of each advert.

    Args:
        x_BTD: Token (or image) features.
        mask_BT: True on positions that count, False on padding.

    Returns:
        Means ``(B, D)`` in the dtype of ``x_BTD``; zeros for an advert with no unmasked position.
    """
    weight_BT1 = mask_BT.unsqueeze(-1).to(torch.float32)
    total_BD = (x_BTD.float() * weight_BT1).sum(dim=1)
    count_B1 = weight_BT1.sum(dim=1).clamp(min=1.0)
    return (total_BD / count_B1).to(x_BTD.dtype)


class MeanPooling(nn.Module):
    """:func:`masked_mean` as a module."""

    def forward(self, x_BTD: Tensor, mask_BT: Tensor) -> Tensor:
        """Map ``(B, T, D)`` and ``(B, T)`` to ``(B, D)``."""
        return masked_mean(x_BTD, mask_BT)


class FirstPooling(nn.Module):
    """Take the features of the first token (``[CLS]``, ``<s>``); zeros if it is padding."""

    def forward(self, x_BTD: Tensor, mask_BT: Tensor) -> Tensor:
        """Map ``(B, T, D)`` and ``(B, T)`` to ``(B, D)``."""
        return x_BTD[:, 0].masked_fill(~mask_BT[:, :1], 0.0)


class AttentionPooling(nn.Module):
    """Weigh tokens by a learned query, after Yang et al. (2016), eqs. 5-7.

    The query starts at zero, so at initialisation this equals mean pooling.

    Args:
        features: Feature dimension ``D``.

    Source: https://aclanthology.org/N16-1174
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.key = nn.Linear(features, features)
        self.query = nn.Parameter(torch.zeros(features))

    def forward(self, x_BTD: Tensor, mask_BT: Tensor) -> Tensor:
        """Map ``(B, T, D)`` and ``(B, T)`` to ``(B, D)``; zeros for an advert of only padding."""
        score_BT = (torch.tanh(self.key(x_BTD)) * self.query).sum(dim=-1).float()
        # a finite fill avoids NaN for an advert of only padding; the second fill sets it to zero
        score_BT = score_BT.masked_fill(~mask_BT, torch.finfo(torch.float32).min)
        weight_BT = score_BT.softmax(dim=1).masked_fill(~mask_BT, 0.0)
        return (weight_BT.unsqueeze(-1) * x_BTD.float()).sum(dim=1).to(x_BTD.dtype)


def build_pooling(name: PoolingName, features: int) -> nn.Module:
    """Return the pooling module called ``name`` for ``D`` = ``features``."""
    match name:
        case "mean":
            return MeanPooling()
        case "first":
            return FirstPooling()
        case "attention":
            return AttentionPooling(features)


class OrdinalHead(nn.Module):
    """Cumulative link: logit ``k`` is the log-odds that the level exceeds ``k``.

    A linear function of the features scores the advert, and ordered thresholds divide the score
    into levels. The thresholds cannot cross, so the logits always decrease with ``k``.

    Args:
        features: Feature dimension ``D``.
        levels: Number of levels, at least 2; there are ``levels - 1`` logits.

    Source: McCullagh (1980), Regression Models for Ordinal Data, section 2.
    """

    def __init__(self, features: int, levels: int) -> None:
        super().__init__()
        self.score = nn.Linear(features, 1, bias=False)
        self.first = nn.Parameter(torch.tensor([-0.5 * (levels - 2)]))
        # softplus(0.5413) = 1: initial thresholds have distance 1 and are centred on zero
        self.gaps = nn.Parameter(torch.full((levels - 2,), 0.5413))

    def thresholds(self) -> Tensor:
        """Return the thresholds between levels, ``(levels - 1,)``, increasing."""
        return torch.cumsum(torch.cat([self.first, softplus(self.gaps)]), dim=0)

    def forward(self, x_BD: Tensor) -> Tensor:
        """Map ``(B, D)`` to logits ``(B, levels - 1)``."""
        score_B1: Tensor = self.score(x_BD)
        return score_B1 - self.thresholds()


def build_head(task: Task, features: int) -> nn.Module:
    """Return the head of ``task``: linear, or cumulative-link for ``ordinal``.

    The head of ``single`` and ``multi`` is the same. The loss and
    :func:`adverts.runtime.rules.probabilities.probabilities` apply softmax to ``single`` logits and
    sigmoid to ``multi`` logits.
    """
    if task.kind == "ordinal":
        return OrdinalHead(features, task.num_labels)
    return nn.Linear(features, task.num_logits)
