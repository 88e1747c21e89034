"""Heads: one for each task, from the features of an advert to the logits of the task.

Shape suffixes: ``B`` adverts, ``D`` features, ``K`` logits.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from adverts.advert import Task


class OrdinalHead(nn.Module):
    """Cumulative link: logit ``k`` is the log-odds that the level exceeds ``k``.

    One direction of the features scores the advert; ordered thresholds cut the score. The
    thresholds cannot cross, so the logits always fall with ``k``.

    Args:
        features: Feature dimension ``D``.
        levels: Number of levels, at least 2; there are ``levels - 1`` logits.

    Source: McCullagh (1980), Regression Models for Ordinal Data, section 2.
    """

    def __init__(self, features: int, levels: int) -> None:
        super().__init__()
        self.score = nn.Linear(features, 1, bias=False)
        self.first = nn.Parameter(torch.tensor([-0.5 * (levels - 2)]))
        # softplus(0.5413) = 1: thresholds start one apart, centred on zero
        self.gaps = nn.Parameter(torch.full((levels - 2,), 0.5413))

    def thresholds(self) -> Tensor:
        """Return the cuts between levels, ``(levels - 1,)``, increasing."""
        return torch.cumsum(torch.cat([self.first, softplus(self.gaps)]), dim=0)

    def forward(self, x_BD: Tensor) -> Tensor:
        """Map ``(B, D)`` to logits ``(B, levels - 1)``."""
        score_B1: Tensor = self.score(x_BD)
        return score_B1 - self.thresholds()


def build_head(task: Task, features: int) -> nn.Module:
    """Return the head of ``task``: linear, or cumulative-link for ``ordinal``.

    ``single`` logits go through a softmax and ``multi`` logits through a sigmoid, in the loss and
    in :func:`adverts.runtime.rules.probabilities.probabilities`; the head itself is the same.
    """
    if task.kind == "ordinal":
        return OrdinalHead(features, task.num_labels)
    return nn.Linear(features, task.num_logits)
