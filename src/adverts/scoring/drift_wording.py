"""Sentences about how a collection differs from the adverts that its bundle was judged on."""

from __future__ import annotations

from collections.abc import Iterator

from adverts.runtime.rules.coverage import UNKNOWN
from adverts.runtime.rules.seen_facts import NONE, OTHER, FactName
from adverts.scoring.drift import Drift, FactDrift

NO_FACTS = (
    "Drift cannot be judged: the bundle holds no facts of the adverts that it was judged on. A "
    "bundle of an earlier release, and one for a partner, has none; export the checkpoint again."
)
CANNOT_SEE = (
    "Drift says how the adverts look to the model, not what they mean. New code words, another "
    "meaning of old ones and a new kind of offer can leave every figure here as it was. Only "
    "people who review adverts can notice that."
)
TITLES: dict[FactName, str] = {
    "score": "Scores",
    "language": "Languages",
    "script": "Scripts",
    "modality": "Text and pictures",
    "characters": "Length of text",
    "ocr_quality": "Reading of pictures",
    "unknown_tokens": "Unknown tokens",
}
_RARE = {
    "language": "in a language that was rare or missing there",
    "script": "in a script that was rare or missing there",
}
_PICTURES = {
    "no picture": "have no picture",
    "no text in pictures": "have pictures without text",
    "not known": "have pictures of which nobody knows how well they were read",
}


def percent(share: float) -> str:
    """Return a share in percent, with one digit where it is small."""
    if 0 < share < 0.0005:  # noqa: PLR2004
        return "<0.1 %"
    return f"{100 * share:.1f} %" if 0.0005 <= share < 0.1 else f"{100 * share:.0f} %"  # noqa: PLR2004


def group_name(one: FactDrift, group: str) -> str:
    """Return the name of a value of a fact for a table."""
    if not one.fact.is_number or not group.isdigit():
        return group
    edges, place = one.fact.edges, int(group)
    if not edges:
        return "any"
    if place == 0:
        return f"below {edges[0]:g}"
    if place >= len(edges):
        return f"{edges[-1]:g} or more"
    return f"{edges[place - 1]:g} to {edges[place]:g}"


def sentence(one: FactDrift) -> str:
    """Return one plain sentence on the value of a fact that is more frequent by the most."""
    most = one.largest
    told = _told(one, most.group)
    return (
        f"{percent(most.here)} of the adverts {told}; it is {percent(most.seen)} among those that "
        "the model was judged on."
    )


def difference(one: FactDrift) -> str:
    """Return the distance of a fact with its interval."""
    found = one.distance
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    return f"{percent(found.value)} ({percent(found.low)} to {percent(found.high)})"


def lines(drift: Drift | None) -> Iterator[str]:
    """Yield the lines about drift for a terminal."""
    if drift is None:
        yield NO_FACTS
        return
    if drift.lack is not None:
        yield f"drift: cannot say, since {drift.lack}"
        return
    seen = f"{drift.texts:,} texts of {drift.adverts:,} adverts"
    if drift.verdict == "cannot say":
        yield f"drift: too little evidence ({seen})"
    else:
        yield f"drift: {drift.verdict}, by {seen}"
    for one in drift.facts:
        if one.verdict != "not drifted":
            yield f"  {TITLES[one.name].lower()}: {one.verdict}, {difference(one)}; {sentence(one)}"


def _told(one: FactDrift, group: str) -> str:  # noqa: PLR0911
    name = group_name(one, group)
    match one.name:
        case "score":
            return "have no score" if group == NONE else f"have a score of {_of(name)}"
        case "characters":
            return "have no text" if group == NONE else f"have a text of {_of(name)} characters"
        case "language" | "script":
            if group == OTHER:
                mostly = f" (mostly {', '.join(one.others)})" if one.others else ""
                return f"are {_RARE[one.name]}{mostly}"
            known = "an unknown" if group == UNKNOWN else "the"
            tag = "" if group == UNKNOWN else f" {group}"
            return f"are in {known} {one.name}{tag}"
        case "modality":
            return f"have these parts: {name}"
        case "ocr_quality":
            return _PICTURES.get(name, f"have pictures with text that was {name}")
        case "unknown_tokens":
            share = {"none": "no"}.get(name, name)
            return f"have {share} tokens that the model does not know"


def _of(name: str) -> str:
    return name.replace("below", "less than") if name.startswith("below") else name
