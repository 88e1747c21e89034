"""Run a checkpoint with torch over prepared adverts.

Shape suffixes: ``B`` adverts of a batch, ``N`` adverts, ``K`` logits of a task.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adverts.data.dataset.advert_table import AdvertTable
from adverts.inputs.spec import BranchName, InputSpec
from adverts.runtime.manifest import BundleManifest
from adverts.training.runs.checkpoint_record import CheckpointRecord
from adverts.work.progress import counter

if TYPE_CHECKING:  # torch takes seconds to load
    from torch import Tensor

    from adverts.inputs.encoding import AdvertEncoder
    from adverts.training.runs.checkpoint import Checkpoint

Logits = Mapping[str, NDArray[np.float32]]
_BATCH = 32


@dataclass(frozen=True, slots=True)
class ModelLogits:
    """The logits of a model on ``N`` adverts, ``(N, K)`` float32 by task.

    Attributes:
        logits: Logits of the model.
        branches: Maps each branch to its calibrated logits; empty for a model of one branch.
    """

    logits: Logits
    branches: Mapping[BranchName, Logits]


def checkpoint_logits(
    checkpoint: Checkpoint, table: AdvertTable, *, threads: int, title: str
) -> ModelLogits:
    """Return the logits of a checkpoint on every advert, in float32, batched by similar length."""
    import torch

    from adverts.models.built_model import with_branches
    from adverts.training.batching import token_budget_batches
    from adverts.training.dataset import AdvertBatches, prefetch

    if threads:
        torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    encoder = _encoder(checkpoint.record.input_spec, checkpoint.tokenizer_json)
    adverts = AdvertBatches(table, encoder, (), modality_dropout=0.0, seed=0)
    plan = token_budget_batches(
        adverts.lengths(), None, tokens_per_batch=sys.maxsize, max_adverts=_BATCH
    )
    found = empty_logits(checkpoint.record, len(table))
    module = checkpoint.module.to(device)
    with torch.inference_mode(), counter(title, "adverts", len(table)) as shown:
        for rows, batch in zip(plan, prefetch(map(adverts.batch, plan)), strict=True):
            feeds = {name: values.to(device) for name, values in batch.feeds.items()}
            logits, branches = with_branches(module, feeds)
            _keep(found.logits, logits, list(rows))
            for name, by_branch in branches.items():
                _keep(found.branches[name], by_branch, list(rows))
            shown.update(len(rows))
    return found


@functools.lru_cache(maxsize=2)  # a large tokenizer takes two seconds to build and to free
def _encoder(spec: InputSpec, tokenizer_json: str | None) -> AdvertEncoder:
    from tokenizers import Tokenizer

    from adverts.inputs.encoding import AdvertEncoder
    from adverts.inputs.pixels import CHECKED

    tokenizer = None if tokenizer_json is None else Tokenizer.from_str(tokenizer_json)
    return AdvertEncoder(spec, tokenizer, CHECKED)


def _keep(kept: Logits, found: Mapping[str, Tensor], rows: list[int]) -> None:
    for name, values_BK in found.items():
        kept[name][rows] = values_BK.float().cpu().numpy()


def empty_logits(made: CheckpointRecord | BundleManifest, count: int) -> ModelLogits:
    """Return logits to fill, which are NaN, of a described model on ``count`` adverts."""

    def empty() -> Logits:
        return {
            task.name: np.full((count, task.num_logits), np.nan, np.float32)
            for task in made.label_schema.tasks
        }

    return ModelLogits(empty(), {name: empty() for name in made.input_spec.branches})
