"""All that a build is made of: what the bank holds already, and what inputs bring."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Bools
from adverts.data.dataset.tombstones import Tombstones
from adverts.data.review.reviews import item_name
from adverts.errors import InputError
from adverts_findings.campaigns.bank.holds import Hold
from adverts_findings.campaigns.bank.overdue import overdue
from adverts_findings.campaigns.bank_tables import ENTRANTS, TABLES
from adverts_findings.campaigns.entering.collected import SCHEMA as COLLECTED
from adverts_findings.campaigns.entering.inputs import Input, candidates_table, entrants_table
from adverts_findings.campaigns.entering.words import Words


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What a bank holds already.

    Attributes:
        entrants: Its adverts.
        candidates: Its candidates.
        token_key_id: Id of the key of its tokens.
        restricted: Adverts that would have left before, and are kept under a hold.
        holds: The hold of each advert that one is on for, by its id.
        barred: Adverts that labels of earlier inputs bar, as the table of the bank has them.
    """

    entrants: pa.Table
    candidates: pa.Table
    token_key_id: str
    restricted: pa.Table
    holds: Mapping[str, Hold]
    barred: pa.Table


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """What a build is made of.

    Attributes:
        entrants: Adverts, each id once, in the order of their ids.
        candidates: Adverts that only a model flagged and that may still wait.
        token_key_id: Id of the key of all tokens.
        new: Number of adverts that the bank did not hold.
        barred: Number of adverts of the bank that leave, since a person's last word bars them now,
            or since they were erased; those under a hold among them.
        expired: Number of adverts of the bank that leave, since they may be kept no longer; those
            under a hold among them.
        late: Number of adverts that inputs bring and that may be kept no longer.
        restricted: Adverts that are kept under a hold, and used for nothing else.
        forbidden: Adverts that labels of inputs bar, for the table ``barred``.
        collected: How many adverts these inputs held, for the table ``collected``.
    """

    entrants: pa.Table
    candidates: pa.Table
    token_key_id: str
    new: int
    barred: int
    expired: int
    late: int
    restricted: pa.Table
    forbidden: pa.Table
    collected: pa.Table = field(default_factory=COLLECTED.empty_table)


def gather(
    inputs: Sequence[Input],
    held: Held | None,
    words: Words,
    *,
    erased: Tombstones,
    today: datetime.date,
) -> Gathered:
    """Return all adverts of a build.

    An advert that the bank holds stays as it entered. One that a label of any input, now or in an
    earlier build, or any person's last word bars does not enter, and leaves if it had. Of an id in
    several inputs the first one counts, and what it lacks is filled from the others.

    Args:
        inputs: What inputs bring.
        held: What the bank holds; None for a new bank.
        words: What people said of adverts, by which those of the bank are judged anew.
        erased: Adverts that were erased from the bank: they leave it, and never come back.
        today: Day of today in UTC.

    Raises:
        InputError: Tokens were made with different keys, or there is neither bank nor input.
    """
    key_id = _one_key(inputs, held)
    forbidden = _forbidden(inputs, held)
    items = frozenset(forbidden["item"].to_pylist())
    words = Words(words.entering - items, words.barred | items)
    known = held.entrants.select(ENTRANTS.names) if held else ENTRANTS.empty_table()
    out = _barred(known["id"], words, erased)
    over = overdue(known["retain_until"], today)
    leaves = out | over
    stays = known.filter(pa.array(~leaves)) if leaves.any() else known
    restricted = _restricted(held, known.filter(pa.array(leaves)), today)
    given = entrants_table([one.entrants for one in inputs])
    stays, brought = _fill(stays, given), _fill(_first_of_each(given), given)
    have = pa.chunked_array([*known["id"].chunks, *restricted["id"].chunks], pa.string())
    taken = _is_in(brought["id"], have) | _barred(brought["id"], words, erased)
    late = overdue(brought["retain_until"], today) & ~taken
    brought = brought.filter(pa.array(~(taken | late)))
    entrants = entrants_table([stays, brought]).sort_by("id")
    waiting = [held.candidates] if held else []
    flagged = candidates_table([*waiting, *(one.candidates for one in inputs)])
    inside = _is_in(flagged["id"], entrants["id"]) | _barred(flagged["id"], words, erased)
    flagged = _first_of_each(flagged.filter(pa.array(~inside)))
    return Gathered(
        entrants=entrants,
        candidates=_waiting(flagged, words, today),
        token_key_id=key_id,
        new=len(brought),
        barred=int(out.sum()),
        expired=int((over & ~out).sum()),
        late=int(late.sum()),
        restricted=restricted,
        forbidden=forbidden,
        collected=_collected(inputs),
    )


def _collected(inputs: Sequence[Input]) -> pa.Table:
    """Return what inputs held; one that is given twice, or under two names, counts once."""
    once = {one.name: one for one in {one.hash: one for one in inputs}.values()}
    return pa.concat_tables([COLLECTED.empty_table(), *(one.collected for one in once.values())])


def _forbidden(inputs: Sequence[Input], held: Held | None) -> pa.Table:
    """Return what labels of inputs bar, now or before; an input given again says it anew."""
    given = {one.name for one in inputs}
    earlier = [] if held is None else held.barred.to_pylist()
    rows = [one for one in earlier if one["source"] not in given]
    rows += [
        {"item": item_name(advert), "source": one.name}
        for one in inputs
        for advert in sorted(one.barred)
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["barred"])


def _fill(table: pa.Table, given: pa.Table) -> pa.Table:
    """Return adverts with what they lack filled from other rows of the same ids, in their order."""
    ids = table["id"]
    counted = pc.value_counts(pa.chunked_array([*ids.chunks, *given["id"].chunks], pa.string()))
    several = counted.filter(pc.greater(counted.field("counts"), 1)).field("values")
    again = _is_in(ids, pa.chunked_array([several]))
    if not again.any() or not len(given):
        return table
    more: dict[str, dict[str, object]] = {}
    for row in given.filter(pc.is_in(given["id"], value_set=several)).to_pylist():
        filled = more.setdefault(row["id"], {})
        for name, value in row.items():
            if value not in (None, []):
                filled.setdefault(name, value)
    rows = table.filter(pa.array(again)).to_pylist()
    for row in rows:
        found = more.get(row["id"], {})
        row.update({name: found.get(name) for name, value in row.items() if value in (None, [])
                    and name in found})  # fmt: skip
    mended = pa.Table.from_pylist(rows, schema=ENTRANTS)
    return entrants_table([table.filter(pa.array(~again)), mended]).sort_by("id")


def _one_key(inputs: Sequence[Input], held: Held | None) -> str:
    named = [("the bank", held.token_key_id)] if held else []
    named += [(one.name, one.token_key_id) for one in inputs]
    if not named:
        raise InputError("there is no bank yet; give prepared= or scores=")
    (first, wanted), *others = named
    for name, key_id in others:
        if key_id != wanted:
            raise InputError(
                f"the tokens of {name} were made with the key {key_id}, those of {first} with the "
                f"key {wanted}; score or prepare {name} again with that key"
            )
    return wanted


def _restricted(held: Held | None, leaving: pa.Table, today: datetime.date) -> pa.Table:
    """Return what is kept under a hold: of what leaves now, and of what had left before."""
    schema = TABLES["restricted"]
    if held is None:
        return schema.empty_table()
    before = {one["id"]: one for one in held.restricted.to_pylist()}
    rows = [*before.values(), *({**one, "since": today} for one in leaving.to_pylist())]
    kept = []
    for row in rows:
        hold = held.holds.get(row["id"])
        if hold is not None:
            until = datetime.date.fromisoformat(hold.until)
            kept.append({**row, "until": until, "held_by": hold.by, "why": hold.why})
    return pa.Table.from_pylist(kept, schema=schema).sort_by("id")


def _first_of_each(table: pa.Table) -> pa.Table:
    """Return the first row of each id."""
    codes = table["id"].combine_chunks().dictionary_encode().indices.to_numpy()
    _, first = np.unique(codes, return_index=True)
    return table if len(first) == len(table) else table.take(pa.array(np.sort(first)))


def _is_in(ids: pa.ChunkedArray, known: pa.ChunkedArray) -> Bools:
    if len(known) > len(ids):  # it takes longer to learn an id than to look one up
        known = known.filter(pc.is_in(known, value_set=ids))
    return np.asarray(pc.is_in(ids, value_set=known).to_numpy(), np.bool_)


def _barred(ids: pa.ChunkedArray, words: Words, erased: Tombstones) -> Bools:
    """Return which adverts a person's word bars, or were erased."""
    out = np.zeros(len(ids), np.bool_)
    if erased:
        out |= np.array([one in erased for one in ids.to_pylist()], np.bool_)
    if words.barred:
        out |= np.array([words.of(one) is False for one in ids.to_pylist()], np.bool_)
    return out


def _waiting(candidates: pa.Table, words: Words, today: datetime.date) -> pa.Table:
    """Return the candidates on whom nobody has said anything and whose days are not over."""
    kept = pc.greater_equal(candidates["expires"], pa.scalar(today, pa.date32()))
    kept = np.asarray(kept.to_numpy(), np.bool_)
    if words.barred or words.entering:
        nobody = [words.of(one) is None for one in candidates["id"].to_pylist()]
        kept &= np.array(nobody, np.bool_)
    return candidates.filter(pa.array(kept)).sort_by("id")
