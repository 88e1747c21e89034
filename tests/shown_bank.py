"""A small bank for tests of its pages: made-up adverts, edges and campaigns."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
from made_bank import tables, token

from adverts_findings.campaigns.edges import edge_name
from adverts_findings.campaigns.evidence.model import EvidenceModel
from adverts_findings.campaigns.rules import LinkingRules

FIRST_DAY = datetime.datetime(2026, 1, 5, 9, 30, tzinfo=datetime.UTC)
PROBABILITY = 0.85


def digits(name: str) -> str:
    """Return 32 made-up hexadecimal digits."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def phone(name: str) -> str:
    """Return a made-up token of a phone number."""
    return token(name)


def at(day: float) -> datetime.datetime:
    """Return a time so many days after the first."""
    return FIRST_DAY + datetime.timedelta(days=day)


def advert(id: str, campaign: str | None, *, day: float | None = 0, **more: Any) -> dict[str, Any]:
    """Return a row of ``adverts``."""
    plain = {
        "id": id,
        "source": "scores/posts",
        "judged_by": "review",
        "account": digits(f"account of {campaign}"),
        "platform": "site",
        "url": f"https://site.example/posts/{id}",
        "language": "en",
        "posted_at": None if day is None else at(day),
        "collected_at": at((day or 0) + 1),
        "contacts": [phone(str(campaign))],
        "public_contacts": [],
        "picture_sha256": [],
        "picture_hashes": [],
        "entered_build": 1,
        "template": "t000001",
        "campaign": campaign,
    }
    return plain | more


def edge(first: str, second: str, campaign: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a row of ``edges``: one that joins by a phone number."""
    plain = {
        "first": first,
        "second": second,
        "kind": "contact",
        "value": phone(str(campaign)),
        "adverts": 12,
        "accounts": 3,
        "silence_days": 37.0,
        "across": False,
        "also": [],
        "against": [],
        "first_seen": at(0),
        "last_seen": at(37),
        "origin": ["scores/posts"],
        "weight": 8.5,
        "probability": 0.97,
        "status": "joins",
        "reason": "",
        "campaign": campaign,
    } | more
    return {"edge": edge_name(plain["kind"], plain["value"], first, second), **plain}


def campaign(name: str, **more: Any) -> dict[str, Any]:
    """Return a row of ``campaigns``; its numbers are left out, since pages count for themselves."""
    plain = {
        "campaign": name,
        "opened_build": 1,
        "probability": PROBABILITY,
        "calibrated": True,
        "part_count": 1,
        "largest_piece": 0.996,
    }
    return plain | more


def identity(name: str, campaign: str | None, **more: Any) -> dict[str, Any]:
    """Return a row of ``identities``."""
    plain = {
        "identity": name,
        "kind": "contact",
        "value": phone(str(campaign)),
        "platform": "site",
        "first_seen": at(0),
        "last_seen": at(37),
        "adverts": 4,
        "accounts": 1,
        "campaign": campaign,
        "standing": "unknown",
        "shown_in": [],
    }
    return plain | more


def build(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return a row of ``builds``."""
    plain = {
        "build": number,
        "built_at": at(200 + number),
        "created_by": "adverts of a test",
        "token_key_id": "0123456789abcdef",
        "inputs": json.dumps({"scores/posts": {"hash": "a" * 64, "adverts": 6}}),
        "parameters": json.dumps(
            {
                "rules": asdict(LinkingRules()),
                "model": EvidenceModel(weights={"pattern": 7.5}).to_json(),
                "used": {"campaign": 4},
                "calibration": {"pairs": 3, "at_random": 1, "error": None},
                "counted": [["refer", "yes", True]],
            }
        ),
        "counts": json.dumps({"new": 2, "components": []}),
    }
    return plain | more


def bank(**given: Sequence[Mapping[str, Any]]) -> dict[str, pa.Table]:
    """Return all tables of a bank, those that are not given empty; build 1 if none is given."""
    return tables(**{"builds": [build()], **given})


def two_campaigns() -> dict[str, Sequence[Mapping[str, Any]]]:
    """Return the rows of a bank with two campaigns and one advert alone.

    The first campaign has two halves that one edge holds together, a rejected edge within it, one
    for a person to the second, and a rejected one to the lone advert.
    """
    bridge = edge("a2", "a3", "c000001")
    return {
        "adverts": [
            advert("a1", "c000001", day=0),
            advert("a2", "c000001", day=3, template="t000002", judged_by="dataset"),
            advert("a3", "c000001", day=40, platform="other", language="pl"),
            advert("a4", "c000001", day=None, account=digits("second"), source="scores/more"),
            advert("b1", "c000002", day=10, template="t000003"),
            advert("b2", "c000002", day=12, template="t000003"),
            advert("alone", None, day=1),
        ],
        "identities": [
            identity("i000001", "c000001", adverts=3, shown_in=["a1", "a2", "a3"]),
            identity(
                *("i000002", "c000001"),
                kind="account",
                value=digits("second"),
                adverts=1,
                shown_in=["a4"],
            ),
            identity("i000003", "c000002", standing="victim", adverts=2, shown_in=["b1", "b2"]),
            identity("i000004", None),
        ],
        "edges": [
            edge("a1", "a2", "c000001", silence_days=3.0),
            bridge,
            edge("a3", "a4", "c000001", kind="account", value=digits("second"), silence_days=None),
            edge("b1", "b2", "c000002", adverts=2, accounts=1, also=["template", "account"]),
            edge(
                *("a1", "a4", "c000001"),
                kind="judged",
                value="j" + "1" * 16,
                status="rejected",
                reason="a person says different",
            ),
            edge(
                *("a4", "b1"),
                kind="template",
                value="t000003",
                status="review",
                reason="the same template, and no contact, account or target in common",
                probability=0.3,
            ),
            edge(
                *("alone", "a2"),
                status="rejected",
                reason="silent for 31 weeks, and nothing else in common",
                probability=0.1,
            ),
        ],
        "campaigns": [
            campaign("c000001"),
            campaign("c000002", probability=0.07, opened_build=2),
            campaign("c000003", closed_build=2),
            campaign("c000004", closed_build=2),
        ],
        "bridges": [
            {
                "campaign": "c000001",
                "edge": bridge["edge"],
                "probability": 0.97,
                "smaller_side": 2,
                "larger_side": 2,
                "others": [],
            }
        ],
        "listed": [
            {
                "kind": "contact",
                "value": phone("helpline"),
                "reason": "shown by many (17)",
                "adverts": 300,
                "accounts": 120,
            }
        ],
        "replaced": [
            replaced("c000003", "c000001", 2, "merged"),
            replaced("c000004", "", 2, "closed"),
        ],
        "judged": [
            {"judgement": "j" + "1" * 16, "holds": True, "why": ""},
            {"judgement": "j" + "2" * 16, "holds": False, "why": "advert a9 left the bank"},
        ],
        "candidates": [{"id": "waiting", "source": "scores/posts", "score": 0.9}],
        "builds": [build(1), build(2)],
    }


def replaced(old: str, new: str, number: int, how: str, level: str = "campaign") -> dict[str, Any]:
    """Return a row of ``replaced``."""
    return {"level": level, "old": old, "new": new, "build": number, "how": how}
