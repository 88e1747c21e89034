"""The fuzzer sees what it is there for; and what it tries for five minutes does no harm."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adverts.errors import InputError
from fuzz.__main__ import TARGETS, try_case
from fuzz.measured import Case, measure

pytestmark = pytest.mark.promise


def wrong_of(run, *, seconds=1.0):
    case = Case("planted", "planted", 0, seconds, run, num_bytes=100_000_000)
    return measure(case).findings(case)


def refuse(message):
    raise InputError(message)


def fail(message):
    raise RuntimeError(message)


def spin():
    number = 0
    while True:
        number += 1


def test_an_ordinary_case_is_no_finding():
    assert wrong_of(lambda: []) == []


def test_an_error_of_ours_is_no_finding():
    assert wrong_of(lambda: refuse("found 3, wanted 4")) == []


def test_a_case_that_does_not_end_is_slow():
    assert wrong_of(spin, seconds=0.2) == ["slow"]


def test_memory_is_counted_over_the_base():
    held = []
    assert wrong_of(lambda: held.append(b"x" * 120_000_000) or [], seconds=60) == ["memory"]


def test_memory_without_an_end_is_stopped():
    def grow():
        held = []
        while True:
            held.append(b"x" * 5_000_000)

    assert wrong_of(grow, seconds=60) == ["memory"]


def test_an_error_that_is_not_ours_is_a_fault():
    assert wrong_of(lambda: [1 / 0]) == ["fault"]


def test_a_death_is_a_finding():
    assert wrong_of(lambda: os.kill(os.getpid(), signal.SIGABRT)) == ["died"]


def test_a_message_without_an_end_is_a_finding():
    assert wrong_of(lambda: print("x" * 100_000) or []) == ["long message"]


def test_what_moves_a_cursor_is_a_finding_in_a_message_and_in_print():
    seen = ["control characters in a message"]
    assert wrong_of(lambda: fail("\x1b[31mred")) == ["fault", *seen]
    assert wrong_of(lambda: print("\x1b[31mred") or []) == seen


def test_what_a_case_saw_is_a_finding():
    assert wrong_of(lambda: ["it asked the network"]) == ["it asked the network"]


@pytest.mark.parametrize("kind", ["pictures/repeated", "lines/mutated", "bundles/graph"])
def test_a_name_draws_the_same_case_again(kind):
    cases = [try_case(f"{kind}:7").case for _ in range(2)]
    assert cases[0].family == cases[1].family
    assert cases[0].size == cases[1].size


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("target", list(TARGETS))
def test_fifty_seconds_of_each_target_find_nothing(target):
    command = [sys.executable, "-m", "fuzz", "--seconds", "50", "--targets", target]
    paths = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": paths}
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
