"""Whatever is shared, taken back and shared again: nothing forbidden leaves, or stays behind."""

from __future__ import annotations

import datetime
import itertools
import random
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_items import TODAY, at, item, recipient, reviewed
from made_shares import TAKE_BACK, WHO, config, known, offered

from adverts_findings.sharing.leaving.item import Item
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry
from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.sharing.ledger.outstanding import OutItem, outstanding
from adverts_findings.sharing.send import send
from adverts_findings.sharing.withdraw import retract, withdraw_due

pytestmark = pytest.mark.promise

KINDS = ("notice", "hashes", "stix", "misp")
FORBIDDEN = {
    "group A": {"reviewed": reviewed(group="A")},
    "group N": {"reviewed": reviewed(group="N")},
    "unusable": {"reviewed": reviewed(group="U")},
    "disagreement": {"reviewed": reviewed(group="?")},
    "nobody": {"reviewed": reviewed(reviewers=(), at="")},
    "danger": {"reviewed": reviewed(safeguarding=("live_distress",))},
    "own review": {"reviewed": reviewed(reviewers=("ada  DEMO",))},
    "licence": {"licence": "unstated"},
    "sensitivity": {"sensitivity": "operational_restricted"},
    "last day": {"retain_until": TODAY},
}
RECIPIENTS = {
    "aster": recipient(sensitivity_ceiling="research"),
    "birch": recipient(name="Birch", sensitivity_ceiling="research", kinds=["hashes", "stix"]),
}


@dataclass
class Desk:
    """A unit that shares, and all that it knows."""

    folder: Path
    draw: random.Random
    items: list[Item]
    bad: frozenset[str]
    days: int = 0
    written: int = 0

    @property
    def now(self) -> datetime.datetime:
        noon = datetime.datetime.combine(TODAY, datetime.time(12), datetime.UTC)
        return noon + datetime.timedelta(days=self.days, minutes=self.written)

    def place(self) -> Path:
        self.written += 1
        return self.folder / f"out{self.written}"

    def share(self) -> list[Path]:
        name = self.draw.choice(list(RECIPIENTS))
        may = RECIPIENTS[name].kinds
        asked = config(
            self.folder,
            recipient=name,
            recipients=RECIPIENTS,
            kinds=self.draw.sample(may, self.draw.randint(1, len(may))),
            expires=self.now.date() + datetime.timedelta(days=self.draw.randint(1, 90)),
            share_dir=self.place(),
        )
        some = self.draw.sample(self.items, self.draw.randint(1, len(self.items)))
        sent = send(asked, offered(*some), now=self.now, account=WHO, log=lambda entry: None)
        return [] if sent.entry is None else [asked.share_dir]

    def retract(self) -> list[Path]:
        entries = read_ledger(self.folder / "shared.jsonl")
        out = outstanding(entries)
        if not out:
            return []
        told = {"retract": self.draw.choice(sorted(out)), "reason": "an error"}
        asked = config(
            self.folder, **TAKE_BACK, **told, recipients=RECIPIENTS, share_dir=self.place()
        )
        if out[asked.retract].withdrawal is not None:
            return []
        return [one.folder for one in retract(asked, now=self.now, account=WHO)]

    def withdraw(self) -> list[Path]:
        if not (self.folder / "shared.jsonl").exists():
            return []
        asked = config(
            self.folder,
            **TAKE_BACK,
            withdraw=True,
            recipients=RECIPIENTS,
            share_dir=self.place(),
        )
        told = known(
            self.now.date(),
            campaigns={one.item: one.campaign for one in self.items},
            reviewed={one.item: one.reviewed for one in self.items},
        )
        return [one.folder for one in withdraw_due(asked, told, now=self.now, account=WHO)]

    def review(self) -> list[Path]:
        """A person looks at an advert again: it stays what it is, or is an error."""
        place = self.draw.randrange(len(self.items))
        one = self.items[place]
        if one.advert in self.bad:
            return []
        group = self.draw.choice(["V", "V", "N"])
        said = reviewed(group=group, at=at(self.days, hour=12))
        self.items[place] = item(one.advert, url=one.url, reviewed=said)
        return []

    def wait(self) -> list[Path]:
        self.days += self.draw.randint(1, 40)
        return []


def made(seed: int, folder: Path) -> Desk:
    draw = random.Random(seed)
    items, bad = [], set()
    for number in range(draw.randint(2, 6)):
        why = draw.choice([None] * 2 * len(FORBIDDEN) + [*FORBIDDEN])
        name = f"a{number}"
        items.append(item(name, **(FORBIDDEN[why] if why else {})))
        bad |= {name} if why else set()
    return Desk(folder, draw, items, frozenset(bad))


def texts(folder: Path) -> dict[str, str]:
    return {one.name: one.read_text() for one in (folder / "send").iterdir()}


def holds(desk: Desk, folders: list[Path]) -> None:
    """Check what was just written, and all that the ledger says."""
    entries = read_ledger(desk.folder / "shared.jsonl")
    out = list(outstanding(entries).values())
    never = {one.item for one in desk.items if one.advert in desk.bad}
    assert never.isdisjoint(one.item.item for one in out)
    for entry in entries:
        _is_signed_off(entry)
    for one, before in itertools.permutations(out, 2):
        _was_reviewed_since(one, before)
    for folder in folders:
        written = texts(folder)
        _names_nobody("".join(written.values()), desk)
        if len(folders) == 1:
            name = entries[-1].recipient
            _current(written, [one for one in out if one.recipient == name], desk)


def _is_signed_off(entry: LedgerEntry) -> None:
    assert entry.approved_by.value
    assert entry.account.value
    if entry.shared is not None:
        assert entry.shared.purpose
        assert entry.shared.expires
        assert entry.approved_by.value == "Ada Demo"


def _was_reviewed_since(one: OutItem, before: OutItem) -> None:
    same = (one.recipient, one.item.item) == (before.recipient, before.item.item)
    if same and before.withdrawal is not None and one.since > before.since:
        assert one.item.reviewed_at > before.withdrawal.at


def _names_nobody(written: str, desk: Desk) -> None:
    for name in ("Cleo Demo", "Ada Demo", WHO):
        assert name not in written
    for one in desk.items:
        assert one.item not in written
        if one.advert in desk.bad:
            assert one.url not in written
            assert one.item[1:] not in written


def _current(written: dict[str, str], mine: list[OutItem], desk: Desk) -> None:
    day = desk.now.date()
    in_use = {s.value for one in mine if one.is_current(day) for s in one.item.signals}
    gone = {s.value for one in mine if not one.is_current(day) for s in one.item.signals} - in_use
    listed = written.get("hashes.txt", "") + written.get("hashes.csv", "")
    assert not [one for one in gone if one in listed]


def play(seed: int) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        desk = made(seed, folder)
        acts = [desk.share, desk.share, desk.retract, desk.withdraw, desk.review, desk.wait]
        for _ in range(desk.draw.randint(2, 7)):
            holds(desk, desk.draw.choice(acts)())
        if (folder / "shared.jsonl").exists():
            for recipient_folder in desk.withdraw():
                texts(recipient_folder)
            still = outstanding(read_ledger(folder / "shared.jsonl")).values()
            assert not [
                one for one in still if one.withdrawal is None and one.is_over(desk.now.date())
            ]
    finally:
        shutil.rmtree(folder)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_nothing_forbidden_leaves_and_nothing_that_was_taken_back_stays(seed):
    play(seed)
