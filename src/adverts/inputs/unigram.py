"""A large Unigram vocabulary in a seventh of the memory that its library takes.

The library holds 250,000 pieces as a tree of tables, 290 MB that take seconds to build. Here they
are one table; normalising and splitting into words stay the library's.

Source: Kudo, "Subword Regularization" (2018), section 3.2; ties fall as in ``tokenizers``.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tokenizers import Tokenizer
from tokenizers.normalizers import Normalizer

_SPACES = (  # as the library sees them
    "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u2028\u2029\u202f\u205f\u3000"
)
_UNKNOWN_PENALTY = 10.0
_WORDS_KEPT, _LONGEST_KEPT = 20_000, 32


@dataclass(frozen=True, slots=True)
class Added:
    """A piece that is found in a text before anything else is done with it.

    Attributes:
        content: The text of it.
        id: Its number.
        takes_spaces_before: Whether white space before it goes with it.
    """

    content: str
    id: int
    takes_spaces_before: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """One part of what is put together: ids that stand there always, or those of a text.

    Attributes:
        ids: None: those of the first or the second text.
        is_second: Whether they are of the second.
        type_id: Of each.
    """

    ids: tuple[int, ...] | None
    is_second: bool
    type_id: int


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a text, or two, are as numbers.

    Attributes:
        ids: Of the pieces.
        type_ids: Of the segment of each.
    """

    ids: list[int]
    type_ids: list[int]


class Pieces:
    """The pieces of a vocabulary, and how a word is best made of them."""

    def __init__(self, vocabulary: Sequence[tuple[str, float]], unknown_id: int) -> None:
        """Take pieces in the order of their numbers; of two alike the later counts.

        Raises:
            ValueError: There is no piece, one is empty, or ``unknown_id`` is none of them.
        """
        if not 0 <= unknown_id < len(vocabulary) or not all(piece for piece, _ in vocabulary):
            raise ValueError(
                f"unk_id is {unknown_id} of {len(vocabulary)} pieces, wanted one of them and no "
                "empty piece"
            )
        self._unknown = unknown_id
        self._scores = array("d", (score for _, score in vocabulary))
        self._ids = {piece: i for i, (piece, _) in enumerate(vocabulary)}
        self._unknown_score = min(self._scores) - _UNKNOWN_PENALTY
        self._longest = _longest_by_first(self._ids)
        self._words: dict[str, tuple[int, ...]] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._scores)

    def ids_of(self, word: str) -> tuple[int, ...]:
        """Return the likeliest pieces of a word; characters without a piece are joined to one."""
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
        known = 0  # where what has a piece ends
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
        """Return start, end and number of each piece of the likeliest way, in order."""
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
    """Encodes as the library does with the same vocabulary; safe to share between threads."""

    def __init__(
        self,
        steps: Tokenizer,
        pieces: Pieces,
        added: Sequence[Added],
        around: Mapping[Literal["single", "pair"], Sequence[Placed]],
    ) -> None:
        """Join a vocabulary with what is done before and after.

        Args:
            steps: Of the library; its normaliser and its splitting into words are used.
            pieces: Of the vocabulary.
            added: Found in the text as it stands, the longest first.
            around: How one text, or two, and the ids between them are put together.
        """
        self._steps, self._pieces = steps, pieces
        self._added, self._around = {one.content: one for one in added}, around
        longest_first = sorted(self._added, key=len, reverse=True)
        self._find_added = re.compile("|".join(map(re.escape, longest_first))) if added else None
        self._most: int | None = None

    @property
    def normalizer(self) -> Normalizer | None:
        """What is done to a text before it is split into words; None: nothing."""
        found: Normalizer | None = self._steps.normalizer
        return found

    @property
    def padding(self) -> None:
        """None: nothing is padded here."""
        return

    @property
    def truncation(self) -> Mapping[str, object] | None:
        """As the library tells it; None: nothing is cut."""
        if self._most is None:
            return None
        cut = {"max_length": self._most, "stride": 0, "strategy": "longest_first"}
        return cut | {"direction": "right"}

    def no_padding(self) -> None:
        """Do nothing: nothing is padded."""

    def enable_truncation(
        self, max_length: int, *, strategy: Literal["longest_first"] = "longest_first"
    ) -> None:
        """Cut at so many tokens, those around the texts counted."""
        assert strategy == "longest_first"
        self._most = max_length

    def encode(self, sequence: str, pair: str | None = None) -> Encoded:
        """Return a text, or two, as numbers."""
        around = self._around["single" if pair is None else "pair"]
        texts = [self._ids(sequence), [] if pair is None else self._ids(pair)]
        if self._most is not None:
            fixed = sum(len(part.ids) for part in around if part.ids is not None)
            if self._most >= fixed:  # else the library cuts nothing
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
    """Return how much of two texts stays, as the library cuts the longer one first."""
    if first + second <= most:
        return first, second
    short, long = sorted((first, second))
    long = short if short > most else max(short, most - short)
    if short + long > most:
        short = most // 2
        long = short + most % 2
    return (long, short) if first > second else (short, long)
