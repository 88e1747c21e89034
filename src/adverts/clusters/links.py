"""Links between adverts, which are the evidence for clusters, and traits that adverts may share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from adverts.inputs.contacts.contact_tokens import ContactToken

CLUSTERS_VERSION = 9
"""Version of the clustering rules, raised whenever any adverts cluster or link differently."""

LinkKind = Literal[
    "same_text",
    "same_image",
    "same_group",
    "shared_contact",
    "same_campaign",
    "near_text",
    "near_page",
    "near_image",
    "excerpt",
    "same_words",
]
TEXT_KINDS: tuple[LinkKind, ...] = ("same_text", "near_text")
"""Kinds along which a label may spread, since the captions of the adverts are alike."""
LINK_KINDS: tuple[LinkKind, ...] = get_args(LinkKind)
"""All kinds of link, the surest first; ``near_page`` is similar text read on a picture, others
hold a fifth or more of an ``excerpt``, and another holds most ``same_words``, spelt almost so."""
QUOTES: tuple[LinkKind, ...] = ("excerpt", "same_words")
"""Kinds that make no cluster, although a model that learnt from one advert has seen the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Pairs of adverts with the kind of link that joins them.

    Attributes:
        kinds: Kind of each link as an index into :data:`LINK_KINDS`, uint8 ``(P,)``.
        first: Row of one advert, int64 ``(P,)``.
        second: Row of the other advert, int64 ``(P,)``.
        similarity: 1.0 for equal things, Jaccard similarity for texts, share of equal hash bits
            for pictures, share of an excerpt or of the words that the other holds; float32
            ``(P,)``.
    """

    kinds: NDArray[np.uint8]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    similarity: NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.first)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield both rows of each link."""
        return zip(self.first.tolist(), self.second.tolist(), strict=True)

    def counts(self) -> dict[str, int]:
        """Return the number of links of each kind that occurs."""
        found = Counter(self.kinds.tolist())
        return {kind: found[i] for i, kind in enumerate(LINK_KINDS) if found[i]}

    def chosen(self, which: NDArray[np.bool_]) -> Links:
        """Return the links that a mask ``(P,)`` selects."""
        return Links(
            self.kinds[which], self.first[which], self.second[which], self.similarity[which]
        )

    def of_kinds(self, *kinds: LinkKind) -> Links:
        """Return the links of the given kinds."""
        return self.chosen(np.isin(self.kinds, [LINK_KINDS.index(kind) for kind in kinds]))


def pair_equal(keys: Iterable[Hashable | None]) -> list[tuple[int, int]]:
    """Return pairs of each row with the first row of the same key; None is no key."""
    first: dict[Hashable, int] = {}
    return [
        (first[key], row)
        for row, key in enumerate(keys)
        if key is not None and first.setdefault(key, row) != row
    ]


def equal_links(kind: LinkKind, pairs: Sequence[tuple[int, int]]) -> Links:
    """Return links of similarity 1.0 between rows that share something, e.g. a picture."""
    rows = np.array(pairs, np.int64).reshape(-1, 2)
    return alike_links(kind, rows[:, 0], rows[:, 1], np.ones(len(rows), np.float32))


def alike_links(
    kind: LinkKind,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    similarity: NDArray[np.float32],
) -> Links:
    """Return links of one kind with the given similarities."""
    return Links(np.full(len(first), LINK_KINDS.index(kind), np.uint8), first, second, similarity)


def join_links(parts: Sequence[Links]) -> Links:
    """Return all links, the surest kind first, and the most similar first within a kind."""
    kinds = np.concatenate([part.kinds for part in parts])
    similarity = np.concatenate([part.similarity for part in parts])
    first = np.concatenate([part.first for part in parts])
    second = np.concatenate([part.second for part in parts])
    order = np.lexsort((second, first, -similarity, kinds))
    return Links(kinds[order], first[order], second[order], similarity[order])


@dataclass(frozen=True, slots=True)
class Traits:
    """Traits that one advert may share with others.

    Attributes:
        id: Identifier of the advert; the smallest id of a cluster gives its name.
        text: Caption with masked contacts.
        page: Text of the pictures with masked contacts; empty if none was read.
        images: sha256 of each picture.
        group: Group that the source gives, or None.
        campaign: Campaign that a bank or the source gives, or None.
        account: Account that posted the advert, or None if unknown.
        contacts: Keyed tokens of the contacts; empty without a key.
    """

    id: str
    text: str = ""
    page: str = ""
    images: tuple[str, ...] = ()
    group: str | None = None
    campaign: str | None = None
    account: str | None = None
    contacts: tuple[ContactToken, ...] = ()
