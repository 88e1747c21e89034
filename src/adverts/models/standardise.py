"""Standardisation of pretrained features, so that what is learnt on top starts well conditioned.

Shape suffixes: ``N`` adverts, ``B`` adverts of a batch, ``D`` features.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_LEAST_SHARE = 1e-3  # of the mean deviation: a feature that hardly varies is not blown up


class Standardise(nn.Module):
    """Subtracts the mean of each feature and divides by its deviation, both fixed by :meth:`fit`.

    The vectors of a pretrained encoder share a large common direction, beside which the
    differences between adverts are small; a linear layer on them learns slowly, and from few
    adverts hardly at all. Until it is fitted it changes nothing. It holds no parameter: the
    statistics are those of the pretrained features of training adverts, taken once.

    Args:
        features: Feature dimension ``D``.

    Source: Krähenbühl et al. (2016), Data-dependent Initializations of Convolutional Neural
    Networks, section 3. https://arxiv.org/abs/1511.06856 The common direction: Ethayarajh (2019),
    section 4. https://arxiv.org/abs/1909.00512
    """

    mean_D: Tensor
    deviation_D: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("mean_D", torch.zeros(features))
        self.register_buffer("deviation_D", torch.ones(features))

    def fit(self, x_ND: Tensor) -> None:
        """Take mean and deviation from ``(N, D)``; fewer than two adverts change nothing."""
        if len(x_ND) < 2:
            return
        x_ND = x_ND.double()
        deviation_D = x_ND.std(dim=0)
        least = _LEAST_SHARE * deviation_D.mean()
        if least > 0:
            self.mean_D.copy_(x_ND.mean(dim=0))
            self.deviation_D.copy_(deviation_D.clamp(min=least))

    def forward(self, x_BD: Tensor) -> Tensor:
        """Map ``(B, D)`` to ``(B, D)``, float32."""
        return (x_BD.float() - self.mean_D) / self.deviation_D
