"""Hashed tf-idf with logistic regression: the baseline that every network is held against.

Shape suffixes: ``B`` adverts, ``F`` features of an advert, ``K`` logits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from adverts.advert import Task


class HashedLinear(nn.Module):
    """Scores hashed n-gram counts; a fitted one has no parameters that learn, only buffers.

    Args:
        tasks: One group of logits for each, in this order.
        num_features: Size of the hashed feature space.
    """

    idf: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, tasks: Sequence[Task], num_features: int) -> None:
        super().__init__()
        self.task_names = tuple(task.name for task in tasks)
        self.widths = tuple(task.num_logits for task in tasks)
        self.register_buffer("idf", torch.zeros(num_features))
        self.register_buffer("weight", torch.zeros(num_features, sum(self.widths)))
        self.register_buffer("bias", torch.zeros(sum(self.widths)))

    @property
    def feed_names(self) -> tuple[str, ...]:
        """The feeds that :meth:`forward` reads."""
        return ("feature_ids", "feature_counts")

    def forward(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the logits of each task, ``(B, task.num_logits)``, float32."""
        ids_BF, counts_BF = feeds["feature_ids"], feeds["feature_counts"]
        values_BF = counts_BF * self.idf[ids_BF]
        logits_BK = (values_BF.unsqueeze(-1) * self.weight[ids_BF]).sum(dim=1) + self.bias
        return dict(zip(self.task_names, logits_BK.split(self.widths, dim=1), strict=True))
