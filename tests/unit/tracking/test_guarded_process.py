"""A guarded command ends with the one who started it, and its own processes end with it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adverts.tracking import guarded_process
from adverts.tracking.guarded_process import guarded

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(100)"


def ends(pid):
    until_s = time.monotonic() + 20
    while time.monotonic() < until_s:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def status_of(command, folder):
    """Return the status of a guarded command whose input stays open."""
    with subprocess.Popen(guarded(command), stdin=subprocess.PIPE, cwd=folder) as guard:
        return guard.wait(timeout=60)


@pytest.mark.parametrize("status", [0, 3])
def test_the_status_is_that_of_the_command(status, tmp_path):
    code = f"import sys; sys.exit({status})"
    assert status_of([sys.executable, "-c", code], tmp_path) == status


@pytest.mark.parametrize(
    "code", ["import time; time.sleep(100)", pytest.param(STUBBORN, marks=pytest.mark.slow)]
)
def test_what_a_command_has_started_ends_with_the_input_of_the_guard(code, tmp_path):
    script = 'echo $$ > first; "$1" -c "$2" & echo $! > second; wait'
    command = guarded(["sh", "-c", script, "sh", sys.executable, code])
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=tmp_path) as guard:
        while not (tmp_path / "second").is_file() or not (tmp_path / "second").read_text():
            time.sleep(0.05)
        time.sleep(0.5)  # until it ignores what it is told to
        guard.stdin.close()
        guard.wait(timeout=30)
    assert ends(int((tmp_path / "first").read_text()))
    assert ends(int((tmp_path / "second").read_text()))


def test_what_a_command_leaves_behind_ends_with_it(tmp_path):
    assert status_of(["sh", "-c", "sleep 100 & echo $! > left"], tmp_path) == 0
    assert ends(int((tmp_path / "left").read_text()))


def test_what_is_left_behind_and_ends_at_no_word_is_killed(monkeypatch):
    monkeypatch.setattr(guarded_process, "_GRACE_SECONDS", 0.3)
    deaf = f"{STUBBORN.rpartition(';')[0]}; print('deaf', flush=True); time.sleep(100)"
    command = [sys.executable, "-c", deaf]
    with subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0) as child:
        assert child.stdout.readline() == b"deaf\n"
        guarded_process._end_group(child.pid)
        assert child.wait(timeout=20) == -signal.SIGKILL
