"""A reader beside its cache: what is kept is its own, and whatever is damaged is read again."""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest

from adverts.advert import ReadQuality
from adverts.ocr.cache import OcrCache
from adverts.ocr.cached_reader import CachedReader
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec

BOX = ((0.0, 0.0), (60.0, 0.0), (60.0, 12.0), (0.0, 12.0))
IMAGE = hashlib.sha256(b"a file").hexdigest()
RESULT = OcrResult((OcrLine("ferry", BOX, 0.9, "fake"),), 9, 9, ReadQuality(0.9, 12.0, 0.5, 1, 0))


class FakeReader:
    """Reads the same line on every picture."""

    spec = ReaderSpec("fake", "1", {}, {"canvas_px": 640})

    def read(self, image):
        return RESULT


@pytest.fixture
def cache(tmp_path):
    return OcrCache(tmp_path / "ocr")


def test_it_reads_pixels_as_the_reader_does_and_is_known_by_its_spec(cache):
    reader = CachedReader(FakeReader(), cache)
    assert reader.spec == FakeReader.spec
    assert reader.read(np.zeros((9, 9, 3), np.uint8)) == RESULT


def test_what_is_kept_is_found_by_another_process_with_the_same_reader(cache):
    assert CachedReader(FakeReader(), cache).stored(IMAGE) is None
    CachedReader(FakeReader(), cache).keep(IMAGE, RESULT)
    assert CachedReader(FakeReader(), cache).stored(IMAGE) == RESULT


def test_what_another_reader_kept_is_never_found(cache):
    other = FakeReader()
    other.spec = dataclasses.replace(FakeReader.spec, engine_version="2")
    CachedReader(other, cache).keep(IMAGE, RESULT)
    assert CachedReader(FakeReader(), cache).stored(IMAGE) is None


def test_an_entry_that_was_cut_or_changed_is_not_found(cache, tmp_path):
    reader = CachedReader(FakeReader(), cache)
    reader.keep(IMAGE, RESULT)
    (entry,) = (tmp_path / "ocr").rglob("*.json")
    entry.write_bytes(entry.read_bytes().replace(b"ferry", b"fairy"))
    assert reader.stored(IMAGE) is None
    entry.write_bytes(b"")
    assert reader.stored(IMAGE) is None


def test_a_folder_that_cannot_be_written_is_reported_under_the_key_that_names_it(tmp_path):
    (tmp_path / "ocr").write_text("a file")
    told = []
    cache = OcrCache(tmp_path / "ocr", tell=told.append, setting="ocr_cache")
    for _ in range(3):
        CachedReader(FakeReader(), cache).keep(IMAGE, RESULT)
    assert len(told) == 1
    assert "until ocr_cache= names" in told[0]
