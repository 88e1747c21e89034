"""The secret key of the tokens of contacts and accounts, and an id that does not reveal it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from adverts.errors import InputError
from adverts.inputs.contacts.contact_tokens import MIN_KEY_BYTES

TOKEN_KEY = "ADVERTS_TOKEN_KEY"
"""Environment variable that holds the key."""
_ID_DIGITS = 16


def token_key_of(environment: Mapping[str, str]) -> bytes | None:
    """Return the key from environment variables; None if it is not set.

    Raises:
        InputError: The key is so short that it could be guessed.
    """
    key = environment.get(TOKEN_KEY, "").encode("utf-8", "surrogateescape")
    if key and len(key) < MIN_KEY_BYTES:
        raise InputError(
            f"${TOKEN_KEY} has {len(key)} bytes, wanted at least {MIN_KEY_BYTES}: "
            "anybody who guesses it can try every phone number"
        )
    return key or None


def token_key_id(key: bytes) -> str:
    """Return an id of a key, 16 hexadecimal digits: equal for equal keys, and no use as a key."""
    return hashlib.sha256(b"id of the key of tokens\0" + key).hexdigest()[:_ID_DIGITS]
