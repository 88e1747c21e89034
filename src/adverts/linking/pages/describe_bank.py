"""From the tables of a bank to what its page states."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from adverts.errors import IntegrityError
from adverts.linking.campaigns.giants import find_giant, threshold_components
from adverts.linking.campaigns.hypotheses import Hypothesis, hypotheses
from adverts.linking.edges import EDGE_KINDS
from adverts.linking.pages.bank_edges import BankEdges, edges_of
from adverts.linking.pages.bank_record import (
    BankRecord,
    CampaignLine,
    GiantCampaign,
    LastBuild,
    Network,
    NotHeld,
    Reason,
    ShownListed,
    Threshold,
)
from adverts.linking.pages.shown_values import moment, shortened
from adverts.linking.rules import LinkingRules

_HIGHER = (0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
_MOST_LISTED, _MOST_REASONS, _MOST_NETWORKS, _MOST_NAMED = 50, 20, 50, 30
_NUMBERS = (r"\bj[0-9a-f]{16}\b", "a judgement"), (r"\d[\d.,]*", "…")


def bank_record(
    tables: Mapping[str, pa.Table], lines: Sequence[CampaignLine], rules: LinkingRules
) -> BankRecord:
    """Return what the page of a bank states.

    Args:
        tables: All tables of the bank.
        lines: Its campaigns, those with most adverts first.
        rules: Parameters of the build.

    Raises:
        IntegrityError: The bank has no build, or its edges contradict its adverts.
    """
    adverts, judged, campaigns = (tables[name] for name in ("adverts", "judged", "campaigns"))
    bank = edges_of(tables)
    found = hypotheses(bank.edges, bank.roots)
    listed = tables["listed"]
    return BankRecord(
        last_build=last_build_of(tables["builds"]),
        adverts=len(adverts),
        judged_by=_counted(adverts["judged_by"]),
        in_campaigns=len(adverts) - adverts["campaign"].null_count,
        campaigns=len(lines),
        closed=len(campaigns) - campaigns["closed_build"].null_count,
        identities=len(tables["identities"]),
        templates=pc.count_distinct(adverts["template"]).as_py(),
        candidates=len(tables["candidates"]),
        giant=giant_of(bank, rules),
        thresholds=_thresholds(bank, rules),
        edges=_counted(tables["edges"]["status"]),
        reasons=_reasons(tables["edges"]),
        listed=_counted(_without_numbers(listed["reason"])),
        listed_values=_listed_values(listed),
        judgements=len(judged),
        not_held=tuple(
            NotHeld(one["judgement"], one["why"])
            for one in judged.filter(pc.invert(judged["holds"])).sort_by("judgement").to_pylist()
        ),
        networks=len(found),
        largest_networks=_networks(found, bank),
        lines=lines,
    )


def last_build_of(builds: pa.Table) -> LastBuild:
    """Return what the last build was made of and by.

    Raises:
        IntegrityError: There is none.
    """
    if not len(builds):
        raise IntegrityError("the bank has no build; build it first")
    last = builds.sort_by([("build", "descending")]).slice(0, 1).to_pylist()[0]
    return LastBuild(
        build=last["build"],
        built_at=moment(last["built_at"]),
        created_by=last["created_by"],
        token_key_id=last["token_key_id"],
        inputs=_read(last, "inputs"),
        parameters=_read(last, "parameters"),
        counts=_read(last, "counts"),
    )


def giant_of(bank: BankEdges, rules: LinkingRules) -> GiantCampaign | None:
    """Return the largest campaign if it is suspiciously large."""
    found = find_giant(bank.roots, large=rules.large)
    if found is None:
        return None
    name = bank.names[found.campaign]
    assert name is not None
    return GiantCampaign(name, found.adverts, found.next_adverts, found.share)


def _read(build: Mapping[str, object], name: str) -> Mapping[str, object]:
    try:
        found = json.loads(str(build[name]))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise IntegrityError(
            f"{name} of build {build['build']} cannot be read as JSON; build the bank again"
        )
    return found


def _thresholds(bank: BankEdges, rules: LinkingRules) -> tuple[Threshold, ...]:
    at = [rules.join_at, *(one for one in _HIGHER if one > rules.join_at)]
    found = threshold_components(bank.edges, len(bank.roots), at, large=rules.large)
    return tuple(
        Threshold(one.threshold, one.campaigns, one.adverts, one.largest, one.giant is not None)
        for one in found
    )


def _networks(found: Sequence[Hypothesis], bank: BankEdges) -> tuple[Network, ...]:
    ordered = sorted(found, key=lambda one: (-len(one.campaigns), one.campaigns))
    kinds = bank.edges.kind
    return tuple(
        Network(
            campaigns=tuple(str(bank.names[row]) for row in one.campaigns[:_MOST_NAMED]),
            campaign_count=len(one.campaigns),
            edges=len(one.edges),
            kinds=dict(Counter(EDGE_KINDS[kinds[place]] for place in one.edges).most_common()),
        )
        for one in ordered[:_MOST_NETWORKS]
    )


def _reasons(edges: pa.Table) -> tuple[Reason, ...]:
    open_ = edges.filter(pc.not_equal(edges["status"], "joins"))
    plain = pa.table({"status": open_["status"], "reason": _without_numbers(open_["reason"])})
    counted = plain.group_by(["status", "reason"]).aggregate([([], "count_all")]).to_pylist()
    found = [Reason(one["status"], one["reason"], one["count_all"]) for one in counted]
    found.sort(key=lambda one: (-one.edges, one.status, one.reason))
    return tuple(found[:_MOST_REASONS])


def _listed_values(listed: pa.Table) -> tuple[ShownListed, ...]:
    order = [("adverts", "descending"), ("value", "ascending")]
    return tuple(
        ShownListed(
            one["kind"], shortened(one["value"]), one["reason"], one["adverts"], one["accounts"]
        )
        for one in listed.sort_by(order).slice(0, _MOST_LISTED).to_pylist()
    )


def _without_numbers(reasons: pa.ChunkedArray) -> pa.ChunkedArray:
    for pattern, words in _NUMBERS:
        reasons = pc.replace_substring_regex(reasons, pattern, words)
    return reasons


def _counted(values: pa.ChunkedArray) -> Mapping[str, int]:
    found = Counter(
        {one["values"] or "": one["counts"] for one in pc.value_counts(values).to_pylist()}
    )
    return {one: found[one] for one in sorted(found, key=lambda one: (-found[one], one))}
