"""Killed wherever it is, the same command ends it: a few of the kills of ``make kill-soak``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.promise

PLACED = ("train tfidf", "export tfidf", "link", "share birch", "retract", "withdraw")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "asked",
    [
        ["--kills", "8", "--seed", "17"],
        ["--kills", "0", "--placed", "2", *(f"--only={one}" for one in PLACED)],
    ],
    ids=["at random moments", "at chosen places"],
)
def test_the_same_command_ends_what_was_killed_and_leaves_what_an_unkilled_one_leaves(
    tmp_path, asked
):
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "kills", *asked],
        env=os.environ
        | {"PYTHONPATH": str(tests), "OMP_NUM_THREADS": "1", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=850,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
