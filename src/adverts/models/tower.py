"""The image tower: a pretrained picture model that maps pixels to features.

Shape suffixes: ``B`` adverts, ``I`` images of an advert, ``P`` pixels a side, ``D`` features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor, nn

from adverts.models.pooling import masked_mean


class ImageTower(nn.Module):
    """Normalises pixels, runs the picture model on each image, averages over the images.

    Args:
        body: Maps normalised pixels ``(N, 3, P, P)`` to features ``(N, D)``.
        features: ``D``.
        mean: Mean of each channel, for pixels scaled to [0, 1].
        std: Standard deviation of each channel, for pixels scaled to [0, 1].
        frozen: Keep the body unchanged: it needs no gradient and stays in evaluation mode. Batch
            statistics then do not change, and the other adverts of a batch have no influence.
    """

    mean_311: Tensor
    std_311: Tensor

    def __init__(
        self,
        body: nn.Module,
        features: int,
        *,
        mean: Sequence[float],
        std: Sequence[float],
        frozen: bool,
    ) -> None:
        super().__init__()
        self.body = body
        self.features = features
        self.frozen = frozen
        self.register_buffer("mean_311", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std_311", torch.tensor(std).view(3, 1, 1), persistent=False)
        if frozen:
            body.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - the signature of nn.Module
        """Set the training mode; a frozen body stays in evaluation mode."""
        super().train(mode)
        if self.frozen:
            self.body.eval()
        return self

    def forward(self, pixels_BI3PP: Tensor, mask_BI: Tensor) -> Tensor:
        """Return the mean features of the images of each advert.

        Args:
            pixels_BI3PP: Pixels of the images, uint8.
            mask_BI: True where the advert has the image.

        Returns:
            Features ``(B, D)``; zeros for an advert without an image.
        """
        pixels_N3PP, mask_N = pixels_BI3PP.flatten(0, 1), mask_BI.flatten()
        if torch.compiler.is_exporting():
            features_ND = self._features(pixels_N3PP)
        else:
            features_ND = self._features_of_present(pixels_N3PP, mask_N)
        batch, images = mask_BI.shape
        return masked_mean(features_ND.view(batch, images, self.features), mask_BI)

    def _features(self, pixels_N3PP: Tensor) -> Tensor:
        x_N3PP = (pixels_N3PP.to(torch.float32) / 255.0 - self.mean_311) / self.std_311
        features_ND: Tensor = self.body(x_N3PP)
        return features_ND

    def _features_of_present(self, pixels_N3PP: Tensor, mask_N: Tensor) -> Tensor:
        """Compute only images that exist: most adverts of a mixed batch have no picture."""
        features_ND = torch.zeros(len(mask_N), self.features, device=pixels_N3PP.device)
        if not bool(mask_N.any()):
            return features_ND
        present_ND = self._features(pixels_N3PP[mask_N])
        return features_ND.to(present_ND.dtype).masked_scatter(mask_N.unsqueeze(-1), present_ND)
