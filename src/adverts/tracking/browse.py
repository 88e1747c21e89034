"""Show the local store in a browser: start MLflow's pages and print the link to the runs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from adverts.errors import InputError, say
from adverts.tracking.guarded_process import guarded

FIRST_PORT = 5000
_PORTS = 50
_START_SECONDS = 180.0
_POLL_SECONDS = 0.5
_FOR_TRAINING = "workflowType=machine_learning"


def browse(store: Path, experiment: str, *, port: int = FIRST_PORT) -> int:
    """Serve the pages of a local store until they are interrupted, and return their status.

    They end with this process, however it ends.

    Args:
        store: Folder of the local store; a missing one is created.
        experiment: Name of the experiment whose runs the link shows; without it, the list of
            experiments.
        port: First port to try; the next free one is taken.

    Raises:
        InputError: No port is free, or the pages do not answer.
    """
    from adverts.tracking.build_tracker import require_mlflow, tracking_uri

    require_mlflow()
    from adverts.tracking.mlflow_client import open_client, show_headlines

    uri = tracking_uri(None, store, environment={})
    client = open_client(uri)
    found = client.get_experiment_by_name(experiment)
    if found is not None:
        show_headlines(client, str(found.experiment_id))
    port = free_port(port)
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri]
    pages = subprocess.Popen(
        guarded([*command, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]),
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(address, pages)
        say(f"MLflow  {link(address, None if found is None else str(found.experiment_id))}")
        say("stop it with Ctrl-C")
        return pages.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        assert pages.stdin is not None, "it was asked for"
        pages.stdin.close()
        pages.wait()


def link(address: str, experiment_id: str | None) -> str:
    """Return the link to the runs of an experiment, or to the list of experiments.

    MLflow opens every page in its view for language models, whatever the experiment is, unless the
    link or an earlier choice in the browser says otherwise. The runs are shown with their headline
    figures.
    """
    from adverts.tracking.mlflow_client import VIEW

    if experiment_id is None:
        return f"{address}/#/experiments?{_FOR_TRAINING}"
    return f"{address}/#/experiments/{experiment_id}/runs?{_FOR_TRAINING}&viewStateShareKey={VIEW}"


def free_port(first: int) -> int:
    """Return the first free port of this machine from ``first`` on.

    Raises:
        InputError: Fifty ports in a row are taken.
    """
    for port in range(first, min(first + _PORTS, 65536)):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise InputError(f"no port from {first} on is free; give another one with --port")


def _wait(address: str, pages: subprocess.Popen[bytes]) -> None:
    until_s = time.monotonic() + _START_SECONDS
    while time.monotonic() < until_s:
        if pages.poll() is not None:
            raise InputError(f"MLflow ended with status {pages.returncode}; see its lines above")
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(_POLL_SECONDS)
    raise InputError(f"MLflow does not answer at {address} after {_START_SECONDS:.0f} s")
