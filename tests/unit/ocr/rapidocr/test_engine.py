import pickle
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from adverts.errors import IntegrityError, MissingExtraError
from adverts.ocr.protocol import LineReading
from adverts.ocr.rapidocr import engine as rapidocr_engine
from adverts.ocr.rapidocr.engine import RapidOcrEngine, network_input

pytest.importorskip("rapidocr")
LINES = ["Ferry to the island £45", "Call 07700 900123"]


@pytest.fixture(scope="module")
def page():
    font = ImageFont.truetype("DejaVuSans.ttf", 28)
    image = Image.new("RGB", (480, 160), (250, 245, 230))
    for i, line in enumerate(LINES):
        ImageDraw.Draw(image).text((30, 20 + 70 * i), line, (20, 20, 60), font)
    return np.array(image)


@pytest.fixture(scope="module")
def engine():
    return RapidOcrEngine(canvas_px=640, threads=1)


def test_a_page_is_found_and_read(engine, page):
    boxes = engine.detect(page)
    readings = engine.recognise(page, boxes)
    assert [reading.text for reading in readings] == LINES
    assert all(reading.confidence > 0.9 for reading in readings)
    assert boxes[:, 0, 1] == pytest.approx([20, 90], abs=12)


def test_a_page_without_text_has_no_lines(engine):
    assert engine.detect(np.full((90, 120, 3), 128, np.uint8)).shape == (0, 4, 2)
    assert engine.recognise(np.zeros((9, 9, 3), np.uint8), np.zeros((0, 4, 2), np.float32)) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 4000, 3), (3, 2, 3)])
def test_a_page_of_any_shape_is_looked_at(engine, shape):
    assert engine.detect(np.zeros(shape, np.uint8)).shape[1:] == (4, 2)


def test_a_box_without_text_keeps_its_place(engine, page):
    empty = np.array([[[400, 120], [470, 120], [470, 150], [400, 150]]], np.float32)
    boxes = np.concatenate([empty, engine.detect(page)])
    readings = engine.recognise(page, boxes)
    assert readings[0] == LineReading("", 0.0, "rapidocr")
    assert [reading.text for reading in readings[1:]] == LINES


def test_a_line_is_read_alike_beside_others_and_alone(engine, page):
    boxes = engine.detect(page)
    alone = [engine.recognise(page, boxes[i : i + 1])[0].text for i in range(len(boxes))]
    assert alone == [reading.text for reading in engine.recognise(page, boxes)]


def test_pixels_go_in_as_blue_green_red_from_minus_one_to_one():
    pixel = np.array([[[255, 51, 0]]], np.uint8)
    assert network_input(pixel).reshape(3).tolist() == pytest.approx([-1, -0.6, 1])


@pytest.mark.parametrize(
    ("canvas_px", "seen"), [(64, (32, 64)), (240, (64, 256)), (999, (160, 480))]
)
def test_the_canvas_bounds_what_the_detector_sees(page, canvas_px, seen):
    assert rapidocr_engine._on_canvas(page, canvas_px).shape == (*seen, 3)


def test_a_copy_opens_its_own_weights(engine, page):
    copy = pickle.loads(pickle.dumps(engine))
    assert copy.spec == engine.spec
    assert len(copy.detect(page)) == len(LINES)


def test_settings_that_change_answers_are_in_the_spec(engine):
    assert engine.spec.weights.keys() == {"detector", "recogniser"}
    assert RapidOcrEngine(canvas_px=640, threads=2).spec == engine.spec
    assert RapidOcrEngine(canvas_px=800, threads=1).spec != engine.spec


def test_its_letters_are_latin_and_not_arabic(engine):
    assert set("éışđơ£€₺0 ") <= engine.alphabet
    assert not set("اب٠ṣạ") & engine.alphabet


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(
        rapidocr_engine, "find_spec", lambda name: None if name == "rapidocr" else find_spec(name)
    )
    with pytest.raises(MissingExtraError, match=r"rapidocr.*adverts\[ocr\]"):
        RapidOcrEngine(canvas_px=640, threads=1)


def test_another_release_with_other_weights_is_told(monkeypatch):
    monkeypatch.setitem(rapidocr_engine._WEIGHTS, "detector", "other.onnx")
    with pytest.raises(IntegrityError, match=r"rapidocr [\d.]+ has no other.onnx; run: pip"):
        RapidOcrEngine(canvas_px=640, threads=1)
