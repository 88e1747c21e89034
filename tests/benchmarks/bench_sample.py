"""What it takes to draw a sample of each design from many scored adverts: time and memory.

The adverts are made up, in clusters of unequal size, and scored once with evidence by a bundle of
tf-idf; what was scored stays below ``runs/bench`` for the next time.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bundle_material import made_bundle
from calling import module_of

KEPT = Path("runs/bench/sample")
COLLECTED = "collected='made-up posts, of no time and place'"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="+", type=int, default=[100_000, 1_000_000])
    options = parser.parse_args()
    print("adverts    design     seconds   peak MB")
    for rows in options.rows:
        scores = scored(rows)
        for design in ("estimate", "learn"):
            with tempfile.TemporaryDirectory() as folder:
                asked = [f"scores={scores}", f"design={design}", "budget=800", COLLECTED]
                began = time.perf_counter()
                used = run("sample", *asked, f"sample_dir={folder}/drawn")
                taken = time.perf_counter() - began
            print(f"{rows:>9,}  {design:<9}  {taken:>7.1f}   {used:>7,.0f}", flush=True)


def scored(rows: int) -> Path:
    """Return a folder of so many scored adverts with evidence and clusters."""
    folder = KEPT / str(rows)
    scores = folder / "scores"
    if not (scores / "clusters.parquet").exists():
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "posts.csv").exists():
            write_posts(folder / "posts.csv", rows)
        bundle = made_bundle("tfidf").bundle
        named = [f"data.columns.{one}={one}" for one in ("platform", "posted_at", "account")]
        asked = ["data=csv", f"data.root={folder.absolute()}", "data.source.paths=[posts.csv]"]
        run("score", f"bundle={bundle}", *asked, *named, f"scores={scores}", "evidence=restricted")
        run("score", f"scores={scores}", "clusters=true")
    return scores


def write_posts(path: Path, rows: int) -> None:
    """Write made-up posts; the number of copies of each has a heavy tail."""
    rng = random.Random(3)
    words = [f"{rng.choice('bcdfglmnprst')}{rng.choice('aeiou')}{i:x}" for i in range(5_000)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "platform", "posted_at", "account"])
        text, copies = "", 0
        for number in range(rows):
            if copies == 0:
                text = " ".join(rng.choices(words, k=12))
                copies = min(int(rng.paretovariate(1.2)), 2_000)
            copies -= 1
            day = f"2026-10-{1 + number % 31:02d}T10:00:00Z"
            writer.writerow([f"p{number}", text, "xyz"[number % 3], day, f"a{number % 50_000}"])


def run(verb: str, *arguments: str) -> float:
    """Run a verb in a process of its own, and return the most memory of it in megabytes."""
    key = {"ADVERTS_TOKEN_KEY": "a made-up key of a benchmark"}
    command = [sys.executable, "-m", module_of(verb), *arguments]
    done = subprocess.Popen(command, env={**os.environ, **key}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(done.pid, 0)
    assert status == 0, f"adverts {verb}: status {os.waitstatus_to_exitcode(status)}"
    return usage.ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
