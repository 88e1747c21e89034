"""Values as pages may show them: shortened tokens, addresses, times and numbers."""

from __future__ import annotations

import datetime
import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from adverts.errors import plural

NOT_KNOWN = "not known"
_SHOWN_DIGITS = 8
_MOST_URL = 2_000
_TOKEN = re.compile(
    r"((?:[A-Z][A-Z_]{0,19}:)?(?:[a-z0-9][a-z0-9._-]{0,39}:)?)([0-9a-f]{32}|[0-9a-f]{64})"
)
_NAME = re.compile(r"[cit][0-9]{6,12}|[je][0-9a-f]{16}")
_CONTACTS = {
    "PHONE": "phone number",
    "HANDLE": "handle",
    "EMAIL": "e-mail address",
    "WALLET": "wallet",
    "LINK": "link target",
}


def shortened(value: str) -> str:
    """Return what may be shown of a token: its kind and the first 8 of its hexadecimal digits.

    The name of a template, an identity, a campaign, an edge or a judgement is returned whole.
    Anything else may be a contact in plain letters, so that 8 digits of its hash take its place.
    """
    if _NAME.fullmatch(value):
        return value
    if token := _TOKEN.fullmatch(value):
        return token[1] + token[2][:_SHOWN_DIGITS]
    return "#" + hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:_SHOWN_DIGITS]


def thing(kind: str, value: str) -> str:
    """Return in words what two adverts share, such as ``phone number``.

    Args:
        kind: Kind of the edge or identity.
        value: What is shared, with the kind of contact in front of it.
    """
    match kind:
        case "contact":
            return _CONTACTS.get(value.partition(":")[0], "contact")
        case "link_target":
            return "link target"
        case "template":
            return "picture" if value.startswith("picture:") else "template"
        case _:
            return kind.replace("_", " ")


def opens(url: str | None) -> bool:
    """Return whether an address may be a link: http or https, to a host, and nothing to mislead."""
    if url is None or len(url) > _MOST_URL or not url.isprintable() or re.search(r"[\s\\]", url):
        return False
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        return False


def cut(text: str, most: int = 80) -> str:
    """Return a text with at most so many characters, the last of them ``…`` where it was longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def known(number: float | None) -> float | None:
    """Return a number, or None where it is missing, not a number or infinite."""
    return None if number is None or not math.isfinite(number) else float(number)


def moment(time: datetime.datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC, to the second."""
    if time is None:
        return None
    return time.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def minute(time: str | None) -> str:
    """Return a time of a record as pages write it, in UTC: ``2026-03-01 14:05``."""
    return NOT_KNOWN if time is None else f"{time[:10]} {time[11:16]}"


def day(time: str | None) -> str:
    """Return the day of a time of a record, in UTC."""
    return NOT_KNOWN if time is None else time[:10]


def span(days: float) -> str:
    """Return a length of time in words: days below two weeks, otherwise whole weeks."""
    if days < 1:
        return "less than a day"
    if days < 14:
        return plural(round(days), "day")
    return f"{math.floor(days / 7):,} weeks"


def most_first(names: Iterable[str]) -> Mapping[str, int]:
    """Return how often each name is there, the most frequent first, equal ones by name."""
    counts = Counter(names)
    return {one: counts[one] for one in sorted(counts, key=lambda one: (-counts[one], one))}


def share(part: float) -> str:
    """Return a share in whole per cent; never 0 % or 100 % for what is neither."""
    if 0 < part < 0.005:
        return "less than 1 %"
    if 0.995 <= part < 1:
        return "more than 99 %"
    return f"{100 * part:.0f} %"


def fine_share(part: float) -> str:
    """Return a share with as many digits as tell near ones apart from about 99 % on.

    It is never 100 % for what is less.
    """
    if not 0.985 <= part < 1:
        return share(part)
    if part >= 0.99995:
        return "more than 99.99 %"
    return f"{100 * part:.2f} %" if part >= 0.995 else f"{100 * part:.1f} %"
