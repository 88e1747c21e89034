"""How long an audit takes and how much memory it needs, on adverts of made-up words.

Usage::

    python tests/benchmarks/bench_audit.py [adverts …]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from composing import load

from adverts.advert import SPLITS, LabelSchema, Task
from adverts.audit import audit
from adverts.clusters.links import Links, alike_links, equal_links, join_links
from adverts.data.dataset.cluster_evidence import LINKS, write_links
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow

SCHEMA = LabelSchema(
    "made-up",
    (
        Task("refer", "single", ("no", "yes"), "yes"),
        Task("kind", "single", tuple(f"kind{i}" for i in range(8))),
        Task("risk", "ordinal", tuple("0123456")),
    ),
    "refer",
)
LANGUAGES = ("en", "fr", "ar", "sq", "tr", "vi")
COPIES = 3  # adverts in a cluster, on average


def rows(count: int) -> Iterator[PreparedRow]:
    """Yield adverts of 24 words; some words tell the label, one label in twenty is wrong."""
    draw = np.random.default_rng(0)
    words = np.array(["".join(draw.choice(list("abcdefghijklmno"), 6)) for _ in range(5000)])
    for i in range(count):
        positive = draw.random() < 0.3
        told = words[draw.integers(0, 40, 3) + (40 if positive else 0)]
        text = " ".join([*words[draw.integers(80, 5000, 21)], *told])
        cluster = i // COPIES
        given = positive ^ (draw.random() < 0.05)
        yield PreparedRow(
            id=f"a{i:07d}",
            split=SPLITS[cluster % 10 if cluster % 10 < 3 else 0],
            cluster=f"c{cluster:07d}",
            text=text,
            lang=LANGUAGES[cluster % len(LANGUAGES)],
            script="Latn",
            platform=("one", "two")[int(draw.random() < 0.5)],
            targets={
                "refer": (0.0, 1.0) if given else (1.0, 0.0),
                "kind": np.eye(8)[int(draw.integers(0, 4)) + 4 * positive].tolist(),
                "risk": np.eye(7)[int(draw.integers(0, 4)) + 3 * positive].tolist(),
            },
        )


def links(count: int) -> tuple[Links, Links]:
    """Join every cluster by one half of its texts and one half of its pictures."""
    second = np.array([i for i in range(count) if i % COPIES], np.int64)
    half = second % 2 == 0
    near = alike_links(
        "near_text",
        second[half] // COPIES * COPIES,
        second[half],
        np.full(int(half.sum()), 0.8, np.float32),
    )
    pairs = [(int(i) // COPIES * COPIES, int(i)) for i in second[~half]]
    return join_links([near, equal_links("same_image", pairs)]), equal_links("same_text", [])


def measure(count: int, label_errors: str) -> None:
    """Print one line of the table."""
    joined, refused = links(count)
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared"
        write_prepared(
            prepared,
            rows(count),
            name="made-up",
            schema=SCHEMA,
            side_files={
                LINKS: lambda path: write_links(
                    path, joined, refused, ids=[f"a{i:07d}" for i in range(count)]
                )
            },
        )
        config = load(
            "audit",
            f"prepared={prepared}",
            f"audit_dir={folder}/audit",
            f"label_errors={label_errors}",
        )
        start = time.perf_counter()
        audited = audit(config)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    errors = audited.findings.errors_of("refer")
    print(
        f"{count:>9,}  {label_errors:<8}  {seconds:>7.1f} s  {peak:>5.2f} GB  "
        f"{errors.found.adverts:>7,} doubted, tf-idf agrees with {errors.accuracy:.3f}",
        flush=True,
    )


def main(arguments: list[str]) -> None:
    """Measure each in a process of its own, so that its peak of memory is its own."""
    if arguments[:1] == ["--one"]:
        measure(int(arguments[1]), arguments[2])
        return
    print("  adverts  tasks          time     peak", flush=True)
    for number in arguments or ["20000"]:
        for tasks in ("headline", "all"):
            subprocess.run([sys.executable, __file__, "--one", number, tasks], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
