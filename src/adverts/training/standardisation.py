"""Compute, before training, the statistics that standardise encoder and tower features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from adverts.models.neural_classifier import AdvertModel
from adverts.training.batching import token_budget_batches
from adverts.training.dataset import AdvertBatches, prefetch
from adverts.training.loop import autocast, to_device
from adverts.training.processes import Processes
from adverts.work.progress import bar

_MOST_ADVERTS = 1024  # the error of a standard deviation is then about 2 %


@torch.inference_mode()
def fit_standardisation(
    model: AdvertModel,
    adverts: AdvertBatches,
    lengths: Sequence[int],
    *,
    tokens_per_batch: int,
    max_adverts: int,
    autocast_dtype: torch.dtype | None,
    processes: Processes,
) -> None:
    """Fit every standardisation of ``model`` on training adverts that have the part.

    If there are more than 1,024 adverts, it uses 1,024 evenly spread over the table, the same in
    every run. Several processes read one share each and compute the same statistics.

    Args:
        model: Model with its pretrained weights, not trained yet.
        adverts: Adverts of the training split.
        lengths: Number of tokens of each of them.
        tokens_per_batch: Largest padded size of a forward pass, in tokens.
        max_adverts: Largest number of adverts in a forward pass.
        autocast_dtype: Dtype of matrix products, as in training.
        processes: This process among those of the run.
    """
    count = min(len(lengths), _MOST_ADVERTS)
    sample = np.linspace(0, len(lengths) - 1, count).round().astype(int).tolist()
    batches = token_budget_batches(
        [lengths[row] for row in sample],
        None,
        tokens_per_batch=tokens_per_batch,
        max_adverts=max_adverts,
    )
    mine = [[sample[i] for i in batch] for batch in batches][processes.index :: processes.count]
    found: list[list[Tensor]] = [[] for _ in model.standardisations]
    shown = bar(mine, "standardise", "batches", show=processes.is_main)
    model.eval()
    for _, batch in zip(shown, prefetch(map(adverts.batch, mine)), strict=True):
        feeds, _ = to_device(batch, processes.device)
        with autocast(processes.device, autocast_dtype):
            parts, present = model.parts(feeds)
        for kept, x_BD, present_B in zip(found, parts, present, strict=True):
            kept.append(x_BD[present_B].float().cpu())
    shares = processes.gather(found)  # a process may have no batch
    for part, standardise in enumerate(model.standardisations):
        standardise.fit(torch.cat([x_BD for share in shares for x_BD in share[part]]))
