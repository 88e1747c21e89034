"""From the edges of a campaign to what its page states of evidence for it and against it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa

from adverts.errors import IntegrityError
from adverts_findings.campaigns.grouping.yardstick import word
from adverts_findings.campaigns.pages.campaign_rows import BridgeRow, CampaignRows, EdgeRow
from adverts_findings.campaigns.pages.edge_record import (
    Contrary,
    KindOfEvidence,
    ShownEdge,
    ShownListed,
    WeakPlace,
    Why,
)
from adverts_findings.campaigns.pages.edge_words import evidence_words, judgement_line
from adverts_findings.campaigns.pages.facts.weak_sides import WeakSide, weak_sides
from adverts_findings.campaigns.pages.shown_values import (
    NOT_KNOWN,
    fine_share,
    known,
    share,
    shortened,
)

MOST_EDGES = 100
"""Most edges of a kind of contrary evidence in a record; their number is of all."""
MOST_JOINS = 1_000
"""Most edges that join in a record; their number is of all."""
_JOINS = "joins"
_LEAST = 1e-9


def why_of(rows: CampaignRows, *, calibrated: bool, listed: frozenset[str] = frozenset()) -> Why:
    """Return the evidence for a campaign, and its weakest places.

    Args:
        rows: Rows of the campaign.
        calibrated: Whether probabilities are calibrated.
        listed: Contacts that join nothing.

    Raises:
        IntegrityError: The bank lacks the edge of a weak place.
    """
    joins = [one for one in rows.inside if one["status"] == _JOINS]
    by_name = {one["edge"]: one for one in joins}
    weakest = []
    parts = weak_sides(rows.adverts, joins, rows.bridges, listed=listed)
    for bridge, sides in zip(rows.bridges, parts, strict=True):
        edge = by_name.get(bridge["edge"])
        if edge is None:
            raise IntegrityError(
                f"the bank names {bridge['edge']} a bridge of {rows.campaign} and has no such "
                "edge; build it again"
            )
        weakest.append(_weak_place(rows.campaign, bridge, edge, sides, calibrated=calibrated))
    doubtful = sorted(joins, key=lambda one: (known(one["probability"]) or 0.0, one["edge"]))
    shown = (shown_edge(one, rows.campaign, calibrated=calibrated) for one in doubtful[:MOST_JOINS])
    return Why(_kinds(joins), tuple(weakest), tuple(shown), len(joins))


def contrary_of(rows: CampaignRows, *, calibrated: bool) -> Contrary:
    """Return what speaks against a campaign, and what leads out of it and joins nothing."""
    differing = [one for one in rows.inside if one["status"] == _JOINS and one["against"]]
    differing.sort(key=lambda one: (known(one["probability"]) or 0.0, one["edge"]))
    within = [one for one in rows.inside if one["status"] != _JOINS]
    number = Counter(f"within, {one['status']}" for one in within)
    number += Counter(f"outward, {one['status']}" for one in rows.outward)
    number += Counter(["within, differing"] * len(differing))

    def shown(edges: Sequence[EdgeRow]) -> tuple[ShownEdge, ...]:
        return tuple(
            shown_edge(one, rows.campaign, calibrated=calibrated) for one in edges[:MOST_EDGES]
        )

    def ordered(edges: Sequence[EdgeRow]) -> Sequence[EdgeRow]:
        return sorted(edges, key=lambda one: _order(one, rows.campaign))

    return Contrary(
        number=dict(sorted(number.items())),
        differing=shown(differing),
        within=shown(ordered(within)),
        outward=shown(ordered(rows.outward)),
    )


def shown_edge(edge: EdgeRow, campaign: str, *, calibrated: bool) -> ShownEdge:
    """Return an edge as a page shows it.

    Args:
        edge: The edge.
        campaign: Campaign whose page it is.
        calibrated: Whether its probability is calibrated.
    """
    probability = known(edge["probability"])
    first, second = edge["first"], edge["second"]
    return ShownEdge(
        edge=edge["edge"],
        kind=edge["kind"],
        value=shortened(edge["value"]),
        first=first,
        second=second,
        status=edge["status"],
        reason=edge["reason"],
        probability=probability,
        words=evidence_words(
            edge["kind"],
            edge["value"],
            adverts=edge["adverts"],
            accounts=edge["accounts"],
            silence_days=known(edge["silence_days"]),
            across=_across(edge),
            also=edge["also"],
            against=edge["against"],
        ),
        probability_words=probability_words(probability, calibrated=calibrated, fine=True),
        other=_other(edge, campaign) or "",
        same=judgement_line("same", first, second),
        different=judgement_line("different", first, second),
    )


def probability_words(probability: float | None, *, calibrated: bool, fine: bool = False) -> str:
    """Return a probability in words of the yardstick and in per cent, or that it is not known.

    It is never said to be 0 % or 100 %. One that is not calibrated has no word, and says so.

    Args:
        probability: The probability; None if it is not known.
        calibrated: Whether it is calibrated.
        fine: Whether one of about 99 % has more digits, so that the order of several is seen.
    """
    if probability is None:
        return NOT_KNOWN
    number = (fine_share if fine else share)(min(max(probability, _LEAST), 1 - _LEAST))
    if not calibrated:
        return f"{number}, uncalibrated"
    name = word(probability, calibrated=True)
    return f"{name} ({number})" if name else number


def shown_listed(
    listed: pa.Table, *, most: int, here: Mapping[str, int] | None = None
) -> tuple[ShownListed, ...]:
    """Return values that join nothing, those that most adverts show first.

    Args:
        listed: Some rows of the table ``listed``.
        most: Most values.
        here: Number of adverts of one campaign that show each value.
    """
    order = [("adverts", "descending"), ("value", "ascending")]
    return tuple(
        ShownListed(
            kind=one["kind"],
            value=shortened(one["value"]),
            reason=one["reason"],
            adverts=one["adverts"],
            accounts=one["accounts"],
            here=None if here is None else here.get(one["value"], 0),
        )
        for one in listed.sort_by(order).slice(0, most).to_pylist()
    )


def _across(edge: EdgeRow) -> bool | None:
    """Return whether both adverts are of different platforms; None if one is not known."""
    known_both = edge["first_platform"] is not None and edge["second_platform"] is not None
    return edge["across"] if known_both or not edge["across"] else None


def _other(edge: EdgeRow, campaign: str) -> str | None:
    ends = edge["first_campaign"], edge["second_campaign"]
    return next((one for one in ends if one is not None and one != campaign), None)


def _order(edge: EdgeRow, campaign: str) -> tuple[bool, str, float, str]:
    """Return the place of an edge: to campaigns, for people and the most probable come first."""
    chance = known(edge["probability"])
    no_campaign = _other(edge, campaign) is None
    return no_campaign, "" if edge["status"] == "review" else "~", -(chance or 0.0), edge["edge"]


def _kinds(joins: Sequence[EdgeRow]) -> tuple[KindOfEvidence, ...]:
    of_kind: Mapping[str, list[EdgeRow]] = defaultdict(list)
    for edge in joins:
        of_kind[edge["kind"]].append(edge)
    found = []
    for kind, edges in of_kind.items():
        rarest = min(edges, key=lambda one: (one["adverts"], one["accounts"], one["value"]))
        found.append(
            KindOfEvidence(
                kind=kind,
                edges=len(edges),
                values=len({one["value"] for one in edges}),
                rarest=shortened(rarest["value"]),
                rarest_adverts=rarest["adverts"],
                rarest_accounts=rarest["accounts"],
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.edges, one.kind)))


def _weak_place(
    campaign: str,
    bridge: BridgeRow,
    edge: EdgeRow,
    sides: tuple[WeakSide, ...],
    *,
    calibrated: bool,
) -> WeakPlace:
    return WeakPlace(
        edge=shown_edge(edge, campaign, calibrated=calibrated),
        smaller_side=bridge["smaller_side"],
        larger_side=bridge["larger_side"],
        others=tuple(bridge["others"]),
        sides=sides,
        split=judgement_line("split", campaign, bridge["edge"]),
    )
