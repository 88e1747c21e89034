"""The linear map of hashed n-grams as a module of torch: beside a network, and for export.

Shape suffixes: ``B`` adverts, ``F`` features of an advert, ``K`` logits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from adverts.advert import Task
from adverts.models.tfidf import LinearNgrams


class HashedLinear(nn.Module):
    """Scores hashed n-gram counts as :class:`adverts.models.tfidf.LinearNgrams` says.

    It has only buffers, and no parameter learns by gradient.

    Args:
        tasks: Tasks of the groups of logits, in this order.
        num_features: Size of the hashed feature space.
    """

    idf: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, tasks: Sequence[Task], num_features: int) -> None:
        super().__init__()
        self.tasks = tuple(tasks)
        self.task_names = tuple(task.name for task in tasks)
        self.widths = tuple(task.num_logits for task in tasks)
        self.num_features = num_features
        self.register_buffer("idf", torch.zeros(num_features))
        self.register_buffer("weight", torch.zeros(num_features, sum(self.widths)))
        self.register_buffer("bias", torch.zeros(sum(self.widths)))

    @classmethod
    def of(cls, ngrams: LinearNgrams) -> HashedLinear:
        """Return the module that computes what ``ngrams`` does, in evaluation mode."""
        module = cls(ngrams.tasks, len(ngrams.idf_F))
        module.take(ngrams)
        return module.eval()

    def take(self, ngrams: LinearNgrams) -> None:
        """Compute what ``ngrams`` does from now on."""
        self.load_state_dict({name: torch.tensor(x) for name, x in ngrams.tensors.items()})

    def as_ngrams(self) -> LinearNgrams:
        """Return the same map in numpy."""
        arrays = (one.detach().cpu().numpy().copy() for one in (self.idf, self.weight, self.bias))
        return LinearNgrams(self.tasks, *arrays)

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
