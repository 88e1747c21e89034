"""Run a checkpoint with torch, or a bundle with ONNX, over prepared adverts.

Shape suffixes: ``B`` adverts of a batch, ``N`` adverts, ``K`` logits of a task.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adverts.advert import LabelSchema
from adverts.data.dataset.advert_table import AdvertTable
from adverts.errors import InputError
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.responses import ItemError
from adverts.work.progress import counter

if TYPE_CHECKING:  # torch takes seconds to load, and a bundle does not need it
    from adverts.training.runs.checkpoint import Checkpoint

Logits = Mapping[str, NDArray[np.float32]]
_WINDOW_BATCHES = 16


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
    logits = _empty(checkpoint.record.label_schema, len(table))
    module = checkpoint.module.to(device)
    with torch.inference_mode(), counter(title, "adverts", len(table)) as shown:
        for rows, batch in zip(plan, prefetch(map(adverts.batch, plan)), strict=True):
            feeds = {name: values.to(device) for name, values in batch.feeds.items()}
            for name, values_BK in module(feeds).items():
                logits[name][list(rows)] = values_BK.float().cpu().numpy()
            shown.update(len(rows))
    return logits


def bundle_logits(
    classifier: Classifier, table: AdvertTable, *, batch_size: int, title: str
) -> Logits:
    """Return the logits of a bundle on every advert.

    Raises:
        InputError: The bundle cannot read one of the adverts.
    """
    logits = _empty(classifier.manifest.label_schema, len(table))
    with counter(title, "adverts", len(table)) as shown:
        for rows in _windows(table, batch_size * _WINDOW_BATCHES):
            scores = classifier.score([table.advert(row) for row in rows], batch_size=batch_size)
            _refuse_unread(table, rows, scores.errors)
            for name, values in scores.logits.items():
                logits[name][rows] = values
            shown.update(len(rows))
    return logits


def _windows(table: AdvertTable, size: int) -> Iterator[list[int]]:
    """Yield ``size`` rows at a time, of adverts with about the same length of text."""
    lengths = [
        len(text) + len(read or "") for text, read in zip(table.texts, table.ocr_texts, strict=True)
    ]
    rows = sorted(range(len(table)), key=lengths.__getitem__)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _refuse_unread(table: AdvertTable, rows: list[int], errors: Iterable[ItemError | None]) -> None:
    unread = [(row, error) for row, error in zip(rows, errors, strict=True) if error]
    if unread:
        row, error = unread[0]
        raise InputError(
            f"the bundle cannot read {len(unread)} of {len(rows)} adverts; the first is "
            f"{table.ids[row]}: {error.message}; prepare the dataset again"
        )


def _empty(schema: LabelSchema, count: int) -> dict[str, NDArray[np.float32]]:
    return {
        task.name: np.full((count, task.num_logits), np.nan, np.float32) for task in schema.tasks
    }
