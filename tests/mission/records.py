"""What the verbs left of the mission, read from their records: counts of each stage."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from adverts.data.review.reviews import Review, read_reviews
from mission.truth import Known, read_truth

PLATFORM = "demo-platform"
GONE = ("removed", "restricted", "account action")
"""Answers that say that the platform acted."""


@dataclass(frozen=True, slots=True)
class Mission:
    """All records of a mission.

    Attributes:
        folder: Its folder.
        posts: The collected posts by id, as they were collected.
        truth: What each post is.
        scores: Score of each post by id; None where it has none.
        reviews: What people said.
        estimate: The record of the estimate.
        campaigns: Campaigns of the bank, a row each.
        entries: Lines of the ledger.
        items: Maps the reference of each advert that was shared to its id and campaign.
        refused: Number of things that did not leave, by reason.
        seconds: Seconds of the clock and of processors, by step.
    """

    folder: Path
    posts: Mapping[str, Mapping[str, str]]
    truth: Mapping[str, Known]
    scores: Mapping[str, float | None]
    reviews: Sequence[Review]
    estimate: Mapping[str, Any]
    campaigns: Sequence[Mapping[str, Any]]
    entries: Sequence[Mapping[str, Any]]
    items: Mapping[str, tuple[str, str]]
    refused: Mapping[str, int]
    seconds: Mapping[str, tuple[float, float]]

    @property
    def adverts(self) -> int:
        """Number of posts that are truly of group V."""
        return sum(one.group == "V" for one in self.truth.values())

    def references(self, recipient: str) -> list[str]:
        """Return the references of all that a recipient was sent."""
        found: dict[str, None] = {}
        for entry in self._of(recipient, "shared"):
            found |= dict.fromkeys(one["reference"] for one in entry["shared"]["items"])
        return list(found)

    def kinds(self, recipient: str) -> Mapping[str, int]:
        """Return how many adverts left to a recipient of each kind."""
        counted: Counter[str] = Counter()
        for entry in self._of(recipient, "shared"):
            for one in entry["shared"]["items"]:
                counted.update(one["kinds"])
        return counted

    def withdrawn(self) -> Mapping[str, str]:
        """Return why each reference was withdrawn."""
        found: dict[str, str] = {}
        for entry in self.entries:
            found |= (entry["withdrawn"] or {"causes": {}})["causes"]
        return found

    def answers(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the last answer to each reference."""
        return {
            entry["answered"]["reference"]: entry["answered"]
            for entry in self.entries
            if entry["answered"]
        }

    def recipients(self) -> list[str]:
        """Return who was sent something."""
        return list(dict.fromkeys(one["recipient"] for one in self.entries if one["shared"]))

    def _of(self, recipient: str, act: str) -> list[Mapping[str, Any]]:
        return [one for one in self.entries if one["recipient"] == recipient and one[act]]


def read_mission(folder: Path) -> Mission:
    """Return the records of a mission that has run."""
    posts = {row["id"]: row for row in _rows(folder / "collected" / "posts.csv")}
    scored = pq.read_table(folder / "scores" / "scores", columns=["id", "score"]).to_pylist()
    return Mission(
        folder=folder,
        posts=posts,
        truth=read_truth(folder / "collected" / "truth.csv"),
        scores={one["id"]: one["score"] for one in scored},
        reviews=read_reviews(folder / "reviews.jsonl"),
        estimate=json.loads((folder / "estimate" / "estimate.json").read_bytes()),
        campaigns=_lines(folder / "bank" / "pages" / "campaigns.jsonl"),
        entries=_lines(folder / "shared.jsonl"),
        items={
            row["reference"]: (row["advert"], row["campaign"])
            for path in sorted(folder.glob("out/*/keep/items.csv"))
            for row in _rows(path)
        },
        refused=Counter(
            row["reason"]
            for path in sorted(folder.glob("out/*/keep/refused.csv"))
            for row in _rows(path)
        ),
        seconds=_seconds(folder / "times.tsv"),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return [json.loads(line) for line in text.splitlines()]


def _seconds(path: Path) -> Mapping[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        step, times = line.split("\t")
        clock, processors = map(float, times.split())
        before = found.get(step, (0.0, 0.0))
        found[step] = (before[0] + clock, before[1] + processors)
    return found
