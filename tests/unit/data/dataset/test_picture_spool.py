"""The spool of pictures: each checked once, equal ones kept once, gone when all is well."""

import io
import shutil
import stat
import time
from types import SimpleNamespace

import pytest
from PIL import Image
from spooling import BLUE, LIMITS, RED, Describer, add, add_all, bomb, cut_off, encoded

from adverts.data.dataset.picture_spool import ImageSpool, spool_folder
from adverts.data.dataset.spool_journal import write_all
from adverts.data.sources.bad_rows import RowFault
from adverts.errors import InputError
from adverts.work.read_ahead import work_ahead

FILES = ["journal", "pictures"]


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


def test_a_disk_that_would_not_hold_the_pictures_twice_is_told(dataset, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    with (
        pytest.raises(InputError, match=r"demo: about 512\.0 MB are needed and 1\.0 MB are free"),
        ImageSpool(dataset, LIMITS) as spool,
    ):
        add(spool, RED)


def test_threads_check_each_file_once_and_write_one_at_a_time(dataset, monkeypatch):
    monkeypatch.setattr(
        "adverts.data.dataset.picture_spool.write_all",
        lambda *a: write_all(*a) or time.sleep(0.001),
    )
    describe = Describer()
    pictures = [encoded((i, 0, 0)) for i in range(50)] * 4
    with ImageSpool(dataset, LIMITS, describe=describe) as spool:
        found = [result() for _, result in work_ahead(pictures, lambda d: add(spool, d), threads=8)]
        assert [image.data for image in spool.stored(found)] == pictures
        assert [image.description for image in found[:50]] == [bytes((i, 0, 0)) for i in range(50)]
        assert describe.calls == 50
