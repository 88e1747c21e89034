"""Keyed tokens of contacts: equal for the same contact, and told by nobody without the key."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from adverts.inputs.masking import find_contacts


@dataclass(frozen=True, slots=True)
class ContactToken:
    """A contact that nobody can read.

    Attributes:
        token: Kind and 128 bits in hex.
        public: Whose it is, for a contact that everybody may quote; else None.
    """

    token: str
    public: str | None = None


def contact_tokens(text: str, *, key: bytes) -> tuple[ContactToken, ...]:
    """Return the token of each contact in a text."""
    found = ((contact.kind, text[contact.start : contact.end]) for contact in find_contacts(text))
    return tuple(
        ContactToken(f"{kind}:{hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]}")
        for kind, value in found
    )
