"""Sentences of the page of a campaign that say what was seen of it, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence

from adverts.errors import plural
from adverts_findings.campaigns.pages.campaign_record import (
    NOT_GRADED,
    CampaignRecord,
    Fact,
    ShownAdvert,
)
from adverts_findings.campaigns.pages.facts.last_week import KnownElsewhere
from adverts_findings.campaigns.pages.facts.not_known import NotKnown
from adverts_findings.campaigns.pages.facts.weak_sides import WeakSide
from adverts_findings.campaigns.pages.shown_values import day
from adverts_findings.campaigns.pages.timeline import Silence, SilentSince

_TOKENS = {"contact": "contact", "account": "account", "link_target": "link target"}


def listed(words: Sequence[str]) -> str:
    """Return words with commas between them, and an "and" before the last."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


def tokens(fact: Fact) -> str:
    """Return how many contacts, accounts and link targets stand behind the identities."""
    if not fact.tokens:
        return "none"
    told = [plural(found, _TOKENS.get(kind, kind)) for kind, found in fact.tokens.items()]
    return listed(told)


def silence(found: Silence) -> str:
    """Return a time in which nothing was posted."""
    return f"{found.days:,.0f} days, from {found.after[:10]} to {found.before[:10]}"


def silent(found: SilentSince) -> str:
    """Return how long a campaign was silent at the end of the bank."""
    if not found.weeks:
        return f"Its last advert is of {found.last_week}, the last week of the bank."
    return (
        f"Silent since its last advert: that is of {found.last_week}, and the bank has adverts up "
        f"to {found.bank_week}, {plural(found.weeks, 'week')} later. That none was posted and "
        "that none was collected cannot be told apart here."
    )


def elsewhere(found: KnownElsewhere) -> str:
    """Return where a known token is seen anew."""
    if found.platform is None:
        return "on a platform that is not known"
    if found.again:
        return f"again on {found.platform} after a silence"
    return f"on {found.platform}, where it was not seen before"


def side(found: WeakSide) -> str:
    """Return what is on one side of a weakest place."""
    if found.first_seen is None:
        when = "at times that are not known"
    elif day(found.first_seen) == day(found.last_seen):
        when = f"of {day(found.first_seen)}"
    else:
        when = f"from {day(found.first_seen)} to {day(found.last_seen)}"
    return f"{plural(found.adverts, 'advert')} {when}"


def anchors(shown: Sequence[ShownAdvert], most: int) -> dict[str, str]:
    """Return the place on the page of each advert that is on it, by the id of the advert."""
    return {one.id: f"advert-{place}" for place, one in enumerate(shown[:most], start=1)}


def addresses(fact: Fact) -> bool:
    """Return whether an address of a posting is on the page."""
    return any(one.url is not None for one in fact.shown)


def one_source(fact: Fact) -> ShownAdvert | None:
    """Return an advert whose source and judgement are those of all that are shown; None if none."""
    kinds = {(one.source, one.judged_by) for one in fact.shown}
    return fact.shown[0] if len(kinds) == 1 else None


def not_known(record: CampaignRecord) -> list[str]:
    """Return what is not known of a campaign, in sentences: the page says no more than it can."""
    fact = record.fact
    told = [_missing(what, missing) for what, missing in fact.not_known.items()]
    unknown = len(record.standings["unknown"])
    if unknown:
        told.append(
            f"Whether whoever stands behind {unknown:,} of {fact.identity_count:,} identities is a "
            "suspect, a victim or a witness is not known. No name is known of any of them."
        )
    if not record.assessment.calibrated:
        told.append(
            "How far the probabilities can be relied on is not known: too few people have judged "
            "links of this bank."
        )
    if record.link_count:
        told.append(
            f"Whether {plural(record.link_count, 'other campaign')} belong"
            f"{'s' if record.link_count == 1 else ''} to it is not known; see the hypotheses."
        )
    waiting = sum(n for key, n in record.contrary.number.items() if key.endswith("review"))
    if waiting:
        told.append(
            f"{plural(waiting, 'link')} of it wait{'s' if waiting == 1 else ''} for a person."
        )
    if record.originals is None:
        told.append("What its texts say and its pictures show was not read for this page.")
    if all(one.grading == NOT_GRADED for one in record.sources):
        told.append("How far its sources can be relied on is not known: nobody has graded them.")
    told.append(_shared(record))
    if fact.silent is not None and fact.silent.weeks:
        told.append("Whether it ended with its last advert, or was not collected, is not known.")
    told.append("Nothing is known of adverts that were not collected, or that no person judged.")
    return told


def _missing(what: str, missing: NotKnown) -> str:
    words = f"The {what} of" if what != "contact" else "A contact in"
    more = missing.adverts - len(missing.ids)
    ids = listed([*missing.ids, *([f"{more:,} more"] if more else [])])
    return f"{words} {plural(missing.adverts, 'advert')} is not known: {ids}."


def _shared(record: CampaignRecord) -> str:
    if record.exports is None:
        return "Whether anything was shared is not known: the log was not read for this page."
    if any(not one.recipient and not one.is_sheet for one in record.exports):
        return "With whom the exports were shared is not known: only adverts share records it."
    if record.exports:
        return "What recipients did with what was shared is in the ledger, not here."
    return "Whether anybody copied anything by hand is not known; the log shows no export."
