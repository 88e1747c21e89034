import hashlib
import stat

import numpy as np
import pytest

from adverts.errors import InputError
from adverts.ocr.cache import OcrCache
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec

PAGE = np.zeros((2, 3, 3), np.uint8)
BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class FakeReader:
    """Answers with its own name, and counts how often it was asked."""

    def __init__(self, engine="fake"):
        self.spec = ReaderSpec(engine, "1", {}, {"canvas_px": 64})
        self.reads = 0

    def read(self, image):
        self.reads += 1
        line = OcrLine(f"ferry № {self.spec.engine}", BOX, 0.5, self.spec.engine)
        return OcrResult(lines=(line,), width=image.shape[1], height=image.shape[0])


def decode():
    return PAGE


def never():
    raise AssertionError("a hit must not decode the image")


def test_a_second_look_reads_nothing(tmp_path):
    reader, cache = FakeReader(), OcrCache(tmp_path / "cache")
    first = cache.read_through(reader, b"image", decode)
    second = OcrCache(tmp_path / "cache").read_through(reader, b"image", never)
    assert first == second
    assert reader.reads == 1


def test_each_image_is_read_once(tmp_path):
    reader, cache = FakeReader(), OcrCache(tmp_path)
    for image in (b"a", b"b", b"a"):
        cache.read_through(reader, image, decode)
    assert reader.reads == 2


def test_another_reader_has_entries_of_its_own(tmp_path):
    cache = OcrCache(tmp_path)
    answers = {
        cache.read_through(FakeReader(engine), b"image", decode).text for engine in ("one", "two")
    }
    assert answers == {"ferry № one", "ferry № two"}


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\xff\xfe", None])
def test_a_damaged_entry_is_read_again_and_mended(tmp_path, damage):
    reader, cache = FakeReader(), OcrCache(tmp_path)
    good = cache.read_through(reader, b"image", decode)
    (entry,) = tmp_path.rglob("*.json")
    flipped = entry.read_bytes().replace(b"ferry", b"merry")
    entry.write_bytes(flipped if damage is None else damage)
    assert cache.read_through(reader, b"image", decode) == good
    assert cache.read_through(reader, b"image", never) == good
    assert reader.reads == 2


def test_purging_an_image_removes_every_reading_of_it(tmp_path):
    cache = OcrCache(tmp_path)
    for engine in ("one", "two"):
        cache.read_through(FakeReader(engine), b"image", decode)
    cache.read_through(FakeReader(), b"other", decode)
    image_sha256 = hashlib.sha256(b"image").hexdigest()
    assert cache.purge(image_sha256) == 2
    assert cache.purge(image_sha256) == 0
    assert len(list(tmp_path.rglob("*.json"))) == 1


@pytest.mark.parametrize("name", ["", "..", "../" * 20 + "x" * 4, "A" * 64])
def test_purging_what_is_no_hash_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="64 lower-case hex digits"):
        OcrCache(tmp_path).purge(name)


def test_the_store_is_for_its_owner_alone(tmp_path):
    folder = tmp_path / "cache"
    OcrCache(folder).read_through(FakeReader(), b"image", decode)
    modes = {
        stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*")) if path.is_dir()
    }
    (entry,) = (path for path in folder.rglob("*") if path.is_file())
    assert modes == {0o700}
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600


def test_an_image_that_cannot_be_decoded_leaves_nothing(tmp_path):
    def broken():
        raise InputError("picture cannot be decoded")

    with pytest.raises(InputError):
        OcrCache(tmp_path / "cache").read_through(FakeReader(), b"image", broken)
    assert not (tmp_path / "cache").exists()


def test_a_failed_write_leaves_nothing_half_written(tmp_path, monkeypatch):
    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", no_space)
    with pytest.raises(OSError, match="No space left"):
        OcrCache(tmp_path).read_through(FakeReader(), b"image", decode)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
