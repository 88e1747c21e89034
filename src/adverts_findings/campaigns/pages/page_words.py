"""Sentences and titles of the pages of a bank and of a campaign."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from adverts.errors import plural
from adverts_findings.campaigns.pages.bank_record import GiantCampaign
from adverts_findings.campaigns.pages.campaign_record import Assessment, FormerId
from adverts_findings.campaigns.pages.edge_record import WeakPlace
from adverts_findings.campaigns.pages.shown_values import NOT_KNOWN, cut, share

if TYPE_CHECKING:
    from markupsafe import Markup

KINDS = {
    "contact": "Contact",
    "account": "Account",
    "link_target": "Link target",
    "template": "Template or picture",
    "judged": "A person's judgement",
}
"""Maps each kind of evidence to its title."""
SLOTS = {
    "price": "price varies",
    "date": "date varies",
    "time": "time varies",
    "number": "number varies",
    "contact": "contact varies",
    "words": "words vary",
}
"""Maps each kind of a slot of a template to its title."""
_CONTRARY = {
    "within, rejected": "rejected",
    "within, review": "for a person",
    "within, differing": "joined although both sides differ",
    "outward, rejected": "rejected",
    "outward, review": "for a person",
}
STATUSES = {"joins": "joins", "review": "for a person", "rejected": "rejected"}
"""Maps each status of an edge to its name."""
_MOST_SETTING, _WHOLE = 2_000, 16
_SOURCES = {"1": "reliable", "2": "untested", "3": "not reliable"}
_KNOWS = {
    "A": "known directly",
    "B": "known indirectly, but corroborated",
    "C": "known indirectly",
    "D": "not known",
    "E": "suspected to be false",
}
"""What the digit and the letter of a grade mean, of the source and of what it says."""


def number(value: int) -> str:
    """Return a number with a comma between its thousands."""
    return f"{value:,}"


def name(text: str | None, most: int = 80) -> Markup:
    """Return a name that others chose, cut, escaped, in its own direction; a short one whole."""
    from markupsafe import Markup, escape

    shown = cut(text, most) if text else NOT_KNOWN
    whole = ' class="whole"' if len(shown) <= _WHOLE else ""
    return Markup(f"<bdi{whole}>{escape(shown)}</bdi>")


def probability(words: str) -> str:
    """Return words with numbers that stay on one line with their per cent sign."""
    return words.replace(" %", "\u00a0%")


def giant(found: GiantCampaign) -> str:
    """Return why a campaign is suspiciously large."""
    return (
        f"{found.campaign} holds {plural(found.adverts, 'advert')}, which is "
        f"{share(found.share)} of all that are in campaigns; the next largest holds "
        f"{found.next_adverts:,}. A contact that many advertisers show, or one wrong link, makes "
        "such campaigns. Look at its weakest places before you use it."
    )


def stability(found: Assessment) -> str:
    """Return how far a campaign holds together when links are in doubt."""
    if found.largest_piece is None:
        return NOT_KNOWN
    if found.largest_piece >= 1:
        return "when links are drawn anew by their probabilities, all adverts stay together"
    return (
        f"when links are drawn anew by their probabilities, {share(found.largest_piece)} of the "
        "adverts stay together on average"
    )


def weak_place(found: WeakPlace) -> str:
    """Return what would split a campaign, and into what."""
    smaller, larger = plural(found.smaller_side, "advert"), plural(found.larger_side, "advert")
    if not found.others:
        return (
            f"Nothing else holds {smaller} and {larger} together: without this link, they are two "
            "campaigns."
        )
    others = plural(len(found.others), "other link")
    return (
        f"It holds {smaller} and {larger} together, with {others} that would have to go too: "
        "without all of them, they are two campaigns. It is the weakest of them."
    )


def contrary(number: Mapping[str, int], where: str) -> str:
    """Return how many links there are of those that lie within a campaign or lead out of it.

    Args:
        number: Number of links by where they lie and their status.
        where: ``within`` or ``outward``.
    """
    told = [
        f"{found:,} {_CONTRARY.get(key, key)}"
        for key, found in number.items()
        if key.startswith(f"{where}, ")
    ]
    return f"Links: {'; '.join(told)}." if told else ""


def sentence(words: str) -> str:
    """Return words with a capital letter at the start."""
    return words[:1].upper() + words[1:]


def former(found: FormerId, campaign: str) -> str:
    """Return what became of an id, as the page of a campaign says it."""
    if found.how == "split" and found.old == campaign:
        return f"{found.new} split off it in build {found.build:,}."
    if found.how == "split":
        return f"{found.new} split off {found.old} in build {found.build:,}."
    return f"{found.old} was merged into {found.new} in build {found.build:,}."


def amount(value: float) -> str:
    """Return a price with a comma between its thousands, and with hundredths where it has some."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def calibration(found: Mapping[str, object]) -> str:
    """Return what the probabilities of a build rest on.

    Args:
        found: Its parameter ``calibration``.
    """
    pairs, at_random, error = (found.get(one) for one in ("pairs", "at_random", "error"))
    judged = f"{pairs} judged pairs of sheets, {at_random} of them drawn at random"
    if not isinstance(error, dict):
        return (
            f"Probabilities are uncalibrated: they rest on assumptions. There are {judged}; what "
            "people said of links without a sheet is not among them. Until there are enough, no "
            "word is given for a probability."
        )
    mean, spread, chance = (
        _hundredths(error.get(one)) for one in ("error", "standard_error", "by_chance")
    )
    return (
        f"Probabilities are calibrated by {judged}. Their mean error on pairs that were not used "
        f"is {mean} ± {spread}, of which {chance} would be chance."
    )


def _hundredths(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, int | float) else NOT_KNOWN


def graded(grading: str) -> str:
    """Return a grade of a source with what it means; anything else as it is."""
    source, knows = _SOURCES.get(grading[:1]), _KNOWS.get(grading[1:])
    return f"{grading}: source {source}; what it says: {knows}" if source and knows else grading


def then(as_of: str | None) -> str:
    """Return the day that a page looks back at, for its title; nothing for a page of now."""
    return f", as known on {as_of}" if as_of else ""


def setting(value: object) -> str:
    """Return a parameter or an input of a build, which is any JSON value."""
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return cut(told, _MOST_SETTING)
