"""Made-up shares and withdrawals of one campaign, for tests of the whole act."""

from __future__ import annotations

import datetime

from made_items import LAWS, TODAY, item, recipient

from adverts_findings.config.sharing import SenderConfig, ShareConfig
from adverts_findings.sharing.find_due import Known
from adverts_findings.sharing.ledger.ledger_entry import Signal
from adverts_findings.sharing.make_share import Offered
from adverts_findings.sharing.send import send
from adverts_findings.sharing.withdraw import retract

NOW = datetime.datetime.combine(TODAY, datetime.time(9), datetime.UTC)
WHO = "unit@desk"


def config(folder, **changes):
    """Return what somebody asks for: all kinds of one campaign, for ``aster``."""
    plain = {
        "ledger": folder / "shared.jsonl",
        "new_ledger": None,
        "bank": folder / "bank",
        "campaigns": ["c000001"],
        "prepared": [],
        "scores": [],
        "reviews": folder / "reviews.jsonl",
        "kinds": ["notice", "hashes", "stix", "misp"],
        "recipient": "aster",
        "approved_by": "Ada Demo",
        "good_faith": None,
        "purpose": "removal",
        "expires": TODAY + datetime.timedelta(days=30),
        "action": "review",
        "negatives": [],
        "sign_with": None,
        "share_dir": folder / "out",
        "retract": None,
        "withdraw": False,
        "danger": None,
        "items": [],
        "reason": None,
        "outcome": None,
        "confirm": None,
        "forget_people": None,
        "verify": None,
        "public_key": None,
        "report_dir": None,
        "recipients": {"aster": recipient(), "birch": recipient(name="Birch")},
        "laws": LAWS,
        "sender": SenderConfig(organisation="Unit", email="unit@unit.example", reply_to=""),
        "tracking": TRACKING,
    }
    return ShareConfig.model_validate(plain | changes)


TRACKING = {
    "kind": "none",
    "uri": None,
    "store": "runs/mlflow",
    "experiment": "adverts",
    "log_checkpoint": False,
}
TAKE_BACK = {
    "campaigns": [],
    "kinds": [],
    "recipient": None,
}


def signals_of(one):
    return (
        Signal("sha256", one.item[1:].ljust(64, "0"), 100, -1.0),
        Signal("pdq", one.item[1:].rjust(64, "0"), 90, 3.0),
    )


def offered(*items):
    """Return adverts with hashes of their own."""
    return Offered(
        "b1", tuple(items), {one.item: signals_of(one) for one in items}, (), {"c000001": 0.9}
    )


ITEMS = (item("a1"), item("a2"))


def share(asked, given=None, *, now=NOW, log=lambda entry: None):
    return send(asked, given or offered(*ITEMS), now=now, account=WHO, log=log)


def take_back(folder, reference, name="back", **changes):
    told = {"retract": reference, "reason": "a charity", "share_dir": folder / name}
    asked = config(folder, **TAKE_BACK, **told, **changes)
    return retract(asked, now=NOW + datetime.timedelta(hours=1), account=WHO)


def known(day=TODAY, **changes):
    said = {one.item: one.reviewed for one in ITEMS}
    here = {one.item: "c000001" for one in ITEMS}
    plain = {"bank": "b1", "campaigns": here, "became": {}, "reviewed": said, "day": day}
    return Known(**(plain | changes))
