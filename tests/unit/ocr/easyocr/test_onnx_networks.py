"""The ONNX backend on tiny networks: what it opens, what it refuses, what it needs."""

import json
import subprocess
import sys

import numpy as np
import pytest
from tiny_networks import CLASSES, tiny_detector, tiny_recogniser

from adverts.errors import InputError, IntegrityError
from adverts.ocr.easyocr import export
from adverts.ocr.easyocr.engine import EasyOcrEngine
from adverts.ocr.easyocr.export import main, write
from adverts.ocr.easyocr.int8 import DETECTOR_RANGES, quantise
from adverts.ocr.easyocr.onnx_networks import SIDECAR, OnnxNetworks, default_folder
from adverts.ocr.page.read_page import PageReader
from adverts.ocr.processes.child import read_pixels

pytest.importorskip("easyocr")
PAGE = np.full((128, 256, 3), 255, np.uint8)
PAGE[40:70, 30:200] = 0


@pytest.fixture
def folder(tmp_path):
    graphs = {"detector-fp32.onnx": tiny_detector(), "recogniser-fp32.onnx": tiny_recogniser()}
    write(tmp_path, graphs, opset=18)
    return tmp_path


def opened(folder):
    return OnnxNetworks(folder, precision="fp32", threads=1)


def engine(folder, canvas_px=640):
    return EasyOcrEngine(["en"], canvas_px, 1, backend="onnx", precision="fp32", folder=folder)


def test_a_page_is_read_with_exported_networks(folder):
    chosen = engine(folder)
    (box,) = boxes = chosen.detect(PAGE)
    left, top = box.min(axis=0)
    right, bottom = box.max(axis=0)
    assert 15 <= left <= 30
    assert 200 <= right <= 215
    assert 25 <= top <= 40
    assert 70 <= bottom <= 85
    assert [(reading.text, reading.engine) for reading in chosen.recognise(PAGE, boxes)] == [
        ("7", "easyocr")
    ]


def test_probabilities_have_a_step_for_every_four_columns(folder):
    lines = np.zeros((3, 1, 64, 128), np.float32)
    assert opened(folder).probabilities(lines).shape == (3, 32, CLASSES)


def test_where_nothing_was_exported_the_command_is_told(tmp_path):
    command = r"run: python -m adverts.ocr.easyocr.export .*nowhere"
    with pytest.raises(InputError, match=command):
        opened(tmp_path / "nowhere")
    with pytest.raises(IntegrityError, match=command):  # no image is to blame: the run ends
        read_pixels(PAGE, PageReader(engine(tmp_path / "nowhere"), min_confidence=0.0))


def test_a_network_that_changed_since_its_export_is_not_opened(folder):
    path = folder / "detector-fp32.onnx"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(IntegrityError, match="detector-fp32.onnx has sha256"):
        opened(folder)


@pytest.mark.parametrize(
    "change",
    [{"version": 0}, {"sources": {"craft_mlt_25k.pth": "0" * 64}}],
)
def test_an_export_of_other_weights_or_of_another_version_is_not_opened(folder, change):
    path = folder / SIDECAR
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(IntegrityError, match="wanted 1 of"):
        opened(folder)


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_a_broken_sidecar_is_told(folder, content):
    (folder / SIDECAR).write_text(content)
    with pytest.raises(IntegrityError, match="does not describe an export"):
        opened(folder)


def test_a_network_that_the_sidecar_does_not_name_is_not_opened(folder):
    with pytest.raises(IntegrityError, match="does not have the hash of detector-int8.onnx"):
        OnnxNetworks(folder, precision="int8", threads=1)


def test_an_export_that_breaks_off_leaves_no_sidecar(folder):
    with pytest.raises(AttributeError):
        write(folder, {"detector-fp32.onnx": None}, opset=18)
    assert not (folder / SIDECAR).exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file cannot be written \(File exists\); name another"):
        write(tmp_path / "file", {}, opset=18)


def test_networks_lie_in_the_cache_by_default(monkeypatch, tmp_path):
    monkeypatch.setenv("ADVERTS_CACHE", str(tmp_path))
    assert default_folder() == tmp_path / "easyocr"
    monkeypatch.delenv("ADVERTS_CACHE")
    assert default_folder().parts[-3:] == (".cache", "adverts", "easyocr")


def test_other_languages_are_refused(folder):
    with pytest.raises(InputError, match="reads only en"):
        EasyOcrEngine(["fr"], 640, 1, backend="onnx", precision="fp32", folder=folder)


def test_reading_needs_neither_torch_nor_easyocr_nor_onnx(folder):
    program = f"""
import sys
for name in ("torch", "torchvision", "easyocr", "easyocr_en_models", "onnx", "skimage"):
    sys.modules[name] = None
from pathlib import Path
import numpy as np
from adverts.ocr.easyocr.engine import EasyOcrEngine
from adverts.ocr.page.read_page import PageReader
folder = Path({str(folder)!r})
engine = EasyOcrEngine(["en"], 640, 1, backend="onnx", precision="fp32", folder=folder)
page = np.full((128, 256, 3), 255, np.uint8)
page[40:70, 30:200] = 0
print(PageReader(engine, min_confidence=0.0).read(page).text)
"""
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "7"


def test_the_command_says_what_it_wants_and_what_is_missing(monkeypatch, capsys):
    assert main(["one", "two"]) == 2
    assert main(["--help"]) == 2
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    assert main(["folder"]) == 2
    usage, again, missing = capsys.readouterr().err.splitlines()
    assert usage == again == "usage: python -m adverts.ocr.easyocr.export [FOLDER]"
    assert missing == 'torch is not installed; run: pip install "adverts[easyocr]"'


def test_a_quantised_network_stays_close_to_its_original(folder):
    import onnxruntime

    quantised = quantise(tiny_detector(), [(-2.2, 2.7), (-0.1, 1.1)])
    session = onnxruntime.InferenceSession(
        quantised.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    canvas = np.random.default_rng(0).uniform(-2, 2.2, (1, 3, 32, 64)).astype(np.float32)
    (maps,) = session.run(None, {"canvas": canvas})
    assert np.abs(maps[0] - opened(folder).maps(canvas)).max() < 0.02
    assert {"QuantizeLinear", "DequantizeLinear"} <= {it.op_type for it in quantised.graph.node}


def test_ranges_of_another_network_are_refused():
    with pytest.raises(ValueError, match="28 ranges for 2 tensors"):
        quantise(tiny_detector(), DETECTOR_RANGES)
