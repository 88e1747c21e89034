"""Speed and memory of hashing pictures, and of finding near-duplicates in growing numbers.

Every size runs in a process of its own, so that its peak of memory is its own. Recall is the share
of planted pairs that are found, whose local hashes differ in 10 to 50 of 256 bits; the share that
is found of those near 50 stands beside it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from planted_images import photo

SIZES = (10_000, 100_000, 1_000_000)
WIDTHS = (300, 800, 1_600)
_PICTURES = 100
_COPIES = 0.2
_SEED = 0


@dataclass(frozen=True, slots=True)
class Searched:
    """One run: ``seconds`` begin with hashes in memory, which ``peak_gb`` includes."""

    pictures: int
    seconds: float
    peak_gb: float
    pairs: int
    unplanted: int
    recall: float
    recall_far: float


def milliseconds(width: int) -> float:
    """Return the time that it takes to describe a decoded picture of this width."""
    from adverts.clusters.picture_hash import describe_picture

    draw = random.Random(_SEED)
    pictures = [photo(draw) for _ in range(_PICTURES)]
    scaled = [p.resize((width, round(p.height * width / p.width))) for p in pictures]
    began = time.perf_counter()
    for picture in scaled:
        describe_picture(picture)
    return (time.perf_counter() - began) / _PICTURES * 1_000


def search(count: int) -> Searched:
    """Search random hashes, of which every fifth is a copy of another one, with two threads."""
    from adverts.clusters.near_image import near_images
    from adverts.clusters.picture_hash import HASH_BYTES, PictureHash

    random_ = np.random.default_rng(_SEED)
    copies = round(count * _COPIES)
    sets = random_.integers(0, 256, (3, count, HASH_BYTES), np.uint8)
    flips = random_.integers(10, 51, copies)
    for i in range(copies):
        bits = np.unpackbits(sets[1, i])
        bits[random_.permutation(len(bits))[: flips[i]]] ^= 1
        sets[1, count - 1 - i] = np.packbits(bits)
    hashes = [
        PictureHash(pdq.tobytes(), 100, local.tobytes(), centre.tobytes(), 255, False)
        for pdq, local, centre in zip(*sets, strict=True)
    ]
    began = time.perf_counter()
    pairs = near_images(hashes, threads=2)
    seconds = time.perf_counter() - began
    planted = pairs.first + pairs.second == count - 1
    found = np.zeros(copies, np.bool_)
    found[pairs.first[planted]] = True
    return Searched(
        count,
        seconds,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        len(pairs),
        int((~planted).sum()),
        float(found.mean()),
        float(found[flips > 45].mean()),
    )


def main() -> None:
    """Print two tables."""
    if len(sys.argv) == 2:
        print(json.dumps(asdict(search(int(sys.argv[1])))))
        return
    print(f"describing a decoded picture, one of {os.cpu_count()} cores")
    for width in WIDTHS:
        print(f"{width:8,} px wide {milliseconds(width):6.1f} ms")
    print("searching hashes with two threads")
    print("  pictures  seconds  peak GB     pairs  unplanted  recall  of 46-50 bits")
    for size in SIZES:
        done = subprocess.run(
            [sys.executable, __file__, str(size)], check=True, capture_output=True, text=True
        )
        one = Searched(**json.loads(done.stdout))
        print(
            f"{one.pictures:10,}{one.seconds:9.1f}{one.peak_gb:9.2f}{one.pairs:10,}"
            f"{one.unplanted:11}{one.recall:8.4f}{one.recall_far:15.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
