"""Weigh edges by the evidence that they carry, with Splink on DuckDB.

Source: I. P. Fellegi, A. B. Sunter, "A theory for record linkage" (1969).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa

from adverts.arrays import Floats, Ints
from adverts_findings.campaigns.edges import EDGE_KINDS, EDGE_STATUSES, Edges
from adverts_findings.campaigns.evidence.model import BESIDE, PRIOR, EvidenceModel
from adverts_findings.campaigns.evidence.template_edges import (
    MOSTLY_ALONE,
    ONE_TEMPLATE,
    OWN_CONTACT,
    REFUSED,
    STOLEN,
)

_WEEKS, _MONTHS = 28.0, 182.0
"""Days of silence of the first two ways of sharing a value: four weeks, and half a year."""
_JUDGED = EDGE_KINDS.index("judged")
_ON_DUCKDB: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
    "temp_directory": "",
}
_WAYS = (
    *("weeks", "months", "longer", "unknown", "across"),  # of contacts, accounts and link targets
    *("one", "alone", "several", "campaigns"),  # of content
)
_BITS = 1 << len(EDGE_KINDS)
_PART = "/"
_TWO = 2
"""Owners at which the rarity of what is shared changes nothing."""


def weigh(edges: Edges, model: EvidenceModel, *, threads: int = 1) -> tuple[Floats, EvidenceModel]:
    """Return the weight of each edge.

    A weight rests on the pattern of the edge alone: what is shared, how many accounts show it,
    after which silence, on which platform, and in which other kinds both sides agree or differ.
    Each pattern is one pair that Splink compares. So an edge that did not change keeps its weight,
    whatever else enters a bank.

    Args:
        edges: Edges as they were found, before judgements.
        model: What to weigh by; patterns that it knows are not weighed again.
        threads: Number of threads of DuckDB.

    Returns:
        Base-2 logarithm of how many times likelier the evidence is for one advertiser than for
        two, NaN for what people judged, ``(E,)``; and the model, which knows all these patterns.
    """
    patterns, which = _patterns(edges)
    fresh = sorted(set(patterns).difference(model.weights, {""}))
    weights = {**model.weights, **_weigh_patterns(fresh, model, threads)}
    found = np.array([weights.get(one, math.nan) for one in patterns], np.float64)
    return found[which], replace(model, weights=weights)


def uncalibrated(weight: Floats, prior: float = PRIOR) -> Floats:
    """Return the probability that both adverts of an edge are of one advertiser.

    Args:
        weight: Weight of each edge.
        prior: Probability that two adverts, drawn at random, are of one advertiser.

    Raises:
        ValueError: If the prior is not between 0 and 1.
    """
    if not 0 < prior < 1:
        raise ValueError(f"the prior is {prior:g}, wanted a probability within (0, 1)")
    bits = weight + math.log2(prior / (1 - prior))
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(bits, -1_000, 1_000))))


def _patterns(edges: Edges) -> tuple[list[str], Ints]:
    """Return the patterns of all edges, and which of them each edge has, ``(E,)``.

    The pattern of what people judged is empty.
    """
    owners, ways = _owners_and_ways(edges)
    code, sizes = edges.kind, (len(_WAYS), _BITS, _BITS, int(owners.max(initial=0)) + 1)
    parts = (ways, edges.also, edges.against, owners)
    for part, size in zip(parts, sizes, strict=True):
        code = code * size + part
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    columns = (part[first].tolist() for part in (edges.kind, *parts))
    return [_pattern(*row) for row in zip(*columns, strict=True)], which


def _pattern(kind: int, way: int, also: int, against: int, owners: int) -> str:
    if kind == _JUDGED:
        return ""
    sides = "".join(_letter(EDGE_KINDS.index(side), also, against) for side in BESIDE)
    return _PART.join((EDGE_KINDS[kind], _WAYS[way], str(owners), sides))


def _letter(kind: int, also: int, against: int) -> str:
    """Return whether both sides agree in a kind (s), differ in it (d), or do not show it (-)."""
    bit = 1 << kind
    return "s" if also & bit else "d" if against & bit else "-"


def _owners_and_ways(edges: Edges) -> tuple[Ints, Ints]:
    """Return how many show what each edge is about, and how it is shared, ``(E,)`` each.

    The first are accounts, or adverts where no account is known. Of content they are the campaigns
    that show it: one, where the edge joins; two at least between campaigns.
    """
    owners = np.where(edges.accounts > 0, edges.accounts, edges.adverts)
    ways = _ways_of_values(edges)
    contents = np.flatnonzero(edges.of_kind("template"))
    alone = owners[contents]
    reasons = [edges.reason[place] for place in contents.tolist()]
    said = zip(edges.status[contents].tolist(), reasons, strict=True)
    told = [_who_shows(status, reason) for status, reason in said]
    known = np.array([some for _, some in told], np.int64)
    ways[contents] = np.array([way for way, _ in told], np.int64)
    owners[contents] = np.where(known > 0, known, alone)
    return owners, ways


def _ways_of_values(edges: Edges) -> Ints:
    """Return the place in ``_WAYS`` of how each edge shares a value, ``(E,)``."""
    silence = edges.silence
    return np.select(
        [edges.across, np.isnan(silence), silence <= _WEEKS, silence <= _MONTHS],
        [_WAYS.index(way) for way in ("across", "unknown", "weeks", "months")],
        _WAYS.index("longer"),
    )


@functools.cache
def _who_shows(status: int, reason: str) -> tuple[int, int]:
    """Return the place in ``_WAYS`` of who shows a content, and how many; 0: all that show it."""
    if EDGE_STATUSES[status] == "joins":
        way, owners = "one", _TWO
    elif reason in (STOLEN, REFUSED, OWN_CONTACT):
        way, owners = "campaigns", _TWO
    elif reason in (ONE_TEMPLATE, MOSTLY_ALONE):
        way, owners = "alone", 0
    else:
        way, owners = "several", int(reason.partition(" ")[0])
    return _WAYS.index(way), owners


def _weigh_patterns(
    patterns: Sequence[str], model: EvidenceModel, threads: int
) -> dict[str, float]:
    """Return the weight of each pattern."""
    if not patterns:
        return {}
    from splink import DuckDBAPI, Linker  # noqa: PLC0415 - imports for a second

    connection = duckdb.connect(":memory:", config=_ON_DUCKDB | {"threads": threads})
    try:
        api = DuckDBAPI(connection)
        tables = [
            api.register(_side_table(patterns, other), dataset_display_name=name)
            for name, other in (("one", False), ("other", True))
        ]
        linker = Linker(tables, model.settings(), log_level=None)
        rarities = api.register(_rarities(patterns, model.rare))
        linker.table_management.register_term_frequency_lookup(rarities, "rarity")
        predicted = linker.inference.predict(warning_mode="never")
        found = predicted.as_duckdbpyrelation().select("pattern_l", "match_weight").fetchall()
    finally:
        connection.close()
    before = math.log2(model.prior / (1 - model.prior))
    return {name: bits - before for name, bits in found}


def _side_table(patterns: Sequence[str], other: bool) -> pa.Table:
    """Return one side of the pair of each pattern."""
    parts = [pattern.split(_PART) for pattern in patterns]
    columns: dict[str, pa.Array] = {
        "pattern": pa.array(patterns, pa.string()),
        "kind": pa.array([kind for kind, _, _, _ in parts], pa.string()),
        "way": pa.array([way for _, way, _, _ in parts], pa.string()),
        "rarity": pa.array([int(owners) for _, _, owners, _ in parts], pa.int64()),
    }
    shows = {"-": None, "s": 1, "d": 2 if other else 1}
    for place, side in enumerate(BESIDE):
        shown = [shows[letters[place]] for _, _, _, letters in parts]
        columns[f"{side}_beside"] = pa.array(shown, pa.int64())
    return pa.table(columns)


def _rarities(patterns: Sequence[str], rare: float) -> pa.Table:
    """Return the chance that somebody else shows a value, by the number of its accounts."""
    owners = sorted({int(pattern.split(_PART)[2]) for pattern in patterns})
    chances = [rare * one / _TWO for one in owners]
    return pa.table(
        {"rarity": pa.array(owners, pa.int64()), "tf_rarity": pa.array(chances, pa.float64())}
    )
