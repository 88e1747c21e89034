"""Weigh edges by the evidence that they carry, with Splink on DuckDB.

Source: I. P. Fellegi, A. B. Sunter, "A theory for record linkage" (1969).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa

from adverts.arrays import Floats
from adverts.linking.edges import EDGE_KINDS, EDGE_STATUSES, Edges
from adverts.linking.evidence.model import BESIDE, PRIOR, EvidenceModel
from adverts.linking.evidence.template_edges import (
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
    patterns = _patterns(edges)
    fresh = sorted(set(patterns).difference(model.weights, {""}))
    weights = {**model.weights, **_weigh_patterns(fresh, model, threads)}
    found = np.array([weights.get(one, math.nan) for one in patterns], np.float64)
    return found, replace(model, weights=weights)


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


def _patterns(edges: Edges) -> list[str]:
    """Return the pattern of each edge; empty for what people judged."""
    return [
        _pattern(kind, owner, way, also, against) if kind != _JUDGED else ""
        for kind, owner, way, also, against in zip(
            edges.kind.tolist(),
            _owners(edges),
            _ways(edges),
            edges.also.tolist(),
            edges.against.tolist(),
            strict=True,
        )
    ]


def _pattern(kind: int, owners: int, way: str, also: int, against: int) -> str:
    sides = "".join(_letter(EDGE_KINDS.index(side), also, against) for side in BESIDE)
    return _PART.join((EDGE_KINDS[kind], way, str(owners), sides))


def _letter(kind: int, also: int, against: int) -> str:
    """Return whether both sides agree in a kind (s), differ in it (d), or do not show it (-)."""
    bit = 1 << kind
    return "s" if also & bit else "d" if against & bit else "-"


def _owners(edges: Edges) -> list[int]:
    """Return the number of those who show what each edge is about.

    These are accounts, or adverts where no account is known. Of content they are the campaigns
    that show it: one, where the edge joins; two at least between campaigns.
    """
    known = edges.accounts > 0
    owners: list[int] = np.where(known, edges.accounts, edges.adverts).tolist()
    for place in np.flatnonzero(edges.of_kind("template")).tolist():
        way = _who_shows(edges.status[place], edges.reason[place])
        if way == "several":
            owners[place] = int(edges.reason[place].partition(" ")[0])
        elif way != "alone":
            owners[place] = _TWO
    return owners


def _ways(edges: Edges) -> Iterable[str]:
    """Yield how each edge shares what it shares."""
    contents = edges.of_kind("template").tolist()
    for content, silence, across, status, reason in zip(
        contents,
        edges.silence.tolist(),
        edges.across.tolist(),
        edges.status.tolist(),
        edges.reason,
        strict=True,
    ):
        yield _who_shows(status, reason) if content else _after(silence, across)


def _after(silence: float, across: bool) -> str:
    if across:
        return "across"
    if math.isnan(silence):
        return "unknown"
    return "weeks" if silence <= _WEEKS else "months" if silence <= _MONTHS else "longer"


def _who_shows(status: int, reason: str) -> str:
    """Return who shows the content of an edge."""
    if EDGE_STATUSES[status] == "joins":
        return "one"
    if reason in (STOLEN, REFUSED, OWN_CONTACT):
        return "campaigns"
    return "alone" if reason in (ONE_TEMPLATE, MOSTLY_ALONE) else "several"


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
