"""Clusters of exact copies: equal folded text, an equal image, or the same given group."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from adverts.clusters.union_find import UnionFind
from adverts.inputs.folding import fold

CLUSTERS_VERSION = 1


def exact_clusters(
    texts: Sequence[str],
    image_hashes: Sequence[tuple[str, ...]],
    groups: Sequence[str | None],
    *,
    ids: Sequence[str],
) -> list[str]:
    """Return one cluster name for each advert; adverts of equal names belong together.

    Two adverts are joined where their non-empty texts are equal after folding, where they share
    an image, or where they are of the same group; and so on through whole chains. An advert with
    nothing of the kind stands alone.

    Args:
        texts: Captions, contacts masked.
        image_hashes: For each advert the hashes of its images.
        groups: Group as the source gives it, or None.
        ids: Identifiers of the adverts; the smallest of a cluster names it, whatever the order
            of the rows.
    """
    sets = UnionFind(len(texts))
    first: dict[str, int] = {}
    for i, (text, hashes, group) in enumerate(zip(texts, image_hashes, groups, strict=True)):
        for key in _keys(text, hashes, group):
            sets.union(first.setdefault(key, i), i)
    roots = [sets.find(i) for i in range(len(texts))]
    smallest: dict[int, str] = {}
    for root, name in zip(roots, ids, strict=True):
        smallest[root] = min(name, smallest.get(root, name))
    return [_digest(smallest[root]) for root in roots]


def _keys(text: str, hashes: tuple[str, ...], group: str | None) -> Iterator[str]:
    folded = " ".join(fold(text).split())
    if folded:
        yield "text:" + _digest(folded)
    yield from ("image:" + value for value in hashes)
    if group is not None:
        yield "group:" + group


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
