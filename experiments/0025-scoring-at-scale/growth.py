"""Score posts of several sizes, and measure how processor time and memory grow.

    python experiments/0025-scoring-at-scale/growth.py FOLDER BUNDLE 1000000 10000000

``FOLDER`` holds ``posts-ROWS.csv`` of each size. Time is the processor's, of the job and of all its
processes. Memory is the private one of each process, sampled twice a second: the most of one worker
in the second half of the job, and the most of the process that hands units out.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import psutil

_PROCESSES = 2


def private_mb(process: psutil.Process) -> float:
    """Return the memory that a process shares with no other, in megabytes."""
    return float(process.memory_full_info().uss) / 1e6


def measured(arguments: list[str]) -> dict[str, float]:
    """Run a job, and return seconds and megabytes."""
    job = psutil.Popen([sys.executable, "-m", "adverts.score", *arguments])
    began, parent, workers, spent = time.monotonic(), [0.0], [0.0], {}
    while job.poll() is None:
        time.sleep(0.5)
        try:
            parent.append(private_mb(job))
            spent[job.pid] = sum(job.cpu_times()[:2])
            children = job.children(recursive=True)
            for child in children:
                spent[child.pid] = sum(child.cpu_times()[:2])
            workers.append(max(map(private_mb, children), default=0.0))
        except psutil.NoSuchProcess:
            continue
    assert job.returncode == 0, f"status {job.returncode}"
    seconds = time.monotonic() - began
    return {
        "seconds": round(seconds),
        "processor_s": round(sum(spent.values())),
        "worker_mb": round(max(workers[len(workers) // 2 :])),
        "parent_mb": round(max(parent)),
    }


def main(arguments: list[str]) -> None:
    """Print a line for each size."""
    folder, bundle, *sizes = arguments
    for size in sizes:
        scores = Path(folder) / f"scores-{size}"
        shutil.rmtree(scores, ignore_errors=True)
        found = measured(
            [f"bundle={bundle}", "data=csv", f"data.root={folder}", f"scores={scores}"]
            + [f"data.source.paths=[posts-{size}.csv]", f"executor.processes={_PROCESSES}"]
            + ["data.columns.platform=platform", "data.columns.posted_at=posted_at"]
            + ["data.columns.lang=lang"]
        )
        disk = sum(one.stat().st_size for one in scores.rglob("*") if one.is_file())
        found |= {"rows": int(size), "scores_mb": round(disk / 1e6)}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
