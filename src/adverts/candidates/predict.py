"""Compute the predictions of a candidate on adverts, and which adverts it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from adverts.arrays import Bools
from adverts.candidates.candidate import Candidate
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset
from adverts.data.dataset.seen_adverts import Seen, nothing_known
from adverts.data.preparing.picture_texts import read_pages
from adverts.evaluation.figures.slices import reading_band
from adverts.evaluation.predictions.prediction_file import Answer, Predictions
from adverts.inputs.letters.language import identify
from adverts.inputs.pixels import CHECKED
from adverts.ocr.cache import OcrCache
from adverts.ocr.processes.workers import EncodedImage, Workers
from adverts.ocr.protocol import Reader
from adverts.runtime.rules.probabilities import probabilities
from adverts.work.progress import bar


def readable_by(candidate: Candidate, table: AdvertTable) -> Bools:
    """Return which adverts a candidate can read, ``(N,)``.

    Such an advert holds something that the candidate reads. If the candidate was trained on the
    text of pictures, those of the advert must have been read too: its bundle refuses others.
    """
    readable = table.readable(candidate.facts.inputs)
    if "ocr" in candidate.facts.inputs and candidate.facts.ocr_key is not None:
        was_read = np.array([text is not None for text in table.ocr_texts], dtype=bool)
        readable &= was_read | ~table.has_image
    return np.asarray(readable)


def answers_of(candidate: Candidate, table: AdvertTable) -> list[Answer | None]:
    """Return whether a model that can be scored again answers each advert of a table."""
    left = candidate.abstains(table) if candidate.abstains else np.zeros(len(table), dtype=bool)
    return _named(readable_by(candidate, table), left)


def stored_answers(
    candidate: Candidate, table: AdvertTable, said: Predictions
) -> list[Answer | None]:
    """Return whether a model with stored predictions answers each advert.

    If the file does not say so, adverts that hold nothing that the model reads are unreadable.
    For the others, a checkpoint never abstains, and it is unknown (None) whether a bundle did.
    """
    stored = candidate.stored
    assert stored is not None, "a model that can be asked anew has no stored answers"
    readable = table.readable(candidate.facts.inputs)
    never_abstains = stored.facts.kind == "checkpoint"
    found: list[Answer | None] = []
    for told, can_read in zip(said.answers, readable.tolist(), strict=True):
        if told == "unreadable" or not can_read:
            found.append("unreadable")
        else:
            found.append("given" if told is None and never_abstains else told)
    return found


def _named(readable: Bools, left: Bools) -> list[Answer | None]:
    return [
        "unreadable" if not can_read else "abstained" if abstained else "given"
        for can_read, abstained in zip(readable.tolist(), left.tolist(), strict=True)
    ]


def predict(
    candidate: Candidate, dataset: PreparedDataset, table: AdvertTable, *, title: str
) -> Predictions:
    """Return the predictions of a candidate on every advert of a table, and which it answers.

    The dataset decides which adverts these are and which may be judged, also for stored
    predictions: a file cannot exclude adverts from the judgement.

    Args:
        candidate: The model.
        dataset: The dataset of the table.
        table: Adverts of one split, or of all.
        title: Title of the progress bar.

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
    logits = candidate.score(table, title)
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
        logits={name: values.astype(np.float64) for name, values in logits.items()},
        probabilities={task.name: probabilities(task, logits[task.name]) for task in tasks},
        model=candidate.facts.name,
        data_hash=dataset.data_hash,
        made_by=candidate.facts,
        answers=answers_of(candidate, table),
    )


def seen_by(candidate: Candidate, dataset: PreparedDataset, table: AdvertTable) -> Seen:
    """Return which adverts share a family with adverts that trained or chose the candidate.

    Nothing is known if the candidate was trained on another dataset.
    """
    trained_on = candidate.facts.trained_on
    if trained_on.data_hash == dataset.data_hash:
        return dataset.seen.of(table.ids)
    return nothing_known(
        table.splits,
        f"the model was trained on {trained_on.name or 'an unknown dataset'}, whose links to these "
        "adverts are not known here",
    )


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
