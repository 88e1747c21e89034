"""The restricted page of the worst errors: which they are, and how the page shows them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats, Targets
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.report.pages import FOLDER, render_html
from adverts.evaluation.truth import NOT_JUDGED, predicted_labels, true_labels

Kind = Literal["false alarm", "miss", "mistaken"]
MOST = 20
"""Errors of one kind that are shown at the most."""


@dataclass(frozen=True, slots=True)
class MarkedWord:
    """A part of a text.

    Attributes:
        text: With the space around it: parts joined are the text again.
        change: By how much it raises the log-odds of the label, nats; None where not measured.
    """

    text: str
    change: float | None = None


def words_of(parts: Sequence[str], whole: float, without: Floats) -> tuple[MarkedWord, ...]:
    """Return each part with its change.

    Args:
        parts: Of the text.
        whole: Log-odds with all of them.
        without: ``(parts,)`` log-odds with each left out.
    """
    return tuple(
        MarkedWord(part, float(whole - left)) for part, left in zip(parts, without, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Wrong:
    """A judged advert that the model gets wrong.

    Attributes:
        row: Its row in the predictions.
        kind: ``false alarm``: flagged, and not positive; ``miss``: the other way round;
            ``mistaken``: of a task without a positive label, taken for another one.
        truth: Its true label.
        label: The label that ``probability`` is of: the positive one, else the one decided for.
        probability: As the model states it.
    """

    row: int
    kind: Kind
    truth: str
    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class ShownError:
    """One error as a person may see it.

    Attributes:
        wrong: What is wrong.
        id: Of the advert.
        language: Of the advert; empty where nobody knows.
        cluster: Its cluster, of which it is the worst.
        text: Its text, contacts masked, in parts.
        picture_text: What was read on its pictures, likewise.
        pictures: Blurred JPEG files.
        boxes: Are the lines of text marked in every picture?
    """

    wrong: Wrong
    id: str
    language: str
    cluster: str
    text: tuple[MarkedWord, ...]
    picture_text: tuple[MarkedWord, ...]
    pictures: tuple[bytes, ...]
    boxes: bool


def worst_errors(
    predictions: Predictions, targets: Targets, task: Task, *, threshold: float | None
) -> tuple[Wrong, ...]:
    """Return the errors that the model is surest of, one for each cluster and kind.

    Args:
        predictions: Calibrated, of the judged adverts.
        targets: By task ``(N, L)``, rows in the order of the predictions; NaN where not judged.
        task: The headline task. A ``multi`` task has no one right answer, and gives none.
        threshold: Probability from which its positive label is said; None: where it is likeliest.

    Returns:
        At most ``MOST`` of each kind, the surest first.
    """
    if task.kind == "multi" or task.name not in targets:
        return ()
    truth = true_labels(task, targets[task.name])
    said = predictions.probabilities[task.name]
    judged = (truth != NOT_JUDGED) & predictions.reviewed
    decided = predicted_labels(task, said)
    positive = task.positive_index
    if task.kind == "ordinal" or positive is None:
        rows = np.flatnonzero(judged & (decided != truth))
        sure = said[rows, decided[rows]] - said[rows, truth[rows]]
        kinds = [_surest("mistaken", rows, sure, predictions.clusters)]
    else:
        score = said[:, positive]
        flagged = decided == positive if threshold is None else score >= threshold
        alarms = np.flatnonzero(judged & flagged & (truth != positive))
        misses = np.flatnonzero(judged & ~flagged & (truth == positive))
        kinds = [
            _surest("false alarm", alarms, score[alarms], predictions.clusters),
            _surest("miss", misses, -score[misses], predictions.clusters),
        ]
        decided = np.full_like(decided, positive)
    return tuple(
        Wrong(
            row,
            kind,
            task.labels[truth[row]],
            task.labels[decided[row]],
            float(said[row, decided[row]]),
        )
        for found in kinds
        for kind, row in found
    )


def errors_page(
    errors: Sequence[ShownError], *, model: str, task: Task, notes: Sequence[str]
) -> str:
    """Return the page, which needs nothing else: no script, no font, no network.

    Args:
        errors: In the order of the page.
        model: Its name.
        task: The headline task.
        notes: What could not be shown, and why.
    """
    kinds: dict[str, list[ShownError]] = {}
    for one in errors:
        kinds.setdefault(one.wrong.kind, []).append(one)
    values = {
        "kinds": kinds,
        "model": model,
        "task": task,
        "notes": notes,
        "as_url": _as_url,
        "strongest": _strongest,
        "shade_of": _shade_of,
        "spaced": _spaced,
    }
    return render_html("errors.html.j2", values, folders=[FOLDER])


def _surest(
    kind: Kind, rows: NDArray[np.int64], sure: NDArray[np.float64], clusters: Sequence[str]
) -> list[tuple[Kind, int]]:
    found: dict[str, int] = {}
    for at in np.argsort(-sure, kind="stable").tolist():
        found.setdefault(clusters[rows[at]], int(rows[at]))
    return [(kind, row) for row in list(found.values())[:MOST]]


def _as_url(picture: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"


def _strongest(words: Sequence[MarkedWord], sign: int, most: int = 5) -> list[MarkedWord]:
    """Return the parts that push most in one direction, the strongest first."""
    pushing = [one for one in words if one.change is not None and sign * one.change > 0.005]
    return sorted(pushing, key=lambda one: -sign * (one.change or 0.0))[:most]


def _shade_of(word: MarkedWord, words: Sequence[MarkedWord]) -> float:
    """Return how strongly a part pushes, against the strongest of the same advert, in [0, 1]."""
    largest = max((abs(one.change or 0.0) for one in words), default=0.0)
    return round(abs(word.change or 0.0) / largest, 2) if largest > 0.005 else 0.0


def _spaced(text: str) -> tuple[str, str, str]:
    """Return the space before a part, the part, and the space after it."""
    core = text.strip()
    before, _, after = text.partition(core) if core else (text, "", "")
    return before, core, after
