"""The neural classifier: a network of encoder, tower and heads, and hashed n-grams beside it.

The network fuses the parts of an advert that are present, and its task heads read the result.

Shape suffixes: ``B`` adverts, ``T`` tokens, ``I`` images, ``P`` parts, ``D`` features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from adverts.advert import Task
from adverts.inputs.spec import BranchName
from adverts.models.architecture import FusionName
from adverts.models.encoder import TextEncoder
from adverts.models.fusion import Concatenation, GatedFusion, Standardise
from adverts.models.ngram_branch import NgramBranch, has_ngrams
from adverts.models.pooling import build_head
from adverts.models.tower import ImageTower

_PRETRAINED = ("encoder.", "tower.")
_FITTED = ("standardise.", "ngrams.linear.", "ngrams.lines.ngrams.")
_PICTURE_GAIN = 0.1  # experiments/0004: at 1.0 the picture outweighs the text in it


class AdvertModel(nn.Module):
    """A network of encoder, tower, fusion and heads, averaged with n-grams if there are any.

    The encoder or the tower may be absent. Gradients train the network alone, by :meth:`network`.

    The features of encoder and tower are standardised first, by statistics that
    :meth:`adverts.models.fusion.Standardise.fit` takes from training adverts.

    Args:
        tasks: Tasks of the heads, in this order.
        encoder: Text encoder that reads caption and OCR text as one sequence.
        pooling: Maps the token features and mask of the encoder to one vector.
        tower: Image tower that reads the pictures.
        fusion: How several parts, or one part and the read quality, become one vector.
        fusion_features: Common width of encoder and tower; unused if one of them is absent.
        quality_features: Number of features about how well pictures could be read; may be 0.
        head_dropout: Dropout rate before the heads.
        ngrams: Branch of hashed n-grams, fitted apart; None for the network alone.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        encoder: TextEncoder | None,
        pooling: nn.Module | None,
        tower: ImageTower | None,
        fusion: FusionName = "gated",
        fusion_features: int,
        quality_features: int,
        head_dropout: float,
        ngrams: NgramBranch | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling = pooling
        self.tower = tower
        widths = [part.features for part in (encoder, tower) if part is not None]
        assert widths, "a model needs an encoder or a tower"
        self.standardise = nn.ModuleList(Standardise(width) for width in widths)
        self.fusion = _build_fusion(fusion, widths, fusion_features, quality_features)
        width = getattr(self.fusion, "features", widths[0])
        self.reads_quality = quality_features > 0
        # untrained it has no effect; without a bias, unknown quality (zeros) never has one
        self.quality = (
            nn.Parameter(torch.zeros(quality_features, width))
            if self.reads_quality and fusion == "gated"
            else None
        )
        self.dropout = nn.Dropout(head_dropout)
        self.task_names = tuple(task.name for task in tasks)
        self.widths = {task.name: task.num_logits for task in tasks}
        self.heads = nn.ModuleList(build_head(task, width) for task in tasks)
        self.ngrams = ngrams

    @property
    def standardisations(self) -> list[Standardise]:
        """The standardisation of each part, in the order of :meth:`parts`."""
        return [module for module in self.standardise if isinstance(module, Standardise)]

    @property
    def feed_names(self) -> tuple[str, ...]:
        """The feeds that :meth:`forward` reads, in the fixed order of ``adverts.inputs``."""
        names: list[str] = []
        if self.encoder is not None:
            types = ["token_type_ids"] if self.encoder.takes_types else []
            names += ["input_ids", "attention_mask", *types, "text_present"]
        if self.reads_quality:
            names.append("ocr_quality")
        if self.tower is not None:
            names += ["pixel_values", "image_mask"]
        return (*names, *(self.ngrams.linear.feed_names if self.ngrams is not None else ()))

    @property
    def pretrained_names(self) -> frozenset[str]:
        """Names of the parameters with pretrained weights; all others are new."""
        names = (name for name, _ in self.named_parameters())
        return frozenset(name for name in names if name.startswith(_PRETRAINED))

    @property
    def frozen_names(self) -> frozenset[str]:
        """Keys of ``state_dict`` whose values the training steps never change."""
        names = {name for name, value in self.named_parameters() if not value.requires_grad}
        names |= {name for name in self.state_dict() if name.startswith(_FITTED)}
        if self.tower is not None and self.tower.frozen:
            names |= {name for name in self.state_dict() if name.startswith("tower.")}
        return frozenset(names)

    def forward(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the logits of each task, ``(B, task.num_logits)``, float32.

        With n-grams they are the mean of both branches, see :class:`NgramBranch`.

        Args:
            feeds: Result of ``adverts.inputs.encoding.collate`` as tensors; feeds that are not in
                :attr:`feed_names` are ignored.
        """
        network = self.network(feeds)
        return network if self.ngrams is None else self.ngrams(network, feeds)

    def with_branches(
        self, feeds: Mapping[str, Tensor]
    ) -> tuple[dict[str, Tensor], dict[BranchName, dict[str, Tensor]]]:
        """Return the logits as :meth:`forward` does, and those of each branch, all by task.

        The logits of a branch are calibrated. A model without n-grams has no branches.
        """
        network = self.network(feeds)
        if self.ngrams is None:
            return network, {}
        branches = self.ngrams.calibrated(network, self.ngrams.linear(feeds))
        return self.ngrams.mean(branches, has_ngrams(feeds)), branches

    def network(self, feeds: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the logits of the network alone, which gradients train.

        An advert without any part and without known read quality gets the logits of a vector of
        zeros: the biases.

        Args:
            feeds: Result of ``adverts.inputs.encoding.collate`` as tensors; feeds that are not in
                :attr:`feed_names` are ignored.
        """
        raw, present = self.parts(feeds)
        quality_BQ = feeds["ocr_quality"] if self.reads_quality else None
        return self.logits_of(self.dropout(self.fused(raw, present, quality_BQ)))

    def fused(
        self, raw: Sequence[Tensor], present: Sequence[Tensor], quality_BQ: Tensor | None
    ) -> Tensor:
        """Return the vector of each advert that the heads read, ``(B, D)`` float32.

        Args:
            raw: Features of each part, ``(B, width)``, as :meth:`parts` returns them.
            present: Presence of each part, ``(B,)``.
            quality_BQ: How well pictures could be read; None if the model does not read it.
        """
        parts = [standardise(x_BD) for standardise, x_BD in zip(self.standardise, raw, strict=True)]
        if self.fusion is not None:
            x_BD: Tensor = self.fusion(parts, torch.stack(list(present), dim=1), quality_BQ)
        else:
            x_BD = parts[0].masked_fill(~present[0].unsqueeze(-1), 0.0)
        if self.quality is not None and quality_BQ is not None:
            x_BD = x_BD + quality_BQ @ self.quality
        return x_BD.float()

    def parts(self, feeds: Mapping[str, Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return the features ``(B, width)`` and the presence ``(B,)`` of each part."""
        parts, present = [], []
        if self.encoder is not None and self.pooling is not None:
            mask_BT = feeds["attention_mask"]
            x_BTD = self.encoder(feeds["input_ids"], mask_BT, feeds.get("token_type_ids"))
            parts.append(self.pooling(x_BTD, mask_BT.bool()))
            present.append(feeds["text_present"])
        if self.tower is not None:
            parts.append(self.tower(feeds["pixel_values"], feeds["image_mask"]))
            present.append(feeds["image_mask"].any(dim=1))
        return parts, present

    def logits_of(self, x_BD: Tensor) -> dict[str, Tensor]:
        """Return what the heads make of the vectors of :meth:`fused`, by task ``(B, K)``."""
        device = x_BD.device.type
        if torch.is_autocast_enabled(device):  # logits are computed in float32
            with torch.autocast(device, enabled=False):
                return self.logits_of(x_BD)
        return {name: head(x_BD) for name, head in zip(self.task_names, self.heads, strict=True)}


def _build_fusion(
    name: FusionName, widths: Sequence[int], features: int, quality_features: int
) -> GatedFusion | Concatenation | None:
    """Return what makes one vector of the parts; None for the standardised features of one part."""
    gains = (1.0, _PICTURE_GAIN)[: len(widths)]
    if name == "concatenated":
        return Concatenation(widths, quality_features=quality_features, gains=gains)
    if len(widths) == 1:
        return None
    return GatedFusion(widths, features, quality_features=quality_features, gains=gains)
