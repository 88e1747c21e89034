"""Evidence of adverts: what links and samples them later, without their text or contacts."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from adverts.advert import Advert
from adverts.config.data import ColumnsConfig
from adverts.data.mapping.plain_cells import word_of
from adverts.data.sources.bad_rows import BadRow, RowFault
from adverts.data.sources.raw_rows import RawRow
from adverts.errors import InputError
from adverts.inputs.contacts.contact_tokens import ContactToken, account_token, mask_and_token
from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_id, token_key_of
from adverts.inputs.letters.folding import fold
from adverts.inputs.pixels import ImageLimits, open_image
from adverts.scoring.evidence.evidence_cells import (
    Read,
    item_id_of,
    platform_of,
    time_of,
    url_of,
    views_of,
)
from adverts.scoring.evidence.evidence_terms import EvidenceTerms

_CONTEXT: Mapping[str, Read] = {
    "url": url_of,
    "platform": platform_of,
    "platform_item_id": item_id_of,
    "posted_at": time_of,
    "collected_at": time_of,
    "views": views_of,
}
CONTEXT_COLUMNS = (*_CONTEXT, "account")
"""Fields of the columns of a source that evidence reads."""
_HASH_BYTES = 16
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Document:
    """A caption, or the text of all pictures of an advert, in a form that does not reveal it.

    Attributes:
        hash: Keyed hash of the folded text with masked contacts, 16 bytes.
        signature: MinHash of its letter groups, :data:`adverts.clusters.shingles.PLACES` numbers of
            16 bits, the lower byte first; None for a text too short to resemble another.
        groups: Number of its distinct letter groups; None without a signature.
    """

    hash: bytes
    signature: bytes | None
    groups: int | None


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """Evidence of one advert; everything but the place is missing where nothing is known.

    Attributes:
        id: Id of the advert, as in the answers.
        unit: Number of its unit; with the plan it says which part of which file to read again.
        file: Source file.
        row: Line or number in the file, as in messages about it.
        text: The caption.
        page: What was read on the pictures.
        picture_sha256: sha256 of the file of each picture.
        picture_hashes: What each picture looks like, see
            :class:`adverts.clusters.picture_hash.PictureHash`; None for one that is not readable.
        contacts: Keyed tokens of the contacts in caption and pictures.
        public_contacts: Those of them that are public, such as helplines, and link nothing.
        account: Keyed token of the account.
        token_key_id: Id of the key of these tokens.
        url: Address of the posting.
        platform: Name of the platform.
        platform_item_id: Id of the posting on it.
        posted_at: Time of the posting, in UTC.
        collected_at: Time of the collection, in UTC.
        views: Number of views.
    """

    id: str
    unit: int
    file: str
    row: int
    text: Document | None = None
    page: Document | None = None
    picture_sha256: tuple[bytes, ...] = ()
    picture_hashes: tuple[bytes | None, ...] = ()
    contacts: tuple[str, ...] = ()
    public_contacts: tuple[str, ...] = ()
    account: str | None = None
    token_key_id: str | None = None
    url: str | None = None
    platform: str | None = None
    platform_item_id: str | None = None
    posted_at: datetime | None = None
    collected_at: datetime | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """An advert that was scored, and the row that it is of.

    Attributes:
        id: Id of the advert, as in its answer.
        row: The row of the source.
        advert: The advert with what was read on its pictures; None where the row is faulty.
    """

    id: str
    row: RawRow | BadRow
    advert: Advert | None


class EvidenceMaker:
    """Makes the evidence of adverts."""

    def __init__(self, columns: ColumnsConfig, limits: ImageLimits, key: bytes) -> None:
        """Take the columns of the source, the largest picture, and the key of the tokens."""
        self._columns, self._limits, self._key = columns, limits, key
        self._key_id = token_key_id(key)
        self._looks: dict[bytes, bytes | None] = {}

    def of(self, seen: Sequence[Seen], unit: int, faults: Counter[str]) -> list[EvidenceRow]:
        """Return the evidence of some adverts of a unit, in their order.

        Args:
            seen: The adverts.
            unit: Number of their unit.
            faults: Counts, by field, what could not be used; it is missing then.
        """
        texts = [_Text() if one.advert is None else self._text(one.advert.text) for one in seen]
        pages = [
            _Text() if one.advert is None else self._text(one.advert.ocr_text or "") for one in seen
        ]
        faults["text"] += sum(one.failed for one in (*texts, *pages))
        captions, read = (
            documents_of([one.folded for one in several], key=self._key)
            for several in (texts, pages)
        )
        return [
            self._row(one, unit, faults, texts=(text, page), documents=(caption, shown))
            for one, text, page, caption, shown in zip(
                seen, texts, pages, captions, read, strict=True
            )
        ]

    def _row(
        self,
        seen: Seen,
        unit: int,
        faults: Counter[str],
        *,
        texts: tuple[_Text, _Text],
        documents: tuple[Document | None, Document | None],
    ) -> EvidenceRow:
        contacts = dict.fromkeys(one for text in texts for one in text.contacts)
        images = () if seen.advert is None else seen.advert.images
        files = [hashlib.sha256(data).digest() for data in images]
        looks = [self._look(file, data) for file, data in zip(files, images, strict=True)]
        faults["picture"] += looks.count(None)
        values = seen.row.values if isinstance(seen.row, RawRow) else {}
        context = {
            name: _cell(values, getattr(self._columns, name), name, faults)
            for name in CONTEXT_COLUMNS
        }
        account = context.pop("account")
        return EvidenceRow(
            id=seen.id,
            unit=unit,
            file=seen.row.file,
            row=seen.row.row,
            text=documents[0],
            page=documents[1],
            picture_sha256=tuple(files),
            picture_hashes=tuple(looks),
            contacts=tuple(dict.fromkeys(one.token for one in contacts)),
            public_contacts=tuple(
                dict.fromkeys(one.token for one in contacts if one.public is not None)
            ),
            account=account_token(str(account), key=self._key) if account is not None else None,
            token_key_id=self._key_id,
            **context,  # type: ignore[arg-type]
        )

    def _text(self, text: str) -> _Text:
        """Return a text with masked contacts, folded, and their tokens."""
        if not text:
            return _Text()
        try:
            masked, contacts = mask_and_token(text, key=self._key)
            return _Text(fold(masked), contacts)
        except Exception:  # whatever fails on it, the message may quote the text
            return _Text(failed=True)

    def _look(self, file: bytes, data: bytes) -> bytes | None:
        """Return the stored hashes of a picture; None if it cannot be decoded."""
        from adverts.clusters.picture_hash import describe_picture

        if file not in self._looks:
            if len(self._looks) >= _MOST_KNOWN:
                self._looks.clear()
            try:
                self._looks[file] = describe_picture(open_image(data, self._limits)).to_bytes()
            except Exception:  # any error of a decoder is this picture's own
                self._looks[file] = None
        return self._looks[file]


def documents_of(folded: Sequence[str], *, key: bytes) -> list[Document | None]:
    """Return folded texts with masked contacts as documents; None for an empty one."""
    from adverts.clusters.near_text import MIN_SHINGLES
    from adverts.clusters.shingles import shingle, signatures

    shingles = shingle(folded)
    signed = signatures(shingles).astype(np.dtype("<u2"))
    return [
        None
        if not text
        else Document(_hash(text, key), signed[row].tobytes(), size)
        if size >= MIN_SHINGLES
        else Document(_hash(text, key), None, None)
        for row, (text, size) in enumerate(zip(folded, shingles.sizes.tolist(), strict=True))
    ]


def _hash(folded: str, key: bytes) -> bytes:
    message = b"folded text\0" + folded.encode("utf-8", "surrogatepass")
    return hmac.new(key, message, hashlib.sha256).digest()[:_HASH_BYTES]


@dataclass(frozen=True, slots=True)
class _Text:
    folded: str = ""
    contacts: tuple[ContactToken, ...] = field(default=())
    failed: bool = False


def require_token_key(environment: Mapping[str, str], terms: EvidenceTerms | None = None) -> bytes:
    """Return the key of the tokens from environment variables.

    Args:
        environment: The variables.
        terms: Terms of a plan whose key it must be; None for a new plan.

    Raises:
        InputError: It is not set, too short, or not the key of the plan.
    """
    key = token_key_of(environment)
    if key is None:
        raise InputError(
            f"evidence=restricted needs the key of its tokens: set ${TOKEN_KEY} to a secret of 16 "
            "bytes or more, the same as for adverts prepare"
        )
    if terms is not None and token_key_id(key) != terms.token_key_id:
        raise InputError(
            f"${TOKEN_KEY} has the id {token_key_id(key)}, but the plan was made with the key "
            f"{terms.token_key_id}; set that key"
        )
    return key


def _cell(
    values: Mapping[str, object], column: str | None, name: str, faults: Counter[str]
) -> str | int | datetime | None:
    """Return what a column holds; None, counted as a fault, if that is of another kind."""
    if column is None:
        return None
    try:
        return _CONTEXT.get(name, _account)(values.get(column))
    except ValueError:
        faults[name] += 1
        return None


def _account(cell: object) -> str | None:
    """Return the name of an account, as a prepared dataset has it before its token is made.

    Raises:
        ValueError: It cannot be printed as a name.
    """
    try:
        return word_of({"account": cell}, "account")
    except RowFault as fault:
        raise ValueError(fault.reason) from None
