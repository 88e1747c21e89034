"""What people do after scoring: link, share with two recipients, take back, in the same world."""

from __future__ import annotations

import csv
import datetime
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("platform", "posted_at", "collected_at", "account", "url", "platform_item_id")
POSTS, REVIEWED = 40, 20
TOKEN_KEY = "a key of sixteen bytes or more"
EXPIRES = datetime.date.today() + datetime.timedelta(days=60)
_RECIPIENT = """
NAME:
  name: Demo partner
  kinds: [notice, hashes, stix, misp]
  purposes: [removal]
  sensitivity_ceiling: operational_restricted
  licences: [own]
  legal_basis: made-up basis
  platforms: [aster]
  regime: voluntary
  laws: []
  contact: trust@NAME.example
  approvers: [Ada Demo]
  language: en
  longest_days: 100
  tlp: amber
  to_ids: false
  block: false
"""
_RECIPIENTS = ("aster", "birch")
_OF_SHARE = (
    "open out/.*/send/",
    "open out/.*/send/notices.csv",
    "open out/.*/share.json",
    "open shared.jsonl",
    "os.rename shared_count.json.new",
    "os.remove out/.*/.lock",
    "os.rename out/.*partial",
    "access",
)


@dataclass(frozen=True)
class Case:
    """One command, and the world that it starts from.

    Attributes:
        name: Verb and model.
        verb: Of adverts.
        argv: Its arguments, with paths that are relative to the world.
        before: Cases whose outputs it reads.
        ready: What is done to the world before it, by hand.
        marks: Where it is killed besides other places: at the first place after one of such a name.
    """

    name: str
    verb: str
    argv: tuple[str, ...]
    before: tuple[str, ...]
    ready: Callable[[Path], None] | None = None
    marks: tuple[str, ...] = ()


def desk_cases(before: tuple[str, ...]) -> list[Case]:
    """Return the cases of the desk; they begin with a bundle of tf-idf."""
    named = [f"data.columns.{one}={one}" for one in COLUMNS]
    posts = ["data=csv", "data.root=.", "data.source.paths=[posts.csv]", *named]
    more = ["data.licence=own", "evidence=restricted", "executor.processes=1"]
    score = ["bundle=runs/tfidf-bundle", *posts, "scores=posts", *more]
    linking = ["bank=bank", "scores=posts", "reviews=reviews.jsonl", "pages=2"]
    known = ["-cd", "conf", "recipients=[aster,birch]", "reviews=reviews.jsonl", "tracking=none"]
    known.append("ledger=shared.jsonl")
    order = ["approved_by=Ada Demo", "purpose=removal", f"expires={EXPIRES}", "kinds=[notice]"]
    order += ["campaigns=[c000001]", "bank=bank", "scores=[posts]"]
    scored, linked = (*before, "score posts"), (*before, "score posts", "link")
    found = [
        Case("score posts", "score", tuple(score), before),
        Case("link", "link", tuple(linking), scored, marks=("os.rename .*bank", "log")),
    ]
    for recipient in _RECIPIENTS:
        asked = [*known, *order, f"recipient={recipient}", f"share_dir=out/{recipient}"]
        name = f"share {recipient}"
        found.append(Case(name, "share", tuple(asked), linked, marks=_OF_SHARE))
        linked = (*linked, name)
    back = [*known, "approved_by=Ada Demo", "share_dir=out/back"]
    retract = (*back, "retract=@shared.jsonl", "reason=a charity")
    withdraw = (*back, "withdraw=true", "bank=bank")
    return [
        *found,
        Case("retract", "share", retract, linked, marks=_OF_SHARE),
        Case("withdraw", "share", withdraw, linked, _review_anew, _OF_SHARE),
    ]


def write_desk(folder: Path) -> None:
    """Write posts, what people said of half of them, and two recipients."""
    draw = random.Random(3)
    day = datetime.datetime(2026, 10, 26, tzinfo=datetime.UTC)
    with (folder / "posts.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", *COLUMNS])
        for number in range(POSTS):
            who = number // 5
            words = " ".join(f"word{draw.randrange(40)}" for _ in range(9))
            at = (day + datetime.timedelta(hours=number * 3)).isoformat()
            url = f"https://aster.example/posts/{number}"
            cells = ["aster", at, "2026-11-01", f"demo_fictional_{who:02d}", url, f"native{number}"]
            writer.writerow([f"p{number}", f"{words} call +44 7700 900{who:03d}", *cells])
    conf = folder / "conf/recipients"
    conf.mkdir(parents=True)
    for name in _RECIPIENTS:
        (conf / f"{name}.yaml").write_text(_RECIPIENT.replace("NAME", name))
    _review(folder, range(REVIEWED), "yes", day=2)


def _review_anew(folder: Path) -> None:
    """Let two people call a shared post negative, so that it has to be withdrawn."""
    _review(folder, [0], "no", day=20)


def _review(folder: Path, posts: range | list[int], label: str, *, day: int) -> None:
    from adverts.data.review.reviews import Review, append_reviews, item_name

    at = f"2026-11-{day:02d}T10:00:00+00:00"
    said = [
        Review(
            item_name(f"p{one}"), "refer", label, "Cleo Demo", at, True, 1, "0" * 64, "learn", ""
        )
        for one in posts
    ]
    append_reviews(folder / "reviews.jsonl", said)


def shared_first(ledger: Path) -> str:
    """Return the reference of the first item that was shared."""
    return str(json.loads(ledger.read_text().splitlines()[0])["shared"]["items"][0]["reference"])
