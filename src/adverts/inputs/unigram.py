"""Unigram tokenizer that needs a seventh of the memory of the ``tokenizers`` library.

For 250,000 pieces the library builds a tree of tables: 290 MB that take seconds. Here they are one
table. The library still normalises texts and splits them into words.

Source: Kudo, "Subword Regularization" (2018), section 3.2; ties are broken as in ``tokenizers``.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tokenizers import Tokenizer
from tokenizers.normalizers import Normalizer

_SPACES = (  # white space as the library defines it
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
_UNKNOWN_PENALTY = 10.0
_WORDS_KEPT, _LONGEST_KEPT = 20_000, 32


@dataclass(frozen=True, slots=True)
class Added:
    """A piece that is searched for in a text before the text is normalised.

    Attributes:
        content: Text of the piece.
        id: Id of the piece.
        takes_spaces_before: Whether white space before the piece is removed.
    """

    content: str
    id: int
    takes_spaces_before: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """One part of an encoded sequence: fixed ids, or the ids of one text.

    Attributes:
        ids: Fixed ids; None for the ids of a text.
        is_second: Whether the ids are those of the second text.
        type_id: Segment number of each id.
    """

    ids: tuple[int, ...] | None
    is_second: bool
    type_id: int


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text, or a pair of texts, as numbers.

    Attributes:
        ids: Ids of the pieces.
        type_ids: Segment number of each piece.
    """

    ids: list[int]
    type_ids: list[int]


class Pieces:
    """The pieces of a vocabulary, and the most likely split of a word into them."""

    def __init__(self, vocabulary: Sequence[tuple[str, float]], unknown_id: int) -> None:
        """Take pieces with their scores in the order of ids; of equal pieces the last counts.

        Raises:
            ValueError: There is no piece, a piece is empty, or ``unknown_id`` is not an id.
        """
        if not 0 <= unknown_id < len(vocabulary) or not all(piece for piece, _ in vocabulary):
            raise ValueError(
                f"unk_id is {unknown_id} of {len(vocabulary)} pieces, wanted one that is not empty"
            )
        self._unknown = unknown_id
        self._scores = array("d", (score for _, score in vocabulary))
        self._ids = {piece: i for i, (piece, _) in enumerate(vocabulary)}
        self._unknown_score = min(self._scores) - _UNKNOWN_PENALTY
        self._longest = _longest_by_first(self._ids)
        self._words: dict[str, tuple[int, ...]] = {}

    @property
    def unknown_id(self) -> int:
        """Id of what stands for characters that are in no piece."""
        return self._unknown

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self._scores)

    def ids_of(self, word: str) -> tuple[int, ...]:
        """Return the most likely pieces of a word; a run of unknown characters is one piece."""
        known = self._words.get(word)
        if known is not None:
            return known
        found = tuple(self._joined(word))
        if len(word) <= _LONGEST_KEPT:
            if len(self._words) >= _WORDS_KEPT:
                self._words = {}
            self._words[word] = found
        return found

    def _joined(self, word: str) -> Iterator[int]:
        known = 0  # end of the last known piece
        for start, end, piece in self._best(word):
            if piece == self._unknown:
                continue
            if start > known:
                yield self._ids.get(word[known:start], self._unknown)
            yield piece
            known = end
        if len(word) > known:
            yield self._ids.get(word[known:], self._unknown)

    def _best(self, word: str) -> list[tuple[int, int, int]]:
        """Return start, end and id of each piece of the most likely split, in order."""
        size, ids, scores = len(word), self._ids, self._scores
        totals, came = [0.0] * (size + 1), [(-1, -1)] * (size + 1)

        def offer(start: int, end: int, total: float, piece: int) -> None:
            if came[end][0] < 0 or total > totals[end]:
                totals[end], came[end] = total, (start, piece)

        for start in range(size):
            here = totals[start]
            last = min(size, start + self._longest.get(word[start], 0))
            for end in range(start + 1, last + 1):
                piece = ids.get(word[start:end])
                if piece is not None:
                    offer(start, end, scores[piece] + here, piece)
            if word[start] not in ids:
                offer(start, start + 1, self._unknown_score + here, self._unknown)
        way, end = [], size
        while end > 0:
            start, piece = came[end]
            way.append((start, end, piece))
            end = start
        return way[::-1]


class UnigramTokenizer:
    """Tokenizer with the same results as the library's; safe to share between threads."""

    def __init__(
        self,
        steps: Tokenizer,
        pieces: Pieces,
        added: Sequence[Added],
        around: Mapping[Literal["single", "pair"], Sequence[Placed]],
    ) -> None:
        """Combine a vocabulary with the steps before and after the split into pieces.

        Args:
            steps: Tokenizer of the library, for its normaliser and its split into words.
            pieces: Pieces of the vocabulary.
            added: Pieces that are searched for in the original text, the longest first.
            around: Parts of which the sequence of one text, or of a pair, consists.
        """
        self._steps, self._pieces = steps, pieces
        self._added, self._around = {one.content: one for one in added}, around
        longest_first = sorted(self._added, key=len, reverse=True)
        self._find_added = re.compile("|".join(map(re.escape, longest_first))) if added else None
        self._most: int | None = None

    @property
    def normalizer(self) -> Normalizer | None:
        """Normaliser of texts before they are split into words; None if there is none."""
        found: Normalizer | None = self._steps.normalizer
        return found

    @property
    def unknown_id(self) -> int:
        """Id of what stands for characters that are in no piece."""
        return self._pieces.unknown_id

    @property
    def padding(self) -> None:
        """Always None, since this tokenizer does not pad."""
        return

    @property
    def truncation(self) -> Mapping[str, object] | None:
        """Truncation settings in the library's form; None if nothing is truncated."""
        if self._most is None:
            return None
        cut = {"max_length": self._most, "stride": 0, "strategy": "longest_first"}
        return cut | {"direction": "right"}

    def no_padding(self) -> None:
        """Do nothing, since this tokenizer does not pad."""

    def enable_truncation(
        self, max_length: int, *, strategy: Literal["longest_first"] = "longest_first"
    ) -> None:
        """Truncate to ``max_length`` tokens, including those around the texts."""
        assert strategy == "longest_first"
        self._most = max_length

    def encode(self, sequence: str, pair: str | None = None) -> Encoded:
        """Return the ids of one text, or of a pair of texts."""
        around = self._around["single" if pair is None else "pair"]
        texts = [self._ids(sequence), [] if pair is None else self._ids(pair)]
        if self._most is not None:
            fixed = sum(len(part.ids) for part in around if part.ids is not None)
            if self._most >= fixed:  # otherwise the library truncates nothing
                sizes = _cut(len(texts[0]), len(texts[1]), self._most - fixed)
                texts = [ids[:size] for ids, size in zip(texts, sizes, strict=True)]
        ids: list[int] = []
        types: list[int] = []
        for part in around:
            own = texts[part.is_second] if part.ids is None else part.ids
            ids += own
            types += [part.type_id] * len(own)
        return Encoded(ids, types)

    def _ids(self, text: str) -> list[int]:
        if self._find_added is None:
            return self._of_segment(text)
        found, place = list[int](), 0
        for match in self._find_added.finditer(text):
            one, before = self._added[match.group()], text[place : match.start()]
            found += self._of_segment(before.rstrip(_SPACES) if one.takes_spaces_before else before)
            found.append(one.id)
            place = match.end()
        return found + self._of_segment(text[place:])

    def _of_segment(self, text: str) -> list[int]:
        normalizer, splitting = self._steps.normalizer, self._steps.pre_tokenizer
        plain = text if normalizer is None or not text else normalizer.normalize_str(text)
        if not plain:
            return []
        words = [(plain, None)] if splitting is None else splitting.pre_tokenize_str(plain)
        return [i for word, _ in words for i in self._pieces.ids_of(word)]


def _longest_by_first(pieces: Iterable[str]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for piece in pieces:
        if len(piece) > longest.get(piece[0], 0):
            longest[piece[0]] = len(piece)
    return longest


def _cut(first: int, second: int, most: int) -> tuple[int, int]:
    """Return how many tokens of two texts remain; like the library, cut the longer one first."""
    if first + second <= most:
        return first, second
    short, long = sorted((first, second))
    long = short if short > most else max(short, most - short)
    if short + long > most:
        short = most // 2
        long = short + most % 2
    return (long, short) if first > second else (short, long)
