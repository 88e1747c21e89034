"""Judge a model over several splits of one small dataset, each advert once: one command.

Usage::

    python experiments/folds.py experiments/0004-receipts --data sroie --root /folder --bundle \
        --split fold=0 fold=1 fold=2 fold=3 fold=4 --work runs/0004 --prepare ocr=easyocr
    python experiments/folds.py experiments/0003-tubespam --data tubespam_videos --root /folder \
        --split group=01-9bZkp7q19f0 group=… --work runs/0003/videos

For each split: ``prepare``, ``train`` as the experiment's ``run.yaml`` says (tf-idf beside it) and
``evaluate``; with ``--bundle`` also ``export``, and the bundle asked through ``adverts.runtime``
from texts, pictures and OCR results alone, which must give the same answers.
``experiments/record.py --pool`` writes the figures of all splits together down.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.predictions.prediction_file import Predictions, read_predictions
from adverts.runtime import Classifier

ALLOWED = 1e-4  # between probabilities: what export allows, too


def adverts(verb: str, *arguments: str) -> None:
    """Run one of our commands; stop with its status where it fails."""
    done = subprocess.run([sys.executable, "-m", f"adverts.{verb}", *arguments], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def run_split(options: argparse.Namespace, split: str, number: int) -> None:
    """Prepare, train and evaluate one split; with a bundle, compare the runtime's answers."""
    folder = options.work / f"split-{number}"
    prepared, run = folder / "prepared", folder / "run"
    adverts(
        "prepare",
        f"data={options.data}",
        f"data.root={options.root}",
        f"prepared={prepared}",
        *(f"data.split.{setting}" for setting in split.split(",")),
        *options.prepare,
    )
    experiment = ("-cd", str(options.experiment), "-cn", "run")
    adverts("train", *experiment, f"prepared={prepared}", f"run_dir={run}", *options.train)
    for candidate in filter(Path.is_dir, (run, run / "baseline")):
        adverts(
            "evaluate",
            f"candidate={candidate}",
            f"prepared={prepared}",
            f"run_dir={candidate}/report",
            "tracking=none",
        )
    if options.bundle:
        bundle = folder / "bundle"
        adverts("export", f"checkpoint={run}", f"prepared={prepared}", f"bundle_dir={bundle}")
        said = read_predictions(run / "report" / "predictions.parquet")
        differ = largest_difference(bundle, prepared, said)
        print(f"split {number}: runtime and evaluate differ by {differ:.1e} at most")
        if differ > ALLOWED:
            sys.exit(f"split {number}: more than {ALLOWED:g}, so the bundle says something else")


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
    parser.add_argument("experiment", type=Path, help="folder of the run.yaml")
    parser.add_argument("--data", required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--bundle", action="store_true", help="export, and ask the runtime too")
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
