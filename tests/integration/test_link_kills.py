"""A build of the bank killed at any moment: the bank is as before or as after, and opens."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from calling import adverts
from drawn_sample import POSTS, score_posts

from adverts.data.review.reviews import Review, append_reviews, item_name
from adverts_findings.campaigns.bank.read_bank import open_bank

KILLS = 20
pytestmark = [pytest.mark.slow, pytest.mark.promise]


@pytest.fixture(scope="module")
def world(bundle, tmp_path_factory):
    """The current folder, with scored posts that people judged."""
    folder = tmp_path_factory.mktemp("killed")
    with pytest.MonkeyPatch.context() as patch:
        score_posts(patch, bundle, folder)
        patch.chdir(folder)
        said = [
            Review(item_name(f"p{i}"), "refer", "yes", "Ana", "2026-11-02T00:00:00+00:00", True, 1,
                   "", "estimate", "")
            for i in range(0, POSTS, 2)
        ]  # fmt: skip
        append_reviews(Path("reviews/reviews.jsonl"), said)
        yield folder


LINK = ["link", "scores=scores", "bank=bank", "pages=5"]


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "adverts.command", *LINK],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def state() -> tuple[int, list[object]]:
    """Return the number of the build, and what is in it that every build has alike."""
    with open_bank(Path("bank")) as bank:
        bank.verify()
        adverts = bank.table("adverts", ("id", "campaign", "template")).to_pylist()
        return bank.build, adverts


def test_a_bank_killed_twenty_times_is_as_before_or_as_after(world):
    began = time.perf_counter()
    assert adverts(*LINK).returncode == 0
    took = time.perf_counter() - began
    number, content = state()
    rng = random.Random(3)
    for kill in range(KILLS):
        job = start()
        time.sleep(took * (kill + rng.random()) / KILLS)
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
        job.communicate()
        after, found = state()
        assert after in (number, number + 1)
        assert found == content
        number = after
    assert adverts(*LINK).returncode == 0
    assert state() == (number + 1, content)
    assert adverts("link", "bank=bank", "verify=true").returncode == 0
    left = {one.name for one in Path("bank").iterdir()}
    assert {one for one in left if ".partial" in one or one.endswith(".new")} == set()


def test_of_two_builders_at_once_each_builds_or_is_told_of_the_other(world):
    assert adverts(*LINK).returncode == 0
    number, content = state()
    jobs = [start(), start()]
    told = [job.communicate()[1].decode() for job in jobs]
    for job, error in zip(jobs, told, strict=True):
        assert job.returncode in (0, 2)
        assert "Traceback" not in error
        assert job.returncode == 0 or "bank" in error
    built = sum(job.returncode == 0 for job in jobs)
    assert built >= 1
    assert state() == (number + built, content)
