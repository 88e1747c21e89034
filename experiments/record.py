"""Write the raw results of an experiment from the predictions of its runs; no inference.

Usage::

    python experiments/record.py experiments/0001-text-encoder --prepared prepared/vispam \
        --arm "e5-small=runs/0001/e5-*/report" --arm "tf-idf=runs/0001/tfidf/report" \
        --compare "e5-small - tf-idf" --caption "Test split, …"

An arm is a glob of folders that ``adverts evaluate`` wrote, one for each seed, or with ``--pool``
one for each fold, whose predictions are then put together. Intervals resample clusters; a paired
difference is that of the means over seeds, on the same resamples. ``--unseen`` leaves out what has
a copy in the training split; ``--unit advert`` resamples adverts one by one, to show how much too
narrow intervals are then; ``--part NAME`` writes ``NAME.json`` in place of ``results.json``.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adverts.data.dataset.prepared import open_prepared
from adverts.errors import AdvertsError, InputError
from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.predictions.prediction_file import (
    Predictions,
    concatenate,
    read_predictions,
    select,
)
from adverts.evaluation.statistics.bootstrap import Resampled, difference, estimate, resample
from adverts.evaluation.truth import Judged, judge
from adverts.training.runs.run_record import Provenance, read_run

ROOT = Path(__file__).resolve().parents[1]
NAMES = {
    "average_precision": "average precision",
    "recall_at_precision": "recall at precision 0.9",
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "mean_average_precision": "mean average precision",
    "seconds": "train, s",
}
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant: what each seed says, how long each took to train, and the code that did."""

    name: str
    folders: tuple[str, ...]
    said: tuple[Predictions, ...]
    seconds: tuple[float, ...]
    commits: tuple[str, ...]


class MeanOverSeeds:
    """A statistic: the figures of several models, averaged."""

    def __init__(self, sets: Sequence[FigureSet]) -> None:
        self.sets = sets

    def __call__(self, weights_RN: Floats) -> Floats:
        """Return the mean figures of each weighting, ``(R, figures)``."""
        return np.mean([figures(weights_RN) for figures in self.sets], axis=0)


def read_arm(text: str, *, pool: bool) -> Arm:
    """Read ``name=glob``.

    Raises:
        InputError: The glob finds no predictions.
    """
    name, _, pattern = text.partition("=")
    folders = sorted(path.parent for path in ROOT.glob(f"{pattern}/predictions.parquet"))
    if not folders:
        raise InputError(f"arm {name}: no predictions in {pattern}; run adverts evaluate first")
    said = [read_predictions(folder / "predictions.parquet") for folder in folders]
    runs = [folder.parent for folder in folders if (folder.parent / "run.json").is_file()]
    records = [read_run(run) for run in runs]
    return Arm(
        name,
        tuple(folder.relative_to(ROOT).as_posix() for folder in folders),
        (concatenate(said),) if pool else tuple(said),
        tuple(record.outcome.seconds for record in records if record.outcome is not None),
        tuple(_commit(record.provenance) for record in records),
    )


def _commit(made: Provenance) -> str:
    return f"{made.commit or 'unknown'}{'-dirty' if made.dirty else ''}"


def in_order(said: Predictions, ids: Sequence[str]) -> Predictions:
    """Return the predictions of these adverts, in this order.

    Raises:
        InputError: One was not scored.
    """
    row = {advert: i for i, advert in enumerate(said.ids)}
    missing = [advert for advert in ids if advert not in row]
    if missing:
        raise InputError(f"{len(missing)} adverts were not scored by every arm, {missing[0]} first")
    return select(said, [row[advert] for advert in ids])


def results(options: argparse.Namespace) -> dict[str, object]:
    """Compute what ``results.json`` holds."""
    arms = [read_arm(text, pool=options.pool) for text in options.arm]
    dataset = open_prepared(options.prepared)
    first = arms[0].said[0]
    kept = [
        i for i in range(len(first)) if first.reviewed[i] and not (options.unseen and first.seen[i])
    ]
    ids = [first.ids[i] for i in kept]
    task = next(t for t in first.tasks if t.name == (options.task or dataset.schema.headline))
    table = dataset.split("all")
    row = {advert: i for i, advert in enumerate(table.ids)}
    judged = judge(task, table.targets[task.name][[row[advert] for advert in ids]])
    statistics = [statistic(arm, ids, judged) for arm in arms]
    units = in_order(first, ids).clusters if options.unit == "cluster" else ids
    done = resample(statistics, units, resamples=options.resamples, seed=0)
    columns = statistics[0].sets[0].names
    wanted = [name for name in NAMES if name in columns]
    paired = dict(zip([arm.name for arm in arms], done, strict=True))
    commits = sorted({commit for arm in arms for commit in arm.commits})
    if not commits:
        raise InputError("no arm has a run.json beside its report, so no commit can be named")
    return {
        "commit": ", ".join(commits),
        "dataset": {"name": dataset.manifest.name, "data_hash": first.data_hash},
        "machine": f"{platform.machine()}, {options.machine}",
        "adverts": len(ids),
        "task": task.name,
        "metrics": {name: NAMES[name] for name in wanted}
        | ({"seconds": NAMES["seconds"]} if any(arm.seconds for arm in arms) else {}),
        "arms": [
            arm_record(arm, stat, resampled, wanted=wanted, adverts=len(ids))
            for arm, stat, resampled in zip(arms, statistics, done, strict=True)
        ],
        "comparisons": [
            line for pair in options.compare for line in comparison(pair, paired, columns, wanted)
        ],
        "caption": options.caption,
    }


def statistic(arm: Arm, ids: Sequence[str], judged: Judged) -> MeanOverSeeds:
    """Return the figures of an arm on these adverts, whose truth is ``judged``."""
    name = judged.task.name
    return MeanOverSeeds(
        [
            FigureSet(judged, in_order(said, ids).probabilities[name], precision=0.9)
            for said in arm.said
        ]
    )


def arm_record(
    arm: Arm, stat: MeanOverSeeds, resampled: Resampled, *, wanted: Sequence[str], adverts: int
) -> dict[str, object]:
    """Return raw values by seed, and the interval of their mean."""
    columns = stat.sets[0].names
    points = [figures(np.ones((1, adverts)))[0] for figures in stat.sets]
    values = {name: [float(p[columns.index(name)]) for p in points] for name in wanted}
    intervals = {}
    for name in wanted:
        column = columns.index(name)
        found = estimate(float(resampled.point[column]), resampled.samples[:, column])
        if len(points) == 1 and found.low is not None and found.high is not None:
            intervals[name] = [found.low, found.high]
    seconds = {"seconds": [round(s) for s in arm.seconds]} if arm.seconds else {}
    return {
        "name": arm.name,
        "runs": list(arm.folders),
        "values": values | seconds,
        "intervals": intervals,
    }


def comparison(
    pair: str, done: dict[str, Resampled], columns: Sequence[str], wanted: Sequence[str]
) -> list[dict[str, object]]:
    """Return the paired differences of ``first - second``."""
    first, _, second = (part.strip() for part in pair.partition(" - "))
    lines: list[dict[str, object]] = []
    for name in wanted:
        gap = difference(done[first], done[second], columns.index(name))
        lines.append(
            {
                "name": f"{first} − {second}",
                "metric": name,
                "difference": gap.value,
                "low": gap.low,
                "high": gap.high,
            }
        )
    return lines


def main() -> int:
    """Write the record; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiment", type=Path)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--arm", action="append", required=True, help="name=glob of report folders")
    parser.add_argument("--compare", action="append", default=[], help="'first - second'")
    parser.add_argument("--task", help="default: the headline")
    parser.add_argument("--pool", action="store_true", help="folds of one model, not seeds")
    parser.add_argument("--unseen", action="store_true", help="only what has no copy in train")
    parser.add_argument("--unit", choices=["cluster", "advert"], default="cluster")
    parser.add_argument("--part", default="results", help="name of the file")
    parser.add_argument("--resamples", type=int, default=2000)
    parser.add_argument("--machine", default="2 cores")
    parser.add_argument("--caption", required=True)
    options = parser.parse_args()
    try:
        text = json.dumps(results(options), indent=2, ensure_ascii=False)
    except AdvertsError as error:
        print(f"record: {error}", file=sys.stderr)
        return 2
    (options.experiment / f"{options.part}.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
