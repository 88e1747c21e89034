"""Embed adverts of prepared datasets with the frozen encoder of the default model.

    python experiments/0040-reworded-copies/embed.py FOLDER prepared/tubespam=all …

``NAME=SPLIT:COUNT`` takes so many positives and so many others at random, seed 0. Writes
``FOLDER/NAME.npz``: ``rows`` of the split; ``x``, float16 ``(N, 1152)``, the mean over tokens of
the layers after each third of the encoder, as ``trainer=frozen`` computes them (the last 384 are
the last layer, which multilingual-e5-small was published with); ``seconds`` of one core.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.compose import compose
from adverts.config import TrainConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared
from adverts.models.build_model import build_model
from adverts.models.neural_classifier import AdvertModel
from adverts.training.building.build_run import build_encoder, build_schema, build_settled
from adverts.training.dataset import AdvertBatches
from adverts.training.frozen import part_features
from adverts.training.processes import start_processes


@dataclass(frozen=True, slots=True)
class Embedded:
    """Rows of a split, their features ``(N, 1152)`` and the processor seconds it took."""

    rows: NDArray[np.int64]
    x_ND: NDArray[np.float16]
    seconds: float


def embedded(prepared: Path, split: str, count: int | None) -> Embedded:
    """Return the frozen features of a split, or of a sample of ``count`` adverts a class."""
    given = [f"prepared={prepared}", "model=text", "trainer=frozen", "run_dir=unused"]
    config = compose("train", TrainConfig, [*given, "trainer.threads=1"])
    dataset = open_prepared(prepared)
    schema = build_schema(config.loss, dataset.schema)
    table = dataset.split(split)
    rows = np.arange(len(table))
    if count is not None:
        task = schema.task(schema.headline)
        is_positive = positive(table, task)
        rng = np.random.default_rng(0)
        drawn = [rng.permutation(np.flatnonzero(is_positive == kind))[:count] for kind in (1, 0)]
        rows = np.sort(np.concatenate(drawn))
        table = table.select(rows)
    processes = start_processes("cpu", 1)
    config = build_settled(config, processes.device, (table, table))
    model = build_model(config.model, schema.tasks)
    assert isinstance(model.module, AdvertModel)
    began = time.process_time()
    features = part_features(
        model.module,
        AdvertBatches(table, build_encoder(model), schema.tasks, modality_dropout=0.0, seed=0),
        title="features",
        tokens_per_batch=config.trainer.tokens_per_batch,
        max_adverts=config.trainer.max_adverts_per_batch,
        autocast_dtype=None,
        processes=processes,
    )
    x_ND = features.raw[0].numpy().astype(np.float16)
    return Embedded(rows, x_ND, time.process_time() - began)


def positive(table: AdvertTable, task: Task) -> NDArray[np.bool_]:
    """Return whether each advert has the positive label, ``(N,)``."""
    return np.asarray(table.targets[task.name][:, task.positive_index] > 0.5)


def main(folder: Path, *sets: str) -> int:
    """Embed each dataset that is not there yet."""
    torch.set_num_threads(1)
    for one in sets:
        place, _, asked = one.partition("=")
        split, _, count = asked.partition(":")
        target = folder / f"{Path(place).name}.npz"
        if target.is_file():
            continue
        found = embedded(Path(place), split, int(count) if count else None)
        np.savez(target, rows=found.rows, x=found.x_ND, seconds=found.seconds, split=split)
        print(f"{target.stem}: {len(found.rows)} adverts, {found.seconds:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
