"""What may be written of the place of a posting: its address without what points elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote_plus,
    unquote,
    urlencode,
    urlsplit,
    urlunsplit,
)

_MOST_URL, _MOST_ID = 2_000, 200
_NAME_A_POST = frozenset[str]().union(
    ("v", "id", "p", "w", "z", "t", "fbid", "story_fbid", "post", "postid", "post_id"),
    ("tid", "topic", "article", "item", "itemid", "item_id", "video", "videoid", "video_id"),
    ("media_id", "photo_id", "pid", "ad", "adid", "ad_id", "aid", "listing", "listing_id"),
)
"""Parameters of addresses that name a post on platforms and boards."""
_NAME_NO_POST = frozenset[str]().union(
    ("fbclid", "gclid", "dclid", "msclkid", "yclid", "twclid", "ttclid", "igsh", "igshid", "si"),
    ("mibextid", "ref", "ref_src", "ref_url", "source", "src", "feature", "share_id", "s", "lc"),
    ("session", "sessionid", "session_id", "sid", "token", "access_token", "auth", "key", "sig"),
    ("signature", "email", "phone", "user", "user_id", "uid", "comment", "comment_id", "reply"),
    ("tel", "mobile", "whatsapp", "wa", "viber", "telegram", "signal", "contact", "mail", "msisdn"),
    ("reply_comment_id", "thread", "q", "query", "search", "list", "index", "single"),
)
_TRACKING = re.compile(r"utm_.*|__.*__|.*clid|share_.*|sender_.*|is_from_.*", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_CONTACT = re.compile(
    r"\+\s*\d[\d\s().-]{6,}|[^\s/@?=&]+@[^\s/@?=&]+\.[a-z]{2,}", re.IGNORECASE
)  # a phone with its country, or an e-mail; other numbers may be ids
_CONTACT_HOSTS = frozenset(("wa.me", "api.whatsapp.com", "chat.whatsapp.com", "signal.me"))
"""Hosts of addresses that begin a conversation, and are never the place of a posting."""
_ADDRESS = re.compile(r"https?:", re.IGNORECASE)


def clean_url(url: str, platform_item_id: str = "") -> str:
    """Return the address of a posting without user name, fragment and what follows its readers.

    The query is kept only where the path alone does not name the post, and of it the parameters
    that do: one whose value is the id of the post, and those by which platforms name posts. Where
    neither these nor an id name it, all are kept but known ones that track or name somebody else.

    Args:
        url: The address; any text.
        platform_item_id: Id of the post on its platform; empty if it is not known.

    Returns:
        The address; empty if it is not one of http or https, or holds what misleads a reader.
    """
    url = url.strip()
    if len(url) > _MOST_URL or not url.isprintable() or re.search(r"[\s\\]", url):
        return ""
    try:
        parts = urlsplit(url)
        host = _host(parts)
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    if host in _CONTACT_HOSTS or _CONTACT.search(_decoded(parts.path)):
        return ""
    named_by_path = _path_names_post(parts, platform_item_id)
    query = "" if named_by_path else _kept_query(parts, platform_item_id)
    return urlunsplit((parts.scheme.lower(), host, parts.path, query, ""))


def clean_id(platform_item_id: str) -> str:
    """Return the id of a posting; empty if it is too long, holds space or controls, or an address.

    Args:
        platform_item_id: The id; any text.
    """
    found = platform_item_id.strip()
    is_id = len(found) <= _MOST_ID and found.isprintable() and not re.search(r"\s", found)
    is_other = _ADDRESS.match(found) or _CONTACT.search(_decoded(found))
    return found if is_id and not is_other else ""


def _decoded(text: str) -> str:
    """Return a text without percent signs for characters, however often they were put."""
    for _ in range(4):
        text = unquote(text)
    return text


def _host(parts: SplitResult) -> str:
    """Return host and port; empty where there is no host.

    Raises:
        ValueError: The port is none.
    """
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    return f"{host}:{parts.port}" if host and parts.port is not None else host


def _path_names_post(parts: SplitResult, platform_item_id: str) -> bool:
    if platform_item_id and platform_item_id in dict(parse_qsl(parts.query)).values():
        return False
    segments = [one for one in parts.path.split("/") if one]
    if platform_item_id and any(platform_item_id in one for one in segments):
        return True
    last = segments[-1] if segments else ""
    return bool(_DIGIT.search(last)) and "." not in last


def _kept_query(parts: SplitResult, platform_item_id: str) -> str:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    named = [
        (name, value)
        for name, value in pairs
        if (name.lower() in _NAME_A_POST or (platform_item_id and value == platform_item_id))
        and not _CONTACT.search(_decoded(value))
    ]
    if named or platform_item_id:
        return _query(named)
    return _query([one for one in pairs if not _points_elsewhere(*one)])


def _points_elsewhere(name: str, value: str) -> bool:
    if name.lower() in _NAME_NO_POST or _TRACKING.fullmatch(name):
        return True
    return bool(_CONTACT.search(_decoded(value)))


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return urlencode(pairs, quote_via=quote_plus)
