import errno
import io
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from adverts.advert import ReadQuality
from adverts.errors import InputError, IntegrityError
from adverts.inputs.pixels import ImageLimits
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.ocr.processes import child
from adverts.ocr.processes.workers import EncodedImage, ReadFailure, Workers, read_images
from adverts.ocr.protocol import OcrLine, OcrResult, ReaderSpec

LIMITS = ImageLimits(max_bytes=1_000_000, max_pixels=1_000_000)
SLOW_2 = pytest.param(2, marks=pytest.mark.slow)  # processes take half a second to start
BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
QUALITY = ReadQuality(1.0, 9.0, 0.5, lines=1, unread_lines=0)
HANG, SEGFAULT, KILLED, EXIT, RAISE, DAMAGED_WEIGHTS = 240, 241, 242, 243, 244, 245


@dataclass(frozen=True)
class GreyReader:
    """Says how bright a picture is, and which process looked; some shades are the end of it."""

    note: str = ""  # a file that gets a line for each picture
    together: int = 0  # it waits until so many processes have written there

    @property
    def spec(self) -> ReaderSpec:
        return ReaderSpec(engine="grey", engine_version="1", weights={}, parameters={})

    def read(self, image: np.ndarray) -> OcrResult:
        shade = int(image[0, 0, 0])
        if self.note:
            self.write_down(shade)
        match shade:
            case 240:
                time.sleep(600)
            case 241:
                os.kill(os.getpid(), signal.SIGSEGV)
            case 242:
                os.kill(os.getpid(), signal.SIGKILL)
            case 243:
                os._exit(3)
            case 244:
                raise RuntimeError("words of the picture")
            case 245:
                raise IntegrityError("other weights")
        line = OcrLine(str(shade), BOX, 1.0, f"grey-{os.getpid()}")
        return OcrResult((line,), image.shape[1], image.shape[0], QUALITY)

    def write_down(self, shade):
        with open(self.note, "a") as file:
            file.write(f"{shade} {os.getpid()}\n")
        deadline = time.monotonic() + 30
        while self.together > len({who for _, who in looks(self)}) and time.monotonic() < deadline:
            time.sleep(0.02)


def picture(shade: int, kind="PNG", **settings) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), (shade, shade, shade)).save(file, kind, **settings)
    return file.getvalue()


def sized(shade: int, size) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


def with_comment(shade: int, comment: str) -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", comment)
    return picture(shade, pnginfo=notes)


def begin(images, cache, *, count=2, reader=None, images_per_worker=100, timeout_s=60):
    return read_images(
        (EncodedImage(lambda data=data: data) for data in images),
        reader=reader or GreyReader(),
        cache=cache,
        limits=LIMITS,
        workers=Workers(count, timeout_s=timeout_s, images_per_worker=images_per_worker),
    )


def read(images, cache, **settings):
    return list(begin(images, cache, **settings))


@pytest.fixture
def cache(tmp_path):
    return OcrCache(tmp_path / "cache")


@pytest.fixture
def noting(tmp_path):
    return GreyReader(note=str(tmp_path / "note"))


def looks(reader):
    """Shade and process of each picture that was read."""
    with open(reader.note) as file:
        return [line.split() for line in file]


def texts(outcomes):
    return [one.text if isinstance(one, OcrResult) else one.reason for one in outcomes]


@pytest.mark.parametrize("count", [0, SLOW_2])
def test_results_come_in_the_order_of_the_images(cache, count):
    shades = [7 * i for i in range(12)]
    results = read([picture(s) for s in shades], cache, count=count)
    assert texts(results) == [str(s) for s in shades]


def test_several_processes_read_and_this_one_does_not(cache, noting):
    reader = replace(noting, together=2)
    results = read([picture(i) for i in range(24)], cache, reader=reader)
    processes = {result.lines[0].engine for result in results}
    assert f"grey-{os.getpid()}" not in processes
    assert len(processes) == 2


@pytest.mark.slow
def test_a_few_images_start_one_process_alone(cache):
    results = read([picture(i) for i in range(5)], cache)
    assert len({result.lines[0].engine for result in results}) == 1


@pytest.mark.slow
def test_what_is_in_the_cache_is_not_read_again(cache):
    images = [picture(i) for i in range(12)]
    first = read(images, cache)
    assert read(images, cache, count=0) == first


def test_bytes_are_fetched_once_and_not_at_all_where_their_hash_is_in_the_cache(cache):
    read([picture(1)], cache, count=0)
    fetched = []
    images = [
        EncodedImage(lambda: fetched.append("known") or picture(1), sha256_of(picture(1))),
        EncodedImage(lambda: fetched.append("without a hash") or picture(1)),
        EncodedImage(lambda: fetched.append("new") or picture(2), sha256_of(picture(2))),
    ]
    settings = {"reader": GreyReader(), "cache": cache, "limits": LIMITS}
    list(read_images(images, workers=Workers(0, timeout_s=1, images_per_worker=1), **settings))
    assert fetched == ["without a hash", "new"]


@pytest.mark.parametrize("count", [0, SLOW_2])
def test_an_image_that_cannot_be_decoded_fails_alone(cache, count):
    images = [picture(1), b"not a picture", picture(2), picture(3)[:50], picture(4)]
    outcomes = read(images, cache, count=count)
    assert [isinstance(one, OcrResult) for one in outcomes] == [True, False, True, False, True]
    assert "not a picture of a known format" in outcomes[1].reason


def test_a_decoder_that_fails_over_an_image_never_quotes_it(cache, monkeypatch):
    def refuse(data, limits):
        raise MemoryError("words of the picture") if len(data) > 1000 else InputError("small")

    monkeypatch.setattr(child, "open_image", refuse)
    outcomes = read([bytes(2000), bytes(10)], cache, count=0)
    assert texts(outcomes) == ["picture cannot be decoded: MemoryError", "small"]


@pytest.mark.parametrize("count", [0, SLOW_2])
def test_a_reader_that_fails_over_an_image_never_quotes_it(cache, count):
    outcomes = read([picture(1), picture(RAISE), picture(2)], cache, count=count)
    assert texts(outcomes) == ["1", "the reader failed with RuntimeError", "2"]


@pytest.mark.parametrize("count", [0, SLOW_2])
def test_a_reader_that_cannot_work_ends_the_run(cache, count):
    with pytest.raises(IntegrityError, match="other weights"):
        read([picture(1), picture(DAMAGED_WEIGHTS), picture(2)], cache, count=count)


@pytest.mark.parametrize(
    ("shade", "reason"),
    [
        (SEGFAULT, "signal 11"),
        pytest.param(KILLED, "because memory ran out", marks=pytest.mark.slow),
        pytest.param(EXIT, "exit status 3", marks=pytest.mark.slow),
    ],
)
def test_an_image_that_its_process_dies_over_fails_alone(cache, shade, reason):
    shades = [1, 2, shade, 3, 4]
    outcomes = read([picture(s) for s in shades], cache)
    assert reason in outcomes[2].reason
    assert texts(outcomes[:2] + outcomes[3:]) == ["1", "2", "3", "4"]


@pytest.mark.slow
def test_an_image_that_its_process_dies_over_is_tried_twice(cache, noting):
    read([picture(1), picture(KILLED)], cache, reader=noting)
    assert [shade for shade, _ in looks(noting)] == ["1", "242", "242"]


@pytest.fixture
def opens_quickly(monkeypatch):
    monkeypatch.setattr("adverts.ocr.processes.pool._OPENING_SECONDS", 15.0)


def test_an_image_that_hangs_fails_alone_and_in_time(cache, opens_quickly):
    began = time.monotonic()
    outcomes = read([picture(s) for s in (1, HANG, 2, 3)], cache, timeout_s=1)
    assert texts(outcomes) == ["1", "it took more than 1 seconds", "2", "3"]
    assert time.monotonic() - began < 30


@pytest.mark.slow
def test_failures_are_not_kept(cache):
    first = read([picture(KILLED), b"no picture"], cache)
    assert [isinstance(one, ReadFailure) for one in first] == [True, True]
    assert not list(cache._folder.rglob("*.json"))


def test_a_process_gives_way_after_its_share_and_no_image_is_lost(cache):
    results = read([picture(i) for i in range(12)], cache, count=1, images_per_worker=4)
    assert texts(results) == [str(i) for i in range(12)]
    by_process = [result.lines[0].engine for result in results]
    assert [by_process.count(name) for name in dict.fromkeys(by_process)] == [4, 4, 4]


@pytest.mark.parametrize("count", [0, SLOW_2])
def test_images_of_equal_bytes_are_read_once(cache, noting, count):
    shades = [1, 2, 1, 1, 3, 2] * 5
    results = read([picture(s) for s in shades], cache, count=count, reader=noting)
    assert texts(results) == [str(s) for s in shades]
    assert sorted(shade for shade, _ in looks(noting)) == ["1", "2", "3"]


@pytest.mark.parametrize("count", [0, SLOW_2])
def test_images_of_equal_pixels_are_read_once(cache, noting, count):
    images = [with_comment(shade, f"copy {i}") for i in range(8) for shade in (1, 2)]
    images += [picture(1, "BMP"), picture(2, "WEBP", lossless=True)]
    results = read(images, cache, count=count, reader=noting)
    assert texts(results) == ["1", "2"] * 9
    assert sorted(shade for shade, _ in looks(noting)) == ["1", "2"]


def test_images_of_equal_bytes_of_pixels_in_another_shape_are_others(cache, noting):
    images = [sized(1, (2, 8)), sized(1, (4, 4)), sized(1, (8, 2))]
    results = read(images, cache, count=0, reader=noting)
    assert [(result.width, result.height) for result in results] == [(2, 8), (4, 4), (8, 2)]


def test_each_image_of_equal_pixels_can_be_purged_by_itself(cache):
    images = [with_comment(1, "one"), with_comment(1, "two")]
    read(images, cache)
    assert cache.purge(sha256_of(images[0])) == 1
    assert cache.stored(sha256_of(images[1]), GreyReader().spec.key).text == "1"


@pytest.mark.slow
def test_images_of_equal_pixels_that_kill_a_process_fail_each(cache):
    images = [with_comment(KILLED, "one"), with_comment(KILLED, "two"), picture(1)]
    outcomes = read(images, cache)
    assert [isinstance(one, ReadFailure) for one in outcomes] == [True, True, False]


def priced(price: str) -> bytes:
    page = Image.new("RGB", (200, 40), "white")
    ImageDraw.Draw(page).text((10, 10), f"seat to harbour {price}", fill="black")
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()


def test_images_that_differ_in_one_digit_never_share_a_reading(cache, noting):
    outcomes = read([priced("350"), priced("360"), priced("350")], cache, count=0, reader=noting)
    assert len(looks(noting)) == 2
    assert outcomes[0] == outcomes[2]


def test_a_cache_that_keeps_nothing_changes_no_result(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    told = []
    monkeypatch.setattr("pathlib.Path.mkdir", full)
    shades = [1, 2, 1, 3] * 6
    cache = OcrCache(tmp_path / "cache", tell=told.append)
    assert texts(read([picture(s) for s in shades], cache, count=0)) == [str(s) for s in shades]
    assert len(told) == 1


class Unstartable(GreyReader):
    def __setstate__(self, state):
        os._exit(7)


@pytest.mark.slow
def test_a_process_that_cannot_start_is_told_instead_of_tried_for_ever(cache):
    with pytest.raises(ValueError, match=r"cannot be started.*exit status 7.*fewer ocr.workers"):
        read([picture(1)], cache, reader=Unstartable())


class Endless(GreyReader):
    def __setstate__(self, state):
        time.sleep(600)


@pytest.mark.slow
def test_a_process_that_takes_too_long_to_start_is_not_said_to_want_memory(cache, monkeypatch):
    monkeypatch.setattr("adverts.ocr.processes.pool._OPENING_SECONDS", 0.5)
    with pytest.raises(ValueError, match=r"cannot be started.*\(it took more than 0.5 seconds\)"):
        read([picture(1)], cache, reader=Endless())


def children():
    """Processes whose parent is this one."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(os.getpid())], capture_output=True)
    return {int(pid) for pid in found.stdout.split()}


@pytest.mark.slow
def test_a_run_that_is_left_early_leaves_no_process(cache, noting):
    run = begin([picture(i) for i in range(40)], cache, reader=noting)
    next(run)
    run.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(looks(noting)[0][1]), 0)


RUN = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
sys.path[:0] = [sys.argv[1]]
from test_workers import GreyReader, HANG, OcrCache, begin, picture
from pathlib import Path
if __name__ == "__main__":
    images = [picture(i) for i in range(3)] + [picture(HANG)]
    run = begin(images, OcrCache(Path(sys.argv[2])), reader=GreyReader(note=sys.argv[3]))
    for _ in run:
        print("read", flush=True)
"""


def is_running(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    "how", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_a_run_that_is_ended_leaves_no_orphan(tmp_path, noting, how):
    (tmp_path / "run.py").write_text(RUN)
    here = os.path.dirname(__file__)
    command = [sys.executable, tmp_path / "run.py", here, tmp_path / "cache", noting.note]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for _ in range(3):
        run.stdout.readline()
    deadline = time.monotonic() + 20
    while looks(noting)[-1][0] != str(HANG) and time.monotonic() < deadline:
        time.sleep(0.05)
    reader = int(looks(noting)[-1][1])
    assert is_running(reader)
    run.send_signal(how)
    run.wait(timeout=20)
    while is_running(reader) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(reader)
