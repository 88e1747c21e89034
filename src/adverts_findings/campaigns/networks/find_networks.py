"""Find the campaigns between which there is evidence that joins nothing."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.grouping.connected import component_roots
from adverts_findings.campaigns.networks.network import NetworkHypothesis, NetworkLink, WeakEvidence

MOST_SHARED = 5
"""Most things that a link names; it counts all of them."""
_ENDS = ("first", "second")
_Pair = tuple[str, str]


class _Row(TypedDict):
    edge: str
    first: str
    second: str
    kind: str
    value: str
    adverts: int
    accounts: int
    silence_days: float | None
    across: bool
    probability: float | None
    status: str
    reason: str
    one: str
    other: str
    one_platform: str | None
    other_platform: str | None


def find_networks(tables: Mapping[str, pa.Table]) -> tuple[NetworkHypothesis, ...]:
    """Return the groups of campaigns that evidence which joins nothing connects.

    Two campaigns of which a person judged a pair of adverts, and the judgement joins nothing, are
    not linked: a person's word is stronger than a hypothesis. Adverts in no campaign take no part.

    Args:
        tables: Tables ``adverts`` and ``edges`` of the bank.

    Returns:
        Groups with most campaigns first, equal ones by name.
    """
    links = find_links(tables)
    names = sorted({name for link in links for name in (link.first, link.second)})
    place = {name: i for i, name in enumerate(names)}
    first = np.array([place[one.first] for one in links], np.int64)
    second = np.array([place[one.second] for one in links], np.int64)
    roots = component_roots(first, second, len(names)).tolist()
    campaigns: dict[int, list[str]] = defaultdict(list)
    for name, root in zip(names, roots, strict=True):
        campaigns[root].append(name)
    of_root: dict[int, list[NetworkLink]] = defaultdict(list)
    for link in links:
        of_root[roots[place[link.first]]].append(link)
    found = [NetworkHypothesis(tuple(campaigns[one]), tuple(of_root[one])) for one in campaigns]
    return tuple(sorted(found, key=lambda one: (-len(one.campaigns), one.campaigns)))


def find_links(tables: Mapping[str, pa.Table]) -> tuple[NetworkLink, ...]:
    """Return the pairs of campaigns with evidence between them, by their names.

    Args:
        tables: Tables ``adverts`` and ``edges`` of the bank.
    """
    things: dict[_Pair, dict[tuple[str, str], list[_Row]]] = {}
    for row in _rows(tables):
        pair = min(row["one"], row["other"]), max(row["one"], row["other"])
        things.setdefault(pair, {}).setdefault((row["kind"], row["value"]), []).append(row)
    parted = {
        pair for pair, shared in things.items() if any(kind == "judged" for kind, _ in shared)
    }
    return tuple(
        _link(pair, list(shared.values()))
        for pair, shared in sorted(things.items())
        if pair not in parted
    )


def _rows(tables: Mapping[str, pa.Table]) -> Iterable[_Row]:
    """Yield the edges that do not join, between two campaigns."""
    adverts, edges = tables["adverts"], tables["edges"]
    ids = adverts["id"].combine_chunks()
    campaigns, platforms = (adverts[name].combine_chunks() for name in ("campaign", "platform"))
    edges = edges.filter(pc.not_equal(edges["status"], "joins"))
    for end, name in zip(_ENDS, ("one", "other"), strict=True):
        rows = pc.index_in(edges[end], value_set=ids).combine_chunks()
        edges = edges.append_column(name, campaigns.take(rows))
        edges = edges.append_column(f"{name}_platform", platforms.take(rows))
    apart = edges.filter(pc.not_equal(edges["one"], edges["other"]))  # null where in no campaign
    return cast(list[_Row], apart.select(list(_Row.__annotations__)).to_pylist())


def _link(pair: _Pair, shared: Sequence[Sequence[_Row]]) -> NetworkLink:
    told = [_evidence(pair, rows) for rows in shared]
    told.sort(key=lambda one: (-(one.probability or 0.0), one.adverts, one.kind, one.value))
    counts = Counter[str]()
    for rows in shared:
        counts[rows[0]["kind"]] += len(rows)
    kinds = {kind: counts[kind] for kind in sorted(counts, key=lambda one: (-counts[one], one))}
    return NetworkLink(*pair, sum(counts.values()), kinds, tuple(told[:MOST_SHARED]), len(told))


def _evidence(pair: _Pair, rows: Sequence[_Row]) -> WeakEvidence:
    """Return what is shared, as the most probable of its edges says it."""
    best = min(rows, key=lambda one: (-(_known(one["probability"]) or 0.0), one["edge"]))
    ends = best["first"], best["second"]
    first, second = ends if best["one"] == pair[0] else ends[::-1]
    return WeakEvidence(
        edge=best["edge"],
        kind=best["kind"],
        value=best["value"],
        status=best["status"],
        reason=best["reason"],
        first=first,
        second=second,
        edges=len(rows),
        adverts=best["adverts"],
        accounts=best["accounts"],
        silence_days=_known(best["silence_days"]),
        across=_across(best),
        probability=_known(best["probability"]),
    )


def _across(row: _Row) -> bool | None:
    known = row["one_platform"] is not None and row["other_platform"] is not None
    return row["across"] if known or not row["across"] else None


def _known(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else number
