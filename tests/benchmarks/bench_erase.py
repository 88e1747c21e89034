"""Speed and memory of erasing adverts from a large dataset with pictures.

Usage: ``python tests/benchmarks/bench_erase.py [ROWS]``. The erasure runs in a process of its own,
so that its peak of memory is its own; pictures are noise of 15 KB, no two equal.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROWS, ERASED, _PICTURE_BYTES = 100_000, 100, 15_000


def rows(count: int) -> Iterator[object]:
    """Yield adverts; every tenth shares its cluster with the one before."""
    from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage

    draw = random.Random(0)
    for i in range(count):
        yield PreparedRow(
            id=f"advert-{i:08}",
            split=("train", "train", "train", "validation", "test")[i % 5],
            cluster=f"c{i - (i % 10 == 9):08}",
            text=" ".join(f"{draw.getrandbits(32):x}" for _ in range(20)),
            images=(StoredImage(draw.randbytes(_PICTURE_BYTES), f"{i}.png"),),
            lang="en",
            targets={"refer": (0.0, 1.0) if i % 3 else (1.0, 0.0)},
        )


def write(folder: Path, count: int) -> int:
    """Write the dataset; return its bytes."""
    from adverts.advert import LabelSchema, Task
    from adverts.data.dataset.prepared import write_prepared

    schema = LabelSchema("bench", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
    return write_prepared(folder, rows(count), name="bench", schema=schema).manifest.num_bytes


def erase(folder: Path, ids: Path) -> None:
    """Erase in this process, and print what it took."""
    import datetime

    from adverts.data.erasing.erasure import erase_adverts, read_ids
    from adverts.ocr.cache import OcrCache

    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    cache = OcrCache(folder.with_name("ocr"))
    erase_adverts(folder, read_ids(ids), cache=cache, today=datetime.date(2030, 1, 2))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{seconds:.1f} s, peak {peak / 1e6:.2f} GB, of which {start / 1e6:.2f} GB imports")


def main(count: int) -> None:
    """Measure erasing adverts that stand in one shard, and adverts that stand in every shard."""
    with tempfile.TemporaryDirectory() as name:
        folder, ids = Path(name) / "data", Path(name) / "ids"
        num_bytes = write(folder, count)
        print(f"{count:,} adverts, {num_bytes / 1e9:.2f} GB")
        spread = [i * (count // ERASED) for i in range(ERASED)]
        for title, chosen in {"in one shard": range(1, ERASED), "everywhere": spread}.items():
            ids.write_text("\n".join(f"advert-{i:08}" for i in chosen))
            command = [sys.executable, __file__, "erase", str(folder), str(ids)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            print(f"{title}: {done.stdout.strip()}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["erase", folder, ids]:
            erase(Path(folder), Path(ids))
        case arguments:
            main(int(arguments[0]) if arguments else ROWS)
