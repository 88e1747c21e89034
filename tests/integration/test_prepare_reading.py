"""What `prepare` tells of the reading of pictures, and what never leaves the OCR cache."""

import string

import numpy as np
import pytest
from composing import load
from PIL import Image
from preparing import MADE, config, sentences, write_csv

from adverts.data.dataset.dataset_manifest import read_manifest
from adverts.ocr.page.read_page import PageReader
from adverts.ocr.protocol import LineReading, ReaderSpec
from adverts.prepare import prepare

COLUMNS = {"id": "id", "text": "text", "image": "image", "lang": "lang"}
BOXES = [[[0, y], [60, y], [60, y + 9], [0, y + 9]] for y in (0, 12)]
ONE_SPLIT = MADE | {"validation_fraction": 0.0, "test_fraction": 0.0}


class FakeEngine:
    """Finds two lines on every picture and reads the first; it has no Persian letters."""

    spec = ReaderSpec("fake", "1", {"recogniser": "ab"}, {"canvas_px": 640})
    alphabet = frozenset(string.printable + "£€")

    def detect(self, image):
        return np.array(BOXES, np.float32)

    def recognise(self, image, boxes):
        return [
            LineReading("rawsecret to @demo_fictional_07", 0.5, "fake"),
            LineReading("", 0.0, "fake"),
        ]


@pytest.fixture
def prepared(tmp_path, monkeypatch, capsys):
    """A dataset whose pictures were read, with repair, and what was told of it."""
    languages = ["en", "fa", "fa"]
    rows = [
        row | {"image": f"{i}.png", "lang": languages[i % 3]}
        for i, row in enumerate(sentences(12, seed=0))
    ]
    write_csv(tmp_path, rows)
    for i in range(12):
        pixels = np.random.default_rng(i).integers(0, 256, (32, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "raw" / f"{i}.png")
    monkeypatch.setattr(
        "adverts.data.preparing.preparation.build_reader",
        lambda _: PageReader(FakeEngine(), min_confidence=0.25),
    )
    monkeypatch.setattr(
        "adverts.ocr.page.read_page.repair", lambda text, page: text.replace("rawsecret", "write")
    )
    dataset = prepare(config(tmp_path, COLUMNS, split=ONE_SPLIT))
    return dataset, "".join(capsys.readouterr())


def test_languages_that_the_engine_cannot_spell_are_told_with_their_adverts(prepared):
    (told,) = [line for line in prepared[1].splitlines() if "cannot write" in line]
    assert told.startswith("fake cannot write ء, آ,")
    assert "which fa needs" in told
    assert told.endswith("(8 adverts with pictures)")


@pytest.mark.usefixtures("prepared")
def test_language_data_that_the_reader_lacks_is_told(tmp_path, capsys):
    plain = config(tmp_path, COLUMNS, split=ONE_SPLIT)
    ocr = plain.ocr.model_copy(update={"engine": load("prepare", "ocr=auto").ocr.engine})
    prepare(plain.model_copy(update={"ocr": ocr, "prepared": tmp_path / "prepared" / "other"}))
    assert "in pictures is read less well: " in capsys.readouterr().out


def test_lines_that_nobody_read_are_counted_by_language(prepared):
    dataset, told = prepared
    (counts,) = read_manifest(dataset.path).counts.values()
    assert counts.unread_lines == {"en": 4, "fa": 8}
    assert "lines found in pictures but not read: fa 8, en 4" in told


def test_what_an_engine_said_before_repair_stays_in_the_cache(prepared, tmp_path):
    dataset, told = prepared
    table = dataset.split("all")
    assert table.ocr_texts == ["write to <HANDLE>"] * 12
    for column in table.column_names:
        assert "rawsecret" not in str(table.values(column))
    assert "rawsecret" not in told
    holding = {
        path.relative_to(tmp_path).parts[0]
        for path in tmp_path.rglob("*")
        if path.is_file() and b"rawsecret" in path.read_bytes()
    }
    assert holding == {"ocr"}
