"""Write what calibration and a carried-over prevalence do to a model whose source has changed.

Usage::

    python experiments/0010-calibration-under-shift/shift.py runs/0010 tfidf 0 1 2 3 4

``runs/0010/<model>-<seed>`` holds the run, and in ``validation`` and ``test`` what ``adverts
evaluate`` said of it; ``runs/0010/prepared-<seed>`` the dataset of that split. Every method is
fitted on validation; figures are means over the splits on the same adverts of test, and intervals
resample its clusters. Another model than ``tfidf`` gives ``<model>.json``.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from record import _commit, in_order

from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.decisions.calibrate import fit_calibration
from adverts.evaluation.decisions.calibration_fits import Material, fit_map
from adverts.evaluation.decisions.calibration_losses import CalibrationFigureSet
from adverts.evaluation.predictions.prediction_file import read_predictions
from adverts.evaluation.statistics import classes
from adverts.evaluation.statistics.bootstrap import Resampled, difference, estimates, resample
from adverts.evaluation.statistics.classes import Decisions
from adverts.evaluation.truth import Judged, judge, predicted_labels
from adverts.runtime.rules.calibration import METHODS, TaskCalibration
from adverts.runtime.rules.probabilities import mapped_probabilities
from adverts.training.runs.run_record import read_run

RESAMPLES = 2_000
SHARE, WRONG_SHARES = 0.868, (0.5, 0.97)
METRICS = {
    "log_loss": "log loss",
    "brier": "Brier",
    "calibration_error": "calibration error",
    "macro_f1": "macro-F1 at 0.5",
}
CAPTION = (
    "{model}, test of sms_shift ({adverts:,} messages of the new source, spam 86.8 %), means over "
    "{splits} splits of the old source (spam 2.6 %) into train and validation; 95 % intervals over "
    "clusters of test. “to 0.868”: the prevalence carried over. Commands: "
    "experiments/0010-calibration-under-shift."
)
CHOSEN = "chosen"
CARRIED = f"{CHOSEN}, to {SHARE}"
PAIRS = [
    (f"none, to {SHARE}", "none"),
    (CARRIED, CHOSEN),
    (CARRIED, f"none, to {SHARE}"),
]


class MeanOverSplits:
    """A statistic: the four figures of one arm, averaged over the splits."""

    def __init__(self, judged: Judged, said: Sequence[np.ndarray]) -> None:
        self._losses = [CalibrationFigureSet(judged, one) for one in said]
        self._adverts = len(judged.labels)
        rows, task = judged.rows, judged.task
        self._decisions = [
            Decisions(
                predicted_labels(task, one)[rows], judged.labels[rows], task.num_labels, rows=rows
            )
            for one in said
        ]

    def __call__(self, weights_RN: np.ndarray) -> np.ndarray:
        found = [self._figures(i, weights_RN) for i in range(len(self._losses))]
        return np.mean(found, axis=0)

    def by_split(self) -> np.ndarray:
        """Return the figures of each split on the adverts as they are, ``(splits, figures)``."""
        once = np.ones((1, self._adverts), dtype=np.float32)
        return np.concatenate([self._figures(i, once) for i in range(len(self._losses))])

    def _figures(self, split: int, weights_RN: np.ndarray) -> np.ndarray:
        f1 = classes.macro_f1(*self._decisions[split].counts(weights_RN))
        return np.column_stack([self._losses[split](weights_RN), f1])


def maps(folder: Path, model: str, seed: str) -> dict[str, TaskCalibration]:
    """Fit every method on validation, as it is and carried over, and let the choice be made."""
    dataset = open_prepared(folder / f"prepared-{seed}")
    said = read_predictions(folder / f"{model}-{seed}" / "validation" / "predictions.parquet")
    targets = dataset.split("validation").targets
    task = said.tasks[0]
    judged = judge(task, targets[task.name])
    everything = np.ones(task.num_labels, dtype=bool)
    material = Material(judged, said.logits[task.name], everything)
    chosen = fit_calibration(said, targets, prevalence=None, seed=0).of(task.name)
    found = {method: replace(fit_map(method, material), shares=chosen.shares) for method in METHODS}
    found[CHOSEN] = chosen
    carried = {
        f"{name}, to {SHARE}": replace(one, operating_prevalence=SHARE)
        for name, one in found.items()
    }
    wrong = {
        f"{CHOSEN}, to {share}": replace(chosen, operating_prevalence=share)
        for share in WRONG_SHARES
    }
    return found | carried | wrong


def applied(model: str, folder: Path, seed: str, ids: list[str]) -> dict[str, np.ndarray]:
    """Return the probabilities of test by arm, ``(N, L)``, of the model of one split."""
    said = read_predictions(folder / f"{model}-{seed}" / "test" / "predictions.parquet")
    said, task = in_order(said, ids), said.tasks[0]
    found = maps(folder, model, seed)
    return {
        name: mapped_probabilities(task, said.logits[task.name], one) for name, one in found.items()
    }


def arm(name: str, points: np.ndarray, resampled: Resampled) -> dict[str, object]:
    """Return the figures of one arm by split, and the interval of their mean."""
    found = dict(zip(METRICS, estimates(resampled), strict=True))
    return {
        "name": name,
        "values": {key: points[:, i].tolist() for i, key in enumerate(METRICS)},
        "intervals": {key: [one.low, one.high] for key, one in found.items()},
    }


def gaps(first: str, second: str, found: dict[str, Resampled]) -> list[dict[str, object]]:
    """Return the paired differences ``first - second``."""
    lines: list[dict[str, object]] = []
    for i, key in enumerate(METRICS):
        gap = difference(found[first], found[second], i)
        line = {"difference": gap.value, "low": gap.low, "high": gap.high}
        lines.append({"name": f"({first}) − ({second})", "metric": key, **line})
    return lines


def main() -> None:
    """Write the record."""
    folder, model, seeds = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    table = open_prepared(folder / f"prepared-{seeds[0]}").split("test")
    by_seed = [applied(model, folder, seed, list(table.ids)) for seed in seeds]
    task = read_predictions(folder / f"{model}-{seeds[0]}" / "test" / "predictions.parquet").tasks[
        0
    ]
    judged = judge(task, table.targets[task.name])
    sets = {name: MeanOverSplits(judged, [one[name] for one in by_seed]) for name in by_seed[0]}
    done = resample(list(sets.values()), table.clusters, resamples=RESAMPLES, seed=0)
    found = dict(zip(sets, done, strict=True))
    record = {
        "metrics": METRICS,
        "arms": [arm(name, one.by_split(), found[name]) for name, one in sets.items()],
        "comparisons": [line for pair in PAIRS for line in gaps(*pair, found)],
        "caption": CAPTION.format(model=model, adverts=len(judged.rows), splits=len(seeds)),
        "fitted": {seed: fitted(folder, model, seed) for seed in seeds},
        "commit": _commit(read_run(folder / f"{model}-{seeds[0]}").provenance),
        "data_hashes": [open_prepared(folder / f"prepared-{seed}").data_hash for seed in seeds],
        "resamples": RESAMPLES,
        "machine": f"{platform.machine()}, 2 cores",
    }
    part = "results" if model == "tfidf" else model
    path = Path(__file__).parent / f"{part}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def fitted(folder: Path, model: str, seed: str) -> dict[str, object]:
    """Return what validation chose in one split, from which losses and shares."""
    chosen = maps(folder, model, seed)[CHOSEN]
    return {"method": chosen.method, "losses": chosen.losses, "shares": chosen.shares}


if __name__ == "__main__":
    main()
