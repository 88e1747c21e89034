"""Write what misreading pictures costs: average precision by language, for each reader.

Usage::

    python experiments/0008-ocr-engines/end_effect.py runs/0008 stock auto truth

For each reader, ``runs/0008/<reader>-<fold>/run/report`` holds the predictions of one fold. All
folds of a reader are put together; intervals and paired differences resample whole templates.
"""

from __future__ import annotations

import json
import platform
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from record import _commit, in_order

from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.figures.figures_by_kind import AVERAGE_PRECISION, FigureSet
from adverts.evaluation.predictions.prediction_file import (
    Predictions,
    concatenate,
    read_predictions,
)
from adverts.evaluation.statistics.bootstrap import Resampled, difference, estimates, resample
from adverts.evaluation.truth import Judged, judge
from adverts.training.runs.run_record import read_run

FOLDS, RESAMPLES = 5, 2000
CAPTION = (
    "900 fictional adverts that are a picture alone, text encoder on what was read, five folds of "
    "whole templates, seed 0; average precision of the headline, 95 % intervals over templates. "
    "Outside English and French no native speaker has checked the texts."
)


class AveragePrecisionByLanguage:
    """A statistic: average precision over all adverts, then over those of each language."""

    def __init__(self, judged: Judged, said: Predictions, languages: list[str]) -> None:
        probabilities = said.probabilities[judged.task.name]
        langs = np.asarray(said.langs)
        parts = [None, *(np.flatnonzero(langs == language) for language in languages)]
        self._sets = [FigureSet(judged, probabilities, precision=0.9, rows=rows) for rows in parts]

    def __call__(self, weights_RN: np.ndarray) -> np.ndarray:
        column = self._sets[0].names.index(AVERAGE_PRECISION)
        return np.stack([figures(weights_RN)[:, column] for figures in self._sets], axis=1)


def read_reader(folder: Path, name: str) -> Predictions:
    """Put the folds of one reader together."""
    reports = [folder / f"{name}-{fold}" / "run" / "report" for fold in range(FOLDS)]
    return concatenate([read_predictions(path / "predictions.parquet") for path in reports])


def main() -> None:
    """Write ``results.json``'s part ``end_effect``."""
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    dataset = open_prepared(folder / f"{names[-1]}-0" / "prepared")
    table = dataset.split("all")
    row = {advert: i for i, advert in enumerate(table.ids)}
    said = {name: read_reader(folder, name) for name in names}
    ids = list(said[names[-1]].ids)
    said = {name: in_order(predictions, ids) for name, predictions in said.items()}
    task = next(t for t in said[names[-1]].tasks if t.name == dataset.schema.headline)
    judged = judge(task, table.targets[task.name][[row[advert] for advert in ids]])
    languages = sorted({lang for lang in said[names[-1]].langs if lang})
    statistics = [AveragePrecisionByLanguage(judged, said[name], languages) for name in names]
    units = said[names[-1]].clusters
    found = dict(zip(names, resample(statistics, units, resamples=RESAMPLES, seed=0), strict=True))
    keys = ["all", *languages]
    run = read_run(folder / f"{names[-1]}-0" / "run")
    record = {
        "metrics": {key: key for key in keys},
        "arms": [arm(name, found[name], keys) for name in names],
        "comparisons": [
            line for first, second in pairwise(names) for line in gaps(second, first, found, keys)
        ],
        "caption": CAPTION,
        "commit": _commit(run.provenance),
        "data_hash": dataset.data_hash,
        "resamples": RESAMPLES,
        "adverts": len(ids),
        "machine": platform.machine(),
    }
    path = Path(__file__).parent / "end_effect.json"
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def arm(name: str, resampled: Resampled, keys: list[str]) -> dict[str, object]:
    """Return the figures of one reader with their intervals."""
    figures = dict(zip(keys, estimates(resampled), strict=True))
    return {
        "name": name,
        "values": {key: [figure.value] for key, figure in figures.items()},
        "intervals": {
            key: [figure.low, figure.high]
            for key, figure in figures.items()
            if figure.low is not None
        },
    }


def gaps(
    first: str, second: str, found: dict[str, Resampled], keys: list[str]
) -> list[dict[str, object]]:
    """Return the paired differences ``first - second``."""
    lines = []
    for i, key in enumerate(keys):
        gap = difference(found[first], found[second], i)
        if gap.low is not None:
            name = f"{first} − {second}"
            lines.append(
                {
                    "name": name,
                    "metric": key,
                    "difference": gap.value,
                    "low": gap.low,
                    "high": gap.high,
                }
            )
    return lines


if __name__ == "__main__":
    main()
