"""The engine around networks that are not there."""

import pickle

import cv2
import numpy as np
import pytest

from adverts.errors import MissingExtraError
from adverts.ocr.easyocr import engine as easyocr_engine
from adverts.ocr.easyocr import torch_networks
from adverts.ocr.easyocr.engine import EasyOcrEngine

pytest.importorskip("easyocr")
PAGE = np.full((128, 256, 3), 255, np.uint8)
LINE = [[10, 20], [200, 20], [200, 60], [10, 60]]
UPRIGHT = [[210, 10], [240, 10], [240, 120], [210, 120]]


class FakeNetworks:
    """Finds one bar of text, and is as sure of every line as it is told."""

    def __init__(self, *confidences):
        self.shown, self.confidences = [], list(confidences)

    def maps(self, canvas):
        self.shown.append(canvas)
        maps = np.zeros((2, canvas.shape[2] // 2, canvas.shape[3] // 2), np.float32)
        maps[0, 10:20, 10:60] = 0.9
        return maps

    def probabilities(self, lines):
        self.shown.append(lines)
        sure = np.sqrt([self.confidences.pop(0) for _ in lines])  # a confidence is its square
        said = np.zeros((len(lines), 1, 97), np.float32)
        said[:, 0, 1:] = (1 - sure[:, None]) / 95
        said[:, 0, 10 + len(self.shown)] = sure
        return said


def engine(canvas_px=640, threads=1, **changes):
    settings = {"backend": "torch", "precision": "int8"} | changes
    return EasyOcrEngine(["en"], canvas_px, threads, **settings)


def opened(monkeypatch, networks, **changes):
    chosen = engine(**changes)
    monkeypatch.setattr(chosen, "_networks", networks)
    return chosen


def test_a_line_is_found_in_pixels_of_the_page(monkeypatch):
    networks = FakeNetworks()
    (box,) = opened(monkeypatch, networks, canvas_px=128).detect(PAGE)
    assert networks.shown[0].shape == (1, 3, 64, 128)
    # Cells 10 to 59 and 10 to 19, grown by three, four pixels each, and a tenth of the height.
    assert box.min(axis=0).tolist() == pytest.approx([28 - 6, 28 - 6], abs=2)
    assert box.max(axis=0).tolist() == pytest.approx([248 + 6, 88 + 6], abs=2)


def test_readings_come_in_the_order_of_the_boxes(monkeypatch):
    networks = FakeNetworks(0.9, 0.5)
    boxes = np.array([LINE, UPRIGHT], np.float32)
    readings = opened(monkeypatch, networks).recognise(PAGE, boxes)
    assert [reading.confidence for reading in readings] == pytest.approx([0.5, 0.9], abs=0.01)
    assert {reading.engine for reading in readings} == {"easyocr"}


def test_the_recogniser_sees_true_grey(monkeypatch):
    networks = FakeNetworks(0.9)
    red = np.zeros_like(PAGE)
    red[..., 0] = 255
    opened(monkeypatch, networks).recognise(red, np.array([LINE], np.float32))
    assert networks.shown[0] == pytest.approx(0.299 * 2 - 1, abs=0.01)


def test_a_box_without_pixels_is_not_read_and_keeps_its_place(monkeypatch):
    beyond = np.array(LINE) + 1000
    boxes = np.array([beyond, LINE], np.float32)
    first, second = opened(monkeypatch, FakeNetworks(0.9)).recognise(PAGE, boxes)
    assert (first.text, first.confidence) == ("", 0.0)
    assert second.text != ""


def test_without_boxes_nothing_is_opened(monkeypatch):
    monkeypatch.setattr(easyocr_engine, "TorchNetworks", lambda *_, **__: pytest.fail("opened"))
    assert engine().recognise(PAGE, np.zeros((0, 4, 2), np.float32)) == []


@pytest.mark.parametrize(
    ("confidences", "calls", "kept"),
    [((0.5,), 1, 0.5), ((0.04, 0.08), 2, 0.08), ((0.08, 0.04), 2, 0.08)],
)
def test_an_unsure_line_is_read_again_and_the_surer_reading_kept(
    monkeypatch, confidences, calls, kept
):
    networks = FakeNetworks(*confidences)
    chosen = opened(monkeypatch, networks)
    (reading,) = chosen.recognise(PAGE, np.array([LINE], np.float32))
    assert len(networks.shown) == calls
    assert reading.confidence == pytest.approx(kept, abs=1e-4)


@pytest.mark.parametrize("said", ["", "  "])
def test_a_line_without_letters_has_no_confidence(monkeypatch, said):
    monkeypatch.setattr(easyocr_engine, "decode", lambda *_: [(said, 0.7)])
    (reading,) = opened(monkeypatch, FakeNetworks(0.9)).recognise(
        PAGE, np.array([LINE], np.float32)
    )
    assert (reading.text, reading.confidence) == ("", 0.0)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (3, 4), (40_000, 40)])
def test_tiny_thin_and_huge_pages_are_read(monkeypatch, shape):
    page = np.zeros((*shape, 3), np.uint8)
    chosen = opened(monkeypatch, FakeNetworks(*[0.9] * 4), canvas_px=2560)
    boxes = chosen.detect(page)
    assert boxes.shape[1:] == (4, 2)
    slanted = np.array([[[0, 5], [30, 0], [30, 20], [0, 25]]], np.float32)
    assert len(chosen.recognise(page, np.concatenate([boxes, slanted]))) == len(boxes) + 1


def test_opencv_gets_one_thread_and_keeps_its_own_afterwards(monkeypatch):
    before, used = cv2.getNumThreads(), []
    networks = FakeNetworks()
    monkeypatch.setattr(
        networks,
        "maps",
        lambda canvas: used.append(cv2.getNumThreads()) or np.zeros((2, 64, 128), np.float32),
    )
    opened(monkeypatch, networks).detect(PAGE)
    assert used == [1]
    assert cv2.getNumThreads() == before


def test_torch_gets_its_threads_and_keeps_its_own_afterwards():
    import torch

    before = torch.get_num_threads()
    with torch_networks._torch_threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("change", [{"canvas_px": 320}, {"backend": "onnx"}, {"precision": "fp32"}])
def test_settings_that_change_answers_change_the_key(change):
    assert engine(**change).spec.key != engine().spec.key


def test_the_number_of_threads_does_not_change_the_key():
    assert engine(threads=2).spec.key == engine(threads=1).spec.key


def test_a_copy_leaves_opened_networks_behind(monkeypatch):
    copy = pickle.loads(pickle.dumps(opened(monkeypatch, lambda: "cannot be copied")))
    assert copy._networks is None
    assert copy.spec == engine().spec


def test_missing_packages_say_what_to_install(monkeypatch):
    monkeypatch.setattr(torch_networks, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r'easyocr is not installed.*"adverts\[easyocr\]"'):
        engine()
    monkeypatch.setattr(easyocr_engine, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r'onnxruntime is not installed.*"adverts\[ocr\]"'):
        engine(backend="onnx")
    monkeypatch.setattr(easyocr_engine, "find_spec", lambda name: name != "cv2" or None)
    with pytest.raises(MissingExtraError, match=r'opencv.* is not installed.*"adverts\[ocr\]"'):
        engine(backend="onnx")
