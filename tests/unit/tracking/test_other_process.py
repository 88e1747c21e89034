"""A server that holds up its process holds up nobody else."""

import dataclasses
import gc
import sys
import time
from pathlib import Path

import pytest

from adverts.tracking import other_process
from adverts.tracking.events import (
    Begin,
    IncompleteError,
    MetricPoint,
    Metrics,
    RecordRefusedError,
    ServerError,
    Tags,
    to_line,
)
from adverts.tracking.other_process import OtherProcess, seconds_for
from adverts.tracking.spool import append_events, sync_file
from adverts.tracking.spooling_tracker import SpooledTracker

BEGIN = Begin("adverts", "run-1", None, 1000, key="k")
CHILD = """
import json, sys, time
uri = json.loads(sys.stdin.readline())
print("ready", flush=True)
for line in sys.stdin:
    event = json.loads(line)
    print("asked", event["kind"], event.get("run_id"), file=open({log!r}, "a"))
    told = event.get("values", {{}})
    if "die" in told:
        sys.exit()
    if "hang" in told:
        time.sleep(60)
    error = told.get("error") and [told["error"], "https://me:hunter2@x.example says no"]
    print(json.dumps({{"run_id": "id-7", "error": error}}), flush=True)
"""


@pytest.fixture
def sink(tmp_path, monkeypatch):
    script = tmp_path / "child.py"
    script.write_text(CHILD.format(log=str(tmp_path / "log")))
    monkeypatch.setattr(other_process, "_COMMAND", (sys.executable, str(script)))
    return OtherProcess("https://me:hunter2@tracking.example")


@pytest.fixture
def impatient_sink(sink, monkeypatch):
    """It has begun a run, and waits for nothing any more."""
    sink.send(BEGIN)
    monkeypatch.setattr(other_process, "ANSWER_SECONDS", 0.05)
    return sink


def asked(tmp_path):
    return (tmp_path / "log").read_text().splitlines()


def test_events_are_answered_one_by_one(sink, tmp_path):
    sink.send(BEGIN)
    sink.send(Tags({"a": "b"}))
    assert sink.run_id == "id-7"
    assert asked(tmp_path) == ["asked begin None", "asked tags None"]


@pytest.mark.parametrize("how", ["hang", "die"])
def test_a_process_without_an_answer_is_ended_and_the_next_takes_up_the_run(
    impatient_sink, tmp_path, monkeypatch, how
):
    sink = impatient_sink
    with pytest.raises((TimeoutError, ConnectionError)):
        sink.send(Tags({how: ""}))
    monkeypatch.setattr(other_process, "ANSWER_SECONDS", 60)
    sink.send(Tags({"a": "b"}))
    assert asked(tmp_path)[2:] == ["asked begin id-7", "asked tags None"]


@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        (RecordRefusedError.__name__, RecordRefusedError),
        (IncompleteError.__name__, IncompleteError),
        ("MlflowException", ServerError),
    ],
)
def test_what_it_meets_is_raised_here(sink, kind, raised):
    sink.send(BEGIN)
    with pytest.raises(raised, match="says no"):
        sink.send(Tags({"error": kind}))


def test_a_hanging_server_costs_a_run_its_limit_and_no_record(impatient_sink, tmp_path):
    lines, begun = [], dataclasses.replace(BEGIN, run_id="id-7")
    append_events(tmp_path / "spool.jsonl", begun, [])
    sink = impatient_sink
    with SpooledTracker(sink, tmp_path / "spool.jsonl", begun, report=lines.append) as run:
        run.tags({"hang": ""})
        run.metrics({"x": 0.5}, 1)
    assert "the records stay" in lines[0]
    assert "gave no complete answer" in lines[0]

    class Server:
        run_id, taken = None, []

        def send(self, event):
            self.taken.append(event)
            self.run_id = "id-7"

    server = Server()
    sync_file(tmp_path / "spool.jsonl", server, report=print)
    assert [event.kind for event in server.taken] == ["begin", "tags", "metrics"]
    assert server.taken[0].run_id == "id-7"


def test_files_may_take_as_long_as_a_slow_line_needs(tmp_path):
    from adverts.tracking.events import Artifact

    (tmp_path / "model").write_bytes(b"x" * 1_000_000)
    quick = seconds_for(Metrics((MetricPoint("x", 1.0, 1, 1),)))
    assert seconds_for(Artifact(str(tmp_path), "")) == 2 * quick + 4
    assert seconds_for(Artifact(str(tmp_path / "model"), "")) == 2 * quick + 4
    assert seconds_for(Artifact(str(tmp_path / "gone"), "")) == 2 * quick


def test_no_list_of_processes_shows_the_address(sink):
    sink.send(BEGIN)
    shown = Path(f"/proc/{sink._child.pid}/cmdline").read_text()
    assert "tracking.example" not in shown


def test_the_other_process_ends_with_the_one_that_started_it(sink):
    sink.send(BEGIN)
    child = sink._child
    child.stdin.close()
    child.wait(timeout=10)


def test_the_other_process_ends_with_its_sink(sink):
    other = OtherProcess("https://tracking.example")
    other.send(BEGIN)
    child = other._child
    del other
    gc.collect()
    assert child.poll() is not None


@pytest.mark.slow
def test_the_real_one_ends_in_the_middle_of_what_it_does(tmp_path):
    """Its parent dies while a server keeps it waiting."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        sink = OtherProcess(f"http://127.0.0.1:{silent.getsockname()[1]}")
        sink._start()
        sink._child.stdin.write(
            '{"experiment":"e","run_name":"r","run_id":null,"time_ms":1,"kind":"begin"}\n'
        )
        sink._child.stdin.flush()
        silent.accept()
        began = time.monotonic()
        sink._child.stdin.close()
        sink._child.wait(timeout=10)
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("error", [RecordRefusedError("says no"), IncompleteError("says no")])
def test_both_processes_call_an_error_by_the_same_name(error, monkeypatch):
    class Raising:
        run_id = None

        def send(self, event):
            raise error

    answer = other_process._answer(Raising(), "", to_line(Tags({"a": "b"})))
    sink = OtherProcess("http://nowhere.example")
    monkeypatch.setattr(sink, "_exchange", lambda line, seconds: answer)
    with pytest.raises(type(error), match="says no"):
        sink._ask(Tags({"a": "b"}))
