"""Every reader of ``configs/ocr``: built from its config, and again from what a manifest keeps."""

import json
import warnings
from pathlib import Path

import pytest
from composing import load

from adverts.config import NoOcr
from adverts.data.reader import build_reader
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
