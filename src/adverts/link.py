"""VERB: adverts that people judged -> campaigns, with evidence, doubt and judgements, in a bank.

Usage::

    adverts link prepared=prepared/mine scores=scores/posts bank=bank   # build, or extend
    adverts link bank=bank sheet=200                                     # pairs to judge
    adverts link bank=bank judgements=judged.csv                         # what people decided
    adverts link bank=bank find=- why='request 12' < value.txt           # where was it seen
    adverts link bank=bank erase=ids.txt                                 # these leave, for good
    adverts link bank=bank hold=ids.txt until=2027-06-30 why='case 7'    # these are restricted instead
    adverts link bank=bank as_of=2026-06-30                              # what was known then
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
from adverts.config.overrides import free_folder
from adverts.errors import InputError, plural, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from adverts.linking.bank.answers import Answer
    from adverts.linking.bank.log_entry import Act
    from adverts.linking.build import Made
    from adverts.linking.judgements.judgements import Judgement
    from adverts.linking.judgements.record_judgements import Recorded
    from adverts.linking.judgements.spoken_words import Word
    from adverts.linking.rebuild import Rebuilt
    from adverts.linking.rules import LinkingRules

JUDGEMENTS = "judgements.jsonl"
_MOST_ASKED = 60_000_000
"""Bytes of the largest value that is read; larger ones are refused when they are looked at."""


def link(config: LinkConfig) -> Rebuilt:
    """Build a bank or extend it, after recording the judgements that are given.

    Raises:
        InputError: Bank, inputs or judgements cannot be used; the bank stays as it was.
        IntegrityError: A file of them is damaged.
    """
    from adverts.linking.judgements.judgement_file import read_judgements

    if config.judgements:
        recorded = _record(config, config.bank / JUDGEMENTS)
        _log(config, "judgement", asked=f"{len(recorded.added)} judgements", why="judged")
    return _rebuild(config, read_judgements(config.bank / JUDGEMENTS))


def preview(config: LinkConfig) -> Rebuilt:
    """Return the build that judgements would make; nothing is recorded or written.

    Raises:
        InputError: Bank or judgements cannot be used.
        IntegrityError: A file of them is damaged.
    """
    from adverts.linking.judgements.judgement_file import read_judgements

    known = config.bank / JUDGEMENTS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / JUDGEMENTS
        if known.exists():
            shutil.copyfile(known, path)
        _record(config, path)
        return _rebuild(config, read_judgements(path), write=False)


def _rebuild(config: LinkConfig, judgements: Sequence[Judgement], *, write: bool = True) -> Rebuilt:
    from adverts.data.review.reviews import read_reviews
    from adverts.inputs.contacts.token_key import token_key_of
    from adverts.linking.entering.open_inputs import Terms
    from adverts.linking.rebuild import Given, rebuild
    from adverts.work.cpu_session import available_cores

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
    )


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


def _record(config: LinkConfig, path: Path) -> Recorded:
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
    say(f"{plural(len(recorded.added), 'judgement')} recorded, {recorded.known:,} known before")
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


def write_sheet(config: LinkConfig, pairs: int) -> Path:
    """Write a sheet of pairs to judge and return its path.

    Raises:
        InputError: There is no bank, or no pair is left to judge.
        IntegrityError: The bank is damaged.
    """
    from adverts.linking.bank.read_bank import open_bank
    from adverts.linking.judgements.apply_judgements import judged_rows
    from adverts.linking.judgements.judgement_file import read_judgements
    from adverts.linking.judgements.judgement_sheet import write_judgement_sheet
    from adverts.linking.judgements.which_to_judge import which_to_judge
    from adverts.linking.stored_edges import stored_edges

    with open_bank(config.bank) as bank:
        tables = {name: bank.table(name) for name in ("adverts", "edges", "bridges")}
        build = bank.build
    stored = stored_edges(tables)
    rows = {one: row for row, one in enumerate(tables["adverts"]["id"].to_pylist())}
    judged = judged_rows(read_judgements(config.bank / JUDGEMENTS), rows)
    drawn = which_to_judge(
        stored.edges,
        roots=stored.roots,
        bridges=stored.bridges,
        judged=judged,
        budget=pairs,
        seed=config.seed,
    )
    if not drawn:
        raise InputError(f"no pair of {config.bank} is left to judge")
    _log(config, "export", asked=f"sheet of {plural(len(drawn), 'pair')}", why="judging")
    path = free_folder(config.bank / "sheets" / f"build-{build:04d}")
    path.mkdir(mode=0o700, parents=True)
    sheet = path / "pairs.csv"
    write_judgement_sheet(sheet, drawn, stored.edges, tables["adverts"], build=build)
    return sheet


def find(config: LinkConfig, given: bytes) -> tuple[Answer, ...]:
    """Return what the bank knows of a value, after logging who asked and why.

    Args:
        config: Configuration with the bank, and why it is asked.
        given: What was piped: a phone, handle, link or text, or the content of a picture.

    Raises:
        InputError: There is no bank, the key is missing or another one, or the value is none.
        IntegrityError: The bank is damaged.
    """
    from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_of
    from adverts.linking.bank.asked_value import value_from
    from adverts.linking.bank.find import find_values
    from adverts.linking.bank.read_bank import open_bank

    key = token_key_of(os.environ)
    if key is None:
        raise InputError(f"values are looked up by their tokens: set ${TOKEN_KEY} as for the bank")
    with open_bank(config.bank) as bank:
        key_id = bank.table("builds").sort_by("build")["token_key_id"].to_pylist()[-1]
        asked = value_from(given, key=key, bank_key_id=key_id)
        _log(config, "find", asked=asked.name, why="")
        return find_values(bank, asked)


def erase(config: LinkConfig, ids: Sequence[str]) -> Rebuilt:
    """Take adverts out of the bank for good, with all pages and sheets that may show them.

    Raises:
        InputError: There is no bank, or it cannot be written.
        IntegrityError: A file of it is damaged.
    """
    from adverts.linking.bank.as_of import record_erasure
    from adverts.linking.bank.erased_ids import add_erased
    from adverts.linking.judgements.judgement_file import read_judgements

    _require_bank(config.bank)
    _log(config, "erasure", asked=plural(len(ids), "advert"), why="erasure")
    add_erased(config.bank, ids)
    _remove_copies(config.bank)
    rebuilt = _rebuild(config, read_judgements(config.bank / JUDGEMENTS))
    record_erasure(
        config.bank, rebuilt.before, rebuilt.made.tables, on=_now().date(), why="erasure"
    )
    return rebuilt


def hold(config: LinkConfig, ids: Sequence[str]) -> None:
    """Restrict adverts instead of erasing them, until a day.

    Raises:
        InputError: There is no bank, or the hold is not one.
        IntegrityError: A file of the bank is damaged.
    """
    from adverts.linking.bank.holds import Hold, add_hold

    assert config.until is not None, "a hold names its last day"
    _require_bank(config.bank)
    _log(config, "hold", asked=plural(len(ids), "advert"), why="")
    for one in ids:
        add_hold(
            config.bank,
            Hold(
                "advert",
                one,
                by=_who(config),
                until=config.until.isoformat(),
                why=config.why or "",
                at=_now().isoformat(timespec="seconds"),
            ),
        )


def as_of(config: LinkConfig, day: datetime.date) -> tuple[Made, int]:
    """Return what was known on a day, and how many adverts of then were erased since.

    Raises:
        InputError: There is no bank.
        IntegrityError: A file of it is damaged.
    """
    from adverts.linking.bank.as_of import erased_since, judgements_until, known_on, read_erasures
    from adverts.linking.judgements.judgement_file import read_judgements
    from adverts.linking.rebuild import build_of, read_before

    _require_bank(config.bank)
    tables = read_before(config.bank)
    judgements = judgements_until(read_judgements(config.bank / JUDGEMENTS), day)
    made = build_of(tables, known_on(tables, day), judgements, _rules(config), now=_now())
    return made, erased_since(read_erasures(config.bank), day)


def verify(config: LinkConfig) -> str:
    """Compare every file of the bank with what was written, and return what was compared.

    Raises:
        InputError: There is no bank.
        IntegrityError: Something differs; the message names file and place.
    """
    from adverts.linking.bank.access_log import verify_log
    from adverts.linking.bank.as_of import read_erasures
    from adverts.linking.bank.erased_ids import read_erased
    from adverts.linking.bank.holds import read_holds
    from adverts.linking.bank.read_bank import open_bank
    from adverts.linking.judgements.judgement_file import read_judgements

    with open_bank(config.bank) as bank:
        bank.verify()
        build = bank.build
    counts = {
        "log line": verify_log(config.bank),
        "judgement": len(read_judgements(config.bank / JUDGEMENTS)),
        "hold": len(read_holds(config.bank)),
        "erasure": len(read_erasures(config.bank)),
        "erased advert": len(read_erased(config.bank)),
    }
    told = ", ".join(plural(number, what) for what, number in counts.items())
    return f"build {build} is as it was written; {told}"


def _require_bank(folder: Path) -> None:
    from adverts.linking.bank.bank_files import read_pointer

    if read_pointer(folder) is None:
        raise InputError(f"{folder} holds no bank; build one: adverts link scores=… bank={folder}")


def _remove_copies(folder: Path, *, only: str = "") -> None:
    """Remove pages and sheets, which may show what left the bank, and what a kill left of them."""
    for one in folder.iterdir():
        wanted = (only,) if only else ("as-of-", "sheets", "pages")
        if one.is_dir() and not one.is_symlink() and one.name.lstrip(".").startswith(wanted):
            shutil.rmtree(one)


def _who(config: LinkConfig) -> str:
    return config.who or getpass.getuser()


def _log(config: LinkConfig, act: Act, *, asked: str, why: str) -> None:
    """Log what is done with the bank, before it is done."""
    from adverts.linking.bank.access_log import record_access
    from adverts.linking.bank.bank_files import read_pointer

    pointer = read_pointer(config.bank)
    if pointer is None:
        return
    record_access(
        config.bank,
        act,
        build=pointer.build,
        who=_who(config),
        asked=asked,
        why=config.why or why,
        at=_now(),
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _created_by() -> str:
    from adverts import __version__
    from adverts.files.file_hash import producing_commit

    commit = producing_commit()
    return f"adverts {__version__}" + (f", commit {commit}" if commit else "")


def _pages(config: LinkConfig, tables: Mapping[str, pa.Table], name: str) -> Path:
    """Write the pages of a build, and return the first."""
    from adverts.linking.pages.write_pages import write_pages

    _log(config, "page", asked=f"{name}, {config.pages or len(config.campaigns)}", why="build")
    chosen = config.campaigns or None
    return write_pages(config.bank / name, tables, campaigns=chosen, most=config.pages)[0]


def _look(config: LinkConfig) -> None:
    """Do what builds nothing."""
    from adverts.data.erasing.erasure import read_ids

    if config.find is not None:
        for answer in find(config, sys.stdin.buffer.read(_MOST_ASKED + 1)):
            say(str(answer))
    elif config.sheet is not None:
        sheet = write_sheet(config, config.sheet)
        say(f"{sheet}  says which pairs to judge: fill in said, by and why")
        say(f"then: adverts link bank={config.bank} judgements={sheet}")
    elif config.hold is not None:
        ids = read_ids(config.hold)
        hold(config, ids)
        say(f"{plural(len(ids), 'advert')} held until {config.until}: restricted, not erased")
    elif config.as_of is not None:
        made, erased = as_of(config, config.as_of)
        page = _pages(config, made.tables, f"as-of-{config.as_of}")
        say(f"{plural(len(made.tables['adverts']), 'advert')} known on {config.as_of}; "
            f"{erased:,} more were erased since")  # fmt: skip
        say(str(page))
    elif config.verify:
        say(verify(config))


@command("link", LinkConfig)
def main(config: LinkConfig) -> None:
    """Run ``adverts link``."""
    from adverts.data.erasing.erasure import read_ids
    from adverts.linking.build_lines import build_lines, judgement_lines
    from adverts.linking.judgements.preview import moves
    from adverts.linking.stored_edges import campaigns_of

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
    if config.pages or config.campaigns:
        say(f"{_pages(config, rebuilt.made.tables, 'pages')}  shows adverts: keep it here")
    else:
        _remove_copies(config.bank, only="pages")  # they are of the build before


if __name__ == "__main__":
    main()
