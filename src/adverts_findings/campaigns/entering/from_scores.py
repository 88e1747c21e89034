"""Adverts of a folder of scores: those that a person judged, and what only a model flagged."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.scoring.evidence_reader import OpenedEvidence
from adverts_findings.campaigns.bank_tables import ENTRANTS
from adverts_findings.campaigns.entering.collected import count_adverts, sum_counts, week_of
from adverts_findings.campaigns.entering.inputs import Input, candidates_table, entrants_table
from adverts_findings.campaigns.entering.words import Words

FLAGGED = ("priority", "review")
"""Bands of adverts that a model flags for people."""
_ANSWERS = ("language", "score", "review_band")
_READ = tuple(
    name
    for name in ENTRANTS.names
    if name not in ("id", "source", "judged_by", "retain_until", *_ANSWERS)
)


def input_of_scores(
    opened: OpenedEvidence,
    words: Words,
    *,
    name: str,
    candidate_days: int,
    retain_days: int | None,
) -> Input:
    """Return what a folder of scores with evidence brings.

    Args:
        opened: Its evidence.
        words: What people said of adverts.
        name: The folder as the person gave it.
        candidate_days: For how many days after it was scored an advert that only a model flagged
            may wait for a person.
        retain_days: For how many days an advert is kept after it was collected, or after the
            folder was planned where that is not known, so that linking again prolongs nothing;
            None: as long as its evidence.

    Raises:
        IntegrityError: A file is not that of its receipt.
    """
    entrants: list[pa.Table] = []
    candidates: list[pa.Table] = []
    collected: list[pa.Table] = []
    seen: set[str] = set()
    adverts = 0
    for table in opened.scored_tables(_READ):
        adverts += len(table)
        ids: list[str] = table["id"].to_pylist()
        said = [words.of(one) for one in ids]
        first = _first(ids, seen)
        collected.append(_collected(table, said, first, name))
        enters = np.array([word is True for word in said], np.bool_) & first
        flagged = np.array([word is None for word in said], np.bool_) & first & _flagged(table)
        entrants.append(_entrants(table.filter(pa.array(enters)), name, opened, retain_days))
        candidates.append(
            _candidates(table.filter(pa.array(flagged)), name, opened, candidate_days)
        )
    return Input(
        name=name,
        hash=opened.scored_hash,
        token_key_id=opened.terms.token_key_id,
        entrants=entrants_table(entrants),
        candidates=candidates_table(candidates),
        barred=frozenset(),
        adverts=adverts,
        collected=sum_counts(collected, source=name),
    )


def _collected(
    table: pa.Table,
    said: Sequence[bool | None],
    first: np.ndarray[tuple[int], np.dtype[np.bool_]],
    name: str,
) -> pa.Table:
    """Return how many adverts there are, each id once, whatever people said of them."""
    judged = pa.array([word is not None for word in said], pa.bool_())
    times = pc.coalesce(table["posted_at"], table["collected_at"])
    columns = [week_of(times), table["platform"], table["language"], judged]
    once = pa.table(columns, names=["week", "platform", "language", "judged"]).filter(
        pa.array(first)
    )
    return count_adverts(*once.columns, source=name)


def _first(ids: Sequence[str], seen: set[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return whether each id is met for the first time, and remember it."""
    found = np.zeros(len(ids), np.bool_)
    for place, one in enumerate(ids):
        if one not in seen:
            seen.add(one)
            found[place] = True
    return found


def _flagged(table: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    bands = pc.is_in(table["review_band"].cast(pa.string()), value_set=pa.array(FLAGGED))
    return np.asarray(bands.to_numpy(zero_copy_only=False), np.bool_)


def _entrants(
    table: pa.Table,
    name: str,
    opened: OpenedEvidence,
    retain_days: int | None,
) -> pa.Table:
    if retain_days is None:
        kept = [opened.terms.expires] * len(table)
    else:
        days = datetime.timedelta(days=retain_days)
        collected = table["collected_at"].to_pylist()
        planned = _planned(opened)
        kept = [(planned if at is None else at.date()) + days for at in collected]
    columns = {
        **{one: table[one] for one in ("id", *_ANSWERS, *_READ)},
        "source": pa.array([name] * len(table), pa.string()),
        "judged_by": pa.array(["review"] * len(table), pa.string()),
        "retain_until": pa.array(kept, pa.date32()),
    }
    return pa.table([columns[one.name].cast(one.type) for one in ENTRANTS], schema=ENTRANTS)


def _planned(opened: OpenedEvidence) -> datetime.date:
    kept = opened.collection.plan.settings["evidence_days"]
    return opened.terms.expires - datetime.timedelta(days=int(str(kept)))


def _candidates(table: pa.Table, name: str, opened: OpenedEvidence, days: int) -> pa.Table:
    """Return candidates; their days begin when the folder was planned, whenever it is read."""
    planned = _planned(opened)
    at = datetime.datetime.combine(planned, datetime.time(), datetime.UTC)
    until = min(planned + datetime.timedelta(days=days), opened.terms.expires)
    return pa.table(
        {
            "id": table["id"],
            "source": pa.array([name] * len(table), pa.string()),
            "score": table["score"].cast(pa.float64()),
            "review_band": table["review_band"].cast(pa.string()),
            "flagged_at": pa.array([at] * len(table), pa.timestamp("us", "UTC")),
            "expires": pa.array([until] * len(table), pa.date32()),
        }
    )
