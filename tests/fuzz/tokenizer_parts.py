"""Parts of a ``tokenizer.json``, of every kind that the library reads, with hostile values."""

from __future__ import annotations

import base64
import json
import random

from fuzz.values import mutated_json, size_between, text_of, text_shape

Json = dict[str, object]


def mutated_tokenizer(rng: random.Random, plain: str) -> tuple[str, str]:
    """Return the family of a change, and the tokenizer with it."""
    raw = json.loads(plain)
    if rng.random() < 0.3:
        return mutated_json(rng, raw, most=2e7)
    part = rng.choice(
        ("normalizer", "pre_tokenizer", "post_processor", "model", "model", "decoder")
    )
    part = "added_tokens" if rng.random() < 0.1 else part
    made = _PARTS[part](rng)
    raw[part] = made
    kind = made["type"] if isinstance(made, dict) else "list"
    return f"{part} {kind}", json.dumps(raw)


def _string(rng: random.Random, most: float = 2e7) -> str:
    if rng.random() < 0.4:
        return rng.choice(("a", " ", "▁", "", "##", "</w>", "é"))
    text = text_of(text_shape(rng), size_between(rng, 1, most))
    return text.encode("utf-8", "replace").decode()


def _pattern(rng: random.Random) -> Json:
    if rng.random() < 0.5:
        return {"String": _string(rng, 1e5)}
    return {"Regex": rng.choice(("(a+)+$", "(a|a)*b", ".*.*.*x", " {2,}", "(.*a){20}", "\\w+"))}


def _charsmap(rng: random.Random) -> str:
    size = rng.choice((0, 1, 4, 8, 16, 64, 300, 5_000))
    data = bytes(rng.randrange(256) for _ in range(size))
    if rng.random() < 0.6:  # the number of bytes of its table comes first
        length = rng.choice((0, 4, 8, len(data) // 4 * 4, 2**31, 2**32 - 4))
        data = length.to_bytes(4, "little") + data
    return base64.b64encode(data).decode()


def _normalizer(rng: random.Random) -> Json:
    return rng.choice(
        (
            lambda: {"type": rng.choice(("NFC", "NFD", "NFKC", "NFKD", "Nmt", "Lowercase"))},
            lambda: {"type": "StripAccents"},
            lambda: {"type": "Strip", "strip_left": True, "strip_right": True},
            lambda: {"type": "Prepend", "prepend": _string(rng)},
            lambda: {"type": "Replace", "pattern": _pattern(rng), "content": _string(rng, 1e5)},
            lambda: {"type": "Precompiled", "precompiled_charsmap": _charsmap(rng)},
            lambda: {"type": "Precompiled", "precompiled_charsmap": _charsmap(rng)},
            lambda: {"type": "Sequence", "normalizers": [_normalizer(rng)] * rng.randint(1, 20)},
        )
    )()


def _pre_tokenizer(rng: random.Random) -> Json:
    return rng.choice(
        (
            lambda: {"type": rng.choice(("Whitespace", "WhitespaceSplit", "BertPreTokenizer"))},
            lambda: {
                "type": "Metaspace",
                "replacement": rng.choice(("▁", "a", "é")),
                "prepend_scheme": rng.choice(("always", "first", "never")),
                "split": rng.random() < 0.5,
            },
            lambda: {
                "type": "Split",
                "pattern": _pattern(rng),
                "behavior": "Isolated",
                "invert": False,
            },
            lambda: {"type": "Digits", "individual_digits": True},
            lambda: {"type": "Punctuation", "behavior": "Isolated"},
            lambda: {
                "type": "ByteLevel",
                "add_prefix_space": True,
                "trim_offsets": True,
                "use_regex": rng.random() < 0.5,
            },
            lambda: {
                "type": "Sequence",
                "pretokenizers": [_pre_tokenizer(rng)] * rng.randint(1, 20),
            },
        )
    )()


def _post_processor(rng: random.Random) -> Json:
    count = size_between(rng, 1, 1e5)
    special = {"SpecialToken": {"id": "[CLS]", "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    other = {"Sequence": {"id": "B", "type_id": 1}}
    return {
        "type": "TemplateProcessing",
        "single": [special] * rng.choice((0, 1, count)) + [text] * rng.choice((1, 1, 1_000)),
        "pair": [special, text, *[other] * rng.choice((1, 1, 1_000))],
        "special_tokens": {
            "[CLS]": {
                "id": "[CLS]",
                "ids": [2] * rng.choice((1, count)),
                "tokens": ["[CLS]"] * rng.choice((1, count)),
            }
        },
    }


def _model(rng: random.Random) -> Json:
    words = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "b": 5, "aa": 6, "##a": 7}
    long = _string(rng, 5e6)
    if rng.random() < 0.6:
        words[long] = 8
    if rng.random() < 0.3:
        words |= {f"{long[:20]}{number}": 8 for number in range(size_between(rng, 1, 3e5))}
    pieces = [[word, -float(number + 1)] for number, word in enumerate(words)]
    return rng.choice(
        (
            lambda: {"type": "WordLevel", "vocab": words, "unk_token": "[UNK]"},
            lambda: {
                "type": "WordPiece",
                "unk_token": "[UNK]",
                "continuing_subword_prefix": _string(rng),
                "max_input_chars_per_word": rng.choice((100, 100, 100_000, 10**9)),
                "vocab": words,
            },
            lambda: {
                "type": "BPE",
                "dropout": None,
                "unk_token": rng.choice(("[UNK]", None)),
                "continuing_subword_prefix": rng.choice((None, "", _string(rng))),
                "end_of_word_suffix": rng.choice((None, "", _string(rng))),
                "fuse_unk": False,
                "byte_fallback": False,
                "ignore_merges": rng.random() < 0.5,
                "vocab": words,
                "merges": rng.choice(([], [["a", "a"]])),
            },
            lambda: {
                "type": "Unigram",
                "unk_id": 1,
                "vocab": pieces,
                "byte_fallback": rng.random() < 0.3,
            },
        )
    )()


def _decoder(rng: random.Random) -> Json:
    return rng.choice(
        (
            lambda: {"type": "WordPiece", "prefix": _string(rng), "cleanup": True},
            lambda: {"type": "BPEDecoder", "suffix": _string(rng)},
            lambda: {"type": "Replace", "pattern": _pattern(rng), "content": _string(rng)},
        )
    )()


def _added(rng: random.Random) -> list[Json]:
    one = {"single_word": False, "lstrip": True, "rstrip": True, "normalized": False}
    count = size_between(rng, 1, 2e4)
    text = _string(rng, 1e6)
    return [
        {"id": 8 + number % 3, "content": f"{text}{number}", "special": True} | one
        for number in range(min(count, max(1, int(1e7 / (len(text) + 1)))))
    ]


_PARTS = {
    "normalizer": _normalizer,
    "pre_tokenizer": _pre_tokenizer,
    "post_processor": _post_processor,
    "model": _model,
    "decoder": _decoder,
    "added_tokens": _added,
}
