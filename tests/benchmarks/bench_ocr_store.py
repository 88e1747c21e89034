"""How fast images that were read before come from the cache, and whether memory stays flat.

Memory is that of this process and of the two that read: so many small images, all different and of
many sizes, really read, with no change of process in between.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from ocr_pages import LANGUAGES, STYLES
from ocr_pages.making import make_page
from ocr_readers import ENGINES, open_reader
from PIL import Image

from adverts.advert import ReadQuality
from adverts.inputs.pixels import ImageLimits
from adverts.ocr.cache import OcrCache, sha256_of
from adverts.ocr.processes.pool import Workers
from adverts.ocr.processes.workers import EncodedImage, read_images
from adverts.ocr.protocol import OcrLine, OcrResult, Reader, ReaderSpec

_LIMITS = ImageLimits(max_bytes=20_000_000, max_pixels=50_000_000)
_EVERY = 200
_SEED = 999
_LINES = 8


class _Stored:
    """A reader whose every answer is in the cache."""

    spec = ReaderSpec("stored", "1", {}, {})

    def read(self, image: object) -> OcrResult:
        raise AssertionError("an image was not in the cache")


def main() -> None:
    """Print the pace of the cache, and memory while images are read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cached", type=int, default=10_000)
    parser.add_argument("--read", type=int, default=2_000)
    parser.add_argument("--engine", default="auto", choices=list(ENGINES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        rate = cached_rate(Path(name), options.cached)
    print(f"{options.cached:,} cached images read again: {rate:,.0f} images/s", flush=True)
    with tempfile.TemporaryDirectory() as name:
        _print_memory(Path(name), options.engine, options.read)


def cached_rate(folder: Path, count: int) -> float:
    """Store results of so many files, read the files again through the cache; images/s."""
    cache, reader = OcrCache(folder / "cache"), _Stored()
    picture = _jpeg(folder / "page.jpg", make_page(_SEED, "en", "social", 0, width=640).image)
    files = []
    for i in range(count):
        files.append(folder / f"{i}.jpg")
        files[-1].write_bytes(data := picture + i.to_bytes(4, "big"))  # pictures of other bytes
        cache.keep(sha256_of(data), reader.spec.key, _result(i))
    began = time.perf_counter()
    outcomes = _read(files, reader, cache, count=0, images_per_worker=count)
    right = sum(outcome == _result(i) for i, outcome in enumerate(outcomes))
    assert right == count, f"{right} of {count} results are those that were kept"
    return count / (time.perf_counter() - began)


def _print_memory(folder: Path, engine: str, count: int) -> None:
    files = [_small_page(folder, i) for i in range(count)]
    reader, cache = open_reader(engine), OcrCache(folder / "cache")
    outcomes = _read(files, reader, cache, count=2, images_per_worker=2 * count)
    print(f"memory while {engine} reads {count:,} different images, MB")
    began, megabytes = time.perf_counter(), []
    while len(list(islice(outcomes, _EVERY))) == _EVERY:
        megabytes.append(_resident_mb())
        print(f"{_EVERY * len(megabytes):8,} {megabytes[-1]:7.0f}", flush=True)
    middle = sorted(megabytes)[len(megabytes) // 2]
    spread = max(abs(one / middle - 1) for one in megabytes)
    print(f"furthest from the median: {spread:.1%}; {time.perf_counter() - began:.0f} s")


def _read(
    files: list[Path], reader: Reader, cache: OcrCache, *, count: int, images_per_worker: int
) -> Iterator[object]:
    return read_images(
        (EncodedImage(file.read_bytes) for file in files),
        reader=reader,
        cache=cache,
        limits=_LIMITS,
        workers=Workers(count, timeout_s=120, images_per_worker=images_per_worker),
    )


def _small_page(folder: Path, i: int) -> Path:
    width = random.Random(i).randrange(240, 400)
    language, style = LANGUAGES[i % len(LANGUAGES)], STYLES[i // len(LANGUAGES) % len(STYLES)]
    file = folder / f"{i}.jpg"
    _jpeg(file, make_page(_SEED, language, style, i, width=width).image)
    return file


def _jpeg(file: Path, pixels: object) -> bytes:
    Image.fromarray(pixels).save(file, quality=90)
    return file.read_bytes()


def _result(i: int) -> OcrResult:
    corners = ((10.0, 10.0), (400.0, 10.0), (400.0, 40.0), (10.0, 40.0))
    lines = tuple(
        OcrLine(f"line {n} of page {i}", corners, 0.9, "stored", "Latn", None, n)
        for n in range(_LINES)
    )
    return OcrResult(lines, 640, 480, ReadQuality(0.9, 30.0, 0.5, _LINES, 0))


def _resident_mb() -> float:
    """Of this process and all its descendants."""
    family, grown = {os.getpid()}, 0
    parents = {int(p.name): _status(p).get("PPid") for p in Path("/proc").glob("[0-9]*")}
    while len(family) > grown:
        grown = len(family)
        family |= {one for one, parent in parents.items() if parent in family}
    return sum(_status(Path("/proc") / str(one)).get("VmRSS", 0) for one in family) / 1e3


def _status(process: Path) -> dict[str, int]:
    try:
        pairs = (line.split(":", 1) for line in (process / "status").read_text().splitlines())
        return {key: int(v.split()[0]) for key, v in pairs if key in ("PPid", "VmRSS")}
    except OSError:  # it has ended
        return {}


if __name__ == "__main__":
    main()
