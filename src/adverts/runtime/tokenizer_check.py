"""Refuse a tokenizer that is more than a vocabulary and the steps that bundles are written with.

A pattern of a stranger can take for ever on the right text, a replacement can make a text grow
without end, and a piece beyond the model's table has no row. So components, patterns and growth are
those of the encoders that are exported, and every id fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tokenizers import Tokenizer

from adverts.errors import IntegrityError
from adverts.runtime.manifest import TOKENIZER_NAME
from adverts.runtime.stored_fields import parse_json

COMPONENTS: Mapping[str, frozenset[str]] = {
    "normalizer": frozenset(
        {
            *("Sequence", "Nmt", "NFC", "NFD", "NFKC", "NFKD", "BertNormalizer", "Lowercase"),
            *("StripAccents", "Strip", "Precompiled", "Replace", "Prepend"),
        }
    ),
    "pre_tokenizer": frozenset(
        {
            *("Sequence", "BertPreTokenizer", "Metaspace", "Whitespace", "WhitespaceSplit"),
            *("ByteLevel", "Punctuation", "Digits"),
        }
    ),
    "model": frozenset({"Unigram", "WordPiece", "WordLevel", "BPE"}),
    "post_processor": frozenset(
        {"Sequence", "TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel"}
    ),
    "decoder": frozenset(
        {
            *("Sequence", "WordPiece", "Metaspace", "ByteLevel", "BPEDecoder", "ByteFallback"),
            *("Fuse", "Strip", "Replace"),
        }
    ),
}
"""The kinds of each part of ``tokenizer.json`` that are read."""
PATTERNS = frozenset({" {2,}"})
"""The regular expressions that are read."""
_KEYS = {"version", "truncation", "padding", "added_tokens", *COMPONENTS}
_MAX_STEPS, _MAX_PIECES_AROUND, _MAX_WORD = 16, 16, 1_000
_NESTED = ("normalizers", "pretokenizers", "processors", "decoders")


def read_tokenizer(data: bytes, rows: int | None) -> Tokenizer:
    """Return the tokenizer that a bundle holds.

    Args:
        data: The bytes of ``tokenizer.json``.
        rows: Of the model's table of pieces; None where not known.

    Raises:
        IntegrityError: It is none, one of parts that no bundle is written with, or one of pieces
            that the model has no row for.
    """
    try:
        raw = _object(parse_json(data), "the file")
        _check_parts(raw)
        largest = max(_ids(raw), default=-1)
        if rows is not None and largest >= rows:
            raise ValueError(f"it has the piece {largest}, the model's table has {rows} rows")
    except (ValueError, RecursionError) as error:
        raise IntegrityError(
            f"{TOKENIZER_NAME} is malformed ({error}); export the bundle again"
        ) from None
    return _load(data)


def _load(data: bytes) -> Tokenizer:
    try:
        return Tokenizer.from_buffer(data)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        raise IntegrityError(f"{TOKENIZER_NAME} is malformed; export the bundle again") from error


def _check_parts(raw: Mapping[str, object]) -> None:
    if set(raw) != _KEYS:
        raise ValueError(f"missing or unknown: {sorted(set(raw) ^ _KEYS)[:5]}")
    for name, known in COMPONENTS.items():
        for steps, part in enumerate(_steps(raw[name], name), 1):
            kind = part.get("type")
            if not isinstance(kind, str) or kind not in known:
                raise ValueError(f"{name} is of type {str(kind)[:40]!r}, which no bundle holds")
            if steps > _MAX_STEPS:
                raise ValueError(f"{name} has more than {_MAX_STEPS} steps")
            _check_step(name, kind, part)


def _steps(value: object, name: str) -> Iterator[Mapping[str, object]]:
    """Yield a part and, of a sequence, each of its own; without one, nothing."""
    if value is None:
        return
    part = _object(value, name)
    yield part
    for key in _NESTED:
        for one in _list(part.get(key, []), name):
            yield from _steps(one, name)


def _check_step(name: str, kind: str, part: Mapping[str, object]) -> None:
    if kind == "Replace":
        _check_replace(name, part)
    elif kind == "Prepend":
        _short(part.get("prepend"), f"{name}: prepend")
    elif kind == "TemplateProcessing":
        _check_template(name, part)
    elif kind == "WordPiece" and name == "model":
        longest = _id(part.get("max_input_chars_per_word"))
        if longest > _MAX_WORD:
            raise ValueError(f"{name}: words of {longest} characters, at most {_MAX_WORD}")
    elif kind == "BPE" and part.get("dropout"):
        raise ValueError(f"{name}: dropout makes every score another one; wanted none")


def _check_template(name: str, part: Mapping[str, object]) -> None:
    for key in ("single", "pair"):
        if len(_list(part.get(key), f"{name}: {key}")) > _MAX_PIECES_AROUND:
            raise ValueError(f"{name}: {key} has more than {_MAX_PIECES_AROUND} pieces")


def _check_replace(name: str, part: Mapping[str, object]) -> None:
    """Let no replacement be longer than what it replaces."""
    pattern = _object(part.get("pattern"), f"{name}: pattern")
    content, text = part.get("content"), pattern.get("String")
    if "Regex" in pattern and pattern["Regex"] not in PATTERNS:
        raise ValueError(f"{name}: the pattern {str(pattern['Regex'])[:40]!r} is none of ours")
    longest = len(text) if isinstance(text, str) else 1
    if not isinstance(content, str) or len(content) > longest or longest == 0:
        raise ValueError(f"{name}: a replacement is longer than what it replaces")


def _ids(raw: Mapping[str, object]) -> Iterator[int]:
    model = _object(raw["model"], "model")
    vocabulary = model.get("vocab")
    if isinstance(vocabulary, list):
        yield len(vocabulary) - 1
    else:
        yield from map(_id, _object(vocabulary, "model: vocab").values())
    for one in _list(raw["added_tokens"], "added_tokens"):
        token = _object(one, "added_tokens")
        if not token.get("content"):
            raise ValueError("added_tokens holds an empty piece")
        yield _id(token.get("id"))
    for part in _steps(raw["post_processor"], "post_processor"):
        yield from _special_ids(part)


def _special_ids(part: Mapping[str, object]) -> Iterator[int]:
    for token in _object(part.get("special_tokens", {}), "special_tokens").values():
        ids = _list(_object(token, "special_tokens").get("ids"), "special_tokens: ids")
        if len(ids) > _MAX_PIECES_AROUND:
            raise ValueError(f"a special token is more than {_MAX_PIECES_AROUND} pieces")
        yield from map(_id, ids)
    for key in ("sep", "cls"):
        if key in part:
            pair = _list(part[key], f"post_processor: {key}")
            yield _id(pair[-1] if pair else None)


def _id(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{str(value)[:40]!r} is no number of a piece")
    return value


def _short(value: object, place: str) -> None:
    if not isinstance(value, str) or len(value) > 1:
        raise ValueError(f"{place} wants at most one character")


def _object(value: object, place: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{place} is {type(value).__name__}, wanted an object")
    return value


def _list(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{place} is {type(value).__name__}, wanted a list")
    return value
