"""Twenty trials with pruning against twenty whole random ones, five repeats: one command.

Usage::

    python experiments/0036-tune/bar.py vispam/reviews.csv runs/0036          # again: goes on
    python experiments/0036-tune/bar.py vispam/reviews.csv runs/0036 --show   # what is there so far

Each repeat has its own rows, which no other repeat has: about 1,000 to train and 400 to validate
(what a study sees), and 1,250 on which the two best models are judged. Both arms are ``adverts
tune`` in a process of its own with one thread. A study that was killed goes on where it was.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import t as student
from short_encoder import write_short
from sklearn.metrics import average_precision_score

from adverts.candidates.candidate import open_candidate
from adverts.candidates.predict import predict
from adverts.data.dataset.prepared import open_prepared
from adverts.files.file_hash import producing_commit

HERE = Path(__file__).parent
REPEATS, TRIALS, BLOCKS, LAYERS = 5, 20, 6, 4
ARMS = {
    "pruned": ["pruner=halving", "keep_fraction=0.33"],
    "random": ["sampler=random", "pruner=none"],
}
METRICS = {
    "average_precision": "average precision, test",
    "on_validation": "on validation",
    "whole": "trials trained whole",
    "epochs": "passes",
    "processor_seconds": "processor seconds",
}
SPLIT = "+data.split={kind:made,validation_fraction:0.15,test_fraction:0.47,seed:0}"


Prepare = Callable[[Path, Path, int], None]


def main(
    prepare: Prepare | None = None,
    *,
    pruned: Sequence[str] = (),
    conf: Path = HERE / "conf",
    about: str = "",
) -> None:
    """Run what is left of the ten studies; an experiment after this one has other rows and space.

    Args:
        prepare: Prepares the rows of a repeat from all reviews, below a folder.
        pruned: Overrides of the arm whose trials are stopped early.
        conf: Folder with ``tune/bar.yaml``.
        about: Usage of a script that calls this.
    """
    parser = argparse.ArgumentParser(description=about or __doc__)
    parser.add_argument("reviews", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    work = options.work.absolute()
    if not options.show:
        encoder = work / "encoder"
        if not encoder.is_dir():
            write_short(encoder, LAYERS)
        for repeat in range(1, REPEATS + 1):
            (prepare or prepare_block)(options.reviews, work, repeat)
            for arm, usual in ARMS.items():
                overrides = [*usual, *pruned] if arm == "pruned" else usual
                run_study(work, arm, repeat, conf, overrides)
    conclude(work)


def adverts(verb: str, *arguments: str) -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", f"adverts.{verb}", *arguments]
    subprocess.run(command, check=True, env=environment)


def prepared_of(work: Path, repeat: int) -> Path:
    return work / "prepared" / f"block-{repeat}"


def prepare_block(reviews: Path, work: Path, repeat: int) -> None:
    """Prepare the rows of one repeat; block 0 was used to measure costs and is judged nowhere."""
    prepared = prepared_of(work, repeat)
    if prepared.is_dir():
        return
    with reviews.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    random.Random(36).shuffle(rows)
    size = len(rows) // BLOCKS
    raw = work / f"block-{repeat}.csv"
    with raw.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "text", "label"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows[repeat * size : (repeat + 1) * size])
    adverts(
        "prepare",
        *("data=vispam", f"data.root={work}", f"data.source.paths=[{raw.name}]"),
        *("data.columns.split=null", f"data.name=vispam-{repeat}", "~data.split", SPLIT),
        f"prepared={prepared}",
    )


def run_study(work: Path, arm: str, repeat: int, conf: Path, overrides: Sequence[str]) -> None:
    """Run or continue one study, judge its best model once, and write what it took."""
    study, prepared = work / f"{arm}-{repeat}", prepared_of(work, repeat)
    result = work / f"{arm}-{repeat}.json"
    if result.is_file():
        return
    print(f"{now()} begins {arm}, repeat {repeat}", flush=True)
    adverts(
        "tune",
        *("-cd", str(conf), "tune=bar", "model=text", f"prepared={prepared}"),
        *(f"model.encoder.weights='path:{work / 'encoder'}'", f"study_dir={study}"),
        *(f"trials={TRIALS}", f"seed={repeat}", "trainer.threads=1", "tracking=none"),
        *(f"ledger={work / 'looks.jsonl'}", *overrides),
    )
    with (study / "trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    values = {
        "arm": arm,
        "repeat": repeat,
        "average_precision": judged(study / "trials" / f"{int(rows[0]['trial']):04}", prepared),
        "on_validation": float(rows[0]["average_precision"]),
        "processor_seconds": sum(float(row["processor_seconds"]) for row in rows),
        "states": {
            one: sum(row["state"] == one for row in rows) for one in ("whole", "pruned", "failed")
        },
        "epochs": sum(float(row["epochs"]) for row in rows),
        "best": {key: one for key, one in rows[0].items() if "." in key},
        "data_hash": open_prepared(prepared).data_hash,
        "commit": producing_commit(),
        "ended": now(),
    }
    result.write_text(json.dumps(values, indent=1))
    print(f"{now()} ended {arm}, repeat {repeat}: {json.dumps(values)}", flush=True)


def judged(run: Path, prepared: Path) -> float:
    """Return the average precision of a run on the split that no study saw."""
    dataset = open_prepared(prepared)
    table = dataset.split("test")
    candidate = open_candidate(run, threads=1)
    found = predict(candidate, dataset, table, title="judge")
    task = found.tasks[0]
    positive = task.labels.index(str(task.positive))
    truth = table.targets[task.name][:, positive]
    return float(average_precision_score(truth, found.probabilities[task.name][:, positive]))


def conclude(work: Path) -> None:
    """Print and write what there is so far: both arms, paired differences, the ratio of times."""
    done = [json.loads(path.read_text()) for path in sorted(work.glob("*-[1-9].json"))]
    by_key = {(one["arm"], one["repeat"]): one for one in done}
    both = [r for r in range(1, REPEATS + 1) if all((arm, r) in by_key for arm in ARMS)]
    if not both:
        print("no repeat has both studies yet")
        return
    rows = {arm: [by_key[arm, repeat] for repeat in both] for arm in ARMS}
    pairs = list(zip(rows["pruned"], rows["random"], strict=True))
    differences = [one["average_precision"] - two["average_precision"] for one, two in pairs]
    low, high = interval(differences) or (float("nan"), float("nan"))
    mean = float(np.mean(differences))
    times = [sum(one["processor_seconds"] for one in rows[arm]) for arm in ARMS]
    record = {
        "metrics": METRICS,
        "arms": [
            {"name": arm, "values": {key: [value(one, key) for one in of] for key in METRICS}}
            for arm, of in rows.items()
        ],
        "comparisons": [
            {
                "name": "pruned - random",
                "metric": "average_precision",
                **{"difference": mean, "low": low, "high": high},
            }
        ],
        "caption": (
            f"Means of {len(both)} repeats, 20 trials a study. Interval: Student's, 95 %, of the "
            f"paired differences. Processor seconds, pruned over random: {times[0] / times[1]:.3f} "
            "of all together, "
            + ", ".join(
                f"{one['processor_seconds'] / two['processor_seconds']:.2f}" for one, two in pairs
            )
            + " by repeat; differences by repeat "
            + ", ".join(f"{one:+.4f}" for one in differences)
            + "."
        ),
        "studies": done,
    }
    (work / "results.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"pruned - random: {mean:+.4f} [{low:+.4f}, {high:+.4f}]\n{record['caption']}")


def value(study: dict, key: str) -> float:
    """Return one value of a study."""
    return float(study["states"]["whole"] if key == "whole" else study[key])


def interval(differences: list[float]) -> tuple[float, float] | None:
    """Return Student's 95 % interval of the mean of paired differences; None of fewer than two."""
    count = len(differences)
    if count < 2:
        return None
    half = student.ppf(0.975, count - 1) * np.std(differences, ddof=1) / np.sqrt(count)
    return float(np.mean(differences) - half), float(np.mean(differences) + half)


def now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    main()
