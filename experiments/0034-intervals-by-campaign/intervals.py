"""How wide intervals are by comment, cluster and campaign, and how often they hold.

Usage::

    python experiments/0034-intervals-by-campaign/intervals.py campaigns brands.csv campaigns.csv
    python experiments/0034-intervals-by-campaign/intervals.py judge prepared/brands
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from adverts.advert import Task
from adverts.data.dataset.campaign_clusters import joined_by
from adverts.data.dataset.prepared import open_prepared
from adverts.data.splits.split_clusters import fold_clusters
from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.statistics.bootstrap import Estimate, estimate, resample
from adverts.evaluation.statistics.bounds import effective_number, exact_interval
from adverts.evaluation.truth import judge
from adverts.inputs.hashing import hashed_features_of
from adverts.inputs.spec import HashSpec
from adverts.models.tfidf import Features, fit_tfidf

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Units = Sequence[str]
Held = dict[str, list[list[bool]]]
FIGURES = {
    "average_precision": "average precision",
    "recall_at_precision": "recall at precision 0.9",
    "macro_f1": "macro-F1",
}
BRAND, JOINED = "brand, else cluster", "brand and cluster joined"
FOLDS, REFITS, RESAMPLES = 5, 40, 2_000
SETS, SET_RESAMPLES, BRANDS = 300, 400, (10, 19, 30, 60, 100)
NEGATIVES = 6  # one in so many units without a promotion is in the population of (c)
_SPEC = HashSpec(num_features=1 << 18, word_ngrams=(1, 2), char_ngrams=(2, 5))
_MOST_BEND = 0.15
WIDTH_CAPTION = "five folds of whole brands, the same predictions in each row; 2,000 resamples."
CAPTIONS = {
    "refits": "Share of 40 fits in which the figures of two sets without a common unit differ by "
    "no more than their intervals allow; brackets: exact 95 % interval of the share, which takes "
    "the fits for independent, and they are not.",
    "worlds": "Share of 300 drawn sets whose 95 % interval holds the figure of the population, "
    "400 resamples each; brackets: exact 95 % interval of that share.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Comments:
    """The comments with what may be resampled.

    Attributes:
        task: The question.
        features: Hashed n-grams of each.
        targets: ``(N, 2)``.
        units: Maps the name of a unit to the unit of each comment.
        brands: Brand of each; None if it names none.
    """

    task: Task
    features: list[Features]
    targets: NDArray[np.float32]
    units: Mapping[str, Units]
    brands: Sequence[str | None]

    @property
    def positive(self) -> Bools:
        return np.asarray(self.targets[:, self.task.labels.index("promotion")] > 0.5)


def main() -> int:
    """Do one of the two commands."""
    if sys.argv[1] == "campaigns":
        return write_campaigns(Path(sys.argv[2]), Path(sys.argv[3]))
    comments = read_comments(Path(sys.argv[2]))
    said = out_of_fold(comments)
    record_widths(comments, said)
    agree = refit(comments)
    record("refits", {unit: [of[name] for name in FIGURES] for unit, of in agree.items()}, FIGURES)
    hold = worlds(comments, said)
    record("worlds", hold, {str(count): f"{count} brands" for count in BRANDS})
    return 0


def write_campaigns(source: Path, target: Path) -> int:
    """Write the file of campaigns for ``data.campaigns=`` from the column of brands."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = [(row["id"], row["brand"]) for row in csv.DictReader(file) if row["brand"]]
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "campaign"), *rows])
    return 0


def read_comments(prepared: Path) -> Comments:
    """Read a dataset that was prepared with brands as campaigns."""
    dataset = open_prepared(prepared)
    table = dataset.split("all")
    brands = [None if one is None else str(one) for one in table.values("campaign")]
    task = dataset.schema.task(dataset.schema.headline)
    units = {
        "comment": list(table.ids),
        "cluster": table.copies,
        BRAND: table.clusters,
        JOINED: joined_by(table.copies, table.clusters),
    }
    told = {name: len(set(of)) for name, of in units.items()}
    held = {unit for unit, brand in zip(units[JOINED], brands, strict=True) if brand}
    print(f"{len(set(brands) - {None})} brands in {len(held)} joined clusters; units: {told}")
    features = [*hashed_features_of(table.texts, _SPEC)]
    return Comments(task, features, table.targets[task.name], units, brands)


def fitted(comments: Comments, train: Bools, asked: Bools) -> Floats:
    """Return the probabilities of the asked comments by tf-idf of the training ones, ``(M, 2)``."""
    rows = np.flatnonzero(train)
    model = fit_tfidf(
        [comments.features[row] for row in rows],
        {comments.task.name: comments.targets[rows]},
        [comments.task],
        num_features=_SPEC.num_features,
        inverse_regularisation=10.0,
        seed=0,
    )
    chosen = [comments.features[row] for row in np.flatnonzero(asked)]
    logits = model.logits(chosen)[comments.task.name].astype(np.float64)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def out_of_fold(comments: Comments) -> Floats:
    """Return the probabilities of each comment by tf-idf of the other folds, ``(N, 2)``."""
    strata = [(str(one),) for one in comments.positive.tolist()]
    joined = comments.units[JOINED]
    fold_of = fold_clusters(joined, strata, folds=FOLDS, seed=0)
    said = np.empty(comments.targets.shape)
    for fold in range(FOLDS):
        said[fold_of == fold] = fitted(comments, fold_of != fold, fold_of == fold)
    return said


def intervals(
    comments: Comments,
    rows: NDArray[np.int64],
    said: Floats,
    units: Units,
    *,
    count: int,
    seed: int,
) -> tuple[dict[str, Estimate], dict[str, Floats]]:
    """Return the figures of some comments with their intervals, and their resamples."""
    figures = FigureSet(judge(comments.task, comments.targets[rows]), said, precision=0.9)
    (found,) = resample([figures], units, resamples=count, seed=seed)
    places = {name: figures.names.index(name) for name in FIGURES}
    samples = {name: found.samples[:, place] for name, place in places.items()}
    points = {name: float(found.point[place]) for name, place in places.items()}
    return {name: estimate(points[name], samples[name]) for name in FIGURES}, samples


def record_widths(comments: Comments, said: Floats) -> None:
    """Write the table of look (a)."""
    rows = np.arange(len(said))
    arms, cells = [], {}
    for name, units in comments.units.items():
        found, _ = intervals(comments, rows, said, units, count=RESAMPLES, seed=0)
        cells[name] = found
        worth = effective_number(np.array(units)[comments.positive].tolist())
        arms.append((name, found, worth))
    comment = cells["comment"]
    columns = {**FIGURES, "worth": "effective positives"}
    columns |= {f"{name}_width": f"{title}: width ÷ by comment" for name, title in FIGURES.items()}
    table = []
    for name, found, worth in arms:
        values: dict[str, list[float | None]] = {
            one: [round(found[one].value or 0.0, 4)] for one in FIGURES
        }
        values["worth"] = [round(worth, 1)]
        values |= {
            f"{one}_width": [round(width(found[one]) / width(comment[one]), 2)] for one in FIGURES
        }
        ends = {one: [found[one].low, found[one].high] for one in FIGURES}
        table.append({"name": name, "values": values, "intervals": ends})
    write("results", columns, table, f"{len(said):,} comments, tf-idf, {WIDTH_CAPTION}")


def width(found: Estimate) -> float:
    """Return the width of an interval."""
    return (found.high or 0.0) - (found.low or 0.0)


def refit(comments: Comments) -> dict[str, dict[str, list[bool]]]:
    """Return, for each unit and figure, whether two sets of comments agree in each of 40 fits."""
    joined = np.array(comments.units[JOINED])
    names = np.unique(joined)
    agree: dict[str, dict[str, list[bool]]] = {
        unit: {name: [] for name in FIGURES} for unit in comments.units
    }
    for number in range(REFITS):
        rng = np.random.default_rng(number)
        part = dict(zip(names.tolist(), rng.choice(3, len(names), p=[0.4, 0.3, 0.3]), strict=True))
        part_of = np.array([part[one] for one in joined.tolist()])
        said = fitted(comments, part_of == 0, part_of > 0)
        place = np.cumsum(part_of > 0) - 1
        for unit, units in comments.units.items():
            ends = []
            for side in (1, 2):
                rows = np.flatnonzero(part_of == side)
                of = np.array(units)[rows].tolist()
                ends.append(
                    intervals(comments, rows, said[place[rows]], of, count=500, seed=number)[0]
                )
            for name in FIGURES:
                agree[unit][name].append(agrees(ends[0][name], ends[1][name]))
        print(f"refit {number + 1} of {REFITS}", flush=True)
    return agree


def agrees(one: Estimate, other: Estimate) -> bool:
    """Return whether two independent figures differ by no more than their intervals allow."""
    upper, lower = (one, other) if (one.value or 0) >= (other.value or 0) else (other, one)
    if None in {upper.value, upper.low, lower.value, lower.high}:
        return False
    down = float(upper.value or 0) - float(upper.low or 0)
    up = float(lower.high or 0) - float(lower.value or 0)
    return float(upper.value or 0) - float(lower.value or 0) <= math.hypot(down, up)


def worlds(comments: Comments, said: Floats) -> Held:
    """Return whether intervals hold the figure of a known population, by number of brands."""
    units = np.array(comments.units[BRAND])
    named = zip(comments.units[BRAND], comments.brands, strict=True)
    brands = sorted({unit for unit, brand in named if brand})
    rows_of = {unit: np.flatnonzero(units == unit) for unit in np.unique(units)}
    lone = [u for u, rows in rows_of.items() if u not in brands and comments.positive[rows].any()]
    without = [u for u, rows in rows_of.items() if not comments.positive[rows].any()]
    kept = np.random.default_rng(0).choice(without, len(without) // NEGATIVES, replace=False)
    kinds = (brands, lone, kept.tolist())
    whole = np.concatenate([rows_of[unit] for kind in kinds for unit in kind])
    alone = whole.astype(str).tolist()
    found, _ = intervals(comments, whole, said[whole], alone, count=100, seed=0)
    truth = {name: float(one.value or 0.0) for name, one in found.items()}
    hold: Held = {}
    for count in BRANDS:
        for number in range(SETS):
            rng = np.random.default_rng([count, number])
            drawn = [
                rows_of[unit]
                for kind in kinds
                for unit in rng.choice(kind, round(len(kind) * count / len(brands)))
            ]
            rows = np.concatenate(drawn)
            of = np.repeat(np.arange(len(drawn)), [len(one) for one in drawn]).astype(str)
            _judge_set(comments, said, rows, of, truth=truth, brands=count, hold=hold)
        print(f"{count} brands", flush=True)
    return hold


def _judge_set(
    comments: Comments,
    said: Floats,
    rows: NDArray[np.int64],
    units: NDArray[np.str_],
    *,
    truth: Mapping[str, float],
    brands: int,
    hold: Held,
) -> None:
    plain = np.arange(len(rows)).astype(str).tolist()
    by_comment, _ = intervals(comments, rows, said[rows], plain, count=SET_RESAMPLES, seed=1)
    by_brand, samples = intervals(
        comments, rows, said[rows], units.tolist(), count=SET_RESAMPLES, seed=1
    )
    worth = effective_number(units[comments.positive[rows]].tolist())
    for name in FIGURES:
        wide = expanded(samples[name], worth)
        ways = {
            "by comment": (by_comment[name].low, by_comment[name].high),
            "by brand": (by_brand[name].low, by_brand[name].high),
            "by brand, expanded": wide,
        }
        for way, (low, high) in ways.items():
            held = low is not None and high is not None and low <= truth[name] <= high
            arm = hold.setdefault(f"{FIGURES[name]}, {way}", [[] for _ in BRANDS])
            arm[BRANDS.index(brands)].append(held)


def expanded(samples: Floats, number: float) -> tuple[float | None, float | None]:
    """Return the percentile interval as far out as Student's t asks, moved by skewness as shipped.

    Args:
        samples: Figure of each resample.
        number: Effective number of independent observations.
    """
    defined = samples[~np.isnan(samples)]
    if len(defined) < 0.95 * len(samples) or number <= 1:
        return None, None
    reach = float(student.ppf(0.975, number - 1)) * math.sqrt(number / (number - 1))
    spread = float(defined.std())
    if spread < 1e-12:
        return float(defined[0]), float(defined[0])
    skewness = float((((defined - defined.mean()) / spread) ** 3).mean())
    bend = min(max(skewness / 6, -_MOST_BEND), _MOST_BEND)
    normal = NormalDist()
    levels = (
        normal.cdf(-reach / (1 + bend * reach)),
        normal.cdf(reach / max(1 - bend * reach, 0.1)),
    )
    low, high = np.quantile(defined, levels)
    return float(low), float(high)


def record(
    name: str, found: Mapping[str, Sequence[Sequence[bool]]], columns: Mapping[str, str]
) -> None:
    """Write a table of shares with their exact intervals; one share for each column."""
    table = []
    for arm, of in found.items():
        held = {column: (sum(one), len(one)) for column, one in zip(columns, of, strict=True)}
        ends = {
            one: [round(end, 3) for end in exact_interval(*counts)] for one, counts in held.items()
        }
        shares = {one: [round(hits / trials, 3)] for one, (hits, trials) in held.items()}
        table.append({"name": arm, "values": shares, "intervals": ends})
    write(name, columns, table, CAPTIONS[name])


def write(
    name: str, columns: Mapping[str, str], arms: Sequence[Mapping[str, object]], caption: str
) -> None:
    """Write one table of the record."""
    values = {"metrics": dict(columns), "arms": list(arms), "comparisons": [], "caption": caption}
    path = Path(__file__).with_name(f"{name}.json")
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path.name} written", flush=True)


if __name__ == "__main__":
    sys.exit(main())
