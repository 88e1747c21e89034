"""What a run has left that was cut off is used again, as far as it is whole and still holds."""

import errno
import os
import shutil

import pytest
from PIL import Image
from spooling import BLUE, GREEN, LIMITS, RED, Describer, add, add_all, cut_off, encoded, flip

from adverts.data.dataset.picture_spool import ImageSpool, remove_leavings, spool_folder
from adverts.data.sources.bad_rows import RowFault
from adverts.errors import InputError, IntegrityError
from adverts.inputs.pixels import ImageLimits


@pytest.fixture
def dataset(tmp_path):
    return tmp_path / "demo"


@pytest.fixture
def folder(dataset):
    return spool_folder(dataset)


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


def test_two_files_of_one_picture_are_both_known_again(dataset, folder):
    plain, commented = encoded(kind="JPEG"), encoded(kind="JPEG", comment=b"a fictional comment")
    cut_off(dataset, plain, RED, commented)
    describe = Describer()
    with ImageSpool(dataset, LIMITS, describe=describe) as spool:
        assert add(spool, commented) == add(spool, plain)
        assert describe.calls == 0


def test_a_refusal_is_remembered_without_decoding_again(dataset, monkeypatch):
    with pytest.raises(RowFault) as first, ImageSpool(dataset, LIMITS) as spool:
        add(spool, RED[:48])
    monkeypatch.setattr("adverts.data.dataset.picture_spool.reencode", None)
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
    lengths = {name: (whole / name).stat().st_size for name in ("journal", "pictures")}
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
    monkeypatch.setattr(f"adverts.data.dataset.picture_spool.{name}", "another")
    with ImageSpool(dataset, LIMITS) as spool:
        assert spool.num_before == 0


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
    assert "the disk is full; free some space and run adverts prepare again" in str(error.value)
    assert "\n" not in str(error.value)
    with ImageSpool(dataset, LIMITS) as spool:
        assert spool.num_before == (fails_at >= 3)
        assert [spool.read(add(spool, data).sha256) for data in (RED, GREEN)] == [RED, GREEN]


def test_the_leavings_of_a_run_can_be_removed(dataset):
    cut_off(dataset, RED)
    remove_leavings(dataset)
    remove_leavings(dataset)
    assert list(dataset.parent.iterdir()) == []
