"""Which adverts belong together, and why: equal or nearly equal text, a shared picture, a group."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.components import connect
from adverts.clusters.links import Links, alike_links, equal_links, join_links
from adverts.clusters.minhash import agreement, signatures
from adverts.clusters.near_text import near_duplicates
from adverts.clusters.shingles import shingle
from adverts.inputs.folding import fold

CLUSTERS_VERSION = 2
"""Rises whenever any adverts cluster differently."""


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """The clusters of a dataset, with the evidence.

    Attributes:
        names: Cluster of each advert; adverts of equal names belong together.
        links: What joins them. Equal things are linked to their first, so that what all share
            gives one link for each; an alike pair may be linked twice.
        refused: Links that were not followed, since a chain of them would join unlike adverts.
    """

    names: tuple[str, ...]
    links: Links
    refused: Links


def find_clusters(
    texts: Sequence[str],
    image_hashes: Sequence[tuple[str, ...]],
    groups: Sequence[str | None],
    *,
    ids: Sequence[str],
    threads: int = 1,
) -> Clustering:
    """Join adverts whose texts are equal or nearly so, that share an image, or are of one group.

    And so on through chains, see :func:`adverts.clusters.components.connect`. An advert with
    nothing of the kind stands alone. The order of rows plays no role.

    Args:
        texts: Captions, contacts masked.
        image_hashes: For each advert the hashes of its images.
        groups: Group as the source gives it, or None.
        ids: Identifiers of the adverts; the smallest of a cluster names it.
        threads: Cores to use.

    Raises:
        ValueError: The columns are not of one length.
    """
    if not len(ids) == len(texts) == len(image_hashes) == len(groups):
        raise ValueError(
            f"{len(ids)} ids, but {len(texts)} texts, {len(image_hashes)} image hashes and "
            f"{len(groups)} groups"
        )
    order = sorted(range(len(ids)), key=ids.__getitem__)
    distinct = _distinct([fold(texts[row]) for row in order])
    shingles = shingle(distinct.texts)
    signed = signatures(shingles, threads=threads)
    near = near_duplicates(shingles, signed, threads=threads)
    first_rows = distinct.first_rows
    links = join_links(
        [
            equal_links("same_text", _pairs(enumerate(distinct.of_row))),
            equal_links("same_image", _pairs(_each(image_hashes, order))),
            equal_links("same_group", _pairs((i, groups[row]) for i, row in enumerate(order))),
            alike_links(
                "near_text", first_rows[near.first], first_rows[near.second], near.similarity
            ),
        ]
    )

    def resemblance(one: int, other: int) -> float:
        a, b = distinct.of_row[one], distinct.of_row[other]
        return 1.0 if a is None or b is None else agreement(signed[a], signed[b])

    found = connect(links, len(order), resemblance=resemblance)
    names = [""] * len(order)
    for row, root in zip(order, found.roots.tolist(), strict=True):
        names[row] = _name(ids[order[root]])
    rows = np.array(order, np.int64)
    followed = np.ones(len(links), np.bool_)
    followed[found.refused] = False
    return Clustering(tuple(names), _chosen(links, followed, rows), _chosen(links, ~followed, rows))


@dataclass(frozen=True, slots=True, eq=False)
class _Distinct:
    """Texts without their copies: each once, where it stands first, and which row has which."""

    texts: list[str]
    first_rows: NDArray[np.int64]
    of_row: list[int | None]


def _distinct(folded: Sequence[str]) -> _Distinct:
    places: dict[str, int] = {}
    first_rows: list[int] = []
    of_row: list[int | None] = []
    for row, text in enumerate(folded):
        if text and text not in places:
            places[text] = len(places)
            first_rows.append(row)
        of_row.append(places[text] if text else None)
    return _Distinct(list(places), np.array(first_rows, np.int64), of_row)


def _each(
    image_hashes: Sequence[tuple[str, ...]], order: Sequence[int]
) -> Iterator[tuple[int, str]]:
    return ((i, value) for i, row in enumerate(order) for value in image_hashes[row])


def _pairs(keyed: Iterable[tuple[int, Hashable | None]]) -> list[tuple[int, int]]:
    """Pair every row with the first of the same key; a key of None is none."""
    first: dict[Hashable, int] = {}
    pairs = []
    for row, key in keyed:
        if key is not None and (known := first.setdefault(key, row)) != row:
            pairs.append((known, row))
    return pairs


def _chosen(links: Links, which: NDArray[np.bool_], rows: NDArray[np.int64]) -> Links:
    """Return some of the links, between rows as the caller counts them."""
    return Links(
        links.kinds[which],
        rows[links.first[which]],
        rows[links.second[which]],
        links.similarity[which],
    )


def _name(smallest: str) -> str:
    return hashlib.sha256(smallest.encode()).hexdigest()[:16]
