"""Which adverts a split holds, by their content: a small sketch that survives copies and renames.

Each advert has a key made of what it says and shows. A set keeps the sha256 of all keys, and the
smallest of them as a sketch: two sets that share adverts share small keys, too.

Source: Broder, "On the resemblance and containment of documents", 1997 (bottom-k sketches).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SIZE = 512
"""Keys that a sketch holds at the most."""
FEWEST = 128
"""Keys that every sketch of so many adverts or more holds, also one of an earlier release."""
SHARED = 0.2
"""From which share of the adverts of either set on, two sets count as the same adverts."""


@dataclass(frozen=True, slots=True)
class AdvertSet:
    """The distinct contents of some adverts.

    Attributes:
        sha256: Of all keys in order; equal ones hold the same adverts.
        count: How many distinct keys there are.
        sketch: The smallest keys in order, at most :data:`SIZE`.
    """

    sha256: str
    count: int
    sketch: tuple[str, ...]

    def shares(self, other: AdvertSet) -> bool:
        """Tell whether a fifth of the adverts of one set is, as far as is seen, in the other.

        Sketches compare the keys up to the last that both would hold; sets of at most
        :data:`SIZE` adverts are compared whole. An empty set shares nothing.
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
    """Return the key of one advert; upper case and white space in its text change nothing."""
    digest = hashlib.sha256(" ".join(text.casefold().split()).encode("utf-8", "surrogatepass"))
    for picture in pictures:
        digest.update(hashlib.sha256(picture).digest())
    return digest.hexdigest()[:12]
