"""``mlflow models serve`` on loopback under mixed valid, invalid and hostile requests.

A second process asks from several threads and compares every reply with what the same bundle says
offline. Nothing but 127.0.0.1 is spoken to, and nothing outlives the benchmark.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import mlflow
from bundle_material import Made, made_bundle, quantile, resident_mb, slope, texts

HOST, SEED, TEXTS = "127.0.0.1", 0, 300
_STARTS_WITHIN_S = 240
_EVERY_S = 1.0


@dataclass(frozen=True)
class Load:
    """What the client saw, and the server's memory over time."""

    seconds: float
    verdicts: Counter[tuple[str, str]]
    valid_s: list[float]
    rows: int
    reopened: dict[str, int]
    at_s: list[float]
    resident_mb: list[float]

    def count(self, start: str) -> int:
        """Return how many verdicts begin so."""
        return sum(n for (_, verdict), n in self.verdicts.items() if verdict.startswith(start))


def main() -> int:
    """Print the tables; returns 1 where a request was lost, crossed or answered wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", default="text", choices=["text", "tfidf"])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--threads", type=int, default=4, help="of the client")
    options = parser.parse_args()
    load = run(made_bundle(options.kind), options.seconds, options.threads)
    show(load)
    return 1 if any(load.count(bad) for bad in ("lost", "crossed", "wrong")) else 0


def run(made: Made, seconds: float, threads: int) -> Load:
    """Serve the model of a bundle, ask for so many seconds, and stop serving."""
    with tempfile.TemporaryDirectory() as name, served(made, Path(name)) as (port, server):
        return _asked(made.bundle, port, server, seconds=seconds, threads=threads)


@contextmanager
def served(made: Made, folder: Path) -> Iterator[tuple[int, int]]:
    """Serve the newest model of the store; yields the port and the server's process group.

    Raises:
        RuntimeError: It does not answer in time; what it said is in the message.
    """
    port = _free_port()
    log = folder / "server.log"
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local"]
    command += ["-m", _model_uri(made), "-h", HOST, "-p", str(port)]
    environment = os.environ | {"MLFLOW_TRACKING_URI": made.uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
    environment["MALLOC_ARENA_MAX"] = "2"  # as runtime/README.md advises
    bin_folder = str(Path(sys.executable).parent)  # MLflow looks for uvicorn on the path
    environment["PATH"] = bin_folder + os.pathsep + environment.get("PATH", "")
    with log.open("wb") as file:
        server = subprocess.Popen(
            command, env=environment, stdout=file, stderr=file, start_new_session=True
        )
        try:
            _wait(port, server, log)
            yield port, server.pid
        finally:
            _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the group that we started, and nothing else."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if server.poll() is None or _members(server.pid):
            try:
                os.killpg(server.pid, how)
                server.wait(timeout=10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def _model_uri(made: Made) -> str:
    mlflow.set_tracking_uri(made.uri)
    experiments = [one.experiment_id for one in mlflow.search_experiments()]
    models = mlflow.search_logged_models(experiment_ids=experiments, output_format="list")
    newest = max(models, key=lambda model: model.creation_timestamp)
    return str(newest.model_uri)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < until and server.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=2)
        try:
            connection.request("GET", "/ping")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise RuntimeError(f"the server does not answer: {log.read_text(errors='replace')[-2000:]}")


def _members(group: int) -> list[int]:
    """Return the processes of a group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def _asked(bundle: Path, port: int, server: int, *, seconds: float, threads: int) -> Load:
    told = {
        "bundle": str(bundle.resolve()),
        "port": port,
        "seconds": seconds,
        "threads": threads,
        "texts": texts(TEXTS, SEED),
        "seed": SEED,
    }
    command = [sys.executable, str(Path(__file__).with_name("serving_client.py"))]
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as given:
        given.write(json.dumps(told).encode())
        given.seek(0)
        client = subprocess.Popen(command, stdin=given, stdout=said)
        at_s, memory = _watch(client, server)
        if client.returncode:
            raise RuntimeError(f"the client ended with status {client.returncode}")
        return _load(said, at_s, memory)


def _watch(client: subprocess.Popen[bytes], server: int) -> tuple[list[float], list[float]]:
    began, at_s, memory = time.monotonic(), [], []
    while client.poll() is None:
        at_s.append(time.monotonic() - began)
        memory.append(resident_mb(_members(server)))
        time.sleep(_EVERY_S)
    return at_s, memory


def _load(said: IO[bytes], at_s: list[float], memory: list[float]) -> Load:
    said.seek(0)
    told = json.loads(said.read())
    verdicts = Counter({(kind, verdict): n for kind, verdict, n in told["verdicts"]})
    reopened = {kind: count for kind, count in told["reopened"].items() if count}
    return Load(told["seconds"], verdicts, told["valid_s"], told["rows"], reopened, at_s, memory)


def show(load: Load) -> None:
    """Print what was asked, what came back, and memory."""
    total, ordered = sum(load.verdicts.values()), sorted(load.valid_s)
    print(f"\n{'request':28}{'sent':>8}  replies")
    for kind in sorted({kind for kind, _ in load.verdicts}):
        own = {verdict: n for (name, verdict), n in load.verdicts.items() if name == kind}
        told = ", ".join(f"{n} {verdict}" for verdict, n in sorted(own.items()))
        print(f"{kind:28}{sum(own.values()):8,}  {told}")
    print(
        f"{total:,} requests in {load.seconds:.0f} s: {load.count('lost')} lost, "
        f"{load.count('crossed')} crossed, {load.count('wrong')} wrong"
    )
    after = ", ".join(f"{count} after {kind}" for kind, count in sorted(load.reopened.items()))
    print(f"connections that the server closed and the client opened anew: {after or 'none'}")
    if ordered:
        print(
            f"valid requests: p50 {1e3 * quantile(ordered, 0.5):.0f} ms, p99 "
            f"{1e3 * quantile(ordered, 0.99):.0f} ms; {total / load.seconds:.1f} requests/s, "
            f"{load.rows / load.seconds:.1f} adverts/s"
        )
    _show_memory(load)


def _show_memory(load: Load) -> None:
    warm = [i for i, at in enumerate(load.at_s) if at >= load.at_s[-1] / 3]
    at_s, memory = [load.at_s[i] for i in warm], [load.resident_mb[i] for i in warm]
    print(
        f"server's resident MB: {load.resident_mb[0]:.0f} at the start, {memory[0]:.0f} after a "
        f"third of the time, {memory[-1]:.0f} at the end, {60 * slope(at_s, memory):+.2f} a minute"
    )


if __name__ == "__main__":
    sys.exit(main())
