"""What people do after scoring: link, share with two recipients, take back, in the same world."""

from __future__ import annotations

import csv
import datetime
import json
import random
import re
from collections.abc import Callable, Iterator
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
_OF_FOLDER = ("send/manifest.json", "/share.json$", "open shared.jsonl$", "count.json$")
_OF_SHARE = ("send/notices.csv", "bank/log_count.json$", *_OF_FOLDER, "os.remove out/.*lock$")
_OF_TAKING_BACK = ("send/withdrawn.csv", "os.rename out/back/aster.partial", *_OF_FOLDER)
_OF_LINK = (
    "os.rename bank/building",
    "os.rename .*bank.json$",
    "open bank/pages.partial/index.json",
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
        Case("link", "link", tuple(linking), scored, marks=_OF_LINK),
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
        Case("retract", "share", retract, linked, marks=_OF_TAKING_BACK),
        Case("withdraw", "share", withdraw, linked, _review_anew, _OF_TAKING_BACK),
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


def desk_differences(world: Path, wanted: Path) -> Iterator[str]:
    """Yield in words how bank, ledger and folders for recipients differ from others.

    Numbers of builds, times, references and salts may differ: no two commands write the same.
    """
    found, known = (_made(one) for one in (world, wanted))
    for name in sorted(found.keys() | known.keys()):
        if found.get(name) != known.get(name):
            yield f"{name} is {found.get(name)!r:.300}, wanted {known.get(name)!r:.300}"
    yield from _faults(world)


def _made(world: Path) -> dict[str, object]:
    from adverts_findings.campaigns.bank.read_bank import open_bank
    from adverts_findings.sharing.ledger.open_ledger import read_ledger

    files = [one for folder in ("bank", "out") for one in (world / folder).rglob("*")]
    files += world.glob("shared*")
    names = (re.sub(r"bank-\d+", "bank-N", str(one.relative_to(world))) for one in files)
    made: dict[str, object] = {"files": sorted(names)}
    with open_bank(world / "bank") as bank:
        bank.verify()
        for table, columns in (("campaigns", ("campaign", "adverts")), ("adverts", ("id",))):
            made[table] = bank.table(table, columns).to_pylist()
    made["ledger"] = [
        (one.recipient, sorted(item.item for item in one.shared.items) if one.shared else None)
        for one in read_ledger(world / "shared.jsonl")
    ]
    return made


def _faults(world: Path) -> Iterator[str]:
    """Yield what is wrong with a ledger and its folders, whatever others hold."""
    from adverts_findings.sharing.ledger.open_ledger import read_ledger
    from adverts_findings.sharing.ledger.verify_sent import verify_sent

    ledger = world / "shared.jsonl"
    entries = read_ledger(ledger)
    folders = {json.loads(one.read_bytes())["reference"]: one.parent for one in _records(world)}
    for entry in entries:
        if entry.reference not in folders:
            yield f"the ledger has {entry.reference} for {entry.recipient}, and no folder has"
    for reference, folder in folders.items():
        if reference not in {one.reference for one in entries}:
            yield f"{folder} is of {reference}, which the ledger lacks"
        yield from verify_sent(folder, ledger)


def _records(world: Path) -> list[Path]:
    return sorted((world / "out").rglob("share.json"))
