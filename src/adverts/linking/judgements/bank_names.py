"""The names that people's words may use, from the tables of a bank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from adverts.linking.judgements.anchors import KnownNames, Pair


def known_names(tables: Mapping[str, pa.Table]) -> KnownNames:
    """Return what a bank knows of names.

    Args:
        tables: Tables ``adverts``, ``edges`` and ``replaced`` of the bank. A campaign that was
            merged into another one stands for that one.
    """
    adverts, edges = tables["adverts"], tables["edges"]
    ids = adverts["id"].to_pylist()
    members: dict[str, list[str]] = defaultdict(list)
    for advert, campaign in zip(ids, adverts["campaign"].to_pylist(), strict=True):
        if campaign is not None:
            members[campaign].append(advert)
    merged = _merged(tables["replaced"])

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
    return KnownNames(posted, campaign_adverts, ends, neighbours)


def _merged(replaced: pa.Table) -> dict[str, str]:
    rows = zip(
        *(replaced[name].to_pylist() for name in ("level", "old", "new", "how")), strict=True
    )
    return {old: new for level, old, new, how in rows if level == "campaign" and how == "merged"}


def _current(name: str, members: Mapping[str, object], merged: Mapping[str, str]) -> str:
    seen = set()
    while name not in members and name in merged and name not in seen:
        seen.add(name)
        name = merged[name]
    return name
