"""What a link points to: a phone, a profile, or a page."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlencode

_SCHEME = re.compile(r"\s*(?P<scheme>[a-z][a-z0-9+.-]*)\s*:\s*/\s*/\s*", re.IGNORECASE)
_PARTS = re.compile(r"(?P<host>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<rest>.*))?")
_TRACKING = frozenset(
    ("fbclid", "gclid", "dclid", "msclkid", "igsh", "igshid", "mibextid", "mc_cid", "mc_eid")
    + ("si", "ref", "ref_src", "feature", "_t", "_r")
)
_PHONE = re.compile(r"\+?\d{7,15}")
_NAME = re.compile(r"[\w.]{2,64}")

_PROFILE_HOSTS = {
    "t.me": "joinchat c share proxy socks addstickers addlist iv login",
    "telegram.me": "joinchat c share",
    "telegram.dog": "joinchat c share",
    "instagram.com": "p reel reels explore tv direct accounts",
    "tiktok.com": "t v tag discover search",
    "snapchat.com": "spotlight discover p t",
    "facebook.com": "groups events share watch reel permalink.php story.php profile.php p pages "
    "marketplace sharer photo photo.php login hashtag people",
    "fb.com": "groups events share watch reel",
    "m.me": "j",
    "x.com": "i home search hashtag intent share explore",
    "twitter.com": "i home search hashtag intent share explore",
    "threads.net": "t search",
    "youtube.com": "watch channel playlist shorts results embed live feed",
}
"""Sites whose first part of the path is a name, but for these words."""
_BEFORE_NAME = frozenset({"s", "add", "c", "user", "stories"})
"""Parts of a path that stand before the name."""


def link_value(text: str) -> tuple[Literal["PHONE", "HANDLE", "LINK"], str]:
    """Return what a link points to, written in one way.

    A page loses its scheme, ``www.``, tracking parameters, its fragment and the last slash; its
    host is in lower case, and the path keeps its case, since other letters are another page.

    Args:
        text: A link whose dots are dots; spaces may stand anywhere.
    """
    text = re.sub(r"^(\s*\w+) me ?/", r"\1.me/", text, flags=re.IGNORECASE)
    scheme = _SCHEME.match(text)
    rest = re.sub(r"\s", "", text[scheme.end() :] if scheme else text)
    match = _PARTS.fullmatch(rest)
    assert match is not None, "every text has a host, maybe empty"
    host = match["host"].lower().replace(",", ".").strip(".").removeprefix("www.")
    host = re.sub(r":(?:80|443)$", "", host.removeprefix("m.") if host != "m.me" else host)
    path, query = match["path"].rstrip("/"), parse_qsl(match["query"] or "")
    called = _phone(host, path, dict(query), fragment=match["rest"] or "")
    if called is not None:
        return "PHONE", called
    name = _name(host, path, dict(query))
    if name is not None:
        return "HANDLE", name
    return "LINK", _page(host, path, query)


def _phone(host: str, path: str, query: dict[str, str], *, fragment: str) -> str | None:
    """Return the number with which a link opens a chat, if it does."""
    match host:
        case "wa.me" | "t.me" | "viber.click":
            number = path.strip("/")
        case "signal.me":
            number = fragment.removeprefix("p/")
        case "api.whatsapp.com" | "web.whatsapp.com" | "send":
            number = query.get("phone", "")
        case "chat" | "add" | "contact":
            number = query.get("number", "")
        case _:
            return None
    number = re.sub(r"[\s()-]", "", unquote(number))
    if host == "t.me" and not number.startswith("+"):
        return None
    if _PHONE.fullmatch(number) is None:
        return None
    return number if number.startswith("0") else "+" + number.lstrip("+")


def _name(host: str, path: str, query: dict[str, str]) -> str | None:
    """Return the name of the profile that a link shows, if it does."""
    if host == "resolve":
        return query.get("domain")
    if host not in _PROFILE_HOSTS:
        return None
    steps = [step for step in path.split("/") if step]
    if steps and steps[0] in _PROFILE_HOSTS[host].split():
        return None
    if len(steps) > 1 and steps[0] in _BEFORE_NAME:
        steps = steps[1:]
    if not steps:
        return None
    name = unquote(steps[0]).removeprefix("@")
    return name if _NAME.fullmatch(name) else None


def _page(host: str, path: str, query: list[tuple[str, str]]) -> str:
    if host in ("t.me", "telegram.me", "telegram.dog") and path.startswith("/joinchat/"):
        path = "/+" + path.removeprefix("/joinchat/")
    if host == "join" and dict(query).get("invite"):
        return "t.me/+" + dict(query)["invite"]
    kept = sorted(
        (key, value) for key, value in query if key not in _TRACKING and not key.startswith("utm_")
    )
    return host + path + ("?" + urlencode(kept, errors="replace") if kept else "")
