import dataclasses

import numpy as np
import pytest

from adverts.advert import Advert, ReadQuality
from adverts.errors import InputError
from adverts.ocr.partial_reader import ABSTAINED
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.runtime import Classifier, Response
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.coverage import Coverage, CoveredSlice
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds

# ids of the hand-made vocabulary: [CLS] 2, [SEP] 3, ferry 4, boat 5, room 6, news 7, sale 8
TEXTS = ["ferry", "boat sale sale sale sale sale sale", "", "room news", "unheard words only"]
IDS = [[2, 4, 3], [2, 5, 8, 8, 8, 8, 8, 3], [2, 3], [2, 6, 7, 3], [2, 1, 1, 1, 3]]


class FakeReader:
    """Reads ``ferry`` in light pictures, nothing in dark ones."""

    spec = ReaderSpec("fake", "1", {}, {})

    def __init__(self):
        self.calls = 0

    def read(self, image):
        self.calls += 1
        words = ("ferry",) if image.mean() > 100 else ()
        return page(*words)


def page(*texts: str) -> OcrResult:
    box = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    lines = tuple(OcrLine(text, box, 0.5, "fake") for text in texts)
    unread = sum(not text for text in texts)
    return OcrResult(lines, 16, 16, ReadQuality(0.0, 0.0, 0.0, len(lines), unread))


def softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def listed(response: Response, task: str) -> list[float]:
    return list(response.probabilities[task].values())


@pytest.fixture
def classifier(handmade) -> Classifier:
    return Classifier.load(handmade.folder, threads=1)


@pytest.mark.parametrize("batch_size", [1, 2, 32])
def test_scores_are_those_of_numpy_in_the_order_given(handmade, classifier, batch_size):
    predictions = classifier.predict(texts=TEXTS, batch_size=batch_size)
    assert [prediction.id for prediction in predictions] == ["0", "1", "2", "3", "4"]
    for prediction, ids in zip(predictions, IDS, strict=True):
        logits = handmade.expected_logits(ids)
        assert listed(prediction, "refer") == pytest.approx(softmax(logits[:2]), abs=1e-6)
        expected = 1 / (1 + np.exp(-logits[2:]))
        assert listed(prediction, "signals") == pytest.approx(expected, abs=1e-6)


def test_a_score_does_not_depend_on_its_neighbours(classifier, grey_picture):
    images = [None, grey_picture(40), [grey_picture(9)] * 3, None, grey_picture(250)]
    together = classifier.score(
        [
            Advert(
                str(i),
                text,
                tuple(image) if isinstance(image, list) else (image,) * bool(image),
                ocr_text="",
            )
            for i, (text, image) in enumerate(zip(TEXTS, images, strict=True))
        ]
    )
    for row, (text, image) in enumerate(zip(TEXTS, images, strict=True)):
        alone = classifier.predict(texts=[text], images=[image], ocr=[""])[0]
        whole = classifier.predict(texts=TEXTS, images=images, ocr=[""] * 5)[row]
        for task, values in alone.probabilities.items():
            assert whole.probabilities[task] == pytest.approx(values, abs=1e-5)
    assert together.errors == [None] * 5


def test_pixels_reach_the_model_as_they_are(handmade, classifier, grey_picture):
    scores = classifier.score([Advert("a", "ferry", (grey_picture(200), grey_picture(100)), "")])
    expected = handmade.expected_logits([2, 4, 3], grey=300)
    assert scores.logits["refer"][0] == pytest.approx(expected[:2], abs=1e-5)


def test_the_empty_advert_has_a_score(handmade, classifier):
    scores = classifier.score([Advert("a")])
    assert scores.logits["refer"][0] == pytest.approx(
        handmade.expected_logits([2, 3])[:2], abs=1e-6
    )


def test_a_bad_picture_spoils_no_other_advert(classifier, grey_picture):
    good = grey_picture(7)
    images = [good, b"not a picture", good[:60], None, good]
    predictions = classifier.predict(images=images, ocr=[""] * 5, ids=list("abcde"))
    assert [prediction.error is None for prediction in predictions] == [1, 0, 0, 1, 1]
    assert predictions[1].probabilities == {}
    assert "not a picture of a known format" in predictions[1].error.message
    alone = classifier.predict(images=[good], ocr=[""])[0]
    assert predictions[4].probabilities["refer"] == pytest.approx(alone.probabilities["refer"])


@pytest.mark.parametrize(
    ("texts", "images", "ocr", "reason"),
    [
        ([7], None, None, "text is of type int"),
        (["half \ud83d pair"], None, None, "surrogate"),
        (None, ["cGljdHVyZQ=="], None, "image is of type str"),
        (None, [[b"x", 3]], None, "an image is not the bytes of a file"),
        (None, None, [["text"]], "one of several entries of ocr is not an OCR result"),
        (None, None, [{"lines": []}], "ocr is of type dict"),
        (None, [b"x" * 100_001], [""], "100001 bytes, but at most 100000"),
    ],
)
def test_an_entry_of_the_wrong_kind_is_an_error_of_its_own(classifier, texts, images, ocr, reason):
    fill = {"texts": texts, "images": images, "ocr": ocr}
    columns = {name: [*column, None] for name, column in fill.items() if column is not None}
    bad, good = classifier.predict(**columns)
    assert reason in bad.error.message
    assert good.error is None


@pytest.mark.parametrize("quality", [{"confidence": 1}, ReadQuality(95, 9.0, 0.5, 2, 1)])
def test_a_quality_that_no_reader_tells_is_an_error_of_its_own(classifier, quality):
    bad, good = classifier.predict(ocr=["boat", "boat"], qualities=[quality, None])
    assert "OCR quality" in bad.error.message
    assert good.error is None


def test_errors_never_show_the_text(classifier):
    (prediction,) = classifier.predict(texts=["secretword \ud83d"])
    assert "secretword" not in prediction.error.message


def test_a_page_without_good_adverts_has_no_scores(classifier):
    scores = classifier.score([Advert("a", "", (b"no",)), Advert("b", "", (b"no",))])
    assert np.isnan(scores.logits["refer"]).all()
    assert all(scores.errors)


def test_no_advert_gives_no_prediction(classifier):
    assert classifier.predict(texts=[]) == []


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "give texts, images or ocr"),
        ({"ids": ["a"]}, "give texts, images or ocr"),
        ({"texts": "one"}, "texts is one value"),
        ({"images": b"one"}, "images is one value"),
        ({"images": memoryview(b"one")}, "images is one value"),
        ({"texts": np.array("one")}, "texts is a ndarray, wanted a sequence"),
        ({"texts": {"one"}}, "texts is a set, wanted a sequence"),
        ({"texts": {"one": 1}}, "texts is a dict, wanted a sequence"),
        ({"texts": (one for one in ["one"])}, "texts is a generator, wanted a sequence"),
        ({"texts": ["a", "b"], "ids": ["a"]}, "texts: 2, ids: 1"),
        ({"texts": ["a"], "languages": []}, "texts: 1, languages: 0"),
        ({"texts": ["a"], "batch_size": 0}, "batch_size is 0"),
    ],
)
def test_wrong_usage_is_one_clear_error(classifier, columns, message):
    with pytest.raises(InputError, match=message):
        classifier.predict(**columns)


def test_threads_must_be_at_least_one(handmade):
    with pytest.raises(InputError, match="threads is 0"):
        Classifier.load(handmade.folder, threads=0)


def test_ocr_may_come_as_text_result_or_several(classifier):
    several = [page("room"), page("", "news")]
    by_text, by_result = classifier.predict(ocr=["room\nnews", several])
    assert by_text.probabilities == by_result.probabilities


def test_a_reader_gives_what_its_text_would_give(classifier, grey_picture):
    images = [grey_picture(200), grey_picture(3), None]
    reader = FakeReader()
    with pytest.warns(UserWarning, match="was trained on text read by fake 1"):
        read = classifier.predict(images=images, texts=["boat", "boat", "boat"], reader=reader)
    told = classifier.predict(images=images, texts=["boat"] * 3, ocr=["ferry", "", None])
    assert [p.probabilities for p in read] == [p.probabilities for p in told]
    assert reader.calls == 2


def test_a_picture_that_nobody_read_is_an_error_where_the_model_reads_such_text(
    classifier, handmade, grey_picture
):
    unread, none = classifier.predict(texts=["boat"] * 2, images=[grey_picture(200), None])
    assert "pictures were not read" in unread.error.message
    assert none.error is None
    handmade.rewrite(ocr=None)  # it learnt without
    assert Classifier.load(handmade.folder).predict(images=[grey_picture(200)])[0].error is None


def test_a_reader_is_not_called_where_ocr_is_given_or_not_read(classifier, handmade, grey_picture):
    reader = FakeReader()
    with pytest.warns(UserWarning, match="may read other text"):
        classifier.predict(images=[grey_picture(200)], ocr=["known"], reader=reader)
    spec = handmade.manifest.input_spec.to_dict() | {"inputs": ["text", "image"]}
    handmade.rewrite(input_spec=spec, ocr=None)
    Classifier.load(handmade.folder).predict(images=[grey_picture(200)], reader=reader)
    assert reader.calls == 0


def test_a_picture_that_is_too_much_for_the_reader_spoils_no_other(classifier, grey_picture):
    class Fragile(FakeReader):
        def read(self, image):
            if image.mean() < 100:
                raise RuntimeError("words of the picture")
            return super().read(image)

    with pytest.warns(UserWarning, match="may read other text"):
        bad, good = classifier.predict(
            images=[grey_picture(3), grey_picture(200)], reader=Fragile()
        )
    assert bad.error.message == "the reader failed with RuntimeError"
    assert good.error is None


def test_a_picture_that_the_reader_cannot_open_is_an_error_of_its_own(classifier, grey_picture):
    with pytest.warns(UserWarning, match="may read other text"):
        bad, good = classifier.predict(images=[b"no", grey_picture(200)], reader=FakeReader())
    assert bad.error is not None
    assert good.error is None


def test_contacts_are_masked_before_the_model_sees_them(classifier):
    one, other = classifier.predict(
        texts=["boat sale +44 7700 900123", "boat sale +44 7700 900456"]
    )
    assert one.probabilities == other.probabilities


def test_languages_change_no_score(classifier):
    (told,) = classifier.predict(texts=["boat"], languages=["en"])
    (untold,) = classifier.predict(texts=["boat"])
    assert told.probabilities == untold.probabilities
    assert (told.language.tag, untold.language.tag) == ("en", None)
    assert told.language.script == untold.language.script == "Latn"


def test_an_advert_of_which_a_line_was_left_unread_is_left_to_a_person(
    classifier, handmade, grey_picture
):
    left = dataclasses.replace(page("", "sale").lines[0], engine=ABSTAINED)
    result = dataclasses.replace(page("ferry", ""), lines=(*page("ferry").lines, left))

    class Abstaining(FakeReader):
        def read(self, image):
            return result

    given, other = classifier.predict(texts=["boat"] * 2, ocr=[[page("room"), result], "room"])
    assert "left lines in its pictures unread (1)" in given.error.message
    assert given.probabilities == {}
    assert other.error is None
    with pytest.warns(UserWarning, match="may read other text"):
        (read,) = classifier.predict(images=[grey_picture(9)], reader=Abstaining())
    assert read.error == given.error
    spec = handmade.manifest.input_spec.to_dict() | {"inputs": ["text", "image"]}
    handmade.rewrite(input_spec=spec)
    assert Classifier.load(handmade.folder).predict(ocr=[result])[0].error is None


def covered(handmade, *slices) -> Classifier:
    (handmade.folder / "coverage.json").write_text(Coverage(slices).to_json())
    handmade.rewrite()
    return Classifier.load(handmade.folder)


def is_left(response: Response) -> bool:
    return "the model is not trusted with" in response.reason


def test_adverts_of_an_abstained_slice_keep_their_scores_and_are_marked(handmade, grey_picture):
    left = CoveredSlice("fa", "Latn", "text", "abstain", "2 clusters")
    seen = CoveredSlice("fa", "Latn", "text+image", "supported", "meets precise")
    classifier = covered(
        handmade, left, seen, CoveredSlice("ps", "Latn", "text", "experimental", "few")
    )
    found = classifier.predict(
        texts=["boat"] * 5,
        images=[None, None, None, grey_picture(9), None],
        ocr=[None, None, None, "", "ferry"],
        languages=["fa", "FA-Arab", "ps", "fa", "fa"],
    )
    assert [is_left(one) for one in found] == [True, True, False, False, False]
    assert found[0].reason.endswith("text in fa (Latn), leave it to a person: 2 clusters")
    assert found[0].error is None
    assert found[0].probabilities == found[2].probabilities


def test_adverts_that_no_gate_judged_are_for_a_person_once_a_gate_has_spoken(handmade):
    texts, languages = ["boat"] * 3, ["en", "sq", None]
    before = Classifier.load(handmade.folder).predict(texts=texts, languages=languages)
    assert [is_left(one) for one in before] == [False] * 3
    classifier = covered(handmade, CoveredSlice("en", "Latn", "text", "supported", "meets precise"))
    judged, unjudged, untold = classifier.predict(texts=texts, languages=languages)
    assert not is_left(judged)
    assert unjudged.reason.endswith(
        "text in sq (Latn), leave it to a person: no gate has judged such adverts"
    )
    assert "in an unknown language" in untold.reason
    assert unjudged.probabilities == judged.probabilities


def test_adverts_of_no_told_language_follow_those_that_the_gate_judged(handmade):
    classifier = covered(
        handmade, CoveredSlice("unknown", "Latn", "text", "supported", "meets precise")
    )
    untold, told = classifier.predict(texts=["boat"] * 2, languages=[None, "en"])
    assert not is_left(untold)
    assert is_left(told)


def test_what_cannot_be_read_is_an_error_and_not_abstained(handmade):
    classifier = covered(handmade, CoveredSlice("fa", "unknown", "image", "abstain", "few"))
    bad, unknown = classifier.predict(
        texts=["", "boat"], images=[b"no", None], ocr=["", None], languages=["fa", 7]
    )
    assert "not a picture" in bad.error.message
    assert not is_left(bad)
    assert bad.review_band == "abstain"
    assert unknown.error.message == "language is of type int, wanted a text"


def test_probabilities_are_calibrated_and_logits_are_not(handmade):
    rules = DecisionRules(Calibration((TaskCalibration("refer", "temperature", 4.0),)))
    (handmade.folder / "calibration.json").write_text(rules.calibration.to_json())
    handmade.rewrite()
    classifier = Classifier.load(handmade.folder)
    logits = handmade.expected_logits([2, 4, 3])
    (prediction,) = classifier.predict(texts=["ferry"])
    assert classifier.rules == rules
    assert listed(prediction, "refer") == pytest.approx(softmax(logits[:2] / 4), abs=1e-6)
    scores = classifier.score([Advert("a", "ferry")])
    assert scores.logits["refer"][0] == pytest.approx(logits[:2], abs=1e-6)


def test_a_bundle_routes_by_its_own_thresholds_and_leaves_what_it_must_to_people(handmade):
    thresholds = Thresholds(
        (
            Threshold("refer", "yes", "precision", 0.9, 0.999, operating_prevalence=0.1),
            Threshold("refer", "yes", "recall", 0.9, 1e-6),
            Threshold("signals", "flag", "recall", 0.9, 1e-6),
        ),
        safeguarding=("flag",),
    )
    (handmade.folder / "thresholds.json").write_text(thresholds.to_json())
    classifier = covered(
        handmade,
        CoveredSlice("fa", "Latn", "text", "abstain", "few"),
        CoveredSlice("en", "Latn", "text", "supported", "meets precise"),
    )
    plain, left, bad = classifier.predict(
        texts=["boat", "boat", "half \ud83d pair"], languages=["en", "fa", None]
    )
    assert plain.review_band == "review"
    assert plain.routes == ("safeguarding", "refer_review")
    assert left.review_band == "abstain"
    assert [one.label for one in left.safeguarding] == ["flag"]
    assert bad.review_band == "abstain"
    assert "surrogate" in bad.reason


def test_a_response_has_what_was_read_where_that_is_asked_for(classifier, grey_picture):
    asked = {"texts": ["boat"] * 4, "images": [grey_picture(200), b"no", None, [b""] * 30]}
    with pytest.warns(UserWarning, match="may read other text"):
        answers = classifier.predict(**asked, reader=FakeReader(), readings=True)
    found = [one.reading.advert for one in answers]
    assert [one.ocr_text for one in found] == ["ferry", None, None, None]
    assert [one.text for one in found] == ["boat", "boat", "boat", ""]
    assert [len(one.images) for one in found] == [1, 1, 0, 0]
    assert "boat" not in repr(answers[0].reading)
    assert classifier.predict(texts=["boat"])[0].reading is None
