"""From the rows of a campaign to what its page states."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from adverts.inputs.contacts.masking import mask_contacts
from adverts_findings.campaigns.judgements.judgements import STANDINGS, Standing
from adverts_findings.campaigns.networks.network import NetworkLink
from adverts_findings.campaigns.originals.originals import Originals
from adverts_findings.campaigns.pages.beside.exports import LoggedExport
from adverts_findings.campaigns.pages.beside.judged import JudgedCampaigns
from adverts_findings.campaigns.pages.campaign_record import (
    MOST_ADVERTS,
    NOT_GRADED,
    Assessment,
    CampaignRecord,
    Fact,
    FormerId,
    ShownAdvert,
    ShownIdentity,
    ShownWord,
    Source,
)
from adverts_findings.campaigns.pages.campaign_rows import (
    AdvertRow,
    CampaignRows,
    IdentityRow,
    SaidRow,
)
from adverts_findings.campaigns.pages.describe_edges import (
    contrary_of,
    probability_words,
    shown_edge,
    why_of,
)
from adverts_findings.campaigns.pages.drawing import drawing_of
from adverts_findings.campaigns.pages.facts.joined_to import JoinedTo, joined_to
from adverts_findings.campaigns.pages.facts.last_week import last_week_of
from adverts_findings.campaigns.pages.facts.not_known import not_counted, not_known
from adverts_findings.campaigns.pages.facts.pictures import pictures_of
from adverts_findings.campaigns.pages.graph.campaign_graph import campaign_graph
from adverts_findings.campaigns.pages.hypotheses.shown_links import shown_link
from adverts_findings.campaigns.pages.shown_values import (
    known,
    moment,
    most_first,
    opens,
    shortened,
)
from adverts_findings.campaigns.pages.timeline import (
    UNKNOWN,
    silences_of,
    silent_since,
    timeline_of,
)

MOST_LINKS = 20
"""Most hypotheses in a record; their number is of all."""


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What a page states of a campaign beside its rows.

    Attributes:
        build: Number of the build.
        built_at: When it was built.
        former: Ids that became the campaign, and those that split off it.
        links: Hypotheses that it is part of, the most probable first.
        listed: The table of values that join nothing.
        judged: What people said of links.
        exports: What was exported since it was opened; None where no log was read.
        originals: What was read of it from its source; None where nothing was.
        sizes: Number of adverts of each campaign.
        last_week: Week of the last advert of the bank; None if no time is known.
        day: Day that the page looks back at; None for one of now.
    """

    build: int
    built_at: str | None
    former: tuple[FormerId, ...]
    links: Sequence[NetworkLink]
    listed: pa.Table
    judged: JudgedCampaigns
    exports: tuple[LoggedExport, ...] | None
    originals: Originals | None
    sizes: Mapping[str, int]
    last_week: str | None
    day: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a build found of the doubt in a campaign.

    Attributes:
        probability: Probability that two of its adverts, drawn at random, are of one advertiser.
        calibrated: Whether it is calibrated.
        communities: Number of communities within it.
        largest_piece: Share that stays together when edges are drawn anew; None: not known.
        giant: Why it is suspiciously large; empty if it is not.
    """

    probability: float | None
    calibrated: bool
    communities: int
    largest_piece: float | None
    giant: str


def campaign_record(rows: CampaignRows, doubt: Doubt, around: Surroundings) -> CampaignRecord:
    """Return what the page of a campaign states; every number is counted from the rows.

    Raises:
        IntegrityError: The rows contradict each other.
    """
    standings: dict[Standing, list[str]] = {one: [] for one in STANDINGS}
    for identity in rows.identities:
        standings[_standing(identity)].append(identity["identity"])
    names = [rows.campaign, *(one.old for one in around.former)]
    calibrated = doubt.calibrated
    return CampaignRecord(
        campaign=rows.campaign,
        build=around.build,
        built_at=around.built_at,
        fact=fact_of(rows, calibrated=calibrated, bank_week=around.last_week),
        assessment=assessment_of(doubt),
        sources=sources_of(rows.adverts, rows.said),
        why=why_of(
            rows, calibrated=calibrated, listed=frozenset(around.listed["value"].to_pylist())
        ),
        contrary=contrary_of(rows, calibrated=calibrated),
        not_counted=not_counted(rows.adverts, around.listed),
        standings={one: tuple(sorted(found)) for one, found in standings.items()},
        languages=most_first(advert["language"] or UNKNOWN for advert in rows.adverts),
        former=around.former,
        graph=campaign_graph(rows, around.links, around.sizes),
        links=tuple(
            shown_link(one, calibrated=calibrated, campaign=rows.campaign)
            for one in around.links[:MOST_LINKS]
        ),
        link_count=len(around.links),
        judgements=around.judged.of([*names, *(one["id"] for one in rows.adverts)]),
        exports=around.exports,
        originals=around.originals,
        said=tuple(_shown_word(one) for one in rows.said),
        as_of=None if around.day is None else around.day.isoformat(),
    )


def fact_of(rows: CampaignRows, *, calibrated: bool, bank_week: str | None) -> Fact:
    """Return what was seen of a campaign.

    Args:
        rows: Its rows.
        calibrated: Whether probabilities are calibrated.
        bank_week: Week of the last advert of the bank; None if no time is known.
    """
    adverts, identities = rows.adverts, rows.identities
    postings = [(one["posted_at"], one["platform"]) for one in adverts]
    times = [time for time, _ in postings if time is not None]
    return Fact(
        adverts=len(adverts),
        accounts=len({one["account"] for one in adverts} - {None}),
        templates=len({one["template"] for one in adverts}),
        first_seen=moment(min(times, default=None)),
        last_seen=moment(max(times, default=None)),
        platforms=most_first(platform or UNKNOWN for _, platform in postings),
        silent=silent_since(postings, bank_week),
        silences=silences_of(postings),
        timeline=timeline_of(postings),
        last_week=last_week_of(adverts, identities),
        drawing=drawing_of(adverts, identities),
        pictures=pictures_of(adverts, rows.pictures_elsewhere),
        bands=rows.bands,
        identities=_shown_identities(identities),
        identity_count=len(identities),
        tokens=most_first(kind for kind, _ in {(one["kind"], one["value"]) for one in identities}),
        shown=_shown_adverts(rows, calibrated=calibrated),
        not_known=not_known(adverts),
    )


def assessment_of(doubt: Doubt) -> Assessment:
    """Return what is concluded; nothing of it is a fact that was seen."""
    probability = known(doubt.probability)
    return Assessment(
        probability=probability,
        calibrated=doubt.calibrated,
        words=probability_words(probability, calibrated=doubt.calibrated),
        largest_piece=known(doubt.largest_piece),
        communities=doubt.communities,
        giant=doubt.giant,
    )


def sources_of(adverts: Sequence[AdvertRow], said: Sequence[SaidRow] = ()) -> tuple[Source, ...]:
    """Return the inputs from which adverts came, those with most adverts first."""
    grades = {
        one["name"]: one["said"] for one in said if one["level"] == "source" and one["counts"]
    }
    of_source: dict[str, list[AdvertRow]] = defaultdict(list)
    for advert in adverts:
        of_source[advert["source"]].append(advert)
    found = []
    for name, members in of_source.items():
        times = [one["collected_at"] for one in members if one["collected_at"] is not None]
        judged = Counter(one["judged_by"] for one in members)
        found.append(
            Source(
                name=name,
                adverts=len(members),
                by_review=judged["review"],
                by_dataset=judged["dataset"],
                first_collected=moment(min(times, default=None)),
                last_collected=moment(max(times, default=None)),
                grading=grades.get(name, NOT_GRADED),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.adverts, one.name)))


def _shown_word(row: SaidRow) -> ShownWord:
    return ShownWord(
        level=row["level"],
        name=row["name"],
        said=row["said"],
        by=mask_contacts(row["by"]),
        on=row["at"],
        why=mask_contacts(row["why"]),
        counts=row["counts"],
    )


def _shown_identities(identities: Sequence[IdentityRow]) -> tuple[ShownIdentity, ...]:
    ordered = sorted(identities, key=lambda one: (-one["adverts"], one["identity"]))
    return tuple(
        ShownIdentity(
            identity=one["identity"],
            kind=one["kind"],
            value=shortened(one["value"]),
            platform=one["platform"],
            first_seen=moment(one["first_seen"]),
            last_seen=moment(one["last_seen"]),
            adverts=one["adverts"],
            accounts=one["accounts"],
        )
        for one in ordered[:MOST_ADVERTS]
    )


def _shown_adverts(rows: CampaignRows, *, calibrated: bool) -> tuple[ShownAdvert, ...]:
    hangs = joined_to(rows.adverts, [one for one in rows.inside if one["status"] == "joins"])
    by_id = sorted(rows.adverts, key=lambda one: one["id"])
    latest = sorted(by_id, key=lambda one: moment(one["posted_at"]) or "", reverse=True)
    return tuple(
        ShownAdvert(
            id=one["id"],
            url=one["url"],
            opens=opens(one["url"]),
            platform=one["platform"],
            posted_at=moment(one["posted_at"]),
            account=None if one["account"] is None else shortened(one["account"]),
            template=one["template"] or "",
            source=one["source"],
            judged_by=one["judged_by"],
            **_joined(hangs.get(one["id"]), rows.campaign, calibrated=calibrated),
        )
        for one in latest[:MOST_ADVERTS]
    )


def _joined(found: JoinedTo | None, campaign: str, *, calibrated: bool) -> dict[str, str]:
    if found is None:
        return {"joined_to": "", "joined_by": "", "edge": "", "shared": ""}
    edge = shown_edge(found.edge, campaign, calibrated=calibrated)
    words = f"{edge.words}: {edge.probability_words}"
    return {
        "joined_to": found.advert,
        "joined_by": words,
        "edge": edge.edge,
        "shared": edge.value,
    }


def _standing(identity: IdentityRow) -> Standing:
    """Return the standing that a person gave; anything that is no known word is ``unknown``."""
    return next((one for one in STANDINGS if one == identity["standing"]), "unknown")
