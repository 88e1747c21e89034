"""Link adverts with mostly the same words, in any order and spelt almost so.

Such adverts are not near-duplicates where the order of letters within each word has changed: a
stemmer leaves the last letter out, and whoever copies an advert may change one letter of every
word. They make no cluster, since a long text holds the words of many short ones. But n-grams of
letters recognise the one by the other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.links import Links, alike_links

if TYPE_CHECKING:
    from scipy.sparse import csr_array

LEAST_EXCESS = 2.0
"""How much the shared words of a text must outweigh the rest of it for a link. A word that one
cluster alone holds weighs 1, and one that all hold weighs nothing."""
ENOUGH = 4.0
"""Weight of shared words that suffices where it is half of a text. On four public sets at most 20
of 1,000 test adverts have as many of their words in a training advert."""
SHORTEST_TEXT = 24
"""Letters, spaces included, of the shortest text that is compared; shorter ones are greetings."""
MOST_ALIKE = 32
"""Words that may have one reduced form; a form of more words, such as three frequent letters, says
nothing."""
LEAST_PAIRS, PAIRS_A_TEXT = 1 << 26, 1 << 9
"""Pairs of texts with a common word that are counted, in all or for each text, whichever is more:
those of the rarest words. So texts beyond about 10,000 are found by their rarer words alone."""

_SHORTEST = 4  # letters of a word that may be spelt otherwise
_LONGEST = 24
_MOST_PARTS = 1 << 24  # of words longer than that, such as sentences without spaces
_STROKES = {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i"}
_ENTRIES_AT_ONCE = 1 << 24
_PAIRS_AT_ONCE = 1 << 16


def link_words(
    documents: Sequence[str],
    rows: Sequence[tuple[int, int]],
    *,
    clusters: NDArray[np.int64],
) -> Links:
    """Return links of the kind ``same_words`` between rows of different clusters.

    A text is linked to another that holds half of its words, by their weights: those must weigh
    :data:`ENOUGH`, or more than its other words by :data:`LEAST_EXCESS`. Two words are the same if
    they are equal once a letter of either or of both is left out, as where one was replaced, or if
    the one stands in the other. Numbers are compared as they are.

    Args:
        documents: Folded texts, each once.
        rows: Row and number of the document of every caption and picture text.
        clusters: Cluster of each row as a number, int64 ``(N,)``.
    """
    row_of, document_of = np.array(rows, np.int64).reshape(-1, 2).T
    used, first_places = np.unique(document_of, return_index=True)
    row = row_of[first_places]
    texts = _Texts.of([documents[place] for place in used.tolist()], clusters[row])
    first, second, share = texts.pairs()
    apart = clusters[row[first]] != clusters[row[second]]
    return alike_links("same_words", row[first[apart]], row[second[apart]], share[apart])


@dataclass(frozen=True, slots=True, eq=False)
class _Texts:
    """Texts by their words.

    Attributes:
        held: Whether a text holds a word, bool ``(D, V)``.
        alike: Whether two words are the same but for their spelling, bool ``(V, V)``.
        weights: How much a word says, float32 ``(V,)`` in 0–1.
        counts: Number of texts that hold a word, int64 ``(V,)``.
    """

    held: csr_array
    alike: csr_array
    weights: NDArray[np.float32]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, documents: Sequence[str], clusters: NDArray[np.int64]) -> _Texts:
        """Return the texts, with words that fewer clusters hold the heavier ones."""
        numbers: dict[str, int] = {}
        places = [
            sorted({numbers.setdefault(word, len(numbers)) for word in words})
            for words in _words(documents)
        ]
        held = _incidence(places, len(numbers))
        alike = _alike(list(numbers))
        count = max(len(np.unique(clusters)), 2)
        owners = np.repeat(clusters, np.diff(held.indptr))
        inside = np.unique(owners * len(numbers) + held.indices) % max(len(numbers), 1)
        spread = alike.astype(np.float32) @ np.bincount(inside, minlength=len(numbers))
        weights = 1 - np.log(np.clip(spread, 1, count)) / np.log(count)
        counts = np.bincount(held.indices, minlength=len(numbers))
        return cls(held, alike, weights.astype(np.float32), counts)

    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Return pairs of texts, the one that is held first, and the weight that is shared."""
        weighed = self.held.multiply(self.weights).tocsr()
        weighed.eliminate_zeros()
        total = weighed.sum(axis=1)
        rare = self._rarest()
        telling = self.held.multiply(self.weights * rare).tocsr()
        telling.eliminate_zeros()
        common = total - telling.sum(axis=1)
        wanted = np.maximum(total / 2, np.minimum((total + LEAST_EXCESS) / 2, ENOUGH))
        reach = (telling @ self.alike.astype(np.float32)).tocsr()
        holders = self.held.T.tocsr().astype(np.float32)
        ones, others = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        shares = [np.zeros(0, np.float32)]
        for part in self._parts(reach):
            shared = (reach[part] @ holders).tocoo()
            one, other = shared.row + part.start, shared.col.astype(np.int64)
            is_near = (one != other) & (shared.data >= LEAST_EXCESS / 2)
            is_near &= shared.data + common[one] >= wanted[one]
            one, other = one[is_near], other[is_near]
            for begin in range(0, len(one), _PAIRS_AT_ONCE):
                few = slice(begin, begin + _PAIRS_AT_ONCE)
                weight = self._shared(weighed, one[few], other[few])
                kept = weight >= wanted[one[few]]
                ones.append(one[few][kept].astype(np.int64))
                others.append(other[few][kept])
                shares.append((weight[kept] / total[one[few][kept]]).astype(np.float32))
        return np.concatenate(ones), np.concatenate(others), np.concatenate(shares)

    def _rarest(self) -> NDArray[np.bool_]:
        """Return which words, the rarest, have as many pairs as are counted."""
        pairs = self.counts * (self.alike.astype(np.int64) @ self.counts)
        most = max(LEAST_PAIRS, PAIRS_A_TEXT * self.held.shape[0])
        order = np.argsort(-self.weights, kind="stable")
        is_rare = np.zeros(len(self.weights), np.bool_)
        is_rare[order[np.cumsum(pairs[order]) <= most]] = True
        return is_rare

    def _parts(self, reach: csr_array) -> Iterator[slice]:
        """Yield ranges of texts whose products have about ``_ENTRIES_AT_ONCE`` entries."""
        ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.counts[reach.indices])])
        costs = ends[reach.indptr]
        begin = 0
        while begin < reach.shape[0]:
            end = int(np.searchsorted(costs, costs[begin] + _ENTRIES_AT_ONCE, side="right")) - 1
            end = min(max(end, begin + 1), reach.shape[0])
            yield slice(begin, end)
            begin = end

    def _shared(
        self, weighed: csr_array, one: NDArray[np.int64], other: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the weight of the words of one text that the other one holds, for each pair."""
        distinct, places = np.unique(other, return_inverse=True)
        holds = (self.held[distinct] @ self.alike).tocsr()
        weight: NDArray[np.float32] = weighed[one].multiply(holds[places]).sum(axis=1)
        return weight


def _words(documents: Sequence[str]) -> Iterator[list[str]]:
    """Yield the words of each text: letters, marks and digits between any other characters."""
    characters = set().union(*documents)
    blank = {ord(one): " " for one in characters if unicodedata.category(one)[0] not in "LMN"}
    for text in documents:
        yield text.translate(blank).split() if len(text) >= SHORTEST_TEXT else []


def _plain(word: str) -> str:
    """Return a word as it is typed without accents."""
    bases = (unicodedata.normalize("NFD", _STROKES.get(one, one))[0] for one in word)
    return "".join(base for base in bases if not unicodedata.combining(base))


def _alike(words: Sequence[str]) -> csr_array:
    """Return which words are the same but for their spelling, bool ``(V, V)``.

    Source: the reduced forms follow T. Bocek, E. Hunt, B. Stiller, "Fast similarity search in large
    dictionaries" (2007).
    """
    numbers = {word: place for place, word in enumerate(words)}
    reduced = [_reduced(word) for word in words]
    longest = _longest_cut(words)
    inside = _incidence(
        [
            [
                numbers[part]
                for part in less.union(
                    _inner(word) if len(word) <= longest else (word,), (_plain(word),)
                )
                if part in numbers
            ]
            for word, less in zip(words, reduced, strict=True)
        ],
        len(words),
    )
    forms = _incidence(
        [[numbers.setdefault(form, len(numbers)) for form in less] for less in reduced],
        len(numbers),
    )
    is_telling = np.bincount(forms.indices, minlength=len(numbers)) <= MOST_ALIKE
    forms = forms.multiply(is_telling).tocsr()
    forms.eliminate_zeros()
    return (forms @ forms.T + inside + inside.T).tocsr()


def _incidence(rows: Sequence[Sequence[int]], count: int) -> csr_array:
    """Return which of ``count`` columns each row names, bool."""
    from scipy import sparse

    columns = np.fromiter(chain.from_iterable(rows), np.int32)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(row) for row in rows])])
    return sparse.csr_array(
        (np.ones(len(columns), np.bool_), columns, starts), shape=(len(rows), count)
    )


def _inner(word: str) -> Iterator[str]:
    """Yield a word and its parts of :data:`_SHORTEST` to :data:`_LONGEST` letters."""
    yield word
    may_cut = [not _in_number(word, place) for place in range(len(word) + 1)]
    for first, may_begin in enumerate(may_cut):
        if may_begin:
            for last in range(first + _SHORTEST, min(first + _LONGEST, len(word)) + 1):
                if may_cut[last]:
                    yield word[first:last]


def _longest_cut(words: Sequence[str]) -> int:
    """Return the length up to which words are cut into parts, the shorter ones first."""
    lengths = np.sort(np.array([len(word) for word in words if len(word) > _LONGEST], np.int64))
    cut = lengths[np.cumsum(lengths * (_LONGEST - _SHORTEST + 1)) <= _MOST_PARTS]
    return int(cut[-1]) if len(cut) else _LONGEST


def _reduced(word: str) -> set[str]:
    """Return a word, and the word without one of its letters or without the first and last.

    A digit is left out only between two letters: two numbers are not one.
    """
    if not _SHORTEST <= len(word) <= _LONGEST:
        return {word}
    less = {
        word[:place] + word[place + 1 :]
        for place, letter in enumerate(word)
        if not letter.isdigit()
        or word[place - 1 : place].isalpha()
        and word[place + 1 :][:1].isalpha()
    }
    return {word, *less, *({word[1:-1]} if len(word) > _SHORTEST and word.isalpha() else ())}


def _in_number(word: str, place: int) -> bool:
    """Whether a word would be cut between two digits."""
    return word[place - 1 : place].isdigit() and word[place : place + 1].isdigit()
