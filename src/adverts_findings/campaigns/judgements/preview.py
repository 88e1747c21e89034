"""What moves between campaigns, in lines that a person reads before they decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from adverts.errors import plural

Campaigns = Mapping[str, Collection[str]]
Said = Mapping[str, object]
_NOTHING = {"identity": "unknown", "source": "not graded"}


def moves(before: Campaigns, after: Campaigns) -> tuple[str, ...]:
    """Return a line for each way in which adverts move, the largest moves first.

    An advert is in one campaign at most.

    Args:
        before: Maps each campaign to its adverts.
        after: The same after judgements.
    """
    was, becomes = _campaign_of(before), _campaign_of(after)
    moved = Counter(
        (was.get(advert), becomes.get(advert))
        for advert in was.keys() | becomes.keys()
        if was.get(advert) != becomes.get(advert)
    )
    ordered = sorted(moved.items(), key=lambda item: (-item[1], item[0][0] or "", item[0][1] or ""))
    lines = [_line(count, one, other) for (one, other), count in ordered]
    gone = [f"nothing is left of {name}" for name in sorted(before.keys() - after.keys())]
    new = [f"{name} is new" for name in sorted(after.keys() - before.keys())]
    return tuple([*lines, *gone, *new]) or ("nothing moves",)


def said_moves(before: Iterable[Said], after: Iterable[Said]) -> tuple[str, ...]:
    """Return a line for each identity or source of which people say something else then.

    Args:
        before: Rows of the table ``said``.
        after: The same after judgements.
    """
    was, becomes = _counting(before), _counting(after)
    return tuple(
        f"{level} {name} becomes {becomes.get((level, name), _NOTHING[level])}"
        for level, name in sorted(was.keys() | becomes.keys())
        if was.get((level, name)) != becomes.get((level, name))
    )


def _counting(said: Iterable[Said]) -> dict[tuple[str, str], str]:
    return {
        (str(one["level"]), str(one["name"])): str(one["said"]) for one in said if one["counts"]
    }


def _line(count: int, was: str | None, becomes: str | None) -> str:
    adverts = plural(count, "advert")
    if was is None:
        return f"{adverts} of no campaign {'becomes' if count == 1 else 'become'} {becomes}"
    if becomes is None:
        return f"{adverts} of {was} {'is' if count == 1 else 'are'} then in no campaign"
    return f"{adverts} of {was} {'becomes' if count == 1 else 'become'} {becomes}"


def _campaign_of(campaigns: Campaigns) -> dict[str, str]:
    return {advert: name for name, adverts in campaigns.items() for advert in adverts}
