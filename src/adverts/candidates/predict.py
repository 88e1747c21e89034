"""From a candidate and adverts to predictions, and which adverts it answers at all."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from adverts.arrays import Bools
from adverts.candidates.candidate import Candidate
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset
from adverts.data.dataset.seen_adverts import Seen, nothing_known
from adverts.evaluation.figures.slices import reading_band
from adverts.evaluation.predictions.prediction_file import Answer, Predictions
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.letters.language import identify
from adverts.inputs.pixels import CHECKED
from adverts.ocr.cache import OcrCache
from adverts.ocr.processes.workers import EncodedImage, ReadFailure, Workers, read_images
from adverts.ocr.protocol import Reader
from adverts.ocr.read_quality import PictureText, advert_text, picture_text
from adverts.runtime.rules.probabilities import probabilities
from adverts.work.progress import bar


def readable_by(candidate: Candidate, table: AdvertTable) -> Bools:
    """Tell which adverts hold something that a candidate reads, ``(N,)``, and all of it was read.

    A model that learnt from the text of pictures cannot judge an advert whose picture nobody could
    read: its bundle refuses such an advert, and leaves it to a person.
    """
    readable = table.readable(candidate.facts.inputs)
    if "ocr" in candidate.facts.inputs and candidate.facts.ocr_key is not None:
        was_read = np.array([text is not None for text in table.ocr_texts], dtype=bool)
        readable &= was_read | ~table.has_image
    return np.asarray(readable)


def answers_of(candidate: Candidate, table: AdvertTable) -> list[Answer | None]:
    """Return whether a model that can be asked anew answers each advert of a table."""
    left = candidate.abstains(table) if candidate.abstains else np.zeros(len(table), dtype=bool)
    return _named(readable_by(candidate, table), left)


def stored_answers(
    candidate: Candidate, table: AdvertTable, said: Predictions
) -> list[Answer | None]:
    """Return whether a model whose predictions are stored answers each advert.

    What the file does not tell is found out as far as the adverts tell it: which of them hold
    nothing that the model reads. Whether a bundle abstained stays unknown then; a checkpoint never
    does.
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
    """Return what a candidate says of every advert of a table, and which of them it answers.

    Which adverts these are, and what may be judged, is the dataset's word also for predictions that
    are stored: a file cannot take adverts out of the judgement.

    Args:
        candidate: What says it.
        dataset: The dataset of the table.
        table: Adverts of one split, or of all.
        title: Names the progress.

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
    """Return which adverts have others of their family among those that made the candidate.

    Nothing is known where it was trained on another dataset.
    """
    trained_on = candidate.facts.trained_on
    if trained_on.data_hash == dataset.data_hash:
        return dataset.seen.of(table.ids)
    return nothing_known(
        table.splits,
        f"the model was trained on {trained_on.name or 'a dataset that is not known'}, whose "
        "clusters are not known here",
    )


def _whole_texts(table: AdvertTable) -> list[str]:
    """Return what each advert says, in post and pictures."""
    return [
        "\n".join(filter(None, (text, read)))
        for text, read in zip(table.texts, table.ocr_texts, strict=True)
    ]


def _identified(table: AdvertTable) -> list[str | None]:
    return [found.lang for found in identify(_whole_texts(table))]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def unread_pictures(candidate: Candidate, table: AdvertTable) -> list[int]:
    """Return the rows whose pictures the candidate needs read and nobody has."""
    if "ocr" not in candidate.facts.inputs:
        return []
    return [i for i, text in enumerate(table.ocr_texts) if text is None and table.has_image[i]]


def read_pictures(
    table: AdvertTable, rows: Sequence[int], *, reader: Reader, cache: OcrCache, workers: Workers
) -> list[int]:
    """Read the pictures of some rows, contacts masked, into the table; each picture once.

    Returns:
        Rows with a picture that could not be read; those without another one stay as they were.
    """
    owners = [row for row in rows for _ in table.images(row)]
    images = [
        EncodedImage(functools.partial(_image, table, row, k))
        for row in rows
        for k in range(len(table.images(row)))
    ]
    pages = read_images(images, reader=reader, cache=cache, limits=CHECKED, workers=workers)
    pictures: dict[int, list[PictureText]] = {}
    failed: dict[int, None] = {}
    shown = bar(owners, "read pictures", "pictures")
    for row, page in zip(shown, pages, strict=True):
        if isinstance(page, ReadFailure):
            failed[row] = None
        else:
            pictures.setdefault(row, []).append(picture_text(page))
    for row, read in pictures.items():
        said = advert_text(read)
        assert said is not None, "only rows with a picture that was read are kept"
        table.ocr_texts[row] = mask_contacts(said.text)
        table.ocr_qualities[row] = said.quality
    return list(failed)


def _image(table: AdvertTable, row: int, k: int) -> bytes:
    return table.images(row)[k]
