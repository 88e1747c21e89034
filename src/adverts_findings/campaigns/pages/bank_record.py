"""What the page of a bank states, as values: its JSON files and its HTML page come from them.

Times are ISO 8601 in UTC. Tokens are shortened, see
:mod:`adverts_findings.campaigns.pages.campaign_record`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adverts_findings.campaigns.pages.campaign_record import SCHEMA_VERSION
from adverts_findings.campaigns.pages.edge_record import ShownListed


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One campaign in the table of all, and one line of ``campaigns.jsonl``.

    Attributes:
        campaign: Its lasting name.
        adverts: Number of adverts.
        accounts: Number of accounts that posted them.
        templates: Number of templates.
        identities: Number of posting identities that are of this campaign alone.
        first_seen: Time of the first posting; None if no time is known.
        last_seen: Time of the last posting; None if no time is known.
        platforms: Maps each platform to its number of adverts, the most first.
        languages: Context alone: number of adverts by language, the most first.
        probability: Probability that two of its adverts, drawn at random, are of one advertiser;
            None if it is not known.
        calibrated: Whether probabilities are calibrated against judgements of people.
        words: The probability in words of the yardstick and in per cent.
        opened_build: Number of the build that opened it.
        weeks: Number of adverts by week, such as ``2026-W05``, of the last 53 weeks with adverts.
        recent: Number of adverts of the last four weeks of the bank.
        before: Number of adverts of the four weeks before them.
        exported: Whether the log says that the bank was exported since it was opened; None where
            no log was read.
        page: Name of its page in the same folder; empty if none was written.
        schema_version: Version of the line.
    """

    campaign: str
    adverts: int
    accounts: int
    templates: int
    identities: int
    first_seen: str | None
    last_seen: str | None
    platforms: Mapping[str, int]
    languages: Mapping[str, int]
    probability: float | None
    calibrated: bool
    words: str
    opened_build: int
    weeks: Mapping[str, int]
    recent: int
    before: int
    exported: bool | None = None
    page: str = ""
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Reason:
    """Why edges do not join.

    Attributes:
        status: ``review`` or ``rejected``.
        reason: The reason; numbers and names of judgements in it are left out.
        edges: Number of edges.
    """

    status: str
    reason: str
    edges: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """Campaigns that edges of at least some probability would make.

    Attributes:
        threshold: The least probability of an edge that joins.
        campaigns: Number of campaigns of at least two adverts.
        adverts: Number of adverts in them.
        largest: Number of adverts of the largest.
        giant: Whether the largest is suspiciously large.
    """

    threshold: float
    campaigns: int
    adverts: int
    largest: int
    giant: bool


@dataclass(frozen=True, slots=True)
class GiantCampaign:
    """A campaign so large that a wrong edge, rather than an advertiser, may have made it.

    Attributes:
        campaign: Its name.
        adverts: Number of its adverts.
        next_adverts: Number of adverts of the next largest campaign.
        share: Share of all adverts in campaigns that it holds.
    """

    campaign: str
    adverts: int
    next_adverts: int
    share: float


@dataclass(frozen=True, slots=True)
class NotHeld:
    """A judgement that does not hold after the build.

    Attributes:
        judgement: Its id.
        why: Why it does not hold.
    """

    judgement: str
    why: str


@dataclass(frozen=True, slots=True)
class LastBuild:
    """What the last build was made of and by.

    Attributes:
        build: Its number.
        built_at: When.
        created_by: Version of the package.
        token_key_id: Id of the key of the tokens.
        inputs: Maps each input to what it brought.
        parameters: Rules, weights and calibration.
        counts: What the build counted.
    """

    build: int
    built_at: str | None
    created_by: str
    token_key_id: str
    inputs: Mapping[str, object]
    parameters: Mapping[str, object]
    counts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BankRecord:
    """All that the page of a bank states.

    Attributes:
        last_build: What the last build was made of and by.
        adverts: Number of adverts, each judged group V by a person.
        judged_by: Number of adverts by who judged them: ``review`` or ``dataset``.
        in_campaigns: Number of adverts in campaigns.
        campaigns: Number of open campaigns.
        closed: Number of campaigns that are closed.
        identities: Number of posting identities.
        templates: Number of templates.
        candidates: Number of adverts that only a model flagged and that wait for a person.
        restricted: Number of adverts that would have left and are kept under a hold: they are in
            no campaign and on no page.
        giant: The largest campaign, where it is suspiciously large.
        thresholds: Campaigns at several thresholds, the lowest first.
        edges: Number of edges by status.
        reasons: Why edges do not join, the most frequent first.
        listed: Number of values that join nothing, by reason; what is in brackets is left out.
        listed_values: Some of them, those that most adverts show first.
        judgements: Number of judgements.
        not_held: Those that do not hold.
        networks: Number of hypotheses of networks.
        recent_weeks: First and last of the last four weeks of the bank; None where no time is
            known.
        as_of: Day that the page looks back at, ISO 8601; None for one of now.
        schema_version: Version of the JSON file.
    """

    last_build: LastBuild
    adverts: int
    judged_by: Mapping[str, int]
    in_campaigns: int
    campaigns: int
    closed: int
    identities: int
    templates: int
    candidates: int
    restricted: int
    giant: GiantCampaign | None
    thresholds: tuple[Threshold, ...]
    edges: Mapping[str, int]
    reasons: tuple[Reason, ...]
    listed: Mapping[str, int]
    listed_values: tuple[ShownListed, ...]
    judgements: int
    not_held: tuple[NotHeld, ...]
    networks: int
    recent_weeks: tuple[str, str] | None
    as_of: str | None = None
    schema_version: int = SCHEMA_VERSION
