import dataclasses
import json

import pytest

from adverts.advert import ReadQuality
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec

BOX = ((0.0, 0.5), (4.0, 0.5), (4.0, 2.0), (0.0, 2.0))
LINES = (
    OcrLine("Ferry £5 سفر 🚤", BOX, 0.5, "fake", "Latn"),
    OcrLine("", BOX, 0.1, "fake"),
    OcrLine("daily", BOX, 1.0, "fake", raw="dai1y", row=1),
    OcrLine("9:00", BOX, 1.0, "fake", row=1),
)
RESULT = OcrResult(LINES, 10, 20, ReadQuality(0.75, 1.5, 0.25, lines=4, unread_lines=1))
EARLIER = RESULT.to_json().replace('"version":3', '"version":2')
SPEC = ReaderSpec("fake", "1.0", {"detector": "ab"}, {"canvas_px": 640, "quantized": True})


def test_a_result_survives_its_file_form():
    assert OcrResult.from_json(RESULT.to_json()) == RESULT


def test_the_text_is_that_of_the_lines_that_were_read_row_by_row():
    assert RESULT.text == "Ferry £5 سفر 🚤\ndaily 9:00"


def test_a_page_without_lines_has_no_text():
    assert dataclasses.replace(RESULT, lines=()).text == ""


def test_the_file_form_names_all_that_is_known_of_the_quality():
    quality = json.loads(RESULT.to_json())["quality"]
    assert quality == dataclasses.asdict(RESULT.quality)


def test_the_facts_of_a_spec_are_enough_to_build_it_again():
    facts = json.loads(json.dumps(SPEC.facts))
    again = ReaderSpec(facts["engine"], facts["version"], facts["weights"], facts["parameters"])
    assert again == SPEC
    assert again.key == facts["key"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 99, "lines": []}', '{"version": 1}', EARLIER]
)
def test_what_is_no_result_of_this_version_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        OcrResult.from_json(text)


@pytest.mark.parametrize(
    "change",
    [
        {"engine": "other"},
        {"engine_version": "1.1"},
        {"weights": {"detector": "ac"}},
        {"parameters": {"canvas_px": 641, "quantized": True}},
    ],
)
def test_whatever_can_change_an_answer_changes_the_key(change):
    assert dataclasses.replace(SPEC, **change).key != SPEC.key


def test_the_order_of_settings_does_not_change_the_key():
    turned = dataclasses.replace(SPEC, parameters={"quantized": True, "canvas_px": 640})
    assert turned.key == SPEC.key
