"""Pictures with a cache: the same text and the same refusals as without, each file read once."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from adverts.advert import Advert, ReadQuality
from adverts.errors import InputError
from adverts.inputs.pixels import CHECKED, ImageLimits, reencode
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.ocr.cached_reader import CachedReader
from adverts.ocr.partial_reader import ABSTAINED
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec
from adverts.runtime.predict.caller_input import RefusedError
from adverts.runtime.predict.read_adverts import read_images

BOX = ((0.0, 0.0), (60.0, 0.0), (60.0, 12.0), (0.0, 12.0))
ORIENTATION, ARTIST = 0x0112, 0x013B


class CountingReader:
    """Reads how light a picture is; one with a red corner fails, a black one is left unread."""

    spec = ReaderSpec("fake", "1", {}, {})

    def __init__(self):
        self.calls = 0

    def read(self, image):
        self.calls += 1
        if image[0, 0, 0] > 200 and image[0, 0, 2] < 60:
            raise InputError("its corner is red")
        left = image.mean() < 20
        line = OcrLine(
            "" if left else f"light {image.mean():.0f}", BOX, 0.9, ABSTAINED if left else "fake"
        )
        quality = ReadQuality(0.9, 12.0, 0.5, 1, int(left))
        return OcrResult((line,), image.shape[1], image.shape[0], quality)


def file_of(grey, kind="PNG", size=(40, 30), **options):
    pixels = np.full((size[1], size[0], 3), grey, np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation, artist):
    block = Image.Exif()
    block[ORIENTATION], block[ARTIST] = orientation, artist
    return block.tobytes()


def outcome(reader, *files, limits=CHECKED):
    """Return what is read on an advert, or why it is refused."""
    try:
        return read_images(Advert("a", images=files), reader, limits)
    except RefusedError as refused:
        return refused.error


@pytest.fixture
def cache(tmp_path):
    return OcrCache(tmp_path / "ocr")


@pytest.fixture
def reader():
    return CountingReader()


def entries(tmp_path):
    return list((tmp_path / "ocr").rglob("*.json"))


GOOD = file_of(90)
FILES = {
    "read": [GOOD],
    "several": [GOOD, file_of(200, "JPEG"), GOOD],
    "abstained": [file_of(5)],
    "reader_fails": [file_of((250, 10, 10))],
    "cut": [file_of(90, "JPEG", (300, 300))[:400]],
    "no_picture": [b"no picture"],
    "empty": [b""],
    "unending": [file_of(90, "JPEG")[:-2]],
}


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_answers_are_the_same_with_an_empty_cache_with_a_full_one_and_without(files, cache):
    wanted = outcome(CountingReader(), *files)
    cached = CachedReader(CountingReader(), cache)
    assert [outcome(cached, *files) for _ in range(3)] == [wanted] * 3


def test_equal_files_are_read_once_in_all_processes(reader, cache):
    for _ in range(2):
        outcome(CachedReader(reader, cache), GOOD, GOOD)
    assert reader.calls == 1


def test_files_that_differ_in_metadata_alone_are_read_once(reader, cache):
    cached = CachedReader(reader, cache)
    files = [file_of(90, "JPEG", exif=exif(1, name)) for name in ("somebody", "somebody else")]
    first, second = (outcome(cached, one) for one in files)
    assert reader.calls == 1
    assert first.ocr_text == second.ocr_text


def test_files_that_are_turned_by_their_metadata_are_each_read(reader, cache):
    cached = CachedReader(reader, cache)
    for orientation in (1, 3, 6):
        outcome(cached, file_of(90, "JPEG", exif=exif(orientation, "somebody")))
    assert reader.calls == 3


@pytest.mark.parametrize(
    "file",
    [GOOD, file_of(90, "JPEG"), file_of(90, "JPEG", exif=exif(1, "somebody")) + b"after the end"],
    ids=["png", "jpeg", "metadata"],
)
def test_what_prepare_read_is_not_read_again(reader, cache, file):
    prepared, _ = reencode(file, CHECKED)
    wanted = outcome(CountingReader(), file)
    (kept,) = [CountingReader().read(np.full((30, 40, 3), 90, np.uint8))]
    cache.keep(sha256_of(prepared), reader.spec.key, kept)
    assert outcome(CachedReader(reader, cache), file) == wanted
    assert reader.calls == 0


@pytest.mark.parametrize(
    ("limits", "code"),
    [(ImageLimits(20, 10**6), "too_many_bytes"), (ImageLimits(10**6, 100), "too_many_pixels")],
)
def test_a_picture_over_the_limits_is_refused_though_it_was_read_under_others(cache, limits, code):
    cached = CachedReader(CountingReader(), cache)
    assert outcome(cached, GOOD).ocr_text == "light 90"
    refusal = outcome(cached, GOOD, limits=limits)
    assert refusal == outcome(CountingReader(), GOOD, limits=limits)
    assert refusal.code == code


def test_nothing_is_kept_of_a_picture_that_failed(cache, tmp_path):
    cached = CachedReader(CountingReader(), cache)
    for name in ("reader_fails", "cut", "no_picture", "empty"):
        outcome(cached, *FILES[name])
    assert entries(tmp_path) == []


def test_a_damaged_entry_is_read_again_and_replaced(reader, cache, tmp_path):
    cached = CachedReader(reader, cache)
    wanted = outcome(cached, GOOD)
    (entry,) = entries(tmp_path)
    whole = entry.read_bytes()
    entry.write_bytes(whole[: len(whole) // 2])
    assert outcome(cached, GOOD) == wanted
    assert reader.calls == 2
    assert entry.read_bytes() == whole


def test_a_cache_that_cannot_be_written_changes_no_answer(reader, tmp_path):
    (tmp_path / "ocr").write_text("a file")
    told = []
    cached = CachedReader(reader, OcrCache(tmp_path / "ocr", tell=told.append))
    assert [outcome(cached, GOOD).ocr_text for _ in range(3)] == ["light 90"] * 3
    assert reader.calls == 3
    assert len(told) == 1
