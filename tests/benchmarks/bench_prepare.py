"""Speed and memory of preparing adverts with pictures, and of going on after a kill at half.

Usage: ``python tests/benchmarks/bench_prepare.py [ROWS]``. Every preparation runs in a process of
its own, so that its peak of memory is its own. No two pictures are equal, and texts have copies.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from PIL import Image
from planted import planted_texts

ROWS = 20_000
_PX, _BASES, _IN_FOLDER = 256, 64, 1000
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")


@dataclass(frozen=True, slots=True)
class Measured:
    """One preparation: its time, its peak of memory, and the pictures that it found checked.

    ``cpu_seconds`` hardly depends on what else the machine does.
    """

    seconds: float
    cpu_seconds: float
    peak_gb: float
    reused: int
    data: str


def drawn_pictures(count: int, *, seed: int) -> Iterator[bytes]:
    """Yield JPEG files of 10 to 20 KB, put together from strips, which is far faster than drawing.

    A JPEG with a restart marker after each row of blocks can be cut there; strips of other files
    of the same size and tables stand in their place as well.
    """
    draw = random.Random(seed)
    bases = [_base(np.random.default_rng([seed, i])) for i in range(_BASES)]
    head = bases[0][0]
    strips = [strips for _, strips in bases]
    for _ in range(count):
        chosen = [draw.choice(strips)[row] for row in range(len(strips[0]))]
        body = b"".join(
            (bytes([0xFF, 0xD0 + (row - 1) % 8]) if row else b"") + strip
            for row, strip in enumerate(chosen)
        )
        yield head + body + b"\xff\xd9"


def write_source(folder: Path, count: int) -> int:
    """Write adverts as JSON lines with a picture file each; return the bytes of all pictures."""
    texts = planted_texts(count, seed=0).texts
    num_bytes = 0
    with (folder / "adverts.jsonl").open("w") as lines:
        for i, picture in enumerate(drawn_pictures(count, seed=0)):
            path = folder / f"{i // _IN_FOLDER:04}" / f"{i:07}.jpg"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(picture)
            num_bytes += len(picture)
            row = {"id": f"advert-{i:07}", "text": texts[i], "label": ("no", "yes")[i % 3 == 0]}
            lines.write(json.dumps(row | {"image": str(path.relative_to(folder))}) + "\n")
    return num_bytes


def prepare(folder: Path, stop: Callable[[], bool] = lambda: False) -> Measured:
    """Prepare the source in a process, which is killed once ``stop`` says so."""
    command = [sys.executable, "-m", "adverts.prepare", "data=jsonl", "ocr=none"]
    command += [f"data.root={folder}", "data.columns.image=image", f"prepared={folder}/prepared/p"]
    began = time.perf_counter()
    with (folder / "output.txt").open("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            if stop():
                process.send_signal(signal.SIGKILL)
            time.sleep(0.02)
        output.seek(0)
        told = output.read()
    if status and not os.WIFSIGNALED(status):
        raise SystemExit(told)
    reused = re.search(r"continuing with ([\d,]+) pictures", told)
    return Measured(
        seconds=time.perf_counter() - began,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_gb=usage.ru_maxrss / 1e6,
        reused=int(reused[1].replace(",", "")) if reused else 0,
        data="".join(re.findall(r"data (\w+)$", told.strip())),
    )


def main() -> None:
    """Print one table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        num_bytes = write_source(folder, count)
        print(
            f"preparing {count:,} adverts with distinct pictures of {num_bytes / count / 1e3:.1f} "
            f"KB, {num_bytes / 1e9:.2f} GB in all, {os.cpu_count()} cores"
        )
        print(
            f"{'':18}{'rows':>9}{'seconds':>9}{'CPU s':>8}{'rows/s':>8}{'peak GB':>9}{'reused':>8}"
            "  data"
        )
        _print("whole", count, prepare(folder))
        (folder / "prepared" / "p").rename(folder / "whole")
        spooled = folder / "prepared" / ".p.pictures" / "pictures"
        _print(
            "killed at half",
            count,
            prepare(folder, lambda: spooled.exists() and spooled.stat().st_size > num_bytes / 2),
        )
        _print("started again", count, prepare(folder))


def _print(what: str, count: int, one: Measured) -> None:
    print(
        f"{what:18}{count:9,}{one.seconds:9.1f}{one.cpu_seconds:8.1f}{count / one.seconds:8,.0f}"
        f"{one.peak_gb:9.2f}{one.reused / count:8.1%}  {one.data}",
        flush=True,
    )


def _base(draw: np.random.Generator) -> tuple[bytes, list[bytes]]:
    """Return what stands before the strips of a drawn JPEG, and the strips."""
    coarse = Image.fromarray(draw.integers(0, 256, (24, 24, 3), dtype=np.uint8))
    pixels = np.asarray(coarse.resize((_PX, _PX), Image.Resampling.BICUBIC), dtype=np.int16)
    pixels = np.clip(pixels + draw.integers(-24, 25, pixels.shape), 0, 255)
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, "JPEG", quality=75, restart_marker_rows=1)
    data = buffer.getvalue()
    scan = data.index(b"\xff\xda")
    start = scan + 2 + int.from_bytes(data[scan + 2 : scan + 4], "big")
    return data[:start], _RESTART.split(data[start:-2])


if __name__ == "__main__":
    main()
