"""Take out of a vocabulary the pieces that no text in the scripts in use can ever need.

A piece matches a part of the normalised text letter by letter, so one with a letter of another
script matches no text of these scripts alone, and its absence changes nothing there: the best path
of a Unigram model runs through the pieces that are left, at the same scores, and the longest match
of a WordPiece model is among them. A letter of another script becomes unknown instead.
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
_ALWAYS = "Latn"  # placeholders of contacts, and what stands before a text, are written in it
_LOOKED_UP = "input_ids"


@dataclass(frozen=True)
class Trimmed:
    """A smaller vocabulary.

    Attributes:
        tokenizer_json: The tokenizer, with new ids wherever it names one.
        kept_ids: Old id of each new one, ascending: the rows of the word table that stay.
        scripts: Whose letters it still knows, ISO 15924.
    """

    tokenizer_json: str
    kept_ids: tuple[int, ...]
    scripts: frozenset[str]

    def new_id(self, old: int) -> int:
        """Return the new id of a token, such as that of padding.

        Raises:
            InputError: It is not kept.
        """
        if old not in self._ranks:
            raise InputError(f"token {old} is not kept; it has letters of none of the scripts")
        return self._ranks[old]

    @cached_property
    def _ranks(self) -> Mapping[int, int]:
        return {old: new for new, old in enumerate(self.kept_ids)}


@dataclass(frozen=True, slots=True)
class TrimProof:
    """What was compared.

    Attributes:
        texts: With letters of the kept scripts alone, cut alike by both.
        others: With letters of other scripts, which the smaller vocabulary does not know.
    """

    texts: int
    others: int


def trim(tokenizer_json: str, scripts: frozenset[str]) -> Trimmed:
    """Return a vocabulary without the pieces that have letters of other scripts.

    Added tokens stay, and so does what decides how costly an unknown letter is.

    Args:
        tokenizer_json: Of the kind Unigram, WordPiece or WordLevel.
        scripts: ISO 15924; ``Latn`` among them. Japanese takes ``Jpan`` and ``Hani``.

    Raises:
        InputError: Another kind of tokenizer, or a script that is not known.
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
        InputError: The graph reads token ids otherwise than as rows of one table, or the table has
            no such rows.
    """
    table = _word_table(model.graph)
    rows = onnx.numpy_helper.to_array(table)
    if not kept_ids or max(kept_ids) >= len(rows):
        raise InputError(
            f"rows 0 to {max(kept_ids, default=-1)} are wanted, {table.name} has {len(rows)}; give "
            "the tokenizer of this model"
        )
    table.CopyFrom(onnx.numpy_helper.from_array(rows[np.array(kept_ids)], table.name))
    for value in list(model.graph.value_info):
        if value.name == table.name:
            model.graph.value_info.remove(value)
    return model


def prove_trim(tokenizer_json: str, trimmed: Trimmed, texts: Sequence[str]) -> TrimProof:
    """Prove that texts of the kept scripts are cut as before.

    Args:
        tokenizer_json: The whole tokenizer.
        trimmed: What :func:`trim` made of it.
        texts: As the model reads them: contacts masked.

    Raises:
        ParityError: A text is cut otherwise; names its position, never its content.
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
                f"text {i} is cut into {len(found)} tokens, before into {len(before.ids)}, or into "
                "others; ship the whole vocabulary: bundle.vocabulary=full"
            )
    return TrimProof(compared, len(texts) - compared)


def knows(tokenizer: Tokenizer, text: str, scripts: frozenset[str]) -> bool:
    """Return whether a text has letters of these scripts alone, once it is normalised."""
    normalizer = tokenizer.normalizer
    return within(normalizer.normalize_str(text) if normalizer else text, scripts)


def _check(scripts: frozenset[str]) -> None:
    unknown = sorted(scripts - KNOWN_SCRIPTS)
    if unknown or _ALWAYS not in scripts:
        raise InputError(
            f"bundle.scripts: {', '.join(unknown) or f'{_ALWAYS} is missing'}; wanted {_ALWAYS}, "
            f"and others of {', '.join(sorted(KNOWN_SCRIPTS))}"
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
    """Return the unknown token, and a piece of the lowest score, by which it is weighed."""
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
    """Return the table whose rows are looked up by token ids, and by nothing else."""
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
