"""What `prepare` tells of the reading of pictures, and what never leaves the OCR cache."""

import pytest
from PIL import Image, ImageDraw
from preparing import config, write_csv

from adverts.data.manifest import read_manifest
from adverts.ocr.engine import Reading
from adverts.ocr.page import PageReader
from adverts.ocr.protocol import ReaderSpec
from adverts.prepare import prepare

COLUMNS = {"id": "id", "text": "text", "image": "image", "lang": "lang"}
BOXES = [[[0, y], [60, y], [60, y + 9], [0, y + 9]] for y in (0, 12)]


class FakeEngine:
    """Finds two lines on every picture and reads the first; it has no Persian letters."""

    spec = ReaderSpec("fake", "1", {"recogniser": "ab"}, {"canvas_px": 640})
    alphabet = frozenset("abcdefghijklmnopqrstuvwxyz 0123456789£€$@_,.-+")

    def detect(self, image):
        import numpy as np

        return np.array(BOXES, np.float32)

    def recognise(self, image, boxes):
        return [Reading("rawsecret to @demo_fictional_07", 0.5, "fake"), Reading("", 0.0, "fake")]


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """A dataset whose pictures were read by an engine that repair corrects."""
    languages = ["en", "fa", "fa"]
    rows = [
        {"id": f"a{i}", "text": f"boat {i} {'xyz'[i % 3] * i}", "label": ("yes", "no")[i % 2]}
        | {"image": f"{i}.png", "lang": languages[i % 3]}
        for i in range(12)
    ]
    write_csv(tmp_path, rows)
    for i in range(12):
        image = Image.new("RGB", (64, 32), "white")
        ImageDraw.Draw(image).text((4, 4), str(i), fill="black")
        image.save(tmp_path / "raw" / f"{i}.png")
    monkeypatch.setattr(
        "adverts.data.preparation.build_reader",
        lambda _: PageReader(FakeEngine(), min_confidence=0.25),
    )
    monkeypatch.setattr("adverts.ocr.page.repair", lambda text: text.replace("rawsecret", "write"))
    return prepare(config(tmp_path, COLUMNS))


def test_languages_that_the_engine_cannot_spell_are_told_with_their_adverts(prepared, capsys):
    (told,) = [line for line in capsys.readouterr().out.splitlines() if "fake" in line]
    assert "fa" in told
    assert "(8 adverts with pictures)" in told


def test_lines_that_nobody_read_are_counted_by_language(prepared, capsys):
    counts = read_manifest(prepared.path).counts.values()
    for language, lines in (("en", 4), ("fa", 8)):
        assert sum(split.unread_lines[language] for split in counts) == lines
    assert "lines found in pictures but not read: fa 8, en 4" in capsys.readouterr().out


def test_what_an_engine_said_before_repair_stays_in_the_cache(prepared, tmp_path, capsys):
    table = prepared.split("all")
    assert table.ocr_texts == ["write to <HANDLE>"] * 12
    said = capsys.readouterr()
    for column in table.column_names:
        assert "rawsecret" not in str(table.values(column))
    assert "rawsecret" not in said.out + said.err
    holding = {
        path.relative_to(tmp_path).parts[0]
        for path in tmp_path.rglob("*")
        if path.is_file() and b"rawsecret" in path.read_bytes()
    }
    assert holding == {"ocr"}
