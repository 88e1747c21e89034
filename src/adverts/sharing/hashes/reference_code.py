"""The code that recipients get, to compute fingerprints of texts in plain Python."""

REFERENCE_CODE = """\
import hashlib, re, unicodedata

def letters(text):
    text, kind = unicodedata.normalize("NFKC", text), unicodedata.category
    contact = re.compile(r"[@/_]|<[A-Z]+>|\\w[.:]\\w")
    words = [word for word in text.split() if not contact.search(word)]
    words = [word for word in words if not any(kind(c)[0] == "N" for c in word)]
    return "".join(c for c in "".join(words).casefold() if kind(c)[0] in "LM")

def text_sha256(letters):
    return hashlib.sha256(letters.encode()).hexdigest()

def text_simhash(letters):
    counts = [0] * 64
    for group in {letters[i : i + 5] for i in range(len(letters) - 4)}:
        bits = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big")
        for i in range(64):
            counts[i] += 1 if bits >> i & 1 else -1
    return "%016x" % sum(1 << i for i in range(64) if counts[i] > 0)
"""
"""Functions of a text, then of its letters. A text of fewer than 40 letters has no fingerprint."""
