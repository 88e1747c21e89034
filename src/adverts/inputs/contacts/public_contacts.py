"""Public contacts, such as helplines and news sites, which do not link adverts that share them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from adverts.inputs.contacts.phone_plans import national_digits

_PHONES = {
    # Emergency services: the European Union's number and national numbers.
    "emergency services": ("112", "999", "911", "15", "17", "18", "114"),
    "coastguard (CROSS, France)": ("196",),  # French Ministry of the Sea
    "police, not urgent (UK)": ("101",),  # police.uk
    "NHS 111": ("111",),  # National Health Service
    # United Kingdom
    "Crimestoppers": ("0800 555 111",),  # Crimestoppers
    "Anti-Terrorist Hotline": ("0800 789 321",),  # Counter Terrorism Policing
    "Action Fraud": ("0300 123 2040",),  # City of London Police
    "Modern Slavery Helpline": ("0800 0121 700",),  # Unseen
    "Salvation Army, modern slavery": ("0800 808 3733",),  # The Salvation Army
    "Gangmasters and Labour Abuse Authority": ("0800 432 0804",),  # the authority
    "Migrant Help": ("0808 8010 503",),  # Migrant Help, asylum helpline
    "Samaritans": ("116 123",),  # Samaritans, also in Ireland
    "Childline": ("0800 1111",),  # NSPCC
    "NSPCC": ("0808 800 5000",),  # NSPCC
    "National Domestic Abuse Helpline": ("0808 2000 247",),  # Refuge
    "Shelter": ("0808 800 4444",),  # Shelter
    "Citizens Advice": ("0800 144 8848",),  # Citizens Advice, England
    # Ireland
    "Garda Confidential Line": ("+353 1800 666 111",),  # An Garda Siochana
    "Garda child abuse line": ("+353 1800 555 222",),  # An Garda Siochana
    "Crimestoppers Ireland": ("+353 1800 25 00 25",),  # Crimestoppers Ireland
    "Childline Ireland": ("+353 1800 66 66 66",),  # ISPCC
    "Women's Aid Ireland": ("+353 1800 341 900",),  # Women's Aid
    # France
    "Violences Femmes Info": ("3919",),  # Federation nationale Solidarite Femmes
    "Allo enfance en danger": ("119",),  # Service national d'accueil telephonique
    "Samu social": ("115",),  # Samu social
    "France Victimes": ("116 006", "+33 1 80 52 33 76"),  # France Victimes
    # European Union and the sea
    "missing children": ("116 000",),  # Missing Children Europe
    "child helpline": ("116 111",),  # Child Helpline International
    "Alarm Phone": ("+33 4 86 51 71 61",),  # Watch the Med Alarm Phone
}

_BARE_HOSTS = frozenset(
    {
        *("facebook.com", "fb.com", "fb.me", "m.me", "messenger.com", "instagram.com"),
        *("tiktok.com", "snapchat.com", "x.com", "twitter.com", "threads.net", "youtube.com"),
        *("youtu.be", "t.me", "telegram.me", "telegram.org", "wa.me", "whatsapp.com"),
        *("chat.whatsapp.com", "api.whatsapp.com", "viber.com", "signal.me", "signal.org"),
        *("signal.group", "discord.gg", "discord.com", "zalo.me", "imo.im", "linkedin.com"),
        *("pinterest.com", "reddit.com", "vk.com", "linktr.ee", "bit.ly", "tinyurl.com"),
        *("google.com", "goo.gl", "play.google.com", "apps.apple.com"),
    }
)
"""Hosts to which only a link with a path is a contact."""

_OPEN_HOSTS = frozenset(
    {
        *("gov.uk", "police.uk", "nhs.uk", "parliament.uk", "gov.ie", "garda.ie", "gouv.fr"),
        *("service-public.fr", "europa.eu", "un.org", "unhcr.org", "iom.int", "redcross.org.uk"),
        *("redcross.org", "icrc.org", "bbc.co.uk", "bbc.com", "theguardian.com", "reuters.com"),
        *("apnews.com", "sky.com", "itv.com", "rte.ie", "lemonde.fr", "lefigaro.fr"),
        *("franceinfo.fr", "france24.com", "rfi.fr", "infomigrants.net", "euronews.com"),
        *("aljazeera.net", "aljazeera.com", "dw.com", "cnn.com", "rudaw.net", "bbcpersian.com"),
        *("vnexpress.net", "wikipedia.org", "maps.google.com", "maps.app.goo.gl"),
        *("maps.apple.com", "openstreetmap.org", "waze.com", "alarmphone.org"),
        *("crimestoppers-uk.org", "modernslaveryhelpline.org", "migranthelpuk.org"),
        *("samaritans.org", "childline.org.uk"),
    }
)
"""Government, news, map and help hosts. No link to them or their subdomains is a contact."""


_MOST_PARTS = 4


def public_name(kind: str, value: str) -> str | None:
    """Return the owner of a public contact, or None if the contact is not public.

    Args:
        kind: Kind of contact, as in ``contact_tokens``.
        value: Canonical value of the contact.
    """
    match kind:
        case "PHONE":
            return _phones().get(value)
        case "LINK":
            return _public_host(*_host_and_path(value))
        case "EMAIL":
            return _open_host(value.rpartition("@")[2])
        case _:
            return None


@cache
def _phones() -> dict[str, str]:
    return {
        national_digits(
            "".join(filter(str.isdigit, number)), is_international=number.startswith("+")
        ): name
        for name, numbers in _PHONES.items()
        for number in numbers
    }


def _host_and_path(value: str) -> tuple[str, str]:
    for place, letter in enumerate(value):
        if letter in "/?#":
            return value[:place], value[place:]
    return value, ""


def _public_host(host: str, path: str) -> str | None:
    if host in _BARE_HOSTS and not path.strip("/"):
        return host
    if host == "google.com" and path.startswith("/maps"):
        return host
    return _open_host(host)


def _open_host(host: str) -> str | None:
    return next((name for name in _above(host) if name in _OPEN_HOSTS), None)


def _above(host: str) -> Iterator[str]:
    """Yield a.b.c, b.c and c. Of a longer name only the last four parts count."""
    host = ".".join(host.rsplit(".", _MOST_PARTS)[-_MOST_PARTS:])
    while host:
        yield host
        host = host.partition(".")[2]
