"""Remove from a vocabulary the pieces that no text in the chosen scripts can need.

A piece matches a part of the normalised text letter by letter. A piece with a letter of another
script therefore never matches a text in the chosen scripts, and removing it changes nothing there.
The best path of a Unigram model and the longest match of a WordPiece model use only pieces that
stay, at the same scores. A letter of another script becomes the unknown token.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import onnx
import onnx.numpy_helper
from tokenizers import Tokenizer

from adverts.bundle.export.token_ids import (
    Json,
    as_id,
    as_object,
    as_objects,
    renumbered,
    renumbered_padding,
)
from adverts.errors import InputError, ParityError
from adverts.inputs.letters.scripts import KNOWN_SCRIPTS, belongs, within

_BY_NAME = ("WordPiece", "WordLevel")  # models whose vocabulary is an object: piece to id
_ALWAYS = "Latn"  # the script of contact placeholders and of text prefixes
_LOOKED_UP = "input_ids"


@dataclass(frozen=True)
class Trimmed:
    """A trimmed vocabulary.

    Attributes:
        tokenizer_json: The tokenizer with new ids everywhere.
        kept_ids: Old id of each new one, ascending: the rows of the word table that stay.
        scripts: ISO 15924 codes of the scripts that it still knows.
    """

    tokenizer_json: str
    kept_ids: tuple[int, ...]
    scripts: frozenset[str]

    def new_id(self, old: int) -> int:
        """Return the new id of a token, such as the padding token.

        Raises:
            InputError: The token is not kept.
        """
        if old not in self._ranks:
            raise InputError(
                f"token {old} is needed, but has no letters of the scripts in bundle.scripts"
            )
        return self._ranks[old]

    @cached_property
    def _ranks(self) -> Mapping[int, int]:
        return {old: new for new, old in enumerate(self.kept_ids)}


@dataclass(frozen=True, slots=True)
class TrimProof:
    """How many texts were compared.

    Attributes:
        texts: Number of texts in the kept scripts only; both vocabularies cut them the same.
        others: Number of texts with letters of other scripts, which were not compared.
    """

    texts: int
    others: int


def trim(tokenizer_json: str, scripts: frozenset[str]) -> Trimmed:
    """Return a vocabulary without the pieces that have letters of other scripts.

    Added tokens stay, and so does the piece that sets the cost of an unknown letter.

    Args:
        tokenizer_json: A tokenizer of the kind Unigram, WordPiece or WordLevel.
        scripts: ISO 15924 codes, ``Latn`` among them. Japanese needs ``Jpan`` and ``Hani``.

    Raises:
        InputError: The tokenizer is of another kind, a script is not known, or ``Latn`` is missing.
    """
    _check(scripts)
    raw: Json = json.loads(tokenizer_json)
    model, added = as_object(raw["model"]), as_objects(raw["added_tokens"])
    pieces = _pieces(model)
    kept = {i for i, piece in pieces.items() if all(belongs(one, scripts) for one in piece)}
    kept |= {as_id(token["id"]) for token in added} | _needed(model, pieces)
    kept_ids = tuple(sorted(kept))
    new = {old: rank for rank, old in enumerate(kept_ids)}
    smaller = raw | {
        "model": _smaller(model, new),
        "added_tokens": [token | {"id": new[as_id(token["id"])]} for token in added],
        "post_processor": renumbered(raw.get("post_processor"), new),
        "padding": renumbered_padding(raw.get("padding"), new),
    }
    text = json.dumps(smaller, ensure_ascii=False, separators=(",", ":"))
    return Trimmed(text, kept_ids, scripts)


def trim_table(model: onnx.ModelProto, kept_ids: Sequence[int]) -> onnx.ModelProto:
    """Keep these rows of the word table of a float32 model, in place, and return the model.

    Raises:
        InputError: The graph uses token ids for anything but the rows of one table, or the table
            lacks such rows.
    """
    table = _word_table(model.graph)
    rows = onnx.numpy_helper.to_array(table)
    if not kept_ids or max(kept_ids) >= len(rows):
        raise InputError(
            f"rows 0 to {max(kept_ids, default=-1)} are needed, but {table.name} has "
            f"{len(rows)}; give the tokenizer of this model"
        )
    table.CopyFrom(onnx.numpy_helper.from_array(rows[np.array(kept_ids)], table.name))
    for value in list(model.graph.value_info):
        if value.name == table.name:
            model.graph.value_info.remove(value)
    return model


def prove_trim(tokenizer_json: str, trimmed: Trimmed, texts: Sequence[str]) -> TrimProof:
    """Prove that texts of the kept scripts give the same tokens as before.

    Args:
        tokenizer_json: The whole tokenizer.
        trimmed: Result of :func:`trim` for this tokenizer.
        texts: Texts as the model reads them: contacts masked.

    Raises:
        ParityError: A text gives other tokens; the message has its position, never its content.
    """
    whole, smaller = (Tokenizer.from_str(one) for one in (tokenizer_json, trimmed.tokenizer_json))
    compared = 0
    for i, text in enumerate(texts):
        if not knows(whole, text, trimmed.scripts):
            continue
        compared += 1
        before, after = whole.encode(text), smaller.encode(text)
        found = [trimmed.kept_ids[new] for new in after.ids]
        if found != before.ids or after.offsets != before.offsets:
            raise ParityError(
                f"text {i} is cut into other tokens than before ({len(before.ids)} before, "
                f"{len(found)} now); keep the whole vocabulary: bundle.vocabulary=full"
            )
    return TrimProof(compared, len(texts) - compared)


def knows(tokenizer: Tokenizer, text: str, scripts: frozenset[str]) -> bool:
    """Return whether a text, once normalised, has only letters of these scripts."""
    normalizer = tokenizer.normalizer
    return within(normalizer.normalize_str(text) if normalizer else text, scripts)


def _check(scripts: frozenset[str]) -> None:
    unknown = sorted(scripts - KNOWN_SCRIPTS)
    if unknown or _ALWAYS not in scripts:
        raise InputError(
            f"bundle.scripts: {', '.join(unknown) or f'{_ALWAYS} is missing'}; wanted {_ALWAYS}, "
            f"and any of {', '.join(sorted(KNOWN_SCRIPTS))}"
        )


def _pieces(model: Json) -> dict[int, str]:
    """Return the piece of each id."""
    vocabulary = model.get("vocab")
    if model.get("type") == "Unigram" and isinstance(vocabulary, list):
        return {i: str(piece) for i, (piece, _) in enumerate(vocabulary)}
    if model.get("type") in _BY_NAME and isinstance(vocabulary, dict):
        return {as_id(i): str(piece) for piece, i in vocabulary.items()}
    raise InputError(
        f"a tokenizer of kind {model.get('type')!r} cannot be trimmed, wanted Unigram, "
        f"{' or '.join(_BY_NAME)}; set bundle.vocabulary=full"
    )


def _needed(model: Json, pieces: Mapping[int, str]) -> set[int]:
    """Return ids of the unknown token and of a piece of the lowest score, which sets its cost."""
    if model["type"] != "Unigram":
        return {i for i, piece in pieces.items() if piece == model.get("unk_token")}
    vocabulary = model["vocab"]
    assert isinstance(vocabulary, list), "so it was read"
    scores = [float(score) for _, score in vocabulary]
    unknown = set() if model.get("unk_id") is None else {as_id(model["unk_id"])}
    return unknown | ({scores.index(min(scores))} if scores else set())


def _smaller(model: Json, new: Mapping[int, int]) -> Json:
    vocabulary = model["vocab"]
    if isinstance(vocabulary, dict):
        kept = sorted((new[i], piece) for piece, i in vocabulary.items() if i in new)
        return model | {"vocab": {piece: i for i, piece in kept}}
    assert isinstance(vocabulary, list), "so it was read"
    unknown = model.get("unk_id")
    return model | {
        "vocab": [entry for i, entry in enumerate(vocabulary) if i in new],
        "unk_id": None if unknown is None else new[as_id(unknown)],
    }


def _word_table(graph: onnx.GraphProto) -> onnx.TensorProto:
    """Return the one table whose rows are looked up by token ids."""
    readers = [node for node in graph.node if _LOOKED_UP in node.input and node.op_type != "Shape"]
    names = {node.input[0] for node in readers if node.op_type == "Gather"}
    tables: list[onnx.TensorProto] = [one for one in graph.initializer if one.name in names]
    if len(tables) != 1 or any(node.op_type != "Gather" for node in readers):
        kinds = sorted({node.op_type for node in readers})
        raise InputError(
            f"token ids are read by {', '.join(kinds) or 'nothing'}, wanted one table of weights; "
            "set bundle.vocabulary=full"
        )
    return tables[0]
