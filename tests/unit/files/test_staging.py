"""A folder that appears whole or not at all."""

import errno
from pathlib import Path

import pytest

from adverts.errors import InputError
from adverts.files import staging as module
from adverts.files.staging import recover, require_disk, staging


def write(folder, content):
    with staging(folder, marker="mark") as partial:
        (partial / "mark").write_text(content)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_stands_alone_when_the_block_has_ended(tmp_path):
    write(tmp_path / "a" / "data", "1")
    write(tmp_path / "a" / "data", "2")
    assert names(tmp_path / "a") == ["data"]
    assert names(tmp_path / "a" / "data") == ["mark"]
    assert (tmp_path / "a" / "data" / "mark").read_text() == "2"


def test_nobody_else_reads_what_is_being_written(tmp_path):
    with staging(tmp_path / "data", marker="mark") as partial:
        (partial / "mark").touch()
        assert partial.stat().st_mode & 0o777 == 0o700


def test_after_an_error_the_old_one_stands_unchanged(tmp_path):
    write(tmp_path / "data", "1")
    with pytest.raises(FileNotFoundError), staging(tmp_path / "data", marker="mark") as partial:
        (partial / "nosuch").read_text()
    assert names(tmp_path) == ["data"]
    assert (tmp_path / "data" / "mark").read_text() == "1"


def test_of_a_link_what_it_points_to_is_replaced_whole(tmp_path):
    write(tmp_path / "data", "1")
    (tmp_path / "link").symlink_to("data")
    write(tmp_path / "link", "2")
    assert names(tmp_path) == ["data", "link"]
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "data" / "mark").read_text() == "2"


@pytest.mark.parametrize("place", ["data", "data.partial"])
def test_what_someone_else_put_there_is_never_replaced(tmp_path, place):
    (tmp_path / place).mkdir()
    (tmp_path / place / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="did not write"):
        write(tmp_path / "data", "1")
    assert (tmp_path / place / "thesis.txt").read_text() == "years of work"


def test_a_folder_of_the_same_marker_but_with_other_files_is_not_ours(tmp_path):
    write(tmp_path / "data", "1")
    (tmp_path / "data" / "thesis.txt").write_text("years of work")
    refused = pytest.raises(InputError, match=r"did not write \(thesis.txt\)")
    with refused, staging(tmp_path / "data", marker="mark", also=("*.parquet",)):
        pass
    assert (tmp_path / "data" / "thesis.txt").read_text() == "years of work"


def test_a_partial_folder_with_files_of_others_is_not_cleared(tmp_path):
    partial = tmp_path / "data.partial"
    partial.mkdir()
    for name in ("mark", "thesis.txt"):
        (partial / name).write_text("years of work")
    refused = pytest.raises(InputError, match=r"did not write \(thesis.txt\)")
    with refused, staging(tmp_path / "data", marker="mark", also=("*.parquet",)):
        pass
    assert (partial / "thesis.txt").read_text() == "years of work"


def test_the_root_of_the_disk_is_refused():
    with pytest.raises(InputError, match="choose a folder below it"):
        write(Path("/"), "1")


def test_a_file_in_its_place_is_refused(tmp_path):
    (tmp_path / "data").write_text("x")
    with pytest.raises(InputError, match="did not write"):
        write(tmp_path / "data", "1")


def test_the_leavings_of_a_killed_run_are_cleared(tmp_path):
    (tmp_path / "data.partial").mkdir()
    (tmp_path / "data.partial" / ".lock").touch()
    (tmp_path / "data.partial" / "half").touch()
    write(tmp_path / "data", "1")
    assert names(tmp_path) == ["data"]
    assert names(tmp_path / "data") == ["mark"]


def test_two_writers_of_one_folder_do_not_meet(tmp_path):
    with staging(tmp_path / "data", marker="mark") as partial:
        (partial / "mark").touch()
        with pytest.raises(InputError, match="written by another process"):
            write(tmp_path / "data", "2")
    assert names(tmp_path) == ["data"]


@pytest.mark.parametrize("moment", ["mkdir", "touch"])
def test_of_two_writers_that_begin_at_one_moment_one_goes_on(tmp_path, monkeypatch, moment):
    partial, real = tmp_path / "data.partial", getattr(Path, moment)

    def meanwhile(path, *given, **settings):
        if path == partial:
            real(partial)  # the other one makes it first
        if path.parent == partial:
            partial.rmdir()  # the other one clears it away as the leavings of a dead process
        return real(path, *given, **settings)

    monkeypatch.setattr(Path, moment, meanwhile)
    with pytest.raises(InputError, match="is being written by another process"):
        write(tmp_path / "data", "1")


def test_a_run_killed_between_the_renames_loses_nothing(tmp_path):
    write(tmp_path / "data", "1")
    (tmp_path / "data").rename(tmp_path / ".data.replaced")
    recover(tmp_path / "data", marker="mark")
    assert names(tmp_path) == ["data"]


def test_what_a_writer_killed_while_clearing_away_left_is_cleared_away(tmp_path, monkeypatch):
    write(tmp_path / "data", "1")
    for name in ("a", "z"):
        (tmp_path / "data" / name).touch()

    def interrupt(path, ignore_errors=False):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module.shutil, "rmtree", interrupt)
        pytest.raises(KeyboardInterrupt, write, tmp_path / "data", "2")
    assert names(tmp_path / ".data.replaced") == ["mark"]
    recover(tmp_path / "data", marker="mark")
    assert names(tmp_path) == ["data"]
    assert (tmp_path / "data" / "mark").read_text() == "2"


def test_a_reader_leaves_alone_what_a_living_writer_moves(tmp_path, monkeypatch):
    write(tmp_path / "data", "1")
    between, replace = [], module.os.replace

    def read_between_the_renames(source, target):
        recover(tmp_path / "data", marker="mark")
        between.append(names(tmp_path))
        replace(source, target)

    monkeypatch.setattr(module.os, "replace", read_between_the_renames)
    write(tmp_path / "data", "2")
    assert between == [[".data.replaced", "data.partial"]]
    assert (tmp_path / "data" / "mark").read_text() == "2"
    assert names(tmp_path) == ["data"]


def test_what_a_killed_writer_moved_is_put_back_beside_its_leavings(tmp_path):
    write(tmp_path / "data", "1")
    (tmp_path / "data").rename(tmp_path / ".data.replaced")
    (tmp_path / "data.partial").mkdir()
    (tmp_path / "data.partial" / "mark").write_text("2")
    recover(tmp_path / "data", marker="mark")
    assert (tmp_path / "data" / "mark").read_text() == "1"
    write(tmp_path / "data", "3")
    assert names(tmp_path) == ["data"]


def test_what_vanishes_while_it_is_cleared_away_is_no_error(tmp_path, monkeypatch):
    write(tmp_path / "data", "1")
    write(tmp_path / ".data.replaced", "0")
    remove = module.shutil.rmtree

    def remove_after_another(path, ignore_errors=False):
        remove(path)
        remove(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(module.shutil, "rmtree", remove_after_another)
    recover(tmp_path / "data", marker="mark")
    assert names(tmp_path) == ["data"]


def test_a_writer_waits_for_a_reader_that_puts_something_back(tmp_path, monkeypatch):
    (tmp_path / "data.partial").mkdir()
    reader = module._lock(tmp_path / "data.partial")
    monkeypatch.setattr(module.time, "sleep", lambda _: module.os.close(reader))
    write(tmp_path / "data", "1")
    assert names(tmp_path) == ["data"]


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    with (
        pytest.raises(InputError, match="the disk is full; nothing was written"),
        staging(tmp_path / "data", marker="mark"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert names(tmp_path) == []


def test_too_little_disk_is_told_before(tmp_path, monkeypatch):
    usage = module.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage._replace(free=5_000_000))
    require_disk(tmp_path / "not" / "yet", 5_000_000)
    with pytest.raises(InputError, match=r"about 6\.0 MB are needed and 5\.0 MB are free"):
        require_disk(tmp_path / "not" / "yet", 6_000_000)
