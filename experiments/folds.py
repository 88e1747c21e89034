"""Judge a model over several splits of one small dataset, each advert once: one command.

Usage::

    python experiments/folds.py --data sroie --root /folder --model ocr_image \
        --split fold=0 fold=1 fold=2 fold=3 fold=4 --work runs/sroie --prepare ocr=easyocr
    python experiments/folds.py --data tubespam --root /folder --model text --work runs/lovo \
        --split kind=leave_one_out,group=…

For each split: ``prepare``, ``train`` (tf-idf beside it), ``evaluate``, ``export``, and the bundle
asked through ``adverts.runtime`` from pictures and OCR results alone. Ends with the pooled figures;
``experiments/record.py --pool`` writes them down.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from adverts.data.prepared import open_prepared
from adverts.evaluation.predictions import Predictions, read_predictions
from adverts.runtime import Classifier


def adverts(verb: str, *arguments: str) -> None:
    """Run one of our commands; stop with its status where it fails."""
    done = subprocess.run([sys.executable, "-m", f"adverts.{verb}", *arguments], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def run_split(options: argparse.Namespace, split: str, number: int) -> None:
    """Prepare, train, evaluate and export one split, and compare the runtime's answers."""
    folder = options.work / f"split-{number}"
    prepared, run = folder / "prepared", folder / "run"
    settings = [f"data.split.{setting}" for setting in split.split(",")]
    adverts(
        "prepare",
        f"data={options.data}",
        f"data.root={options.root}",
        f"prepared={prepared}",
        *settings,
        *options.prepare,
    )
    adverts(
        "train",
        f"model={options.model}",
        f"prepared={prepared}",
        f"run_dir={run}",
        *options.train,
    )
    for candidate in (run, run / "baseline"):
        adverts(
            "evaluate",
            f"candidate={candidate}",
            f"prepared={prepared}",
            f"run_dir={candidate}/report",
            "tracking=none",
        )
    adverts("export", f"checkpoint={run}", f"prepared={prepared}", f"bundle_dir={folder}/bundle")
    differ = largest_difference(
        folder / "bundle", prepared, read_predictions(run / "report" / "predictions.parquet")
    )
    print(f"split {number}: runtime against evaluate, largest probability difference {differ:.1e}")


def largest_difference(bundle: Path, prepared: Path, said: Predictions) -> float:
    """Return how far the runtime's answers are from those of ``evaluate``, over all adverts."""
    table = open_prepared(prepared).split("test")
    classifier = Classifier.load(bundle)
    answers = classifier.predict(
        texts=list(table.texts),
        images=[table.images(i) for i in range(len(table))],
        ocr=list(table.ocr_texts),
        ids=list(table.ids),
    )
    task = said.tasks[0].name
    found = np.array([answer.probabilities[task] for answer in answers])
    assert [answer.id for answer in answers] == list(said.ids)
    return float(np.abs(found - said.probabilities[task]).max())


def main() -> int:
    """Run every split; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--split", nargs="+", required=True, help="settings of data.split")
    parser.add_argument("--prepare", nargs="*", default=[], help="more settings of prepare")
    parser.add_argument("--train", nargs="*", default=[], help="more settings of train")
    options = parser.parse_args()
    began = time.monotonic()
    for number, split in enumerate(options.split):
        run_split(options, split, number)
    print(f"{len(options.split)} splits in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
