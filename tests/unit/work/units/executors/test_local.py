"""Processes of this machine: each unit once, whatever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from unit_jobs import Interrupted, NeverOpens, Writing

from adverts.errors import InputError
from adverts.work.units.executors.job import share_of
from adverts.work.units.executors.local import LocalExecutor

pytestmark = pytest.mark.timeout(120)


def test_every_unit_is_done_once_and_the_job_opened_once_a_process(tmp_path: Path) -> None:
    done = list(LocalExecutor(2).run(Writing(str(tmp_path)), range(20)))
    assert sorted(one.unit for one in done) == list(range(20))
    assert all((tmp_path / f"unit-{unit}").read_text() == "done\n" for unit in range(20))
    assert 1 <= len(list(tmp_path.glob("opened-*"))) <= 2


def test_nothing_to_do_starts_no_process(tmp_path: Path) -> None:
    assert list(LocalExecutor(2).run(Writing(str(tmp_path)), ())) == []
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_is_killed_is_replaced_and_its_unit_done(tmp_path: Path) -> None:
    done = list(LocalExecutor(2).run(Writing(str(tmp_path), kills=3), range(12)))
    assert sorted(one.unit for one in done) == list(range(12))


def test_a_process_that_starts_leaves_an_interruption_to_its_parent(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    done = list(LocalExecutor(2).run(Interrupted(str(tmp_path)), range(4)))
    assert sorted(one.unit for one in done) == list(range(4))
    assert capfd.readouterr().err == ""
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def test_a_unit_that_kills_each_process_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    running = LocalExecutor(2).run(Writing(str(tmp_path), kills_always=0), range(6))
    with pytest.raises(InputError, match="unit 0 ends its process each time"):
        list(running)
    assert not (tmp_path / "unit-0").exists()


def test_an_error_of_a_unit_reaches_the_caller_and_ends_the_processes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unit 2 is damaged"):
        list(LocalExecutor(2).run(Writing(str(tmp_path), fails=2), range(100)))
    assert len(list(tmp_path.glob("unit-*"))) < 100


def test_an_error_of_opening_is_not_taken_for_a_process_that_died() -> None:
    with pytest.raises(InputError, match="the bundle is gone"):
        list(LocalExecutor(2).run(NeverOpens(), range(4)))


def test_who_stops_listening_leaves_no_process_behind(tmp_path: Path) -> None:
    running = LocalExecutor(2).run(Writing(str(tmp_path), seconds=0.05), range(100))
    next(running)
    running.close()  # type: ignore[attr-defined]
    count = len(list(tmp_path.glob("unit-*")))
    time.sleep(0.3)
    assert len(list(tmp_path.glob("unit-*"))) <= count + 1


def test_processes_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "from adverts.work.units.executors.local import LocalExecutor\n"
        "from unit_jobs import Writing\n"
        "if __name__ == '__main__':\n"
        f"    list(LocalExecutor(2).run(Writing({str(tmp_path)!r}, seconds=0.05), range(10_000)))\n"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    path = os.pathsep.join(sys.path)
    parent = subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": path})
    while not list(tmp_path.glob("unit-*")):
        time.sleep(0.05)
        assert parent.poll() is None
    workers = [int(one.name.removeprefix("opened-")) for one in tmp_path.glob("opened-*")]
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    end = time.monotonic() + 20
    while any(map(_is_alive, workers)):
        assert time.monotonic() < end, "a process outlived its parent"
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 500])
def test_parts_share_all_units_and_no_unit_twice(parts: int) -> None:
    units = range(100)
    shared = [unit for part in range(1, parts + 1) for unit in share_of(units, part, parts)]
    assert sorted(shared) == list(units)


def test_a_part_takes_the_same_units_whatever_is_left() -> None:
    assert share_of((0, 3, 4, 8), 1, 4) == (0, 4, 8)
