"""Compute the predictions of a candidate on adverts, and bring them into the form that is judged.

Shape suffixes: ``N`` adverts, ``K`` logits and ``L`` labels of a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from adverts.advert import Task
from adverts.arrays import Bools, Floats, Ints
from adverts.candidates.answers import answers_of, stored_answers
from adverts.candidates.candidate import Candidate
from adverts.candidates.checkpoint_logits import (
    Logits,
    ModelLogits,
    checkpoint_logits,
    empty_logits,
)
from adverts.candidates.other_training import seen_elsewhere
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset
from adverts.data.dataset.seen_adverts import Seen
from adverts.data.preparing.picture_texts import read_pages
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.figures.slices import reading_band
from adverts.evaluation.predictions.model_facts import DatasetName
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.predictions.stored_model import StoredModel
from adverts.inputs.letters.language import identify
from adverts.inputs.pixels import CHECKED
from adverts.ocr.cache import OcrCache
from adverts.ocr.processes.workers import EncodedImage, Workers
from adverts.ocr.protocol import Reader
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.responses import ItemError
from adverts.runtime.predict.score_adverts import Scores
from adverts.runtime.rules.calibration import Calibration
from adverts.runtime.rules.languages import Language
from adverts.runtime.rules.probabilities import calibrated_probabilities, probabilities
from adverts.training.runs.kept_logits import VALIDATION
from adverts.work.progress import bar, counter

_WINDOW = 512
_SAMPLE = 32  # kept logits that are computed again
_SAME = 1e-4
"""Logits that differ by no more are the same in float32, for any shape of batch."""


def predict(
    candidate: Candidate,
    dataset: PreparedDataset,
    table: AdvertTable,
    *,
    title: str,
    known: ModelLogits | None = None,
) -> Predictions:
    """Return the predictions of a candidate on every advert of a table, and which it answers.

    The dataset decides which adverts these are and which may be judged, also for stored
    predictions: a file cannot exclude adverts from the judgement.

    Args:
        candidate: The model.
        dataset: The dataset of the table.
        table: Adverts of one split, or of all.
        title: Title of the progress bar.
        known: Logits of the same adverts, which are not computed again; None: not known.

    Raises:
        InputError: An advert cannot be read or has no stored prediction, or a probability is no
            number.
    """
    found = seen_by(candidate, dataset, table)
    if candidate.stored is not None:
        said = candidate.stored.of(table.ids, data_hash=dataset.data_hash)
        return replace(
            said,
            clusters=table.clusters,
            langs=table.langs,
            scripts=table.scripts,
            modalities=table.modalities(),
            splits=table.splits,
            reviewed=table.reviewed,
            seen=found.seen,
            seen_known=found.known,
            answers=stored_answers(candidate, table, said),
        )
    scored = known or candidate_logits(candidate, table, title=title)
    tasks = candidate.facts.schema.tasks
    return Predictions(
        tasks=tasks,
        ids=table.ids,
        clusters=table.clusters,
        langs=table.langs,
        identified_langs=_identified(table),
        scripts=table.scripts,
        modalities=table.modalities(),
        readings=[reading_band(quality) for quality in table.ocr_qualities],
        platforms=[_text(value) for value in table.values("platform")],
        weeks=[_text(value) for value in table.values("posted_week")],
        characters=[len(text) for text in _whole_texts(table)],
        splits=table.splits,
        reviewed=table.reviewed,
        seen=found.seen,
        seen_known=found.known,
        logits=_in_double(scored.logits),
        probabilities={task.name: probabilities(task, scored.logits[task.name]) for task in tasks},
        branches={name: _in_double(logits) for name, logits in scored.branches.items()},
        model=candidate.facts.name,
        data_hash=dataset.data_hash,
        made_by=candidate.facts,
        answers=answers_of(candidate, table),
    )


def _in_double(logits: Logits) -> dict[str, Floats]:
    return {name: values_NK.astype(np.float64) for name, values_NK in logits.items()}


def as_judged(predictions: Predictions, calibration: Calibration | None) -> Predictions:
    """Return the predictions as they are judged: calibrated, and never flagged where unreadable.

    Leaving adverts out that a model cannot read would reward it for that. Adverts that a bundle
    abstains from keep their predictions, so that abstaining hides neither a false alarm nor a miss.
    Logits do not change, and a task without logits keeps its probabilities.

    Of an unreadable advert, the positive label of a ``single`` task, and every signal of a
    ``multi`` task, gets the probability 0; an ``ordinal`` advert gets the lowest level. In a
    ``single`` task without a positive label every label gets 0, so the advert comes last for each.

    Args:
        predictions: Predictions of one model.
        calibration: Calibration of the model; None where it has none.
    """
    if calibration is None and not predictions.unreadable.any():
        return predictions
    said = dict(predictions.probabilities)
    for task in predictions.tasks:
        if calibration is not None and task.name in predictions.logits:
            logits = predictions.logits[task.name]
            said[task.name] = calibrated_probabilities(task, logits, calibration)
        said[task.name] = _silenced(task, said[task.name], predictions.unreadable)
    return replace(predictions, probabilities=said)


def _silenced(task: Task, probabilities_NL: Floats, rows: Bools) -> Floats:
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


def candidate_logits(candidate: Candidate, table: AdvertTable, *, title: str) -> ModelLogits:
    """Return the logits of every advert, ``(N, K)`` by task, of a model that can be asked anew.

    Raises:
        InputError: A bundle cannot read one of the adverts.
    """
    model = candidate.model
    assert not isinstance(model, StoredModel), "predictions cannot be asked for other adverts"
    if isinstance(model, Classifier):
        return _bundle_logits(model, table, title=title)
    return checkpoint_logits(model, table, threads=candidate.threads, title=title)


def validation_logits(candidate: Candidate, table: AdvertTable, *, title: str) -> ModelLogits:
    """Return what :func:`candidate_logits` does for validation adverts of a model's own dataset.

    Those that its training kept are not computed again, except a sample that is spread over them.
    If the sample differs by more than :data:`_SAME`, as after a training on another device, every
    advert is computed.

    Raises:
        IntegrityError: What training kept is damaged.
    """
    model = candidate.model
    kept = None if isinstance(model, Classifier | StoredModel) else model.kept(VALIDATION)
    if kept is None or isinstance(model, Classifier | StoredModel):
        return candidate_logits(candidate, table, title=title)
    place_of = {row: place for place, row in enumerate(kept.rows.tolist())}
    places = np.array([place_of.get(row, -1) for row in table.rows.tolist()], np.int64)
    known, lacking = np.flatnonzero(places >= 0), np.flatnonzero(places < 0)
    found = empty_logits(model.record, len(table))
    try:
        _fill(found, known, ModelLogits(kept.mean, kept.branches), places[known])
    except (KeyError, ValueError) as error:
        raise IntegrityError(
            f"{model.folder / VALIDATION} is of another model; train again"
        ) from error
    sample = known[np.linspace(0, len(known) - 1, min(_SAMPLE, len(known))).astype(int)]
    again = np.concatenate([lacking, sample])
    computed = candidate_logits(candidate, table.select(again), title=title)
    if _largest_gap(found, sample, computed, np.arange(len(lacking), len(again))) > _SAME:
        return candidate_logits(candidate, table, title=title)
    _fill(found, lacking, computed, np.arange(len(lacking)))
    return found


def _each(logits: ModelLogits) -> Iterator[Logits]:
    yield logits.logits
    yield from (logits.branches[name] for name in sorted(logits.branches))


def _fill(into: ModelLogits, rows: Ints, found: ModelLogits, places: Ints) -> None:
    for kept, given in zip(_each(into), _each(found), strict=True):
        for name, values_NK in kept.items():
            values_NK[rows] = given[name][places]


def _largest_gap(first: ModelLogits, rows: Ints, second: ModelLogits, places: Ints) -> float:
    """Return the largest difference of a logit of the same adverts; infinity for no number."""
    gaps = [
        np.abs(ours[name][rows] - theirs[name][places]).max(initial=0.0)
        for ours, theirs in zip(_each(first), _each(second), strict=True)
        for name in ours
    ]
    return float(np.nan_to_num(max(gaps), nan=np.inf))


def _bundle_logits(classifier: Classifier, table: AdvertTable, *, title: str) -> ModelLogits:
    """Return the logits of a bundle on every advert.

    Raises:
        InputError: The bundle cannot read one of the adverts.
    """
    found = empty_logits(classifier.manifest, len(table))
    with counter(title, "adverts", len(table)) as shown:
        for rows in _windows(table, _WINDOW):
            scores = classifier.score([table.advert(row) for row in rows])
            _refuse_unread(table, rows, scores.errors)
            for name, values in scores.logits.items():
                found.logits[name][rows] = values
            for branch, logits in scores.branches.items():
                for name, values in logits.items():
                    found.branches[branch][name][rows] = values
            if classifier.may_leave_early:
                _as_served(classifier, table, rows, scores, found)
            shown.update(len(rows))
    return found


def _as_served(
    classifier: Classifier, table: AdvertTable, rows: list[int], scores: Scores, found: ModelLogits
) -> None:
    """Replace the logits of adverts that leave early in service by those of their n-grams."""
    for place, row in enumerate(rows):
        ngrams = {
            name: values[place : place + 1] for name, values in scores.branches["ngrams"].items()
        }
        language = Language(table.langs[row], table.scripts[row], identified=False)
        advert, masked = scores.adverts[place], scores.masked[place]
        if classifier.leaves_early(advert, masked, language, ngrams):
            for name, values_1K in ngrams.items():
                found.logits[name][row] = values_1K[0]


def _windows(table: AdvertTable, size: int) -> Iterator[list[int]]:
    """Yield ``size`` rows at a time, of adverts with about the same length of text."""
    lengths = [
        len(text) + len(read or "") for text, read in zip(table.texts, table.ocr_texts, strict=True)
    ]
    rows = sorted(range(len(table)), key=lengths.__getitem__)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _refuse_unread(table: AdvertTable, rows: list[int], errors: Iterable[ItemError | None]) -> None:
    unread = [(row, error) for row, error in zip(rows, errors, strict=True) if error]
    if unread:
        row, error = unread[0]
        raise InputError(
            f"the bundle cannot read {len(unread)} of {len(rows)} adverts; the first is "
            f"{table.ids[row]}: {error.message}; prepare the dataset again"
        )


def seen_by(candidate: Candidate, dataset: PreparedDataset, table: AdvertTable) -> Seen:
    """Return which adverts share a family with adverts that trained or chose the candidate.

    Of another dataset than this one, only identical adverts are known, and these only where it is
    found. An encoder that learnt in another run may have learnt from another dataset.
    """
    facts, place = candidate.facts, candidate.place

    def known(learnt: DatasetName, who: str) -> Seen:
        if learnt.data_hash == dataset.data_hash:
            return dataset.seen.of(table.ids)
        return seen_elsewhere(learnt, dataset, table, place=place, who=who)

    seen = known(facts.trained_on, "the model")
    for learnt in facts.encoder_learnt:
        seen = seen.and_by(known(learnt, "its encoder"))
    return seen


def _whole_texts(table: AdvertTable) -> list[str]:
    """Return the text of each advert, of its post and of its pictures."""
    return [
        "\n".join(filter(None, (text, read)))
        for text, read in zip(table.texts, table.ocr_texts, strict=True)
    ]


def _identified(table: AdvertTable) -> list[str | None]:
    return [found.lang for found in identify(_whole_texts(table))]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def unread_pictures(candidate: Candidate, table: AdvertTable) -> list[int]:
    """Return the rows whose pictures have no text yet, if the candidate reads picture text."""
    if "ocr" not in candidate.facts.inputs:
        return []
    return [i for i, text in enumerate(table.ocr_texts) if text is None and table.has_image[i]]


def read_pictures(
    table: AdvertTable, rows: Sequence[int], *, reader: Reader, cache: OcrCache, workers: Workers
) -> list[int]:
    """Read the pictures of some rows into the table, contacts masked; each picture once.

    Returns:
        Rows with a picture that could not be read; a row without a readable picture is unchanged.
    """
    pictures = [
        [EncodedImage(partial(_image, table, row, k)) for k, _ in enumerate(table.images(row))]
        for row in rows
    ]
    pages, reasons = read_pages(
        pictures,
        reader=reader,
        cache=cache,
        limits=CHECKED,
        workers=workers,
        token_key=None,
        progress=bar,
        title="read pictures",
    )
    for row, page in zip(rows, pages, strict=True):
        if page is not None:
            table.ocr_texts[row], table.ocr_qualities[row] = page.text, page.quality
    return [row for row, reason in zip(rows, reasons, strict=True) if reason is not None]


def _image(table: AdvertTable, row: int, k: int) -> bytes:
    return table.images(row)[k]
