"""A large Unigram vocabulary, held here and not by the library: nothing it says is different."""

import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE, Unigram

from adverts.errors import IntegrityError
from adverts.inputs.encoding import cut_tokens
from adverts.inputs.spec import TokenSpec
from adverts.inputs.unigram import UnigramTokenizer
from adverts.runtime.opening.tokenizer import tokenizer_check
from adverts.runtime.opening.tokenizer.large_unigram import read_unigram
from adverts.runtime.opening.tokenizer.tokenizer_check import read_tokenizer

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
WORDS = [
    "▁",
    "▁bo",
    "▁boat",
    "boat",
    "at",
    "ats",
    "▁f",
    "fer",
    "ferry",
    "ry",
    "e",
    "er",
    "قا",
    "رب",
]
PIECES = [
    *((piece, 0.0) for piece in SPECIAL),
    *((word, -2.0 - 0.37 * i) for i, word in enumerate(WORDS)),
    *((letter, -9.0) for letter in "abfortys1قب"),
]
AFTER_ALL = len(PIECES)


def library(**changes) -> Tokenizer:
    tokenizer = Tokenizer(Unigram(PIECES, 3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    tokenizer.pre_tokenizer = changes.get("splitting", pre_tokenizers.Metaspace())
    tokenizer.add_special_tokens([AddedToken(piece, normalized=False) for piece in SPECIAL])
    mask = AddedToken("<mask>", lstrip=True, normalized=False)
    tokenizer.add_special_tokens([mask])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s>:1 $B:1 </s>:1",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer


def held_here(tokenizer: Tokenizer) -> UnigramTokenizer:
    large = read_unigram(tokenizer.to_str().encode())
    assert large is not None
    return large.joined(Tokenizer.from_buffer(large.steps))


@pytest.fixture(scope="module")
def both():
    return library(), held_here(library())


texts = st.text(st.sampled_from("abfortyse1 ▁قارب<>mask/unpd\u3000\x1c\n①ﬁx🚤é")) | st.lists(
    st.sampled_from([*SPECIAL, *WORDS, "<mask>", " ", "\x1c", "xx"])
).map("".join)


@given(text=texts)
@example(text="")
@example(text="a \u3000<mask>b\x1c<mask>")
@example(text="boats<unk>xx🚤🚤boat")
@settings(max_examples=150, deadline=None)
def test_a_text_becomes_the_ids_that_the_library_gives(both, text):
    theirs, ours = (one.encode(text) for one in both)
    assert (ours.ids, ours.type_ids) == (theirs.ids, theirs.type_ids)


@given(text=texts, pair=st.none() | texts, most=st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_what_is_too_long_is_cut_where_the_library_cuts(text, pair, most, both):
    for one in both:
        cut_tokens(one, TokenSpec(max_tokens=most, pad_id=1, prefix=""))
    theirs, ours = (one.encode(text, pair) for one in both)
    cut_tokens(both[0], TokenSpec(max_tokens=512, pad_id=1, prefix=""))
    cut_tokens(both[1], TokenSpec(max_tokens=512, pad_id=1, prefix=""))
    assert (ours.ids, ours.type_ids) == (theirs.ids, theirs.type_ids)


def test_of_two_ways_that_are_as_likely_the_library_and_we_take_the_same():
    pieces = [("<unk>", 0.0), ("▁", -1.0), ("a", -1.0), ("aa", -2.0), ("aaa", -3.0)]
    tokenizer = library()
    tokenizer.model = Unigram(pieces, 0, byte_fallback=False)
    ours = held_here(tokenizer)
    assert [ours.encode("a" * n).ids for n in range(7)] == [
        tokenizer.encode("a" * n).ids for n in range(7)
    ]


def test_an_unknown_character_costs_what_the_library_lets_it_cost():
    pieces = [("<unk>", 0.0), ("▁", -1.0), ("zq", -12.0), ("q", -5.0), ("qq", -0.1)]
    tokenizer = library()
    tokenizer.model = Unigram(pieces, 0, byte_fallback=False)
    assert held_here(tokenizer).encode("zqq").ids == tokenizer.encode("zqq").ids


@pytest.mark.parametrize("space", [" ", "\u3000", "\x85", "\x1c", "\u200b", "\ufeff"])
def test_what_counts_as_a_space_before_a_special_piece_the_library_decides(space):
    tokenizer = library(splitting=pre_tokenizers.Metaspace(prepend_scheme="always"))
    tokenizer.normalizer = normalizers.NFC()
    text = f"b{space}<mask>{space}"
    assert held_here(tokenizer).encode(text).ids == tokenizer.encode(text).ids


def test_a_text_of_many_spaces_costs_no_more_than_another(both):
    text = f"a{' ' * 50_000}b"
    start = time.process_time()
    assert both[1].encode(text).ids == both[0].encode(text).ids
    assert time.process_time() - start < 3  # 17 s where each space is asked what follows it


def test_many_words_are_encoded_after_the_kept_ones_are_forgotten(both, monkeypatch):
    monkeypatch.setattr("adverts.inputs.unigram._WORDS_KEPT", 2)
    text = "boat ferry boats bo fer boat ferry"
    assert both[1].encode(text).ids == both[0].encode(text).ids


@pytest.mark.parametrize(
    "other",
    [
        Tokenizer(BPE({"a": 0}, [])),
        library(splitting=pre_tokenizers.Metaspace(prepend_scheme="first")),
        library(splitting=pre_tokenizers.Whitespace()),
    ],
    ids=["of another model", "that depends on the place of a word", "without signs for spaces"],
)
def test_a_tokenizer_of_another_kind_is_left_to_the_library(other):
    assert read_unigram(other.to_str().encode()) is None


def changed(**model):
    raw = json.loads(library().to_str())
    raw["model"] |= model
    return json.dumps(raw).encode()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (changed(vocab=[["a"]]), "is not a pair"),
        (changed(vocab=[["a", "b"]], unk_id=0), "a text and a number"),
        (changed(vocab=[["", 0.0]], unk_id=0), "wanted one that is not empty"),
        (changed(unk_id=AFTER_ALL), "unk_id"),
        (changed(vocab=[["a" * 33, 0.0]], unk_id=0), "a piece has 33 characters"),
        (changed(vocab=[["a", 10**400]], unk_id=0), "too large"),
        (b"{", "malformed"),
        (library().to_str().encode().replace(b'"NFKC"', b'"Lowercase2"'), "malformed"),
    ],
)
def test_a_malformed_large_tokenizer_is_refused_by_name(data, reason, monkeypatch):
    monkeypatch.setattr(tokenizer_check, "LARGE_BYTES", 1)
    with pytest.raises(IntegrityError, match=reason):
        read_tokenizer(data, None)


def test_what_makes_the_library_panic_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(tokenizer_check, "LARGE_BYTES", 1)
    no_map = {"type": "Precompiled", "precompiled_charsmap": "/////w=="}
    data = json.dumps(json.loads(library().to_str()) | {"normalizer": no_map}).encode()
    with pytest.raises(IntegrityError, match="precompiled_charsmap"):
        read_tokenizer(data, None)


@pytest.mark.parametrize("many", [{"id": 2**70}, {"copies": 1_001}])
def test_added_pieces_beyond_all_bounds_are_left_to_the_library(many):
    raw = json.loads(library().to_str())
    raw["added_tokens"] *= many.get("copies", 1)
    raw["added_tokens"][-1]["id"] = many.get("id", 0)
    assert read_unigram(json.dumps(raw).encode()) is None


@pytest.mark.parametrize(("rows", "is_read"), [(AFTER_ALL + 1, True), (AFTER_ALL, False)])
def test_every_piece_of_a_large_vocabulary_has_a_row(rows, is_read, monkeypatch):
    monkeypatch.setattr(tokenizer_check, "LARGE_BYTES", 1)
    data = library().to_str().encode()
    if is_read:
        assert isinstance(read_tokenizer(data, rows), UnigramTokenizer)
    else:
        with pytest.raises(IntegrityError, match=f"the piece {AFTER_ALL}"):
            read_tokenizer(data, rows)


def test_a_step_that_no_bundle_holds_is_refused_in_a_large_tokenizer_too(monkeypatch):
    monkeypatch.setattr(tokenizer_check, "LARGE_BYTES", 1)
    tokenizer = library()
    tokenizer.normalizer = normalizers.NFKC()
    data = tokenizer.to_str().replace('"NFKC"', '"Nmt"').replace('"Nmt"', '"ByteLevel"')
    with pytest.raises(IntegrityError, match="ByteLevel"):
        read_tokenizer(data.encode(), None)
