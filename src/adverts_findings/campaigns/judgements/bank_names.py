"""The names that people's words may use, from the tables of a bank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.judgements.anchors import KnownIdentity, KnownNames, Pair


def known_names(tables: Mapping[str, pa.Table]) -> KnownNames:
    """Return what a bank knows of names.

    Args:
        tables: Tables ``adverts``, ``edges``, ``identities`` and ``replaced`` of the bank. What
            was merged into something else stands for that.
    """
    adverts, edges = tables["adverts"], tables["edges"]
    ids = adverts["id"].to_pylist()
    members: dict[str, list[str]] = defaultdict(list)
    for advert, campaign in zip(ids, adverts["campaign"].to_pylist(), strict=True):
        if campaign is not None:
            members[campaign].append(advert)
    merged = _merged(tables["replaced"], "campaign")

    def campaign_adverts(name: str) -> Sequence[str]:
        return members.get(_current(name, members, merged), ())

    def ends(name: str) -> Pair | None:
        found = edges.filter(pc.equal(edges["edge"], name)).slice(0, 1).to_pylist()
        return (found[0]["first"], found[0]["second"]) if found else None

    def neighbours(advert: str) -> Sequence[tuple[str, float]]:
        near: list[tuple[str, float | None]] = []
        for one, other in (("first", "second"), ("second", "first")):
            found = edges.filter(pc.equal(edges[one], advert))
            near += zip(found[other].to_pylist(), found["weight"].to_pylist(), strict=True)
        return [(one, float("nan") if weight is None else weight) for one, weight in near]

    posted = dict(zip(ids, adverts["posted_at"].to_pylist(), strict=True))
    sources = frozenset(pc.unique(adverts["source"]).to_pylist()) - {None}
    return KnownNames(
        posted, campaign_adverts, ends, neighbours, _identities(tables), sources=sources
    )


def _identities(tables: Mapping[str, pa.Table]) -> Callable[[str], KnownIdentity | None]:
    identities = tables["identities"]
    named = frozenset(identities["identity"].to_pylist())
    merged = _merged(tables["replaced"], "identity")

    @cache
    def identity(name: str) -> KnownIdentity | None:
        current = _current(name, named, merged)
        found = identities.filter(pc.equal(identities["identity"], current)).slice(0, 1).to_pylist()
        if not found:
            return None
        return KnownIdentity(current, found[0]["kind"], found[0]["value"], found[0]["shown_in"])

    return identity


def _merged(replaced: pa.Table, of: str) -> dict[str, str]:
    rows = zip(
        *(replaced[name].to_pylist() for name in ("level", "old", "new", "how")), strict=True
    )
    return {old: new for level, old, new, how in rows if level == of and how == "merged"}


def _current(name: str, members: Collection[str], merged: Mapping[str, str]) -> str:
    seen = set()
    while name not in members and name in merged and name not in seen:
        seen.add(name)
        name = merged[name]
    return name
