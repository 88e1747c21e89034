"""Facts of one advert: bands, and nothing that one advert can break."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from adverts.advert import Advert, ReadQuality
from adverts.inputs.encoding import TokenizerError
from adverts.runtime.predict.advert_facts import facts_of
from adverts.runtime.predict.responses import Reading, Response, Versions

VERSIONS = Versions(*["1"] * 6, 1, 1, None, "labels", "fp32")


def reading(caption):
    """Return what was read in an advert without a picture."""
    return Reading(Advert("x", caption or ""), (caption, None))


def told(reading, share=0.0, modality="text"):
    """Return the facts of an advert, by a model whose tokenizer finds a share of unknown tokens."""

    def unknown_share(_):
        if isinstance(share, Exception):
            raise share
        return share

    task = SimpleNamespace(name="refer", positive="yes")
    schema = SimpleNamespace(headline="refer", task=lambda _: task)
    spec = SimpleNamespace(inputs=("text", "ocr"))
    classifier = SimpleNamespace(
        manifest=SimpleNamespace(label_schema=schema),
        encoder=SimpleNamespace(spec=spec, unknown_share=unknown_share),
    )
    answer = Response("x", "below", "", VERSIONS, {"refer": {"yes": 0.25, "no": 0.75}})
    return facts_of(classifier)(answer, reading, modality)


def test_an_advert_on_which_the_tokenizer_fails_keeps_its_other_facts():
    facts = told(reading("boat"), TokenizerError("it failed"))
    assert facts["score"] == 0.25
    assert facts["characters"] == 4.0
    assert "unknown_tokens" not in facts


@pytest.mark.parametrize(
    ("share", "band"),
    [(0.0, "none"), (0.02, "up to 2 %"), (0.1, "2 to 10 %"), (1.0, "over 10 %")],
)
def test_unknown_tokens_are_told_in_bands(share, band):
    assert told(reading(None), share)["unknown_tokens"] == band


@pytest.mark.parametrize(
    ("modality", "text", "confidence", "band"),
    [
        ("text", None, None, "no picture"),
        ("image", None, 0.9, "no text in pictures"),
        ("image", "boat", None, "not known"),
        ("text+image", "boat", 0.8, "read well"),
        ("image", "boat", 0.5, "read fairly"),
        ("image", "boat", 0.49, "read badly"),
    ],
)
def test_the_reading_of_pictures_is_told_in_bands(modality, text, confidence, band):
    quality = None if confidence is None else ReadQuality(confidence, 9.0, 0.5, 1, 0)
    read = Reading(Advert("x", ocr_text="read", ocr_quality=quality), ("caption", text))
    assert told(read, modality=modality)["ocr_quality"] == band


def test_a_model_without_tokens_has_no_unknown_ones():
    assert "unknown_tokens" not in told(reading("a"), None)
