"""Processes that write the ledger, killed at any moment or many at once: its chain always holds."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import made_ledger
import pytest

from adverts_findings.sharing.ledger.open_ledger import ledger_turn, read_ledger
from adverts_findings.sharing.ledger.outstanding import outstanding

KILLS = 20
pytestmark = [pytest.mark.slow, pytest.mark.promise]
BUSY = """
import datetime, random, sys
from pathlib import Path
from made_ledger import answer, confirm, share, withdraw
from adverts_findings.sharing.ledger.erase_people import erase_people
path, seed = Path(sys.argv[1]), int(sys.argv[2])
draw = random.Random(seed)
while True:
    print("wrote", flush=True)
    names = share(path, "one", sorted({f"i{draw.randrange(9)}" for _ in range(3)}))
    print("wrote", flush=True)
    answer(path, "one", names[0])
    withdraw(path, "one", names[1:] or names)
    print("wrote", flush=True)
    confirm(path, "one", names)
    erase_people(path, datetime.date(2027, 1, 1))
"""
TEN = """
import sys
from pathlib import Path
from made_ledger import share
for number in range(10):
    share(Path(sys.argv[1]), sys.argv[2], [f"i{number}"])
"""


def start(program, *arguments):
    tests = str(Path(made_ledger.__file__).parent)
    paths = os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )


def test_a_writer_killed_twenty_times_leaves_a_whole_ledger_that_loses_nothing(tmp_path):
    path, draw, before = tmp_path / "shared.jsonl", random.Random(5), 0
    for kill in range(KILLS):
        process = start(BUSY, path, kill)
        assert process.stdout is not None
        for _ in range(draw.randrange(1, 6)):
            assert process.stdout.readline() == "wrote\n"
        time.sleep(draw.uniform(0, 0.05))
        process.kill()
        process.communicate()
        entries = read_ledger(path)
        outstanding(entries)
        assert len(entries) >= before
        made_ledger.share(path, "two", [f"i{kill}"])
        before = len(read_ledger(path))
        assert before == len(entries) + 1
    assert before > 2 * KILLS
    left = {one.name for one in tmp_path.iterdir()}
    assert left - {"shared_count.json.new", "shared.jsonl.new"} == {
        "shared.jsonl",
        "shared_count.json",
    }


def test_many_writers_at_once_make_one_chain(tmp_path):
    path = tmp_path / "shared.jsonl"
    running = [start(TEN, path, f"recipient-{one}") for one in range(3)]
    assert [one.wait() for one in running] == [0, 0, 0]
    assert [one.number for one in read_ledger(path)] == list(range(1, 31))


def test_a_writer_waits_for_one_that_holds_the_ledger(tmp_path):
    path = tmp_path / "shared.jsonl"
    with ledger_turn(path) as turn:
        other = start(TEN, path, "two")
        time.sleep(1)
        made_ledger.record(turn, "one", made_ledger.share_of(turn, "one", ["i1"]))
    assert other.wait() == 0
    assert [one.recipient for one in read_ledger(path)] == ["one", *["two"] * 10]
