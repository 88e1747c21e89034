"""``python -m adverts.tracking ui``: its pages end with it, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adverts.tracking.browse import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def shown(tmp_path):
    """The command, once its pages answer, and their port."""
    port = free_port(17_000 + os.getpid() % 10_000)
    command = [sys.executable, "-m", "adverts.tracking", "ui", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        yield process, port
        process.kill()


def answers(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def ended(pids):
    return not [pid for pid in pids if Path(f"/proc/{pid}").exists() and not is_zombie(pid)]


def is_zombie(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def descendants(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for child in children for one in (child, *descendants(child))]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_pages_end_with_the_command_that_shows_them(shown, number):
    process, port = shown
    started = descendants(process.pid)
    assert answers(port)
    assert len(started) >= 3  # the guard, mlflow ui and its server
    process.send_signal(number)
    status = process.wait(timeout=60)
    assert status == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    until_s = time.monotonic() + 30
    while (answers(port) or not ended(started)) and time.monotonic() < until_s:
        time.sleep(0.2)
    assert not answers(port)
    assert ended(started)
