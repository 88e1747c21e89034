"""Replace token ids in the parts of a tokenizer.json outside its vocabulary."""

from __future__ import annotations

from collections.abc import Mapping

from adverts.errors import InputError

Json = dict[str, object]


def renumbered(processor: object, new: Mapping[int, int]) -> object:
    """Return a post-processor with new ids; None if there is none.

    Raises:
        InputError: The post-processor is of an unknown kind.
    """
    if processor is None:
        return None
    found = as_object(processor)
    match found.get("type"):
        case "TemplateProcessing":
            special = as_object(found["special_tokens"])
            return found | {"special_tokens": {k: _template(v, new) for k, v in special.items()}}
        case "BertProcessing" | "RobertaProcessing":
            return found | {name: _named(found[name], new) for name in ("sep", "cls")}
        case "Sequence":
            return found | {
                "processors": [renumbered(one, new) for one in as_objects(found["processors"])]
            }
        case kind:
            raise InputError(
                f"a post-processor of kind {kind!r} cannot be renumbered; set "
                "bundle.vocabulary=full"
            )


def _template(token: object, new: Mapping[int, int]) -> Json:
    found = as_object(token)
    ids = found["ids"]
    assert isinstance(ids, list), "a template lists its ids"
    return found | {"ids": [new[as_id(i)] for i in ids]}


def _named(pair: object, new: Mapping[int, int]) -> list[object]:
    assert isinstance(pair, list), "a name and its id"
    return [pair[0], new[as_id(pair[1])]]


def renumbered_padding(padding: object, new: Mapping[int, int]) -> object:
    """Return the padding settings of a tokenizer with the new id; None if it has none."""
    if padding is None:
        return None
    found = as_object(padding)
    return found | {"pad_id": new[as_id(found["pad_id"])]}


def as_id(value: object) -> int:
    """Return a value of the file as an id."""
    assert isinstance(value, int), "an id is a whole number"
    return value


def as_object(value: object) -> Json:
    """Return a value of the file as an object."""
    assert isinstance(value, dict), "tokenizers write an object here"
    return value


def as_objects(value: object) -> list[Json]:
    """Return a value of the file as a list of objects."""
    assert isinstance(value, list), "tokenizers write a list here"
    return [as_object(one) for one in value]
