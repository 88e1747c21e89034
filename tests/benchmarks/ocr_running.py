"""Reading pages with one reader, in processes that run nothing else, and timing them."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np
from ocr_readers import READERS, STOCK, Seen

from adverts.errors import first_line

WORKERS = 2
_PATIENCE_S = 900.0


@dataclass(frozen=True, slots=True)
class Phase:
    """Pages that are timed together: files ``ID.npy``, RGB ``(H, W, 3)``."""

    name: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a phase went.

    Attributes:
        images: That were read.
        seconds: From the first worker's begin to the last one's end.
        cpu_s: Of all workers and threads, while they read.
    """

    images: int
    seconds: float
    cpu_s: float


@dataclass(slots=True)
class Run:
    """What one reader did.

    Attributes:
        seen: By page.
        cpu_s: By page, of all threads.
        paces: By phase.
        peak_gb: Resident memory of the larger worker at its highest.
        fault: Why there is nothing, or None.
    """

    seen: dict[str, Seen] = field(default_factory=dict)
    cpu_s: dict[str, float] = field(default_factory=dict)
    paces: dict[str, Pace] = field(default_factory=dict)
    peak_gb: float = 0.0
    fault: str | None = None


def run_reader(name: str, folder: Path, phases: Sequence[Phase], warm: Sequence[str]) -> Run:
    """Read every phase: two processes of one thread, stock EasyOCR one process of two.

    Args:
        name: One of ``READERS``.
        folder: Holds the pages.
        phases: One after the other, each begun by all workers at once.
        warm: Pages that each worker reads before the first phase.
    """
    workers = 1 if name == STOCK else WORKERS
    os.environ["OMP_NUM_THREADS"] = os.environ["OMP_THREAD_LIMIT"] = str(WORKERS // workers)
    os.environ["PYTHONWARNINGS"] = "ignore"  # torch's own, between the lines of our tables
    context = multiprocessing.get_context("spawn")
    turns = _Turns(context.Barrier(workers), [context.Value("i", 0) for _ in phases])
    task = _Task(name, folder, tuple(phases), tuple(warm))
    lines = [_start(context, task, turns) for _ in range(workers)]
    answers = []
    for process, line in lines:
        try:
            answers.append(line.recv())
        except EOFError:
            answers.append("a process died")
            turns.barrier.abort()
        process.join()
    faults = [answer for answer in answers if isinstance(answer, str)]
    faults.sort(key=lambda fault: fault.startswith("BrokenBarrier"))  # what another's fault caused
    return Run(fault=faults[0]) if faults else _joined(answers, phases)


@dataclass(frozen=True, slots=True)
class _Task:
    reader: str
    folder: Path
    phases: tuple[Phase, ...]
    warm: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Turns:
    """What the workers share: they begin a phase together, and take its next page in turn."""

    barrier: Barrier
    taken: list[Any]


def _start(context: SpawnContext, task: _Task, turns: _Turns) -> tuple[Any, Connection]:
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(there, task, turns), daemon=True)
    process.start()
    there.close()
    return process, here


def _serve(answer: Connection, task: _Task, turns: _Turns) -> None:
    """Run in a worker: answer with what was measured, or with a sentence that says why not."""
    try:
        answer.send(_measure(task, turns))
    except Exception as error:  # whatever an engine raises, the other engines are still measured
        turns.barrier.abort()
        answer.send(f"{type(error).__name__}: {first_line(error)}")


def _measure(task: _Task, turns: _Turns) -> tuple[Any, ...]:
    _keep_to_threads()
    read = READERS[task.reader]()
    for page in task.warm:
        read(np.load(task.folder / f"{page}.npy"))
    seen, cpu_s, spans = {}, {}, {}
    for phase, taken in zip(task.phases, turns.taken, strict=True):
        turns.barrier.wait(_PATIENCE_S)
        began = time.monotonic()
        while (i := _next(taken)) < len(phase.ids):
            image = np.load(task.folder / f"{phase.ids[i]}.npy")
            cpu = time.process_time()
            seen[phase.ids[i]] = read(image)
            cpu_s[phase.ids[i]] = time.process_time() - cpu
        spans[phase.name] = (began, time.monotonic())
    return seen, cpu_s, spans, _peak_gb()


def _keep_to_threads() -> None:
    """OpenCV takes every core whatever the environment says."""
    import cv2

    cv2.setNumThreads(int(os.environ["OMP_NUM_THREADS"]))


def _next(taken: Any) -> int:
    with taken.get_lock():
        taken.value += 1
        return taken.value - 1


def _peak_gb() -> float:
    """Highest resident memory of this process alone; ``ru_maxrss`` begins at its parent's."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1e6
    return float("nan")


def _joined(answers: list[Any], phases: Sequence[Phase]) -> Run:
    run = Run(peak_gb=max(peak for *_, peak in answers))
    for seen, cpu_s, _, _ in answers:
        run.seen |= seen
        run.cpu_s |= cpu_s
    for phase in phases:
        spans = [spans[phase.name] for _, _, spans, _ in answers]
        seconds = max(end for _, end in spans) - min(begin for begin, _ in spans)
        cpu_s = sum(run.cpu_s[page] for page in phase.ids)
        run.paces[phase.name] = Pace(len(phase.ids), seconds, cpu_s)
    return run
