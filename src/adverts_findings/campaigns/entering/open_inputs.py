"""Open what a person gives to link, and read who may enter."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.data.dataset.prepared import open_prepared
from adverts.data.review.counted_labels import counted_labels
from adverts.data.review.reviews import Review
from adverts.errors import InputError, say
from adverts.inputs.contacts.token_key import TOKEN_KEY
from adverts.scoring.evidence_reader import OpenedEvidence, open_evidence
from adverts.work.progress import note_when_slow
from adverts_findings.campaigns.entering.from_dataset import input_of_dataset, says_who_reviewed
from adverts_findings.campaigns.entering.from_scores import input_of_scores
from adverts_findings.campaigns.entering.inputs import Input
from adverts_findings.campaigns.entering.words import Counted, Words, merge_counted, words_of


@dataclass(frozen=True, slots=True)
class Terms:
    """How long what enters may stay.

    Attributes:
        today: Day of today in UTC.
        candidate_days: Days after scoring for which a candidate waits.
        retain_days: Days for which an advert of scores is kept; None: as long as its evidence.
    """

    today: datetime.date
    candidate_days: int
    retain_days: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """What all inputs bring.

    Attributes:
        inputs: Each of them.
        counted: What labels count as, of all inputs and of the bank.
        words: What people said, by these labels.
    """

    inputs: tuple[Input, ...]
    counted: Counted
    words: Words


def open_inputs(
    prepared: Sequence[Path],
    scores: Sequence[str],
    reviews: Sequence[Review],
    *,
    counted: Counted,
    terms: Terms,
    key: bytes | None,
) -> Brought:
    """Return what prepared datasets and folders of scores bring.

    Args:
        prepared: Folders of prepared datasets.
        scores: Folders or addresses of scores with evidence.
        reviews: What people said of adverts.
        counted: What labels count as, of the inputs of earlier builds.
        terms: How long what enters may stay.
        key: Secret key of the tokens, with which the texts of datasets are hashed.

    Raises:
        InputError: An input cannot be used.
        IntegrityError: A file of an input is damaged.
    """
    if prepared and key is None:
        raise InputError(
            f"a prepared dataset is linked with the key of its tokens: set ${TOKEN_KEY} as for "
            "adverts prepare"
        )
    datasets = [(str(path), open_prepared(path)) for path in prepared]
    folders = [(name, _opened(name, terms.today)) for name in scores]
    schemas = [one.schema for _, one in datasets] + [one.labels for _, one in folders]
    known = merge_counted([counted, *map(counted_labels, schemas)])
    words = words_of(reviews, known)
    found = []
    for name, dataset in datasets:
        if not says_who_reviewed(dataset):
            say(
                f"{name} does not say which labels a person reviewed (data.columns.reviewed), so "
                "none of its adverts enters by its label, only by reviews"
            )
        with note_when_slow(f"reading {name}"):
            found.append(input_of_dataset(dataset, words, name=name, key=key or b""))
    for name, opened in folders:
        with note_when_slow(f"reading {name}"):
            found.append(
                input_of_scores(
                    opened,
                    words,
                    name=name,
                    candidate_days=terms.candidate_days,
                    retain_days=terms.retain_days,
                )
            )
    return Brought(tuple(found), known, words)


def _opened(name: str, today: datetime.date) -> OpenedEvidence:
    place = name if "://" in name else str(Path(name).absolute())
    return open_evidence(place, today=today, needs_clusters=False)
