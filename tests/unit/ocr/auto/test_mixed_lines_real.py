"""Rendered lines that mix Arabic script with digits, contacts and English, read by the engine."""

from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("bidi")
pytest.importorskip("rapidocr")

from mixed_lines import judged, mixed_pages, text_at

from adverts.ocr.auto.engine import AutoEngine
from adverts.ocr.page.read_page import PageReader

DATA = Path("/usr/share/tesseract-ocr/5/tessdata")
OWN = {"fa": "persian", "ar": "arabic"}
MOST_PAGES = 3

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (DATA / "Arabic.traineddata").is_file(), reason="no Tesseract data for Arabic script"
    ),
]


@pytest.fixture(scope="module")
def counts():
    engine = AutoEngine(canvas_px=960, threads=1, data_folder=DATA)
    reader = PageReader(engine, min_confidence=0.0)
    found = {language: Counter() for language in OWN}
    read = Counter()
    for page in mixed_pages("develop"):
        if OWN.get(page.language) == page.digits and read[page.language] < MOST_PAGES:
            read[page.language] += 1
            lines = reader.read(page.image).lines
            for line in page.lines:
                found[page.language].update(judged(line, text_at(line, lines)))
    return found


@pytest.mark.parametrize("language", list(OWN))
def test_letters_numbers_and_addresses_of_mixed_lines_are_read(counts, language):
    total = counts[language]
    assert total["edits"] <= 0.04 * total["letters"]
    assert total["digits right"] >= 0.95 * total["digits"]
    assert total["contacts right"] >= 0.8 * total["contacts"]
    assert total["out of order"] <= 0.05 * total["mixed"]


def test_half_spaces_of_persian_are_found_and_arabic_gets_none(counts):
    persian = counts["fa"]
    assert persian["half-spaces right"] >= 0.6 * persian["half-spaces"]
    assert persian["half-spaces right"] >= 0.9 * persian["half-spaces read"]
    assert counts["ar"]["half-spaces read"] == 0
