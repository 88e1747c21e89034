"""Put the peers' predictions, and ours where they are given, into the record's two tables.

    python experiments/0021-peers/collect.py peers/out --prepared prepared/tubespam … \
        --ours tubespam=runs/tubespam=runs/tubespam/report …

The first folder holds what the peers wrote: ``PEER-NAME.jsonl`` for all labels and
``PEER-NAME-A_CLASS-DRAW.jsonl`` for few, each with its ``.time.json``. Ours are named alike,
``NAME`` or ``NAME-A_CLASS-DRAW``, with the folders of the training and of its report; tf-idf is
taken from that report. All are judged on the same adverts of the test split: reviewed ones without
a copy in training or validation. ``results.json`` holds all labels, ``few.json`` few labels.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from adverts.arrays import Bools, Floats, Weights
from adverts.data.dataset.prepared import PreparedDataset, open_prepared
from adverts.errors import InputError
from adverts.evaluation.predictions.prediction_file import read_predictions
from adverts.evaluation.statistics.bootstrap import Resampled, difference, estimate, resample
from adverts.evaluation.statistics.ranking import Ranking, average_precision

FIGURE = "average_precision"
METRICS = {"n": "adverts", FIGURE: "average precision"}
TIMES = {"seconds": "train, s", "minutes": "processor, min"}
PEERS = {"hf": "Hugging Face script", "autogluon": "AutoGluon", "setfit": "SetFit"}
OURS = "ours"
KEY = re.compile(r"(?P<name>.+?)(?:-(?P<a_class>\d+)-(?P<draw>\d+))?")
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Truth:
    """The judged adverts of one dataset: their labels and clusters."""

    ids: list[str]
    positive: Bools
    clusters: list[str]

    def ranking(self, scores: dict[str, float], source: Path) -> Ranking:
        """Return these adverts in order of score.

        Raises:
            InputError: One has no score.
        """
        missing = [advert for advert in self.ids if advert not in scores]
        if missing:
            raise InputError(
                f"{source}: {len(missing)} test adverts lack a score, {missing[0]} is one"
            )
        return Ranking([scores[advert] for advert in self.ids], self.positive)


@dataclass(slots=True)
class Arm:
    """One model at one number of labels: rankings by draw, times, and tf-idf of our reports."""

    rankings: dict[str, Ranking] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    minutes: list[float] = field(default_factory=list)
    tfidf: dict[str, dict] = field(default_factory=dict)


class MeanOverDraws:
    """A statistic: the average precision of several rankings, averaged."""

    def __init__(self, rankings: Sequence[Ranking]) -> None:
        self.rankings = rankings

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return the mean of each weighting, ``(R, 1)``."""
        each = [average_precision(*ranking.counts(weights_RN)) for ranking in self.rankings]
        return np.mean(each, axis=0)[:, None]


Arms = dict[tuple[str, str], dict[str, Arm]]
"""Arms by dataset and labels a class (empty: all labels), then by model."""


def read_truth(dataset: PreparedDataset) -> Truth:
    """Return the test adverts that every report judges."""
    table = dataset.split("test")
    kept = np.flatnonzero(table.reviewed & ~dataset.seen.of(table.ids).seen)
    (task,) = dataset.schema.tasks
    positive = table.targets[task.name][:, task.labels.index(str(task.positive))] > 0.5
    clusters = [table.clusters[i] for i in kept]
    return Truth([table.ids[i] for i in kept], positive[kept], clusters)


def split_key(key: str) -> tuple[tuple[str, str], str]:
    """Return dataset and labels a class, and the draw, of a name of a run."""
    match = KEY.fullmatch(key)
    assert match is not None, key
    return (match["name"], match["a_class"] or ""), match["draw"] or ""


def read_peer(path: Path, truths: dict[str, Truth], arms: Arms) -> None:
    """Add one peer's predictions and times."""
    peer, _, key = path.stem.partition("-")
    place, draw = split_key(key)
    lines = [json.loads(line) for line in path.open(encoding="utf-8")]
    arm = arms.setdefault(place, {}).setdefault(PEERS[peer], Arm())
    scores = {line["id"]: line["p"] for line in lines}
    arm.rankings[draw] = truths[place[0]].ranking(scores, path)
    times = json.loads(path.with_suffix(".time.json").read_text(encoding="utf-8"))
    arm.seconds.append(times["train_s"])
    arm.minutes.append(times["cpu_s"] / 60)


def read_ours(argument: str, truths: dict[str, Truth], arms: Arms) -> None:
    """Add one of our runs, ``KEY=run folder=report folder``."""
    key, run, folder = argument.split("=")
    place, draw = split_key(key)
    said = read_predictions(Path(folder) / "predictions.parquet")
    (task,) = said.tasks
    p_N = said.probabilities[task.name][:, task.labels.index(str(task.positive))]
    arm = arms.setdefault(place, {}).setdefault(OURS, Arm())
    scores = dict(zip(said.ids, p_N.tolist(), strict=True))
    arm.rankings[draw] = truths[place[0]].ranking(scores, Path(folder))
    outcome = json.loads((Path(run) / "run.json").read_text(encoding="utf-8"))["outcome"]
    arm.seconds.append(outcome["seconds"])
    report = json.loads((Path(folder) / "report.json").read_text(encoding="utf-8"))
    models = report["evaluation"]["reviewed"]["tasks"][0]["models"]
    for one in models:
        if one["model"] == "tf-idf":
            arm.tfidf[draw] = one["figures"][FIGURE]


def arm_record(name: str, arm: Arm, found: Resampled, adverts: int) -> dict:
    """Return the raw values of one arm, one for each draw, and the interval of a single one."""
    ones = np.ones((1, adverts), dtype=np.float32)
    each = [float(MeanOverDraws([one])(ones)[0, 0]) for one in arm.rankings.values()]
    ends = estimate(float(found.point[0]), found.samples[:, 0])
    values = {"n": [adverts], FIGURE: each, "seconds": arm.seconds, "minutes": arm.minutes}
    intervals = {FIGURE: [ends.low, ends.high]} if len(each) == 1 else {}
    return {"name": name, "values": {k: v for k, v in values.items() if v}, "intervals": intervals}


def tfidf_record(name: str, tfidf: dict[str, dict]) -> dict:
    """Return what our reports say of tf-idf, one value for each draw."""
    each = list(tfidf.values())
    ends = {FIGURE: [each[0]["low"], each[0]["high"]]} if len(each) == 1 else {}
    return {"name": name, "values": {FIGURE: [one["value"] for one in each]}, "intervals": ends}


def compared(name: str, ours: Arm, theirs: Arm, clusters: list[str]) -> list[dict]:
    """Return ours minus theirs, paired on the same adverts and draws; empty if none is shared."""
    draws = [draw for draw in ours.rankings if draw in theirs.rankings]
    if not draws:
        return []
    pair = [MeanOverDraws([arm.rankings[draw] for draw in draws]) for arm in (ours, theirs)]
    first, second = resample(pair, clusters, resamples=RESAMPLES, seed=0)
    gap = difference(first, second, 0)
    ends = {"low": gap.low, "high": gap.high}
    return [{"name": name, "metric": FIGURE, "difference": gap.value, **ends}]


def place_records(
    place: tuple[str, str], models: dict[str, Arm], truth: Truth
) -> tuple[list[dict], list[dict]]:
    """Return arms and comparisons of one dataset at one number of labels."""
    name = f"{place[0]}, {place[1]} a class" if place[1] else place[0]
    order = [model for model in (OURS, *PEERS.values()) if model in models]
    means = [MeanOverDraws(list(models[model].rankings.values())) for model in order]
    found = resample(means, truth.clusters, resamples=RESAMPLES, seed=0)
    arms = [
        arm_record(f"{name}, {model}", models[model], one, len(truth.ids))
        for model, one in zip(order, found, strict=True)
    ]
    ours = models.get(OURS)
    if ours is None:
        return arms, []
    if ours.tfidf:
        arms.insert(1, tfidf_record(f"{name}, tf-idf", ours.tfidf))
    gaps = [
        compared(f"{name}, ours − {model}", ours, models[model], truth.clusters)
        for model in order[1:]
    ]
    return arms, [one for gap in gaps for one in gap]


def versions_of(folder: Path) -> dict[str, dict]:
    """Return versions and settings of each peer, as the first of its runs wrote them."""
    found: dict[str, dict] = {}
    for path in sorted(folder.glob("*.time.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        if "versions" in told:
            peer = PEERS[path.name.partition("-")[0]]
            found.setdefault(peer, {key: told[key] for key in ("versions", "settings")})
    return found


def write(part: str, arms: Arms, truths: dict[str, Truth], *, caption: str, shared: dict) -> None:
    """Write one table's record beside this file."""
    records: list[dict] = []
    comparisons: list[dict] = []
    order = list(truths)
    for place in sorted(arms, key=lambda one: (order.index(one[0]), int(one[1] or 0))):
        more, gaps = place_records(place, arms[place], truths[place[0]])
        records += more
        comparisons += gaps
    record = shared | {
        "metrics": METRICS | TIMES,
        "arms": records,
        "comparisons": comparisons,
        "caption": caption,
    }
    path = Path(__file__).parent / f"{part}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Write both records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prepared", type=Path, nargs="+", required=True)
    parser.add_argument("--ours", nargs="*", default=[], help="KEY=run folder=report folder")
    options = parser.parse_args()
    datasets = [open_prepared(path) for path in options.prepared]
    truths = {dataset.manifest.name: read_truth(dataset) for dataset in datasets}
    arms: Arms = {}
    for path in sorted(options.folder.glob("*.jsonl")):
        if path.with_suffix(".time.json").is_file():  # a run that was cut off has none
            read_peer(path, truths, arms)
    for argument in options.ours:
        read_ours(argument, truths, arms)
    shared = {
        "data_hashes": {dataset.manifest.name: dataset.data_hash for dataset in datasets},
        "peers": versions_of(options.folder),
    }
    every = "Test adverts; 95 % intervals and paired differences over clusters; one CPU core. "
    write(
        "results",
        {place: models for place, models in arms.items() if not place[1]},
        truths,
        caption=every + "All labels of training, one seed. Commands: experiments/0021-peers.",
        shared=shared,
    )
    write(
        "few",
        {place: models for place, models in arms.items() if place[1]},
        truths,
        caption=every + "Mean ± deviation over draws. Commands: experiments/0021-peers.",
        shared=shared,
    )


if __name__ == "__main__":
    main()
