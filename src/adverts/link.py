"""VERB: adverts that people judged -> campaigns, with evidence, doubt and judgements, in a bank.

Usage::

    adverts link prepared=prepared/mine scores=scores/posts bank=bank   # build, or extend
    adverts link bank=bank sheet=200                                     # pairs to judge
    adverts link bank=bank judgements=judged.csv                         # what people decided
    adverts link bank=bank find=- why='request 12' < value.txt           # where was it seen
    adverts link bank=bank export=[csv,graphml,neo4j,ftm]                # for other tools, tokens alone
    adverts link bank=bank reveal=- prepared=prepared/mine source=raw why='request 12' < tokens.txt
    adverts link bank=bank erase=ids.txt                                 # these leave, for good
    adverts link bank=bank hold=ids.txt until=2027-06-30 why='case 7'    # these are restricted instead
    adverts link bank=bank as_of=2026-06-30                              # what was known then
    adverts link bank=bank refresh=true                                  # without what is too old by now
    adverts link bank=bank verify=true
"""  # noqa: E501 - commands stand in one line

from __future__ import annotations

import datetime
import getpass
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config.linking import LinkConfig
from adverts.errors import InputError, plural, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adverts.linking.bank.as_of import Why
    from adverts.linking.desk import Desk
    from adverts.linking.judgements.judgements import Judgement
    from adverts.linking.judgements.record_judgements import Recorded
    from adverts.linking.judgements.spoken_words import Word
    from adverts.linking.rebuild import Rebuilt
    from adverts.linking.rules import LinkingRules

_MOST_ASKED = 60_000_000
"""Bytes of the largest value that is read; larger ones are refused when they are looked at."""


def link(config: LinkConfig) -> Rebuilt:
    """Build a bank or extend it, after recording the judgements that are given.

    Raises:
        InputError: Bank, inputs or judgements cannot be used; the bank stays as it was.
        IntegrityError: A file of them is damaged.
    """
    desk = _desk(config)
    if config.judgements:
        desk.log("judgement", ", ".join(one.name for one in config.judgements))
        _record(config, desk.judgements_file)
    return _rebuild(config, desk.judgements())


def preview(config: LinkConfig) -> Rebuilt:
    """Return the build that judgements would make; nothing is recorded or written.

    Raises:
        InputError: Bank or judgements cannot be used.
        IntegrityError: A file of them is damaged.
    """
    from adverts.linking.judgements.judgement_file import read_judgements

    known = _desk(config).judgements_file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / known.name
        if known.exists():
            shutil.copyfile(known, path)
        _record(config, path, preview=True)
        return _rebuild(config, read_judgements(path), write=False)


def _rebuild(
    config: LinkConfig,
    judgements: Sequence[Judgement],
    *,
    write: bool = True,
    why: Why = "expiry",
) -> Rebuilt:
    from adverts.data.review.reviews import read_reviews
    from adverts.inputs.contacts.token_key import token_key_of
    from adverts.linking.entering.open_inputs import Terms
    from adverts.linking.rebuild import Given, rebuild
    from adverts.work.cpu_session import available_cores

    if config.scores and not config.reviews.exists():
        say(f"{config.reviews}: no reviews there, so no advert of scores enters by them")
    rebuilt = rebuild(
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
    )
    if write and (rebuilt.gathered.barred or rebuilt.gathered.expired):
        _desk(config).remove_copies()
    return rebuilt


def _rules(config: LinkConfig) -> LinkingRules:
    from adverts.linking.rules import LinkingRules

    return LinkingRules(
        silent_weeks=config.silent_weeks,
        many_owners=config.many_owners,
        most_accounts=config.most_accounts,
        join_at=config.join_at,
        large=config.large,
        resamples=config.resamples,
        seed=config.seed,
    )


def _record(config: LinkConfig, path: Path, *, preview: bool = False) -> Recorded:
    """Record what people said in the file of judgements at ``path``."""
    from adverts.linking.judgements.bank_names import known_names
    from adverts.linking.judgements.record_judgements import record
    from adverts.linking.rebuild import read_before

    before = read_before(config.bank)
    if not before:
        raise InputError(f"{config.bank} holds no bank yet; build it first, and judge its links")
    build = max(before["builds"]["build"].to_pylist())
    words = [word for file in config.judgements for word in _words(file, build)]
    recorded = record(path, words, known_names(before), now=_now().isoformat())
    for line in recorded.taken_back:
        say(line)
    said = "to record" if preview else "recorded"
    say(f"{plural(len(recorded.added), 'judgement')} {said}, {recorded.known:,} known before")
    return recorded


def _words(path: Path, build: int) -> Sequence[Word]:
    """Return what people said in a sheet of pairs, or in a file of judgements."""
    from adverts.linking.judgements.judgement_csv import read_judgement_csv
    from adverts.linking.judgements.judgement_sheet import is_judgement_sheet, read_judgement_sheet

    if not is_judgement_sheet(path):
        return read_judgement_csv(path, now=_now().isoformat())
    sheet = read_judgement_sheet(path, build=build, now=_now().isoformat())
    if sheet.unfinished:
        say(f"{path}: {plural(sheet.unfinished, 'pair')} not judged yet")
    return sheet.words


def erase(config: LinkConfig, ids: Sequence[str]) -> Rebuilt:
    """Take adverts out of the bank for good, with all pages and sheets that may show them.

    Raises:
        InputError: There is no bank, or it cannot be written.
        IntegrityError: A file of it is damaged.
    """
    from adverts.linking.export_bank import exports_elsewhere

    desk = _desk(config)
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
    from adverts.linking.desk import Desk

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
    from adverts.linking.export_bank import export_bank
    from adverts.linking.reveal import MOST_BYTES, Sources, reveal

    desk, key = _desk(config), _key()
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
    from adverts.data.erasing.erasure import read_ids

    desk = _desk(config)
    if config.find is not None:
        for answer in desk.find(sys.stdin.buffer.read(_MOST_ASKED + 1), _key()):
            say(str(answer))
    elif config.sheet is not None:
        sheet = desk.write_sheet(config.sheet, seed=config.seed)
        say(f"{sheet}  says which pairs to judge: fill in said, by and why")
        say(f"then: adverts link bank={config.bank} judgements={sheet}")
    elif config.hold is not None and config.until is not None:
        ids = read_ids(config.hold)
        here = desk.hold(ids, config.until)
        say(
            f"held until {config.until}: {plural(len(ids), 'advert')}, of which {here:,} are in "
            "the bank; when they would be erased or expire, they are restricted instead"
        )
    elif config.as_of is not None:
        made, erased = desk.as_of(config.as_of)
        page = desk.write_pages(made.tables, config.campaigns, most=config.pages, day=config.as_of)
        known = plural(len(made.tables["adverts"]), "advert")
        say(f"{known} known on {config.as_of}; {erased:,} more were erased since")
        if page is not None:
            say(str(page))
    elif config.verify:
        say(desk.verify())


@command("link", LinkConfig)
def main(config: LinkConfig) -> None:
    """Run ``adverts link``."""
    from adverts.data.erasing.erasure import read_ids
    from adverts.linking.build_lines import build_lines, judgement_lines
    from adverts.linking.judgements.preview import moves
    from adverts.linking.tables.stored_edges import campaigns_of

    if config.reveal or config.export:
        _look_with_key(config)
        return
    if config.find or config.sheet or config.hold or config.as_of or config.verify:
        _look(config)
        return
    if config.preview:
        rebuilt = preview(config)
        for line in moves(campaigns_of(rebuilt.before), campaigns_of(rebuilt.made.tables)):
            say(line)
        for line in judgement_lines(rebuilt.made.found.held):
            say(line)
        say("nothing was changed; leave out preview=true to do it")
        return
    rebuilt = link(config) if config.erase is None else erase(config, read_ids(config.erase))
    for line in build_lines(rebuilt):
        say(line)
    say(f"build {rebuilt.build} of {config.bank}")
    page = _desk(config).write_pages(rebuilt.made.tables, config.campaigns, most=config.pages)
    if page is not None:
        say(f"{page}  shows adverts: keep it here")


if __name__ == "__main__":
    main()
