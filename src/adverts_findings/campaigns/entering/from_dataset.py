"""Adverts of a prepared dataset whose label a person gave."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from adverts.arrays import Ints
from adverts.clusters.picture_hash import describe_picture
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.cluster_evidence import UNLINKED_CONTACTS
from adverts.data.dataset.prepared import PreparedDataset
from adverts.errors import InputError
from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_id
from adverts.inputs.letters.folding import fold
from adverts.inputs.pixels import CHECKED, open_image
from adverts.scoring.evidence.evidence_rows import Document, documents_of
from adverts_findings.campaigns.bank_tables import ENTRANTS
from adverts_findings.campaigns.entering.collected import count_adverts, sum_counts
from adverts_findings.campaigns.entering.inputs import Input, candidates_table, entrants_table
from adverts_findings.campaigns.entering.words import Words
from adverts_findings.campaigns.weeks import monday_of_week

_PUBLIC = "public"


def input_of_dataset(dataset: PreparedDataset, words: Words, *, name: str, key: bytes) -> Input:
    """Return what a prepared dataset brings: reviewed adverts with the positive label.

    A label is a person's only where the dataset has a column that says so
    (``data.columns.reviewed``) and it was not spread from a near-duplicate. Annotators who disagree
    bar the advert, and so does a review that says otherwise.

    Args:
        dataset: The dataset.
        words: What people said of adverts.
        name: Its folder as the person gave it.
        key: Secret key of the tokens, with which texts are hashed.

    Raises:
        InputError: It has no tokens, or those of another key, or its headline task has no positive
            label.
    """
    require_tokens(dataset, name, key)
    adverts = dataset.split("all")
    positive, negative = _judged(dataset, adverts)
    said = [words.of(one) for one in adverts.ids]
    enters = [
        word is not False and not no and bool(yes or word)
        for word, yes, no in zip(said, positive.tolist(), negative.tolist(), strict=True)
    ]
    rows = np.flatnonzero(np.array(enters, np.bool_))
    barred = {adverts.ids[i] for i in np.flatnonzero(negative).tolist()}
    return Input(
        name=name,
        hash=dataset.data_hash,
        token_key_id=token_key_id(key),
        entrants=entrants_table([_entrants(dataset, adverts, rows, said, name=name, key=key)]),
        candidates=candidates_table([]),
        barred=frozenset(barred),
        adverts=len(adverts),
        collected=_collected(adverts, positive | negative, said, name),
    )


def _collected(
    adverts: AdvertTable,
    by_label: np.ndarray[tuple[int], np.dtype[np.bool_]],
    said: Sequence[bool | None],
    name: str,
) -> pa.Table:
    """Return how many adverts there are, whatever people said of them."""
    monday = {week: _monday(week) for week in set(adverts.values("posted_week"))}
    days = [monday[week] for week in adverts.values("posted_week")]
    weeks = pa.array([day and day.date() for day in days], pa.date32())
    platforms = pa.array(adverts.values("platform"), pa.string())
    languages = pa.array(adverts.langs, pa.string())
    judged = by_label | np.array([word is not None for word in said], np.bool_)
    counted = count_adverts(weeks, platforms, languages, pa.array(judged), source=name)
    return sum_counts([counted], source=name)


def require_tokens(dataset: PreparedDataset, name: str, key: bytes) -> None:
    """Refuse a prepared dataset without tokens, or with those of another key.

    Args:
        dataset: The dataset.
        name: Its folder as the person gave it.
        key: Secret key of the tokens.

    Raises:
        InputError: It has none, or those of another key; the message names both by their ids.
    """
    made_with = dataset.manifest.made.token_key_id
    if made_with is None:
        raise InputError(
            f"{name} does not say with which key its contacts were tokenised; set ${TOKEN_KEY} and "
            "prepare it again with this release"
        )
    if made_with != token_key_id(key):
        raise InputError(
            f"the tokens of {name} were made with the key {made_with}, but ${TOKEN_KEY} is the key "
            f"{token_key_id(key)}; give that key, or prepare the dataset again with this one"
        )


def _judged(
    dataset: PreparedDataset, adverts: AdvertTable
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return which adverts a person gave the positive label, and which ones another one."""
    task = dataset.schema.task(dataset.schema.headline)
    if task.kind != "single" or task.positive_index is None:
        raise InputError(
            f"the headline task {task.name} of {dataset.path} has no positive label, so nobody can "
            "enter; prepare it with data.tasks.positive"
        )
    share = adverts.targets[task.name][:, task.positive_index]
    spread = adverts.values("propagated")
    own = np.array([task.name not in (one or ()) for one in spread], np.bool_)  # type: ignore[operator]
    by_person = adverts.reviewed & own & ~np.isnan(share)
    if not says_who_reviewed(dataset):
        by_person[:] = False
    return by_person & (share >= 1.0), by_person & (share < 1.0)


def says_who_reviewed(dataset: PreparedDataset) -> bool:
    """Return whether a dataset was prepared with a column of what a person reviewed."""
    columns = dataset.manifest.made.config.get("columns")
    return isinstance(columns, Mapping) and columns.get("reviewed") is not None


def _entrants(
    dataset: PreparedDataset,
    adverts: AdvertTable,
    rows: Ints,
    said: Sequence[bool | None],
    *,
    name: str,
    key: bytes,
) -> pa.Table:
    chosen = rows.tolist()

    def values(column: str) -> list[object]:
        found = adverts.values(column)
        return [found[row] for row in chosen]

    contacts: list[list[str]] = [list(one or ()) for one in values("contacts")]  # type: ignore[call-overload]
    known = _public(dataset)
    pictures = [_pictures(adverts, row) for row in chosen]
    until = dataset.manifest.terms.retain_until
    columns: Mapping[str, Sequence[object]] = {
        "id": [adverts.ids[row] for row in chosen],
        "source": [name] * len(chosen),
        "judged_by": ["review" if said[row] else "dataset" for row in chosen],
        "account": values("account"),
        "platform": values("platform"),
        "platform_item_id": [None] * len(chosen),
        "url": [None] * len(chosen),
        "language": [adverts.langs[row] for row in chosen],
        "posted_at": [_monday(one) for one in values("posted_week")],
        "collected_at": [None] * len(chosen),
        "contacts": contacts,
        "public_contacts": [[one for one in shown if one in known] for shown in contacts],
        **_documents("text", [adverts.texts[row] for row in chosen], key),
        **_documents("page", [adverts.ocr_texts[row] or "" for row in chosen], key),
        "picture_sha256": [[sha for sha, _ in one] for one in pictures],
        "picture_hashes": [[look for _, look in one] for one in pictures],
        "retain_until": [None if until is None else datetime.date.fromisoformat(until)]
        * len(chosen),
        "score": [None] * len(chosen),
        "review_band": [None] * len(chosen),
    }
    return pa.table([pa.array(columns[one.name], one.type) for one in ENTRANTS], schema=ENTRANTS)


def _public(dataset: PreparedDataset) -> frozenset[str]:
    """Return the tokens of public contacts; those with one advert join nothing anyway."""
    path = dataset.path / UNLINKED_CONTACTS
    if not path.is_file():
        return frozenset()
    rows = pq.read_table(path, columns=["token", "reason"]).to_pylist()
    return frozenset(one["token"] for one in rows if str(one["reason"]).startswith(_PUBLIC))


def _pictures(adverts: AdvertTable, row: int) -> list[tuple[bytes, bytes | None]]:
    """Return the sha256 of each picture of an advert, and its hashes; None if it cannot be read."""
    found: list[tuple[bytes, bytes | None]] = []
    for data in adverts.images(row):
        try:
            look: bytes | None = describe_picture(open_image(data, CHECKED)).to_bytes()
        except Exception:  # any error of a decoder is this picture's own
            look = None
        found.append((hashlib.sha256(data).digest(), look))
    return found


def _documents(what: str, texts: Sequence[str], key: bytes) -> Mapping[str, Sequence[object]]:
    found: list[Document | None] = documents_of([fold(one) for one in texts], key=key)
    return {
        f"{what}_{name}": [None if one is None else getattr(one, name) for one in found]
        for name in ("hash", "signature", "groups")
    }


def _monday(week: object) -> datetime.datetime | None:
    """Return the first moment of an ISO week such as ``2026-W05``; None if it is no week."""
    try:
        day = monday_of_week(str(week))
    except ValueError:
        return None
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)
