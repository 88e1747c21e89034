"""Identify a set of adverts by their content, so that copies and new names change nothing.

Each advert has a key made of its text and pictures. A set keeps the sha256 of all keys, and the
smallest keys as a sketch: two sets that share adverts also share small keys. Members are all keys,
with split and label: they tell what is gone, which a sketch cannot.

Source: Broder, "On the resemblance and containment of documents", 1997 (bottom-k sketches).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import SPLITS

Members = NDArray[np.uint64]
"""Adverts in ascending order, one number each: 48 bits of key, 2 of split, 2 of label."""
UNKNOWN, NEGATIVE, POSITIVE = 0, 1, 2
"""Headline label of a member."""
_BYTES = 7
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


def written_key(text: str, pictures: Sequence[bytes]) -> str:
    """Return a key that also tells how the text is written: half of it is that of the content."""
    written = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return content_key(text, pictures)[:6] + written[:6]


def member(key: str, split: str, label: int) -> int:
    """Return the number of one advert among :data:`Members`."""
    return int(key, 16) << 4 | SPLITS.index(split) << 2 | label


def pack(members: Iterable[int]) -> bytes:
    """Return members as bytes, seven each, sorted; copies of an advert stay."""
    numbers = np.sort(np.fromiter(members, dtype=">u8"))
    return numbers.view(np.uint8).reshape(-1, 8)[:, 8 - _BYTES :].tobytes()


def unpack(packed: bytes) -> Members:
    """Return the members that :func:`pack` packed.

    Raises:
        ValueError: They are not whole, or have a split or label that does not exist.
    """
    if len(packed) % _BYTES:
        raise ValueError("the members are not whole")
    padded = np.zeros((len(packed) // _BYTES, 8), dtype=np.uint8)
    padded[:, 8 - _BYTES :] = np.frombuffer(packed, dtype=np.uint8).reshape(-1, _BYTES)
    members = padded.view(">u8").reshape(-1).astype(np.uint64)
    if (members & 3 == 3).any() or (members >> 2 & 3 == 3).any():
        raise ValueError("a member has a split or label that does not exist")
    return members


def joined(parts: Iterable[Members]) -> Members:
    """Return the members, or the keys, of all parts one after the other; there may be none."""
    return np.concatenate([np.array([], dtype=np.uint64), *parts])


def set_of(members: Members) -> AdvertSet:
    """Return the set of the distinct contents of members."""
    return advert_set(f"{key:012x}" for key in np.unique(members >> 4).tolist())
