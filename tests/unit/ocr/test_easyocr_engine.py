import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from adverts.errors import InputError, IntegrityError, MissingExtraError
from adverts.ocr import easyocr_engine, easyocr_weights
from adverts.ocr.easyocr_engine import EasyOcrReader, rebuild_reader

pytest.importorskip("easyocr")
PAGE = np.full((60, 120, 3), 255, np.uint8)
LOW, HIGH = [[5, 30], [50, 30], [50, 40], [5, 40]], [[5, 5], [50, 5], [50, 15], [5, 15]]


class FakeEngine:
    """Finds two lines, the lower one first, with numpy numbers as EasyOCR does."""

    def __init__(self):
        self.calls = []

    def detect(self, img, *, canvas_size, reformat):
        self.calls.append((img, canvas_size))
        return [["level"]], [["slanted"]]

    def recognize(self, img_cv_grey, horizontal_list, free_list, *, reformat):
        self.calls.append((img_cv_grey, horizontal_list, free_list))
        return [
            (np.array(LOW, np.int32), "daily", np.float64(0.25)),
            (np.array(HIGH, np.int32), "Ferry", np.float64(0.75)),
        ]


@pytest.fixture
def engine(monkeypatch):
    fake = FakeEngine()
    monkeypatch.setattr(easyocr_engine, "load_engine", lambda languages: fake)
    return fake


def reader(min_confidence=0.0, canvas_px=640, threads=1):
    return EasyOcrReader(
        languages=["en"], canvas_px=canvas_px, min_confidence=min_confidence, threads=threads
    )


def test_lines_come_in_reading_order_as_plain_numbers(engine):
    result = reader().read(PAGE)
    assert [line.text for line in result.lines] == ["Ferry", "daily"]
    assert (result.width, result.height) == (120, 60)
    first = result.lines[0]
    assert first.box == tuple((float(x), float(y)) for x, y in HIGH)
    assert type(first.confidence) is float
    assert type(first.box[0][0]) is float


def test_an_unsure_line_keeps_its_box_and_loses_its_text(engine):
    lines = reader(min_confidence=0.5).read(PAGE).lines
    assert [line.text for line in lines] == ["Ferry", ""]
    assert lines[1].box == tuple((float(x), float(y)) for x, y in LOW)


def test_the_detector_sees_colours_and_the_recogniser_grey(engine):
    page = PAGE.copy()
    page[..., 2] = 0
    reader(canvas_px=200).read(page)
    (seen, canvas), (grey, level, slanted) = engine.calls
    assert np.array_equal(seen, page)
    assert canvas == 200
    assert grey.shape == (60, 120)
    assert grey[0, 0] == round(0.299 * 255 + 0.587 * 255)
    assert (level, slanted) == (["level"], ["slanted"])


@pytest.mark.parametrize(
    "page",
    [PAGE[..., 0], PAGE.astype(np.float32), PAGE[..., :2], np.zeros((4, 4, 4), np.uint8)],
)
def test_what_is_no_rgb_image_is_refused(engine, page):
    with pytest.raises(InputError, match="wanted uint8"):
        reader().read(page)


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 9, 3), (1, 5000, 3)])
def test_a_page_too_thin_for_the_detector_has_no_lines(engine, shape):
    assert reader().read(np.zeros(shape, np.uint8)).lines == ()
    assert engine.calls == []


def test_the_number_of_threads_is_used_and_given_back(engine, monkeypatch):
    import torch

    before, used = torch.get_num_threads(), []
    monkeypatch.setattr(
        engine, "detect", lambda *_, **__: used.append(torch.get_num_threads()) or ([[]], [[]])
    )
    reader(threads=before + 1).read(PAGE)
    assert used == [before + 1]
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("change", [{"canvas_px": 320}, {"min_confidence": 0.5}])
def test_settings_that_change_answers_change_the_key(engine, change):
    assert reader(**change).spec.key != reader().spec.key


def test_a_reader_is_built_again_from_what_a_manifest_keeps():
    facts = json.loads(json.dumps(reader(0.5, 320).spec.facts))
    assert rebuild_reader(facts, threads=2).spec == reader(0.5, 320).spec
    for other in ({"engine": "other"}, {**facts, "parameters": {"languages": "en"}}):
        with pytest.raises(InputError, match="which is not EasyOCR as we know it"):
            rebuild_reader(other, threads=1)


def test_the_number_of_threads_does_not_change_the_key(engine):
    assert reader(threads=2).spec.key == reader(threads=1).spec.key


@pytest.mark.parametrize("languages", [["fr"], ["en", "fr"], []])
def test_a_language_without_packaged_weights_is_refused(languages):
    with pytest.raises(InputError, match="packaged weights"):
        easyocr_weights.load_engine(languages)


def test_a_missing_package_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "easyocr", None)
    with pytest.raises(MissingExtraError, match=r'easyocr is not installed.*"adverts\[ocr\]"'):
        easyocr_weights.load_engine(["en"])


def test_weights_of_another_hash_are_never_opened(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("torch.load", lambda *_, **__: opened.append(1))
    (tmp_path / "english_g2.pth").write_bytes(b"something else")
    with pytest.raises(IntegrityError, match="english_g2.pth has sha256"):
        easyocr_weights._read_weights(tmp_path, "recogniser")
    assert opened == []


def test_importing_the_protocol_and_the_cache_needs_no_engine():
    program = (
        "import sys, adverts.ocr, adverts.ocr.protocol, adverts.ocr.cache;"
        "print([name for name in ('torch', 'easyocr', 'cv2', 'PIL') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "[]"


def rendered_page():
    """A grey page: EasyOCR swaps red and blue when it makes an array grey."""
    image = Image.new("RGB", (360, 200), (235, 235, 235))
    draw = ImageDraw.Draw(image)
    draw.text((20, 20), "Ferry to Dover", font=ImageFont.load_default(26), fill=(20, 20, 20))
    draw.text((20, 90), "45 each", font=ImageFont.load_default(30), fill=(90, 90, 90))
    draw.text((220, 92), "daily", font=ImageFont.load_default(28), fill=(0, 0, 0))
    return np.asarray(image)


@pytest.mark.slow
def test_the_real_engine_reads_exactly_what_stock_easyocr_reads(tmp_path, monkeypatch):
    import easyocr
    import easyocr_en_models
    import torch

    original, modes = torch.load, []
    monkeypatch.setattr(
        torch, "load", lambda *args, **kw: modes.append(kw["weights_only"]) or original(*args, **kw)
    )
    ours = reader(canvas_px=320)
    found = ours.read(rendered_page())
    assert modes == [True, True]  # detector and recogniser, opened by the first image
    blank = ours.read(np.full((100, 100, 3), 255, np.uint8))
    monkeypatch.undo()
    stock = easyocr.Reader(
        ["en"],
        gpu=False,
        download_enabled=False,
        verbose=False,
        model_storage_directory=easyocr_en_models.model_dir(),
        user_network_directory=str(tmp_path),
    ).readtext(rendered_page(), canvas_size=320)
    expected = {
        (text, float(confidence), tuple((float(x), float(y)) for x, y in box))
        for box, text, confidence in stock
    }
    assert {(line.text, line.confidence, line.box) for line in found.lines} == expected
    assert found.text == "Ferry to Dover\n45 each\ndaily"
    assert blank.lines == ()
