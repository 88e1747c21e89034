"""VERB: campaigns -> records for platforms and partners, and what came of them.

Usage::

    adverts share bank=bank campaigns=[C12] kinds=[notice,hashes] recipient=demo-platform approved_by=NAME purpose=removal expires=2027-02-01 prepared=prepared/mine negatives=prepared/negatives share_dir=out/w44
    adverts share                                                  # what is out, and what came of it
    adverts share outcome=answers.csv                              # what recipients answered
    adverts share retract=R-0123456789abcdef reason=WHY share_dir=out/retracted bank=bank
    adverts share withdraw=true bank=bank share_dir=out/due        # expired, erased, reviewed anew
    adverts share danger=closed items=[i169b5b823c62b64ca7e5] approved_by=NAME reason=WHY   # a person dealt with it
    adverts share confirm=W-0123456789abcdef                       # it is gone at the recipient
    adverts share forget_people=2026-01-31                         # who did it leaves the ledger, until that day
    adverts share verify=out/w44/send                              # is it what was sent, and does it stand?
"""  # noqa: E501 - commands stand in one line

from __future__ import annotations

import datetime
import os
import pwd
from contextlib import suppress
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.errors import AdvertsError, InputError, first_line, plural, say
from adverts_findings.config.sharing import ShareConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from adverts.data.review.reviews import Review
    from adverts_findings.campaigns.bank.read_bank import Bank
    from adverts_findings.sharing.known_ledgers import Use
    from adverts_findings.sharing.leaving.item import Item
    from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry
    from adverts_findings.sharing.ledger.report import LedgerReport
    from adverts_findings.sharing.make_share import Offered
    from adverts_findings.sharing.send import Sent
    from adverts_findings.sharing.withdraw import TakenBack


class NothingSharedError(AdvertsError):
    """Nothing may leave of what was asked for."""

    exit_status = 1


class NotAsSentError(AdvertsError):
    """A folder is not what was sent, or not all of it may be used any more."""

    exit_status = 1


def share(config: ShareConfig) -> Sent:
    """Share adverts of campaigns with one recipient.

    Raises:
        InputError: What is asked cannot be done as a whole, or an input cannot be used.
        IntegrityError: Bank, reviews, dataset or ledger are damaged.
    """
    from adverts_findings.campaigns.bank.read_bank import open_bank
    from adverts_findings.campaigns.desk import Desk
    from adverts_findings.campaigns.pages.beside.exports import share_words
    from adverts_findings.sharing.leaving.order import require_allowed
    from adverts_findings.sharing.make_share import order_of
    from adverts_findings.sharing.send import send

    assert config.bank is not None
    account, now = _account(), _now()
    order = order_of(config, account)
    require_allowed(order, now.date())
    desk = Desk(config.bank, config.approved_by or "", config.purpose or "", now)
    state = desk.state()
    desk.overdue()  # refuses what an erasure left
    with open_bank(config.bank) as bank:
        offered = _offered(config, bank, now.date())

    def log(entry: LedgerEntry) -> None:
        assert entry.shared is not None
        if desk.state() != state:
            raise InputError(
                f"{config.bank} was built or erased from meanwhile; nothing was shared, so run the "
                "same command again"
            )
        campaigns = sorted({one.campaign for one in entry.shared.items})
        desk.log("share", share_words(entry.reference, order.name, order.kinds, campaigns))

    return send(config, offered, now=now, account=account, log=log)


def _say_held(bank: Bank, items: Sequence[Item], day: datetime.date) -> None:
    """Say of how many adverts a hold is on, which keeps them from erasure and from nothing else."""
    from adverts_findings.campaigns.bank.holds import held_adverts, read_holds

    holds = read_holds(bank.folder)
    if holds:
        tables = {"adverts": bank.table("adverts", ("id", "campaign"))}
        held = held_adverts(tables | {"replaced": bank.table("replaced")}, holds, day)
        mine = sum(one.advert in held for one in items)
        if mine:
            say(f"{plural(mine, 'advert')} under a hold, which keeps from erasure alone")


def _offered(config: ShareConfig, bank: Bank, day: datetime.date) -> Offered:
    from adverts_findings.sharing.find_due import bank_id
    from adverts_findings.sharing.hashes.negatives import read_negatives
    from adverts_findings.sharing.hashes.signals import signals_of
    from adverts_findings.sharing.leaving.read_items import read_items
    from adverts_findings.sharing.make_share import Offered

    reviews = _reviews(config, bank)
    items = read_items(bank, config.campaigns, config.prepared, reviews, day, scores=config.scores)
    _say_held(bank, items, day)
    signals, none = signals_of(items, read_negatives(config.negatives))
    return Offered(bank_id(bank), items, signals, none, _probability(bank))


def _reviews(config: ShareConfig, bank: Bank) -> tuple[Review, ...]:
    """Return what people said; refuse fewer or other reviews than the bank has seen."""
    from adverts.data.review.reviews import read_reviews
    from adverts_findings.campaigns.bank.access_log import note_reviews, require_seen_reviews
    from adverts_findings.campaigns.build import memory_of

    reviews = read_reviews(config.reviews)
    memory_of({"builds": bank.table("builds")}).require_known(reviews, "reviews")
    require_seen_reviews(bank.folder, reviews)
    note_reviews(bank.folder, reviews, who=_account(), at=_now())
    return reviews


def _probability(bank: Bank) -> Mapping[str, float]:
    """Return the probabilities of campaigns that are calibrated; others say nothing to anybody."""
    table = bank.table("campaigns", ("campaign", "probability", "calibrated"))
    return {
        one["campaign"]: one["probability"]
        for one in table.to_pylist()
        if one["calibrated"] and one["probability"] is not None
    }


def withdraw(config: ShareConfig) -> list[TakenBack]:
    """Withdraw what has expired, left the bank, was reviewed anew or judged apart.

    Raises:
        InputError: An input cannot be used, or a recipient is not configured.
        IntegrityError: Bank, reviews or ledger are damaged.
    """
    from adverts_findings.campaigns.bank.read_bank import open_bank
    from adverts_findings.campaigns.entering.words import counted_of
    from adverts_findings.sharing.find_due import known_of
    from adverts_findings.sharing.leaving.reviewed import reviewed_of
    from adverts_findings.sharing.withdraw import withdraw_due

    assert config.bank is not None
    now = _now()
    with open_bank(config.bank) as bank:
        said = reviewed_of(_reviews(config, bank), counted_of(bank.table("builds")))
        known = known_of(bank, said, now.date())
    _say_elsewhere(config, known.bank)
    return withdraw_due(config, known, now=now, account=_account())


def _say_elsewhere(config: ShareConfig, bank: str) -> None:
    """Say of how much nobody knows here whether it was erased, reviewed anew or judged apart."""
    from adverts_findings.sharing.ledger.open_ledger import read_ledger
    from adverts_findings.sharing.ledger.outstanding import outstanding

    out = outstanding(read_ledger(config.ledger)).values()
    elsewhere = sum(one.withdrawal is None and one.bank != bank for one in out)
    if elsewhere:
        say(
            f"{plural(elsewhere, 'item')} of another bank: only their expiry was looked at; run "
            "withdraw=true with their bank, too"
        )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _account() -> str:
    """Return the account as the system knows it, whatever the environment calls it."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user may have no name
        name = f"uid {os.getuid()}"
    return f"{name}@{os.uname().nodename}"


def _say_sent(config: ShareConfig) -> None:
    from adverts_findings.sharing.send import refusal_lines

    sent = share(config)
    for line in refusal_lines(sent.refusals):
        say(line)
    if sent.entry is None:
        raise NothingSharedError("nothing may leave of what was asked for; nothing was recorded")
    assert sent.entry.shared is not None
    again = ", recorded before: the same files were written again" if sent.is_again else ""
    items = plural(len(sent.entry.shared.items), "item")
    say(f"{sent.entry.reference}: {items} for {sent.entry.recipient}{again}")
    say(f"{config.share_dir}/send is for them, {config.share_dir}/keep stays here")


def _say_withdrawn(config: ShareConfig) -> None:
    from adverts_findings.sharing.withdraw import retract

    if config.withdraw:
        _tell(withdraw(config))
    else:
        _tell(retract(config, now=_now(), account=_account()))


def _tell(made: Sequence[TakenBack]) -> None:
    from adverts_findings.sharing.withdraw import withdrawn_words

    for one in made:
        say(withdrawn_words(one))
    if not made:
        say("nothing has to be withdrawn")


def _say_danger(config: ShareConfig) -> None:
    from adverts_findings.sharing.leaving.record_danger import record_danger

    assert config.danger is not None
    _require_seen(config)
    at = _now().isoformat()  # to the microsecond: closed in the same second is closed
    by, why = config.approved_by or "", config.reason or ""
    said = record_danger(
        config.reviews, config.items, config.danger, by=by, account=_account(), why=why, at=at
    )
    say(f"{config.reviews}: {config.danger} of {plural(said, 'advert')}")
    _let_bank_note(config)


def _require_seen(config: ShareConfig) -> None:
    """Refuse reviews that lack what the bank has seen: a word in them would be lost with them."""
    from adverts_findings.campaigns.bank.bank_files import read_pointer
    from adverts_findings.campaigns.bank.read_bank import open_bank

    if config.bank is None:
        return
    if read_pointer(config.bank) is None:
        raise InputError(
            f"{config.bank} holds no bank, which would note what was said; give its folder as "
            "bank=, or bank=null if there is none. Nothing was recorded"
        )
    with open_bank(config.bank) as bank:
        _reviews(config, bank)


def _let_bank_note(config: ShareConfig) -> None:
    """Let the bank note reviews that were just written."""
    try:
        _require_seen(config)
    except (AdvertsError, OSError) as error:
        raise InputError(
            f"{config.reviews} holds it, but {config.bank} did not note it, so that an older copy "
            f"of the reviews would not be noticed: {first_line(error)}; run the same command again"
        ) from error


def _say_confirmed(config: ShareConfig) -> None:
    from adverts_findings.sharing.ledger.record_confirmed import record_confirmed

    assert config.confirm is not None
    entry = record_confirmed(
        config.ledger,
        config.confirm,
        by=config.approved_by or _account(),
        account=_account(),
        at=_now().isoformat(timespec="seconds"),
    )
    if entry is None:
        say(f"{config.confirm} was confirmed before")
        return
    assert entry.confirmed is not None
    gone = plural(len(entry.confirmed.references), "item")
    say(f"{entry.reference}: {gone} confirmed gone at {entry.recipient}")


def _say_answers(config: ShareConfig) -> None:
    """Record answers; what was reversed on appeal is withdrawn from all who got it."""
    from adverts_findings.sharing.ledger.answers_csv import read_answers
    from adverts_findings.sharing.ledger.open_ledger import read_ledger
    from adverts_findings.sharing.ledger.outstanding import outstanding
    from adverts_findings.sharing.ledger.record_answers import record_answers
    from adverts_findings.sharing.withdraw import take_back_reversed

    assert config.outcome is not None
    now = _now()
    at = now.isoformat(timespec="seconds")
    answers = read_answers(config.outcome, outstanding(read_ledger(config.ledger)), now=at)
    is_reversed = any(one.appeal == "reversed" for one in answers)
    if config.share_dir is None and is_reversed:
        raise InputError(
            f"{config.outcome} has decisions that were reversed on appeal, which withdraws the "
            "adverts from all who got them; give share_dir=, the folder for what they are told"
        )
    by = config.approved_by or _account()
    if is_reversed:
        _require_seen(config)
    recorded = record_answers(
        config.ledger, answers, reviews=config.reviews, by=by, account=_account(), at=at
    )
    say(f"{plural(recorded.added, 'answer')} recorded, {recorded.known:,} known before")
    if is_reversed:
        _let_bank_note(config)
    if recorded.barred:
        say(f"{plural(recorded.barred, 'advert')} wait for a new review in {config.reviews}")
    if recorded.retract:
        _tell(take_back_reversed(config, recorded.retract, now=now, account=_account()))


def _say_verified(config: ShareConfig) -> None:
    from adverts_findings.sharing.ledger.open_ledger import read_ledger, require_ledger
    from adverts_findings.sharing.ledger.verify_sent import ended_lines, verified_words, verify_sent

    assert config.verify is not None
    require_ledger(config.ledger)
    entries = read_ledger(config.ledger)
    faults = verify_sent(config.verify, config.ledger, public_key=config.public_key)
    if faults:
        raise NotAsSentError("\n".join(faults))
    ended = ended_lines(config.verify, entries, _now().date())
    for line in ended:
        say(line)
    say(verified_words(config.verify))
    if ended:
        raise NotAsSentError(f"{config.verify}: {ended[0]}")


def _say_forgotten(config: ShareConfig) -> None:
    from adverts_findings.sharing.ledger.erase_people import erase_people

    day = config.forget_people
    assert day is not None
    if day >= _now().date():
        raise InputError(f"forget_people={day} is not over; give a day before today")
    lines = plural(erase_people(config.ledger, day), "line")
    say(f"accounts, names and reasons were erased from {lines} of the ledger, until {day}")


def _say_report(config: ShareConfig) -> None:
    from adverts_findings.sharing.ledger.open_ledger import read_ledger
    from adverts_findings.sharing.ledger.report import report
    from adverts_findings.sharing.ledger.report_lines import report_lines
    from adverts_findings.sharing.ledger.write_report import write_report

    found = report(read_ledger(config.ledger), _now())
    for line in report_lines(found):
        say(line)
    if config.report_dir is not None:
        page = write_report(config.report_dir, found)
        say(f"{page}  names no person and no advert")
        _track(config, page, found)


def _track(config: ShareConfig, page: Path, found: LedgerReport) -> None:
    """Record the figures and the page as a run of their own."""
    from adverts.tracking import open_tracker

    if config.tracking.kind == "none" or not found.lines:
        return
    folder = page.parent
    spool = folder.with_name(f"{folder.name}.tracking") / "spool.jsonl"
    with open_tracker(
        config.tracking, spool=spool, run_name=f"share {folder.name}", key=f"share {found.head}"
    ) as tracker:
        tracker.metrics(found.figures(), 0)
        tracker.artifact(page, "share")
        tracker.status("finished")


def _with_known_ledger(config: ShareConfig, act: Callable[[ShareConfig], None]) -> None:
    """Act with a ledger that the bank knows, and let the bank note what the act added to it.

    The note follows the act, so that a process that is killed between the two leaves a ledger that
    is longer than the bank knows, which the next act takes up.
    """
    from adverts_findings.campaigns.bank.bank_files import read_pointer
    from adverts_findings.sharing.known_ledgers import note_ledger, require_known_ledger

    bank, reads = config.bank, bool(config.verify or not config.task)
    if bank is None or read_pointer(bank) is None:
        if not (reads or config.is_share or config.withdraw):
            say(
                f"there is no bank at {bank}, so none knows of what {config.ledger} gets; see bank="
            )
        act(config)
        return
    use: Use = "share" if config.is_share else "withdraw" if config.withdraw else "write"
    now, account = _now(), _account()
    told = require_known_ledger(
        bank,
        config.ledger,
        "read" if reads else use,
        account=account,
        now=now,
        new=config.new_ledger,
    )
    if told:
        say(told)
    try:
        act(config)
    except BaseException:
        with suppress(AdvertsError):
            if not reads:
                note_ledger(bank, config.ledger, account=account, now=now)
        raise
    if not reads:
        try:
            note_ledger(bank, config.ledger, account=account, now=now)
        except AdvertsError as error:
            raise InputError(f"it is done and in {config.ledger}, but {error}") from None


@command("share", ShareConfig)
def main(config: ShareConfig) -> None:
    """Run ``adverts share``."""
    from adverts.data.review.people import require_person

    tasks: tuple[tuple[object, Callable[[ShareConfig], None]], ...] = (
        (config.is_share, _say_sent),
        (config.retract or config.withdraw, _say_withdrawn),
        (config.danger, _say_danger),
        (config.outcome, _say_answers),
        (config.confirm, _say_confirmed),
        (config.forget_people, _say_forgotten),
        (config.verify, _say_verified),
    )
    act = next((act for asked, act in tasks if asked), _say_report)
    for name in ("approved_by", "good_faith"):
        if getattr(config, name) is not None:
            require_person(name, getattr(config, name))
    if config.danger:
        act(config)
    else:
        _with_known_ledger(config, act)


if __name__ == "__main__":
    main()
