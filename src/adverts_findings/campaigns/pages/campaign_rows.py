"""The rows of a bank's tables that speak of one campaign, taken for many campaigns at once."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, cast

import pyarrow as pa
import pyarrow.compute as pc

_BAND = "review_band"


class AdvertRow(TypedDict):
    """An advert of the bank, with the columns that pages read."""

    id: str
    source: str
    judged_by: str
    account: str | None
    platform: str | None
    url: str | None
    language: str | None
    posted_at: datetime.datetime | None
    collected_at: datetime.datetime | None
    contacts: list[str] | None
    picture_sha256: list[bytes] | None
    template: str
    campaign: str


class IdentityRow(TypedDict):
    """A posting identity."""

    identity: str
    kind: str
    value: str
    platform: str | None
    first_seen: datetime.datetime | None
    last_seen: datetime.datetime | None
    adverts: int
    accounts: int
    campaign: str
    standing: str
    shown_in: Sequence[str]


class EdgeRow(TypedDict):
    """An edge, with campaign and platform of both adverts, each None where there is none."""

    edge: str
    first: str
    second: str
    kind: str
    value: str
    adverts: int
    accounts: int
    silence_days: float | None
    across: bool
    also: Sequence[str]
    against: Sequence[str]
    probability: float | None
    status: str
    reason: str
    first_campaign: str | None
    second_campaign: str | None
    first_platform: str | None
    second_platform: str | None


class BridgeRow(TypedDict):
    """An edge at which a campaign would fall into two parts."""

    campaign: str
    edge: str
    probability: float | None
    smaller_side: int
    larger_side: int
    others: Sequence[str]


class SaidRow(TypedDict):
    """A person's last word on an identity or a source."""

    level: str
    name: str
    said: str
    by: str
    at: str
    why: str
    counts: bool


@dataclass(frozen=True, slots=True)
class CampaignRows:
    """All rows that speak of one campaign.

    Attributes:
        campaign: Its lasting name.
        adverts: Its adverts.
        identities: Its posting identities.
        inside: Edges between two of its adverts, of any status.
        outward: Edges from one of its adverts to another one.
        bridges: Its weakest places, the weakest first.
        bands: Number of its adverts by the band of their score; empty where the bank has none.
        said: What people say of its identities and of the sources of its adverts.
        pictures_elsewhere: Maps each of its pictures that adverts of other campaigns show to the
            names of these campaigns, in order.
    """

    campaign: str
    adverts: Sequence[AdvertRow]
    identities: Sequence[IdentityRow]
    inside: Sequence[EdgeRow]
    outward: Sequence[EdgeRow]
    bridges: Sequence[BridgeRow]
    bands: Mapping[str, int]
    said: Sequence[SaidRow] = ()
    pictures_elsewhere: Mapping[bytes, Sequence[str]] = field(default_factory=dict)


def rows_of(tables: Mapping[str, pa.Table], campaigns: Sequence[str]) -> list[CampaignRows]:
    """Return the rows of each campaign, in the order given; each table is read once."""
    wanted = pa.array(campaigns, pa.string())
    adverts = _by_campaign(_picked(tables["adverts"], AdvertRow, wanted))
    identities = _by_campaign(_picked(tables["identities"], IdentityRow, wanted))
    bridges = _by_campaign(_picked(tables["bridges"], BridgeRow, wanted))
    bands = _bands(tables["adverts"], wanted)
    pictures = _pictures_by_campaign(tables["adverts"], wanted)
    inside: dict[str, list[EdgeRow]] = defaultdict(list)
    outward: dict[str, list[EdgeRow]] = defaultdict(list)
    for edge in _edges(tables, wanted):
        first, second = edge["first_campaign"], edge["second_campaign"]
        if first == second:
            inside[first or ""].append(edge)
            continue
        for end in (first, second):
            if end is not None:
                outward[end].append(edge)
    said = tables["said"].select(list(SaidRow.__annotations__)).to_pylist()
    return [
        CampaignRows(
            one,
            cast(list[AdvertRow], adverts[one]),
            cast(list[IdentityRow], identities[one]),
            inside[one],
            outward[one],
            cast(list[BridgeRow], bridges[one]),
            bands.get(one, {}),
            said=_said_of(cast(list[SaidRow], said), adverts[one], identities[one]),
            pictures_elsewhere=_elsewhere(one, cast(list[AdvertRow], adverts[one]), pictures),
        )
        for one in campaigns
    ]


def _said_of(
    said: Sequence[SaidRow],
    adverts: Iterable[Mapping[str, object]],
    identities: Iterable[Mapping[str, object]],
) -> list[SaidRow]:
    if not said:
        return []
    about = {("source", one["source"]) for one in adverts}
    about |= {("identity", one["identity"]) for one in identities}
    return [one for one in said if (one["level"], one["name"]) in about]


def _with_campaigns(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return the edges with the campaign and the platform of both adverts."""
    adverts, edges = tables["adverts"], tables["edges"]
    ids = adverts["id"].combine_chunks()
    for end in ("first", "second"):
        rows = pc.index_in(edges[end], value_set=ids).combine_chunks()
        for name in ("campaign", "platform"):
            edges = edges.append_column(f"{end}_{name}", adverts[name].combine_chunks().take(rows))
    return edges


def _edges(tables: Mapping[str, pa.Table], wanted: pa.Array) -> list[EdgeRow]:
    edges = _with_campaigns(tables)
    touched = pc.or_(
        *(pc.is_in(edges[name], value_set=wanted) for name in ("first_campaign", "second_campaign"))
    )
    found = edges.select(list(EdgeRow.__annotations__)).filter(touched)
    return cast(list[EdgeRow], found.to_pylist())


def _bands(adverts: pa.Table, wanted: pa.Array) -> Mapping[str, Mapping[str, int]]:
    """Return the number of adverts of each campaign by band, the most first; no score is empty."""
    if _BAND not in adverts.column_names or adverts[_BAND].null_count == len(adverts):
        return {}
    inside = adverts.filter(pc.is_in(adverts["campaign"], value_set=wanted))
    counted = inside.group_by(["campaign", _BAND]).aggregate([([], "count_all")]).to_pylist()
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for one in sorted(counted, key=lambda one: (-one["count_all"], one[_BAND] or "")):
        found[one["campaign"]][one[_BAND] or ""] = one["count_all"]
    return found


def _pictures_by_campaign(adverts: pa.Table, wanted: pa.Array) -> Mapping[bytes, list[str]]:
    """Return all campaigns whose adverts show a picture of a wanted campaign, by picture."""
    inside = adverts.filter(pc.is_valid(adverts["campaign"]))
    shown = inside["picture_sha256"].combine_chunks()
    flat = pa.table(
        {
            "picture": pc.list_flatten(shown),
            "campaign": inside["campaign"].combine_chunks().take(pc.list_parent_indices(shown)),
        }
    )
    asked = flat.filter(pc.is_in(flat["campaign"], value_set=wanted))["picture"].unique()
    same = flat.filter(pc.is_in(flat["picture"], value_set=asked))
    found: dict[bytes, list[str]] = defaultdict(list)
    for one in same.group_by(["picture", "campaign"]).aggregate([]).to_pylist():
        found[one["picture"]].append(one["campaign"])
    return {picture: sorted(campaigns) for picture, campaigns in found.items()}


def _elsewhere(
    campaign: str, adverts: Sequence[AdvertRow], pictures: Mapping[bytes, Sequence[str]]
) -> Mapping[bytes, Sequence[str]]:
    own = {picture for one in adverts for picture in one["picture_sha256"] or ()}
    others = {one: [name for name in pictures.get(one, ()) if name != campaign] for one in own}
    return {one: names for one, names in others.items() if names}


def _picked(table: pa.Table, row: type, wanted: pa.Array) -> list[dict[str, object]]:
    found = table.filter(pc.is_in(table["campaign"], value_set=wanted))
    return cast(list[dict[str, object]], found.select(list(row.__annotations__)).to_pylist())


def _by_campaign(rows: Iterable[dict[str, object]]) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in rows:
        found[str(row["campaign"])].append(row)
    return found
