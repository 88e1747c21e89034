"""What a made-up recipient is sent after a few made-up shares, withdrawals and confirmations."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from adverts.record_chain import NOTHING_BEFORE, Personal, chained
from adverts_findings.config.sharing import Kind, LawConfig, RecipientConfig, SenderConfig
from adverts_findings.sharing.leaving.item import Item, Picture, Reviewed
from adverts_findings.sharing.ledger.ledger_entry import (
    LEDGER_VERSION,
    Cause,
    Confirmed,
    LedgerEntry,
    Shared,
    SharedItem,
    Signal,
    Withdrawn,
)
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.outgoing import Outgoing

T = TypeVar("T")
RECIPIENT = "demo-police"
APPROVER = "Ada Demo"
ACCOUNT = "unit-account-7"
START = datetime.datetime(2026, 3, 2, 9, 30, tzinfo=datetime.UTC)
LAWS = {
    "uk_bsaia_2025_s17": LawConfig(
        text="Border Security, Asylum and Immigration Act 2025, section 17",
        jurisdiction="GB",
        classes=["offer_crossing"],
    )
}


def recipient(**changed: object) -> RecipientConfig:
    """Return a made-up recipient that may get everything."""
    values: dict[str, object] = {
        "name": "Demo police",
        "kinds": ["notice", "hashes", "stix", "misp"],
        "purposes": ["investigation"],
        "sensitivity_ceiling": "operational_restricted",
        "licences": ["synthetic"],
        "legal_basis": "made-up basis for the demo",
        "platforms": ["demo_social"],
        "regime": "voluntary",
        "laws": ["uk_bsaia_2025_s17"],
        "contact": "intake@demo-police.example",
        "approvers": [APPROVER],
        "language": "en",
        "longest_days": 365,
        "tlp": "amber+strict",
        "to_ids": True,
        "block": True,
    }
    return RecipientConfig.model_validate(values | changed)


def sender(organisation: str = "Demo unit") -> SenderConfig:
    """Return who shares."""
    return SenderConfig(organisation=organisation, email="desk@demo-unit.example", reply_to="")


def hash_of(kind: str, number: int) -> str:
    """Return a made-up hash."""
    text = f"{kind} {number}".encode()
    return hashlib.md5(text).hexdigest() if kind == "md5" else hashlib.sha256(text).hexdigest()


def signal(kind: str, number: int) -> Signal:
    """Return a hash of a made-up picture or text."""
    return Signal(
        type=kind,  # type: ignore[arg-type]
        value=hash_of(kind, number),
        quality=83 if kind == "pdq" else 100,
        false_per_million=3.25 if kind == "pdq" else -1.0,
    )


def picture_signals(number: int) -> tuple[Signal, ...]:
    """Return the hashes of a made-up picture."""
    return (signal("sha256", number), signal("md5", number), signal("pdq", number))


def shared_item(  # noqa: PLR0913 - one argument for each thing that a test changes
    number: int,
    *,
    campaign: str = "c000012",
    signals: Sequence[Signal] | None = None,
    kinds: tuple[Kind, ...] = ("notice", "hashes", "stix", "misp"),
    first_seen: str = "2026-02-11",
    label: str = "offer_crossing",
) -> SharedItem:
    """Return a made-up advert as it is shared; it shows picture ``number`` unless told."""
    return SharedItem(
        reference=f"R-{hash_of('reference', number)[:16]}",
        kinds=kinds,
        item=f"item-{hash_of('item', number)[:20]}",
        campaign=campaign,
        platform="demo_social",
        language="en",
        label=label,
        first_seen=first_seen,
        reviewed_at="2026-02-20T10:00:00+00:00",
        signals=tuple(picture_signals(number) if signals is None else signals),
    )


def original(one: SharedItem) -> Item:
    """Return the advert that a shared one was made of."""
    return Item(
        advert=f"advert-{hash_of('advert', int(one.reference[2:10], 16))[:12]}",
        item=one.item,
        campaign=one.campaign,
        source="demo",
        platform=one.platform,
        url=f"https://demo-social.example/p/{hash_of('post', int(one.reference[2:10], 16))[:12]}",
        platform_item_id=hash_of("post", int(one.reference[2:10], 16))[:12],
        language=one.language,
        posted_at=None,
        template="template-3",
        text="made-up text",
        pictures=(Picture(hash_of("sha256", 0), "", hash_of("pdq", 0), 83, is_text_tile=False),),
        reviewed=Reviewed("V", one.label, ("Bo Demo",), one.reviewed_at),
        sensitivity="synthetic",
        licence="synthetic",
        audience="internal",
        retain_until=None,
    )


@dataclass
class History:
    """A ledger that is written act by act, an hour apart unless told."""

    name: str = RECIPIENT
    recipient: RecipientConfig = field(default_factory=recipient)
    sender: SenderConfig = field(default_factory=sender)
    entries: list[LedgerEntry] = field(default_factory=list)
    now: datetime.datetime = START

    def share(
        self,
        *items: SharedItem,
        expires: str = "2026-08-31",
        action: str = "review",
        probability: Mapping[str, float] | None = None,
        hours: float = 1,
    ) -> Outgoing:
        """Share adverts, and return what is sent."""
        campaigns = sorted({one.campaign for one in items})
        share = Shared(
            salt="0" * 32,
            bank="b1",
            kinds=tuple(dict.fromkeys(kind for one in items for kind in one.kinds)),
            purpose="investigation",
            legal_basis=self.recipient.legal_basis,
            expires=expires,
            action=action,  # type: ignore[arg-type]
            good_faith=True,
            probability={one: (probability or {}).get(one, 0.93) for one in campaigns},
            items=tuple(sorted(items, key=lambda one: one.reference)),
        )
        return self._add("S", share, hours)

    def withdraw(self, *references: str, cause: Cause = "asked", hours: float = 1) -> Outgoing:
        """Withdraw adverts, and return what is sent."""
        return self._add("W", Withdrawn(dict.fromkeys(sorted(references), cause)), hours)

    def confirm(self, *references: str, hours: float = 1) -> None:
        """Record that a recipient says that adverts are gone."""
        self._add("C", Confirmed(tuple(sorted(references))), hours)

    def _add(self, letter: str, act: Shared | Withdrawn | Confirmed, hours: float) -> Outgoing:
        self.now += datetime.timedelta(hours=hours)
        number = len(self.entries) + 1
        entry = LedgerEntry(
            number=number,
            at=self.now.isoformat(timespec="seconds"),
            reference=f"{letter}-{hash_of(letter, number)[:16]}",
            recipient=self.name,
            account=_personal(ACCOUNT),
            approved_by=_personal(APPROVER),
            reason=_personal("a reason in words"),
            shared=act if isinstance(act, Shared) else None,
            withdrawn=act if isinstance(act, Withdrawn) else None,
            confirmed=act if isinstance(act, Confirmed) else None,
            answered=None,
            before=self.entries[-1].hash if self.entries else NOTHING_BEFORE,
            hash="",
        )
        self.entries.append(chained(entry, LEDGER_VERSION))
        return self.outgoing()

    def outgoing(self) -> Outgoing:
        """Return what is sent for the last act."""
        entry = self.entries[-1]
        mine = sorted(outstanding(self.entries).values(), key=lambda one: one.item.reference)
        day = datetime.datetime.fromisoformat(entry.at).date()
        items = entry.shared.items if entry.shared else ()
        return Outgoing(
            entry=entry,
            name=self.name,
            recipient=self.recipient,
            sender=self.sender,
            laws=LAWS,
            originals={one.reference: original(one) for one in items},
            current=tuple(one for one in mine if one.is_current(day)),
            removed=tuple(one for one in mine if not one.is_current(day) and one.is_active),
            history=tuple(self.entries),
        )


def _personal(value: str) -> Personal:
    salt = hashlib.sha256(value.encode()).hexdigest()[:32]
    return Personal(hashlib.sha256(f"{salt}\0{value}".encode()).hexdigest(), salt, value)


_SIGNALS = st.one_of(
    st.integers(0, 3).map(picture_signals),
    st.lists(
        st.builds(
            signal, st.sampled_from(("sha256", "md5", "pdq", "text_sha256")), st.integers(0, 3)
        ),
        max_size=4,
        unique_by=lambda one: (one.type, one.value),
    ).map(tuple),
)
_KINDS = st.sampled_from((("stix", "misp"), ("hashes",), ("notice", "stix"), ("misp",)))
_DAYS = st.sampled_from(("", "2026-01-31", "2026-02-11"))


@st.composite
def histories(draw: st.DrawFn, *, most: int = 6) -> History:
    """Draw a history of shares, withdrawals and confirmations, the last of which is sent.

    Adverts show few pictures, so that many show the same; an advert that was withdrawn and is
    shared again has a new reference, as in the program. Clocks stand still, and are set back.
    """
    made = History(recipient=recipient(tlp=draw(st.sampled_from(("clear", "amber+strict")))))
    for number in range(draw(st.integers(1, most))):
        hours = draw(st.sampled_from((0.0, 0.0001, 1.0, 30.0 * 24, -2.0)))
        out = outstanding(made.entries)
        held = sorted(name for name, one in out.items() if one.withdrawal is None)
        gone = sorted(name for name, one in out.items() if one.withdrawal and not one.confirmed_at)
        act = draw(st.sampled_from(("share", "share", "withdraw", "confirm")))
        if act == "withdraw" and held:
            made.withdraw(*draw(_some(held)), hours=hours)
        elif act == "confirm" and gone and number:
            made.confirm(*draw(_some(gone)), hours=hours)
        else:
            _draw_share(draw, made, [out[name].item for name in held], hours)
    if made.entries[-1].confirmed is not None:
        _draw_share(draw, made, [], 1.0)
    return made


def _draw_share(draw: st.DrawFn, made: History, again: Sequence[SharedItem], hours: float) -> None:
    first = 100 * len(made.entries)
    items = {
        number: shared_item(
            number,
            campaign=draw(st.sampled_from(("c000012", "c000077"))),
            signals=draw(_SIGNALS),
            kinds=draw(_KINDS),
            first_seen=draw(_DAYS),
        )
        for number in range(first, first + draw(st.integers(1, 3)))
    }
    several = (*items.values(), *(draw(_some(again)) if again and draw(st.booleans()) else ()))
    days = draw(st.integers(0, 60))
    made.share(
        *several,
        expires=(made.now.date() + datetime.timedelta(days=days)).isoformat(),
        action=draw(st.sampled_from(("review", "block"))),
        probability={"c000012": draw(st.sampled_from((-1.0, 0.0, 0.55, 1.0)))},
        hours=hours,
    )


def _some(several: Sequence[T]) -> st.SearchStrategy[list[T]]:
    return st.lists(st.sampled_from(several), min_size=1, max_size=3, unique_by=id)
