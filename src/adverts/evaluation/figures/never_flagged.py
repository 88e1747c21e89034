"""An advert that a model cannot read is one that it never flags: last in the queue, no signal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.evaluation.predictions.prediction_file import Predictions

Floats = NDArray[np.float64]


def never_flagged(predictions: Predictions) -> Predictions:
    """Return the predictions with those of unreadable adverts replaced by "not flagged".

    Leaving such adverts out would let a model win by what it cannot read. Logits stay as they are:
    call this again after a calibration. Adverts that a bundle abstains from keep what the model
    says of them, so that abstaining hides neither a false alarm nor a miss.

    The positive label of a ``single`` task, and every signal of a ``multi`` task, has the
    probability 0; an ``ordinal`` advert is of the lowest level. A ``single`` task without a
    positive label has 0 for every label: last in the order of each.
    """
    rows = predictions.unreadable
    if not rows.any():
        return predictions
    said = {
        task.name: _silenced(task, predictions.probabilities[task.name], rows)
        for task in predictions.tasks
    }
    return replace(predictions, probabilities={**predictions.probabilities, **said})


def _silenced(task: Task, probabilities_NL: Floats, rows: NDArray[np.bool_]) -> Floats:
    said = np.array(probabilities_NL)
    said[rows] = 0.0
    positive = task.positive_index
    if task.kind == "ordinal":
        said[rows, 0] = 1.0
    elif task.kind == "single" and positive is not None:
        others = [place for place in range(task.num_labels) if place != positive]
        for place in others:
            said[rows, place] = 1.0 / len(others)
    return said
