"""Made-up adverts that may enter a bank, for the tests of linking."""

from __future__ import annotations

import datetime
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from adverts_findings.campaigns.bank_tables import ENTRANTS
from adverts_findings.campaigns.edges import EDGE_KINDS, EDGE_STATUSES, Edges

START = datetime.datetime(2030, 1, 7, tzinfo=datetime.UTC)


def token(kind: str, name: object) -> str:
    """Return a made-up token of a kind, equal for equal names."""
    return f"{kind}:{hashlib.sha256(f'{kind} {name}'.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Made:
    """A made-up advert.

    ``day`` is counted from the start of 2030 and None where the time is not known. Who has no
    ``account`` has none known. A ``template`` that is left out is its own.
    """

    id: str
    day: float | None = 0.0
    contacts: Sequence[str] = ()
    account: str | None = None
    platform: str | None = "aster"
    template: str | None = None
    public: Sequence[str] = ()
    pictures: Sequence[str] = ()

    @property
    def named_template(self) -> str:
        return self.template or f"own {self.id}"


def entrants(adverts: Sequence[Made]) -> pa.Table:
    """Return the table of some adverts, one row each in their order."""
    rows = [
        {
            "id": one.id,
            "source": "scores/made-up",
            "judged_by": "review",
            "account": one.account,
            "platform": one.platform,
            "posted_at": None if one.day is None else START + datetime.timedelta(days=one.day),
            "contacts": list(one.contacts),
            "public_contacts": list(one.public),
            "picture_sha256": [hashlib.sha256(name.encode()).digest() for name in one.pictures],
        }
        for one in adverts
    ]
    return pa.Table.from_pylist(rows, schema=ENTRANTS)


def templates(adverts: Sequence[Made]) -> list[str]:
    """Return the template of each of some adverts."""
    return [one.named_template for one in adverts]


def campaign(name: str, days: Sequence[float], **shown: object) -> list[Made]:
    """Return adverts of one advertiser, one on each day, who shows the same in all of them."""
    return [
        replace(Made(f"{name}-{place:03}", day), **shown)  # type: ignore[arg-type]
        for place, day in enumerate(days)
    ]


def said(edges: Edges, ids: Sequence[str]) -> set[tuple[str, ...]]:
    """Return what is said of each edge: kind, both adverts, status and reason."""
    return {
        (EDGE_KINDS[kind], *sorted((ids[one], ids[other])), EDGE_STATUSES[status], reason)
        for kind, one, other, status, reason in zip(
            edges.kind.tolist(),
            edges.first.tolist(),
            edges.second.tolist(),
            edges.status.tolist(),
            edges.reason,
            strict=True,
        )
    }


def random_adverts(rng: random.Random, count: int) -> list[Made]:
    """Return adverts that show few values of every kind, some of them without time or platform."""
    phones = [token("PHONE", n) for n in range(4)] + [token("HANDLE", n) for n in range(2)]
    pages = [token("LINK", n) for n in range(2)]
    return [
        Made(
            f"advert-{place:03}",
            rng.choice([None, *(rng.randrange(300) for _ in range(6))]),
            rng.sample(phones, rng.randrange(3)) + rng.sample(pages, rng.randrange(2)),
            rng.choice([None, "account-0", "account-1", f"account-of-{place}"]),
            rng.choice([None, "aster", "birch"]),
            rng.choice([None, "template-0", "template-1", "template-2"]),
            pictures=rng.sample(["picture-0", "picture-1"], rng.randrange(2)),
        )
        for place in range(count)
    ]
