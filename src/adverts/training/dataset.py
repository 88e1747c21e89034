"""Encode rows of an advert table as batches of tensors, ahead of the training loop."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import torch
from torch import Tensor

from adverts.advert import Advert, Task
from adverts.data.dataset.advert_table import AdvertTable
from adverts.inputs.encoding import AdvertEncoder, collate
from adverts.inputs.spec import InputName
from adverts.training.batching import PlannedStep
from adverts.training.loop import Batch, StepInput
from adverts.work.progress import bar

T = TypeVar("T")


class AdvertBatches:
    """Encode the rows of one table for one model.

    Attributes:
        tasks: Tasks whose targets a batch contains.
    """

    def __init__(
        self,
        table: AdvertTable,
        encoder: AdvertEncoder,
        tasks: Sequence[Task],
        *,
        modality_dropout: float,
        seed: int,
    ) -> None:
        """Take the table and the encoder.

        Args:
            table: Adverts of one split.
            encoder: Encoder of the model that reads the batches.
            tasks: Tasks whose targets a batch contains.
            modality_dropout: Chance that a present part is hidden in training; one always remains.
            seed: Seed that decides which parts are hidden.
        """
        self._table, self._encoder, self.tasks = table, encoder, tuple(tasks)
        self._targets = {task.name: torch.from_numpy(table.targets[task.name]) for task in tasks}
        self._modality_dropout, self._seed = modality_dropout, seed

    def __len__(self) -> int:
        return len(self._table)

    @property
    def targets(self) -> dict[str, Tensor]:
        """Map each task name to the targets ``(N, L)`` of the whole table."""
        return self._targets

    def lengths(self) -> list[int]:
        """Return the number of tokens of each advert; 1 for a model without tokens."""
        rows = bar(range(len(self)), "tokenise", "adverts")
        return [self._encoder.length(self._table.advert(i, images=False)) for i in rows]

    def batch(self, rows: Sequence[int], epoch: int | None = None) -> Batch:
        """Encode at least one row.

        Args:
            rows: Indices of the rows in the table.
            epoch: Epoch of training, which decides what is hidden; None hides nothing.
        """
        images = "image" in self._encoder.spec.inputs
        encoded = []
        for i in rows:
            advert = self._table.advert(i, images=images)
            encoded.append(self._encoder.encode(advert, hide=self._hidden(advert, i, epoch)))
        feeds = {
            name: torch.from_numpy(values)
            for name, values in collate(encoded, self._encoder.spec).items()
        }
        mask_BT = feeds.get("attention_mask")
        return Batch(
            feeds=feeds,
            targets={name: values_NL[list(rows)] for name, values_NL in self._targets.items()},
            tokens=int(mask_BT.sum()) if mask_BT is not None else 0,
            padded_tokens=mask_BT.numel() if mask_BT is not None else 0,
        )

    def _hidden(self, advert: Advert, row: int, epoch: int | None) -> frozenset[InputName]:
        if epoch is None or self._modality_dropout == 0:
            return frozenset()
        present = [name for name in self._encoder.spec.inputs if _has(advert, name)]
        rng = np.random.default_rng([self._seed, epoch, row])
        return hidden_parts(present, self._modality_dropout, rng)


def step_inputs(
    batch: Callable[[Sequence[int], int], Batch],
    plan: Sequence[PlannedStep],
    share: Callable[[Sequence[int]], Sequence[int]],
    *,
    start: int = 0,
) -> Iterator[StepInput]:
    """Yield the input of each planned step from ``start`` on, for one process.

    Args:
        batch: Makes a batch of rows in an epoch.
        plan: All steps of the run.
        share: Maps the rows of a batch to those of this process.
        start: Number of steps already done.
    """
    for index in range(start, len(plan)):
        step = plan[index]
        shares = [share(rows) for rows in step.batches]
        batches = tuple(batch(rows, step.epoch) for rows in shares if rows)
        yield StepInput(index, step.adverts, batches)


def hidden_parts(
    present: Sequence[InputName], chance: float, rng: np.random.Generator
) -> frozenset[InputName]:
    """Return the parts to hide: each present part with ``chance``, but never all of them."""
    if len(present) < 2:
        return frozenset()
    hidden = [
        name for name, draw in zip(present, rng.random(len(present)), strict=True) if draw < chance
    ]
    if len(hidden) == len(present):
        hidden.pop(int(rng.integers(len(hidden))))
    return frozenset(hidden)


def prefetch(items: Iterable[T], depth: int = 4) -> Iterator[T]:
    """Yield ``items``, which a thread produces up to ``depth`` items ahead.

    An error in the thread is raised here. The thread ends when this iterator is closed.
    """
    ahead = _Ahead(items, depth)
    thread = threading.Thread(target=ahead.work, name="prefetch", daemon=True)
    thread.start()
    try:
        while not isinstance(item := ahead.ready.get(), _End):
            if isinstance(item, _Failure):
                raise item.error
            yield item
    finally:
        ahead.stopped.set()
        thread.join()


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException


class _End:
    """Marks the end of the items."""


class _Ahead(Generic[T]):
    """The part of :func:`prefetch` that runs in the thread."""

    def __init__(self, items: Iterable[T], depth: int) -> None:
        self.ready: queue.Queue[T | _Failure | _End] = queue.Queue(depth)
        self.stopped = threading.Event()
        self._items = items

    def work(self) -> None:
        try:
            for item in self._items:
                self._put(item)
                if self.stopped.is_set():
                    return
            self._put(_End())
        except BaseException as error:  # noqa: BLE001 - raised again by the consumer
            self._put(_Failure(error))

    def _put(self, item: T | _Failure | _End) -> None:
        while not self.stopped.is_set():
            try:
                self.ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return


def _has(advert: Advert, name: InputName) -> bool:
    match name:
        case "text":
            return bool(advert.text.strip())
        case "ocr":
            return bool((advert.ocr_text or "").strip())
        case "image":
            return bool(advert.images)
