"""Parts of a ``tokenizer.json``, of every kind that the library reads, with one hostile value."""

from __future__ import annotations

import base64
import json
import random
import struct
from collections.abc import Mapping

from fuzz.values import mutated_json, piece, size_between, text_of, text_shape

Json = dict[str, object]
_BYTES: Json = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True}
_SPECIAL: Json = {"SpecialToken": {"id": "[CLS]", "type_id": 0}}
_FIRST: Json = {"Sequence": {"id": "A", "type_id": 0}}
_SECOND: Json = {"Sequence": {"id": "B", "type_id": 1}}
_ADDED: Json = {"id": 8, "content": "aab", "special": True, "single_word": False}
_WORDS = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "b": 5, "aa": 6, "##a": 7}
_NESTED = {
    "normalizer": "normalizers",
    "pre_tokenizer": "pretokenizers",
    "post_processor": "processors",
}
# each part of the format: the kinds of it that the library knows, with small values
_PLAIN: Mapping[str, tuple[Json, ...]] = {
    "normalizer": (
        {"type": "NFKD"},
        {"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": "a"}, "content": "b"},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
        {"type": "Precompiled", "precompiled_charsmap": ""},
        {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True}
        | {"strip_accents": None, "lowercase": True},
    ),
    "pre_tokenizer": (
        {"type": "Whitespace"},
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        {"type": "Split", "pattern": {"String": "a"}, "behavior": "Isolated", "invert": False},
        _BYTES | {"use_regex": True},
    ),
    "post_processor": (
        {"type": "TemplateProcessing", "single": [_SPECIAL, _FIRST], "pair": [_FIRST, _SECOND]}
        | {"special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}},
        {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        _BYTES | {"use_regex": True},
    ),
    "model": (
        {"type": "WordLevel", "vocab": _WORDS, "unk_token": "[UNK]"},
        {"type": "WordPiece", "vocab": _WORDS, "unk_token": "[UNK]"}
        | {"continuing_subword_prefix": "##", "max_input_chars_per_word": 100},
        {"type": "BPE", "vocab": _WORDS, "merges": [["a", "a"]], "unk_token": "[UNK]"}
        | {"dropout": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False}
        | {"continuing_subword_prefix": "", "end_of_word_suffix": ""},
        {"type": "Unigram", "vocab": [[word, -1.0] for word in _WORDS], "unk_id": 1}
        | {"byte_fallback": False},
    ),
}
_TURNS = {"model": 3}
_KINDS = tuple(
    (part, kind)
    for part, kinds in _PLAIN.items()
    for kind in kinds
    for _ in range(_TURNS.get(part, 1) + (kind["type"] == "Precompiled"))
)


def mutated_tokenizer(rng: random.Random, plain: str, number: int, size: int) -> tuple[str, str]:
    """Return the family of a change, and the tokenizer with it; numbers take turns of the kinds."""
    raw = json.loads(plain)
    if rng.random() < 0.15:
        added = [_ADDED | {"lstrip": True, "rstrip": True, "normalized": False}]
        family, text = mutated_json(rng, raw | {"added_tokens": added}, size)
        return f"whole, {family}", text
    part, made = _KINDS[number % len(_KINDS)]
    family, text = _hostile(rng, part, made, size)
    raw[part] = "@@part@@"
    return f"{part} {made['type']}, {family}", json.dumps(raw).replace('"@@part@@"', text, 1)


def _hostile(rng: random.Random, part: str, made: Json, size: int) -> tuple[str, str]:
    """Return the JSON of a part with one hostile value, or with itself many times."""
    nested = _NESTED.get(part)
    inner = {key: value for key, value in made.items() if key != "type"}
    if nested and (not inner or rng.random() < 0.25):
        steps = [json.dumps(made)] * min(size, rng.choice((16, 100_000)))
        return "steps", f'{{"type": "Sequence", "{nested}": [{", ".join(steps)}]}}'
    if made["type"] == "Precompiled" and rng.random() < 0.9:
        return "map", json.dumps(made | {"precompiled_charsmap": _character_map(rng, size)})
    vocab = made.get("vocab")
    if vocab and rng.random() < 0.5:
        return "pieces", json.dumps(
            made | {"vocab": _vocabulary(rng, size, as_list=isinstance(vocab, list))}
        )
    texts = [key for key, value in inner.items() if isinstance(value, str)]
    if texts and rng.random() < 0.6:
        name = rng.choice(texts)
        return f"long {name}", json.dumps(made | {name: _string(rng, size)})
    family, text = mutated_json(rng, inner, size)
    return family, f'{text[:-1]}, "type": "{made["type"]}"}}'


def _string(rng: random.Random, size: int) -> str:
    text = text_of(text_shape(rng), size)
    return text.encode("utf-8", "replace").decode()


def _vocabulary(rng: random.Random, size: int, *, as_list: bool) -> object:
    """Return a few ordinary pieces and some long ones, or many."""
    words = list(_WORDS)
    if rng.random() < 0.6:
        words += [_string(rng, size) for _ in range(rng.randint(1, 3))]
    else:  # many, that begin alike or do not
        start, width = _string(rng, size_between(rng, 1, 200)), rng.choice((1, 32, 128))
        count = min(size // (len(start) + width), 300_000)
        words += [f"{rng.getrandbits(4 * width):x}{start}{number}" for number in range(count)]
    if as_list:
        return [[word, -1.0] for word in words]
    return {word: min(place, 13) for place, word in enumerate(words)}


def _character_map(rng: random.Random, size: int) -> str:
    """Return a map of characters: a double array of units, then the texts of its leaves."""
    count = rng.choice((0, 1, 16, 256, 1_024, 1_024, 1_024))
    units = [0] * count
    if rng.random() < 0.4:
        bits = rng.choice((8, 12, 20, 32))
        units = [rng.getrandbits(bits) for _ in range(count)]
    elif count == 1_024:  # an array of one key, whose leaf is its text
        letter = ord(rng.choice("abeiot"))
        units[0], units[256 ^ letter] = 256 << 10, (256 ^ letter ^ 512) << 10 | 1 << 8 | letter
        units[512] = 1 << 31
        if rng.random() < 0.3:
            units[rng.choice((0, 256 ^ letter, 512))] ^= rng.getrandbits(32)
    table = struct.pack(f"<{count}I", *units)
    told = len(table)
    if rng.random() < 0.2:
        told = rng.choice((0, 4, told + 4, told // 2, 2**31, 2**32 - 4))
    text = text_of(text_shape(rng), min(size, 1_000_000)).encode("utf-8", "replace") + b"\0"
    text += piece(rng).encode("utf-8", "replace")
    return base64.b64encode(struct.pack("<I", told) + table + text).decode()
