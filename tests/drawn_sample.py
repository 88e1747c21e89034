"""A folder of scores with evidence, from which samples are drawn."""

from __future__ import annotations

import csv
import datetime
import random
from pathlib import Path

import pytest
from calling import call

KEY = "a key of sixteen bytes or more"
POSTS = 400
COLLECTED = "made-up posts, collected between 26 October and 1 November 2026"


def write_posts(path: Path, posts: int = POSTS) -> None:
    """Write posts of made-up words, one in ten about what the tiny model looks for."""
    rng = random.Random(5)
    day = datetime.datetime(2026, 10, 26, tzinfo=datetime.UTC)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "platform", "posted_at", "collected_at", "views", "account"])
        for number in range(posts):
            words = [f"w{rng.randrange(5 if number % 10 == 0 else 60)}" for _ in range(8)]
            text = " ".join([*words, f"n{number // 3}", f"call +44 7700 900{number % 1000:03d}"])
            posted = day + datetime.timedelta(hours=number % 160)
            views = int(100 * rng.paretovariate(1.2))
            cells = ["xyz"[number % 3], posted.isoformat(), "2026-11-01", views, f"a{number % 40}"]
            writer.writerow([f"p{number}", text, *cells])


def score_posts(patch: pytest.MonkeyPatch, bundle: Path, folder: Path, posts: int = POSTS) -> None:
    """Score posts with evidence and clusters into ``folder/scores``."""
    write_posts(folder / "posts.csv", posts)
    patch.chdir(folder)
    patch.setenv("ADVERTS_TOKEN_KEY", KEY)
    columns = ("platform", "posted_at", "collected_at", "views", "account")
    named = [f"data.columns.{one}={one}" for one in columns]
    asked = ["data=csv", f"data.root={folder}", "data.source.paths=[posts.csv]", *named]
    asked += [f"bundle={bundle}", "scores=scores", "evidence=restricted", "executor.processes=1"]
    assert call(patch, "score", *asked, "adverts_per_unit=100") == 0
    assert call(patch, "score", "scores=scores", "clusters=true") == 0


def drawn(*more: str) -> list[str]:
    """Return the arguments that draw a sample."""
    return ["scores=scores", f"collected='{COLLECTED}'", "sample_dir=w44", "budget=60", *more]
