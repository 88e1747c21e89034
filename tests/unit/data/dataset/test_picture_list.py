"""A list of spooled pictures: other processes read each by its place, and prove what they got."""

import pytest
from spooling import BLUE, GREEN, LIMITS, RED, add

from adverts.data.dataset import picture_list
from adverts.data.dataset.picture_list import read_list
from adverts.data.dataset.picture_spool import ImageSpool, spool_folder
from adverts.errors import InputError, IntegrityError

MADE_FOR, READER = "a" * 64, "b" * 64


def listed(dataset, *pictures, stays=True):
    """Return the list of pictures that lie in a spool, in this order."""
    with ImageSpool(dataset, LIMITS) as spool:
        hashes = [add(spool, data).sha256 for data in pictures]
        spool.list_pictures(hashes, made_for=MADE_FOR, reader=READER, stays=stays)
    return read_list(spool_folder(dataset))


def test_every_picture_is_in_one_unit_and_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr(picture_list, "UNIT_PICTURES", 2)
    found = listed(tmp_path / "demo", RED, GREEN, BLUE)
    assert (found.made_for, found.reader, found.count) == (MADE_FOR, READER, 3)
    units = [[found.read(one) for one in found.pictures(unit)] for unit in found.units]
    assert units == [[RED, GREEN], [BLUE]]


def test_a_list_of_nothing_has_no_unit(tmp_path):
    with ImageSpool(tmp_path / "demo", LIMITS) as spool:
        found = spool.list_pictures([], made_for=MADE_FOR, reader=READER, stays=True)
        assert (found.count, list(found.units)) == (0, [])
    assert read_list(spool_folder(tmp_path / "demo")) is None


def test_the_pictures_stay_for_other_jobs_and_go_with_the_run_that_writes(tmp_path):
    folder = spool_folder(tmp_path / "demo")
    assert listed(tmp_path / "demo", RED).count == 1
    assert sorted(path.name for path in folder.iterdir()) == ["journal", "pictures", "to_read"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    with ImageSpool(tmp_path / "demo", LIMITS) as spool:
        assert spool.num_before == 1
    assert not folder.exists()
    assert listed(tmp_path / "demo", RED, stays=False) is None


def test_a_picture_that_was_changed_is_refused_and_one_that_is_gone_is_named(tmp_path):
    found = listed(tmp_path / "demo", RED, GREEN)
    first, _ = found.pictures(0)
    pictures = spool_folder(tmp_path / "demo") / "pictures"
    pictures.write_bytes(bytes(len(RED + GREEN)))
    with pytest.raises(IntegrityError, match="was changed after it was listed"):
        found.read(first)
    pictures.unlink()
    with pytest.raises(InputError, match="pictures cannot be read .* every machine reaches"):
        found.read(first)


@pytest.mark.parametrize("cut", [1, 48 + 1, 60, 150])
def test_a_list_that_is_not_whole_is_none(tmp_path, cut):
    listed(tmp_path / "demo", RED)
    path = spool_folder(tmp_path / "demo") / "to_read"
    path.write_bytes(path.read_bytes()[:-cut])
    assert read_list(path.parent) is None
