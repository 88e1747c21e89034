"""Read the tokenizer of a large vocabulary without the tables that its library would build."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tokenizers import Tokenizer

from adverts.files.bounded_reading import parse_json
from adverts.inputs.unigram import Added, Pieces, Placed, UnigramTokenizer
from adverts.runtime.opening.tokenizer.tokenizer_bounds import MAX_VALUES

LARGE_BYTES = 1_000_000
"""Smallest size of a ``tokenizer.json`` that is read here; the library reads a smaller one."""
_MODEL_KEYS = {"type", "unk_id", "vocab", "byte_fallback"}
_MAX_ADDED, _MAX_ID = 100, 2**31 - 1
_PLAIN = {"special": True, "normalized": False, "single_word": False, "rstrip": False}


Around = dict[Literal["single", "pair"], list[Placed]]


@dataclass(frozen=True, slots=True)
class LargeUnigram:
    """A Unigram tokenizer, taken apart and not yet checked.

    Attributes:
        steps: JSON of the tokenizer without its pieces, which the library reads.
        pieces: Pieces of the vocabulary.
        added: Pieces that are found in a text as it is, before it is normalised.
        around: How one text, or two, are put together.
    """

    steps: bytes
    pieces: Pieces
    added: list[Added]
    around: Around

    @property
    def largest_id(self) -> int:
        """Largest id of any piece, added ones too."""
        return max(len(self.pieces) - 1, *(one.id for one in self.added), -1)

    def joined(self, steps: Tokenizer) -> UnigramTokenizer:
        """Return the tokenizer, ready to encode.

        Args:
            steps: Tokenizer that the library has made from :attr:`steps`.
        """
        return UnigramTokenizer(steps, self.pieces, self.added, self.around)


def read_unigram(data: bytes) -> LargeUnigram | None:
    """Return a tokenizer that is read here; None for another kind, which the library reads.

    Raises:
        ValueError: The data is not JSON with only one meaning, or its pieces are malformed.
        OverflowError: A piece has a score that does not fit in float64.
    """
    return take_unigram(parse_json(data, max_values=MAX_VALUES))


def take_unigram(raw: object) -> LargeUnigram | None:
    """Take the pieces out of the content of a file, as :func:`read_unigram` does.

    Args:
        raw: Content with bounded parts; its pieces are removed, unless None is returned.

    Raises:
        ValueError: The pieces are malformed.
        OverflowError: A piece has a score that does not fit in float64.
    """
    if not isinstance(raw, dict) or not isinstance(model := raw.get("model"), dict):
        return None
    added, around = _added(raw.get("added_tokens")), _around(raw.get("post_processor"))
    if not _is_ours(raw, model) or added is None or around is None:
        return None
    vocabulary, unknown_id = _vocabulary(model["vocab"]), model["unk_id"]
    pieces = Pieces(vocabulary, unknown_id)
    model["vocab"], model["unk_id"], raw["added_tokens"] = [["?", 0.0]], 0, []
    return LargeUnigram(json.dumps(raw).encode(), pieces, added, around)


def _is_ours(raw: Mapping[str, object], model: Mapping[str, object]) -> bool:
    splitting = raw.get("pre_tokenizer")
    return (
        model.get("type") == "Unigram"
        and set(model) <= _MODEL_KEYS
        and not model.get("byte_fallback")
        and type(model.get("unk_id")) is int
        and isinstance(splitting, dict)
        and splitting.get("type") == "Metaspace"
        and splitting.get("prepend_scheme") in ("always", "never")
    )


def _vocabulary(raw: object) -> list[tuple[str, float]]:
    """Return the pieces with their scores, fast enough for 250,000 of them."""
    found = []
    for entry in raw if isinstance(raw, list) else []:
        if type(entry) is not list or len(entry) != 2:
            raise ValueError("model: a piece is not a pair")
        piece, score = entry
        if type(piece) is not str or type(score) not in (float, int):
            raise ValueError("model: a piece is not a pair of a text and a number")
        found.append((piece, score))
    return found


def _added(raw: object) -> list[Added] | None:
    entries, found = raw if isinstance(raw, list) else [], []
    if len(entries) > _MAX_ADDED:  # each is searched for at each letter
        return None
    for one in entries:
        if not isinstance(one, dict) or any(one.get(key) is not _PLAIN[key] for key in _PLAIN):
            return None
        content, number, spaces = one.get("content"), one.get("id"), one.get("lstrip")
        if not isinstance(content, str) or not content or content != content.strip():
            return None
        if type(number) is not int or not 0 <= number <= _MAX_ID or not isinstance(spaces, bool):
            return None
        found.append(Added(content, number, spaces))
    return found


def _around(raw: object) -> Around | None:
    """Return how texts are put together, if a template of the library defines it."""
    if not isinstance(raw, dict) or raw.get("type") != "TemplateProcessing":
        return None
    single, pair = (_placed(raw.get(key), raw.get("special_tokens")) for key in ("single", "pair"))
    return None if single is None or pair is None else {"single": single, "pair": pair}


def _placed(raw: object, special: object) -> list[Placed] | None:
    found = []
    for one in raw if isinstance(raw, list) else []:
        match one:
            case {"SpecialToken": {"id": str(name), "type_id": int(type_id)}}:
                ids = _special_ids(special, name)
                if ids is None:
                    return None
                found.append(Placed(ids, is_second=False, type_id=type_id))
            case {"Sequence": {"id": "A" | "B" as name, "type_id": int(type_id)}}:
                found.append(Placed(None, is_second=name == "B", type_id=type_id))
            case _:
                return None
    return found


def _special_ids(special: object, name: str) -> tuple[int, ...] | None:
    match special:
        case dict() if isinstance(one := special.get(name), dict):
            ids = one.get("ids")
            if isinstance(ids, list) and all(type(i) is int and i >= 0 for i in ids):
                return tuple(ids)
    return None
