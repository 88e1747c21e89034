"""Speed and memory of clustering short adverts, in growing numbers, and against ``datasketch``.

Every size runs in a process of its own, so that its peak of memory is its own. Recall is the share
of planted pairs that are joined, precision the share of joined pairs that were planted.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from planted import Planted, letter_groups, planted_texts, precision_and_recall

SIZES = (10_000, 100_000, 1_000_000)
REFERENCE_SIZE = 50_000
THRESHOLD, PLACES = 0.5, 128
_MOST_GROUPS = 10_000  # more than a planted advert has
OURS, REFERENCE, CONTACTS = "ours", "datasketch MinHashLSH", "contacts"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: ``seconds`` includes folding, ``peak_gb`` the texts themselves."""

    what: str
    adverts: int
    seconds: float
    peak_gb: float
    recall: float | None = None
    precision: float | None = None


def ours(planted: Planted) -> Sequence[str | int]:
    """Cluster with two threads; return the cluster of each advert."""
    from adverts.clusters.find_clusters import find_clusters
    from adverts.clusters.links import Traits

    adverts = [Traits(f"{row:08}", text) for row, text in enumerate(planted.texts)]
    return find_clusters(adverts, threads=2).names


def reference(planted: Planted) -> Sequence[str | int]:
    """Do the same with ``datasketch``: equal folding, letter groups, places and acceptance."""
    from datasketch import MinHash, MinHashLSH

    from adverts.clusters.components import UnionFind
    from adverts.clusters.near_text import required_similarity
    from adverts.inputs.letters.folding import fold

    wanted = required_similarity(np.arange(_MOST_GROUPS)).tolist()
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PLACES)
    signed, sizes, sets = [], [], UnionFind(len(planted.texts))
    for row, text in enumerate(planted.texts):
        minhash = MinHash(num_perm=PLACES)
        groups = letter_groups(fold(text))
        minhash.update_batch([group.encode() for group in groups])
        for other in index.query(minhash):
            if signed[other].jaccard(minhash) >= wanted[min(len(groups), sizes[other])]:
                sets.union(other, row)
        index.insert(row, minhash)
        signed.append(minhash)
        sizes.append(len(groups))
    return [sets.find(row) for row in range(len(planted.texts))]


def contacts(planted: Planted) -> None:
    """Find and mask the contacts of every advert."""
    from adverts.inputs.contacts.masking import mask_contacts

    for text in planted.texts:
        mask_contacts(text)


def measure(what: str, count: int) -> Measured:
    """Run one of the three on ``count`` adverts, in this process."""
    planted = planted_texts(count, seed=0)
    began = time.perf_counter()
    names = {OURS: ours, REFERENCE: reference, CONTACTS: contacts}[what](planted)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    if names is None:
        return Measured(what, count, seconds, peak)
    precision, recall = precision_and_recall(names, planted.sources)
    return Measured(what, count, seconds, peak, recall=recall, precision=precision)


def main() -> None:
    """Print one table."""
    if len(sys.argv) == 3:
        print(json.dumps(asdict(measure(sys.argv[1], int(sys.argv[2])))))
        return
    plan = [(OURS, size) for size in SIZES] + [(CONTACTS, SIZES[-1])]
    plan += [(OURS, REFERENCE_SIZE), (REFERENCE, REFERENCE_SIZE)]
    print(f"clustering of short adverts in six languages, {os.cpu_count()} cores")
    print(f"{'':24}{'adverts':>10}{'seconds':>9}{'adverts/s':>11}{'peak GB':>9}  recall  precision")
    found = []
    for what, size in plan:
        done = subprocess.run(
            [sys.executable, __file__, what, str(size)], check=True, capture_output=True, text=True
        )
        one = Measured(**json.loads(done.stdout))
        found.append(one)
        judged = "" if one.recall is None else f"{one.recall:8.4f}{one.precision:11.4f}"
        print(
            f"{what:24}{size:10,}{one.seconds:9.1f}{size / one.seconds:11,.0f}{one.peak_gb:9.2f}"
            f"{judged}",
            flush=True,
        )
    print(f"ours is {found[-1].seconds / found[-2].seconds:.1f} times as fast as datasketch")


if __name__ == "__main__":
    main()
