"""Put our predictions and those of the peers into the record's two tables.

    python experiments/0021-peers/collect.py peers/out --prepared prepared/tubespam …

The first folder holds ``MODEL-NAME.jsonl`` for all labels and ``MODEL-NAME-A_CLASS-DRAW.jsonl`` for
few, each with the ``.time.json`` of its training. All are judged on the same adverts of the test
split: reviewed ones without a copy in training or validation. ``results.json`` holds all labels,
``few.json`` few labels. A dataset at a number of labels keeps its earlier rows where the folder has
no predictions of it. ``lost.json`` has the figures of runs whose predictions no longer exist, as
they were collected then; they enter means, but no paired difference.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from kept_rows import read_earlier, with_kept_rows

from adverts.arrays import Bools, Floats, Weights
from adverts.data.dataset.prepared import PreparedDataset, open_prepared
from adverts.errors import InputError
from adverts.evaluation.statistics.bootstrap import difference, estimate, resample
from adverts.evaluation.statistics.ranking import Ranking, average_precision

FIGURE = "average_precision"
METRICS = {"n": "adverts", FIGURE: "average precision"}
TIMES = {"seconds": "train, s", "minutes": "processor, min"}
OURS, NETWORK = "ours", "our network alone"
MODELS = {
    "ours": OURS,
    "network": NETWORK,
    "tfidf": "tf-idf",
    "hf": "Hugging Face script",
    "autogluon": "AutoGluon",
    "setfit": "SetFit",
}
EARLIER = " (earlier run)"
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


@dataclass(frozen=True, slots=True)
class Lost:
    """What was collected of one run whose predictions no longer exist."""

    average_precision: float
    seconds: float
    minutes: float
    interval: tuple[float, float] | None = None


@dataclass(slots=True)
class Arm:
    """One model at one number of labels: rankings and seconds by draw, and figures of lost runs."""

    rankings: dict[str, Ranking] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    minutes: dict[str, float] = field(default_factory=dict)
    lost: dict[str, Lost] = field(default_factory=dict)


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


def arm_of(stem: str, arms: Arms) -> tuple[Arm, str, str]:
    """Return the arm of a run, the name of its dataset, and its draw."""
    model, _, key = stem.partition("-")
    place, draw = split_key(key)
    return arms.setdefault(place, {}).setdefault(MODELS[model], Arm()), place[0], draw


def read_run(path: Path, truths: dict[str, Truth], arms: Arms) -> None:
    """Add the predictions of one run, and its times where it has its own."""
    arm, name, draw = arm_of(path.stem, arms)
    lines = [json.loads(line) for line in path.open(encoding="utf-8")]
    arm.rankings[draw] = truths[name].ranking({line["id"]: line["p"] for line in lines}, path)
    timed = path.with_suffix(".time.json")
    if timed.is_file():
        times = json.loads(timed.read_text(encoding="utf-8"))
        arm.seconds[draw] = times["train_s"]
        arm.minutes[draw] = times["cpu_s"] / 60


def read_lost(runs: dict[str, dict], arms: Arms) -> None:
    """Add the figures of lost runs; one that was repeated gets a row of its own."""
    for stem, figures in runs.items():
        model, _, key = stem.partition("-")
        place, draw = split_key(key)
        if place not in arms:
            continue
        arm = arms[place].setdefault(MODELS[model], Arm())
        if draw in arm.rankings:
            arm = arms[place].setdefault(MODELS[model] + EARLIER, Arm())
        arm.lost[draw] = one = Lost(**figures)
        arm.seconds[draw], arm.minutes[draw] = one.seconds, one.minutes


def arm_record(name: str, arm: Arm, truth: Truth) -> dict:
    """Return the raw values of one arm, one for each draw, and the interval of a single one."""
    ones = np.ones((1, len(truth.ids)), dtype=np.float32)
    found = {draw: one.average_precision for draw, one in arm.lost.items()}
    for draw, ranking in arm.rankings.items():
        found[draw] = float(MeanOverDraws([ranking])(ones)[0, 0])
    values = {"n": [float(len(truth.ids))]} | {
        key: [by_draw[draw] for draw in sorted(by_draw)]
        for key, by_draw in ((FIGURE, found), ("seconds", arm.seconds), ("minutes", arm.minutes))
        if by_draw
    }
    ends = interval(arm, truth) if len(found) == 1 else None
    return {"name": name, "values": values, "intervals": {FIGURE: list(ends)} if ends else {}}


def interval(arm: Arm, truth: Truth) -> tuple[float, float] | None:
    """Return the interval of an arm of one run."""
    if arm.lost:
        return next(iter(arm.lost.values())).interval
    statistic = MeanOverDraws(list(arm.rankings.values()))
    (found,) = resample([statistic], truth.clusters, resamples=RESAMPLES, seed=0)
    ends = estimate(float(found.point[0]), found.samples[:, 0])
    return ends.low, ends.high


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
    order = [one for model in MODELS.values() for one in (model, model + EARLIER) if one in models]
    arms = [arm_record(f"{name}, {model}", models[model], truth) for model in order]
    ours = models.get(OURS, Arm())
    gaps = [
        compared(f"{name}, ours − {model}", ours, models[model], truth.clusters)
        for model in order
        if model not in (OURS, NETWORK)
    ]
    return arms, [one for gap in gaps for one in gap]


def versions_of(folder: Path) -> dict[str, dict]:
    """Return versions and settings of each model, as the first of its runs wrote them."""
    found: dict[str, dict] = {}
    for path in sorted(folder.glob("*.time.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        if "versions" in told:
            model = MODELS[path.name.partition("-")[0]]
            found.setdefault(model, {key: told[key] for key in ("versions", "settings")})
    return found


def write(part: str, arms: Arms, truths: dict[str, Truth], *, caption: str, shared: dict) -> None:
    """Write one table's record beside this file; without a measured row it stays as it is."""
    if not arms:
        return
    records: list[dict] = []
    comparisons: list[dict] = []
    order = list(truths)
    for place in sorted(arms, key=lambda one: (order.index(one[0]), int(one[1] or 0))):
        more, gaps = place_records(place, arms[place], truths[place[0]])
        records += more
        comparisons += gaps
    measured = shared | {
        "metrics": METRICS | TIMES,
        "arms": records,
        "comparisons": comparisons,
        "caption": caption,
    }
    path = Path(__file__).parent / f"{part}.json"
    record = with_kept_rows(read_earlier(path), measured)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    """Write both records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prepared", type=Path, nargs="+", required=True)
    options = parser.parse_args()
    datasets = [open_prepared(path) for path in options.prepared]
    truths = {dataset.manifest.name: read_truth(dataset) for dataset in datasets}
    arms: Arms = {}
    for path in sorted(options.folder.glob("*.jsonl")):
        read_run(path, truths, arms)
    lost = json.loads(Path(__file__).with_name("lost.json").read_text(encoding="utf-8"))
    read_lost(lost["runs"], arms)
    shared = {
        "data_hashes": {dataset.manifest.name: dataset.data_hash for dataset in datasets},
        "models": lost["models"] | versions_of(options.folder),
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
