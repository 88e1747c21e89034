"""Servers that answer as no tracking server does, over a real connection."""

import contextlib
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adverts.config import TrackingConfig
from adverts.tracking import open_tracker, other_process
from adverts.tracking.__main__ import main

pytestmark = [pytest.mark.slow, pytest.mark.promise]


class AnswersNothing(BaseHTTPRequestHandler):
    """Says 200 and an empty object to everything, as a captive portal may."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_PATCH = do_PUT = do_GET

    def log_message(self, *_):
        pass


class Trickles(AnswersNothing):
    """Sends a byte every tenth of a second, for two minutes."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "1200")
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(1200):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.1)

    do_POST = do_PATCH = do_PUT = do_GET


@pytest.fixture
def served():
    servers = []

    def serve(handler):
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def record(uri, folder):
    values = {
        "kind": "mlflow",
        "uri": uri,
        "store": "s",
        "experiment": "e",
        "log_checkpoint": False,
    }
    config = TrackingConfig.model_validate(values)
    with open_tracker(config, spool=folder / "spool.jsonl", run_name="r", key="k1") as run:
        run.params({"seed": 0})
        run.metrics({"train/loss": 0.5}, 10)
        run.dataset("tiny", "a" * 64, context="training", facts={})
        run.status("finished")


def sent_later(folder):
    """Send the spool to a store of this machine; return what it holds."""
    from mlflow import MlflowClient

    uri = f"sqlite:///{folder}/store/mlflow.db"
    assert main(["sync", str(folder), "--uri", uri]) == 0
    assert not (folder / "spool.jsonl").exists()
    client = MlflowClient(uri)
    (run,) = client.search_runs([client.get_experiment_by_name("e").experiment_id])
    return run


def test_an_answer_of_nothing_is_no_answer_and_all_can_be_sent_later(served, tmp_path, capsys):
    record(served(AnswersNothing), tmp_path)
    assert "tracking: AnswerError: the server answers, but gives no experiment" in (
        capsys.readouterr().err
    )
    run = sent_later(tmp_path)
    assert (run.info.status, run.data.params) == ("FINISHED", {"seed": "0"})
    assert run.data.metrics == {"train/loss": 0.5}
    assert [one.dataset.name for one in run.inputs.dataset_inputs] == ["tiny"]


def test_a_server_of_one_byte_at_a_time_holds_up_nothing(served, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(other_process, "ANSWER_SECONDS", 1.0)
    record(served(Trickles), tmp_path)
    assert "TimeoutError: the server gave no complete answer within 1 s" in capsys.readouterr().err
    run = sent_later(tmp_path)
    assert (run.info.status, run.data.params) == ("FINISHED", {"seed": "0"})


def test_a_server_that_takes_a_connection_and_says_nothing_holds_up_nothing(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(other_process, "ANSWER_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        record(f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path)
    assert "no complete answer" in capsys.readouterr().err
    assert (tmp_path / "spool.jsonl").is_file()


def test_a_registry_of_one_byte_at_a_time_is_one_line(served, monkeypatch):
    from adverts.errors import InputError
    from adverts.tracking import open_registry

    monkeypatch.setattr("adverts.tracking.registry.ANSWER_SECONDS", 1.0)
    values = {"kind": "mlflow", "uri": served(Trickles), "store": "s", "experiment": "e"}
    registry = open_registry(TrackingConfig.model_validate({**values, "log_checkpoint": False}))
    with pytest.raises(InputError, match="m: the registry says: .*"):
        registry.named("m", "champion")
