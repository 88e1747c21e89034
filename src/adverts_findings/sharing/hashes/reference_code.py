"""The code by which fingerprints of texts are made here and by recipients, in plain Python.

Recipients get the text of these functions in README.md, so each stands by itself and imports only
what :data:`REFERENCE_CODE` begins with.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import unicodedata


def letters(text: str) -> str:
    """Return letters and marks of the words that hold no contact, without case."""
    kind, contact = unicodedata.category, re.compile(r"[@/_]|<[A-Z]+>|\w[.:]\w")
    kept, run = [], 0
    for c in text:  # at most 30 marks on a letter: time grows with the square of their number
        is_mark = kind(c)[0] == "M" or unicodedata.combining(unicodedata.normalize("NFKD", c)[0])
        run = run + 1 if is_mark else 0
        if run <= 30:
            kept.append(c)
    words = unicodedata.normalize("NFKC", "".join(kept)).split()
    words = [word for word in words if not contact.search(word)]
    words = [word for word in words if not any(kind(c)[0] == "N" for c in word)]
    return "".join(c for c in "".join(words).casefold() if kind(c)[0] in "LM")


def text_sha256(letters: str) -> str:
    """Return the hex sha256 of letters."""
    return hashlib.sha256(letters.encode()).hexdigest()


def text_simhash(letters: str) -> str:
    """Return which bits are set in the hashes of more than half of the groups of letters."""
    counts = [0] * 64
    for group in {letters[i : i + 5] for i in range(len(letters) - 4)}:
        bits = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big")
        for i in range(64):
            counts[i] += 1 if bits >> i & 1 else -1
    return f"{sum(1 << i for i in range(64) if counts[i] > 0):016x}"


REFERENCE_CODE = "import hashlib, re, unicodedata\n\n" + "\n".join(
    map(inspect.getsource, (letters, text_sha256, text_simhash))
)
"""Functions of a text, then of its letters. A text of fewer than 40 letters has no fingerprint."""
