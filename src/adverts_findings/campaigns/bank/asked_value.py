"""What a person asks the bank for, in the forms in which the bank keeps it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from adverts.clusters.picture_hash import PictureHash, describe_picture
from adverts.errors import InputError
from adverts.inputs.contacts.contact_tokens import account_token, contact_tokens, mask_and_token
from adverts.inputs.contacts.masking import CONTACT_KINDS
from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_id
from adverts.inputs.letters.folding import fold
from adverts.inputs.picture_file import read_picture_file
from adverts.inputs.pixels import ImageLimits, open_image
from adverts.scoring.evidence.evidence_rows import Document, documents_of

LIMITS = ImageLimits(max_bytes=50_000_000, max_pixels=100_000_000)
"""Largest picture that is looked up."""
MOST_LETTERS = 100_000
"""Longest text that is looked up."""
_MASK = re.compile(f"<(?:{'|'.join(CONTACT_KINDS)})>")
_NAME = re.compile(r"@?([\w.\-]{2,64})")
_ACCOUNT = re.compile(r".{1,200}")
"""What may be the name of an account as a platform gives it: one line, with spaces or a link."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A value that the bank is asked for.

    Attributes:
        tokens: Tokens of the contacts in it.
        public: Those of them that are public, such as helplines, and join nothing.
        account: Token of an account of this name, if it may be one.
        text: Its text without contacts, in the form of evidence; None where little else is in it.
        picture_sha256: sha256 of its file, if it is a picture.
        picture: What it looks like, if it is a picture.
    """

    tokens: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    account: str | None = None
    text: Document | None = None
    picture_sha256: bytes | None = None
    picture: PictureHash | None = None

    @property
    def name(self) -> str:
        """What was asked for, for the log: tokens and hashes alone."""
        names = [*self.tokens]
        if self.account is not None:
            names.append(f"account:{self.account}")
        if self.text is not None:
            names.append(f"text:{self.text.hash.hex()}")
        if self.picture_sha256 is not None:
            names.append(f"picture:{self.picture_sha256.hex()}")
        return " ".join(names)


def require_key_of_bank(key: bytes, bank_key_id: str) -> None:
    """Refuse a key other than that of the tokens of the bank.

    Args:
        key: The key.
        bank_key_id: Id of the key of the bank, see ``builds``.

    Raises:
        InputError: It is another key; the message names both by their ids.
    """
    if token_key_id(key) != bank_key_id:
        raise InputError(
            f"${TOKEN_KEY} has the id {token_key_id(key)}, but the bank was built with the key "
            f"{bank_key_id}; set that key"
        )


def value_from(given: str | bytes, *, key: bytes, bank_key_id: str) -> Asked:
    """Return what a person typed or piped in the forms in which the bank keeps it.

    A picture is recognised by its first bytes. Everything else is text: contacts in it are looked
    up by their tokens, and a text beside them by its letters. A single word without a contact may
    be a handle. A single line may also be the name of an account, as it was collected.

    Args:
        given: A phone number, handle, address of a page or mail, text, or the content of a file of
            a picture.
        key: Secret key of the tokens of the bank.
        bank_key_id: Id of the key of the bank.

    Raises:
        InputError: The key is another one, or the value is empty, too large, no text, or a damaged
            picture.
    """
    require_key_of_bank(key, bank_key_id)
    if isinstance(given, bytes) and _is_picture(given):
        return _picture(given)
    text = _text(given).strip()
    if not text:
        raise InputError(
            "nothing was asked for; give a phone number, handle, link, text or picture on "
            "standard input"
        )
    masked, found = mask_and_token(text, key=key)
    name, is_account = _NAME.fullmatch(text), _ACCOUNT.fullmatch(text) is not None
    if not found and name is not None:
        found = contact_tokens(f"@{name[1]}", key=key)
    return Asked(
        tokens=tuple(one.token for one in found),
        public=tuple(one.token for one in found if one.public is not None),
        account=account_token(name[1] if name else text, key=key) if is_account else None,
        text=None if name is not None else _document(masked, key, with_contacts=bool(found)),
    )


def _is_picture(given: bytes) -> bool:
    """Return whether bytes begin as a picture; a text that does, such as "BM", holds no NUL."""
    return b"\0" in given and read_picture_file(given).format != ""


def _picture(given: bytes) -> Asked:
    look = describe_picture(open_image(given, LIMITS))
    return Asked(picture_sha256=hashlib.sha256(given).digest(), picture=look)


def _text(given: str | bytes) -> str:
    if len(given) <= 4 * MOST_LETTERS:
        text = _decoded(given)
        if len(text) <= MOST_LETTERS:
            return text
    raise InputError(f"a text of at most {MOST_LETTERS:,} letters can be looked up")


def _decoded(given: str | bytes) -> str:
    if isinstance(given, str):
        return given.encode("utf-8", "replace").decode()
    try:
        return given.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("what was asked for is neither a picture nor a text in UTF-8") from None


def _document(masked: str, key: bytes, *, with_contacts: bool) -> Document | None:
    """Return a text in the form of evidence; None for one that says little beside contacts."""
    beside = fold(_MASK.sub(" ", masked))
    document, alone = documents_of([fold(masked), beside], key=key)
    says_little = alone is None or alone.signature is None
    return None if with_contacts and says_little else document
