"""Canonical values of contacts and links: equal for equal contacts, however they are written."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlencode

from adverts.inputs.contacts.account_rules import has_size_of_iban, is_iban
from adverts.inputs.contacts.ascii_digits import digit_view
from adverts.inputs.contacts.contact_rules import BENT_AT, BENT_DOT
from adverts.inputs.contacts.letters_for_digits import as_digits
from adverts.inputs.contacts.phone_plans import national_digits
from adverts.inputs.letters.marks import normal

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
"""Maps each site whose path begins with a profile name to the words that are not names."""
_BEFORE_NAME = frozenset({"s", "add", "c", "user", "stories"})
"""Parts of a path that may precede the name."""
_LIKE_DIGITS = dict(zip("OoQIl|SsBZ", "0001115582", strict=True))
_AROUND = "@©® "


def link_value(text: str) -> tuple[Literal["PHONE", "HANDLE", "LINK"], str]:
    """Return the kind and the canonical value of what a link points to.

    The value of a page has no scheme, ``www.``, tracking parameters, fragment or last slash. Its
    host is in lower case. The path keeps its case, since other letters are another page.

    Args:
        text: Link with plain dots, not dots as words; it may contain spaces.
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
    """Return the phone number with which a link opens a chat; None if there is none."""
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
    """Return the name of the profile that a link shows; None if there is none."""
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


def canonical_value(kind: str, text: str) -> tuple[str, str]:
    """Return kind and canonical value of a contact, which are equal for equal contacts.

    The value of a phone is its national digits without leading zeros, so that its international
    and national forms are equal. The value of a handle is its name, whatever the network, since
    advertisers keep one name and texts seldom give the network. A link to a profile counts as that
    handle, and a link that opens a chat with a number counts as that phone.

    Args:
        kind: Kind of contact that masking found.
        text: Contact as written in the text.
    """
    plain, _ = digit_view(text)
    match kind:
        case "PHONE":
            return kind, phone_value(plain)
        case "HANDLE":
            return kind, handle_value(plain)
        case "LINK":
            return _link(plain)
        case "EMAIL":
            return kind, _email(plain)
        case "WALLET":
            return kind, _account(plain)
        case _:
            return kind, _digits_undone(re.sub(r"[\W_]", "", plain.replace("|", "I"))).upper()


def phone_value(text: str) -> str:
    """Return the national digits of a phone number without leading zeros."""
    digits = as_digits(text)
    is_international = re.match(r"[\s(\[]*\+|plus\s", text, re.IGNORECASE) is not None
    return national_digits(digits, is_international=is_international) or digits


def handle_value(text: str) -> str:
    """Return the name of a handle in lower case, without the at sign."""
    name = normal("NFKC", text).casefold()
    return re.sub(r"\s", "", name).strip(_AROUND).rstrip(".")


def _link(text: str) -> tuple[str, str]:
    kind, value = link_value(BENT_DOT.sub(".", text))
    match kind:
        case "PHONE":
            return kind, phone_value(value)
        case "HANDLE":
            return kind, handle_value(value)
        case _:
            return kind, value


def _email(text: str) -> str:
    text = BENT_DOT.sub(".", BENT_AT.sub("@", text))
    text = re.sub(r"\s", "", text).lower().removeprefix("mailto:")
    name, sign, host = text.partition("@")
    if not sign:  # an @ that was read as Q
        name, _, host = text.rpartition("q")
    return f"{name}@{host.replace(',', '.')}"


def _account(text: str) -> str:
    plain = re.sub(r"[\s.\-]", "", text)
    mended = _digits_undone(plain[:2].upper() + _as_digits(plain[2:4]) + plain[4:])
    if has_size_of_iban(mended):
        return plain.upper() if is_iban(plain) else mended.upper()
    if re.match("[0Oo]x", plain):
        return "0x" + plain[2:].lower()
    if plain[:2].lower() == "bc":
        return "bc1" + plain[3:].lower()
    return plain  # another case is another wallet


def _as_digits(text: str) -> str:
    return "".join(_LIKE_DIGITS.get(letter, letter) for letter in text)


def _digits_undone(text: str) -> str:
    """Replace letters that look like digits by digits where they follow a digit."""
    done = ""
    for letter in text:
        done += _LIKE_DIGITS.get(letter, letter) if done[-1:].isdigit() else letter
    return done
