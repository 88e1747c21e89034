"""Run a command in a process that costs no start-up: a fork of one that has loaded everything."""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from calling import module_of

from kills.places import END, each_place, killed_at

_LOADED = (
    "adverts.prepare",
    "adverts.train",
    "adverts.evaluate",
    "adverts.export",
    "adverts.promote",
    "adverts.score",
    "adverts_findings.link",
    "adverts_findings.share",
    "adverts_findings.sharing.send",
    "adverts_findings.sharing.withdraw",
    "adverts.scoring.score_job",
    "adverts.work.units.executors.local",
    "adverts.data.preparing.preparation",
    "adverts.fitting.open_run",
    "adverts.fitting.tracked_run",
    "adverts.training.fit_ngrams",
    "adverts.tracking.mlflow_sink",
    "adverts.judging.gate_verdict",
    "adverts.judging.gallery",
    "adverts.judging.stress",
    "adverts.bundle.export.write",
    "adverts.bundle.handing_on.gate_evidence",
    "mlflow.pyfunc",
    "mlflow.store.tracking.sqlalchemy_store",
    "alembic",
    "transformers",
    "onnxruntime",
)


def load_everything() -> None:
    """Import what the commands import; begin nothing."""
    for name in _LOADED:
        importlib.import_module(name)


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        status: Exit status; None where it was killed.
        seconds: It ran.
        said: What it printed.
        places: Those at which it changed a file.
    """

    status: int | None
    seconds: float
    said: str
    places: tuple[str, ...]


def run(
    verb: str, argv: list[str], folder: Path, *, kill_after: float | None = None, kill_at: int = 0
) -> Ended:
    """Run a command in a folder; kill its process group after some seconds, or at its n-th place.

    A command that ends before is not killed.
    """
    output, reached = (folder.with_name(f"{folder.name}.{name}") for name in ("output", "places"))
    output.unlink(missing_ok=True)
    reached.unlink(missing_ok=True)
    began = time.monotonic()
    process = os.fork()
    if process == 0:
        _be(verb, argv, folder, output, reached, kill_at)
    status = _wait(process, None if kill_after is None else began + kill_after)
    seconds = time.monotonic() - began
    said = output.read_text(errors="replace") if output.exists() else ""  # killed before it spoke
    places = tuple(reached.read_text().splitlines()) if reached.exists() else ()
    return Ended(None if status == -signal.SIGKILL else status, seconds, said, places)


def elsewhere(look: Callable[[], list[str]]) -> list[str]:
    """Return what a function returns in a fork, since MLflow never closes a store."""
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            found = look()
        except BaseException:  # noqa: BLE001 - said as a difference
            found = [traceback.format_exc()]
        with os.fdopen(write, "w") as file:
            json.dump(found, file)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        found = json.load(file)
    os.waitpid(process, 0)
    return found


def _wait(process: int, until: float | None) -> int | None:
    while True:
        found, status = os.waitpid(process, 0 if until is None else os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if until is not None and time.monotonic() >= until:
            _kill(process)
            _, status = os.waitpid(process, 0)
            code = os.waitstatus_to_exitcode(status)
            return None if code == -signal.SIGKILL else code
        time.sleep(0.001)


def _kill(process: int) -> None:
    """Kill a group, or the process alone while it has not made its group yet."""
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(process, signal.SIGKILL)


def _be(  # noqa: PLR0917 - what it is, in the words of run
    verb: str, argv: list[str], folder: Path, output: Path, reached: Path, kill_at: int
) -> None:
    """Be the command; never return."""
    status = 70
    try:
        os.setsid()
        os.chdir(folder)
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for descriptor in (1, 2):
            os.dup2(file, descriptor)
        sys.argv = [f"adverts {verb}", *argv]
        log = os.open(reached, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        kill = killed_at(kill_at)

        def reach(place: str) -> None:
            os.write(log, f"{place}\n".encode())
            kill(place)

        each_place(folder, reach)
        importlib.import_module(module_of(verb)).main()
    except SystemExit as end:
        status = int(end.code or 0)
        if status == 0:
            reach(END)
    except BaseException:  # noqa: BLE001 - said in the output
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
