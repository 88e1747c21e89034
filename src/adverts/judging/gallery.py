"""The restricted gallery of errors, which shows the text of adverts and must not be shared."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from adverts.advert import Task
from adverts.arrays import Floats, Targets
from adverts.candidates.predict import candidate_logits
from adverts.data.dataset.advert_table import AdvertTable
from adverts.errors import InputError
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.report.blurred import Box, blurred_jpeg
from adverts.evaluation.report.errors_page import (
    MOST,
    MarkedWord,
    ShownError,
    Wrong,
    errors_page,
    words_of,
    worst_errors,
)
from adverts.evaluation.truth import unjudged_where
from adverts.files.staging import open_private
from adverts.inputs.contacts.masking import mask_contacts
from adverts.judging.judge import EvaluationJob, ReadNow
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.ocr.protocol import OcrResult
from adverts.runtime.predict.attributions import log_odds, parts_of, without_each
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.probabilities import probabilities

FOLDER, PAGE = "restricted", "errors.html"
_PARTS = 32  # of one text that are left out in turn
_PICTURES = 2
_EXPLAINED = 20  # errors of one kind in which words are marked: each asks the model many times
_NO = ("", "0", "false")


def refuse_in_ci(report: str, environment: Mapping[str, str]) -> None:
    """Refuse a restricted report in CI, whose files are kept and passed on.

    Raises:
        InputError: ``report`` is restricted and the variable CI is set.
    """
    value = environment.get("CI", "")
    if report == "restricted" and value.lower() not in _NO:
        raise InputError(
            f"report=restricted writes a page that shows adverts, and CI={value} says that this is "
            "CI, whose files are passed on; leave it out, or run it on your own machine"
        )


def write_gallery(
    folder: Path,
    job: EvaluationJob,
    predictions: Predictions,
    targets: Targets,
    rules: DecisionRules | None,
    *,
    read_now: ReadNow,
) -> Path:
    """Write ``restricted/errors.html``, readable by its owner alone, and return its path.

    Args:
        folder: Folder of the report.
        job: The evaluation.
        predictions: Calibrated predictions of the candidate.
        targets: Truth by task, in the order of the candidate's labels; NaN where not judged.
        rules: Rules of the candidate; None where it has none.
        read_now: Pictures that were read for this evaluation.

    Raises:
        InputError: The program runs in CI.
    """
    refuse_in_ci("restricted", os.environ)
    schema = job.candidate.facts.schema
    task = schema.task(schema.headline)
    read = unjudged_where(predictions.unreadable, targets)  # of the others there is nothing to show
    wrong = worst_errors(predictions, read, task, threshold=_threshold(task, rules))
    readers = [key for key in (job.dataset.manifest.made.ocr_key, read_now.ocr_key) if key]
    platforms = job.table.values("platform")
    shown = [_shown(job, one, readers, platform=platforms[one.row]) for one in wrong]
    notes = _notes(job, task, shown)
    if job.candidate.facts.kind != "predictions":
        explained = {one.wrong: one for one in _explained(job, task, _surest(shown))}
        shown = [explained.get(one.wrong, one) for one in shown]
    page = errors_page(shown, model=job.candidate.facts.name, task=task, notes=notes)
    place = folder / FOLDER
    place.mkdir(mode=0o700)
    with open_private(place / PAGE) as file:
        file.write(page.encode())
    return place / PAGE


def _threshold(task: Task, rules: DecisionRules | None) -> float | None:
    """Return the frozen threshold of the positive label: for precision, otherwise for recall."""
    if rules is None or task.positive_index is None:
        return None
    label = task.labels[task.positive_index]
    found = rules.thresholds.first_shipped(task.name, label, ("precision", "recall"))
    return found.value if found else None


def _surest(shown: Sequence[ShownError]) -> list[ShownError]:
    """Return the first errors of each kind, which are those that the model is surest of."""
    number = Counter[str]()
    found = []
    for one in shown:
        number[one.wrong.kind] += 1
        if number[one.wrong.kind] <= _EXPLAINED:
            found.append(one)
    return found


def _notes(job: EvaluationJob, task: Task, shown: Sequence[ShownError]) -> list[str]:
    notes = []
    if task.kind == "multi":
        notes.append(f"Task {task.name} asks many questions at once; its errors are not listed.")
    if any(one.pictures and not one.boxes for one in shown):
        notes.append(
            "Some pictures are shown without their lines of text: the folder of ocr.cache does "
            "not hold the text that was read in them."
        )
    if job.candidate.facts.kind == "predictions":
        notes.append("No word is marked: that takes the model, not its stored predictions.")
    elif len(_surest(shown)) < len(shown):
        notes.append(f"Words are marked in the {_EXPLAINED} surest errors of each kind.")
    if MOST in Counter(one.wrong.kind for one in shown).values():
        notes.append(f"No more than the {MOST} surest errors of each kind are listed.")
    return notes


def _shown(
    job: EvaluationJob, wrong: Wrong, readers: Sequence[str], *, platform: object
) -> ShownError:
    table, row = job.table, wrong.row
    images = table.images(row)[:_PICTURES]
    read = [_reading(job, data, readers) for data in images]
    return ShownError(
        wrong=wrong,
        id=table.ids[row],
        language=table.langs[row] or "",
        cluster=table.clusters[row],
        text=_words(table.texts[row]),
        picture_text=_words(table.ocr_texts[row] or ""),
        pictures=_pictures(images, read),
        boxes=all(one is not None for one in read),
        platform=str(platform or ""),
    )


def _words(text: str) -> tuple[MarkedWord, ...]:
    return (MarkedWord(text),) if text.strip() else ()


def _pictures(images: Sequence[bytes], read: Sequence[OcrResult | None]) -> tuple[bytes, ...]:
    """Return blurred pictures; one that cannot be decoded is left out."""
    found = []
    for data, result in zip(images, read, strict=True):
        try:
            found.append(blurred_jpeg(data, _boxes(result)))
        except InputError:
            continue
    return tuple(found)


def _reading(job: EvaluationJob, image: bytes, readers: Sequence[str]) -> OcrResult | None:
    """Return what one of the readers read on a picture; None if the cache does not hold it."""
    cache, name = OcrCache(job.config.ocr.cache), sha256_of(image)
    kept = (cache.stored(name, key) for key in readers)
    return next((result for result in kept if result is not None), None)


def _boxes(result: OcrResult | None) -> list[Box]:
    if result is None:
        return []
    size = (max(result.width, 1), max(result.height, 1))
    return [
        Box(
            corners=tuple((x / size[0], y / size[1]) for x, y in line.box),
            covered=mask_contacts(line.text) != line.text,
        )
        for line in result.lines
        if len(line.box) > 2
    ]


def _explained(job: EvaluationJob, task: Task, shown: Sequence[ShownError]) -> list[ShownError]:
    """Score the candidate again with each part of the text left out, all errors in one pass."""
    inputs = job.candidate.facts.inputs
    divided = [
        (
            parts_of(job.table.texts[one.wrong.row], _PARTS) if "text" in inputs else [],
            parts_of(job.table.ocr_texts[one.wrong.row] or "", _PARTS) if "ocr" in inputs else [],
        )
        for one in shown
    ]
    variants = _variants(job.table, [one.wrong.row for one in shown], divided)
    if not len(variants):
        return list(shown)
    logits = candidate_logits(job.candidate, variants, title="leave out words").logits[task.name]
    said = log_odds(probabilities(task, logits))
    found, start = [], 0
    for one, (text, read) in zip(shown, divided, strict=True):
        stop = start + 1 + len(text) + len(read)
        column = said[start:stop, task.labels.index(one.wrong.label)]
        found.append(_with_words(one, text, read, column))
        start = stop
    return found


def _with_words(
    one: ShownError, text: Sequence[str], read: Sequence[str], column: Floats
) -> ShownError:
    whole, rest = float(column[0]), column[1:]
    return replace(
        one,
        text=words_of(text, whole, rest[: len(text)]) if text else one.text,
        picture_text=words_of(read, whole, rest[len(text) :]) if read else one.picture_text,
    )


def _variants(
    table: AdvertTable, rows: Sequence[int], divided: Sequence[tuple[Sequence[str], Sequence[str]]]
) -> AdvertTable:
    """Return each advert, then without each part of its text, then of its picture text."""
    origins, texts, readings = [], [], []
    for row, (text, read) in zip(rows, divided, strict=True):
        whole, whole_read = table.texts[row], table.ocr_texts[row]
        variants = [
            (whole, whole_read),
            *((left, whole_read) for left in without_each(text)),
            *((whole, left) for left in without_each(read)),
        ]
        origins += [row] * len(variants)
        texts += [left for left, _ in variants]
        readings += [left for _, left in variants]
    found = table.select(origins).with_texts(texts)
    found.ocr_texts = readings
    return found
