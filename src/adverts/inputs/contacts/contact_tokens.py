"""Keyed tokens of contacts and accounts: equal for equal ones, without revealing them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from adverts.errors import InputError
from adverts.inputs.contacts.contact_values import canonical_value
from adverts.inputs.contacts.masking import Contact, find_contacts, mask_found
from adverts.inputs.contacts.public_contacts import public_name

MIN_KEY_BYTES = 16
"""Shortest key. A shorter one could be guessed, and then every phone number be tried."""
_HEX_DIGITS = 32


@dataclass(frozen=True, slots=True)
class ContactToken:
    """One contact in a form that does not reveal it.

    Attributes:
        token: Kind of contact, a colon and 32 hexadecimal digits, e.g. ``PHONE:5f…``.
        public: Name of the owner if it is a public contact, which must not link adverts, or None.
    """

    token: str
    public: str | None


def contact_tokens(text: str, *, key: bytes) -> tuple[ContactToken, ...]:
    """Return the tokens of the contacts that masking finds in a text, each once, in order.

    Masks that are already in the text have no token. The empty text has no tokens.

    Args:
        text: Unmasked text of a post or of a picture.
        key: Secret key of at least 16 bytes; another key gives other tokens.

    Raises:
        InputError: The key is too short.
    """
    return _tokens(text, find_contacts(text), key=key)


def mask_and_token(text: str, *, key: bytes | None) -> tuple[str, tuple[ContactToken, ...]]:
    """Return a text with masked contacts, and their tokens; no tokens without a key.

    The results are those of :func:`adverts.inputs.contacts.masking.mask_contacts` and
    :func:`contact_tokens`, but the contacts are searched for only once.

    Raises:
        InputError: The key is too short.
    """
    contacts = find_contacts(text)
    return mask_found(text, contacts), _tokens(text, contacts, key=key) if key else ()


def contacts_of_tokens(
    text: str, wanted: Collection[str], *, key: bytes
) -> tuple[tuple[str, str], ...]:
    """Return what stands in a text for some tokens: each token and its contact, as written.

    The contacts and their tokens are those of :func:`contact_tokens`. What is returned is the
    contact itself, for whoever may know it; it belongs into no file and no log.

    Args:
        text: Unmasked text of a post or of a picture.
        wanted: Tokens of contacts.
        key: Secret key of at least 16 bytes.

    Raises:
        InputError: The key is too short.
    """
    _require_long(key)
    written = [(one.kind, text[one.start : one.end]) for one in find_contacts(text)]
    found = [(_token(*canonical_value(*one), key=key).token, one[1]) for one in written]
    return tuple(one for one in found if one[0] in wanted)


def account_token(account: str, *, key: bytes) -> str:
    """Return a token of an account, 32 hexadecimal digits, that only the key's owner can make."""
    return hmac.new(key, account.encode(), hashlib.sha256).hexdigest()[:_HEX_DIGITS]


def _tokens(text: str, contacts: Sequence[Contact], *, key: bytes) -> tuple[ContactToken, ...]:
    _require_long(key)
    tokens = (
        _token(*canonical_value(contact.kind, text[contact.start : contact.end]), key=key)
        for contact in contacts
    )
    return tuple(dict.fromkeys(tokens))


def _require_long(key: bytes) -> None:
    if len(key) < MIN_KEY_BYTES:
        raise InputError(
            f"the key of contact tokens has {len(key)} bytes, wanted at least {MIN_KEY_BYTES}"
        )


def _token(kind: str, value: str, *, key: bytes) -> ContactToken:
    message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
    digest = hmac.new(key, message, hashlib.sha256).hexdigest()
    return ContactToken(f"{kind}:{digest[:_HEX_DIGITS]}", public_name(kind, value))
