"""Build a bank or extend it: read what it holds and what inputs bring, and write the next build."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from adverts.data.review.reviews import Review
from adverts.errors import InputError, plural
from adverts.linking.bank.as_of import Why, record_erasure
from adverts.linking.bank.bank_files import read_pointer
from adverts.linking.bank.erased_ids import read_erased
from adverts.linking.bank.holds import held_adverts, read_holds
from adverts.linking.bank.read_bank import open_bank
from adverts.linking.bank.write_bank import write_build
from adverts.linking.bank_tables import TABLES
from adverts.linking.build import Circumstances, Made, make_build, memory_of
from adverts.linking.entering.gather import Gathered, Held, gather
from adverts.linking.entering.inputs import Input
from adverts.linking.entering.open_inputs import Terms, open_inputs
from adverts.linking.judgements.judgements import Judgement
from adverts.linking.rules import LinkingRules

Tables = Mapping[str, pa.Table]


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


def read_before(folder: Path) -> dict[str, pa.Table]:
    """Return all tables of a bank; none where there is no bank yet.

    Raises:
        InputError: It cannot be read.
        IntegrityError: It is damaged.
    """
    if read_pointer(folder) is None:
        return {}
    with open_bank(folder) as bank:
        return bank.tables()


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

    Raises:
        InputError: Bank or inputs cannot be used, or another process has built meanwhile.
        IntegrityError: A file of them is damaged.
    """
    before = read_before(folder)
    memory = memory_of(before)
    brought = open_inputs(
        given.prepared,
        given.scores,
        given.reviews,
        counted=memory.counted,
        terms=terms,
        key=given.key,
    )
    held = _held(folder, before, terms.today)
    gathered = gather(
        brought.inputs,
        None if given.rekey else held,
        brought.words,
        erased=read_erased(folder),
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
    )
    made = make_build(gathered, judgements, rules, circumstances, before=before)
    if write:
        write_build(folder, made.tables, expected=memory.build or None)
        if before:
            record_erasure(folder, before, made.tables, on=terms.today, why=why)
    return Rebuilt(made, gathered, before, memory.build + 1)


def _told(one: Input) -> dict[str, object]:
    return {"hash": one.hash, "adverts": one.adverts, "entered": len(one.entrants)}


def _held(folder: Path, before: Tables, today: datetime.date) -> Held | None:
    if not before:
        return None
    key_id = before["builds"].sort_by("build")["token_key_id"].to_pylist()[-1]
    holds = held_adverts(before, read_holds(folder), today)
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
    missing = set(held.entrants["id"].to_pylist()) - set(gathered.entrants["id"].to_pylist())
    if missing:
        raise InputError(
            f"{plural(len(missing), 'advert')} of the bank, such as {min(missing)}, would be lost: "
            "none of the inputs brings it with the new key; give the inputs that do, tokenised "
            "again, or erase it first"
        )


def build_of(
    tables: Tables,
    entrants: pa.Table,
    judgements: Sequence[Judgement],
    rules: LinkingRules,
    *,
    now: datetime.datetime,
) -> Made:
    """Return the build of some adverts of a bank, with the names that the bank gives; not written.

    Args:
        tables: All tables of the bank.
        entrants: Some of its adverts.
        judgements: What people said of links.
        rules: What may join adverts.
        now: The time now.
    """
    memory = memory_of(tables)
    key_id = tables["builds"].sort_by("build")["token_key_id"].to_pylist()[-1]
    gathered = Gathered(
        entrants=entrants.sort_by("id"),
        candidates=TABLES["candidates"].empty_table(),
        token_key_id=key_id,
        new=0,
        barred=0,
        expired=0,
        late=0,
        restricted=TABLES["restricted"].empty_table(),
        forbidden=TABLES["barred"].empty_table(),
    )
    circumstances = Circumstances(memory.counted, {}, "", now)
    return make_build(gathered, judgements, rules, circumstances, before=tables)
