import pickle
from pathlib import Path

import numpy as np
import pytest
from ocr_pages.making import make_page

from adverts.errors import InputError, IntegrityError, MissingExtraError
from adverts.ocr.tesseract import lines
from adverts.ocr.tesseract.engine import TesseractEngine

pytest.importorskip("tesserocr")
DATA = Path("/usr/share/tesseract-ocr/5/tessdata")
needs_data = pytest.mark.skipif(
    not (DATA / "Arabic.traineddata").is_file(), reason="no Tesseract data for Arabic script"
)


@pytest.fixture(scope="module")
def engine():
    return TesseractEngine(data_folder=DATA, data=("eng", "Arabic"))


@needs_data
def test_an_english_page_is_found_and_read(engine):
    page = make_page(1000, "en", "clean", 0, width=640)
    boxes = engine.detect(page.image)
    readings = engine.recognise(page.image, boxes)
    assert readings[0].text == page.lines[0].text
    assert boxes[0, 0] == pytest.approx(np.array(page.lines[0].box[0]), abs=6)
    assert readings[0].confidence > 0.8
    assert {reading.engine for reading in readings} == {"tesseract"}


@needs_data
def test_an_arabic_line_is_in_logical_order(engine):
    page = make_page(1000, "ar", "clean", 0, width=640)
    texts = [r.text for r in engine.recognise(page.image, engine.detect(page.image))]
    assert page.lines[0].text in texts


@needs_data
def test_a_page_without_text_has_no_lines(engine):
    assert engine.detect(np.full((50, 50, 3), 255, np.uint8)).shape == (0, 4, 2)


@needs_data
def test_a_copy_opens_its_own_data(engine):
    copy = pickle.loads(pickle.dumps(engine))
    assert copy.spec == engine.spec
    assert copy.spec.weights.keys() == {"eng", "Arabic"}


@needs_data
def test_its_letters_are_those_of_its_data(engine):
    assert set("aZ£€ابڕڵټ۰٠ ") <= engine.alphabet
    assert "ạ" not in engine.alphabet


def test_missing_data_is_named_with_the_package_that_holds_it(tmp_path):
    with pytest.raises(InputError, match="'Arabic'.*tesseract-ocr-script-arab"):
        TesseractEngine(data_folder=tmp_path, data=("Arabic",))
    with pytest.raises(InputError, match="tesseract-ocr-vie"):
        TesseractEngine(data_folder=tmp_path, data=("vie",))


def test_a_missing_package_is_named_with_what_else_it_needs(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "has_tesseract", lambda: False)
    with pytest.raises(MissingExtraError, match=r"tesserocr.*tesseract-ocr-vie.*adverts\[ocr\]"):
        TesseractEngine(data_folder=tmp_path, data=("eng",))


def test_damaged_data_is_told_and_no_image_is_blamed(tmp_path):
    (tmp_path / "eng.traineddata").write_bytes(b"damaged")
    engine = TesseractEngine(data_folder=tmp_path, data=("eng",))
    with pytest.raises(IntegrityError, match="cannot open the language data eng in .*reinstall"):
        engine.detect(np.full((50, 50, 3), 255, np.uint8))
