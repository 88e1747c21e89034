"""VERB: what people judged -> records for platforms and partners, and what came of them.

Usage::

    adverts share bank=bank campaigns=[C12] kinds=[notice,hashes] recipient=demo-platform approved_by=NAME purpose=removal expires=2027-02-01 prepared=prepared/mine negatives=prepared/negatives share_dir=out/w44
    adverts share                                                  # what is out, and what came of it
    adverts share outcome=answers.csv                              # what recipients answered
    adverts share retract=R-0123456789abcdef reason=WHY share_dir=out/retracted
    adverts share withdraw=true bank=bank share_dir=out/due        # expired, erased, reviewed anew
    adverts share confirm=W-0123456789abcdef                       # it is gone at the recipient
    adverts share verify=out/w44/send                              # is it what was sent?
"""  # noqa: E501 - commands stand in one line

from __future__ import annotations

import datetime
import getpass
import os
from typing import TYPE_CHECKING

from adverts.config.sharing import ShareConfig
from adverts.errors import AdvertsError, plural, say

if TYPE_CHECKING:
    from adverts.linking.bank.read_bank import Bank
    from adverts.sharing.ledger.ledger_entry import LedgerEntry
    from adverts.sharing.send import Offered, Sent
    from adverts.sharing.withdraw import TakenBack

_MOST_TOLD = 20


class NothingSharedError(AdvertsError):
    """Nothing may leave of what was asked for."""

    exit_status = 1


def share(config: ShareConfig) -> Sent:
    """Share adverts of campaigns with one recipient.

    Raises:
        InputError: What is asked cannot be done as a whole, or an input cannot be used.
        IntegrityError: Bank, reviews, dataset or ledger are damaged.
    """
    from adverts.linking.bank.read_bank import open_bank
    from adverts.linking.desk import Desk
    from adverts.linking.pages.beside.exports import share_words
    from adverts.sharing.leaving.order import require_allowed
    from adverts.sharing.send import order_of, send

    assert config.bank is not None
    order, now = order_of(config), _now()
    require_allowed(order, now.date())
    desk = Desk(config.bank, config.approved_by or "", config.purpose or "", now)
    desk.require_erased()
    with open_bank(config.bank) as bank:
        offered = _offered(config, bank, now.date())

    def log(entry: LedgerEntry) -> None:
        assert entry.shared is not None
        campaigns = sorted({one.campaign for one in entry.shared.items})
        desk.log("share", share_words(entry.reference, order.name, order.kinds, campaigns))

    return send(config, offered, now=now, account=_account(), log=log)


def _offered(config: ShareConfig, bank: Bank, day: datetime.date) -> Offered:
    from adverts.data.review.reviews import read_reviews
    from adverts.sharing.hashes.negatives import read_negatives
    from adverts.sharing.hashes.signals import signals_of
    from adverts.sharing.leaving.read_items import read_items
    from adverts.sharing.send import Offered

    reviews = read_reviews(config.reviews)
    items = read_items(bank, config.campaigns, config.prepared, reviews, day, scores=config.scores)
    signals, none = signals_of(items, read_negatives(config.negatives))
    table = bank.table("campaigns", ("campaign", "probability"))
    probability = dict(
        zip(table["campaign"].to_pylist(), table["probability"].to_pylist(), strict=True)
    )
    return Offered(items, signals, none, {k: v for k, v in probability.items() if v is not None})


def withdraw(config: ShareConfig) -> list[TakenBack]:
    """Withdraw what has expired, left the bank, was reviewed anew or judged apart.

    Raises:
        InputError: An input cannot be used, or a recipient is not configured.
        IntegrityError: Bank, reviews or ledger are damaged.
    """
    from adverts.data.review.reviews import read_reviews
    from adverts.linking.bank.read_bank import open_bank
    from adverts.linking.entering.words import counted_of
    from adverts.sharing.find_due import known_of
    from adverts.sharing.leaving.reviewed import reviewed_of
    from adverts.sharing.withdraw import withdraw_due

    assert config.bank is not None
    now = _now()
    with open_bank(config.bank) as bank:
        said = reviewed_of(read_reviews(config.reviews), counted_of(bank.table("builds")))
        known = known_of(bank, said, now.date())
    return withdraw_due(config, known, now=now, account=_account())


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _account() -> str:
    return f"{getpass.getuser()}@{os.uname().nodename}"


def _say_sent(config: ShareConfig) -> None:
    sent = share(config)
    for refusal in sent.refusals[:_MOST_TOLD]:
        say(f"{refusal.item} {refusal.kind}: {refusal.reason}")
    if len(sent.refusals) > _MOST_TOLD:
        say(f"… and {len(sent.refusals) - _MOST_TOLD:,} more refused")
    if sent.entry is None:
        raise NothingSharedError("nothing may leave of what was asked for; nothing was recorded")
    assert sent.entry.shared is not None
    again = ", recorded before: the same files were written again" if sent.is_again else ""
    items = plural(len(sent.entry.shared.items), "item")
    say(f"{sent.entry.reference}: {items} for {sent.entry.recipient}{again}")
    say(f"{config.share_dir}/send is for them, {config.share_dir}/keep stays here")


def _say_withdrawn(config: ShareConfig) -> None:
    from adverts.sharing.withdraw import retract, withdrawn_words

    made = withdraw(config) if config.withdraw else retract(config, now=_now(), account=_account())
    for one in made:
        say(withdrawn_words(one))
    if not made:
        say("nothing has to be withdrawn")
