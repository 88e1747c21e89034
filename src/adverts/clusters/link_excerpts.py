"""Link adverts that quote passages of each other: half of a post, a post in a digest, or pieces.

Such texts are not near-duplicates, and they make no cluster: a digest would join all that it
quotes. But a model that learnt from the one has seen much of the other. It has also seen much of an
advert whose pieces stand in several others, each of which holds little of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.links import Links, alike_links

PASSAGE_LETTERS = 20
"""Letters of a passage that is compared, without spaces: about four words."""
FEWEST_PASSAGES = 5
"""Passages that an excerpt shares at least; about 40 letters in a row have as many."""
LEAST_SHARE = 0.2
"""Share of the passages of a text that others together must hold for it to be an excerpt. On four
public sets at most 15 of 1,000 test adverts have as many in training, and of test adverts that were
cut into pieces for it, 770 to 960."""
MOST_CLUSTERS = 6
"""Clusters that may hold a passage; what more of them hold is a set phrase, and says nothing unless
a quarter of a text stands in another one."""
WHOLE_SHARE = 0.25
"""Share of the passages of a text, set phrases too, that one other text holds where it is quoted,
however often that is. On four public sets at most 27 of 1,000 test adverts are quoted so in
training, before splits keep them together."""
HELD_PASSAGES, HELD_SHARE = 3, 0.1
"""Passages of an advert, and share of them, that adverts of earlier splits hold for a link. Set
phrases count. Between splits that keep families together at most 2 of 1,000 adverts of three public
sets have as many, 13 of a made-up corpus, and 38 of a set that others had divided; of adverts that
were cut into set phrases for training, nine in ten."""

_NOT_LETTERS = re.compile(r"[\W_]+")
_WINDOW = 8
_LETTERS_AT_ONCE = 1 << 21
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_NONE = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """Passages of texts, each text's once.

    Attributes:
        hashes: Hash of each passage, uint64 ``(P,)``.
        owners: Index of the text that holds it, int64 ``(P,)``, in ascending order.
    """

    hashes: NDArray[np.uint64]
    owners: NDArray[np.int64]


def link_excerpts(
    documents: Sequence[str],
    rows: Sequence[tuple[int, int]],
    *,
    clusters: NDArray[np.int64],
) -> Links:
    """Return links of the kind ``excerpt`` between rows of different clusters.

    A row whose caption or picture text other clusters hold enough of is linked to one row of each
    of them.

    Args:
        documents: Folded texts, each once.
        rows: Row and number of the document of every caption and picture text.
        clusters: Cluster of each row as a number, int64 ``(N,)``.
    """
    found = passages(documents)
    row_of, document_of = np.array(rows, np.int64).reshape(-1, 2).T
    starts = np.searchsorted(found.owners, np.arange(len(documents) + 1))
    counts = np.diff(starts)[document_of]
    places = _ranges(starts[document_of], counts)
    text_of = np.repeat(np.arange(len(rows)), counts)
    held = _Held(found.hashes[places], text_of, clusters[row_of])
    first, second, share = held.excerpts()
    return alike_links("excerpt", row_of[first], row_of[second], share)


def link_held(found: Passages, earlier: NDArray[np.bool_], later: NDArray[np.bool_]) -> Links:
    """Return links of the kind ``excerpt`` from texts to others that together hold enough of them.

    Set phrases count, too, and however many texts hold them: between two sets of texts that were
    kept apart there are few, unless somebody cut the ones into pieces for the others. A text is
    linked to one of those that hold some of it.

    Args:
        found: Passages of all texts.
        earlier: Which texts may hold passages, ``(N,)``.
        later: Which texts are linked to them, ``(N,)``.
    """
    inside = np.flatnonzero(earlier[found.owners])
    inside = inside[np.argsort(found.hashes[inside], kind="stable")]
    asked = np.flatnonzero(later[found.owners])
    held = asked[np.isin(found.hashes[asked], found.hashes[inside])]
    rows, first, counts = np.unique(found.owners[held], return_index=True, return_counts=True)
    share = counts / np.bincount(found.owners, minlength=len(later))[rows]
    kept = (counts >= HELD_PASSAGES) & (share >= HELD_SHARE)
    place = np.searchsorted(found.hashes[inside], found.hashes[held[first[kept]]])
    holders = found.owners[inside[place]]
    return alike_links("excerpt", rows[kept], holders, share[kept].astype(np.float32))


class _Held:
    """Which texts and clusters hold each passage; of many clusters, the same few for all."""

    def __init__(
        self, hashes: NDArray[np.uint64], texts: NDArray[np.int64], clusters: NDArray[np.int64]
    ) -> None:
        """Sort the passages.

        Args:
            hashes: Hash of each passage of each text, ``(P,)``.
            texts: Number of the text, ``(P,)``.
            clusters: Cluster of each text, ``(T,)``.
        """
        chance = np.random.default_rng(0).permutation(int(clusters.max(initial=0)) + 1)
        order = np.lexsort((chance[clusters[texts]], hashes))
        hashes, texts = hashes[order], texts[order]
        inside = clusters[texts]
        is_new = np.ones(len(hashes), bool)  # a passage, and a cluster that holds it
        is_new[1:] = (hashes[1:] != hashes[:-1]) | (inside[1:] != inside[:-1])
        holders = np.flatnonzero(is_new)
        passage = np.cumsum(np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]) - 1
        per_passage = np.bincount(passage[holders])
        self._texts, self._passages, self._clusters = texts, passage, clusters
        self._is_rare = per_passage[passage] <= MOST_CLUSTERS
        self._holders = texts[holders]  # the first text of each cluster that holds a passage
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(per_passage)])

    def excerpts(
        self,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Return pairs of texts, the excerpt first, and its share in the other's cluster."""
        ones: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
        others: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
        rares: list[NDArray[np.bool_]] = [np.zeros(0, np.bool_)]
        is_held = np.zeros(len(self._texts), bool)
        begin, end = self._starts[self._passages], self._starts[self._passages + 1]
        for step in range(MOST_CLUSTERS):
            within = np.flatnonzero(begin + step < end)
            holder = self._holders[begin[within] + step]
            text = self._texts[within]
            apart = self._clusters[holder] != self._clusters[text]
            is_held[within[apart]] = True
            ones.append(text[apart].astype(np.int32))
            others.append(holder[apart].astype(np.int32))
            rares.append(self._is_rare[within[apart]])
        one, other, rare = np.concatenate(ones), np.concatenate(others), np.concatenate(rares)
        order = np.lexsort((other, self._clusters[other], one))
        one, other, rare = one[order], other[order], rare[order]
        is_new = np.ones(len(one), bool)  # a text, and another cluster
        is_new[1:] = (one[1:] != one[:-1]) | (
            self._clusters[other[1:]] != self._clusters[other[:-1]]
        )
        pairs = np.flatnonzero(is_new)
        one, other = one[pairs], other[pairs]
        shared = np.diff(np.append(pairs, len(rare)))
        rarely = np.diff(np.append(0, np.cumsum(rare))[np.append(pairs, len(rare))])
        whole, few, held = (
            np.bincount(self._texts[chosen], minlength=len(self._clusters))
            for chosen in (slice(None), self._is_rare, self._is_rare & is_held)
        )
        is_excerpt = (held >= FEWEST_PASSAGES) & (held >= LEAST_SHARE * few)
        share = (shared / whole[one]).astype(np.float32)
        is_quoted = (shared >= FEWEST_PASSAGES) & (share >= WHOLE_SHARE)
        kept = is_quoted | (is_excerpt[one] & (rarely > 0))
        return one[kept], other[kept], share[kept]


def _ranges(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of all ranges, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)


def passages(texts: Sequence[str]) -> Passages:
    """Return passages of folded texts, chosen so that equal stretches of text share some.

    Of each stretch of :data:`PASSAGE_LETTERS` + 7 letters, the passage with the smallest hash is
    chosen. Two texts that share such a stretch therefore share a passage. Only letters and digits
    count.

    Source: S. Schleimer, D. Wilkerson, A. Aiken, "Winnowing: local algorithms for document
    fingerprinting" (2003).
    """
    parts = [_chosen(first, part) for first, part in _parts(texts)]
    if not parts:
        return Passages(np.zeros(0, np.uint64), np.zeros(0, np.int64))
    hashes, owners = (np.concatenate(one) for one in zip(*parts, strict=True))
    return Passages(hashes, owners)


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield parts of the texts, without spaces, of about ``_LETTERS_AT_ONCE`` letters."""
    part: list[str] = []
    letters = 0
    for place, text in enumerate(texts):
        part.append(_NOT_LETTERS.sub("", text))
        letters += len(part[-1])
        if letters >= _LETTERS_AT_ONCE:
            yield place + 1 - len(part), part
            part, letters = [], 0
    if part:
        yield len(texts) - len(part), part


def _chosen(first: int, texts: list[str]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the chosen passages of some texts, each once a text, and the texts that hold them."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    count = len(letters) - PASSAGE_LETTERS + 1
    if count < 1:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    hashes = np.zeros(count, np.uint64)
    for offset in range(PASSAGE_LETTERS):
        hashes *= _PRIME
        hashes ^= letters[offset : offset + count]
    hashes ^= hashes >> np.uint64(29)
    hashes *= _MIX
    owners = np.repeat(np.arange(len(texts), dtype=np.int64), lengths)
    hashes[owners[:count] != owners[PASSAGE_LETTERS - 1 :]] = _NONE  # across two texts
    smallest = hashes.copy()
    for offset in range(1, min(_WINDOW, count)):
        np.minimum(smallest[:-offset], hashes[offset:], out=smallest[:-offset])
    smallest[hashes == _NONE] = 0  # no stretch begins there
    is_chosen = np.zeros(count, bool)
    for offset in range(min(_WINDOW, count)):
        reached = slice(offset, count)
        is_chosen[reached] |= hashes[reached] == smallest[: count - offset]
    places = np.flatnonzero(is_chosen & (hashes != _NONE))
    found = np.unique(np.stack([owners[places].astype(np.uint64), hashes[places]], axis=1), axis=0)
    return found[:, 1], found[:, 0].astype(np.int64) + first
