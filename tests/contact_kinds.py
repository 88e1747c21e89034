"""Fictional contacts of every kind, plain and disguised as people disguise them."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contact_disguises import FORMS, PICTURED, TYPED

KINDS = ("phone", "handle", "link", "email", "account", "document")


@dataclass(frozen=True, slots=True)
class Fictional:
    """A contact as it is written: ``lead`` stands before it and is no part of it."""

    kind: str
    text: str
    lead: str = ""
    style: str = "plain"


# Calling code: digits after it, of which "d" is drawn, groups with and without the trunk zero.
# Reserved for fiction (44, 33), or a subscriber part that no network gives out.
_PHONES: tuple[tuple[str, str, Sequence[str], Sequence[str]], ...] = (
    ("44", "7700900ddd", ("5 6", "5 3 3", "11"), ("4 6", "4 3 3", "10")),
    ("44", "1632960ddd", ("5 6", "5 3 3", "11"), ("4 6", "4 3 3")),
    ("33", "63998dddd", ("2 2 2 2 2", "10", "4 2 2 2"), ("1 2 2 2 2", "9")),
    ("355", "66000dddd", ("3 3 4", "10", "3 2 2 3"), ("2 3 4", "9")),
    ("90", "500000dddd", ("4 3 2 2", "4 3 4", "11"), ("3 3 2 2", "3 3 4", "10")),
    ("84", "10000dddd", ("4 3 3", "3 3 4", "10"), ("2 3 4", "3 3 3", "9")),
    ("964", "700000dddd", ("4 3 4", "11"), ("3 3 4", "10")),
    ("98", "980000dddd", ("4 3 4", "11", "4 3 2 2"), ("3 3 4", "10")),
    ("93", "71000dddd", ("3 3 4", "4 3 3", "10"), ("2 3 4", "3 3 3", "9")),
    ("32", "47000dddd", ("4 2 2 2", "10"), ("3 2 2 2", "9")),
    ("383", "4100dddd", ("3 3 3", "9"), ("2 3 3", "8")),
)
_COUNTRY = {"en": "44", "fr": "33", "sq": "355", "tr": "90", "vi": "84"} | {
    "ar": "964",
    "ckb": "964",
    "fa": "98",
    "ps": "93",
}
_GAPS = (" ", " ", " ", "-", ".", "/", "_", " - ", "*", "⭐", "•", "📞", "✨", "|", "~")
_LEADS = {
    "en": ("Passport no ", "passport: ", "ID number ", "NI no "),
    "fr": ("passeport n° ", "Passeport : ", "titre de séjour n° ", "carte d'identité "),
    "sq": ("pasaporta nr. ", "Pasaportë: ", "letërnjoftimi nr. "),
    "tr": ("pasaport no: ", "Pasaport ", "kimlik no "),
    "vi": ("hộ chiếu số ", "Hộ chiếu: ", "CCCD số ", "căn cước "),
    "ar": ("جواز سفر رقم ", "جواز السفر: ", "هوية رقم "),
    "fa": ("گذرنامه شماره ", "پاسپورت: ", "کارت ملی "),
    "ckb": ("پاسپۆرت ژمارە ", "ژمارەی پاسپۆرت: ", "ناسنامە "),
    "ps": ("پاسپورت شمېره ", "تذکره: ", "د پاسپورټ "),
}
_DOT_WORDS = {"fr": "point", "tr": "nokta", "sq": "pikë", "vi": "chấm"}
_SITES = ("ferry", "harbour-cars", "lantern", "willow24", "dover.ferry", "my-orchard")
_TOPS = ("example", "example", "example/booking", "example/a?b=1")
_INVITES = (
    "t.me/+{0}",
    "https://t.me/+{0}",
    "t.me/demo_fictional_{1}",
    "https://t.me/demo_fictional_{1}",
    "chat.whatsapp.com/{0}",
    "https://chat.whatsapp.com/{0}",
    "wa.me/447700900{2}",
    "https://wa.me/447700900{2}",
    "viber://chat?number=447700900{2}",
    "https://signal.me/#p/+447700900{2}",
    "tg://resolve?domain=demo_fictional_{1}",
)


def fictional(draw: random.Random, kind: str, *, language: str, ocr: bool) -> Fictional:
    """Return a contact of a kind; what a picture cannot show is not among its disguises."""
    return _MAKE[kind](draw, language, ocr)


def _digits(draw: random.Random, pattern: str) -> str:
    return "".join(draw.choice(string.digits) if letter == "d" else letter for letter in pattern)


def _phone(draw: random.Random, language: str, ocr: bool) -> Fictional:
    own = [one for one in _PHONES if one[0] == _COUNTRY[language]]
    code, pattern, national, foreign = draw.choice(own if draw.random() < 0.4 else _PHONES)
    number = _digits(draw, pattern)
    gap = draw.choice(_GAPS) if draw.random() < 0.6 else " "
    if draw.random() < 0.5:
        text = _grouped("0" + number, draw.choice(national), gap)
        if draw.random() < 0.1 and " " in text:
            head, rest = text.split(" ", 1)
            text = f"({head}) {rest}"
    else:
        text = _grouped(number, draw.choice(foreign), gap)
        joint = draw.choice((gap, gap, "", " (0)"))
        sign = draw.choice(("+", "+", "+", "00", "(+"))
        close = ")" if sign == "(+" else ""
        text = f"{sign}{code}{close}{joint}{text}"
    disguise = draw.choice(PICTURED if ocr else TYPED)
    style, change = disguise
    return Fictional("phone", change(draw, text, language), style=style)


def _grouped(digits: str, sizes: str, gap: str) -> str:
    parts, place = [], 0
    for size in map(int, sizes.split()):
        parts.append(digits[place : place + size])
        place += size
    return gap.join(parts)


def _handle(draw: random.Random, language: str, ocr: bool) -> Fictional:
    name = f"demo_fictional_{draw.randrange(100):02d}"
    if draw.random() < 0.15:
        name = draw.choice((name.upper(), name.title()))
    if draw.random() < 0.6:
        return Fictional("handle", draw.choice(("@", "@", "＠")) + name, style="at")
    network = draw.choice(("insta", "IG", "telegram", "Telegram", "snap", "tiktok", "Zalo", "fb"))
    return Fictional("handle", name, lead=network + draw.choice((": ", ":", " ", " = ", " @")))


def _link(draw: random.Random, language: str, ocr: bool) -> Fictional:
    token = "".join(draw.choices(string.ascii_letters + string.digits, k=draw.randint(10, 22)))
    if draw.random() < 0.4:
        text = draw.choice(_INVITES).format(token + "a", f"{draw.randrange(100):02d}", "142")
        if draw.random() < 0.2 and text.startswith("t.me"):
            return Fictional(
                "link", text.replace(".", draw.choice((" . ", "(.)", "[.]"))), "", "dot"
            )
        return Fictional("link", text, style="invite")
    text = f"{draw.choice(_SITES)}.{draw.choice(_TOPS)}"
    if draw.random() < 0.4:
        return Fictional("link", draw.choice(("https://", "http://", "www.")) + text)
    style = draw.random()
    if style < 0.3:
        return Fictional("link", text)
    if style < 0.45:
        return Fictional("link", draw.choice(("hxxps://", "hxxp://")) + text, style="hxxp")
    word = _DOT_WORDS.get(language, "dot") if draw.random() < 0.3 else "dot"
    dot = draw.choice((f" {word} ", f"({word})", f" ({word}) ", "(.)", "[.]", f"[{word}]", " . "))
    return Fictional("link", text.replace(".", dot), style="dot")


def _email(draw: random.Random, language: str, ocr: bool) -> Fictional:
    name = draw.choice(("demo.fictional", "demo_fictional", "fictional", "demo-01"))
    name, site = f"{name}{draw.randrange(100)}", draw.choice(_SITES)
    if draw.random() < 0.5:
        return Fictional("email", f"{name}@{site}.example")
    at = draw.choice(("(at)", "[at]", " at ", " (at) ", "{at}", " AT ", "＠", " @ "))
    dot = draw.choice(("(dot)", "[dot]", " dot ", " (dot) "))
    if "a" not in at.lower():
        dot = "."
    return Fictional("email", f"{name}{at}{site.replace('.', '-')}{dot}example", style="at")


def _account(draw: random.Random, language: str, ocr: bool) -> Fictional:
    match draw.randrange(4):
        case 0 | 1:
            text = _iban(draw)
            if draw.random() < 0.6:
                text = " ".join(text[place : place + 4] for place in range(0, len(text), 4))
            return Fictional("account", text, style="iban")
        case 2:
            body = "".join(draw.choices("0123456789abcdef", k=40))
            return Fictional("account", f"0x{body}", style="wallet")
        case _:
            if draw.random() < 0.5:
                body = "".join(draw.choices("023456789acdefghjklmnpqrstuvwxyz", k=39))
                return Fictional("account", f"bc1{body}", style="wallet")
            body = "".join(draw.choices("23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijk", k=33))
            return Fictional("account", f"T{body}", style="wallet")


def _iban(draw: random.Random) -> str:
    """An account at a bank "0000" that no country has, with right check digits."""
    code, size = draw.choice(
        (("GB", 22), ("FR", 27), ("DE", 22), ("TR", 26), ("AL", 28), ("BE", 16))
    )
    bank = "DEMO" if code == "GB" else "00000"
    body = bank + "".join(draw.choices(string.digits, k=size - 4 - len(bank)))
    value = int("".join(str(int(letter, 36)) for letter in body + code + "00"))
    return f"{code}{98 - value % 97:02d}{body}"


def _document(draw: random.Random, language: str, ocr: bool) -> Fictional:
    pattern = draw.choice(("AB00ddddd", "C0ddddddd", "00ddddddd", "000dddddd", "0dddddddd"))
    lead = draw.choice(_LEADS[language] if draw.random() < 0.8 else _LEADS["en"])
    text = _digits(draw, pattern)
    if draw.random() < 0.2:
        text = text.translate(
            str.maketrans(string.digits, FORMS[draw.choice(("arabic", "persian"))])
        )
    return Fictional("document", text, lead=lead)


_MAKE: dict[str, Callable[[random.Random, str, bool], Fictional]] = {
    "phone": _phone,
    "handle": _handle,
    "link": _link,
    "email": _email,
    "account": _account,
    "document": _document,
}
