"""Run ``adverts train`` in this process, and write the seconds after all that is imported.

    python timed_train.py SECONDS.json OVERRIDE …

They are comparable with those of the peers, which begin where the encoder is loaded. They still
include the reading of the configuration and of the adverts, the fit of tf-idf, and the checkpoint.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import adverts.data.dataset.prepared
import adverts.tracking.training_run
import adverts.training.building.build_frozen
import adverts.training.building.build_ngrams
import adverts.training.building.build_trainer
import adverts.training.fit_frozen
import adverts.training.fit_ngrams
import adverts.training.runs.run_folder  # noqa: F401  (all of these only to be loaded by now)
from adverts.train import main as train


def main(arguments: list[str]) -> None:
    """Train, and write the seconds, whatever the exit status is."""
    sys.argv[1:] = arguments[1:]
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        train()
    finally:
        seconds = {"train_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        text = json.dumps({key: round(value, 1) for key, value in seconds.items()})
        Path(arguments[0]).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
