"""VERB: adverts that people judged -> campaigns, with evidence, doubt and judgements, in a bank.

Usage::

    adverts link prepared=prepared/mine scores=scores/posts bank=bank   # build, or extend
    adverts link bank=bank sheet=200                                     # pairs to judge
    adverts link bank=bank judgements=judged.csv                         # what people decided
    adverts link bank=bank find=- why='request 12' < value.txt           # where was it seen
    adverts link bank=bank erase=ids.txt
"""

from __future__ import annotations

import datetime
import getpass
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config.linking import LinkConfig
from adverts.config.overrides import free_folder
from adverts.errors import InputError, plural, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adverts.linking.bank.log_entry import Act
    from adverts.linking.judgements.judgements import Judgement
    from adverts.linking.judgements.record_judgements import Recorded
    from adverts.linking.judgements.spoken_words import Word
    from adverts.linking.rebuild import Rebuilt
    from adverts.linking.rules import LinkingRules

JUDGEMENTS = "judgements.jsonl"


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
    from adverts.linking.judgements.judgement_file import read_judgements
    from adverts.linking.judgements.judgement_sheet import write_judgement_sheet
    from adverts.linking.judgements.which_to_judge import which_to_judge
    from adverts.linking.stored_edges import stored_edges

    with open_bank(config.bank) as bank:
        tables = {name: bank.table(name) for name in ("adverts", "edges", "bridges")}
        build = bank.build
    stored = stored_edges(tables)
    rows = {one: row for row, one in enumerate(tables["adverts"]["id"].to_pylist())}
    judged = [
        (rows[one], rows[other])
        for judgement in read_judgements(config.bank / JUDGEMENTS)
        for one, other in judgement.anchors
        if one in rows and other in rows
    ]
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
    path = free_folder(config.bank / "sheets" / f"build-{build:04d}")
    path.mkdir(mode=0o700, parents=True)
    sheet = path / "pairs.csv"
    write_judgement_sheet(sheet, drawn, stored.edges, tables["adverts"], build=build)
    return sheet


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
        who=config.who or getpass.getuser(),
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


@command("link", LinkConfig)
def main(config: LinkConfig) -> None:
    """Run ``adverts link``."""
    from adverts.linking.build_lines import build_lines, judgement_lines
    from adverts.linking.judgements.preview import moves
    from adverts.linking.stored_edges import campaigns_of

    if config.sheet is not None:
        sheet = write_sheet(config, config.sheet)
        say(f"{sheet}  says which pairs to judge: fill in said, by and why")
        say(f"then: adverts link bank={config.bank} judgements={sheet}")
        return
    if config.preview:
        rebuilt = preview(config)
        for line in moves(campaigns_of(rebuilt.before), campaigns_of(rebuilt.made.tables)):
            say(line)
        for line in judgement_lines(rebuilt.made.found.held):
            say(line)
        say("nothing was changed; leave out preview=true to do it")
        return
    rebuilt = link(config)
    for line in build_lines(rebuilt):
        say(line)
    say(f"build {rebuilt.build} of {config.bank}")


if __name__ == "__main__":
    main()
