"""Turned pages with a real engine: read upright, and never turned where they stand so."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from adverts.ocr.page.read_page import PageReader

pytest.importorskip("rapidocr")
engines = pytest.importorskip("adverts.ocr.rapidocr.engine")

LINES = ("Seat to the harbour 350", "Leaves in the evening", "+44 7700 900123")
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


@pytest.fixture(scope="module")
def reader():
    return PageReader(engines.RapidOcrEngine(canvas_px=640, threads=1), min_confidence=0.0)


def page():
    image = Image.new("RGB", (480, 320), "white")
    for number, text in enumerate(LINES):
        place = (40, 40 + 80 * number)
        ImageDraw.Draw(image).text(
            place, text, fill="black", font=ImageFont.truetype(str(FONT), 28)
        )
    return np.asarray(image)


@pytest.mark.slow
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_real_page_reads_the_same_whichever_way_up(reader, quarters):
    image = np.ascontiguousarray(np.rot90(page(), quarters))
    result = reader.read(image)
    assert result.text.splitlines() == list(LINES)
    corners = np.array([line.box for line in result.lines])
    assert (corners >= -2).all()
    assert (corners <= np.array([image.shape[1], image.shape[0]]) + 2).all()
