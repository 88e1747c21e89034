"""Judge the mean of both branches beside each branch and tf-idf, over folds, seeds or one run.

Usage::

    python experiments/0020-hybrid/collect.py results "tubespam=prepared/tubespam=runs/tubespam" \
        "gambling, folds 1 to 4=prepared/gambling-0=runs/gambling-[1-4]" …

Each set is NAME=PREPARED=GLOB. The glob finds runs, each with its ``report`` and the report of its
baseline in ``baseline/report``; the labels are those of the dataset PREPARED. Runs that judge
different adverts are folds, whose predictions are put together; runs that judge the same ones are
seeds, whose figures are averaged. The first word names the file that is written beside this one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from adverts.arrays import Floats, Weights
from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.predictions.prediction_file import (
    Predictions,
    concatenate,
    read_predictions,
    select,
)
from adverts.evaluation.statistics.bootstrap import (
    Estimate,
    Resampled,
    difference,
    estimates,
    resample,
)
from adverts.evaluation.truth import Judged, judge
from adverts.runtime.rules.probabilities import probabilities
from adverts.training.runs.run_record import RunRecord, read_run

ROOT = Path(__file__).resolve().parents[2]
SHOWN = {"average_precision": "average precision", "macro_f1": "macro-F1"}
BOTH, NETWORK, NGRAMS, TFIDF = "mean of both", "network alone", "n-grams alone", "tf-idf"
RESAMPLES, PRECISION = 2_000, 0.9


class MeanOfSeeds:
    """A statistic: the figures of several models on the same adverts, averaged."""

    def __init__(self, sets: Sequence[FigureSet]) -> None:
        self.sets = sets

    def __call__(self, weights_RN: Weights) -> Floats:
        return np.asarray(np.mean([one(weights_RN) for one in self.sets], axis=0))


def read_models(runs: Sequence[Path]) -> dict[str, list[Predictions]]:
    """Return the predictions of each model, one for each seed, or one of all folds together."""
    said = {
        BOTH: [read_predictions(run / "report/predictions.parquet") for run in runs],
        TFIDF: [read_predictions(run / "baseline/report/predictions.parquet") for run in runs],
    }
    first = set(said[BOTH][0].ids)
    if any(set(one.ids) != first for one in said[BOTH]):
        return {name: [concatenate(parts)] for name, parts in said.items()}
    return said


def seen_by_each(models: Mapping[str, Sequence[Predictions]], judged: Judged) -> dict[str, object]:
    """Return the figures of each model as a statistic of the kept adverts."""
    task = judged.task
    both = models[BOTH]
    said = {
        BOTH: [one.probabilities[task.name] for one in both],
        NETWORK: [probabilities(task, one.branches["network"][task.name]) for one in both],
        NGRAMS: [probabilities(task, one.branches["ngrams"][task.name]) for one in both],
        TFIDF: [one.probabilities[task.name] for one in models[TFIDF]],
    }
    return {
        name: MeanOfSeeds([FigureSet(judged, p_NL, precision=PRECISION) for p_NL in all_of_it])
        for name, all_of_it in said.items()
    }


def in_order(said: Predictions, ids: Sequence[str]) -> Predictions:
    rows = {advert: row for row, advert in enumerate(said.ids)}
    return select(said, [rows[advert] for advert in ids])


def ends(one: Estimate) -> dict[str, float | None]:
    return {"low": one.low, "high": one.high}


def judged_set(name: str, prepared: Path, runs: Sequence[Path]) -> tuple[list, list, list]:
    """Return the arms, the comparisons and the records of one set."""
    models = read_models(runs)
    first = models[BOTH][0]
    kept = [first.ids[row] for row in np.flatnonzero(first.reviewed).tolist()]
    models = {model: [in_order(one, kept) for one in parts] for model, parts in models.items()}
    dataset = open_prepared(prepared)
    task = dataset.schema.task(dataset.schema.headline)
    table = dataset.split("all")
    row_of = {advert: row for row, advert in enumerate(table.ids)}
    judged = judge(task, table.targets[task.name][[row_of[advert] for advert in kept]])
    shown = seen_by_each(models, judged)
    done: dict[str, Resampled] = dict(
        zip(
            shown,
            resample(list(shown.values()), models[BOTH][0].clusters, resamples=RESAMPLES, seed=0),
            strict=True,
        )
    )
    columns = next(iter(shown.values())).sets[0].names
    places = {metric: columns.index(metric) for metric in SHOWN}
    records: list[RunRecord] = [read_run(run) for run in runs]
    arms = []
    for model, found in done.items():
        figures = estimates(found)
        values: dict[str, list[float]] = {m: [figures[p].value] for m, p in places.items()}
        if model == BOTH:
            values["n"] = [len(judged.rows)]
        intervals = {m: [figures[p].low, figures[p].high] for m, p in places.items()}
        arms.append({"name": f"{name}, {model}", "values": values, "intervals": intervals})
    comparisons = []
    for other in (TFIDF, NETWORK):
        for metric, place in places.items():
            gap = difference(done[BOTH], done[other], place)
            comparisons.append(
                {
                    "name": f"{name}, {BOTH} − {other}",
                    "metric": metric,
                    "difference": gap.value,
                    **ends(gap),
                }
            )
    return arms, comparisons, records


def main(part: str, *sets: str) -> None:
    arms, comparisons, commits = [], [], set()
    for one in sets:
        name, prepared, pattern = one.split("=")
        runs = sorted(path.parents[1] for path in ROOT.glob(f"{pattern}/report/report.json"))
        if not runs:
            sys.exit(f"{name}: no report in {pattern}")
        more, gaps, records = judged_set(name, ROOT / prepared, runs)
        arms += more
        comparisons += gaps
        commits |= {str(record.provenance.commit) for record in records}
        print(f"{name}: {len(runs)} runs", *(
            f"{gap['name'].rpartition(', ')[2]} {gap['metric']} {gap['difference']:+.4f} "
            f"[{gap['low']:+.4f}, {gap['high']:+.4f}]" for gap in gaps
        ), sep="\n  ")  # fmt: skip
    record = {
        "commit": ", ".join(sorted(commits)),
        "metrics": {"n": "adverts", **SHOWN},
        "arms": arms,
        "comparisons": comparisons,
        "caption": (
            "Test adverts; 95 % intervals and paired differences over clusters of near-duplicates, "
            "with brands over clusters that hold a brand together; heads on frozen features, which "
            "need no seed. Commands: experiments/0020-hybrid."
        ),
    }
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (Path(__file__).parent / f"{part}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
