"""Fingerprints of a text that anybody can compute in a few lines, without tables or our software.

Contacts are left out: a word with a digit, or one that looks like a link, an e-mail or a handle, is
dropped, whether the contact itself is in it or its mask. So a recipient who has the text as it was
posted gets the fingerprints that were made of the masked text, unless a contact is written in
letters alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from adverts_findings.sharing.hashes.reference_code import letters, text_sha256

FEWEST_LETTERS = 40
"""Fewest letters of a text that has fingerprints; shorter ones occur in ordinary posts."""
SIMHASH_RADIUS = 8
"""Most bits of 64 in which the simhashes of near-duplicates differ."""
_GROUP = 5


@dataclass(frozen=True, slots=True)
class TextFingerprint:
    """Fingerprints of a text.

    Attributes:
        sha256: Hex sha256 of its letters in UTF-8.
        simhash: 64 bits as 16 hex digits. Texts that have most of their groups of five letters in
            common differ in few bits.
    """

    sha256: str
    simhash: str


def fingerprint_text(text: str) -> TextFingerprint | None:
    """Return the fingerprints of a text; None if it has fewer than 40 letters besides contacts.

    Recipients compute them with
    :data:`adverts_findings.sharing.hashes.reference_code.REFERENCE_CODE`.

    Args:
        text: A text with or without masks for its contacts.

    Source: Charikar, "Similarity estimation techniques from rounding algorithms", 2002.
    """
    kept = letters(text.encode("utf-8", "replace").decode())
    if len(kept) < FEWEST_LETTERS:
        return None
    return TextFingerprint(text_sha256(kept), _simhash(kept))


def _simhash(letters: str) -> str:
    """Return which bits are set in the hashes of more than half of the groups of letters."""
    groups = {letters[i : i + _GROUP] for i in range(len(letters) - _GROUP + 1)}
    digests = b"".join(hashlib.sha256(one.encode()).digest()[:8] for one in groups)
    bits = np.unpackbits(np.frombuffer(digests, np.uint8).reshape(-1, 8), axis=1)
    return np.packbits(2 * bits.sum(axis=0, dtype=np.int64) > len(bits)).tobytes().hex()
