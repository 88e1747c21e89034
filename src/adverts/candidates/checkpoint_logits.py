"""Run a checkpoint with torch over prepared adverts.

Shape suffixes: ``B`` adverts of a batch, ``N`` adverts, ``K`` logits of a task.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adverts.advert import LabelSchema
from adverts.data.dataset.advert_table import AdvertTable
from adverts.work.progress import counter

if TYPE_CHECKING:  # torch takes seconds to load
    from adverts.training.runs.checkpoint import Checkpoint

Logits = Mapping[str, NDArray[np.float32]]


def checkpoint_logits(
    checkpoint: Checkpoint, table: AdvertTable, *, batch_size: int, threads: int, title: str
) -> Logits:
    """Return the logits of a checkpoint on every advert, in float32, batched by similar length."""
    import torch

    from adverts.inputs.encoding import AdvertEncoder
    from adverts.inputs.pixels import CHECKED
    from adverts.training.batching import token_budget_batches
    from adverts.training.dataset import AdvertBatches, prefetch

    if threads:
        torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    encoder = AdvertEncoder(checkpoint.record.input_spec, checkpoint.tokenizer, CHECKED)
    adverts = AdvertBatches(table, encoder, (), modality_dropout=0.0, seed=0)
    plan = token_budget_batches(
        adverts.lengths(), None, tokens_per_batch=sys.maxsize, max_adverts=batch_size
    )
    logits = empty_logits(checkpoint.record.label_schema, len(table))
    module = checkpoint.module.to(device)
    with torch.inference_mode(), counter(title, "adverts", len(table)) as shown:
        for rows, batch in zip(plan, prefetch(map(adverts.batch, plan)), strict=True):
            feeds = {name: values.to(device) for name, values in batch.feeds.items()}
            for name, values_BK in module(feeds).items():
                logits[name][list(rows)] = values_BK.float().cpu().numpy()
            shown.update(len(rows))
    return logits


def empty_logits(schema: LabelSchema, count: int) -> dict[str, NDArray[np.float32]]:
    """Return logits to fill, ``(count, K)`` by task; they are NaN."""
    return {
        task.name: np.full((count, task.num_logits), np.nan, np.float32) for task in schema.tasks
    }
