"""Predictions as a DataFrame: what a model says of each advert, and what people said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adverts.advert import Task
from adverts.arrays import Targets
from adverts.errors import InputError
from adverts.evaluation.predictions.prediction_file import FILE_NAME, Predictions, read_predictions
from adverts.evaluation.predictions.stored_model import read_rules
from adverts.evaluation.truth import predicted_labels, true_labels, true_signals
from adverts.judging.changed_adverts import Decided

if TYPE_CHECKING:
    import pandas as pd

    from adverts.data.dataset.prepared import PreparedDataset


def prediction_frame(folder: Path, prepared: Path | None) -> pd.DataFrame:
    """Return one row for each advert of an evaluation, without any text.

    Args:
        folder: Folder of the evaluation.
        prepared: Dataset of the adverts, from which labels are read; None: no labels.

    Raises:
        InputError: There are no predictions, or the dataset is another one.
        IntegrityError: A file differs from what was written.
    """
    import pandas as pd

    said = read_predictions(folder / FILE_NAME)
    columns: dict[str, object] = {
        "id": said.ids,
        "split": said.splits,
        "lang": said.langs,
        "answer": said.answers,
    }
    for task in said.tasks:
        for number, label in enumerate(task.labels):
            columns[f"probability.{task.name}.{label}"] = said.probabilities[task.name][:, number]
        if task.kind != "multi":
            chosen = predicted_labels(task, said.probabilities[task.name])
            columns[f"predicted.{task.name}"] = [task.labels[one] for one in chosen]
    columns |= _bands(folder, said)
    if prepared is not None:
        columns |= _labels(said, _opened(prepared, said))
    return pd.DataFrame(columns)


def _bands(folder: Path, said: Predictions) -> dict[str, object]:
    if said.made_by is None:
        return {}
    decided = Decided(said, read_rules(folder), said.made_by.schema)
    return {
        "review_band": [None if one is None else one.review_band for one in decided.routed],
        "reason": [None if one is None else one.reason for one in decided.routed],
    }


def _opened(prepared: Path, said: Predictions) -> PreparedDataset:
    from adverts.data.dataset.prepared import open_prepared

    dataset = open_prepared(prepared)
    if dataset.data_hash != said.data_hash:
        raise InputError(
            f"{prepared} has data_hash {dataset.data_hash[:12]}, but the predictions are of "
            f"{said.data_hash[:12]}; name the dataset that was judged"
        )
    return dataset


def _labels(said: Predictions, dataset: PreparedDataset) -> dict[str, object]:
    table = dataset.split("all")
    row_of = {name: row for row, name in enumerate(table.ids)}
    rows = np.array([row_of[one] for one in said.ids], dtype=np.int64)
    columns: dict[str, object] = {}
    for task in dataset.schema.tasks:
        columns |= _labels_of(task, {task.name: table.targets[task.name][rows]})
    return columns


def _labels_of(task: Task, targets: Targets) -> dict[str, object]:
    found = targets[task.name]
    if task.kind != "multi":
        labels = true_labels(task, found)
        return {f"label.{task.name}": [None if one < 0 else task.labels[one] for one in labels]}
    signals = true_signals(found)
    return {
        f"label.{task.name}.{label}": [None if one < 0 else bool(one) for one in signals[:, place]]
        for place, label in enumerate(task.labels)
    }
