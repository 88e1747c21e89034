"""Streams of JSON lines: every line is answered, whatever the others are."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from adverts.errors import InputError
from adverts.files.bounded_reading import bounded_lines
from adverts.runtime import Classifier
from adverts.runtime.predict.logits_to_responses import versions_of
from adverts.runtime.predict.requests import Request
from adverts.runtime.predict.responses import Attribution, Response
from adverts.runtime.rules.coverage import Coverage, CoveredSlice
from adverts.runtime.rules.languages import Language
from adverts.runtime.stream import json_lines
from adverts.runtime.stream.json_lines import (
    MAX_LINE_BYTES,
    Asking,
    LineCounts,
    answer_object,
    predict_lines,
    respond,
    schema_text,
)

ANSWERS = Draft202012Validator(json.loads(schema_text("response")))
QUALITY = (
    '{"text": "boat", "ocr_quality": {"confidence": %s, "smallest_text_px": 9, '
    '"sharpness": 0.5, "lines": 2, "unread_lines": 1}}'
)


@pytest.fixture
def classifier(handmade):
    return Classifier.load(handmade.folder, threads=1)


def answers(classifier, requests, **changes):
    windows = predict_lines(classifier, requests, asking=Asking(**changes))
    found = [json.loads(answer) for window in windows for answer in window]
    for answer in found:
        ANSWERS.validate(answer)
    return found


def test_an_answer_is_the_response_and_what_made_it(classifier):
    [answer] = answers(classifier, ['{"id": "a", "text": "ferry", "lang": "en"}'])
    [expected] = respond(classifier, [Request("a", text="ferry", lang="en")])
    assert answer["id"] == "a"
    assert [*answer["probabilities"]] == ["refer", "signals"]
    assert answer["probabilities"] == expected.probabilities
    assert answer["review_band"] == expected.review_band
    assert answer["error"] is None
    assert answer["language"]["tag"] == "en"
    assert answer["versions"]["model"] == classifier.manifest.files["model.onnx"]
    assert answer["versions"]["bundle"] == classifier.manifest.identity()


def test_versions_are_left_out_on_request(classifier):
    [answer] = answers(classifier, ['{"text": "ferry"}'], versions=False)
    assert "versions" not in answer


def test_a_language_that_the_gate_never_judged_is_for_a_person(handmade):
    judged = CoveredSlice("en", "Latn", "text", "supported", "meets precise")
    left = Coverage((CoveredSlice("fa", "Latn", "text", "abstain", "2 clusters"), judged))
    (handmade.folder / "coverage.json").write_text(left.to_json())
    handmade.rewrite()
    asked = [f'{{"text": "boat", "lang": {lang}}}' for lang in ('"fa"', '"en"', "7")]
    marked, plain, bad = answers(Classifier.load(handmade.folder), asked)
    assert marked["review_band"] == "abstain"
    assert "2 clusters" in marked["reason"]
    assert marked["probabilities"] == plain["probabilities"]
    assert marked["error"] is None
    assert bad["error"]["message"] == "lang is of type int, wanted a text"


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (
            '{"txt": "boat"}',
            "malformed",
            "it has none of the keys text, image, ocr_text; give at least one",
        ),
        (
            '{"text": "boat", "ocr_quality": {"confidence": 1}}',
            "malformed",
            "ocr_quality must have exactly the keys confidence, small",
        ),
        (QUALITY % "95", "malformed", "confidence of OCR quality must be a number from 0 to 1"),
        (QUALITY % f"1{'0' * 400}", "malformed", "confidence of OCR quality must be a number"),
        (QUALITY % "true", "malformed", "confidence of OCR quality must be a number from 0 to 1"),
        ('{"text": 3}', "malformed", "text is of type int, wanted a text"),
        ('{"image": "%%%"}', "malformed", "image is not base64"),
        ('{"image": [["QQ=="]]}', "malformed", "image is of type list, wanted base64 text"),
        ('{"image": "aGVsbG8=", "ocr_text": ""}', "unreadable_image", "not a picture of a known"),
        ('{"image": "aGVsbG8="}', "pictures_not_read", "its pictures were not read"),
    ],
)
def test_a_bad_line_is_answered_and_the_next_one_too(classifier, line, code, message):
    bad, good = answers(classifier, [line, '{"text": "boat"}'])
    assert (bad["error"]["code"], bad["line"]) == (code, 1)
    assert bad["error"]["message"].startswith(message)
    assert good["error"] is None


def test_lines_are_counted_as_an_editor_does(classifier):
    stream = io.BytesIO(b'\xef\xbb\xbf{"text": "boat"}\r\n\r\n\xef\xbb\xbf\n\n{"id": 3}\n{\n')
    good, keyless, broken = answers(classifier, bounded_lines(stream, most=MAX_LINE_BYTES))
    assert good["error"] is None
    assert (keyless["id"], keyless["line"]) == (3, 5)
    assert (broken["id"], broken["line"]) == (None, 6)


def test_a_line_that_is_too_long_is_answered_and_never_held(classifier, monkeypatch):
    monkeypatch.setattr(json_lines, "MAX_LINE_BYTES", 40)
    fits = b'{"text": "boat"}'
    stream = io.BytesIO(b"x" * 1000 + b"\n" + fits + b"\n" + b"y" * 41 + b"\n" + fits)
    found = answers(classifier, bounded_lines(stream, most=40))
    assert [one["error"] and one["error"]["code"] for one in found] == [
        "too_many_bytes",
        None,
        "too_many_bytes",
        None,
    ]
    assert [one.get("line") for one in found] == [1, None, 3, None]


@given(st.lists(st.text("ab", max_size=9)), st.integers(1, 9), st.booleans())
def test_bounded_lines_are_the_lines_of_the_stream(texts, most, ended):
    data = "\n".join(texts).encode() + (b"\n" if ended else b"")
    found = list(bounded_lines(io.BytesIO(data), most=most))
    wanted = [line if len(line.rstrip(b"\n")) <= most else None for line in io.BytesIO(data)]
    assert found == wanted


class Watched(io.BytesIO):
    """Notes how many bytes a reader wants at once."""

    def __init__(self, data):
        super().__init__(data)
        self.wanted = []

    def readline(self, size=-1):
        self.wanted.append(size)
        return super().readline(size)


def test_of_a_long_line_no_more_is_wanted_at_once_than_a_line_may_have():
    stream = Watched(b"x" * 1000 + b"\n" + b"fits\n")
    assert list(bounded_lines(stream, most=9)) == [None, b"fits\n"]
    assert set(stream.wanted) <= {9, 10}


def test_a_dialogue_is_answered_line_by_line(classifier):
    asked = []

    def dialogue():
        for text in ("boat", "ferry"):
            asked.append(text)
            yield json.dumps({"text": text})

    windows = predict_lines(classifier, dialogue(), asking=Asking(window_lines=1))
    assert len(next(windows)) == 1
    assert asked == ["boat"]


def test_a_window_closes_when_it_is_heavy(classifier, monkeypatch):
    monkeypatch.setattr(json_lines, "MAX_LINE_BYTES", 30)
    windows = list(predict_lines(classifier, [b'{"text": "boat"}'] * 4))
    assert [len(window) for window in windows] == [2, 2]


def test_a_window_without_a_line_is_refused():
    with pytest.raises(InputError, match="window_lines is 0, wanted at least 1"):
        Asking(window_lines=0)


def test_lines_are_counted_by_what_became_of_them(classifier):
    counts = LineCounts()
    asked = ['{"text": "boat"}', "{", "", '{"image": "QQ==", "ocr_text": ""}']
    list(predict_lines(classifier, asked, counts=counts))
    assert (counts.scored, counts.errors) == (1, 2)


def test_attributions_are_told_where_there_are_some(classifier):
    told = Response(
        "a",
        "below",
        "why",
        versions_of(classifier.manifest),
        {"refer": {"no": 0.5, "yes": 0.5}},
        language=Language(None, "Latn", identified=False),
        attributions=(Attribution("boat", 0, 4, "text", 0.25),),
    )
    answer = answer_object(told, id="a")
    ANSWERS.validate(answer)
    assert answer["attributions"] == [
        {"text": "boat", "start": 0, "end": 4, "source": "text", "change": 0.25}
    ]
    assert "attributions" not in answer_object(replace(told, attributions=None), id="a")


@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from(
            [b'{"text": "boat"}', b'{"text": "ferry sale", "id": 1}', b'{"image": "QQ=="}']
        )
        | st.binary(max_size=20).filter(lambda line: b"\n" not in line),
        max_size=8,
    ),
    st.integers(1, 4),
)
def test_an_answer_depends_on_its_own_line_alone(classifier, asked, window):
    together = answers(classifier, asked, window_lines=window)
    alone = [one for line in asked for one in answers(classifier, [line])]
    assert [one["id"] for one in together] == [one["id"] for one in alone]
    assert [one["error"] for one in together] == [one["error"] for one in alone]
    for one, other in zip(together, alone, strict=True):
        for task, said in one["probabilities"].items():
            assert said == pytest.approx(other["probabilities"][task], abs=1e-6)
