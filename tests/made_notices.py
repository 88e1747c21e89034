"""Made-up shares and withdrawals, as everything that is written for a recipient takes them."""

from __future__ import annotations

import datetime
from dataclasses import replace

from adverts.record_chain import Personal
from adverts_findings.config.sharing import LawConfig, RecipientConfig, SenderConfig
from adverts_findings.sharing.leaving.item import Item, Picture, Reviewed
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry, Shared, SharedItem, Withdrawn
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.outgoing import Outgoing

AT, EXPIRES = "2026-12-01T10:00:00+00:00", "2027-02-01"
SHARE, WITHDRAWAL = "S-" + "5" * 16, "W-" + "7" * 16
HASH = "ab" * 32
LAWS = {
    "uk": LawConfig(
        text="Border Security, Asylum and Immigration Act 2025, section 17",
        jurisdiction="GB",
        classes=["offer_crossing"],
    ),
    "fr": LawConfig(text="CESEDA, article L. 823-1", jurisdiction="FR", classes=["offer_crossing"]),
    "terms": LawConfig(text="terms of the platform", jurisdiction="terms", classes=[]),
}
SENDER = SenderConfig(organisation="Demo unit", email="unit@demo.example", reply_to="")


def reference(number):
    """Return the reference of an item."""
    return f"R-{number:016x}"


def recipient(**changed):
    """Return a made-up platform."""
    usual = {
        "name": "Demo platform",
        "kinds": ["notice", "hashes"],
        "purposes": ["removal"],
        "sensitivity_ceiling": "operational_restricted",
        "licences": ["synthetic"],
        "legal_basis": "made-up basis",
        "platforms": ["demo_social"],
        "regime": "uk_osa",
        "laws": list(LAWS),
        "contact": "trust@demo-platform.example",
        "approvers": ["Ada Demo"],
        "language": "en",
        "longest_days": 180,
        "tlp": "amber",
        "to_ids": False,
        "block": False,
    }
    return RecipientConfig(**{**usual, **changed})


def item(number=1, **changed):
    """Return an advert with one picture and a text."""
    usual = Item(
        advert=f"advert-{number}",
        item=f"i{number:020x}",
        campaign="c000012",
        source="demo",
        platform="demo_social",
        url=f"https://demo-social.example/post/{number}",
        platform_item_id=f"post-{number}",
        language="fa",
        posted_at=datetime.datetime(2026, 11, 20, 8, tzinfo=datetime.UTC),
        template="t000001",
        text="Boat to England, write <PHONE>",
        pictures=(Picture("c" * 64, "d" * 32, "e" * 64, 90, is_text_tile=False),),
        reviewed=Reviewed("V", "offer_crossing", ("Cy Demo",), "2026-11-25T09:00:00+00:00"),
        sensitivity="synthetic",
        licence="synthetic",
        audience="internal",
        retain_until=None,
    )
    return replace(usual, **changed)


def shared_item(number, original, kinds=("notice", "hashes")):
    """Return an advert as the ledger has it."""
    return SharedItem(
        reference=reference(number),
        kinds=kinds,
        item=original.item,
        campaign=original.campaign,
        platform=original.platform,
        language=original.language,
        label=original.reviewed.label,
        first_seen="" if original.posted_at is None else original.posted_at.date().isoformat(),
        reviewed_at=original.reviewed.at,
        signals=(),
    )


def share_entry(originals, *, good_faith=True, kinds=("notice", "hashes"), name="Ada Demo"):
    """Return the ledger's line of a share."""
    shared = Shared(
        salt="0" * 32,
        bank="b1",
        kinds=kinds,
        purpose="removal",
        legal_basis="made-up basis",
        expires=EXPIRES,
        action="review",
        good_faith=good_faith,
        probability={one.campaign: 0.87654321 for one in originals},
        items=tuple(shared_item(place, one, kinds) for place, one in enumerate(originals, 1)),
    )
    return _entry(1, SHARE, name, shared=shared)


def _entry(number, act, name, *, shared=None, withdrawn=None):
    told = Personal("0" * 64, "1" * 32, name)
    return LedgerEntry(
        number=number,
        at=AT,
        reference=act,
        recipient="demo-platform",
        account=told,
        approved_by=told,
        reason=told,
        shared=shared,
        withdrawn=withdrawn,
        confirmed=None,
        answered=None,
        before="0" * 64,
        hash=HASH,
    )


def outgoing(*originals, to=None, sender=SENDER, **entry):
    """Return a share of some adverts."""
    line = share_entry(originals, **entry)
    return Outgoing(
        entry=line,
        name="demo-platform",
        recipient=to or recipient(),
        sender=sender,
        laws=LAWS,
        originals={reference(place): one for place, one in enumerate(originals, 1)},
        current=tuple(outstanding([line]).values()),
        removed=(),
        history=(),
    )


def withdrawing(causes, *originals, to=None, **entry):
    """Return a withdrawal of some adverts that were shared: causes by their numbers."""
    first = share_entry(originals, **entry)
    withdrawn = Withdrawn({reference(number): cause for number, cause in causes.items()})
    line = _entry(2, WITHDRAWAL, "Ada Demo", withdrawn=withdrawn)
    found = outstanding([first, line]).values()
    return Outgoing(
        entry=line,
        name="demo-platform",
        recipient=to or recipient(),
        sender=SENDER,
        laws=LAWS,
        originals={},
        current=tuple(one for one in found if one.withdrawal is None),
        removed=tuple(one for one in found if one.withdrawal is not None),
        history=(),
    )


def reviewed_template(folder, monkeypatch, language):
    """Let the templates be those of a folder, where that of a language counts as reviewed."""
    from adverts_findings.sharing.notices import notice_words, write_notices

    for path in notice_words.TEMPLATES.iterdir():
        text = path.read_text(encoding="utf-8")
        if path.name == f"notice_{language}.yaml":
            text = text.replace('reviewed_by: ""', "reviewed_by: a translator")
            text = text.replace('reviewed_at: ""', 'reviewed_at: "2026-11-30"')
        (folder / path.name).write_text(text, encoding="utf-8")
    for module in (notice_words, write_notices):
        monkeypatch.setattr(module, "TEMPLATES", folder)
