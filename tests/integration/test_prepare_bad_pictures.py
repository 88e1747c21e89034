"""`prepare` over a folder with every kind of bad picture beside good ones: it goes on."""

import io
import json
import os
import struct
import time
import zlib
from dataclasses import dataclass

import pytest
from PIL import Image
from preparing import config, sentences, write_csv

from adverts.advert import ReadQuality
from adverts.data.dataset.dataset_manifest import read_manifest
from adverts.errors import InputError
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.prepare import prepare

COLUMNS = {"id": "id", "text": "text", "image": "image"}
GOOD, DIES, HANGS, RAISES = 10, 241, 242, 243


@dataclass(frozen=True)
class ColourReader:
    """Says how red a picture is; some shades are too much for it."""

    @property
    def spec(self):
        return ReaderSpec("colour", "1", {}, {})

    def read(self, image):
        match int(image[0, 0, 0]):
            case 241:
                os._exit(3)
            case 242:
                time.sleep(600)
            case 243:
                raise RuntimeError("words of the picture")
        line = OcrLine(f"shade {image[0, 0, 0]}", ((0.0, 0.0),) * 4, 0.5, "colour")
        return OcrResult((line,), image.shape[1], image.shape[0], ReadQuality(0.5, 9.0, 0.5, 1, 0))


def encoded(shade, kind="PNG", size=(40, 30), **settings):
    buffer = io.BytesIO()
    Image.new("RGB", size, (shade, 0, 0)).save(buffer, kind, **settings)
    return buffer.getvalue()


def bomb():
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    check = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + check


BAD_FILES = {
    "empty.png": b"",
    "text.jpg": b"this is no picture",
    "cut.png": encoded(50, size=(300, 200))[:120],
    "cut.jpg": encoded(50, "JPEG", size=(300, 200))[:400],
    "cut.webp": encoded(50, "WEBP", size=(300, 200))[:60],
    "bomb.png": bomb(),
    "other.tiff": encoded(50, "TIFF"),
    "heavy.bmp": encoded(50, "BMP", size=(800, 500)),
}
GOOD_FILES = {
    "tiny.png": encoded(GOOD, size=(1, 1)),
    "thin.png": encoded(GOOD + 1, size=(2, 5000)),
    "good.jpg": encoded(0, "JPEG"),
    "good.webp": encoded(GOOD + 3, "WEBP", lossless=True),
    "good.gif": encoded(GOOD + 4, "GIF"),
}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes pictures, one advert each, and returns the ids of the adverts by name of the file."""
    monkeypatch.setattr("adverts.data.preparing.preparation.build_reader", lambda _: ColourReader())
    monkeypatch.setattr("adverts.ocr.processes.pool._OPENING_SECONDS", 20.0)

    def write(files):
        (tmp_path / "raw").mkdir()
        for name, data in files.items():
            (tmp_path / "raw" / name).write_bytes(data)
        names = [*files, *[""] * 20]
        rows = sentences(len(names), seed=0)
        write_csv(tmp_path, [row | {"image": name} for row, name in zip(rows, names, strict=True)])
        return {name: row["id"] for name, row in zip(files, rows, strict=False)}

    return write


def settings(tmp_path, *, workers=0, **data):
    plain = config(tmp_path, COLUMNS, **data)
    ocr = plain.ocr.model_copy(update={"workers": workers, "timeout_s": 1.0})
    return plain.model_copy(update={"ocr": ocr})


SHADES = ["shade 10", "shade 11", "shade 0", "shade 13", "shade 14"]


def test_every_bad_picture_is_told_and_every_good_one_is_read(tmp_path, write, capsys):
    ids = write(BAD_FILES | GOOD_FILES | {"raises.png": encoded(RAISES)})
    dataset = prepare(settings(tmp_path, on_error="quarantine"))
    table = dataset.split("all")
    read = dict(zip(table.ids, table.ocr_texts, strict=True))
    assert [read[ids[name]] for name in GOOD_FILES] == SHADES
    assert read[ids["raises.png"]] is None
    assert not read.keys() & {ids[name] for name in BAD_FILES}
    made = read_manifest(dataset.path).made
    assert (made.bad_rows, made.unread_rows) == (len(BAD_FILES), 1)
    told = capsys.readouterr().out
    assert f"the reader failed with RuntimeError: adverts {ids['raises.png']}\n" in told
    assert "1 adverts have a picture that could not be read" in told
    assert "words of the picture" not in told


def test_pictures_that_were_not_read_are_tried_again(tmp_path, write, capsys, monkeypatch):
    ids = write(GOOD_FILES | {"raises.png": encoded(RAISES)})
    chosen = settings(tmp_path, on_error="quarantine")
    first = prepare(chosen).split("all")
    assert dict(zip(first.ids, first.ocr_texts, strict=True))[ids["raises.png"]] is None
    blank = OcrResult((), 40, 30, ReadQuality(0.0, 0.0, 0.0, 0, 0))
    monkeypatch.setattr(ColourReader, "read", lambda *_: blank)
    again = prepare(chosen).split("all")
    assert dict(zip(again.ids, again.ocr_texts, strict=True))[ids["raises.png"]] == ""
    assert again.splits == first.splits
    assert (
        "pictures of 1 adverts were not read earlier: trying them again" in capsys.readouterr().out
    )
    prepare(chosen)
    assert "is up to date" in capsys.readouterr().out


@pytest.mark.slow
def test_a_picture_that_kills_or_blocks_a_process_stops_no_other(tmp_path, write, capsys):
    too_much = {"dies.png": encoded(DIES), "hangs.png": encoded(HANGS)}
    ids = write(GOOD_FILES | too_much)
    table = prepare(settings(tmp_path, workers=1, on_error="quarantine")).split("all")
    read = dict(zip(table.ids, table.ocr_texts, strict=True))
    assert [read[ids[name]] for name in GOOD_FILES] == SHADES
    assert [read[ids[name]] for name in too_much] == [None, None]
    told = capsys.readouterr().out
    assert f"exit status 3): adverts {ids['dies.png']}\n" in told
    assert f"more than 1 seconds: adverts {ids['hangs.png']}\n" in told


def test_a_picture_that_cannot_be_read_ends_a_run_that_shall_fail_on_errors(tmp_path, write):
    write(GOOD_FILES | {"raises.png": encoded(RAISES)})
    with pytest.raises(InputError, match=r"(?s)pictures of 1 adverts cannot be read.*quarantine"):
        prepare(settings(tmp_path))
    (report,) = (tmp_path / "prepared" / "demo.bad_rows.jsonl").read_text().splitlines()
    assert json.loads(report)["field"] == "image"
    assert not (tmp_path / "prepared" / "demo").exists()
