"""A whole share, and a whole retraction, killed at any moment: ledger and files agree after."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import made_shares
import pytest

from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.ledger.verify_sent import verify_sent

KILLS = 20
pytestmark = [pytest.mark.slow, pytest.mark.promise]
ONE = """
import sys
from pathlib import Path
from made_items import item
from made_shares import config, offered, share, take_back
from adverts_findings.sharing.ledger.open_ledger import read_ledger
folder, number = Path(sys.argv[1]), sys.argv[2]
items = [item(f"a{number}-{one}") for one in range(30)]
ready = lambda: print("ready", flush=True)
if sys.argv[3] == "share":
    asked = config(folder, kinds=["notice", "hashes"], share_dir=folder / f"out{number}")
    ready()
    share(asked, offered(*items))
else:
    reference = read_ledger(folder / "shared.jsonl")[-1].shared.items[0].reference
    ready()
    take_back(folder, reference, f"back{number}")
"""


def run(folder, number, act, after=None):
    """Run an act, killed so many seconds after it began; return its status."""
    here = str(Path(made_shares.__file__).parent)
    paths = os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, "-c", ONE, str(folder), str(number), act],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": paths},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    if after is not None:
        time.sleep(after)
        process.kill()
    process.communicate()
    return process.returncode


def test_a_share_and_a_retraction_killed_at_any_moment_end_with_files_that_fit(tmp_path):
    draw, ledger, killed = random.Random(25), tmp_path / "shared.jsonl", 0
    for number in range(KILLS // 2):
        killed += run(tmp_path, number, "share", draw.uniform(0, 0.6)) != 0
        assert run(tmp_path, number, "share") == 0
        assert verify_sent(tmp_path / f"out{number}", ledger) == ()
        before = len(read_ledger(ledger))
        status = run(tmp_path, number, "retract", draw.uniform(0, 0.6))
        killed += status != 0
        if len(read_ledger(ledger)) == before:
            assert run(tmp_path, number, "retract") == 0
        folder = tmp_path / f"back{number}/aster"
        assert verify_sent(folder, ledger) == ()
        told = json.loads((folder / "send/withdrawn.json").read_bytes())
        assert len(told["withdrawn"]) == 1
    out = outstanding(read_ledger(ledger))
    assert len(out) == len({one.item.item for one in out.values()}) == 30 * (KILLS // 2)
    assert sum(one.withdrawal is not None for one in out.values()) == KILLS // 2
    assert killed > KILLS // 4
