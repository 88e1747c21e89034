"""Select the worst errors of a model, and render the restricted page that shows them."""

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
from adverts.evaluation.report.filtered_list import facets_of, own_script
from adverts.evaluation.report.pages import render_html
from adverts.evaluation.report.templating import FOLDER
from adverts.evaluation.truth import NOT_JUDGED, predicted_labels, true_labels

Kind = Literal["false alarm", "miss", "mistaken"]
MOST = 500
"""Largest number of errors of one kind that are shown."""
FACETS = {
    "kind": "Kind of error",
    "truth": "In truth",
    "answer": "Taken for",
    "language": "Language",
    "platform": "Platform",
}
"""What errors are filtered by, with the words of the page."""


@dataclass(frozen=True, slots=True)
class MarkedWord:
    """A part of a text, with its effect on the answer of the model.

    Attributes:
        text: The part with the space around it: the parts joined are the text again.
        change: By how much the part raises the log-odds of the label, in nats; None if unknown.
    """

    text: str
    change: float | None = None


def words_of(parts: Sequence[str], whole: float, without: Floats) -> tuple[MarkedWord, ...]:
    """Return each part of a text with its effect on the log-odds.

    Args:
        parts: Parts of the text.
        whole: Log-odds of the whole text.
        without: ``(parts,)`` log-odds with each part left out.
    """
    return tuple(
        MarkedWord(part, float(whole - left)) for part, left in zip(parts, without, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Wrong:
    """A judged advert that the model gets wrong.

    Attributes:
        row: Its row in the predictions.
        kind: ``false alarm``: flagged and not positive; ``miss``: positive and not flagged;
            ``mistaken``: given another label, in a task without a positive label.
        truth: The true label of the advert.
        label: The label that ``probability`` is for: the positive one, otherwise the decided one.
        probability: Probability of ``label`` that the model states.
    """

    row: int
    kind: Kind
    truth: str
    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class ShownError:
    """One error with the content that a person may see.

    Attributes:
        wrong: The error.
        id: Id of the advert.
        language: Language of the advert; empty if unknown.
        cluster: Cluster of the advert, which is the worst error in it.
        text: Text of the advert, contacts masked, in parts.
        picture_text: Text that was read on its pictures, contacts masked, in parts.
        pictures: Blurred pictures as JPEG files.
        boxes: Whether the lines of text are marked in every picture.
        platform: Platform of the advert; empty if unknown.
    """

    wrong: Wrong
    id: str
    language: str
    cluster: str
    text: tuple[MarkedWord, ...]
    picture_text: tuple[MarkedWord, ...]
    pictures: tuple[bytes, ...]
    boxes: bool
    platform: str = ""


def worst_errors(
    predictions: Predictions, targets: Targets, task: Task, *, threshold: float | None
) -> tuple[Wrong, ...]:
    """Return the errors that the model is surest of, one for each cluster and kind.

    Args:
        predictions: Calibrated predictions on the judged adverts.
        targets: Truth by task, ``(N, L)``, rows as in the predictions; NaN where not judged.
        task: The headline task. A ``multi`` task has no single right answer, so gives no errors.
        threshold: Probability from which an advert is flagged as positive; None: flagged if the
            positive label is the likeliest.

    Returns:
        At most ``MOST`` errors of each kind, the surest first.
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
    """Return one self-contained HTML page of errors: no font, no network, one script that filters.

    Without scripts all errors are shown.

    Args:
        errors: Errors in the order of the page.
        model: Name of the model.
        task: The headline task.
        notes: Notes on what could not be shown, and why.
    """
    kinds: dict[str, list[ShownError]] = {}
    for one in errors:
        kinds.setdefault(one.wrong.kind, []).append(one)
    values = {
        "script": own_script(),
        "kinds": kinds,
        "count": len(errors),
        "facets": FACETS,
        "facets_of": _facets_of,
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


def _facets_of(error: ShownError) -> str:
    wrong = error.wrong
    return facets_of(
        kind=[wrong.kind],
        truth=[wrong.truth],
        answer=[wrong.label] if wrong.kind == "mistaken" else [],
        language=[error.language],
        platform=[error.platform],
    )


def _as_url(picture: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"


def _strongest(words: Sequence[MarkedWord], sign: int, most: int = 5) -> list[MarkedWord]:
    """Return the parts with the largest effect in one direction, the strongest first."""
    pushing = [one for one in words if one.change is not None and sign * one.change > 0.005]
    return sorted(pushing, key=lambda one: -sign * (one.change or 0.0))[:most]


def _shade_of(word: MarkedWord, words: Sequence[MarkedWord]) -> float:
    """Return the effect of a part relative to the strongest of the same advert, in [0, 1]."""
    largest = max((abs(one.change or 0.0) for one in words), default=0.0)
    return round(abs(word.change or 0.0) / largest, 2) if largest > 0.005 else 0.0


def _spaced(text: str) -> tuple[str, str, str]:
    """Return the space before a part, the part, and the space after it."""
    core = text.strip()
    before, _, after = text.partition(core) if core else (text, "", "")
    return before, core, after
