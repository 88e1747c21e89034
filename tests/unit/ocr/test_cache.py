import errno
import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from adverts.advert import ReadQuality
from adverts.errors import InputError
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.ocr.protocol import OcrLine, OcrResult

BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
QUALITY = ReadQuality(0.5, 9.0, 0.5, lines=1, unread_lines=0)
KEY, OTHER_KEY = "a" * 64, "b" * 64
IMAGE, OTHER_IMAGE = (hashlib.sha256(name).hexdigest() for name in (b"one", b"two"))


def result(text):
    return OcrResult((OcrLine(text, BOX, 0.5, "fake", "Latn"),), 3, 2, QUALITY)


FERRY = result("ferry №")


@pytest.fixture
def told():
    return []


@pytest.fixture
def cache(tmp_path, told):
    return OcrCache(tmp_path / "cache", tell=told.append)


def files(cache_folder):
    return sorted(path for path in cache_folder.rglob("*") if path.is_file())


def test_what_is_kept_comes_back(cache, tmp_path):
    cache.keep(IMAGE, KEY, FERRY)
    assert OcrCache(tmp_path / "cache").stored(IMAGE, KEY) == FERRY


def test_another_image_and_another_reader_have_entries_of_their_own(cache):
    cache.keep(IMAGE, KEY, FERRY)
    cache.keep(IMAGE, OTHER_KEY, result("coach"))
    assert cache.stored(IMAGE, KEY) == FERRY
    assert cache.stored(IMAGE, OTHER_KEY) == result("coach")
    assert cache.stored(OTHER_IMAGE, KEY) is None


def flipped(entry):
    return entry.replace(b"ferry", b"merry")


def of_another_version(entry):
    head, names, body = entry.split(b"\n")
    body = json.dumps(json.loads(body) | {"version": 1}).encode()
    rest = names + b"\n" + body
    return sha256_of(rest).encode() + b"\n" + rest


DAMAGE = {
    "empty": lambda _: b"",
    "garbage": lambda _: b"\xff\xfe garbage",
    "cut in the hash": lambda entry: entry[:40],
    "cut in the text": lambda entry: entry[:-20],
    "one byte short": lambda entry: entry[:-1],
    "longer": lambda entry: entry + b" ",
    "another text": flipped,
    "wrong hash": lambda entry: b"0" * 64 + entry[64:],
    "another version": of_another_version,
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_entry_tells_nothing_and_is_replaced(cache, tmp_path, damage):
    cache.keep(IMAGE, KEY, FERRY)
    (entry,) = files(tmp_path)
    entry.write_bytes(damage(entry.read_bytes()))
    assert cache.stored(IMAGE, KEY) is None
    cache.keep(IMAGE, KEY, FERRY)
    assert cache.stored(IMAGE, KEY) == FERRY


@pytest.mark.parametrize(("image", "key"), [(OTHER_IMAGE, KEY), (IMAGE, OTHER_KEY)])
def test_an_entry_that_was_moved_to_another_name_is_not_believed(cache, tmp_path, image, key):
    cache.keep(IMAGE, KEY, FERRY)
    cache.keep(image, key, result("coach"))
    (entry,) = (path for path in files(tmp_path) if b"ferry" in path.read_bytes())
    (moved,) = (path for path in files(tmp_path) if b"coach" in path.read_bytes())
    entry.replace(moved)
    assert cache.stored(image, key) is None


def test_purging_an_image_removes_every_reading_of_it_and_no_other(cache, tmp_path):
    for image, key in ((IMAGE, KEY), (IMAGE, OTHER_KEY), (OTHER_IMAGE, KEY)):
        cache.keep(image, key, FERRY)
    assert cache.purge(IMAGE) == 2
    assert cache.purge(IMAGE) == 0
    assert len(files(tmp_path)) == 1
    assert cache.stored(OTHER_IMAGE, KEY) == FERRY


def test_purging_takes_what_a_killed_writer_left(cache, tmp_path):
    cache.keep(IMAGE, KEY, FERRY)
    (entry,) = files(tmp_path)
    entry.with_name(".half").write_bytes(b"ferry")
    assert cache.purge(IMAGE) == 1
    assert files(tmp_path) == []


@pytest.mark.parametrize("name", ["", "..", "../" * 20 + "x" * 4, "A" * 64])
def test_purging_what_is_no_hash_is_refused(cache, name):
    with pytest.raises(ValueError, match="64 lower-case hex digits"):
        cache.purge(name)


def test_the_store_is_for_its_owner_alone(cache, tmp_path):
    cache.keep(IMAGE, KEY, FERRY)
    found = list((tmp_path / "cache").rglob("*"))
    folders = {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "cache", *found) if p.is_dir()}
    assert folders == {0o700}
    assert {stat.S_IMODE(p.stat().st_mode) for p in found if p.is_file()} == {0o600}


def test_an_entry_is_hardly_larger_than_its_text(cache, tmp_path):
    cache.keep(IMAGE, KEY, OcrResult((), 3, 2, QUALITY))
    assert files(tmp_path)[0].stat().st_size < 400


# ---- a folder that cannot be written ----


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["pathlib.Path.mkdir", "os.open", "pathlib.Path.replace"])
def test_a_full_disk_is_told_once_and_leaves_nothing_half_written(
    cache, tmp_path, monkeypatch, told, step
):
    monkeypatch.setattr(step, full)
    cache.keep(IMAGE, KEY, FERRY)
    cache.keep(OTHER_IMAGE, KEY, FERRY)
    monkeypatch.undo()
    assert len(told) == 1
    assert "No space left on device" in told[0]
    assert files(tmp_path) == []
    assert cache.stored(IMAGE, KEY) is None


IN_LITTLE_ROOM = f"""
import resource, sys
from pathlib import Path
from adverts.ocr.cache import OcrCache
from adverts.advert import ReadQuality
from adverts.ocr.protocol import OcrLine, OcrResult
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
cache = OcrCache(Path(sys.argv[1]), tell=print)
line = OcrLine("a long line " * 500, {BOX}, 0.5, "fake")
cache.keep("{IMAGE}", "{KEY}", OcrResult((line,), 3, 2, {QUALITY}))
print(cache.stored("{IMAGE}", "{KEY}"))
"""


def test_an_entry_that_stops_in_the_middle_is_removed(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", IN_LITTLE_ROOM, tmp_path / "cache"], capture_output=True, text=True
    )
    assert "cannot store" in done.stdout.splitlines()[0]
    assert done.stdout.splitlines()[1:] == ["None"]
    assert files(tmp_path) == []


@pytest.fixture
def readable():
    """A cache of ours in a folder that everybody may look into, and none but us may write."""
    with tempfile.TemporaryDirectory() as name:
        cache = OcrCache(Path(name) / "cache")
        cache.keep(IMAGE, KEY, FERRY)
        for path in (Path(name), *Path(name).rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield Path(name) / "cache"


def as_nobody(action):
    """Run an action in a process that owns nothing; return its exit status."""
    child = os.fork()
    if child == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            os._exit(action())
        except BaseException:  # noqa: BLE001 - a forked test must never go on
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become another user")
def test_a_private_folder_of_somebody_else_is_told_once(readable):
    readable.chmod(0o700)

    def action():
        told = []
        other = OcrCache(readable, tell=told.append)
        found = other.stored(IMAGE, KEY)
        other.keep(IMAGE, KEY, FERRY)
        other.keep(OTHER_IMAGE, KEY, FERRY)
        return 10 * len(told) + (found is not None)

    assert as_nobody(action) == 10


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become another user")
def test_a_folder_that_can_only_be_read_still_tells_what_it_holds(readable):
    def action():
        told = []
        other = OcrCache(readable, tell=told.append)
        found = other.stored(IMAGE, KEY)
        other.keep(OTHER_IMAGE, KEY, FERRY)
        return 10 * len(told) + (found == FERRY)

    assert as_nobody(action) == 11


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become another user")
def test_what_cannot_be_purged_is_an_error_not_a_promise(readable):
    def action():
        with pytest.raises(InputError, match="cannot be removed"):
            OcrCache(readable).purge(IMAGE)
        return 0

    assert as_nobody(action) == 0


def test_a_file_in_the_place_of_the_folder_is_told(cache, tmp_path, told):
    (tmp_path / "cache").write_text("something else")
    assert cache.stored(IMAGE, KEY) is None
    cache.keep(IMAGE, KEY, FERRY)
    assert len(told) == 1
    assert (tmp_path / "cache").read_text() == "something else"


# ---- several writers ----

WRITER = f"""
import sys
from pathlib import Path
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.advert import ReadQuality
from adverts.ocr.protocol import OcrLine, OcrResult
cache, wrong = OcrCache(Path(sys.argv[1]), tell=lambda line: sys.exit(line)), 0
for turn in range(25):
    for name in range(8):
        image = sha256_of(b"%d" % name)
        line = OcrLine(f"{{name}} " * 300, {BOX}, 0.5, "fake")
        result = OcrResult((line,), 3, 2, {QUALITY})
        found = cache.stored(image, "{KEY}")
        wrong += found not in (None, result)
        cache.keep(image, "{KEY}", result)
        wrong += cache.stored(image, "{KEY}") != result
sys.exit(wrong)
"""


def test_several_processes_write_and_read_the_same_entries_at_once(tmp_path):
    command = [sys.executable, "-c", WRITER, tmp_path / "cache"]
    started = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait() for process in started] == [0] * 3
    assert [path.suffix for path in files(tmp_path)] == [".json"] * 8


def test_a_purge_also_removes_what_is_kept_while_it_runs(cache, monkeypatch):
    cache.keep(IMAGE, KEY, FERRY)
    rmdir = Path.rmdir

    def kept_meanwhile(folder):
        monkeypatch.setattr(Path, "rmdir", rmdir)
        cache.keep(IMAGE, OTHER_KEY, FERRY)
        rmdir(folder)

    monkeypatch.setattr(Path, "rmdir", kept_meanwhile)
    assert cache.purge(IMAGE) == 2
    assert cache.stored(IMAGE, OTHER_KEY) is None


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_purge_beside_a_writer_never_makes_it_fail(cache, told):
    threads = [
        threading.Thread(target=lambda: [cache.keep(IMAGE, KEY, FERRY) for _ in range(150)]),
        threading.Thread(target=lambda: [cache.purge(IMAGE) for _ in range(150)]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.stored(IMAGE, KEY) in (None, FERRY)


HANGS_HALF_WAY = f"""
import sys, time
from pathlib import Path
from adverts.ocr.cache import OcrCache
from adverts.advert import ReadQuality
from adverts.ocr.protocol import OcrLine, OcrResult
Path.replace = lambda *_: print("written", flush=True) or time.sleep(60)
line = OcrLine("half", {BOX}, 0.5, "fake")
OcrCache(Path(sys.argv[1])).keep("{IMAGE}", "{KEY}", OcrResult((line,), 3, 2, {QUALITY}))
"""


@pytest.fixture
def writer_half_way(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HANGS_HALF_WAY, tmp_path / "cache"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"written\n"
        yield process
        process.kill()


def test_a_killed_writer_leaves_no_answer_and_a_later_one_cleans_up(
    cache, tmp_path, writer_half_way
):
    writer_half_way.send_signal(signal.SIGKILL)
    writer_half_way.wait()
    assert len(files(tmp_path)) == 1
    assert cache.stored(IMAGE, KEY) is None
    cache.keep(IMAGE, KEY, FERRY)
    assert [path.suffix for path in files(tmp_path)] == [".json"]
    assert cache.stored(IMAGE, KEY) == FERRY


def test_a_writer_at_work_is_left_alone(cache, tmp_path, writer_half_way):
    cache.keep(IMAGE, KEY, FERRY)
    assert len(files(tmp_path)) == 2
    assert writer_half_way.poll() is None


def test_ten_thousand_entries_are_read_back_fast(cache):
    lines = tuple(OcrLine(f"seat {i} to harbour", BOX, 0.9, "fake", "Latn") for i in range(20))
    page = OcrResult(lines, 1280, 960, QUALITY)
    images = [sha256_of(b"%d" % i) for i in range(200)]
    for image in images:
        cache.keep(image, KEY, page)
    began = time.process_time()
    assert all(cache.stored(image, KEY) == page for image in images)
    assert 200 / (time.process_time() - began) > 500
