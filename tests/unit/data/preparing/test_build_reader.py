"""Every reader of ``configs/ocr``: built from its config, and again from what a manifest keeps."""

import json
import warnings
from pathlib import Path

import pytest
from composing import load

from adverts.config import NoOcr
from adverts.data.preparing.build_reader import build_reader, missing_data
from adverts.ocr.rebuild import SYSTEM_DATA, reader_from_facts

needs_data = pytest.mark.skipif(
    not all((SYSTEM_DATA / f"{name}.traineddata").is_file() for name in ("eng", "vie", "Arabic")),
    reason="needs Debian's language data of Tesseract",
)
CHOICES = [
    "easyocr",
    "easyocr_onnx",
    "rapidocr",
    pytest.param("tesseract", marks=needs_data),
    pytest.param("auto", marks=needs_data),
]


def config(choice):
    return load("prepare", f"ocr={choice}").ocr


@pytest.mark.parametrize("choice", CHOICES)
def test_a_reader_is_built_again_from_what_a_manifest_keeps(choice):
    reader = build_reader(config(choice))
    facts = json.loads(json.dumps(reader.spec.facts))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = reader_from_facts(facts, threads=2)
    assert again.spec == reader.spec
    assert reader.spec.engine == choice.partition("_")[0]


def test_without_a_reader_there_is_none():
    assert isinstance(config("none").engine, NoOcr)
    assert build_reader(config("none")) is None


@needs_data
def test_without_arabic_data_its_lines_are_left_to_a_person(tmp_path):
    (tmp_path / "vie.traineddata").symlink_to(SYSTEM_DATA / "vie.traineddata")
    facts = build_reader(config("auto")).spec.facts
    with pytest.warns(UserWarning, match="tesseract Arabic: wanted .*, found none; Arabic"):
        reader = reader_from_facts(facts, threads=1, folder=Path(tmp_path))
    assert reader.spec.parameters["abstains"] == "Arab"


@needs_data
def test_language_data_that_auto_lacks_is_told_with_what_to_install(tmp_path):
    (tmp_path / "vie.traineddata").symlink_to(SYSTEM_DATA / "vie.traineddata")
    lacking = load("prepare", "ocr=auto", f"ocr.engine.data_folder={tmp_path}").ocr
    told = missing_data(lacking, build_reader(lacking))
    assert f"data_folder={tmp_path} lacks Arabic.traineddata; run: apt install tess" in told
    assert "vie" not in told.partition("lacks")[2]
    whole = config("auto")
    assert missing_data(whole, build_reader(whole)) is None


def test_without_tesseract_auto_says_what_to_install(monkeypatch):
    monkeypatch.setattr("adverts.ocr.auto.engine.has_tesseract", lambda: False)
    monkeypatch.setattr("adverts.data.preparing.build_reader.has_tesseract", lambda: False)
    auto = config("auto")
    assert "tesserocr is not installed; run: pip" in missing_data(auto, build_reader(auto))


@pytest.mark.parametrize(
    ("words", "pictures"),
    [
        (["data=synthetic"], True),
        (["data=synthetic", "data.source.images=0"], False),
        (["data=csv"], False),
        (["data=csv", "data.columns.image=image"], True),
        (["data=image_folder", "data.name=mine"], True),
    ],
)
def test_a_reader_is_wanted_only_where_there_may_be_pictures(words, pictures):
    assert load("prepare", *words).data.has_pictures is pictures
