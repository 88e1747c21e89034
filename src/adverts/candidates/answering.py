"""Which adverts a model answers: it can read them, and does not leave them to people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.candidates.candidate import Candidate
from adverts.data.dataset.table import AdvertTable
from adverts.evaluation.predictions.prediction_file import Answer, Predictions

Bools = NDArray[np.bool_]


def readable_by(candidate: Candidate, table: AdvertTable) -> Bools:
    """Tell which adverts hold something that a candidate reads, ``(N,)``, and all of it was read.

    A model that learnt from the text of pictures cannot judge an advert whose picture nobody could
    read: its bundle refuses such an advert, and leaves it to a person.
    """
    readable = table.readable(candidate.inputs)
    if "ocr" in candidate.inputs and candidate.ocr_key is not None:
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
    readable = table.readable(candidate.inputs)
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
