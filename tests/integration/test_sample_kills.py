"""Samples, reviews and estimates killed at any moment: whole or not there, and nothing is lost."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from calling import adverts
from drawn_sample import drawn, score_posts

from adverts.data.review.reviews import read_reviews
from adverts_findings.survey.reports.record import read_estimate
from adverts_findings.survey.sample import read_sample

KILLS = 6
pytestmark = [pytest.mark.slow, pytest.mark.promise]


@pytest.fixture(scope="module")
def world(bundle, tmp_path_factory):
    """The current folder, with scored posts."""
    folder = tmp_path_factory.mktemp("killed")
    with pytest.MonkeyPatch.context() as patch:
        score_posts(patch, bundle, folder)
        patch.chdir(folder)
        yield folder


def seconds(arguments: list[str]) -> float:
    """Run a command to its end, and return how long it took."""
    began = time.perf_counter()
    done = adverts(*arguments)
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - began


def kill_at(moment: float, arguments: list[str]) -> None:
    """Start a command, and kill it and its processes at a moment."""
    command = [sys.executable, "-m", "adverts.command", *arguments]
    job = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(moment)
    if job.poll() is None:
        os.killpg(job.pid, signal.SIGKILL)
    job.wait()


def fill(sheet: str, path: str, reviewer: str) -> None:
    """Call every advert of a sheet negative."""
    rows = list(csv.DictReader(Path(sheet).read_text(encoding="utf-8-sig").splitlines()))
    for row in rows:
        row |= {"label.refer": "no", "reviewer": reviewer, "saw_others": "no"}
    with Path(path).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_whatever_is_killed_is_whole_or_not_there(world):
    draw_moment = random.Random(1).uniform
    asked = ["sample", *drawn()]
    whole = seconds([*asked[:-2], "sample_dir=other", "budget=60"])
    for _ in range(KILLS):
        kill_at(draw_moment(0.3, 1.1) * whole, asked)
        if Path("w44/sample.json").exists():
            break
        assert not Path("w44").exists()
    if not Path("w44/sample.json").exists():
        seconds(asked)
    items = len(read_sample(Path("w44")).draws)
    fill("w44/round-1/sheet.csv", "a.csv", "ana")
    next_round = ["sample", "sample_dir=w44", "labels=a.csv"]
    for _ in range(KILLS):
        kill_at(draw_moment(0.3, 1.1) * whole, next_round)
        assert len(read_reviews(Path("reviews/reviews.jsonl"))) in (0, items)
        assert {one.name for one in Path("w44/round-2").glob("*")} in (set(), FILES)
    seconds(next_round)
    fill("w44/round-2/sheet.csv", "b.csv", "ben")
    estimate = ["estimate", "sample=w44", "labels=b.csv", "estimate_dir=e44", "tracking=none"]
    both = items + len(Path("b.csv").read_text().splitlines()) - 1
    for _ in range(KILLS):
        kill_at(draw_moment(0.3, 1.1) * whole, estimate)
        assert len(read_reviews(Path("reviews/reviews.jsonl"))) in (items, both)
        if Path("e44").exists():
            read_estimate(Path("e44"))
    seconds(estimate)
    assert read_estimate(Path("e44")).samples[0].labels.adverts == items


FILES = {"asked.json", "sheet.csv", "review.html", "label_studio.json", "label_studio.xml"}
