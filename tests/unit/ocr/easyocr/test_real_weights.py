"""The packaged networks themselves: beside stock EasyOCR, and in ONNX beside torch."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from adverts.ocr.easyocr.engine import EasyOcrEngine
from adverts.ocr.easyocr.export import export
from adverts.ocr.easyocr.int8 import DETECTOR_RANGES, RECOGNISER_RANGES
from adverts.ocr.easyocr.onnx_networks import OnnxNetworks
from adverts.ocr.easyocr.recogniser import batches, crop
from adverts.ocr.easyocr.recogniser_models import ENGLISH, PACKAGED
from adverts.ocr.easyocr.torch_networks import TorchNetworks
from adverts.ocr.easyocr.words import canvas, canvas_scale
from adverts.ocr.page.read_page import PageReader

pytest.importorskip("easyocr")
pytest.importorskip("easyocr_en_models")


def page():
    """A grey page: EasyOCR swaps red and blue when it makes an array grey."""
    image = Image.new("RGB", (360, 260), (235, 235, 235))
    draw = ImageDraw.Draw(image)
    draw.text((20, 20), "Ferry to Dover", font=ImageFont.load_default(26), fill=(20, 20, 20))
    draw.text((20, 90), "45 each", font=ImageFont.load_default(30), fill=(90, 90, 90))
    draw.text((220, 92), "daily", font=ImageFont.load_default(28), fill=(0, 0, 0))
    slanted = Image.new("L", (200, 60))
    ImageDraw.Draw(slanted).text((5, 5), "from 9 am", font=ImageFont.load_default(30), fill=255)
    image.paste((0, 0, 0), (60, 130), slanted.rotate(14, expand=True))
    return np.asarray(image)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("networks")
    export(found)
    return found


def torch_networks(precision="fp32"):
    return TorchNetworks(ENGLISH, PACKAGED, None, precision=precision, threads=1)


def engine(backend, precision, folder=None):
    return EasyOcrEngine(["en"], 320, 1, backend=backend, precision=precision, folder=folder)


def read(chosen, image):
    return PageReader(chosen, min_confidence=0.0).read(image)


def shown_lines(image, boxes):
    grey = np.asarray(Image.fromarray(image).convert("L"))
    return [crop(grey, box) for box in boxes]


@pytest.mark.slow
def test_torch_in_8_bits_reads_exactly_what_stock_easyocr_reads(tmp_path, monkeypatch):
    import easyocr
    import easyocr_en_models
    import torch

    original, modes = torch.load, []
    monkeypatch.setattr(
        torch, "load", lambda *args, **kw: modes.append(kw["weights_only"]) or original(*args, **kw)
    )
    ours = engine("torch", "int8")
    found = read(ours, page())
    assert modes == [True, True]  # detector and recogniser, opened by the first image
    blank = read(ours, np.full((100, 100, 3), 255, np.uint8))
    monkeypatch.undo()
    stock = easyocr.Reader(
        ["en"],
        gpu=False,
        download_enabled=False,
        verbose=False,
        model_storage_directory=easyocr_en_models.model_dir(),
        user_network_directory=str(tmp_path),
    ).readtext(page(), canvas_size=320)
    expected = {text: (confidence, np.array(box)) for box, text, confidence in stock}
    assert {line.text for line in found.lines} == set(expected)
    assert len(expected) == 6  # three level lines, three slanted words
    for line in found.lines:
        confidence, box = expected[line.text]
        assert line.confidence == pytest.approx(confidence, abs=0.01)
        assert np.allclose(line.box, box, atol=1e-3)
    assert blank.lines == ()


@pytest.mark.slow
def test_exported_networks_compute_what_torch_computes(folder):
    exported, known = OnnxNetworks(folder, precision="fp32", threads=1), torch_networks()
    shown = canvas(page(), canvas_scale(260, 360, 320))
    maps = known.maps(shown)
    assert maps[0].max() > 0.7
    assert np.abs(exported.maps(shown) - maps).max() <= 1e-4
    boxes = engine("torch", "fp32").detect(page())
    found = list(batches(shown_lines(page(), boxes)))
    assert len(found) > 1
    for _, lines in found:
        difference = exported.probabilities(lines) - known.probabilities(lines)
        assert np.abs(difference).max() <= 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_exported_networks_read_what_torch_reads(folder, precision):
    chosen = engine("onnx", precision, folder)
    found = read(chosen, page())
    known = read(engine("torch", "fp32"), page())
    assert [line.text for line in found.lines] == [line.text for line in known.lines]
    for line, expected in zip(found.lines, known.lines, strict=True):
        assert np.allclose(line.box, expected.box, atol=6)
        assert line.confidence == pytest.approx(expected.confidence, abs=0.15)


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "precision"), [("torch", "fp32"), ("onnx", "int8")])
def test_a_line_reads_the_same_alone_and_in_a_batch(folder, backend, precision):
    chosen = engine(backend, precision, folder if backend == "onnx" else None)
    boxes = chosen.detect(page())
    boxes = np.concatenate([boxes, boxes + np.array([0, 1], np.float32), boxes[::-1]])
    together = chosen.recognise(page(), boxes)
    alone = [chosen.recognise(page(), box[None])[0] for box in boxes]
    assert [reading.text for reading in together] == [reading.text for reading in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.confidence == pytest.approx(other.confidence, abs=1e-4)


@pytest.mark.slow
def test_the_same_weights_give_the_same_files(folder, tmp_path):
    export(tmp_path)
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 5
    for name in names:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
        assert b"adverts/" not in (folder / name).read_bytes()


@pytest.mark.slow
def test_activations_stay_within_the_ranges_that_int8_was_given(folder):
    """Rather than clip them: measured on a page that the ranges were not measured on."""
    import onnx
    import onnxruntime

    from adverts.ocr.easyocr.int8 import convolution_outputs

    shown = canvas(page(), canvas_scale(260, 360, 320))
    ((_, lines), *_) = batches(shown_lines(page(), engine("torch", "fp32").detect(page())))
    for role, feed, ranges in (
        ("detector", {"canvas": shown}, DETECTOR_RANGES),
        ("recogniser", {"lines": lines}, RECOGNISER_RANGES),
    ):
        model = onnx.load(folder / f"{role}-fp32.onnx")
        watched = [name for name in convolution_outputs(model) if name != "maps"]
        model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(it) for it in watched)
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        for values, (low, high) in zip(session.run(watched, feed), ranges[1:], strict=False):
            assert np.mean((values < low) | (values > high)) < 1e-4
