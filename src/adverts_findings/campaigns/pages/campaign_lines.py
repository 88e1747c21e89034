"""One line for each campaign of a bank, counted from its adverts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from adverts.errors import IntegrityError
from adverts_findings.campaigns.pages.bank_record import CampaignLine
from adverts_findings.campaigns.pages.beside.exports import LoggedExport, exported_since
from adverts_findings.campaigns.pages.campaign_weeks import weeks_by_campaign
from adverts_findings.campaigns.pages.describe_edges import probability_words
from adverts_findings.campaigns.pages.shown_values import known, moment


def campaign_lines(
    tables: Mapping[str, pa.Table], exports: Sequence[LoggedExport] | None = None
) -> list[CampaignLine]:
    """Return a line for each campaign with adverts, those with most adverts first.

    Args:
        tables: All tables of the bank.
        exports: What the log says was exported; None where it was not read.

    Raises:
        IntegrityError: Adverts are of a campaign that the bank does not list.
    """
    adverts = tables["adverts"].select(
        ["id", "campaign", "account", "template", "platform", "language", "posted_at"]
    )
    inside = adverts.filter(pc.is_valid(adverts["campaign"]))
    counted = inside.group_by("campaign").aggregate(
        [
            ("id", "count"),
            *[(name, "count_distinct") for name in ("account", "template")],
            *[("posted_at", which) for which in ("min", "max")],
        ]
    )
    platforms, languages = (_by_name(inside, name) for name in ("platform", "language"))
    identities = _numbers(tables["identities"]["campaign"])
    facts = {one["campaign"]: one for one in tables["campaigns"].to_pylist()}
    weeks = weeks_by_campaign(tables)
    lines = []
    for row in counted.to_pylist():
        name = row["campaign"]
        if name not in facts:
            raise IntegrityError(
                f"the bank has adverts of {name[:80]!r} and lists no such campaign; build it again"
            )
        probability, calibrated = known(facts[name]["probability"]), bool(facts[name]["calibrated"])
        lines.append(
            CampaignLine(
                campaign=name,
                adverts=row["id_count"],
                accounts=row["account_count_distinct"],
                templates=row["template_count_distinct"],
                identities=identities.get(name, 0),
                first_seen=moment(row["posted_at_min"]),
                last_seen=moment(row["posted_at_max"]),
                platforms=platforms[name],
                languages=languages[name],
                probability=probability,
                calibrated=calibrated,
                words=probability_words(probability, calibrated=calibrated),
                opened_build=facts[name]["opened_build"],
                weeks=weeks.named(name),
                recent=weeks.recent(name),
                before=weeks.before(name),
                exported=exported_since(exports, (name,), facts[name]["opened_build"]),
            )
        )
    return sorted(lines, key=lambda one: (-one.adverts, one.campaign))


def _by_name(inside: pa.Table, column: str) -> Mapping[str, Mapping[str, int]]:
    """Return the number of adverts of each campaign by a column, the most first."""
    rows = inside.group_by(["campaign", column]).aggregate([([], "count_all")]).to_pylist()
    rows.sort(key=lambda one: (-one["count_all"], one[column] or ""))
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["campaign"]][row[column] or ""] = row["count_all"]
    return found


def _numbers(campaigns: pa.ChunkedArray) -> Mapping[str, int]:
    counted: Sequence[Mapping[str, object]] = pc.value_counts(campaigns.drop_null()).to_pylist()
    return {str(one["values"]): int(str(one["counts"])) for one in counted}
