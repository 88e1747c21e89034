"""Identify a set of adverts by their content, so that copies and new names change nothing.

Each advert has a key made of its text and pictures. A set keeps the sha256 of all keys, and the
smallest keys as a sketch: two sets that share adverts also share small keys.

Source: Broder, "On the resemblance and containment of documents", 1997 (bottom-k sketches).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SIZE = 512
"""Largest number of keys in a sketch."""
FEWEST = 128
"""Smallest number of keys in a sketch of at least as many adverts, in every release."""
SHARED = 0.2
"""Share of the smaller set that two sets must have in common to count as the same adverts."""


@dataclass(frozen=True, slots=True)
class AdvertSet:
    """The distinct contents of some adverts.

    Attributes:
        sha256: Hash of all keys in order; sets with equal hashes hold the same adverts.
        count: Number of distinct keys.
        sketch: The smallest keys in ascending order, at most :data:`SIZE`.
    """

    sha256: str
    count: int
    sketch: tuple[str, ...]

    def shares(self, other: AdvertSet) -> bool:
        """Return whether, by their sketches, a fifth of the smaller set is also in the other one.

        Only keys that both sketches would hold are compared; sets of at most :data:`SIZE` adverts
        are compared whole. An empty set shares nothing.
        """
        if not self.count or not other.count:
            return False
        if self.sha256 == other.sha256:
            return True
        ends = [one.sketch[-1] for one in (self, other) if one.count > len(one.sketch)]
        ours, theirs = (
            {key for key in one.sketch if not ends or key <= min(ends)} for one in (self, other)
        )
        both = len(ours & theirs)
        return both > 0 and both >= SHARED * min(len(ours), len(theirs))


def advert_set(keys: Iterable[str]) -> AdvertSet:
    """Return the set of adverts with these keys, each a hexadecimal hash of equal length."""
    distinct = sorted(set(keys))
    whole = hashlib.sha256("\n".join(distinct).encode()).hexdigest()
    return AdvertSet(whole, len(distinct), tuple(distinct[:SIZE]))


def content_key(text: str, pictures: Sequence[bytes]) -> str:
    """Return the key of one advert, which ignores case and white space in its text."""
    digest = hashlib.sha256(" ".join(text.casefold().split()).encode("utf-8", "surrogatepass"))
    for picture in pictures:
        digest.update(hashlib.sha256(picture).digest())
    return digest.hexdigest()[:12]
