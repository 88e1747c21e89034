"""Bound every part of a tokenizer, its map of characters included, before its library reads it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from os.path import commonprefix

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Ints

MAX_BYTES = 600_000
MAX_REPLACEMENT = 64
"""Most bytes that replace one character or a few; the longest of Unicode's own are 33."""
_AT_A_TIME = 4_096
_LABEL, _VALUE = np.uint32(0x800000FF), np.uint32(0x7FFFFFFF)
_LEAF, _WIDE = np.uint32(1 << 8), np.uint32(1 << 9)

Units = NDArray[np.uint32]
MAX_VALUES = 3_000_000
"""Most values of the whole file; 250,000 pieces with their scores are 750,000."""
MAX_PIECES, MAX_ADDED = 500_000, 1_000
MAX_PIECE = {"Unigram": 32, "WordPiece": 100, "WordLevel": 100, "BPE": 200}
"""Most characters of one piece by kind of model; exported encoders have 16, 18 and less."""
MAX_NODES = 3_000_000
"""Most bytes of all pieces, with equal beginnings counted once: each is a node in the library."""
MAX_TEXT, MAX_OTHERS = 200, 20_000
_MAX_WORD = 100
_KEYS = frozenset(
    {
        *("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer"),
        *("post_processor", "decoder", "model"),
    }
)
_AFFIXES = {"continuing_subword_prefix": 8, "end_of_word_suffix": 8, "unk_token": MAX_TEXT}


def check_character_map(text: str) -> None:
    """Check a map of characters as it is in ``tokenizer.json``.

    Raises:
        ValueError: The text is not a map, is too large, leads out of itself, or replaces a
            character by a long text.
    """
    try:
        data = base64.b64decode(text.encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("precompiled_charsmap is not base64") from None
    size = int.from_bytes(data[:4], "little")
    if not 4 < len(data) <= MAX_BYTES or size % 4 or not 0 < size <= len(data) - 4:
        raise ValueError(
            f"precompiled_charsmap has {len(data)} bytes and a trie of {size}, wanted a trie "
            f"inside it of at most {MAX_BYTES}"
        )
    units = np.frombuffer(data, "<u4", count=size // 4, offset=4).astype(np.uint32)
    _check_texts(data[4 + size :], _leaves(units))


def _offsets(units: Units) -> Ints:
    """Return the offset of each unit, which is applied by exclusive or."""
    wide = (units & _WIDE) >> np.uint32(6)
    return ((units >> np.uint32(10)) << wide).astype(np.int64)


def _leaves(units: Units) -> Ints:
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
            raise ValueError("precompiled_charsmap points outside itself")
        is_leaf = ((units[nodes] & _LEAF) != 0) & (nodes > 0)
        found.append((units[bases[is_leaf]] & _VALUE).astype(np.int64))
        fits = (units[steps] & _LABEL) == np.arange(256, dtype=np.uint32)
        fits[:, 0] = False  # a text ends before a zero byte
        reached = np.unique(steps[fits])
        reached = reached[~seen[reached]]
        seen[reached] = True
        waiting += [reached] if len(reached) else []
    return np.concatenate(found)


def _check_texts(data: bytes, places: Ints) -> None:
    """Require each leaf to point to a short text that ends."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("precompiled_charsmap contains a text that is not UTF-8") from None
    content = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(content == 0)
    if len(places) and (not len(ends) or places.max() > ends[-1]):
        raise ValueError("precompiled_charsmap points past its texts")
    inside = len(places) and ((content[places] & 0xC0) == 0x80).any()
    if inside:
        raise ValueError("precompiled_charsmap points inside a character")
    if len(places) and (ends[np.searchsorted(ends, places)] - places).max() > MAX_REPLACEMENT:
        raise ValueError(f"precompiled_charsmap has a text of more than {MAX_REPLACEMENT} bytes")


def check_bounds(raw: object) -> None:
    """Refuse a tokenizer with a part that is larger than in any exported tokenizer.

    Args:
        raw: Content of ``tokenizer.json``.

    Raises:
        ValueError: A part is refused; the message names it, what it holds and what is wanted.
    """
    if not isinstance(raw, dict) or not set(raw) <= _KEYS:
        raise ValueError("it is not a tokenizer, or has a part that no tokenizer has")
    model = raw.get("model")
    if not isinstance(model, dict):
        raise ValueError("model is missing")
    others = {name: part for name, part in raw.items() if name != "model"}
    pieces = {"vocab": model.get("vocab"), "merges": model.get("merges")}
    others["model"] = {name: part for name, part in model.items() if name not in pieces}
    _check_others(others)
    _check_added(raw.get("added_tokens"))
    _check_cuts(raw.get("truncation"), raw.get("padding"))
    _check_model(model)


def _check_others(value: object) -> None:
    """Bound everything but pieces: no long text, and not too many values."""
    waiting, count = [("", value)], 0
    while waiting:
        name, one = waiting.pop()
        count += 1
        if count + len(waiting) > MAX_OTHERS:
            raise ValueError(f"apart from its pieces it has more than {MAX_OTHERS} values")
        if isinstance(one, str):
            if name == "precompiled_charsmap":
                check_character_map(one)
            else:
                _require_short(name, one)
        elif isinstance(one, dict):
            waiting += [(_require_short("a name", key), inner) for key, inner in one.items()]
        elif isinstance(one, list):
            waiting += [(name, inner) for inner in one]


def _require_short(name: str, text: str, most: int = MAX_TEXT) -> str:
    if len(text) > most:
        raise ValueError(f"{name} has {len(text)} characters, wanted at most {most}")
    return text


def _check_added(added: object) -> None:
    if isinstance(added, list) and len(added) > MAX_ADDED:
        raise ValueError(f"added_tokens holds {len(added)} pieces, wanted at most {MAX_ADDED}")


def _check_cuts(*parts: object) -> None:
    """Bound the numbers of cutting and padding; the input specification sets both again."""
    for part in parts:
        for name, value in part.items() if isinstance(part, dict) else ():
            numbers = value.values() if isinstance(value, dict) else (value,)
            if any(isinstance(one, int) and one > 1_000_000 for one in numbers):
                raise ValueError(f"{name} is above 1000000; export the bundle again")


def _check_model(model: Mapping[str, object]) -> None:
    for name, most in _AFFIXES.items():
        text = model.get(name)
        if isinstance(text, str):
            _require_short(f"model: {name}", text, most)
    word = model.get("max_input_chars_per_word", _MAX_WORD)
    if not isinstance(word, int) or word > _MAX_WORD:
        raise ValueError(f"model: words may have {word} characters, wanted at most {_MAX_WORD}")
    kind = model.get("type")
    if not isinstance(kind, str) or kind not in MAX_PIECE:
        raise ValueError(f"model is of type {str(kind)[:40]!r}, which no bundle contains")
    longest = MAX_PIECE[kind]
    _check_pieces(_texts(model.get("vocab")), longest, is_tree=kind == "Unigram")
    _check_pieces(list(_merges(model.get("merges"))), 2 * longest + 1, is_tree=False)


def _check_pieces(pieces: list[str], longest: int, *, is_tree: bool) -> None:
    if len(pieces) > MAX_PIECES:
        raise ValueError(f"model: it has {len(pieces)} pieces, wanted at most {MAX_PIECES}")
    found = max(map(len, pieces), default=0)
    if found > longest:
        raise ValueError(f"model: a piece has {found} characters, wanted at most {longest}")
    if is_tree and len("".join(pieces).encode()) > MAX_NODES and _nodes(pieces) > MAX_NODES:
        raise ValueError(f"model: its pieces have more than {MAX_NODES} different beginnings")


def _nodes(pieces: Iterable[str]) -> int:
    before, count = b"", 0
    for piece in sorted(one.encode() for one in pieces):
        count += len(piece) - len(commonprefix([before, piece]))
        before = piece
    return count


def _texts(vocabulary: object) -> list[str]:
    """Return the pieces of a vocabulary, fast enough for 250,000 of them."""
    entries = vocabulary if isinstance(vocabulary, list) else []
    pairs = [one for one in entries if type(one) is list and len(one) == 2]
    found = [piece for piece, _ in pairs if type(piece) is str]
    if len(pairs) < len(entries):
        raise ValueError("model: a piece is not a pair")
    if len(found) < len(entries):
        raise ValueError("model: a piece is not a pair of a text and a number")
    return found if isinstance(vocabulary, list) else list(_object(vocabulary))


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _merges(merges: object) -> Iterator[str]:
    for entry in merges if isinstance(merges, list) else ():
        match entry:
            case str():
                yield entry
            case [str(left), str(right)]:
                yield f"{left} {right}"
            case _:
                raise ValueError("model: a merge is not a pair of texts")
