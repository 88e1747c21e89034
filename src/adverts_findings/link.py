"""VERB: adverts that people judged -> campaigns, with evidence, doubt and judgements.

Usage::

    adverts link prepared=prepared/mine scores=scores/posts bank=bank   # build, or extend
    adverts link bank=bank campaign=c000012                              # its page
    adverts link bank=bank campaign=c000012 prepared=prepared/mine       # with texts and pictures
    adverts link bank=bank sheet=200                                     # pairs to judge
    adverts link bank=bank judgements=judged.csv                         # what people decided
    adverts link bank=bank find=- why='request 12' < value.txt           # where was it seen
    adverts link bank=bank export=[csv,graphml,neo4j,ftm]                # for other tools, tokens alone
    adverts link bank=bank reveal=- prepared=prepared/mine source=raw why='request 12' < tokens.txt
    adverts link bank=bank erase=ids.txt                                 # these leave, for good
    adverts link bank=bank hold=ids.txt until=2027-06-30 why='case 7'    # these are restricted instead
    adverts link bank=bank as_of=2026-06-30                              # what was known then
    adverts link bank=bank forget_log=2026-01-31 why='retention'         # who and why, from the log
    adverts link bank=bank refresh=true                                  # without what is too old by now
    adverts link bank=bank since=2026-W44                                # what is new since then
    adverts link bank=bank verify=true
"""  # noqa: E501 - commands stand in one line

from __future__ import annotations

import datetime
import getpass
import os
import sys
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config.overrides import shell_word
from adverts.errors import InputError, plural, say
from adverts_findings.config.campaigns import LinkConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adverts_findings.campaigns.bank.as_of import Why
    from adverts_findings.campaigns.desk import Desk
    from adverts_findings.campaigns.judgements.judgements import Judgement
    from adverts_findings.campaigns.rebuild import Rebuilt
    from adverts_findings.campaigns.rules import LinkingRules

_SHOWING = ("find", "sheet", "as_of", "since")
_MOST_ASKED = 60_000_000
"""Bytes of the largest value that is read; larger ones are refused when they are looked at."""


def link(config: LinkConfig) -> Rebuilt:
    """Build a bank or extend it, after recording the judgements that are given.

    Raises:
        InputError: Bank, inputs or judgements cannot be used; the bank stays as it was.
        IntegrityError: A file of them is damaged.
    """
    from adverts_findings.campaigns.record_files import record_files

    desk = _desk(config)
    if config.judgements:
        for line in record_files(desk, config.judgements):
            say(line)
    return _rebuild(config, desk.judgements())


def preview(config: LinkConfig) -> Rebuilt:
    """Return the build that judgements would make; nothing is recorded or written.

    Raises:
        InputError: Bank or judgements cannot be used.
        IntegrityError: A file of them is damaged.
    """
    from adverts_findings.campaigns.record_files import preview_files

    told, judgements = preview_files(_desk(config), config.judgements)
    for line in told:
        say(line)
    return _rebuild(config, judgements, write=False)


def _rebuild(
    config: LinkConfig,
    judgements: Sequence[Judgement],
    *,
    write: bool = True,
    why: Why = "expiry",
) -> Rebuilt:
    from adverts.data.review.reviews import read_reviews
    from adverts.inputs.contacts.token_key import token_key_of
    from adverts.work.cpu_session import available_cores
    from adverts_findings.campaigns.entering.open_inputs import Terms
    from adverts_findings.campaigns.rebuild import Given, rebuild

    if config.scores and not config.reviews.exists():
        say(f"{config.reviews}: no reviews there, so no advert of scores enters by them")
    return rebuild(
        config.bank,
        Given(
            config.prepared,
            config.scores,
            read_reviews(config.reviews),
            token_key_of(os.environ),
            config.rekey,
        ),
        judgements,
        _rules(config),
        terms=Terms(_now().date(), config.candidate_days, config.retain_days),
        created_by=_created_by(),
        now=_now(),
        threads=config.threads or available_cores(),
        write=write,
        why=why,
        leaving=_desk(config).remove_shown,
        log=_desk(config).log_build,
    )


def _rules(config: LinkConfig) -> LinkingRules:
    from adverts_findings.campaigns.rules import LinkingRules

    return LinkingRules(
        silent_weeks=config.silent_weeks,
        many_owners=config.many_owners,
        most_accounts=config.most_accounts,
        join_at=config.join_at,
        large=config.large,
        resamples=config.resamples,
        seed=config.seed,
    )


def erase(config: LinkConfig, ids: Sequence[str]) -> Rebuilt:
    """Take adverts out of the bank for good, with all pages and sheets that may show them.

    Raises:
        InputError: There is no bank, or it cannot be written.
        IntegrityError: A file of it is damaged.
    """
    from adverts_findings.campaigns.export_bank import exports_elsewhere

    desk = _desk(config)
    desk.require_bank()
    if unknown := desk.missing(ids):
        of = f"{len(unknown):,} of {plural(len(ids), 'id')}"
        say(f"caution: {of}, such as {unknown[0]}, are not in the bank; they are kept out")
    desk.forget(ids)
    for line in exports_elsewhere(desk):
        say(line)
    return _rebuild(config, desk.judgements(), why="erasure")


def _key() -> bytes:
    from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_of

    key = token_key_of(os.environ)
    if key is None:
        raise InputError(f"values are looked up by their tokens: set ${TOKEN_KEY} as for the bank")
    return key


def _desk(config: LinkConfig) -> Desk:
    from adverts.data.review.people import require_person
    from adverts_findings.campaigns.desk import Desk

    if config.who is not None:
        require_person("who", config.who)
    return Desk(config.bank, config.who or getpass.getuser(), config.why or "", _now())


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _created_by() -> str:
    from adverts import __version__
    from adverts.files.file_hash import producing_commit

    commit = producing_commit()
    return f"adverts {__version__}" + (f", commit {commit}" if commit else "")


def _look_with_key(config: LinkConfig) -> None:
    """Do what builds nothing and needs the key: export, or say whom tokens stand for."""
    from adverts_findings.campaigns.export_bank import export_bank
    from adverts_findings.campaigns.reveal import MOST_BYTES, Sources, reveal

    desk, key = _desk(config), _key()
    with desk.steady():
        if config.export:
            place = export_bank(
                desk, config.export, key=key, out=config.out, addresses=config.addresses
            )
            say(f"{place}  read its README.md before you pass it on")
            return
        sources = Sources(config.prepared, config.source, config.scores)
        for whom in reveal(desk, sys.stdin.buffer.read(MOST_BYTES + 1), sources, key=key):
            say(whom)


def _look(config: LinkConfig) -> None:
    """Do what builds nothing."""
    from adverts_findings.campaigns.bank.overdue import overdue_words

    acts = {
        "find": _say_found,
        "sheet": _say_sheet,
        "hold": _say_hold,
        "as_of": _say_day,  # of which campaign= says the pages
        "campaign": _say_pages,
        "since": _say_news,
        "forget_log": _say_forgotten,
        "verify": _say_verified,
    }
    name = next(name for name in acts if getattr(config, name))
    if name not in _SHOWING:
        acts[name](config)
        return
    desk = _desk(config)
    with desk.steady() as late:
        if late:
            desk.remove_shown()
            say(f"{overdue_words(late)}; nothing shows them, and pages and sheets were removed")
        acts[name](config)


def _say_found(config: LinkConfig) -> None:
    for answer in _desk(config).find(sys.stdin.buffer.read(_MOST_ASKED + 1), _key()):
        say(str(answer))


def _say_sheet(config: LinkConfig) -> None:
    from adverts_findings.campaigns.write_sheet import write_sheet

    assert config.sheet is not None
    sheet = write_sheet(_desk(config), config.sheet, seed=config.seed)
    say(f"{sheet}; fill in said, by and why")
    bank, judged = str(config.bank), str(sheet.path)
    say(f"then: adverts link {shell_word('bank', bank)} {shell_word('judgements', judged)}")


def _say_pages(config: LinkConfig) -> None:
    for written in _desk(config).write_campaign_pages(config.campaign, config.prepared):
        say(f"{written}  is restricted: keep it here")


def _say_forgotten(config: LinkConfig) -> None:
    from adverts_findings.campaigns.export_bank import exports_elsewhere

    assert config.forget_log is not None
    if elsewhere := exports_elsewhere(_desk(config)):
        for line in elsewhere:
            say(line)
        say("note these places: what the log forgets, no later erase= can name")
    lines = plural(_desk(config).forget_log(config.forget_log), "line")
    say(f"who, what and why were erased from {lines} of the log, until {config.forget_log}")


def _say_verified(config: LinkConfig) -> None:
    from adverts_findings.campaigns.verify_bank import verify_bank

    say(verify_bank(_desk(config)))


def _say_preview(rebuilt: Rebuilt) -> None:
    from adverts_findings.campaigns.build_lines import judgement_lines
    from adverts_findings.campaigns.judgements.preview import moves, said_moves
    from adverts_findings.campaigns.tables.stored_edges import campaigns_of

    before, after = rebuilt.before, rebuilt.made.tables
    for line in moves(campaigns_of(before), campaigns_of(after)):
        say(line)
    for line in said_moves(before["said"].to_pylist(), after["said"].to_pylist()):
        say(line)
    for line in judgement_lines(rebuilt.made.found.held):
        say(line)
    say("nothing was changed; leave out preview=true to do it")


def _say_hold(config: LinkConfig) -> None:
    from adverts.data.erasing.erasure import read_ids

    assert config.hold is not None
    assert config.until is not None
    ids = read_ids(config.hold)
    here = _desk(config).hold(ids, config.until)
    say(
        f"held until {config.until}: {plural(len(ids), 'advert')}, of which {here:,} are in the "
        "bank; when they would be erased or expire, they are restricted instead; until then they "
        "stay in use, and may be shared"
    )


def _say_day(config: LinkConfig) -> None:
    from adverts_findings.campaigns.look_back import look_back

    desk, day = _desk(config), config.as_of
    assert day is not None
    then = look_back(desk, day)
    tables = then.made.tables
    page = desk.write_pages(tables, config.campaign, most=config.pages, day=day)
    known = plural(len(tables["adverts"]), "advert")
    hidden = f", {then.hidden:,} may be kept no longer and are hidden" if then.hidden else ""
    say(f"{known} known on {day}; {then.erased:,} more were erased since{hidden}")
    if page is not None:
        say(str(page))


def _say_news(config: LinkConfig) -> None:
    from adverts_findings.campaigns.news.news_lines import news_lines

    assert config.since is not None
    page, record = _desk(config).write_news(config.since)
    for line in news_lines(record):
        say(line)
    say(f"{page}  is restricted: keep it here")


@command("link", LinkConfig)
def main(config: LinkConfig) -> None:
    """Run ``adverts link``."""
    from adverts.data.erasing.erasure import read_ids
    from adverts_findings.campaigns.build_lines import build_lines

    if config.reveal or config.export:
        _look_with_key(config)
        return
    if config.asks:
        _look(config)
        return
    if config.preview:
        _say_preview(preview(config))
        return
    rebuilt = link(config) if config.erase is None else erase(config, read_ids(config.erase))
    for line in build_lines(rebuilt):
        say(line)
    say(f"build {rebuilt.build} of {config.bank}")
    page = _desk(config).write_pages(rebuilt.made.tables, most=config.pages)
    if page is not None:
        say(f"{page}  shows adverts: keep it here")


if __name__ == "__main__":
    main()
