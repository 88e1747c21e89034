"""Hashed word and character n-grams: text features without a vocabulary that could leak names."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Ints
from adverts.inputs.letters.folding import fold
from adverts.inputs.spec import HashSpec

_TOKEN = re.compile(r"<[a-z]+>|\w\w+")
_SPACE = ord(" ")
# A letter may fold to 18, but no text of any length consists of such.
_MOST_GROWTH, _ROOM = 3, 1_000
_BASE = 0x9E3779B97F4A7C15
_INVERSE_BASE = pow(_BASE, -1, 1 << 64)
_WORD_SALT = np.uint64(0x5851F42D4C957F2D)
_CHAR_SALT = np.uint64(0x14057B7EF767814F)

_AT_ONCE = 8_192
"""Characters that are hashed together: their arrays stay in a processor's cache."""

Codes = NDArray[np.uint64]
HashedNgrams = tuple[NDArray[np.int32], NDArray[np.float32]]


def hashed_features(text: str, spec: HashSpec) -> HashedNgrams:
    """Count the hashed n-grams of one text, see :func:`hashed_features_of`."""
    return hashed_features_of([text], spec)[0]


def hashed_features_of(texts: Sequence[str], spec: HashSpec) -> list[HashedNgrams]:
    """Count the hashed n-grams of each text.

    The text is folded first. A word is a run of two or more letters or digits, or a contact mask
    such as ``<PHONE>``. Character n-grams lie within one space-padded word. The first half of the
    feature space holds word n-grams, the second half character n-grams, so that a model can
    normalise each half separately. Equal texts give equal features in every process on any machine,
    whatever other texts are counted with them; many short texts at once take a third of the time.

    Args:
        texts: Any texts; the empty text has no features.
        spec: Size of the feature space and lengths of the n-grams.

    Returns:
        For each text the feature ids ``(F,)``, ascending and distinct, in ``[0, num_features)``,
        and the number of occurrences of each ``(F,)``.
    """
    found: list[HashedNgrams] = []
    group: list[str] = []
    size = 0
    for text in texts:
        folded = fold(text)[: _MOST_GROWTH * len(text) + _ROOM]
        padded = f" {folded} " if folded else ""
        if group and size + len(padded) > _AT_ONCE:
            found += _counted(group, spec)
            group, size = [], 0
        group.append(padded)
        size += len(padded)
    return found + (_counted(group, spec) if group else [])


def _counted(padded: Sequence[str], spec: HashSpec) -> list[HashedNgrams]:
    """Count the n-grams of texts that are folded and padded; they are hashed as one long text."""
    whole = "".join(padded)
    codes = np.frombuffer(whole.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    sizes = np.fromiter(map(len, padded), np.int64, len(padded))
    text_of = np.repeat(np.arange(len(padded)), sizes)
    half_bits = spec.num_features.bit_length() - 2
    substrings = _Substrings(codes)
    words, word_texts = _word_hashes(whole, text_of, substrings, spec.word_ngrams)
    chars, char_texts = _char_hashes(codes, text_of, substrings, spec.char_ngrams)
    ids = np.concatenate(
        [
            _to_ids(words ^ _WORD_SALT, half_bits),
            _to_ids(chars ^ _CHAR_SALT, half_bits) + (spec.num_features >> 1),
        ]
    )
    keys, counts = np.unique(
        ids + np.concatenate([word_texts, char_texts]) * spec.num_features, return_counts=True
    )
    ends = np.searchsorted(keys, np.arange(1, len(padded)) * spec.num_features)
    each_id = np.split((keys % spec.num_features).astype(np.int32), ends)
    each_count = np.split(counts.astype(np.float32), ends)
    return list(zip(each_id, each_count, strict=True))


class _Substrings:
    """Polynomial hashes, modulo 2**64, of any substrings of one text, many at a time."""

    def __init__(self, codes: Codes) -> None:
        powers, self._inverse = _powers(len(codes))
        self._sums = np.zeros(len(codes) + 1, dtype=np.uint64)
        np.cumsum(_mix(codes) * powers, out=self._sums[1:])

    def hashes(self, starts: Ints, ends: Ints) -> Codes:
        """Return the hash of ``codes[start:end]`` per pair; equal substrings have equal hashes."""
        return (self._sums[ends] - self._sums[starts]) * self._inverse[starts]


def _word_hashes(
    whole: str, text_of: Ints, substrings: _Substrings, lengths: tuple[int, int]
) -> tuple[Codes, Ints]:
    """Return the hash of each n-gram of words, and the number of its text."""
    spans = np.array([match.span() for match in _TOKEN.finditer(whole)], dtype=np.int64)
    spans = spans.reshape(-1, 2)
    texts = text_of[spans[:, 0]]
    tokens = _mix(substrings.hashes(spans[:, 0], spans[:, 1]))
    found, grams, owners = [], tokens, []
    for length in range(1, lengths[1] + 1):
        if length > 1:
            grams = _mix(grams[:-1] * np.uint64(_BASE) + tokens[length - 1 :])
        if length >= lengths[0]:
            first = texts[: len(grams)]
            inside = first == texts[length - 1 :]
            found.append(grams[inside])
            owners.append(first[inside])
    return np.concatenate(found), np.concatenate(owners)


def _char_hashes(
    codes: Codes, text_of: Ints, substrings: _Substrings, lengths: tuple[int, int]
) -> tuple[Codes, Ints]:
    """Return the hash of each n-gram of characters, and the number of its text."""
    places = np.arange(len(codes), dtype=np.int64)
    spaces = np.append(np.flatnonzero(codes == _SPACE), len(codes))
    next_space = spaces[np.searchsorted(spaces, places, side="right").clip(max=len(spaces) - 1)]
    starts, ends = [], []
    for length in range(lengths[0], lengths[1] + 1):
        first = places[: max(0, len(codes) - length + 1)]
        last = first + length - 1
        inside = first[
            (next_space[: len(first)] >= last) & (text_of[: len(first)] == text_of[last])
        ]
        starts.append(inside)
        ends.append(inside + length)
    begins, stops = np.concatenate(starts), np.concatenate(ends)
    return substrings.hashes(begins, stops), text_of[begins]


def _to_ids(hashes: Codes, bits: int) -> Ints:
    return (_mix(hashes) >> np.uint64(64 - bits)).astype(np.int64)


def _mix(values: Codes) -> Codes:
    """Return values in which every input bit affects the whole 64-bit word.

    Source: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", figure 17.
    """
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Codes = values ^ (values >> np.uint64(31))
    return mixed


def _first_powers(base: int, count: int) -> Codes:
    steps = np.full(count, base, dtype=np.uint64)
    steps[:1] = 1
    return np.cumprod(steps)


_power_tables: tuple[Codes, Codes] = (_first_powers(_BASE, 0), _first_powers(_INVERSE_BASE, 0))
_growing = threading.Lock()


def _powers(count: int) -> tuple[Codes, Codes]:
    """Return the first ``count`` powers of the base and its inverse, modulo 2**64. Thread-safe."""
    tables = _power_tables
    if len(tables[0]) < count:
        tables = _grown_tables(count)
    return tables[0][:count], tables[1][:count]


def _grown_tables(count: int) -> tuple[Codes, Codes]:
    """Replace both tables at once, so that no thread sees tables of different lengths."""
    global _power_tables
    with _growing:
        if len(_power_tables[0]) < count:
            size = max(1024, 1 << count.bit_length())
            _power_tables = (_first_powers(_BASE, size), _first_powers(_INVERSE_BASE, size))
        return _power_tables
