"""Leave out the parts of an advert that do not help, by what training says out of fold."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from adverts.arrays import Floats, Ints
from adverts.errors import say
from adverts.models.neural_classifier import AdvertModel
from adverts.training.frozen import PartFeatures, fit_heads, rows_of
from adverts.training.loss import LossFunction

PICTURES, QUALITY = "pictures", "how well pictures could be read"


def without_idle_parts(
    model: AdvertModel,
    features: PartFeatures,
    targets: Mapping[str, Tensor],
    fold_of: Ints,
    loss_function: LossFunction,
    *,
    judged: Mapping[str, Tensor],
    show: bool = True,
) -> PartFeatures:
    """Return the features of the parts that help heads that were fitted on the other folds.

    Pictures beside a text, and how well they could be read, help where the loss is smaller with
    them, over all adverts and in all folds but one. What does not help is hidden from the adverts
    that teach, so that no weight of a head is fitted to it.

    Args:
        model: The network, whose parts are standardised.
        features: What its frozen parts say of the training adverts.
        targets: Maps each task to targets ``(N, L)``; NaN where there is no label.
        fold_of: Fold of each advert.
        loss_function: Returns the loss summed over a batch.
        judged: Targets that count in the loss, NaN where an advert does not.
        show: Whether to say which part has no weight.
    """
    folds = [torch.from_numpy(fold_of == fold) for fold in np.unique(fold_of)]
    parts = {PICTURES: _without_pictures, QUALITY: _without_quality}
    if len(folds) < 2 or all(hide(features) is None for hide in parts.values()):
        return features

    def losses(shown: PartFeatures) -> Floats:
        x_ND = shown.fused(model)
        said = fit_heads(model, x_ND, targets, fold_of, loss_function, judged=judged).out_of_fold
        logits = {name: torch.from_numpy(x_NK).nan_to_num() for name, x_NK in said.items()}
        return np.array(
            [
                float(loss_function(rows_of(logits, inside_N), rows_of(judged, inside_N)))
                for inside_N in folds
            ]
        )

    kept, with_all = features, losses(features)
    for part, hide in parts.items():
        fewer = hide(kept)
        if fewer is None:
            continue
        without = losses(fewer)
        helps = with_all.sum() < without.sum() and (with_all < without).sum() >= len(folds) - 1
        if not helps:
            kept, with_all = fewer, without
            if show:
                say(f"{part}: no weight, since it does not help out of fold", error=True)
    return kept


def _without_pictures(features: PartFeatures) -> PartFeatures | None:
    """Return the features without those of the tower; None without a text beside it."""
    if len(features.present) < 2:
        return None
    text_N, picture_N = features.present
    return dataclasses.replace(features, present=[text_N, torch.zeros_like(picture_N)])


def _without_quality(features: PartFeatures) -> PartFeatures | None:
    quality = features.quality
    return quality if quality is None else dataclasses.replace(features, quality=0 * quality)
