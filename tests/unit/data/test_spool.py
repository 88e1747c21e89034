"""The spool of pictures: checked once, kept once, and used again after a run that was cut off."""

import contextlib
import errno
import io
import os
import shutil
import stat
import struct
import zlib
from types import SimpleNamespace

import pytest
from PIL import Image

from adverts.data.ahead import work_ahead
from adverts.data.bad_rows import RowFault
from adverts.data.pictures import Picture
from adverts.data.spool import ImageSpool, spool_folder
from adverts.errors import InputError, IntegrityError
from adverts.inputs.pixels import ImageLimits

LIMITS = ImageLimits(max_bytes=100_000, max_pixels=10_000)
FILES = ["journal", "pictures"]


def encoded(colour=(200, 10, 0), kind="PNG", size=(4, 3), **settings):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind, **settings)
    return buffer.getvalue()


RED, GREEN, BLUE = (encoded(colour) for colour in ("red", "green", "blue"))


def bomb():
    """A PNG of a few bytes whose header promises 50,000 x 50,000 pixels."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


class Describer:
    """Says the first pixel of a picture, and counts how often it was asked."""

    def __init__(self):
        self.calls = 0

    def __call__(self, image):
        self.calls += 1
        return bytes(image.getpixel((0, 0)))


class CutOffError(Exception):
    """Stands for whatever ends a run."""


def add(spool, data, name=None):
    return spool.add(Picture(name, data=data), column="image")


def cut_off(dataset, *pictures, limits=LIMITS, **settings):
    """Add pictures in a run that does not end well."""
    with contextlib.suppress(CutOffError), ImageSpool(dataset, limits, **settings) as spool:
        for data in pictures:
            add(spool, data)
        raise CutOffError


def add_all(dataset, *pictures):
    """Add pictures in a run that ends well; return what stands in the spool for each."""
    with ImageSpool(dataset, LIMITS) as spool:
        return [spool.read(add(spool, data).sha256) for data in pictures]


def flip(path, place):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.fixture
def dataset(tmp_path):
    return tmp_path / "demo"


@pytest.fixture
def folder(dataset):
    return spool_folder(dataset)


def test_it_gives_back_what_it_took_and_keeps_equal_pictures_once(dataset, folder):
    describe = Describer()
    with ImageSpool(dataset, LIMITS, describe=describe) as spool:
        kept = [add(spool, data, name) for data, name in [(RED, "1"), (BLUE, None), (RED, "3")]]
        assert (len(spool), describe.calls) == (2, 2)
        assert (folder / "pictures").read_bytes() == RED + BLUE
        assert [image.data for image in spool.stored(kept)] == [RED, BLUE, RED]
        assert [image.path for image in spool.stored(kept)] == ["1", None, "3"]
        assert [image.description for image in kept] == [b"\xff\0\0", b"\0\0\xff", b"\xff\0\0"]


def test_files_that_differ_in_metadata_alone_are_one_picture(dataset, folder):
    plain, commented = encoded(kind="JPEG"), encoded(kind="JPEG", comment=b"a fictional comment")
    with ImageSpool(dataset, LIMITS) as spool:
        assert add(spool, plain) == add(spool, commented)
        assert (folder / "pictures").read_bytes() == plain


def test_only_the_owner_can_read_it_and_it_goes_when_all_is_well(dataset, folder):
    with ImageSpool(dataset, LIMITS) as spool:
        add(spool, RED)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == (
            dict.fromkeys(FILES, 0o600)
        )
    assert list(dataset.parent.iterdir()) == []


def test_a_run_that_fails_without_a_picture_leaves_nothing(dataset):
    cut_off(dataset)
    assert list(dataset.parent.iterdir()) == []


def test_a_picture_comes_out_upright_and_without_exif(dataset):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera"
    with ImageSpool(dataset, LIMITS) as spool:
        data = spool.read(add(spool, encoded(kind="JPEG", size=(8, 4), exif=exif)).sha256)
    image = Image.open(io.BytesIO(data))
    assert image.size == (4, 8)
    assert not image.getexif()


@pytest.mark.parametrize(
    "data",
    [b"", b"text", RED[:48], bomb(), encoded(size=(200, 100)), bytes(100_001)],
    ids=["empty", "text", "cut", "bomb", "large", "heavy"],
)
def test_what_is_no_picture_or_too_large_is_refused_again_and_again(dataset, data):
    for _ in range(2):
        with pytest.raises(RowFault) as fault, ImageSpool(dataset, LIMITS) as spool:
            add(spool, data)
        assert (fault.value.field, "picture" in fault.value.reason) == ("image", True)


def test_the_next_run_goes_on_without_decoding_again(dataset, monkeypatch):
    cut_off(dataset, RED, GREEN, describe=Describer())
    describe = Describer()
    decoded = []
    load = Image.Image.load
    monkeypatch.setattr(Image.Image, "load", lambda image: decoded.append(image) or load(image))
    with ImageSpool(dataset, LIMITS, describe=describe) as spool:
        assert (spool.num_before, len(spool)) == (2, 0)
        assert spool.num_bytes == len(RED + GREEN)
        kept = [add(spool, data) for data in (GREEN, RED, GREEN)]
        assert (describe.calls, decoded, len(spool)) == (0, [], 2)
        assert [image.data for image in spool.stored(kept)] == [GREEN, RED, GREEN]
        assert kept[1].description == b"\xff\0\0"
        add(spool, BLUE)
        assert describe.calls == 1


def test_a_refusal_is_remembered_without_decoding_again(dataset, monkeypatch):
    with pytest.raises(RowFault) as first, ImageSpool(dataset, LIMITS) as spool:
        add(spool, RED[:48])
    monkeypatch.setattr("adverts.data.spool.reencode", None)
    with pytest.raises(RowFault) as second, ImageSpool(dataset, LIMITS) as spool:
        add(spool, RED[:48])
    assert first.value.reason == second.value.reason


def test_want_of_memory_is_not_remembered(dataset, monkeypatch):
    def too_large(*_):
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("PIL.PngImagePlugin.PngImageFile.load", too_large)
        with pytest.raises(RowFault, match="cannot be decoded"):
            add_all(dataset, RED)
    assert add_all(dataset, RED) == [RED]


def test_another_file_is_not_taken_for_the_one_before(dataset):
    cut_off(dataset, RED)
    with ImageSpool(dataset, LIMITS) as spool:
        assert spool.read(add(spool, BLUE).sha256) == BLUE


@pytest.mark.parametrize("place", [0, -1])
def test_a_damaged_picture_is_made_anew(dataset, folder, place):
    cut_off(dataset, RED, GREEN)
    flip(folder / "pictures", place)
    describe = Describer()
    with ImageSpool(dataset, LIMITS, describe=describe) as spool:
        kept = [add(spool, data) for data in (RED, GREEN, RED, GREEN)]
        assert [image.data for image in spool.stored(kept)] == [RED, GREEN, RED, GREEN]
        assert describe.calls == 1


def test_a_damaged_picture_never_stands_in_for_another_file_of_the_same(dataset, folder):
    plain, commented = encoded(kind="JPEG"), encoded(kind="JPEG", comment=b"a fictional comment")
    cut_off(dataset, plain)
    flip(folder / "pictures", 9)
    with ImageSpool(dataset, LIMITS) as spool:
        assert spool.read(add(spool, commented).sha256) == plain
        assert spool.read(add(spool, plain).sha256) == plain


def test_damage_while_it_is_used_is_told_and_mended_by_the_next_run(dataset, folder):
    def damaged_run():
        with ImageSpool(dataset, LIMITS) as spool:
            kept = add(spool, RED)
            flip(folder / "pictures", 5)
            spool.read(kept.sha256)

    with pytest.raises(IntegrityError, match="prepare again"):
        damaged_run()
    assert add_all(dataset, RED) == [RED]


def test_wherever_it_was_cut_off_the_next_run_gives_the_same(dataset, folder, tmp_path):
    cut_off(dataset, RED, GREEN, BLUE)
    whole = tmp_path / "whole"
    folder.rename(whole)
    lengths = {name: (whole / name).stat().st_size for name in FILES}
    cuts = [(n, lengths["pictures"]) for n in range(0, lengths["journal"], 7)]
    cuts += [(lengths["journal"], n) for n in range(0, lengths["pictures"], 7)]
    for journal, pictures in cuts:
        shutil.copytree(whole, folder)
        os.truncate(folder / "journal", journal)
        os.truncate(folder / "pictures", pictures)
        with ImageSpool(dataset, LIMITS) as spool:
            kept = [add(spool, data) for data in (BLUE, RED, GREEN)]
            assert [image.data for image in spool.stored(kept)] == [BLUE, RED, GREEN]


def test_pictures_that_no_entry_tells_of_are_cut_off(dataset, folder):
    cut_off(dataset, RED)
    with (folder / "pictures").open("ab") as file:
        file.write(GREEN[:30])
    cut_off(dataset, BLUE)
    assert (folder / "pictures").read_bytes() == RED + BLUE


@pytest.mark.parametrize(
    "other",
    [
        {"rules": "2"},
        {"limits": ImageLimits(max_bytes=100_000, max_pixels=10_001)},
        {"limits": ImageLimits(max_bytes=100_001, max_pixels=10_000)},
    ],
    ids=["rules", "pixels", "bytes"],
)
def test_under_other_rules_all_is_made_anew(dataset, folder, other):
    cut_off(dataset, RED, GREEN, rules="1")
    describe = Describer()
    cut_off(dataset, BLUE, describe=describe, **{"rules": "1", "limits": LIMITS} | other)
    assert describe.calls == 1
    assert (folder / "pictures").read_bytes() == BLUE


@pytest.mark.parametrize("name", ["REENCODING_VERSION", "PIL.__version__"])
def test_another_version_of_what_makes_pictures_makes_all_anew(dataset, name, monkeypatch):
    cut_off(dataset, RED)
    monkeypatch.setattr(f"adverts.data.spool.{name}", "another")
    with ImageSpool(dataset, LIMITS) as spool:
        assert spool.num_before == 0


def test_a_second_process_is_kept_out(dataset):
    with ImageSpool(dataset, LIMITS) as spool:
        add(spool, RED)
        with pytest.raises(InputError, match=r"demo is being written by another process; wait for"):
            ImageSpool(dataset, LIMITS)
        assert spool.read(add(spool, RED).sha256) == RED
    assert add_all(dataset, BLUE) == [BLUE]


def test_what_others_put_there_is_not_touched(dataset, folder):
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match=r"did not write \(thesis.txt\)"):
        ImageSpool(dataset, LIMITS)
    assert (folder / "thesis.txt").exists()


@pytest.mark.parametrize("left", [[], ["journal"]])
def test_a_run_killed_while_it_began_or_ended_is_no_hindrance(dataset, folder, left):
    folder.mkdir()
    for name in left:
        (folder / name).touch()
    with ImageSpool(dataset, LIMITS) as spool:
        assert spool.read(add(spool, RED).sha256) == RED


@pytest.mark.parametrize("fails_at", [0, 1, 2, 3, 4])
def test_a_full_disk_is_told_in_one_line_and_costs_nothing(dataset, fails_at, monkeypatch):
    write, left = os.write, [fails_at]

    def full(descriptor, data):
        left[0] -= 1
        if left[0] >= 0:
            return write(descriptor, data)
        write(descriptor, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(InputError) as error:
            add_all(dataset, RED, GREEN)
    assert "the disk is full; free some space and prepare again" in str(error.value)
    assert "\n" not in str(error.value)
    with ImageSpool(dataset, LIMITS) as spool:
        assert spool.num_before == (fails_at >= 3)
        assert [spool.read(add(spool, data).sha256) for data in (RED, GREEN)] == [RED, GREEN]


def test_a_disk_that_would_not_hold_the_pictures_twice_is_told(dataset, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    with (
        pytest.raises(InputError, match=r"demo: about 512\.0 MB are needed and 1\.0 MB are free"),
        ImageSpool(dataset, LIMITS) as spool,
    ):
        add(spool, RED)


def test_threads_check_each_file_once(dataset):
    describe = Describer()
    pictures = [encoded((i, 0, 0)) for i in range(50)] * 4
    with ImageSpool(dataset, LIMITS, describe=describe) as spool:
        found = [result() for _, result in work_ahead(pictures, lambda d: add(spool, d), threads=8)]
        assert [image.data for image in spool.stored(found)] == pictures
        assert [image.description for image in found[:50]] == [bytes((i, 0, 0)) for i in range(50)]
        assert describe.calls == 50
