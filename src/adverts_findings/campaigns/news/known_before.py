"""Signs that a seemingly new campaign was there before: what it shows, and when it was opened.

After a long silence, or on another platform, a contact joins only with a second kind of evidence,
since it may be somebody else's by then. So the campaign may be an old one that is back.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.news.uses import CONTEXT


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """That a contact or account of a campaign was seen before a week.

    Attributes:
        time: When it was last seen before.
        campaign: Campaign of that advert; None if it is in none.
    """

    time: datetime.datetime
    campaign: str | None

    def __str__(self) -> str:
        where = self.campaign or "an advert of no campaign"
        return (
            f"a contact or account of it was seen before, last on {self.time:%Y-%m-%d} in {where}: "
            "it may be the same advertiser"
        )


def seen_before(
    campaigns: Sequence[str], contacts: pa.Table, adverts: pa.Table, since: datetime.date
) -> Mapping[str, SeenBefore]:
    """Return the campaigns that show what was shown before a week, and when it was last.

    Args:
        campaigns: Campaigns without an advert before.
        contacts: Uses of contacts, see :func:`~adverts_findings.campaigns.news.uses.contact_uses`.
        adverts: Adverts with their weeks and ``account``.
        since: Monday of the week.
    """
    accounts = adverts.select([*CONTEXT, "account"]).rename_columns([*CONTEXT, "value"])
    uses = pa.concat_tables([contacts.select([*CONTEXT, "value"]), accounts])
    asked = pa.array(campaigns, pa.string())
    mine = uses.filter(pc.is_in(uses["campaign"], value_set=asked))
    shown = mine.group_by(["campaign", "value"]).aggregate([]).filter(pc.field("value").is_valid())
    values = pc.unique(shown["value"])
    early = pc.less(uses["week"], pa.scalar(since, pa.date32()))
    before = uses.filter(pc.and_kleene(early, pc.is_in(uses["value"], value_set=values)))
    last: dict[str, SeenBefore] = {}
    for row in before.sort_by("time").to_pylist():
        last[row["value"]] = SeenBefore(row["time"], row["campaign"])
    found: dict[str, SeenBefore] = {}
    for row in shown.sort_by([("campaign", "ascending"), ("value", "ascending")]).to_pylist():
        one = last.get(row["value"])
        known = found.get(row["campaign"])
        if one is not None and (known is None or known.time < one.time):
            found[row["campaign"]] = one
    return found


def opened_before(
    campaigns: Sequence[str], known: pa.Table, builds: pa.Table, since: datetime.date
) -> Mapping[str, str]:
    """Return the campaigns that a build before a week had opened, with a sentence that says so.

    They had adverts then, which were erased or whose time was over.

    Args:
        campaigns: Campaigns without an advert before.
        known: The table ``campaigns`` of the bank.
        builds: Its table ``builds``.
        since: Monday of the week.
    """
    start = datetime.datetime.combine(since, datetime.time(), datetime.UTC)
    built = dict(zip(builds["build"].to_pylist(), builds["built_at"].to_pylist(), strict=True))
    asked = known.filter(pc.is_in(known["campaign"], value_set=pa.array(campaigns, pa.string())))
    found = {}
    for row in asked.select(["campaign", "opened_build"]).to_pylist():
        at = built.get(row["opened_build"])
        if at is not None and at < start:
            found[row["campaign"]] = (
                f"build {row['opened_build']} of {at:%Y-%m-%d} knew it already, by adverts that "
                "have left the bank"
            )
    return found
