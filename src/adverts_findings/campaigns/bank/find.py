"""Look a value up in the bank: where, when and how often it was seen, and what that joined."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Floats, Ints
from adverts.clusters import near_image, near_text
from adverts.clusters.link_texts import PAGE_SIMILARITY
from adverts.clusters.picture_hash import PICTURE_HASH_VERSION, STORED_BYTES, PictureHash
from adverts.clusters.shingles import PLACES
from adverts.errors import IntegrityError
from adverts.scoring.evidence.evidence_files import SIGNATURE_BYTES
from adverts.scoring.evidence.evidence_rows import Document
from adverts_findings.campaigns.bank.answers import SEEN, Answer, Row, answer_of
from adverts_findings.campaigns.bank.asked_value import Asked
from adverts_findings.campaigns.bank.overdue import not_overdue, overdue
from adverts_findings.campaigns.bank.read_bank import Bank
from adverts_findings.campaigns.bank_tables import LAST_DAYS

_TEXTS = tuple(
    f"{of}_{what}" for of in ("text", "page") for what in ("hash", "signature", "groups")
)
_SHOWN = (*SEEN, LAST_DAYS["adverts"])
_PICTURES = ("picture_sha256", "picture_hashes")


def find_values(bank: Bank, asked: Asked, *, today: datetime.date) -> tuple[Answer, ...]:
    """Return what the bank knows of each part of a value, also where that is nothing.

    Contacts and accounts are looked up by their tokens. A text is found where it is equal or nearly
    the same, by the rules of :mod:`adverts.clusters.near_text`, in captions and on pictures. A
    picture is found where its file is the same or it looks nearly the same, by the rules of
    :mod:`adverts.clusters.near_image`; one that is mostly text only where its file is the same. An
    account is answered only where it is seen or nothing else was asked for. Candidates are never
    answered, and of adverts whose last day is over only their number is.

    Args:
        bank: The bank.
        asked: The value.
        today: Day of today in UTC.

    Raises:
        IntegrityError: The bank is damaged.
    """
    searched = _Searched(bank, today)
    answers = [searched.of_token(token, asked.public) for token in asked.tokens]
    if asked.account is not None:
        answer = searched.of_account(asked.account)
        if answer.is_seen or not (answers or asked.text):
            answers.append(answer)
    if asked.text is not None:
        similarity = partial(_text_similarity, text=asked.text)
        plain = Answer("text", asked.text.hash.hex())
        answers.append(searched.alike(plain, similarity, _TEXTS))
    if asked.picture_sha256 is not None:
        similarity = partial(
            _picture_similarity, sha256=asked.picture_sha256, picture=asked.picture
        )
        plain = Answer("picture", asked.picture_sha256.hex())
        answers.append(searched.alike(plain, similarity, _PICTURES))
    return tuple(answers)


@dataclass(frozen=True, slots=True)
class _Searched:
    bank: Bank
    today: datetime.date

    def of_token(self, token: str, public: Collection[str]) -> Answer:
        """Return what is known of a contact."""
        listed = self._ask("SELECT reason FROM listed WHERE value = $value", token, "listed")
        reasons = listed["reason"].to_pylist() or ["public"] * (token in public)
        plain = Answer("contact", token, joins_nothing=", ".join(reasons))
        return self._told(plain, "list_contains(contacts, $value)", token)

    def of_account(self, token: str) -> Answer:
        """Return what is known of an account."""
        return self._told(Answer("account", token), "account = $value", token)

    def alike(
        self, plain: Answer, similarity: Callable[[pa.Table], Floats], columns: Sequence[str]
    ) -> Answer:
        """Return what is known of a text or picture.

        Args:
            plain: The answer without the adverts.
            similarity: Returns how similar the text or picture of each advert is.
            columns: What it needs of the adverts.
        """
        of_all = similarity(self.bank.table("adverts", columns))
        rows = np.flatnonzero(of_all)
        found = self.bank.table("adverts", _SHOWN).take(pa.array(rows))
        shown = of_all[rows][~overdue(found[LAST_DAYS["adverts"]], self.today)]
        if shown.any():
            plain = replace(plain, similarity=float(shown.max()))
        alike = np.flatnonzero(similarity(self.bank.table("restricted", columns)))
        restricted = self.bank.table("restricted", (LAST_DAYS["restricted"],)).take(pa.array(alike))
        return self._answer(plain, found, restricted)

    def _told(self, plain: Answer, condition: str, value: str) -> Answer:
        columns, last_day = ", ".join(_SHOWN), LAST_DAYS["restricted"]
        statement = f"SELECT {columns} FROM adverts WHERE {condition}"  # noqa: S608
        held = f"SELECT {last_day} FROM restricted WHERE {condition}"  # noqa: S608
        found = self._ask(statement, value, "adverts")
        return self._answer(plain, found, self._ask(held, value, "restricted"))

    def _ask(self, statement: str, value: str, about: str) -> pa.Table:
        return self.bank.ask(statement, {"value": value}, about=about)

    def _answer(self, plain: Answer, found: pa.Table, restricted: pa.Table) -> Answer:
        campaigns = self.bank.table("campaigns", ("campaign", "probability", "calibrated"))
        rows: dict[str, Row] = {row["campaign"]: row for row in campaigns.to_pylist()}
        shown = not_overdue(found, self.today)
        held = not_overdue(restricted, self.today, LAST_DAYS["restricted"])
        hidden = len(found) - len(shown) + len(restricted) - len(held)
        return answer_of(plain, shown, rows, restricted=len(held), hidden=hidden)


def _text_similarity(adverts: pa.Table, text: Document) -> Floats:
    """Return how similar the caption or the text on the pictures of each advert is, ``(N,)``."""
    found = np.zeros(len(adverts))
    for of, least in (("text", 0.0), ("page", PAGE_SIMILARITY)):
        equal = pc.equal(adverts[f"{of}_hash"], pa.scalar(text.hash, pa.binary()))
        found[equal.fill_null(False).to_numpy()] = 1
        if text.signature is not None and text.groups is not None:
            rows, signed = _fixed(adverts[f"{of}_signature"], SIGNATURE_BYTES)
            groups = adverts[f"{of}_groups"].fill_null(0).to_numpy()[rows].astype(np.int64)
            others = signed.view("<u2").astype(np.uint16, copy=False).reshape(-1, PLACES)
            one = np.frombuffer(text.signature, "<u2").astype(np.uint16)
            near = near_text.near_one(one, text.groups, others, groups)
            found[rows] = np.maximum(found[rows], np.where(near >= least, near, 0))
    return found


def _picture_similarity(adverts: pa.Table, sha256: bytes, picture: PictureHash | None) -> Floats:
    """Return how similar the most similar picture of each advert is, ``(N,)``."""
    found = np.zeros(len(adverts))
    files, of_file = _flat(adverts["picture_sha256"])
    same = pc.equal(files, pa.scalar(sha256, pa.binary())).fill_null(False)
    found[of_file[same.to_numpy(zero_copy_only=False)]] = 1
    if picture is not None:
        looks, of_look = _flat(adverts["picture_hashes"])
        rows, stored = _fixed(pa.chunked_array([looks]), STORED_BYTES)
        if (stored[:, 0] != PICTURE_HASH_VERSION).any():
            raise IntegrityError(
                "another release described the pictures of the bank; look them up with that "
                "release, or build the bank again"
            )
        near = near_image.near_one(picture, stored)
        np.maximum.at(found, of_look[rows], near)
    return found


def _flat(lists: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """Return all values of a column of lists, and the row of each."""
    whole = lists.combine_chunks()
    return whole.flatten(), pc.list_parent_indices(whole).to_numpy().astype(np.int64)


def _fixed(values: pa.ChunkedArray, size: int) -> tuple[Ints, np.typing.NDArray[np.uint8]]:
    """Return the places of the values that are there, and their bytes, uint8 ``(M, size)``."""
    places = np.flatnonzero(values.is_valid().to_numpy())
    content = b"".join(values.drop_null().to_pylist())
    if len(content) != size * len(places):
        raise IntegrityError(
            f"the bank holds signatures or hashes that are not of {size} bytes; build it again"
        )
    return places, np.frombuffer(content, np.uint8).reshape(-1, size)
