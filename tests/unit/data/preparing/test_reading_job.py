"""Units of listed pictures go through the cache, which alone says what has been read."""

import functools

import pytest
from composing import load
from shade_reader import FAILS, KILLS, ShadeReader
from spooling import LIMITS, add, encoded

from adverts.data.dataset import picture_list
from adverts.data.dataset.picture_list import read_list
from adverts.data.dataset.picture_spool import ImageSpool, spool_folder
from adverts.data.preparing import reading_job
from adverts.data.preparing.reading_job import ReadingJob, read_listed
from adverts.errors import InputError
from adverts.ocr.cache import OcrCache
from adverts.work.progress import no_progress
from adverts.work.units.executors.job import Done

SHADES = [10, 20, FAILS, 30, 40]


@pytest.fixture
def reader(tmp_path):
    return ShadeReader(str(tmp_path / "note"))


@pytest.fixture
def config(tmp_path):
    places = [f"prepared={tmp_path}/demo", f"ocr.cache={tmp_path}/ocr"]
    return load("prepare", "ocr=none", "executor.processes=1", *places)


@pytest.fixture
def listed(config, reader, monkeypatch):
    """Five pictures in three units; one of them cannot be read."""
    monkeypatch.setattr(picture_list, "UNIT_PICTURES", 2)
    monkeypatch.setattr(reading_job, "build_reader", lambda _: reader)
    return with_pictures(config, reader, SHADES)


def with_pictures(config, reader, shades):
    with ImageSpool(config.prepared, LIMITS) as spool:
        hashes = [add(spool, encoded((shade,) * 3)).sha256 for shade in shades]
        spool.list_pictures(hashes, made_for="a" * 64, reader=reader.spec.key, stays=True)
    return read_list(spool_folder(config.prepared))


def looks(reader):
    try:
        with open(reader.note) as file:
            return [int(line) for line in file]
    except FileNotFoundError:
        return []


def job(config):
    return ReadingJob(config.prepared, config.ocr.model_dump_json(), LIMITS)


def stored(config, listed, unit):
    cache = OcrCache(config.ocr.cache)
    found = [cache.stored(one.sha256, listed.reader) for one in listed.pictures(unit)]
    return [None if one is None else one.text for one in found]


def test_a_unit_is_read_into_the_cache_and_says_how_much_could_be_read(config, listed, reader):
    do = job(config).open()
    assert [do(unit) for unit in listed.units] == [Done(0, 2), Done(1, 1), Done(2, 1)]
    assert [stored(config, listed, unit) for unit in listed.units] == [
        ["10", "20"],
        [None, "30"],
        ["40"],
    ]
    assert looks(reader) == SHADES


def test_a_picture_that_is_in_the_cache_is_not_read_again(config, listed, reader):
    job(config).open()(1)
    assert job(config).open()(1) == Done(1, 1)
    assert looks(reader) == [FAILS, 30, FAILS]


def test_a_picture_that_kills_its_reader_costs_no_other(config, reader, monkeypatch):
    monkeypatch.setattr(reading_job, "build_reader", lambda _: reader)
    with_pictures(config, reader, [10, KILLS, 20])
    assert job(config).open()(0) == Done(0, 2)


def test_units_that_are_in_the_cache_start_no_process(config, listed, reader, monkeypatch):
    units = [0, 2]
    show = functools.partial(read_listed, reader=reader, progress=no_progress)
    assert show(listed, units, config) == (3, 0)
    monkeypatch.setattr(reading_job, "read_images", None)
    assert show(listed, units, config) == (3, 0)


def test_what_cannot_be_read_is_counted(config, listed, reader):
    assert read_listed(listed, [0, 1], config, reader=reader, progress=no_progress) == (3, 1)


def test_a_machine_that_reads_otherwise_is_refused(config, listed, reader, monkeypatch):
    other = ShadeReader(reader.note, version="2")
    monkeypatch.setattr(reading_job, "build_reader", lambda _: other)
    with pytest.raises(InputError, match="reads pictures otherwise than the one that began"):
        job(config).open()


def test_a_machine_that_does_not_reach_the_pictures_is_told(config, reader, monkeypatch):
    monkeypatch.setattr(reading_job, "build_reader", lambda _: reader)
    with pytest.raises(InputError, match=r"\.demo\.pictures is not on a machine of the cluster"):
        job(config).open()


def test_a_cache_that_keeps_nothing_ends_the_job(config, listed, reader):
    config.ocr.cache.write_text("a file, not a folder")
    with pytest.raises(InputError, match="cannot store what is read on pictures"):
        job(config).open()(0)
    with pytest.raises(InputError, match="cannot store what is read on pictures"):
        read_listed(listed, [0], config, reader=reader, progress=no_progress)


class Elsewhere:
    """A cluster that says that it has read everything, but into another cache."""

    def __init__(self, address, retries):
        pass

    def run(self, job, units):
        yield from (Done(unit, 1) for unit in units)


def test_a_cache_that_the_cluster_does_not_share_is_told(config, listed, reader, monkeypatch):
    monkeypatch.setattr(reading_job, "RayExecutor", Elsewhere)
    monkeypatch.setattr(reading_job, "_PATIENCE_SECONDS", 0.0)
    executor = load("prepare", "executor=ray").executor
    on_cluster = config.model_copy(update={"executor": executor})
    with pytest.raises(InputError, match=r"ocr\.cache=.*/ocr lacks what the cluster has read"):
        read_listed(listed, listed.units, on_cluster, reader=reader, progress=no_progress)
