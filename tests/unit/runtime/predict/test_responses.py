"""What comes back: versions, limits by name, what words add, and nothing lost to a bad entry."""

import dataclasses

import pytest

from adverts.files.file_hash import file_sha256
from adverts.runtime import Classifier, Limits
from adverts.runtime.predict.responses import ERROR_CODES
from adverts.runtime.rules.thresholds import Threshold, Thresholds

# ids of the hand-made vocabulary: [CLS] 2, [SEP] 3, ferry 4, boat 5, room 6, news 7, sale 8


class Hostile:
    def __str__(self):
        raise RuntimeError("no")

    __len__ = __iter__ = __bool__ = __str__


def code_of(classifier, **columns):
    response = classifier.predict(**columns)[0]
    assert response.error is None or response.review_band == "abstain"
    return response.error and response.error.code


@pytest.fixture
def classifier(handmade) -> Classifier:
    return Classifier.load(handmade.folder, threads=1)


def test_a_response_names_everything_that_made_it(handmade, classifier):
    (response,) = classifier.predict(texts=["boat"], ids=["a"])
    versions = response.versions
    assert versions.model == file_sha256(handmade.folder / "model.onnx")
    assert versions.thresholds == file_sha256(handmade.folder / "thresholds.json")
    assert versions.calibration == file_sha256(handmade.folder / "calibration.json")
    assert versions.bundle == classifier.manifest.identity()
    assert (response.id, versions.schema, versions.precision) == ("a", "5.0", "fp32")
    assert all(
        value is not None
        for name, value in dataclasses.asdict(versions).items()
        if name != "language_identifier"
    )


@pytest.mark.parametrize(
    ("limits", "columns", "code"),
    [
        (Limits(max_characters=4), {"texts": ["12345"]}, "too_many_characters"),
        (Limits(max_characters=4), {"ocr": ["12345"]}, "too_many_characters"),
        (Limits(max_characters=4), {"texts": ["1234"]}, None),
        (Limits(max_images=2), {"images": [[b"a"] * 3], "ocr": [""]}, "too_many_images"),
        (Limits(max_image_bytes=9), {"images": [b"x" * 10], "ocr": [""]}, "too_many_bytes"),
        (Limits(), {"images": [b"x" * 100_001], "ocr": [""]}, "too_many_bytes"),
        (Limits(), {"images": [b"x"], "ocr": [""]}, "unreadable_image"),
        (Limits(), {"images": [b"x"]}, "pictures_not_read"),
        (Limits(), {"texts": [float("nan")]}, "malformed"),
        (Limits(), {"texts": [b"boat"]}, "malformed"),
        (Limits(), {"texts": [Hostile()]}, "malformed"),
        (Limits(), {"texts": ["a"], "ids": [Hostile()]}, "malformed"),
        (Limits(), {"texts": ["a"], "qualities": [Hostile()]}, "malformed"),
        (Limits(), {"images": [Hostile()]}, "malformed"),
        (Limits(), {"ocr": [Hostile()]}, "malformed"),
        (Limits(), {"texts": ["a"], "languages": [3.5]}, "malformed"),
        (Limits(), {"texts": ["\x00boat\x00"]}, None),
        (Limits(), {"texts": ["boat " * 20_000]}, None),
    ],
)
def test_each_limit_has_a_name_and_spoils_no_other(handmade, limits, columns, code):
    classifier = Classifier.load(handmade.folder, threads=1, limits=limits)
    assert code_of(classifier, **columns) == code
    assert code is None or code in ERROR_CODES
    both = {name: [*column, None] for name, column in columns.items()}
    assert classifier.predict(**both)[1].error is None


def test_a_picture_of_too_many_pixels_is_never_decoded(handmade, grey_picture):
    classifier = Classifier.load(handmade.folder, threads=1, limits=Limits(max_image_pixels=255))
    assert code_of(classifier, images=[grey_picture(9)], ocr=[""]) == "too_many_pixels"
    classifier = Classifier.load(handmade.folder, threads=1, limits=Limits(max_image_pixels=256))
    assert code_of(classifier, images=[grey_picture(9)], ocr=[""]) is None


def test_no_limit_is_wider_than_the_bundle_allows(handmade, grey_picture):
    handmade.rewrite(image_limits={"max_bytes": 100_000, "max_pixels": 255})
    classifier = Classifier.load(handmade.folder, limits=Limits(max_image_pixels=10**9))
    assert code_of(classifier, images=[grey_picture(9)], ocr=[""]) == "too_many_pixels"


def test_a_model_without_a_positive_label_orders_no_queue_and_still_tells_dangers(handmade):
    levels = {"name": "refer", "kind": "multi", "labels": ["no", "yes"], "positive": None}
    signals = {"name": "signals", "kind": "multi", "labels": ["boat", "price", "flag"]}
    tasks = [levels, signals | {"positive": None}]
    schema = {"name": "tiny", "headline": "refer", "tasks": tasks}
    told = Thresholds((Threshold("signals", "flag", "recall", 0.9, 1e-6),), safeguarding=("flag",))
    (handmade.folder / "thresholds.json").write_text(told.to_json())
    handmade.rewrite(label_schema=schema)
    (response,) = Classifier.load(handmade.folder).predict(texts=["boat"], attributions=True)
    assert response.review_band == "abstain"
    assert "nothing orders a queue" in response.reason
    assert response.routes == ("safeguarding",)
    assert response.attributions == ()
    assert response.probabilities["refer"].keys() == {"no", "yes"}


def test_attributions_are_the_log_odds_that_are_lost_with_each_word(handmade, classifier):
    text, read = "boat  news", "ferry"
    (response,) = classifier.predict(texts=[text], ocr=[read], attributions=True)

    def odds(*ids):
        logits = handmade.expected_logits(list(ids))
        return logits[1] - logits[0]

    whole = odds(2, 5, 7, 3, 4, 3)
    changes = [whole - odds(2, 7, 3, 4, 3), whole - odds(2, 5, 3, 4, 3), whole - odds(2, 5, 7, 3)]
    assert [one.change for one in response.attributions] == pytest.approx(changes, abs=1e-5)
    assert [one.source for one in response.attributions] == ["text", "text", "ocr_text"]
    for one, whole_text in zip(response.attributions, (text, text, read), strict=True):
        assert whole_text[one.start : one.end] == one.text


def test_attributions_refer_to_the_masked_text(classifier):
    (response,) = classifier.predict(texts=["boat 01632 960123 sale"], attributions=True)
    assert "".join(one.text for one in response.attributions) == "boat <PHONE> sale"


def test_what_the_model_does_not_reach_adds_nothing_and_costs_nothing(classifier, monkeypatch):
    shapes = []
    run = classifier._scorer.run

    def watched(encoded):
        shapes.append(len(encoded))
        return run(encoded)

    monkeypatch.setattr(classifier._scorer, "run", watched)
    words = " ".join(["sale"] * 10 + ["boat"] * 6)  # eight tokens at most, two of them special
    (response,) = classifier.predict(texts=[words], attributions=True)
    assert [one.change for one in response.attributions[-6:]] == [0.0] * 6
    assert sum(shapes) <= 2 + 10


def test_attributions_are_given_only_on_request_and_for_the_empty_advert_none(classifier):
    assert classifier.predict(texts=["boat"])[0].attributions is None
    assert classifier.predict(texts=[""], attributions=True)[0].attributions == ()


def test_the_parts_of_a_long_text_are_bounded(classifier):
    (response,) = classifier.predict(texts=["boat " * 1000], attributions=True)
    assert len(response.attributions) <= 32


def test_a_text_that_breaks_our_own_rules_fails_alone(classifier, monkeypatch):
    masked = type(classifier.encoder).masked

    def breaking(self, advert):
        if "room" in advert.text:
            raise KeyError(advert.text)
        return masked(self, advert)

    monkeypatch.setattr(type(classifier.encoder), "masked", breaking)
    good, bad = classifier.predict(texts=["boat", "room news"])
    assert good.error is None
    assert bad.error.code == "model_failed"
    assert "room" not in bad.error.message
