"""A Unigram vocabulary that is held here encodes and cuts as the library does."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from adverts.inputs.encoding import cut_tokens
from adverts.inputs.spec import TokenSpec
from adverts.inputs.unigram import Added, Pieces, Placed, UnigramTokenizer

START, PAD, END, UNKNOWN = range(4)
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
WORDS = ["▁", "▁bo", "▁boat", "boat", "at", "ats", "▁f", "fer", "ferry", "ry", "aa", "aaa", "قا"]
PIECES = [
    *((piece, 0.0) for piece in SPECIAL),
    *((word, -2.0 - i / 4) for i, word in enumerate(WORDS)),
    *((letter, -1.0 if letter == "a" else -9.0) for letter in "abfotys1ق"),
]
MASK = len(PIECES)


def library():
    tokenizer = Tokenizer(Unigram(PIECES, UNKNOWN, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens([AddedToken(piece, normalized=False) for piece in SPECIAL])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s>:1 $B:1 </s>:1",
        special_tokens=[("<s>", START), ("</s>", END)],
    )
    return tokenizer


def held_here():
    added = [Added(piece, i, takes_spaces_before=False) for i, piece in enumerate(SPECIAL)]
    start, end = (Placed((i,), is_second=False, type_id=0) for i in (START, END))
    end_of_second = Placed((END,), is_second=False, type_id=1)
    first, second = (Placed(None, is_second=bool(i), type_id=i) for i in range(2))
    return UnigramTokenizer(
        library(),
        Pieces(PIECES, UNKNOWN),
        [*added, Added("<mask>", MASK, takes_spaces_before=True)],
        {
            "single": [start, first, end],
            "pair": [start, first, end, end_of_second, second, end_of_second],
        },
    )


UNCUT, CUT = (library(), held_here()), (library(), held_here())
texts = st.text(st.sampled_from("abfortyse1 ▁قارب<>mask/unpd\u3000①ﬁx🚤é"), max_size=30) | st.lists(
    st.sampled_from([*SPECIAL, *WORDS, "<mask>", " ", "xx", "aaaaa"]), max_size=12
).map("".join)


@given(text=texts, pair=st.none() | texts)
@example(text="", pair=None)
@example(text="boats<unk>xx🚤🚤boat aaaaaaa", pair="a \u3000<mask>b<mask>")
@settings(max_examples=60, deadline=None)
def test_every_text_and_pair_becomes_what_the_library_makes_of_it(text, pair):
    theirs, ours = (one.encode(text, pair) for one in UNCUT)
    assert (ours.ids, ours.type_ids) == (theirs.ids, theirs.type_ids)


@pytest.mark.parametrize("pair", [None, "", "ferry", "ferry boats ferry"])
@pytest.mark.parametrize("most", range(16))
def test_every_length_cuts_as_the_library_cuts_and_says_so(most, pair):
    for one in CUT:
        cut_tokens(one, TokenSpec(max_tokens=most, pad_id=PAD, prefix=""))
    theirs, ours = (one.encode("boat ferry aaa bo", pair) for one in CUT)
    assert (ours.ids, ours.type_ids) == (theirs.ids, theirs.type_ids)
    assert CUT[1].truncation == CUT[0].truncation
    assert CUT[1].padding is CUT[0].padding is None


def test_nothing_is_cut_unless_it_was_asked_for():
    assert UNCUT[1].truncation is None
    assert len(UNCUT[1].encode("a " * 2000).ids) > 2000


@pytest.mark.parametrize(
    ("pieces", "unknown"), [([], 0), ([("a", 0.0)], 1), ([("a", 0.0)], -1), ([("", 0.0)], 0)]
)
def test_a_vocabulary_without_its_unknown_piece_or_with_an_empty_one_is_refused(pieces, unknown):
    with pytest.raises(ValueError, match="wanted one that is not empty"):
        Pieces(pieces, unknown)
