"""No tokenizer of a stranger costs unbounded time or memory: each part of it has a bound."""

import base64
import json
import random
import struct

import pytest
from bounded import in_bounds
from tokenizers import Tokenizer, normalizers
from tokenizers.models import WordLevel

from adverts.errors import IntegrityError
from adverts.runtime import Classifier
from adverts.runtime.opening.tokenizer.tokenizer_bounds import check_character_map
from adverts.runtime.opening.tokenizer.tokenizer_check import read_tokenizer

pytestmark = pytest.mark.promise


def stored(**parts):
    made = Tokenizer(WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]"))
    return json.loads(made.to_str()) | parts


def dumped(**parts):
    return json.dumps(stored(**parts), ensure_ascii=False).encode()


def wordpiece(**more):
    plain = {"type": "WordPiece", "unk_token": "a", "continuing_subword_prefix": "##"}
    return plain | {"max_input_chars_per_word": 100, "vocab": {"a": 0}} | more


def unigram(pieces, **more):
    return {"type": "Unigram", "unk_id": 0, "vocab": [[one, -1.0] for one in pieces]} | more


def bpe(**more):
    plain = {"type": "BPE", "vocab": {"a": 0}, "merges": []}
    return plain | more


TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [{"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {},
}
BYTES = {"type": "ByteLevel"} | dict.fromkeys(
    ("add_prefix_space", "trim_offsets", "use_regex"), True
)
LONG = {
    "a subword prefix": {"model": wordpiece(continuing_subword_prefix="#" * 300_000)},
    "a prefix of BPE": {"model": bpe(continuing_subword_prefix="#" * 300_000)},
    "an ending of BPE": {"model": bpe(end_of_word_suffix="#" * 300_000)},
    "words without end": {"model": wordpiece(max_input_chars_per_word=10**6)},
    "a piece of Unigram": {"model": unigram(["<unk>", "a" * 500_000])},
    "a piece of WordPiece": {"model": wordpiece(vocab={"a" * 500_000: 0})},
    "a merge": {"model": bpe(merges=["a " + "a" * 500_000])},
    "too many added pieces": {
        "added_tokens": [
            {"id": i, "content": f"a{i}", "special": True}
            | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
            for i in range(1_100)
        ]
    },
    "an added piece": {"added_tokens": [{"id": 1, "content": "a" * 500_000, "special": True}]},
    "a replacement": {
        "normalizer": {"type": "Replace", "pattern": {"String": "a" * 500_000}, "content": "b"}
    },
    "a step of a sequence": {
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}] * 30_000}
    },
    "bytes of bytes": {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [BYTES] * 8}},
    "padding": {
        "padding": {"strategy": {"Fixed": 2**31}, "direction": "Right", "pad_id": 0}
        | {"pad_type_id": 0, "pad_token": "a", "pad_to_multiple_of": None}
    },
    "a template": {"post_processor": TEMPLATE | {"single": TEMPLATE["single"] * 10_000}},
    "a decoder": {"decoder": {"type": "WordPiece", "prefix": "#" * 500_000, "cleanup": True}},
    "a part that none has": {"odd": 1},
}


@pytest.mark.parametrize("what", LONG)
def test_a_part_that_is_larger_than_any_of_an_encoder_is_refused(what):
    data = dumped(**LONG[what])
    told = in_bounds(lambda: read_tokenizer(data, None))
    assert told.startswith("IntegrityError: tokenizer.json is malformed")
    assert len(told) < 1_000


def long_pieces():
    numbers = random.Random(0)
    return [f"{numbers.getrandbits(128):032x}" for _ in range(115_000)]


BOMBS = {
    "pieces that share no beginning": lambda: dumped(model=unigram(["<unk>", *long_pieces()])),
    "empty lists": lambda: b"[" + b"[]," * 6_000_000 + b"[]]",
    "empty objects": lambda: dumped() + b"," + b"{}," * 6_000_000,
    "a pattern without end": lambda: (
        b'{"normalizer": {"type": "Replace", "pattern": {"Regex": "' + b"a|" * 10_000_000 + b'"}}}'
    ),
    "merges of nothing": lambda: dumped(model=bpe(merges=[[]] * 300_000)),
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_large_file_is_refused_in_little_memory(what):
    data = BOMBS[what]()
    told = in_bounds(lambda: read_tokenizer(data, None), more_bytes=500_000_000)
    assert told.startswith("IntegrityError: tokenizer.json is malformed")


def unit(label=0, offset=0, *, leaf=False):
    return offset << 10 | label | leaf << 8


def encoded(units, texts=b"", size=None):
    trie = struct.pack(f"<{len(units)}I", *units)
    return base64.b64encode(struct.pack("<I", size or len(trie)) + trie + texts).decode()


def charsmap(letter="a", text=b"b"):
    """A double array of one key: root, base 256; its letter there, base 512; its leaf there."""
    units = [0] * 1_024
    units[0] = unit(offset=256)
    place = 256 ^ ord(letter)
    units[place] = unit(ord(letter), place ^ 512, leaf=True)
    units[512] = 1 << 31
    return encoded(units, text + b"\0")


def test_a_map_that_stays_inside_of_itself_is_read_and_maps_as_it_says():
    made = {"type": "Precompiled", "precompiled_charsmap": charsmap()}
    tokenizer = read_tokenizer(dumped(normalizer=made), None)
    assert tokenizer.normalizer.normalize_str("a cat") == "b cbt"


def leading_out():
    units = [0] * 512
    units[0] = unit(offset=256)
    units[256 ^ ord("a")] = unit(ord("a"), 2**21 - 1)
    return encoded(units)


MAPS = {
    "not base64": "*",
    "nothing": "",
    "a trie beyond its end": encoded([0] * 256, size=2**32 - 4),
    "a trie of half a unit": encoded([0] * 256, size=1_023),
    "a root that leads out": encoded([unit(offset=2**20)] * 256),
    "a node that leads out": leading_out(),
    "a text behind the last": charsmap(text=b"")[:-4],
    "a long text": charsmap(text=b"b" * 100),
    "a text that is none": charsmap(text=b"\xff"),
    "more than any": encoded([0] * 200_000),
}


@pytest.mark.parametrize("what", MAPS)
def test_a_map_of_characters_that_would_end_the_process_is_refused(what):
    with pytest.raises(ValueError, match="precompiled_charsmap"):
        check_character_map(MAPS[what])


@pytest.mark.parametrize("seed", range(6))
def test_a_map_that_is_accepted_never_ends_the_process(seed):
    numbers = random.Random(seed)
    units = [
        numbers.choice(
            [
                unit(i & 255, numbers.choice([0, 256, 512, 768]), leaf=True),
                numbers.randrange(2**12),
                i & 255,
            ]
        )
        for i in range(1_024)
    ]
    data = encoded(units, b"b" * numbers.randrange(40) + b"\0" * numbers.randrange(3))
    try:
        check_character_map(data)
    except ValueError:
        return
    raw = dumped(normalizer={"type": "Precompiled", "precompiled_charsmap": data})
    text = "".join(map(chr, range(1, 600)))
    in_bounds(lambda: Tokenizer.from_buffer(raw).normalizer.normalize_str(text))


def test_a_prefix_without_end_is_refused(handmade):
    spec = json.loads(handmade.manifest.to_json())["input_spec"]
    spec["tokens"]["prefix"] = "a " * 600_000
    handmade.rewrite(input_spec=spec)
    with pytest.raises(IntegrityError, match="prefix has 1200000 characters"):
        Classifier.load(handmade.folder)


def test_the_library_reads_what_was_checked_and_not_the_text_that_was_shown():
    data = dumped(normalizer={"type": "Lowercase"}).replace(b'"Lowercase"', b'"\\u004eFC"')
    with pytest.raises(IntegrityError, match="escapes letters"):
        read_tokenizer(data, None)
    assert isinstance(
        read_tokenizer(dumped(normalizer={"type": "NFC"}), None).normalizer, normalizers.NFC
    )
