"""Killed at any moment and started again, prepare goes on and ends with the same dataset."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from composing import load
from PIL import Image, ImageDraw
from spooling import RED, cut_off

from adverts.data.dataset.picture_spool import reencode
from adverts.errors import InputError
from adverts.prepare import prepare

ROWS, FILES = 24, 20  # four rows show the picture of another; one file is no picture
SIGNALLING = """
import os, pkgutil, sys, tempfile
target, count, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
owner, _, name = target.rpartition(".")
owner = pkgutil.resolve_name(owner)
call = getattr(owner, name)
def called(*given, **settings):
    global count
    count -= 1
    if count == 0 and target == "os.write":
        half = len(given[1]) // 2
        call(given[0], given[1][:half])
        os.kill(os.getpid(), number)
        return half + call(given[0], given[1][half:])
    if count == 0:
        os.kill(os.getpid(), number)
    return call(*given, **settings)
tempfile.gettempdir()  # writes a file, the first time
setattr(owner, name, called)
sys.argv[1:] = sys.argv[4:]
from adverts.prepare import main
main()
"""


def write_source(folder):
    """Write adverts with small pictures of several formats."""
    folder.mkdir()
    for i in range(FILES):
        image = Image.new("RGB", (24, 16), (i * 9, 40, 90))
        ImageDraw.Draw(image).text((2, 2), str(i))
        image.save(folder / f"{i}.{('png', 'jpg', 'webp')[i % 3]}")
    (folder / "4.jpg").write_bytes(b"no picture")
    names = sorted(path.name for path in folder.iterdir())
    rows = [
        {"id": f"a{i}", "text": f"text {i}", "label": ("no", "yes")[i % 2], "image": names[i % 20]}
        for i in range(ROWS)
    ]
    (folder / "adverts.jsonl").write_text("\n".join(map(json.dumps, rows)))


def overrides(folder):
    lines = [f"data.root={folder / 'raw'}", f"prepared={folder / 'out' / 'p'}", "data=jsonl"]
    return [*lines, "data.columns.image=image", "data.on_error=quarantine", "ocr=none"]


def start(folder, target, count, number=signal.SIGKILL):
    """Start a process that sends itself a signal in the ``count``-th call of ``target``."""
    return subprocess.Popen(
        [sys.executable, "-c", SIGNALLING, target, str(count), str(int(number))]
        + overrides(folder),
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill(folder, target, count):
    process = start(folder, target, count)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, said


def written(folder):
    """Return what stands beside and in the dataset: bytes by path."""
    out = folder / "out"
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


class Counted:
    """Counts the pictures that are decoded."""

    def __init__(self, monkeypatch):
        self.calls = 0
        monkeypatch.setattr("adverts.data.dataset.picture_spool.reencode", self)

    def __call__(self, data, limits):
        self.calls += 1
        return reencode(data, limits)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What an uninterrupted run writes."""
    folder = tmp_path_factory.mktemp("whole")
    write_source(folder / "raw")
    prepare(load("prepare", *overrides(folder)))
    return written(folder)


@pytest.fixture(scope="module")
def killed_late(tmp_path_factory):
    """A folder where a run was killed when every picture was checked."""
    folder = tmp_path_factory.mktemp("killed")
    write_source(folder / "raw")
    kill(folder, "adverts.data.dataset.prepared.to_arrow", 1)
    return folder


@pytest.fixture
def folder(tmp_path):
    write_source(tmp_path / "raw")
    return tmp_path


@pytest.fixture
def late(killed_late, tmp_path):
    shutil.copytree(killed_late, tmp_path, dirs_exist_ok=True)
    return tmp_path


# The first write is that of the rules; then come two for each picture, one where it is none.
@pytest.mark.slow
@pytest.mark.parametrize("write", [1, 2, 3, 26, 40])
def test_a_killed_run_goes_on_and_ends_as_an_uninterrupted_one(
    folder, whole, write, monkeypatch, capsys
):
    kill(folder, "os.write", write)
    lines = (folder / "out" / ".p.pictures" / "journal").read_bytes().splitlines(keepends=True)
    known = max(sum(line.endswith(b"\n") for line in lines) - 1, 0)
    counted = Counted(monkeypatch)
    prepare(load("prepare", *overrides(folder)))
    assert counted.calls == FILES - known
    assert written(folder) == whole
    told = f"continuing with {known} pictures that were already checked"
    assert (told in capsys.readouterr().out) == (known > 0)


@pytest.mark.slow
def test_a_run_killed_while_it_wrote_decodes_nothing_again(late, whole, monkeypatch, capsys):
    counted = Counted(monkeypatch)
    prepare(load("prepare", *overrides(late)))
    assert counted.calls == 0
    assert written(late) == whole
    assert "continuing with 20 pictures that were already checked" in capsys.readouterr().out


def test_a_flipped_byte_is_noticed_and_that_picture_made_anew(late, whole, monkeypatch):
    spooled = late / "out" / ".p.pictures" / "pictures"
    data = bytearray(spooled.read_bytes())
    data[len(data) // 2] ^= 1
    spooled.write_bytes(data)
    counted = Counted(monkeypatch)
    prepare(load("prepare", *overrides(late)))
    assert counted.calls == 1
    assert written(late) == whole


def test_a_file_that_was_changed_meanwhile_is_not_served_from_the_spool(late, tmp_path, whole):
    changed = late / "raw" / "3.png"
    Image.new("RGB", (5, 5), "white").save(changed)
    prepare(load("prepare", *overrides(late)))
    fresh = tmp_path / "fresh"
    shutil.copytree(late / "raw", fresh / "raw")
    prepare(load("prepare", *overrides(fresh)))
    assert written(late) == written(fresh) != whole


def test_going_on_needs_only_the_disk_that_is_still_to_be_filled(late, monkeypatch):
    source = sum(path.stat().st_size for path in (late / "raw").iterdir())
    rows = [json.loads(row) for row in (late / "raw" / "adverts.jsonl").read_text().splitlines()]
    source += sum((late / "raw" / row["image"]).stat().st_size for row in rows[FILES:])
    needed = 3 * source - (late / "out" / ".p.pictures" / "pictures").stat().st_size
    config = load("prepare", *overrides(late))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=needed - 1))
    with pytest.raises(InputError, match="are needed"):
        prepare(config)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=needed))
    assert prepare(config).manifest.num_adverts == ROWS - 1


def test_the_pictures_of_rows_that_are_gone_vanish(late):
    lines = (late / "raw" / "adverts.jsonl").read_text().splitlines()
    (late / "raw" / "adverts.jsonl").write_text("\n".join(lines[1:20]))
    secret = (late / "raw" / "0.png").read_bytes()
    assert any(secret in data for data in written(late).values())
    prepare(load("prepare", *overrides(late)))
    assert not any(secret in data for data in written(late).values())
    assert {name.split("/")[0] for name in written(late)} == {"p"}


def test_bad_rows_can_be_mended_without_checking_pictures_again(folder, monkeypatch):
    counted = Counted(monkeypatch)
    strict = load("prepare", *overrides(folder), "data.on_error=fail")
    with pytest.raises(InputError, match="1 of 24 rows cannot be used"):
        prepare(strict)
    Image.new("RGB", (5, 5)).save(folder / "raw" / "4.jpg")
    prepare(strict)
    assert counted.calls == FILES + 1


def test_what_another_run_left_goes_when_nothing_is_to_be_done(late, whole, capsys):
    config = load("prepare", *overrides(late))
    dataset = prepare(config)
    cut_off(dataset.path, RED)
    assert set(written(late)) > set(whole)
    prepare(config)
    assert "is up to date" in capsys.readouterr().out
    assert written(late) == whole


@pytest.mark.slow
def test_a_run_killed_when_all_was_written_leaves_nothing_for_long(folder, whole, capsys):
    kill(folder, "adverts.data.dataset.picture_spool.Path.rmdir", 1)
    (folder / "out" / ".p.pictures" / "journal").touch()
    prepare(load("prepare", *overrides(folder)))
    assert "is up to date" in capsys.readouterr().out
    assert written(folder) == whole


@pytest.mark.slow
def test_two_processes_at_once_do_not_disturb_each_other(folder, whole):
    first = start(folder, "os.write", 6, signal.SIGSTOP)
    while first.poll() is None and not (folder / "out" / ".p.pictures" / "journal").is_file():
        time.sleep(0.02)
    with pytest.raises(InputError, match="is being written by another process; wait for it"):
        prepare(load("prepare", *overrides(folder)))
    while os.waitid(os.P_PID, first.pid, os.WSTOPPED | os.WNOWAIT) is None:
        time.sleep(0.02)
    first.send_signal(signal.SIGCONT)
    said, _ = first.communicate(timeout=60)
    assert first.returncode == 0, said
    assert written(folder) == whole
