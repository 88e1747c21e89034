"""What the page of a campaign states, as values: its JSON file and its HTML page come from one.

Fact, assessment and source are separate parts and never mixed. Times are ISO 8601 in UTC. Tokens
are shortened to 8 digits: nothing here holds the text, picture or contact of an advert, except
what was read from its source, if that was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adverts_findings.campaigns.judgements.judgements import Standing
from adverts_findings.campaigns.originals.originals import Originals
from adverts_findings.campaigns.pages.beside.exports import LoggedExport
from adverts_findings.campaigns.pages.beside.judged import ShownJudgement
from adverts_findings.campaigns.pages.drawing import Drawing
from adverts_findings.campaigns.pages.edge_record import Contrary, ShownListed, Why
from adverts_findings.campaigns.pages.facts.last_week import LastWeek
from adverts_findings.campaigns.pages.facts.not_known import NotKnown
from adverts_findings.campaigns.pages.facts.pictures import Pictures
from adverts_findings.campaigns.pages.graph.campaign_graph import CampaignGraph
from adverts_findings.campaigns.pages.hypotheses.shown_links import ShownLink
from adverts_findings.campaigns.pages.timeline import Silence, SilentSince, Timeline

SCHEMA_VERSION = 2
MOST_ADVERTS = 5_000
"""Most adverts and most identities in a record; their number is of all."""
NOT_GRADED = "not graded"


@dataclass(frozen=True, slots=True)
class ShownIdentity:
    """A posting identity of the campaign.

    Attributes:
        identity: Its lasting name.
        kind: ``contact``, ``account`` or ``link_target``.
        value: Its token, shortened.
        platform: Platform of its postings; None if it is not known.
        first_seen: Time of its first posting; None if it is not known.
        last_seen: Time of its last posting; None if it is not known.
        adverts: Number of adverts that show it.
        accounts: Number of accounts that show it.
    """

    identity: str
    kind: str
    value: str
    platform: str | None
    first_seen: str | None
    last_seen: str | None
    adverts: int
    accounts: int


@dataclass(frozen=True, slots=True)
class ShownAdvert:
    """An advert of the campaign.

    Attributes:
        id: Its id.
        url: Address of the posting; None if it is not known.
        opens: Whether the address may be a link: one of http or https that misleads nobody.
        platform: Platform of the posting; None if it is not known.
        posted_at: When it was posted; None if it is not known.
        account: Token of the account, shortened; None if it is not known.
        template: Name of its template.
        source: The input that it came from.
        judged_by: ``review`` or ``dataset``.
        joined_to: Id of the advert that it hangs on, along the surest path to the earliest one;
            empty where it hangs on none.
        joined_by: The evidence between the two in words, with its probability.
        edge: Name of the edge between the two; empty where there is none.
        shared: What the two share, shortened; empty where there is none.
    """

    id: str
    url: str | None
    opens: bool
    platform: str | None
    posted_at: str | None
    account: str | None
    template: str
    source: str
    judged_by: str
    joined_to: str
    joined_by: str
    edge: str
    shared: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What was seen.

    Attributes:
        adverts: Number of adverts.
        accounts: Number of accounts that posted them.
        templates: Number of templates.
        first_seen: Time of the first posting; None if no time is known.
        last_seen: Time of the last posting; None if no time is known.
        platforms: Maps each platform to its number of adverts, the most first; the empty name
            stands for an unknown platform.
        silent: How long it was silent at the end of the bank; None if no time is known.
        silences: The longest times in which nothing was posted, the longest first.
        timeline: Numbers of adverts by week and platform.
        last_week: What was seen in the last week; None if no time is known.
        drawing: Which accounts show which contacts, and in which templates.
        pictures: Its pictures.
        bands: Number of adverts by the band of their score, the most first; the empty name stands
            for no score. Empty where the bank has no bands.
        identities: Posting identities, those with most adverts first: at most 5,000.
        identity_count: Number of posting identities.
        tokens: Number of different tokens of these by kind, the most first: one token may be
            several identities, on several platforms or before and after a silence.
        shown: Adverts, the latest first; those without a time last. At most 5,000.
        not_known: Adverts whose time, platform, account, language or contact is not
            known, by that word; those that are known of all are left out.
    """

    adverts: int
    accounts: int
    templates: int
    first_seen: str | None
    last_seen: str | None
    platforms: Mapping[str, int]
    silent: SilentSince | None
    silences: tuple[Silence, ...]
    timeline: Timeline
    last_week: LastWeek | None
    drawing: Drawing
    pictures: Pictures
    bands: Mapping[str, int]
    identities: tuple[ShownIdentity, ...]
    identity_count: int
    tokens: Mapping[str, int]
    shown: tuple[ShownAdvert, ...]
    not_known: Mapping[str, NotKnown]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is concluded, and how surely.

    Attributes:
        probability: Probability that two adverts of the campaign, drawn at random, are of one
            advertiser; None if it is not known.
        calibrated: Whether probabilities are calibrated against judgements of people.
        words: The probability in words of the yardstick and in per cent.
        largest_piece: Share of the adverts that stay together, on average, when edges are drawn
            anew by their probabilities; None if it is not known.
        communities: Number of communities within a large campaign; 1 if it was not divided.
        giant: Why the campaign is suspiciously large; empty if it is not.
    """

    probability: float | None
    calibrated: bool
    words: str
    largest_piece: float | None
    communities: int
    giant: str


@dataclass(frozen=True, slots=True)
class Source:
    """One input from which adverts of the campaign came.

    Attributes:
        name: The input, such as ``scores/posts``.
        adverts: Number of adverts of the campaign from it.
        by_review: Number of them that a review judged.
        by_dataset: Number of them that a label of a prepared dataset judged.
        first_collected: When the first of them was collected; None if it is not known.
        last_collected: When the last of them was collected; None if it is not known.
        grading: How far the source is to be relied on, such as ``2B``; ``not graded`` until a
            person says, and where people contradict each other.
    """

    name: str
    adverts: int
    by_review: int
    by_dataset: int
    first_collected: str | None
    last_collected: str | None
    grading: str = NOT_GRADED


@dataclass(frozen=True, slots=True)
class ShownWord:
    """What a person says of an identity or a source of the campaign.

    Attributes:
        level: ``identity`` or ``source``.
        name: Its name.
        said: The standing or the grade.
        by: Who says it, with contacts masked.
        on: When, ISO 8601 in UTC.
        why: Why, with its contacts masked.
        counts: Whether it counts; false where people contradict each other.
    """

    level: str
    name: str
    said: str
    by: str
    on: str
    why: str
    counts: bool


@dataclass(frozen=True, slots=True)
class FormerId:
    """An id that is no longer used, or from which the campaign came.

    Attributes:
        old: The id.
        new: What took its place.
        build: Number of the build that replaced it.
        how: ``merged`` or ``split``.
    """

    old: str
    new: str
    build: int
    how: str


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """All that the page of a campaign states.

    Attributes:
        campaign: Its lasting name.
        build: Number of the build that the page is of.
        built_at: When it was built.
        fact: What was seen.
        assessment: What is concluded, and how surely.
        sources: Where it came from, most adverts first.
        why: The evidence, and its weakest places.
        contrary: Evidence that joins nothing.
        not_counted: Contacts that its adverts show and that join nothing, those of most adverts
            first: at most 100.
        standings: Maps each standing to the names of the identities that a person gave it;
            ``unknown`` is everybody of whom nobody said anything.
        languages: Context alone: number of adverts by language, the most first. Language never
            is evidence.
        former: Ids that became this campaign, and those that split off it, by build.
        graph: How its parts hang together.
        links: Hypotheses: campaigns with which it shares something weaker than what joins, the
            most probable first; at most 20.
        link_count: Number of such campaigns.
        judgements: What people said of it and its adverts, the latest first.
        exports: What the log says was exported since it was opened; None where no log was read.
        originals: What was read of it from its source; None where nothing was.
        said: Who says what of its identities and sources, and why.
        as_of: Day that the page looks back at, ISO 8601; None for one of now.
        schema_version: Version of the JSON file.
    """

    campaign: str
    build: int
    built_at: str | None
    fact: Fact
    assessment: Assessment
    sources: tuple[Source, ...]
    why: Why
    contrary: Contrary
    not_counted: tuple[ShownListed, ...]
    standings: Mapping[Standing, tuple[str, ...]]
    languages: Mapping[str, int]
    former: tuple[FormerId, ...]
    graph: CampaignGraph
    links: tuple[ShownLink, ...]
    link_count: int
    judgements: tuple[ShownJudgement, ...]
    exports: tuple[LoggedExport, ...] | None
    originals: Originals | None
    said: tuple[ShownWord, ...] = ()
    as_of: str | None = None
    schema_version: int = SCHEMA_VERSION
