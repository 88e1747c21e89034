"""The link to the runs, and the port that is free."""

import os
import signal
import socket
import subprocess
from types import SimpleNamespace

import pytest

from adverts.errors import InputError
from adverts.tracking.__main__ import main
from adverts.tracking.browse import free_port, link


def test_the_link_opens_the_runs_in_the_view_for_training():
    runs = "http://127.0.0.1:5000/#/experiments/1/runs?workflowType=machine_learning"
    assert link("http://127.0.0.1:5000", "1") == runs


def test_without_an_experiment_the_link_opens_the_list_of_experiments():
    listed = "http://127.0.0.1:5000/#/experiments?workflowType=machine_learning"
    assert link("http://127.0.0.1:5000", None) == listed


def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        assert number < free_port(number) < number + 50


def test_no_free_port_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr("adverts.tracking.browse._PORTS", 0)
    with pytest.raises(InputError, match="no port from 5000 on is free"):
        free_port(5000)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_leaves_no_server_behind(monkeypatch, tmp_path, number):
    started = []

    def start(command, **settings):
        started.append(subprocess.Popen(["sleep", "600"], **settings))
        return started[-1]

    stand_in = SimpleNamespace(Popen=start, DEVNULL=subprocess.DEVNULL)
    monkeypatch.setattr("adverts.tracking.browse.subprocess", stand_in)
    monkeypatch.setattr("adverts.tracking.browse._wait", lambda *_: signal.raise_signal(number))
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main(["ui", "--store", os.fspath(tmp_path / "store")]) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    [server] = started
    assert server.poll() is not None
