"""Refuse a tokenizer that holds more than a vocabulary and the steps that bundles are written with.

An untrusted pattern can take for ever on some text, a replacement can make a text grow without end,
and a piece beyond the model's table has no row. So only the components, patterns and growth of
exported encoders are allowed, and every id must fit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from tokenizers import Tokenizer

from adverts.errors import IntegrityError, first_line
from adverts.files.bounded_reading import parse_json
from adverts.inputs.unigram import UnigramTokenizer
from adverts.runtime.manifest import TOKENIZER_NAME
from adverts.runtime.opening.tokenizer.large_unigram import LARGE_BYTES, LargeUnigram, take_unigram
from adverts.runtime.opening.tokenizer.tokenizer_bounds import MAX_VALUES, check_bounds

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
"""Maps each part of ``tokenizer.json`` to the kinds that are allowed."""
PATTERNS = frozenset({b" {2,}"})
"""The regular expressions that are allowed."""
_MAX_STEPS, _MAX_PIECES_AROUND = 16, 16
_REPEATED = frozenset({"Sequence", "Replace"})
"""Steps that may occur twice; others, such as ``ByteLevel``, double the text each time."""
_NESTED = ("normalizers", "pretokenizers", "processors", "decoders")
_ESCAPED_LETTER = re.compile(rb"\\u00[2-7]")  # no exporter writes it; it could hide a key
_BEFORE_PATTERN = re.compile(rb'"Regex"\s*:\s*')


def read_tokenizer(data: bytes, rows: int | None) -> Tokenizer | UnigramTokenizer:
    """Return the tokenizer that a bundle holds.

    Its size is bounded before the library reads it. The library is given what was parsed here, so
    that the check and the library cannot read different content. Each part is then checked as the
    library has read it.

    Args:
        data: Bytes of ``tokenizer.json``.
        rows: Number of rows of the model's table of pieces; None where not known.

    Raises:
        IntegrityError: The data is not a tokenizer, has parts that no bundle is written with, or
            has pieces that the model has no row for.
    """
    try:
        _check_patterns(data)
        raw = parse_json(data, max_values=MAX_VALUES)
        check_bounds(raw)
        large = take_unigram(raw) if len(data) >= LARGE_BYTES else None
        if large is not None:
            return _checked(large, rows)
        tokenizer = _load(json.dumps(raw, ensure_ascii=False).encode())
        for name in COMPONENTS:
            _check_component(name, getattr(tokenizer, name))
        _check_pieces(tokenizer, rows)
    except (ValueError, OverflowError) as error:
        raise IntegrityError(
            f"{TOKENIZER_NAME} is malformed ({error}); export the bundle again"
        ) from None
    return tokenizer


def _check_patterns(data: bytes) -> None:
    if _ESCAPED_LETTER.search(data):
        raise ValueError("it escapes letters that need no escape")
    for found in _BEFORE_PATTERN.finditer(data):
        place = found.end()
        if not any(data.startswith(b'"%b"' % pattern, place) for pattern in PATTERNS):
            raise ValueError(f"the pattern {data[place : place + 40]!r} is not one of ours")


def _load(data: bytes) -> Tokenizer:
    try:
        return Tokenizer.from_buffer(data)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library is not an Exception
        raise ValueError(first_line(error)[:200]) from None


def _checked(large: LargeUnigram, rows: int | None) -> UnigramTokenizer:
    """Check the parts as those of a small tokenizer; the pieces are checked in ``large``."""
    steps = _load(large.steps)
    for name in COMPONENTS:
        _check_component(name, getattr(steps, name))
    _check_pieces(steps, rows)
    if rows is not None and large.largest_id >= rows:
        raise ValueError(
            f"it has the piece {large.largest_id}, but the model's table has {rows} rows"
        )
    return large.joined(steps)


def _check_component(name: str, component: object) -> None:
    """Check a part of a tokenizer; of the model, which holds the pieces, only kind and dropout."""
    if component is None:
        return
    kind = type(component).__name__
    if name == "model":
        _require_known(name, kind)
        if getattr(component, "dropout", None):
            raise ValueError("model: dropout makes every score different; wanted none")
        return
    seen: set[object] = set()
    for steps, part in enumerate(_steps(_stored(component), name), 1):
        step = part.get("type")
        _require_known(name, step)
        if steps > _MAX_STEPS:
            raise ValueError(f"{name} has more than {_MAX_STEPS} steps")
        if step in seen and step not in _REPEATED:
            raise ValueError(f"{name} has two steps of the kind {step}, wanted one")
        seen.add(step)
        _check_step(name, part)


def _stored(component: object) -> object:
    """Return the stored state of a part of a tokenizer."""
    state = component.__getstate__()
    if not isinstance(state, bytes):
        raise ValueError(f"{type(component).__name__} does not describe itself")
    return parse_json(state)


def _require_known(name: str, kind: object) -> None:
    if not isinstance(kind, str) or kind not in COMPONENTS[name]:
        raise ValueError(f"{name} is of type {str(kind)[:40]!r}, which no bundle contains")


def _check_pieces(tokenizer: Tokenizer, rows: int | None) -> None:
    """Require a row for each piece; a Unigram numbers its pieces without a gap."""
    added = tokenizer.get_added_tokens_decoder()
    if any(not token.content for token in added.values()):
        raise ValueError("added_tokens holds an empty piece")
    largest = max(added, default=-1)
    if type(tokenizer.model).__name__ == "Unigram":
        largest = max(largest, tokenizer.get_vocab_size(with_added_tokens=False) - 1)
    else:
        pieces = tokenizer.get_vocab(with_added_tokens=False)
        largest = max(largest, max(pieces.values(), default=-1))
    if tokenizer.post_processor is not None:
        for part in _steps(_stored(tokenizer.post_processor), "post_processor"):
            largest = max(largest, *_special_ids(part), -1)
    if rows is not None and largest >= rows:
        raise ValueError(f"it has the piece {largest}, but the model's table has {rows} rows")


def _steps(value: object, name: str) -> Iterator[Mapping[str, object]]:
    """Yield a part and, for a sequence, each part in it."""
    part = _object(value, name)
    yield part
    for key in _NESTED:
        for one in _list(part.get(key, []), name):
            yield from _steps(one, name)


def _check_step(name: str, part: Mapping[str, object]) -> None:
    match part["type"]:
        case "Replace":
            _check_replace(name, part)
        case "Prepend":
            _short(part.get("prepend"), f"{name}: prepend")
        case "TemplateProcessing":
            _check_template(name, part)


def _check_template(name: str, part: Mapping[str, object]) -> None:
    for key in ("single", "pair"):
        if len(_list(part.get(key), f"{name}: {key}")) > _MAX_PIECES_AROUND:
            raise ValueError(f"{name}: {key} has more than {_MAX_PIECES_AROUND} pieces")


def _check_replace(name: str, part: Mapping[str, object]) -> None:
    """Refuse a replacement that is longer than what it replaces."""
    pattern = _object(part.get("pattern"), f"{name}: pattern")
    content, text = part.get("content"), pattern.get("String")
    longest = len(text) if isinstance(text, str) else 1
    if not isinstance(content, str) or len(content) > longest or longest == 0:
        raise ValueError(f"{name}: a replacement is longer than what it replaces")


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
        raise ValueError(f"{str(value)[:40]!r} is not the number of a piece")
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
