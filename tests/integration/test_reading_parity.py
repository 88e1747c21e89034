"""Text and OCR quality of an advert are the same from `prepare`, `evaluate` and the runtime."""

import json
from dataclasses import astuple

import numpy as np
import pytest
from PIL import Image
from preparing import MADE, config, sentences

from adverts.candidates.predict import read_pictures
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.pixels import CHECKED
from adverts.inputs.quality_features import quality_features
from adverts.ocr.cache import OcrCache
from adverts.ocr.page.read_page import PageReader
from adverts.ocr.processes.workers import Workers
from adverts.ocr.protocol import LineReading, ReaderSpec
from adverts.prepare import prepare
from adverts.runtime.predict.read_adverts import gather_adverts, read_images

COLUMNS = {"id": "id", "text": "text", "image": "images"}
ONE_SPLIT = MADE | {"validation_fraction": 0.0, "test_fraction": 0.0}
LINES = 3


class FakeEngine:
    """Finds as many lines as the first pixel says, none of them better than the one above."""

    spec = ReaderSpec("fake", "1", {}, {})
    alphabet = None

    def detect(self, image):
        count = int(image[0, 0, 0]) % (LINES + 1)
        boxes = [[[0, y], [60, y], [60, y + 7 + y // 9], [0, y + 7 + y // 9]] for y in (0, 10, 20)]
        return np.array(boxes[:count], np.float32).reshape(-1, 4, 2)

    def recognise(self, image, boxes):
        said = [("write to @demo_fictional_07", 0.9), ("or call", 0.7), ("", 0.0)]
        return [LineReading(text, sure, "fake") for text, sure in said[: len(boxes)]]


@pytest.fixture
def reader(monkeypatch):
    reader = PageReader(FakeEngine(), min_confidence=0.25)
    monkeypatch.setattr("adverts.data.preparing.preparation.build_reader", lambda _: reader)
    return reader


def test_prepare_evaluate_and_the_runtime_read_alike(tmp_path, reader):
    (tmp_path / "raw").mkdir()
    rows = sentences(12, seed=0)
    for i in range(12):
        pixels = np.random.default_rng(i).integers(0, 256, (32, 64, 3), dtype=np.uint8)
        pixels[0, 0] = i
        Image.fromarray(pixels).save(tmp_path / "raw" / f"{i}.png")
    for i, row in enumerate(rows):
        row["images"] = [f"{k}.png" for k in range(max(i - 2, 0), i)]
    (tmp_path / "raw" / "adverts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    source = {"kind": "jsonl", "paths": ["adverts.jsonl"]}
    table = prepare(config(tmp_path, COLUMNS, split=ONE_SPLIT, source=source)).split("all")

    later = table.select(range(12))
    with_pictures = np.flatnonzero(table.has_image).tolist()
    for row in with_pictures:
        later.ocr_texts[row] = later.ocr_qualities[row] = None
    cache, workers = OcrCache(tmp_path / "other"), Workers(0, 60, 500)
    read_pictures(later, with_pictures, reader=reader, cache=cache, workers=workers)
    images = [table.images(row) for row in range(12)]
    incoming = gather_adverts(texts=None, images=images, ocr=None, qualities=None, ids=None)
    served = [read_images(one.advert, reader, CHECKED) for one in incoming]

    assert later.ocr_texts == table.ocr_texts
    assert [one.ocr_text and mask_contacts(one.ocr_text) for one in served] == table.ocr_texts
    assert len({astuple(quality) for quality in table.ocr_qualities if quality}) > LINES
    for trained, judged, one in zip(table.ocr_qualities, later.ocr_qualities, served, strict=True):
        np.testing.assert_allclose(quality_features(judged), quality_features(trained), atol=1e-6)
        np.testing.assert_array_equal(quality_features(one.ocr_quality), quality_features(judged))
