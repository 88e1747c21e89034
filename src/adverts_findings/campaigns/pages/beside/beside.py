"""All that pages need beside the tables of a bank."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.originals.originals import Originals
from adverts_findings.campaigns.originals.read_originals import OriginalSources, SoughtAdvert
from adverts_findings.campaigns.pages.beside.exports import LoggedExport
from adverts_findings.campaigns.pages.campaign_rows import CampaignRows


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What pages need beside the tables.

    Attributes:
        judgements: What people said of links, in the order of their recording.
        exports: What the log says was exported; None where the log was not read.
        originals: Maps a campaign to what was read of it from its source; none otherwise.
        day: Day that the pages look back at; None for those of now.
    """

    judgements: Sequence[Judgement] = ()
    exports: tuple[LoggedExport, ...] | None = None
    originals: Mapping[str, Originals] = field(default_factory=dict)
    day: datetime.date | None = None


NOTHING = Beside()
"""Nothing but the tables."""


def read_all(sources: OriginalSources, campaigns: Sequence[CampaignRows]) -> dict[str, Originals]:
    """Return what the sources hold of each campaign, by its name."""
    return {
        rows.campaign: sources.read(
            [
                SoughtAdvert(
                    one["id"],
                    one["source"],
                    one["template"],
                    one["posted_at"],
                    tuple(one["picture_sha256"] or ()),
                )
                for one in rows.adverts
            ]
        )
        for rows in campaigns
    }
