"""Places: a file appears whole, once, and never changes."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from adverts.errors import InputError
from adverts.work.units.place import LocalPlace, Place, RemotePlace, aside, open_place


@pytest.fixture(params=["local", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "local":
        return open_place(str(tmp_path / "scores"))
    return open_place(f"memory://{tmp_path.name}/scores")


def put(place: Place, name: str, content: bytes) -> bool:
    with aside(place) as folder:
        written = folder / "file"
        written.write_bytes(content)
        return place.create(name, written)


def test_the_first_of_two_writers_wins_and_the_second_is_told(place: Place) -> None:
    assert put(place, "scores/1.parquet", b"first")
    assert not put(place, "scores/1.parquet", b"second")
    assert place.read("scores/1.parquet") == b"first"


def test_of_many_threads_that_create_a_file_one_succeeds(tmp_path: Path) -> None:
    place = open_place(str(tmp_path / "scores"))
    won: list[int] = []

    def race(number: int) -> None:
        if put(place, "scores/1", str(number).encode()):
            won.append(number)

    threads = [threading.Thread(target=race, args=(one,)) for one in range(16)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(won) == 1
    assert place.read("scores/1") == str(won[0]).encode()


def test_sizes_lists_files_of_one_folder_alone(place: Place) -> None:
    put(place, "plan.json", b"12")
    put(place, "scores/1", b"123")
    put(place, "receipts/1", b"1")
    assert dict(place.sizes("scores")) == {"1": 3}
    assert "plan.json" in place.sizes("")
    assert place.sizes("missing") == {}


def test_replace_and_remove(place: Place) -> None:
    place.replace("summary.json", b"old")
    place.replace("summary.json", b"new")
    assert place.read("summary.json") == b"new"
    place.remove("summary.json")
    place.remove("summary.json")
    with pytest.raises(FileNotFoundError):
        place.read("summary.json")


def test_only_the_owner_reads_what_is_written(tmp_path: Path) -> None:
    os.umask(0o022)
    place = open_place(str(tmp_path / "deep" / "scores"))
    place.replace("summary.json", b"{}")
    assert (tmp_path / "deep" / "scores").stat().st_mode & 0o077 == 0
    assert (tmp_path / "deep" / "scores" / "summary.json").stat().st_mode & 0o077 == 0


def test_nothing_aside_is_seen_as_a_file_of_the_place(place: Place) -> None:
    with aside(place) as folder:
        (folder / "half").write_bytes(b"half")
        assert place.sizes("") == {}
        assert place.sizes("scores") == {}


def test_sweep_removes_what_a_killed_process_left(tmp_path: Path) -> None:
    place = LocalPlace(tmp_path / "scores")
    (place.open_aside() / "half").write_bytes(b"half")
    place.sweep()
    assert list((tmp_path / "scores").iterdir()) == []


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = open_place(str(tmp_path / "scores"))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with aside(place) as folder:
        (folder / "file").write_bytes(b"1")
        monkeypatch.setattr(os, "link", full)
        with pytest.raises(InputError, match="disk is full; free some space and run the same"):
            place.create("scores/1", folder / "file")


def test_a_read_only_folder_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", denied)
    with pytest.raises(InputError, match="cannot be written .*choose another folder"):
        open_place(str(tmp_path / "scores")).open_aside()


def test_a_file_where_the_folder_should_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "scores").write_bytes(b"")
    with pytest.raises(InputError, match="is a file"):
        open_place(str(tmp_path / "scores")).open_aside()


def test_addresses_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(InputError, match="nothing://bucket"):
        open_place("nothing://bucket/scores")


def test_a_file_address_is_a_local_folder(tmp_path: Path) -> None:
    assert isinstance(open_place(f"file://{tmp_path}/scores"), LocalPlace)
    assert isinstance(open_place("memory://scores"), RemotePlace)


def test_a_store_whose_library_fails_is_told_in_one_line():
    class Lacking:
        def invalidate_cache(self): ...

        def ls(self, *_, **__):
            raise RuntimeError("Unable to locate credentials\nin any place")

        cat_file = exists = pipe_file = put_file = rm_file = ls

    place = RemotePlace(Lacking(), "nope/scores", "s3://nope/scores")
    for act in (
        lambda: place.sizes("receipts"),
        lambda: place.read("plan.json"),
        lambda: place.replace("plan.json", b"{}"),
        lambda: place.remove("plan.json"),
    ):
        with pytest.raises(InputError, match="s3://nope/scores cannot be .*locate credentials"):
            act()
