"""Kill a job of scoring at random moments, end it, and compare it with an undisturbed one.

    python experiments/0025-scoring-at-scale/kills.py WHOLE KILLED 20 bundle=… data=csv …
    python experiments/0025-scoring-at-scale/kills.py … executor=ray executor.address=127.0.0.1:6379

``WHOLE`` is a folder of scores that was written undisturbed, ``KILLED`` one that does not exist.
Without Ray, each attempt is a local job of two processes or several parts of an array at once, and
everything of it is killed. With Ray, a task is killed or the driver; the cluster is one that
``ray start`` began. An attempt lives until a drawn number of units is done, and a drawn time more.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pyarrow.parquet as pq

_PARTS = 3
_MOST_UNITS, _MOST_SECONDS = 30, 3.0  # that an attempt may do, and that it then lives


def begin(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a job."""
    command = [sys.executable, "-m", "adverts.score", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end(processes: Sequence[psutil.Process]) -> None:
    """Kill processes, the youngest last, so that none can act on the end of another."""
    for one in processes:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=30)


def tasks_of_ray() -> list[psutil.Process]:
    """Return the processes that do tasks of Ray."""
    found = psutil.process_iter(["cmdline"])
    return [one for one in found if (one.info["cmdline"] or [""])[0].startswith("ray::_do")]


def live(jobs: Sequence[subprocess.Popen[bytes]], receipts: Path, draw: random.Random) -> None:
    """Wait until jobs have done a drawn number of units more, and some time, or have ended."""
    wanted = done(receipts) + draw.randrange(_MOST_UNITS)
    while done(receipts) < wanted and any(job.poll() is None for job in jobs):
        time.sleep(0.02)
    time.sleep(draw.uniform(0, _MOST_SECONDS))


def done(receipts: Path) -> int:
    """Return how many units are done."""
    return len(list(receipts.glob("*.json"))) if receipts.exists() else 0


def attempt(draw: random.Random, arguments: Sequence[str], receipts: Path, *, number: int) -> str:
    """Start jobs, let them live for a while, kill them, and return what was killed."""
    ray = any("executor=ray" in one for one in arguments)
    array = not ray and number % 2 == 1
    parts = draw.sample(range(1, _PARTS + 1), 2) if array else [0]
    jobs = [begin([*arguments, *([f"part={part}/{_PARTS}"] if part else [])]) for part in parts]
    live(jobs, receipts, draw)
    if ray and number % 2 == 1:
        tasks = tasks_of_ray()
        end([draw.choice(tasks)] if tasks else [])
        live(jobs, receipts, draw)  # Ray does the unit again meanwhile
    alive = [psutil.Process(job.pid) for job in jobs if job.poll() is None]
    end([*alive, *(child for one in alive for child in one.children(recursive=True))])
    for job in jobs:
        job.wait()
    what = "a task, then the driver" if number % 2 else "the driver"
    return what if ray else "parts of an array" if array else "a local job"


def hashes(folder: Path) -> dict[str, str]:
    """Return the hash of each file of answers."""
    found = sorted((folder / "scores").iterdir())
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in found}


def main(arguments: list[str]) -> int:
    """Print each kill and what was found; return 1 where anything differs."""
    whole, killed, kills, *given = arguments
    asked = [f"scores={killed}", *given]
    draw, receipts = random.Random(7), Path(killed) / "receipts"
    for number in range(int(kills)):
        if (Path(killed) / "summary.json").exists():
            print(f"the job ended after {number} kills; give it more rows", flush=True)
            return 1
        what = attempt(draw, asked, receipts, number=number)
        print(f"kill {number + 1}: {what}, {done(receipts)} units done", flush=True)
    status = begin(asked).wait()
    same = hashes(Path(whole)) == hashes(Path(killed))
    tables = [
        pq.read_table(one, columns=["id"]) for one in sorted((Path(killed) / "scores").iterdir())
    ]
    ids = [name for table in tables for name in table["id"].to_pylist()]
    left = [one.name for one in Path(killed).iterdir() if one.name.startswith(".")]
    print(f"status {status}; equal bytes: {same}; {len(ids):,} rows, {len(set(ids)):,} ids; {left}")
    return int(status != 0 or not same or len(set(ids)) != len(ids) or bool(left))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
