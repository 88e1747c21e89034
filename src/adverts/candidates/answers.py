"""Which adverts a candidate answers: those it can read, and does not leave to people."""

from __future__ import annotations

import numpy as np

from adverts.advert import Advert
from adverts.arrays import Bools
from adverts.candidates.candidate import Candidate
from adverts.data.dataset.advert_table import AdvertTable
from adverts.evaluation.predictions.prediction_file import Answer, Predictions
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.languages import Language


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
    return [
        "unreadable" if not can_read else "abstained" if abstained else "given"
        for can_read, abstained in zip(
            readable_by(candidate, table).tolist(), _abstained(candidate, table), strict=True
        )
    ]


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
    for answer, can_read in zip(said.answers, readable.tolist(), strict=True):
        if answer == "unreadable" or not can_read:
            found.append("unreadable")
        else:
            found.append("given" if answer is None and never_abstains else answer)
    return found


def _abstained(candidate: Candidate, table: AdvertTable) -> list[bool]:
    """Return which adverts a bundle leaves to people, whatever their score.

    By its coverage, these are adverts of a language, script and modality that no gate approved. By
    a trimmed vocabulary, they are adverts with unknown letters. A checkpoint never abstains.
    """
    classifier = candidate.model
    if not isinstance(classifier, Classifier) or not classifier.may_abstain:
        return [False] * len(table)
    return [_is_left(classifier, table, row) for row in range(len(table))]


def _is_left(classifier: Classifier, table: AdvertTable, row: int) -> bool:
    # a picture that was not read still makes the advert one with a picture
    read = table.ocr_texts[row] or ("" if table.has_image[row] else None)
    advert = Advert(table.ids[row], table.texts[row], ocr_text=read)
    language = Language(table.langs[row], table.scripts[row], identified=False)
    return classifier.left_to_people(advert, language) is not None
