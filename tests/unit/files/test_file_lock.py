"""One process at a time, and nobody after a death."""

import os
import signal
import subprocess
import sys

import pytest

from adverts.errors import InputError
from adverts.files.file_lock import exclusive, in_turn

HOLD = """
import sys, time
from pathlib import Path
from adverts.files.file_lock import exclusive
with exclusive(Path(sys.argv[1]), busy=""):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_holder_is_refused_until_the_first_is_done(tmp_path):
    lock = tmp_path / "lock"
    with (
        exclusive(lock, busy=""),
        pytest.raises(InputError, match="wait for it"),
        exclusive(lock, busy="wait for it"),
    ):
        pass
    with exclusive(lock, busy="wait for it"):
        assert lock.stat().st_mode & 0o777 == 0o600


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path):
    lock = tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError), exclusive(lock, busy="busy"):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with exclusive(lock, busy="busy"):
        pass


def test_a_lock_that_its_last_holder_removed_is_taken_anew(tmp_path, monkeypatch):
    lock, opened = tmp_path / "lock", []
    real = os.open

    def open_and_lose(path, *rest, **more):
        descriptor = real(path, *rest, **more)
        if not opened:
            lock.unlink()
        opened.append(descriptor)
        return descriptor

    monkeypatch.setattr("adverts.files.file_lock.os.open", open_and_lose)
    with exclusive(lock, busy=""):
        assert len(opened) == 2
        assert lock.exists()


@pytest.mark.parametrize("error", ["ENOLCK", "EOPNOTSUPP"])
def test_a_folder_that_knows_no_locks_is_worked_in_without(tmp_path, monkeypatch, error):
    import errno

    def flock(descriptor, operation):
        raise OSError(getattr(errno, error), "no locks")

    monkeypatch.setattr("adverts.files.file_lock.fcntl.flock", flock)
    with exclusive(tmp_path / "lock", busy=""), in_turn(tmp_path / "lock"):
        pass


def test_a_wait_says_after_two_seconds_who_holds_the_lock_and_goes_on(tmp_path, capsys):
    lock = tmp_path / "lock"
    hold = HOLD.replace("time.sleep(60)", "time.sleep(3)")
    with subprocess.Popen([sys.executable, "-c", hold, lock], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        with in_turn(lock):
            pass
        said = capsys.readouterr().err.splitlines()
    holders = (f"process {holder.pid}", "another process")
    assert said in [[f"waiting for {lock}, which {one} holds"] for one in holders]


def test_a_short_wait_says_nothing(tmp_path, capsys):
    with in_turn(tmp_path / "lock"):
        pass
    assert capsys.readouterr().err == ""
