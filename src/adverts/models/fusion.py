"""Standardise the parts of an advert and fuse them; any part may be absent."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

_LEAST_SHARE = 1e-3  # of the mean deviation: limits the scaling of a feature that hardly varies


class Standardise(nn.Module):
    """Subtracts the mean of each feature and divides by its deviation, both set by :meth:`fit`.

    The vectors of a pretrained encoder share a large common direction, and the differences between
    adverts are small in comparison. A linear layer on such vectors learns slowly, and hardly at all
    from few adverts. The module has no parameters: :meth:`fit` takes the statistics once, from
    pretrained features of training adverts. Before that, it changes nothing.

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
        """Set mean and deviation from ``(N, D)``; fewer than two adverts change nothing."""
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


class Concatenation(nn.Module):
    """Puts the parts and the read quality side by side; it has no parameters.

    The heads are then linear in all that the model reads, so that fitting them is convex.

    Args:
        part_features: Width of each part, in order.
        quality_features: Number ``Q`` of quality features, may be 0.
        gains: Factor of each part. A part with a small gain is regularised more strongly.
    """

    def __init__(
        self, part_features: Sequence[int], *, quality_features: int, gains: Sequence[float]
    ) -> None:
        super().__init__()
        self.features = sum(part_features) + quality_features
        self.gains = tuple(gains)

    def forward(
        self, parts: Sequence[Tensor], present_BP: Tensor, quality_BQ: Tensor | None
    ) -> Tensor:
        """Return features ``(B, D)`` of what :class:`GatedFusion` takes; absent parts are zeros."""
        shown = [
            (gain * x_BD).masked_fill(~present_B.unsqueeze(-1), 0.0)
            for gain, x_BD, present_B in zip(
                self.gains, parts, present_BP.unbind(dim=1), strict=True
            )
        ]
        return torch.cat([*shown, *([] if quality_BQ is None else [quality_BQ])], dim=1)


class GatedFusion(nn.Module):
    """Sum the parts, weighted by a gate that uses their presence, features and read quality.

    Args:
        part_features: Width of each part, in order.
        features: Common width ``D`` to which the parts are projected.
        quality_features: Number ``Q`` of quality features, may be 0; untrained, the gate ignores
            them.
        gains: Initial value of the learnt factor of each part. A part with a small gain gains
            influence only when it helps, so that few adverts are not memorised from it.

    Source: Arevalo et al. (2017), Gated Multimodal Units, eq. 3, with a softmax over the parts
    that are present in place of two tied sigmoids. https://arxiv.org/abs/1702.01992 The gains:
    Touvron et al. (2021), Going deeper with Image Transformers, section 2, here one for a part.
    https://arxiv.org/abs/2103.17239
    """

    def __init__(
        self,
        part_features: Sequence[int],
        features: int,
        *,
        quality_features: int,
        gains: Sequence[float],
    ) -> None:
        super().__init__()
        self.features = features
        self.gains = nn.Parameter(torch.tensor(gains))
        self.projections = nn.ModuleList(
            nn.Sequential(nn.Linear(width, features), nn.GELU()) for width in part_features
        )
        self.gate = nn.Linear(len(part_features) * features, len(part_features))
        self.trust = (
            nn.Parameter(torch.zeros(quality_features, len(part_features)))
            if quality_features
            else None
        )

    def weights(
        self, x_BPD: Tensor, present_BP: Tensor, quality_BQ: Tensor | None = None
    ) -> Tensor:
        """Return the weights ``(B, P)``: 0 for an absent part, the others of an advert sum to 1."""
        score_BP = self.gate(x_BPD.flatten(start_dim=1)).float()
        if self.trust is not None and quality_BQ is not None:
            score_BP = score_BP + quality_BQ @ self.trust
        score_BP = score_BP.masked_fill(~present_BP, torch.finfo(torch.float32).min)
        weight_BP: Tensor = score_BP.softmax(dim=1).masked_fill(~present_BP, 0.0)
        return weight_BP

    def forward(
        self, parts: Sequence[Tensor], present_BP: Tensor, quality_BQ: Tensor | None = None
    ) -> Tensor:
        """Fuse the parts.

        Args:
            parts: Standardised features of each part, ``(B, width)``; those of an absent part are
                ignored.
            present_BP: True where the advert has the part.
            quality_BQ: How well pictures could be read; None if the model does not use it.

        Returns:
            Features ``(B, D)``. A single present part has weight 1; without any, they are zeros.
        """
        projected = [
            project(gain * x)
            for gain, project, x in zip(self.gains.unbind(), self.projections, parts, strict=True)
        ]
        x_BPD = torch.stack(projected, dim=1).masked_fill(~present_BP.unsqueeze(-1), 0.0)
        weight_BP = self.weights(x_BPD, present_BP, quality_BQ).to(x_BPD.dtype)
        return (weight_BP.unsqueeze(-1) * x_BPD).sum(dim=1)
