"""Made-up adverts, recipients, orders and reviews, for the tests of what may leave."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.data.review.reviews import Review, item_name
from adverts_findings.config.sharing import LawConfig, RecipientConfig, SenderConfig
from adverts_findings.sharing.leaving.item import Item, Picture, Reviewed
from adverts_findings.sharing.leaving.order import Order
from adverts_findings.sharing.ledger.ledger_entry import SharedItem
from adverts_findings.sharing.ledger.outstanding import OutItem, Withdrawal

TODAY = datetime.date(2030, 6, 1)
CLASSES = [one.id for one in read_taxonomy().classes]
LAWS = {
    "crossing": LawConfig(
        text="Act of the crossing, section 1",
        jurisdiction="GB",
        classes=["offer_crossing", "recruit_facilitator"],
    ),
    "any_gb": LawConfig(text="Act of all, section 2", jurisdiction="GB", classes=CLASSES),
    "french": LawConfig(
        text="Code of entry, article 3", jurisdiction="FR", classes=["offer_crossing"]
    ),
    "union": LawConfig(text="Directive of facilitation", jurisdiction="EU", classes=CLASSES),
    "swiss": LawConfig(text="Act of foreigners, article 4", jurisdiction="CH", classes=CLASSES),
    "rules": LawConfig(text="terms of the platform", jurisdiction="terms", classes=[]),
}


def at(day: int, hour: int = 12) -> str:
    """Return a time so many days after today, as records state it."""
    noon = datetime.datetime.combine(TODAY, datetime.time(), datetime.UTC)
    time = noon + datetime.timedelta(days=day, hours=hour)
    return time.isoformat(timespec="seconds")


def recipient(**changes: Any) -> RecipientConfig:
    """Return a recipient that may get everything, and runs the platform ``aster``."""
    plain: dict[str, Any] = {
        "name": "Aster",
        "kinds": ["notice", "hashes", "stix", "misp"],
        "purposes": ["removal"],
        "sensitivity_ceiling": "operational_restricted",
        "licences": ["MIT", "own"],
        "legal_basis": "a made-up basis",
        "platforms": ["aster"],
        "regime": "uk_osa",
        "laws": ["crossing"],
        "contact": "trust@aster.example",
        "approvers": ["Ada Demo"],
        "language": "en",
        "longest_days": 100,
        "tlp": "amber",
        "to_ids": False,
        "block": True,
    }
    return RecipientConfig(**(plain | changes))


def order(to: RecipientConfig | None = None, **changes: Any) -> Order:
    """Return an order that a recipient may be given."""
    plain = Order(
        name="aster",
        recipient=to or recipient(),
        kinds=("notice", "hashes"),
        approved_by="Ada Demo",
        account="ada@desk",
        purpose="removal",
        expires=TODAY + datetime.timedelta(days=30),
        action="review",
        good_faith="Bo Demo",
        laws=LAWS,
        sender=SenderConfig(organisation="Unit", email="unit@unit.example", reply_to=""),
    )
    return replace(plain, **changes)


def reviewed(**changes: Any) -> Reviewed:
    """Return what a person said of an advert that may leave."""
    return replace(Reviewed("V", "offer_crossing", ("Cleo Demo",), at(-10)), **changes)


def item(advert: str = "a1", **changes: Any) -> Item:
    """Return an advert that may leave in every form."""
    plain = Item(
        advert=advert,
        item=item_name(advert),
        campaign="c000001",
        source="scores/posts",
        platform="aster",
        url=f"https://aster.example/posts/{advert}",
        platform_item_id=advert,
        language="en",
        posted_at=datetime.datetime(2030, 5, 1, tzinfo=datetime.UTC),
        template="t000001",
        text="",
        pictures=(Picture("0" * 64, "0" * 32, "0" * 64, 100, is_text_tile=False),),
        reviewed=reviewed(),
        sensitivity="research",
        licence="MIT",
        audience="internal",
        retain_until=None,
    )
    return replace(plain, **changes)


def out(advert: str = "a1", *, kinds: tuple[str, ...] = ("hashes",), **changes: Any) -> OutItem:
    """Return an advert that the recipient ``aster`` has."""
    shared = SharedItem(
        reference="R-" + "0" * 16,
        kinds=kinds,  # type: ignore[arg-type]
        item=item_name(advert),
        campaign="c000001",
        platform="aster",
        language="en",
        label="offer_crossing",
        first_seen="2030-05-01",
        reviewed_at=at(-10),
        signals=(),
    )
    plain = OutItem(
        item=shared,
        recipient="aster",
        bank="b1",
        kinds=kinds,  # type: ignore[arg-type]
        since=at(-5),
        shares=("S-" + "0" * 16,),
        expires=(TODAY + datetime.timedelta(days=20)).isoformat(),
        action="review",
        purpose="removal",
    )
    return replace(plain, **changes)


def withdrawal(day: int) -> Withdrawal:
    """Return that an item was withdrawn so many days after today."""
    return Withdrawal(at(day), "W-" + "0" * 16, "asked")


def review(label: str, reviewer: str = "Cleo Demo", day: int = -10, **changes: Any) -> Review:
    """Return what a person said of the advert ``a1`` in the task ``refer``."""
    plain = Review(
        item=item_name("a1"),
        task="refer",
        label=label,
        reviewer=reviewer,
        reviewed_at=at(day),
        blind=True,
        round=1,
        sample="s",
        design="learn",
        codebook="1",
    )
    return replace(plain, **changes)
