"""Embed every advert of prepared datasets with the frozen encoder of the default model.

    python experiments/0040-reworded-copies/embed.py FOLDER prepared/tubespam=all prepared/vispam=test …

Writes ``FOLDER/NAME.SPLIT.npy``, float16 ``(N, 1152)``: the mean over tokens of the layers after each
third of the encoder, as ``trainer=frozen`` computes them; the last 384 are the last layer, which
multilingual-e5-small was published with. The seconds of one core are printed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from adverts.compose import compose
from adverts.config import TrainConfig
from adverts.data.dataset.prepared import open_prepared
from adverts.models.build_model import build_model
from adverts.models.neural_classifier import AdvertModel
from adverts.training.building.build_run import build_encoder, build_schema, build_settled
from adverts.training.dataset import AdvertBatches
from adverts.training.frozen import part_features
from adverts.training.processes import start_processes


def embedded(prepared: Path, split: str) -> NDArray[np.float16]:
    """Return the frozen features of all adverts of a split, ``(N, 1152)``."""
    given = [f"prepared={prepared}", "model=text", "trainer=frozen", "run_dir=unused"]
    config = compose("train", TrainConfig, [*given, "trainer.threads=1"])
    dataset = open_prepared(prepared)
    schema = build_schema(config.loss, dataset.schema)
    table = dataset.split(split)
    processes = start_processes("cpu", 1)
    config = build_settled(config, processes.device, (table, table))
    model = build_model(config.model, schema.tasks)
    assert isinstance(model.module, AdvertModel)
    features = part_features(
        model.module,
        AdvertBatches(table, build_encoder(model), schema.tasks, modality_dropout=0.0, seed=0),
        title="features",
        tokens_per_batch=config.trainer.tokens_per_batch,
        max_adverts=config.trainer.max_adverts_per_batch,
        autocast_dtype=None,
        processes=processes,
    )
    return features.raw[0].numpy().astype(np.float16)


def main(folder: Path, *sets: str) -> int:
    """Embed each dataset that is not there yet."""
    torch.set_num_threads(1)
    for one in sets:
        place, _, split = one.partition("=")
        target = folder / f"{Path(place).name}.{split}.npy"
        if target.is_file():
            continue
        began = time.process_time()
        found = embedded(Path(place), split)
        seconds = time.process_time() - began
        np.save(target, found)
        print(f"{target.stem}: {len(found)} adverts, {seconds:.0f} processor s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
