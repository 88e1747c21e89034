"""A smaller vocabulary cuts texts of its scripts as the whole one does."""

import json
from dataclasses import replace

import numpy as np
import onnx
import onnx.parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from adverts.bundle.export.vocabulary import knows, prove_trim, trim, trim_table
from adverts.errors import InputError, ParityError
from adverts.models.weights import locate

KEPT = frozenset({"Latn", "Arab"})
UNIGRAM = [
    *[("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)],
    *[("▁", -2.0), ("п", -3.0), ("▁лод", -4.0), ("b", -3.0), ("o", -3.1), ("a", -3.2), ("t", -3.3)],
    *[("▁bo", -4.0), ("oat", -5.0), ("at", -4.5), ("aт", -4.0), ("ق", -3.5), ("قا", -4.4)],
    *[("船", -3.0), ("7", -2.5), ("🚤", -6.0), ("رب", -5.0), ("★", -3.0), ("лодка", -9.5)],
]
WORDPIECE = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "лод", "##ка", "bo", "##at", "船", "##oat", "b"]
LETTERS = "boat qüé ABC قارب َ ١7 ,.!-★🚤\u00a0"
GRAPH = """
<ir_version: 10, opset_import: ["" : 18]>
tiny (int64[B,T] input_ids) => (float[B,T,3] words)
{
  words = Gather(table, input_ids)
}
"""


def unigram(vocabulary=tuple(UNIGRAM)):
    made = Tokenizer(models.Unigram(list(vocabulary), unk_id=3, byte_fallback=False))
    made.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    made.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return made.to_str()


def wordpiece():
    words = {word: i for i, word in enumerate(WORDPIECE)}
    made = Tokenizer(models.WordPiece(words, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    made.enable_padding(pad_id=0, pad_token="[PAD]")
    made.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    return made.to_str()


def pieces_of(trimmed):
    return Tokenizer.from_str(trimmed.tokenizer_json).get_vocab()


def test_pieces_with_a_letter_of_another_script_go_and_ids_close_up():
    trimmed = trim(unigram(), KEPT)
    whole = Tokenizer.from_str(unigram()).get_vocab()
    pieces = pieces_of(trimmed)
    assert set(whole) - set(pieces) == {"п", "▁лод", "aт", "船"}
    assert sorted(pieces.values()) == list(range(len(pieces)))
    assert {piece: trimmed.kept_ids[new] for piece, new in pieces.items()} == {
        piece: whole[piece] for piece in pieces
    }


def test_a_piece_of_the_lowest_score_stays_since_an_unknown_letter_costs_by_it():
    assert "лодка" in pieces_of(trim(unigram(), KEPT))


def test_special_tokens_and_padding_are_renumbered_wherever_they_are_named():
    words = ["лод", *WORDPIECE[:4], *WORDPIECE[5:]]
    moved = json.loads(wordpiece())
    moved["model"]["vocab"] = {word: i for i, word in enumerate(words)}
    moved["added_tokens"] = [token | {"id": token["id"] + 1} for token in moved["added_tokens"]]
    moved["post_processor"] |= {"sep": ["[SEP]", 4], "cls": ["[CLS]", 3]}
    moved["padding"] |= {"pad_id": 1}
    trimmed = trim(json.dumps(moved), KEPT)
    smaller = Tokenizer.from_str(trimmed.tokenizer_json)
    assert trimmed.new_id(1) == 0
    encoded = smaller.encode_batch(["boat", "船"])
    assert encoded[0].tokens == ["[CLS]", "bo", "##at", "[SEP]"]
    assert encoded[1].tokens == ["[CLS]", "[UNK]", "[SEP]", "[PAD]"]
    assert [encoded[0].ids[0], encoded[0].ids[-1], encoded[1].ids[-1]] == [2, 3, 0]


def test_pairs_are_joined_as_before():
    trimmed = trim(unigram(), KEPT)
    pair = Tokenizer.from_str(trimmed.tokenizer_json).encode("boat", "قارب")
    whole = Tokenizer.from_str(unigram()).encode("boat", "قارب")
    assert [trimmed.kept_ids[i] for i in pair.ids] == whole.ids
    assert pair.type_ids == whole.type_ids


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet=LETTERS, max_size=30))
def test_texts_of_the_kept_scripts_are_cut_as_before(text):
    for tokenizer in (unigram(), wordpiece()):
        assert prove_trim(tokenizer, trim(tokenizer, KEPT), [text]).texts == 1


def test_texts_with_letters_of_other_scripts_are_counted_and_not_compared():
    found = prove_trim(unigram(), trim(unigram(), KEPT), ["boat", "лодка", "boat лод", "", "7 🚤"])
    assert (found.texts, found.others) == (3, 2)


def test_what_a_text_is_written_in_is_told_after_normalisation():
    tokenizer = Tokenizer.from_str(unigram())
    assert knows(tokenizer, "ｂｏａｔ", KEPT)
    assert not knows(tokenizer, "\U0001d6fc", KEPT)  # NFKC makes it a Greek letter


def test_a_vocabulary_that_lacks_a_piece_is_refused_without_the_text():
    lacking = tuple(entry for entry in UNIGRAM if entry[0] != "oat")
    trimmed = trim(unigram(), KEPT)
    damaged = replace(trimmed, tokenizer_json=trim(unigram(lacking), KEPT).tokenizer_json)
    with pytest.raises(
        ParityError, match=r"text 1 is cut into other tokens .* bundle.vocabulary=full"
    ) as error:
        prove_trim(unigram(), damaged, ["лодка", "boat"])
    assert "boat" not in str(error.value)


def test_trimming_again_changes_nothing():
    once = trim(unigram(), KEPT)
    again = trim(once.tokenizer_json, KEPT)
    assert again.tokenizer_json == once.tokenizer_json
    assert again.kept_ids == tuple(range(len(once.kept_ids)))


def test_a_token_that_is_gone_has_no_new_id():
    with pytest.raises(InputError, match="token 5 is needed, but has no letters"):
        trim(unigram(), KEPT).new_id(5)


@pytest.mark.parametrize("scripts", [{"Arab"}, {"Latn", "latin"}, set()])
def test_scripts_that_are_not_known_or_lack_latin_are_refused(scripts):
    with pytest.raises(InputError, match=r"bundle\.scripts: .*wanted Latn"):
        trim(unigram(), frozenset(scripts))


def test_another_kind_of_tokenizer_is_refused():
    pairs = Tokenizer(models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")])).to_str()
    with pytest.raises(InputError, match="kind 'BPE' cannot be trimmed"):
        trim(pairs, KEPT)


def graph(rows=5, text=GRAPH):
    model = onnx.parser.parse_model(text)
    table = np.arange(rows * 3, dtype=np.float32).reshape(rows, 3)
    model.graph.initializer.append(onnx.numpy_helper.from_array(table, "table"))
    return model, table


def test_the_rows_of_the_kept_ids_stay_in_order():
    model, table = graph()
    trim_table(model, (0, 2, 4))
    (found,) = ReferenceEvaluator(model).run(None, {"input_ids": np.array([[2, 0, 1]])})
    assert np.array_equal(found[0], table[[4, 0, 2]])


@pytest.mark.parametrize("kept", [(0, 5), ()])
def test_rows_that_the_table_does_not_have_are_refused(kept):
    with pytest.raises(InputError, match="table has 5"):
        trim_table(graph()[0], kept)


def test_a_model_that_reads_token_ids_otherwise_is_refused():
    text = GRAPH.replace("}\n", "  again = Add(input_ids, input_ids)\n}\n")
    with pytest.raises(InputError, match="read by Add, Gather, wanted one table"):
        trim_table(graph(text=text)[0], (0, 1))


@pytest.fixture(scope="module", params=["multilingual-e5-small", "minilm-l6"])
def real(request):
    whole = (locate(f"package:{request.param}") / "tokenizer.json").read_text(encoding="utf-8")
    return whole, trim(whole, KEPT)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)  # each reads a quarter of a million pieces, twice
@given(
    texts=st.lists(
        st.text(
            alphabet=st.one_of(
                st.characters(min_codepoint=0x20, max_codepoint=0x24F),
                st.characters(min_codepoint=0x600, max_codepoint=0x6FF),
                st.characters(min_codepoint=0x1E00, max_codepoint=0x1EFF),
                st.characters(min_codepoint=0x2000, max_codepoint=0x2BFF),
                st.characters(min_codepoint=0x1F300, max_codepoint=0x1FAFF),
                st.sampled_from("  eaintosr اينمرتوه 0123456789"),
            ),
            max_size=60,
        ),
        min_size=100,
        max_size=150,
    )
)
def test_the_packaged_vocabularies_cut_texts_of_the_kept_scripts_as_before(real, texts):
    prove_trim(*real, texts)
