"""Adverts with pictures, negatives, and what leaves of them, for tests of shared hashes."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path

import yaml
from planted_images import photo

from adverts.advert import LabelSchema, Task
from adverts.clusters.picture_hash import describe_picture
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow, StoredImage
from adverts.inputs.pixels import CHECKED, open_image
from adverts.record_chain import Personal
from adverts_findings.config.sharing import RecipientConfig, SenderConfig
from adverts_findings.sharing.leaving.item import Item, Picture, Reviewed
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry, SharedItem, Signal
from adverts_findings.sharing.ledger.outstanding import OutItem, Withdrawal
from adverts_findings.sharing.outgoing import Outgoing

SCHEMA = LabelSchema("made", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
RECIPIENTS = Path(__file__).parents[1] / "configs" / "recipients" / "demo-platform.yaml"
HEAD = "ab" * 32
LONG = "an ordinary sentence about boats and the weather that nobody would ever want to remove"


def encoded(image, kind="PNG", **how):
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def photos(count, seed):
    draw = random.Random(seed)
    return [photo(draw) for _ in range(count)]


def picture_of(data):
    look = describe_picture(open_image(data, CHECKED))
    return Picture(
        sha256=hashlib.sha256(data).hexdigest(),
        md5=hashlib.md5(data).hexdigest(),
        pdq=look.pdq.hex(),
        quality=look.quality,
        is_text_tile=look.is_text_tile,
    )


def item(number, *, text="", pictures=()):
    return Item(
        advert=f"a{number}",
        item=f"i{number:020x}",
        campaign="c000001",
        source="prepared/made",
        platform="demo_social",
        url="",
        platform_item_id="",
        language="en",
        posted_at=None,
        template="",
        text=text,
        pictures=tuple(pictures),
        reviewed=Reviewed("V", "offer_crossing", ("Ada Demo",), "2026-10-01T00:00:00+00:00"),
        sensitivity="synthetic",
        licence="synthetic",
        audience="",
        retain_until=None,
    )


def row(number, *, cluster=None, positive=0.0, text="", pictures=(), **facts):
    return PreparedRow(
        id=f"n{number}",
        split="train",
        cluster=cluster or f"k{number}",
        text=text,
        images=tuple(StoredImage(one, None) for one in pictures),
        targets={} if positive is None else {"refer": (1.0 - positive, positive)},
        **facts,
    )


def prepared_in(folder, rows, schema=SCHEMA):
    write_prepared(folder, rows, name="negatives", schema=schema)
    return folder


def clusters_of_each_half(count):
    """Return names of clusters that refuse, and names of clusters held apart."""
    names = [f"k{i}" for i in range(20 * count)]
    odd = [hashlib.sha256(one.encode()).digest()[0] % 2 for one in names]
    pairs = list(zip(names, odd, strict=True))
    return [n for n, o in pairs if not o][:count], [n for n, o in pairs if o][:count]


def out_item(reference, signals, *, withdrawal=None, **facts):
    shared = SharedItem(
        reference=reference,
        kinds=("hashes",),
        item="i" + reference[2:],
        campaign="c000001",
        platform="demo_social",
        language="en",
        label="offer_crossing",
        first_seen=facts.pop("first_seen", "2026-09-01"),
        reviewed_at="2026-10-01T00:00:00+00:00",
        signals=tuple(signals),
    )
    values = {
        "kinds": ("hashes",),
        "since": "2026-11-01T00:00:00+00:00",
        "shares": ("S-0123456789abcdef",),
        "expires": "2027-02-01",
        "action": "review",
        "purpose": "removal",
    }
    return OutItem(shared, "demo-platform", "b1", withdrawal=withdrawal, **(values | facts))


def withdrawn(reference, signals, cause="asked", **facts):
    how = Withdrawal("2026-11-20T10:00:00+00:00", "W-0123456789abcdef", cause)
    return out_item(reference, signals, withdrawal=how, **facts)


def outgoing(current=(), removed=()):
    nobody = Personal("", "", "")
    entry = LedgerEntry(
        number=7,
        at="2026-11-28T10:00:00+00:00",
        reference="S-0123456789abcdef",
        recipient="demo-platform",
        account=nobody,
        approved_by=nobody,
        reason=nobody,
        shared=None,
        withdrawn=None,
        confirmed=None,
        answered=None,
        before="0" * 64,
        hash=HEAD,
    )
    recipient = yaml.safe_load(RECIPIENTS.read_text())["demo-platform"]
    return Outgoing(
        entry=entry,
        name="demo-platform",
        recipient=RecipientConfig.model_validate(recipient),
        sender=SenderConfig(organisation="", email="", reply_to=""),
        laws={},
        originals={},
        current=tuple(current),
        removed=tuple(removed),
        history=(),
    )


def pdq(value, bound=30.0, quality=90):
    return Signal("pdq", value, quality, bound)


def flipped(value, count, seed=0):
    """Return a PDQ hash in hex with some bits changed."""
    number = int(value, 16)
    for bit in random.Random(seed).sample(range(256), count):
        number ^= 1 << bit
    return f"{number:064x}"
