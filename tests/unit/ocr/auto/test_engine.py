import pickle
from pathlib import Path

import numpy as np
import pytest
from ocr_pages.making import make_page
from ocr_pages.scores import character_errors

from adverts.ocr.auto import engine as auto_engine
from adverts.ocr.auto.engine import AutoEngine
from adverts.ocr.page.read_page import PageReader

pytest.importorskip("rapidocr")
DATA = Path("/usr/share/tesseract-ocr/5/tessdata")
needs_data = pytest.mark.skipif(
    not (DATA / "Arabic.traineddata").is_file(), reason="no Tesseract data for Arabic script"
)


@pytest.fixture(scope="module")
def engine():
    return AutoEngine(canvas_px=960, threads=1, data_folder=DATA)


@pytest.fixture(scope="module")
def bare_engine(tmp_path_factory):
    return AutoEngine(canvas_px=960, threads=1, data_folder=tmp_path_factory.mktemp("empty"))


def error(engine, page):
    read = PageReader(engine, min_confidence=0.0).read(page.image)
    return character_errors(page.text, read.text).rate


@needs_data
@pytest.mark.parametrize("language", ["en", "vi", "ar", "fa", "ckb", "ps"])
def test_clean_pages_are_read_in_each_script(engine, language):
    assert error(engine, make_page(1000, language, "clean", 0, width=640)) < 0.08


@needs_data
def test_an_arabic_page_over_a_photograph_is_read(engine):
    assert error(engine, make_page(1000, "ar", "social", 0, width=640)) < 0.1


@pytest.mark.slow
def test_arabic_lines_of_a_page_in_turkish_too_are_read(bare_engine):
    pages = [make_page(1000, language, "clean", 0, width=640) for language in ("tr", "ar")]
    both = np.concatenate([page.image for page in pages])
    read = PageReader(bare_engine, min_confidence=0.0).read(both)
    assert character_errors("\n".join(page.text for page in pages), read.text).rate < 0.08


def test_without_tesseract_s_data_latin_and_arabic_pages_are_read(bare_engine):
    assert error(bare_engine, make_page(1000, "fr", "clean", 0, width=640)) < 0.02
    assert error(bare_engine, make_page(1000, "ckb", "clean", 0, width=640)) < 0.1


def test_without_tesseract_the_same(monkeypatch, bare_engine):
    monkeypatch.setattr(auto_engine, "has_tesseract", lambda: False)
    assert AutoEngine(canvas_px=960, threads=1, data_folder=DATA).spec == bare_engine.spec


@needs_data
def test_the_spec_says_which_data_is_there(engine, bare_engine):
    data = {"tesseract Arabic", "tesseract vie"}
    assert bare_engine.spec.weights.keys() == {"detector", "recogniser", "arabic"}
    assert engine.spec.weights.keys() == bare_engine.spec.weights.keys() | data
    assert engine.spec.key != bare_engine.spec.key


@needs_data
def test_letters_depend_on_the_data_that_is_there(engine, bare_engine):
    assert "ạ" in engine.alphabet
    assert "ạ" not in bare_engine.alphabet
    assert set("aéşابپڕټ٤۴£€") <= bare_engine.alphabet


@pytest.mark.slow
def test_a_copy_reads_alike(bare_engine):
    page = make_page(1000, "en", "clean", 0, width=640)
    copy = pickle.loads(pickle.dumps(bare_engine))
    assert copy.spec == bare_engine.spec
    boxes = bare_engine.detect(page.image)
    assert copy.recognise(page.image, boxes) == bare_engine.recognise(page.image, boxes)


def test_an_empty_page_has_no_lines(bare_engine):
    page = np.full((64, 64, 3), 200, np.uint8)
    assert bare_engine.recognise(page, bare_engine.detect(page)) == []
