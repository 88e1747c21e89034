"""Build a bank or extend it: read what it holds and what inputs bring, and write the next build."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from adverts.data.review.reviews import Review
from adverts.errors import InputError, IntegrityError, plural
from adverts_findings.campaigns.bank.access_log import require_seen_reviews
from adverts_findings.campaigns.bank.as_of import Why, record_erasure
from adverts_findings.campaigns.bank.bank_files import read_pointer
from adverts_findings.campaigns.bank.erased_ids import read_erased
from adverts_findings.campaigns.bank.holds import Hold, held_adverts, read_holds
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank.write_bank import write_build
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.build import Chain, Circumstances, Made, make_build, memory_of
from adverts_findings.campaigns.entering.gather import Gathered, Held, gather
from adverts_findings.campaigns.entering.inputs import Input
from adverts_findings.campaigns.entering.open_inputs import Terms, open_inputs
from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.rules import LinkingRules

if TYPE_CHECKING:
    from adverts.record_chain import ChainedRecord

Tables = Mapping[str, pa.Table]
APART = 1_000_000_000
"""Numbers from which on what only an earlier day knew is named."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What a person gives to a build.

    Attributes:
        prepared: Folders of prepared datasets.
        scores: Folders or addresses of scores with evidence.
        reviews: What people said of adverts.
        key: Secret key of the tokens; None if it is not set.
        rekey: Whether the inputs replace all adverts of the bank, with tokens of another key.
    """

    prepared: Sequence[Path]
    scores: Sequence[str]
    reviews: Sequence[Review]
    key: bytes | None = None
    rekey: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Rebuilt:
    """A build that was made, and what was there before.

    Attributes:
        made: The build.
        gathered: What it was made of.
        before: Tables of the build before; empty for a new bank.
        build: Number of the build.
    """

    made: Made
    gathered: Gathered
    before: Tables
    build: int


def read_before(folder: Path, *, links: bool = True) -> dict[str, pa.Table]:
    """Return all tables of a bank; none where there is no bank yet.

    Args:
        folder: Folder of the bank.
        links: Whether the table of links is read, by far the largest; otherwise it is empty, and a
            build needs no more.

    Raises:
        InputError: It cannot be read.
        IntegrityError: It is damaged.
    """
    if read_pointer(folder) is None:
        return {}
    with open_bank(folder) as bank:
        return {
            name: bank.table(name) if links or name != "edges" else TABLES[name].empty_table()
            for name in TABLES
        }


def rebuild(
    folder: Path,
    given: Given,
    judgements: Sequence[Judgement],
    rules: LinkingRules,
    *,
    terms: Terms,
    created_by: str,
    now: datetime.datetime,
    threads: int,
    write: bool = True,
    why: Why = "expiry",
    leaving: Callable[[], None] = lambda: None,
    log: Callable[[int], int] | None = None,
) -> Rebuilt:
    """Make the next build of a bank and write it.

    Args:
        folder: Folder of the bank.
        given: What the person gives.
        judgements: All that people said of links.
        rules: What may join adverts.
        terms: How long what enters may stay.
        created_by: Version of this package, and the commit if it is known.
        now: The time now.
        threads: Threads of the weighing.
        write: Whether to write it; otherwise nothing is changed.
        why: Why adverts leave, for the record of erasures: somebody asked, or their time is over.
            Those that were erased and are still there leave because somebody asked.
        leaving: Called before a build is written that adverts leave, to remove what shows them.
        log: Logs the build by its number and returns how many lines the log has then; None: it is
            not logged.

    Raises:
        InputError: Bank or inputs cannot be used, or another process has built meanwhile.
        IntegrityError: A file of them is damaged.
    """
    before = read_before(folder, links=False)
    memory = memory_of(before)
    brought = open_inputs(
        given.prepared,
        given.scores,
        given.reviews,
        counted=memory.counted,
        terms=terms,
        key=given.key,
    )
    holds, erased = read_holds(folder), read_erased(folder)
    kept = {
        "reviews": len(given.reviews),
        "judgements": len(judgements),
        "holds": len(holds),
        "erased adverts": len(erased),
    }
    chains: dict[Chain, Sequence[ChainedRecord]] = {
        "reviews": given.reviews,
        "judgements": judgements,
        "holds": holds,
    }
    for what, records in chains.items():
        memory.require_known(records, what)
    require_seen_reviews(folder, given.reviews)
    require_kept(kept, memory.kept)
    held = _held(before, holds, terms.today)
    gathered = gather(
        brought.inputs,
        None if given.rekey else held,
        brought.words,
        erased=erased,
        today=terms.today,
    )
    if given.rekey and held is not None:
        _require_all(held, gathered)
    circumstances = Circumstances(
        counted=brought.counted,
        inputs={one.name: _told(one) for one in brought.inputs},
        created_by=created_by,
        built_at=now,
        threads=threads,
        kept=kept,
        heads={what: records[-1].hash for what, records in chains.items() if records},
    )
    known = dict(before)
    if given.rekey and before:  # the inputs hold everything again
        known["collected"] = TABLES["collected"].empty_table()
    made = make_build(gathered, judgements, rules, circumstances, before=known)
    if write and (gathered.barred or gathered.expired):
        before = read_before(folder)  # to count the links that go
        if any(one in erased for one in before["adverts"]["id"].to_pylist()):
            why = "erasure"
        leaving()
    build = memory.build + 1
    if write:
        if before:
            record_erasure(folder, before, made.tables, build=build, on=terms.today, why=why)
        write_build(folder, made.tables, expected=memory.build or None, log=log)
    return Rebuilt(made, gathered, before, build)


def _told(one: Input) -> dict[str, object]:
    return {"hash": one.hash, "adverts": one.adverts, "entered": len(one.entrants)}


def require_kept(now: Mapping[str, int], before: Mapping[str, int]) -> None:
    """Refuse to go on where something that is only ever added to has become less.

    Raises:
        IntegrityError: It has; the message says what.
    """
    for what, number in before.items():
        if now.get(what, 0) < number:
            raise IntegrityError(
                f"the bank was built with {number:,} {what}, and {now.get(what, 0):,} are left; "
                "bring back the file that held them"
            )


def _held(before: Tables, said: Sequence[Hold], today: datetime.date) -> Held | None:
    if not before:
        return None
    key_id = memory_of(before).token_key_id
    holds = held_adverts(before, said, today)
    return Held(
        before["adverts"],
        before["candidates"],
        key_id,
        before["restricted"],
        holds,
        before["barred"],
    )


def _require_all(held: Held, gathered: Gathered) -> None:
    """Refuse to lose adverts while tokens are made again."""
    had = [*held.entrants["id"].to_pylist(), *held.restricted["id"].to_pylist()]
    missing = set(had) - set(gathered.entrants["id"].to_pylist())
    if missing:
        raise InputError(
            f"{plural(len(missing), 'advert')} of the bank, such as {min(missing)}, would be lost: "
            "no input brings it with the new key, or a person's word or a hold is on it; build "
            "once with the old key, or give the inputs that bring it, tokenised again"
        )


def build_of(
    tables: Tables,
    entrants: pa.Table,
    judgements: Sequence[Judgement],
    *,
    last: int,
    now: datetime.datetime,
) -> Made:
    """Return the build of some adverts of a bank as an earlier build would have found it.

    Names are those that the bank gives; what no longer has one is numbered from
    :data:`APART` on, which the bank itself never reaches. Nothing is written.

    Args:
        tables: All tables of the bank.
        entrants: Some of its adverts.
        judgements: What people said of links.
        last: Number of the earlier build, whose rules count; 0 if there was none.
        now: The time now.
    """
    memory = memory_of(tables)
    before = dict(tables)
    for name in ("builds", "replaced"):
        before[name] = tables[name].filter(pc.less_equal(tables[name]["build"], last))
    rows = before["builds"].sort_by("build").to_pylist()
    rules = LinkingRules(**json.loads(rows[-1]["parameters"])["rules"]) if rows else LinkingRules()
    gathered = Gathered(
        entrants=entrants.sort_by("id"),
        candidates=TABLES["candidates"].empty_table(),
        token_key_id=memory.token_key_id,
        new=0,
        barred=0,
        expired=0,
        late=0,
        restricted=TABLES["restricted"].empty_table(),
        forbidden=TABLES["barred"].empty_table(),
    )
    apart = APART + max(memory.used.values(), default=0)
    circumstances = Circumstances(memory.counted, {}, "", now, apart=apart)
    return make_build(gathered, judgements, rules, circumstances, before=before)
