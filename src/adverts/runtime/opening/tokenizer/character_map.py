"""Refuse a map of characters (``Precompiled``) that its library could not walk without a fall.

The map is a double-array trie of 32-bit units, then the texts that its leaves point to. The library
follows units without looking whether they lie inside the array, and aborts the process where they
do not. Here every step that any text could take is taken once.

Source: Yata, darts-clone (``UnitOf``: label, leaf, offset); SentencePiece, ``normalizer.cc``.
"""

from __future__ import annotations

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

MAX_BYTES = 600_000
MAX_REPLACEMENT = 64
"""Bytes that stand for one character or a few; the longest of Unicode's own are 33."""
_AT_A_TIME = 4_096
_LABEL, _VALUE = np.uint32(0x800000FF), np.uint32(0x7FFFFFFF)
_LEAF, _WIDE = np.uint32(1 << 8), np.uint32(1 << 9)

Units = NDArray[np.uint32]
Places = NDArray[np.int64]


def check_character_map(text: str) -> None:
    """Walk through a map as it stands in ``tokenizer.json``.

    Raises:
        ValueError: It is no map, is larger than any, leads out of itself, or replaces a character
            by a long text.
    """
    try:
        data = base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("precompiled_charsmap is no base64") from None
    size = int.from_bytes(data[:4], "little")
    if not 4 < len(data) <= MAX_BYTES or size % 4 or not 0 < size <= len(data) - 4:
        raise ValueError(
            f"precompiled_charsmap has {len(data)} bytes and a trie of {size}, wanted a trie "
            f"inside of at most {MAX_BYTES}"
        )
    units = np.frombuffer(data, "<u4", count=size // 4, offset=4).astype(np.uint32)
    _check_texts(data[4 + size :], _leaves(units))


def _offsets(units: Units) -> Places:
    """Return how far each unit leads, by exclusive or."""
    wide = (units & _WIDE) >> np.uint32(6)
    return ((units >> np.uint32(10)) << wide).astype(np.int64)


def _leaves(units: Units) -> Places:
    """Return the values of all leaves that a text could reach.

    Raises:
        ValueError: A step leads out of the array.
    """
    seen = np.zeros(len(units), dtype=bool)
    seen[0] = True
    waiting, found = [np.zeros(1, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    while waiting:
        nodes = waiting.pop()
        rest, nodes = nodes[_AT_A_TIME:], nodes[:_AT_A_TIME]
        waiting += [rest] if len(rest) else []
        bases = nodes ^ _offsets(units[nodes])
        steps = bases[:, None] ^ np.arange(256, dtype=np.int64)
        if (steps >= len(units)).any():
            raise ValueError("precompiled_charsmap leads out of itself")
        is_leaf = ((units[nodes] & _LEAF) != 0) & (nodes > 0)
        found.append((units[bases[is_leaf]] & _VALUE).astype(np.int64))
        fits = (units[steps] & _LABEL) == np.arange(256, dtype=np.uint32)
        fits[:, 0] = False  # a text ends before a zero byte
        reached = np.unique(steps[fits])
        reached = reached[~seen[reached]]
        seen[reached] = True
        waiting += [reached] if len(reached) else []
    return np.concatenate(found)


def _check_texts(data: bytes, places: Places) -> None:
    """Require each leaf to point to a short text that ends."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("precompiled_charsmap holds a text that is no UTF-8") from None
    content = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(content == 0)
    if len(places) and (not len(ends) or places.max() > ends[-1]):
        raise ValueError("precompiled_charsmap points behind its texts")
    inside = len(places) and ((content[places] & 0xC0) == 0x80).any()
    if inside:
        raise ValueError("precompiled_charsmap points into a character")
    if len(places) and (ends[np.searchsorted(ends, places)] - places).max() > MAX_REPLACEMENT:
        raise ValueError(f"precompiled_charsmap has a text of more than {MAX_REPLACEMENT} bytes")
