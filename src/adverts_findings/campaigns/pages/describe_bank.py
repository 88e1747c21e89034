"""From the tables of a bank to what its page states."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from adverts.errors import IntegrityError
from adverts_findings.campaigns.edges import EDGE_KINDS, EDGE_STATUSES
from adverts_findings.campaigns.grouping.giants import find_giant, threshold_components
from adverts_findings.campaigns.pages.bank_record import (
    BankRecord,
    GiantCampaign,
    NotHeld,
    Reason,
    Threshold,
)
from adverts_findings.campaigns.pages.campaign_weeks import recent_weeks
from adverts_findings.campaigns.pages.describe_edges import shown_listed
from adverts_findings.campaigns.pages.last_build import last_build_of, rules_of
from adverts_findings.campaigns.rules import LinkingRules
from adverts_findings.campaigns.tables.stored_edges import StoredEdges, stored_edges

_HIGHER = (0.8, 0.9, 0.95, 0.99)
_MOST_LISTED, _MOST_REASONS = 50, 20
_NUMBERS = (r"\bj[0-9a-f]{16}\b", "a judgement"), (r"\d[\d.,]*", "…")


def bank_record(
    tables: Mapping[str, pa.Table], *, networks: int = 0, day: datetime.date | None = None
) -> BankRecord:
    """Return what the page of a bank states.

    Args:
        tables: All tables of the bank.
        networks: Number of hypotheses of networks.
        day: Day that the page looks back at; None for one of now.

    Raises:
        IntegrityError: The bank has no build, or its edges contradict its adverts.
    """
    adverts, judged, campaigns = (tables[name] for name in ("adverts", "judged", "campaigns"))
    last_build = last_build_of(tables["builds"])
    rules = rules_of(last_build)
    _require_known(tables)
    bank = stored_edges(tables)
    names: list[str | None] = adverts["campaign"].to_pylist()
    listed = tables["listed"]
    return BankRecord(
        last_build=last_build,
        adverts=len(adverts),
        judged_by=_counted(adverts["judged_by"]),
        in_campaigns=len(adverts) - adverts["campaign"].null_count,
        campaigns=pc.count_distinct(adverts["campaign"]).as_py(),
        closed=len(campaigns) - campaigns["closed_build"].null_count,
        identities=len(tables["identities"]),
        templates=pc.count_distinct(adverts["template"]).as_py(),
        candidates=len(tables["candidates"]),
        restricted=len(tables["restricted"]),
        giant=_giant(bank, names, rules),
        thresholds=_thresholds(bank, rules),
        edges=_counted(tables["edges"]["status"]),
        reasons=_reasons(tables["edges"]),
        listed=_counted(pc.replace_substring_regex(listed["reason"], r" *\([^)]*\)", "")),
        listed_values=shown_listed(listed, most=_MOST_LISTED),
        judgements=len(judged),
        not_held=tuple(
            NotHeld(one["judgement"], one["why"])
            for one in judged.filter(pc.invert(judged["holds"])).sort_by("judgement").to_pylist()
        ),
        networks=networks,
        recent_weeks=recent_weeks(tables),
        as_of=None if day is None else day.isoformat(),
    )


def _giant(
    bank: StoredEdges, names: Sequence[str | None], rules: LinkingRules
) -> GiantCampaign | None:
    found = find_giant(bank.roots, large=rules.large)
    if found is None:
        return None
    name = str(names[found.campaign])
    return GiantCampaign(name, found.adverts, found.next_adverts, found.share)


def _require_known(tables: Mapping[str, pa.Table]) -> None:
    """Refuse edges of adverts that the bank does not hold, or of an unknown kind or status."""
    edges, ids = tables["edges"], tables["adverts"]["id"].combine_chunks()
    kinds, statuses = pa.array(EDGE_KINDS), pa.array(EDGE_STATUSES)
    for column, words in zip(
        ("first", "second", "kind", "status"), (ids, ids, kinds, statuses), strict=True
    ):
        strange = edges.filter(pc.invert(pc.is_in(edges[column], value_set=words)))
        if len(strange):
            raise IntegrityError(
                f"the bank has the edge {strange['edge'][0].as_py()} with the {column} "
                f"{str(strange[column][0].as_py())[:80]!r}, which is not known; build it again"
            )


def _thresholds(bank: StoredEdges, rules: LinkingRules) -> tuple[Threshold, ...]:
    at = [rules.join_at, *(one for one in _HIGHER if one > rules.join_at)]
    found = threshold_components(bank.edges, len(bank.roots), at, large=rules.large)
    return tuple(
        Threshold(one.threshold, one.campaigns, one.adverts, one.largest, one.giant is not None)
        for one in found
    )


def _reasons(edges: pa.Table) -> tuple[Reason, ...]:
    open_ = edges.filter(pc.not_equal(edges["status"], "joins"))
    plain = pa.table({"status": open_["status"], "reason": _without_numbers(open_["reason"])})
    counted = plain.group_by(["status", "reason"]).aggregate([([], "count_all")]).to_pylist()
    found = [Reason(one["status"], one["reason"], one["count_all"]) for one in counted]
    found.sort(key=lambda one: (-one.edges, one.status, one.reason))
    return tuple(found[:_MOST_REASONS])


def _without_numbers(reasons: pa.ChunkedArray) -> pa.ChunkedArray:
    for pattern, words in _NUMBERS:
        reasons = pc.replace_substring_regex(reasons, pattern, words)
    return reasons


def _counted(values: pa.ChunkedArray) -> Mapping[str, int]:
    counted = [(one["values"] or "", one["counts"]) for one in pc.value_counts(values).to_pylist()]
    return dict(sorted(counted, key=lambda one: (-one[1], one[0])))
