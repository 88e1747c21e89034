import dataclasses
import io

import numpy as np
import pytest
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from adverts.advert import Advert, ReadQuality
from adverts.errors import InputError, IntegrityError
from adverts.inputs.contacts.masking import MASKING_VERSION
from adverts.inputs.encoding import FEED_NAMES, AdvertEncoder, collate, feed_names
from adverts.inputs.hashing import hashed_features
from adverts.inputs.letters.folding import FOLDING_VERSION
from adverts.inputs.pixels import ImageLimits
from adverts.inputs.spec import HashSpec, ImageSpec, InputSpec, TokenSpec

LIMITS = ImageLimits(max_bytes=100_000, max_pixels=100_000)
WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "query",
    ":",
    "ferry",
    "to",
    "dover",
    "<",
    "PHONE",
    ">",
]
PAD, UNKNOWN, START, END, QUERY, COLON, FERRY, TO, DOVER, LESS, PHONE, MORE = range(12)
PREFIX = [START, QUERY, COLON]


def make_tokenizer():
    tokenizer = Tokenizer(
        models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", START), ("[SEP]", END)],
    )
    return tokenizer


SPEC = InputSpec(
    inputs=("text", "ocr", "image"),
    tokens=TokenSpec(max_tokens=16, prefix="query: ", pad_id=PAD),
    hashing=None,
    image=ImageSpec(image_px=8),
    ocr_quality=True,
    masking_version=MASKING_VERSION,
    folding_version=FOLDING_VERSION,
)
HASHED = dataclasses.replace(
    SPEC,
    inputs=("text",),
    tokens=None,
    image=None,
    ocr_quality=False,
    hashing=HashSpec(1 << 12, (1, 2), (2, 3)),
)


WELL = ReadQuality(0.75, 16.0, 0.5, 4, 1)


def only(*inputs):
    return dataclasses.replace(
        SPEC,
        inputs=inputs,
        tokens=SPEC.tokens if {"text", "ocr"} & set(inputs) else None,
        image=SPEC.image if "image" in inputs else None,
        ocr_quality="ocr" in inputs,
    )


def encoder(spec=SPEC):
    return AdvertEncoder(spec, make_tokenizer(), LIMITS)


def picture(colour="red"):
    buffer = io.BytesIO()
    Image.new("RGB", (12, 8), colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_caption_and_ocr_text_are_read_as_one_pair():
    encoded = encoder().encode(Advert("a", text="ferry", ocr_text="to dover"))
    assert encoded.input_ids.tolist() == [*PREFIX, FERRY, END, TO, DOVER, END]
    assert encoded.type_ids.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]
    assert encoded.text_present


@pytest.mark.parametrize(
    "advert",
    [
        Advert("a", text="ferry"),
        Advert("a", text="ferry", ocr_text=""),
        Advert("a", text="ferry", ocr_text=" \n"),
        Advert("a", text="", ocr_text="ferry"),
        Advert("a", text="  ", ocr_text="ferry"),
    ],
)
def test_one_part_alone_is_a_single_sequence_with_the_prefix(advert):
    encoded = encoder().encode(advert)
    assert encoded.input_ids.tolist() == [*PREFIX, FERRY, END]
    assert encoded.type_ids.tolist() == [0] * 5


@pytest.mark.parametrize("advert", [Advert("a"), Advert("a", text=" ", ocr_text="\n")])
def test_the_empty_advert_is_the_empty_sequence_without_text(advert):
    encoded = encoder().encode(advert)
    assert encoded.input_ids.tolist() == [START, END]
    assert not encoded.text_present


def test_parts_that_the_model_does_not_read_are_left_out():
    advert = Advert("a", text="ferry", ocr_text="dover", images=(picture(),))
    text, ocr = encoder(only("text")).encode(advert), encoder(only("ocr")).encode(advert)
    assert text.input_ids.tolist() == [*PREFIX, FERRY, END]
    assert ocr.input_ids.tolist() == [*PREFIX, DOVER, END]
    assert len(text.pixels) == len(ocr.pixels) == 0


@pytest.mark.parametrize(
    ("hide", "same_as"),
    [
        ({"text"}, Advert("b", ocr_text="dover", images=(picture(),), ocr_quality=WELL)),
        ({"ocr"}, Advert("b", text="ferry", images=(picture(),))),
        ({"image"}, Advert("b", text="ferry", ocr_text="dover", ocr_quality=WELL)),
        ({"text", "ocr", "image"}, Advert("b")),
    ],
)
def test_hiding_a_part_equals_its_absence(hide, same_as):
    advert = Advert("a", text="ferry", ocr_text="dover", images=(picture(),), ocr_quality=WELL)
    hidden = collate([encoder().encode(advert, hide=frozenset(hide))], SPEC)
    absent = collate([encoder().encode(same_as)], SPEC)
    for name in FEED_NAMES[:7]:
        assert np.array_equal(hidden[name], absent[name])


def test_contacts_are_masked_before_the_tokenizer_sees_them():
    raw = encoder().encode(Advert("a", text="ferry +44 7700 900142"))
    masked = encoder().encode(Advert("a", text="ferry <PHONE>"))
    assert raw.input_ids.tolist() == masked.input_ids.tolist()
    assert raw.input_ids.tolist() == [*PREFIX, FERRY, LESS, PHONE, MORE, END]


def test_a_long_pair_loses_from_its_longer_part_first():
    encoded = encoder().encode(Advert("a", text="ferry", ocr_text="dover " * 50))
    assert len(encoded.input_ids) == 16
    assert encoded.input_ids[:5].tolist() == [*PREFIX, FERRY, END]


def test_the_callers_tokenizer_stays_as_it_was():
    tokenizer = make_tokenizer()
    tokenizer.enable_padding(length=32)
    encoded = AdvertEncoder(SPEC, tokenizer, LIMITS).encode(Advert("a", text="ferry " * 50))
    assert len(encoded.input_ids) == 16
    assert tokenizer.truncation is None
    assert len(tokenizer.encode("ferry").ids) == 32


@pytest.mark.parametrize(
    "advert",
    [
        Advert("a"),
        Advert("a", text="ferry to dover"),
        Advert("a", text="ferry " * 30, ocr_text="dover " * 30),
        Advert("a", ocr_text="dover", images=(b"not read for its length",)),
    ],
)
def test_the_length_is_the_number_of_encoded_tokens(advert):
    texts_only = dataclasses.replace(advert, images=())
    assert encoder().length(advert) == len(encoder().encode(texts_only).input_ids)


def test_padding_is_right_masked_and_changes_nothing_else():
    short, long = Advert("a", text="ferry"), Advert("b", text="ferry to dover")
    one = collate([encoder().encode(short)], SPEC)
    both = collate([encoder().encode(advert) for advert in (short, long)], SPEC)
    assert both["input_ids"].tolist() == [
        [*PREFIX, FERRY, END, PAD, PAD],
        [*PREFIX, FERRY, TO, DOVER, END],
    ]
    assert both["attention_mask"].tolist() == [[1] * 5 + [0] * 2, [1] * 7]
    assert np.array_equal(both["input_ids"][:1, :5], one["input_ids"])


def test_images_are_padded_and_masked():
    adverts = [Advert("a", images=(picture("red"), picture("blue"))), Advert("b")]
    feeds = collate([encoder().encode(advert) for advert in adverts], SPEC)
    assert feeds["pixel_values"].shape == (2, 2, 3, 8, 8)
    assert feeds["image_mask"].tolist() == [[True, True], [False, False]]
    assert feeds["pixel_values"][0, 1, :, 0, 0].tolist() == [0, 0, 255]
    assert not feeds["pixel_values"][1].any()


def test_a_batch_without_any_image_still_has_one_empty_slot():
    feeds = collate([encoder().encode(Advert("a"))], SPEC)
    assert feeds["pixel_values"].shape == (1, 1, 3, 8, 8)
    assert feeds["image_mask"].tolist() == [[False]]


def test_hashed_features_are_padded_with_count_zero():
    hashed = AdvertEncoder(HASHED, None, LIMITS)
    encoded = [hashed.encode(Advert("a", text=text)) for text in ("ferry to dover", "")]
    feeds = collate(encoded, HASHED)
    ids, counts = hashed_features("ferry to dover", HASHED.hashing)
    assert feeds["feature_ids"][0].tolist() == ids.tolist()
    assert feeds["feature_counts"][0].tolist() == counts.tolist()
    assert feeds["feature_counts"][1].sum() == 0


def test_a_batch_of_empty_texts_still_has_one_feature_slot():
    hashed = AdvertEncoder(HASHED, None, LIMITS)
    feeds = collate([hashed.encode(Advert("a"))], HASHED)
    assert feeds["feature_ids"].shape == feeds["feature_counts"].shape == (1, 1)


@pytest.mark.parametrize("spec", [SPEC, only("text"), only("ocr", "image"), only("image"), HASHED])
def test_feeds_have_the_promised_names_order_and_types(spec):
    feeds = collate([encoder(spec).encode(Advert("a", text="ferry"))], spec)
    types = {
        "input_ids": np.int64,
        "attention_mask": np.int64,
        "token_type_ids": np.int64,
        "text_present": np.bool_,
        "ocr_quality": np.float32,
        "pixel_values": np.uint8,
        "image_mask": np.bool_,
        "feature_ids": np.int64,
        "feature_counts": np.float32,
    }
    assert tuple(feeds) == feed_names(spec)
    assert set(feeds) <= set(FEED_NAMES)
    assert all(values.dtype == types[name] for name, values in feeds.items())


def test_quality_is_read_beside_ocr_alone():
    advert = Advert("a", text="ferry", ocr_quality=WELL)
    feeds = collate([encoder().encode(advert), encoder().encode(Advert("b"))], SPEC)
    assert feeds["ocr_quality"].tolist() == [[1.0, 1.0, 0.75, 0.5, 0.5, 0.25], [0.0] * 6]
    with pytest.raises(InputError, match="without ocr"):
        encoder(dataclasses.replace(only("text"), ocr_quality=True))


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="at least one advert"):
        collate([], SPEC)


def test_a_tokenizer_without_special_tokens_still_gives_one_token():
    tokenizer = make_tokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A", pair="$A $B:1")
    encoded = AdvertEncoder(SPEC, tokenizer, LIMITS).encode(Advert("a"))
    assert (encoded.input_ids.tolist(), encoded.length) == ([PAD], 1)


def test_a_broken_image_is_refused():
    with pytest.raises(InputError, match="picture"):
        encoder().encode(Advert("a", images=(b"broken",)))


@pytest.mark.parametrize("rules", ["masking_version", "folding_version"])
def test_a_model_of_other_rules_is_refused(rules):
    spec = dataclasses.replace(SPEC, **{rules: 999})
    with pytest.raises(IntegrityError, match="version 999"):
        encoder(spec)


@pytest.mark.parametrize(
    "faulty",
    [
        dataclasses.replace(SPEC, tokens=None),
        dataclasses.replace(
            SPEC, inputs=("image",), tokens=None, ocr_quality=False, hashing=HASHED.hashing
        ),
        dataclasses.replace(SPEC, image=None),
        dataclasses.replace(SPEC, inputs=("image",)),
        dataclasses.replace(SPEC, inputs=("text",)),
    ],
)
def test_an_incomplete_specification_is_refused(faulty):
    with pytest.raises(InputError):
        encoder(faulty)


def test_a_missing_tokenizer_is_refused():
    with pytest.raises(InputError, match="no tokenizer"):
        AdvertEncoder(SPEC, None, LIMITS)


def test_a_model_may_read_tokens_and_n_grams_of_the_same_texts():
    both = dataclasses.replace(SPEC, hashing=HASHED.hashing)
    assert both.branches == ("network", "ngrams")
    assert SPEC.branches == HASHED.branches == ()
    advert = Advert("1", "boat to dover", ocr_text="ferry")
    together = encoder(both).encode(advert)
    np.testing.assert_array_equal(together.input_ids, encoder(SPEC).encode(advert).input_ids)
    assert len(together.feature_ids) > 0
    assert {"input_ids", "feature_ids"} <= set(collate([together], both))


def folded(spec=SPEC):
    return dataclasses.replace(spec, tokens=dataclasses.replace(spec.tokens, text_form="folded"))


def test_a_model_of_folded_texts_reads_disguised_letters_as_plain_ones():
    disguised = Advert("a", text="FЕRRY", ocr_text="ＴＯ do​ver")
    plain = Advert("a", text="ferry", ocr_text="to dover")
    read = encoder(folded()).encode(disguised)
    assert read.input_ids.tolist() == encoder().encode(plain).input_ids.tolist()
    assert encoder().encode(disguised).input_ids.tolist() != read.input_ids.tolist()


def test_the_prefix_is_not_folded():
    spec = dataclasses.replace(SPEC, tokens=dataclasses.replace(SPEC.tokens, prefix="QUERY: "))
    both = [encoder(one).encode(Advert("a", text="ferry")) for one in (spec, folded(spec))]
    assert both[0].input_ids.tolist() == both[1].input_ids.tolist()
