"""The reader of a manifest built again: parts compared one by one, and what abstains for each."""

import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from adverts.errors import InputError
from adverts.ocr import build_readers
from adverts.ocr.partial_reader import AbstainingReader
from adverts.ocr.protocol import ReaderSpec
from adverts.ocr.rebuild import SYSTEM_DATA, differences, reader_from_facts

SPEC = ReaderSpec(
    engine="auto",
    engine_version="rapidocr 3.10.0, tesserocr 2.13.0 (5.5.0)",
    weights={
        "detector": "d" * 64,
        "recogniser": "e" * 64,
        "arabic": "f" * 64,
        "tesseract Arabic": "a" * 64,
        "tesseract vie": "b" * 64,
    },
    parameters={"canvas_px": 960, "min_confidence": 0.25, "page": 1, "repair": 1},
)


class FakeReader:
    """Is only asked what it is."""

    def __init__(self, spec, arguments):
        self.spec, self.arguments = spec, arguments


def installed(monkeypatch, kind="auto", **changes):
    """Let ``build_readers`` return a reader of the spec with these changes."""
    spec = replace(SPEC, engine=kind, **changes)
    monkeypatch.setattr(build_readers, f"{kind}_reader", lambda **given: FakeReader(spec, given))


def without(part):
    return {name: sha256 for name, sha256 in SPEC.weights.items() if name != part}


def test_an_equal_reader_is_returned_without_a_word(monkeypatch):
    installed(monkeypatch)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reader = reader_from_facts(SPEC.facts, threads=3, folder=Path("data"))
    assert reader.arguments == {
        "canvas_px": 960,
        "min_confidence": 0.25,
        "threads": 3,
        "data_folder": Path("data"),
    }


@pytest.mark.parametrize(
    ("changes", "told", "abstains"),
    [
        (
            {"weights": without("tesseract Arabic")},
            "tesseract Arabic: wanted aaaaaaaaaaaa, found none; Arabic script left unread",
            "Arab",
        ),
        (
            {"weights": SPEC.weights | {"tesseract Arabic": "9" * 64}},
            "tesseract Arabic: wanted aaaaaaaaaaaa, found 999999999999; Arabic script left unread",
            "Arab",
        ),
        (
            {"weights": SPEC.weights | {"arabic": "9" * 64}},
            "arabic: wanted ffffffffffff, found 999999999999; Arabic script left unread",
            "Arab",
        ),
        (
            {"weights": without("tesseract vie")},
            "tesseract vie: wanted bbbbbbbbbbbb, found none; Vietnamese left unread",
            "vi",
        ),
        (
            {"weights": SPEC.weights | {"detector": "9" * 64}},
            "detector: wanted dddddddddddd, found 999999999999; no line is read",
            "*",
        ),
        (
            {"engine_version": "rapidocr 3.11.0, tesserocr 2.13.0 (5.5.0)"},
            "rapidocr: wanted 3.10.0, found 3.11.0; no line is read",
            "*",
        ),
        (
            {"engine_version": "rapidocr 3.10.0, tesserocr 2.13.0 (5.6.0)"},
            "tesserocr: wanted 2.13.0 (5.5.0), found 2.13.0 (5.6.0); "
            "Arabic script and Vietnamese left unread",
            "Arab+vi",
        ),
        (
            {"engine_version": "rapidocr 3.10.0"},
            "tesserocr: wanted 2.13.0 (5.5.0), found none; "
            "Arabic script and Vietnamese left unread",
            "Arab+vi",
        ),
    ],
)
def test_a_part_that_differs_is_told_and_its_lines_are_left(monkeypatch, changes, told, abstains):
    installed(monkeypatch, **changes)
    with pytest.warns(UserWarning, match="^reader of pictures") as warned:
        reader = reader_from_facts(SPEC.facts, threads=1)
    assert [str(one.message) for one in warned] == [f"reader of pictures, {told}"]
    assert isinstance(reader, AbstainingReader)
    assert reader.spec.parameters["abstains"] == abstains


def test_other_rules_are_told_and_leave_nothing(monkeypatch):
    installed(monkeypatch, parameters=dict(SPEC.parameters) | {"repair": 2})
    with pytest.warns(UserWarning, match="repair: wanted 1, found 2$"):
        reader = reader_from_facts(SPEC.facts, threads=1)
    assert isinstance(reader, FakeReader)
    assert reader.arguments["data_folder"] == SYSTEM_DATA


def test_data_that_came_later_reads_other_text_and_is_told(monkeypatch):
    facts = replace(SPEC, weights=without("tesseract vie")).facts
    (found,) = differences(facts, SPEC)
    assert (found.part, found.wanted, found.found) == ("tesseract vie", None, "b" * 64)
    assert found.abstains == {"vi"}


def test_a_version_alone_is_that_of_the_engine(monkeypatch):
    spec = replace(SPEC, engine="easyocr", engine_version="1.7.2")
    (found,) = differences(spec.facts | {"version": "1.7.1"}, spec)
    assert str(found) == "easyocr: wanted 1.7.1, found 1.7.2; no line is read"


@pytest.mark.parametrize("kind", ["rapidocr", "tesseract"])
def test_each_engine_is_built_with_what_its_facts_say(monkeypatch, kind):
    told = {"canvas_px": 640, "min_confidence": 0.5, "data": "eng+vie"}
    installed(monkeypatch, kind, parameters=told)
    facts = replace(SPEC, engine=kind, parameters=told).facts
    given = reader_from_facts(facts, threads=1).arguments
    assert given["min_confidence"] == 0.5
    assert given.get("canvas_px", 640) == 640
    assert given.get("data", ["eng", "vie"]) == ["eng", "vie"]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, "read by None, which is not one of our engines"),
        ({"engine": "another"}, "read by 'another', which is not one of our engines"),
        (SPEC.facts | {"parameters": {}}, "its reader auto is incomplete"),
        (SPEC.facts | {"engine": "easyocr"}, "its reader easyocr is incomplete"),
        (SPEC.facts | {"weights": None}, "its reader has no weights"),
    ],
)
def test_facts_that_no_reader_can_be_built_from_are_refused(monkeypatch, facts, told):
    installed(monkeypatch)
    with pytest.raises(InputError, match=told):
        reader_from_facts(facts, threads=1)
