"""Posts in nine languages with planted contacts, and a search that finds these in any writing."""

from __future__ import annotations

import csv
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CARRIERS = {
    "en": "quiet rooms beside the old harbour, ask {} before noon, card or cash",
    "sq": "udhëtim i sigurt drejt bregut tjetër, na shkruani {} çdo mbrëmje pa vonesë",
    "ar": "رحلة آمنة إلى الضفة الأخرى من النهر، للتواصل {} كل مساء دون تأخير",
    "ckb": "گەشتی ئارام بۆ ئەوبەری ڕووبارەکە، پەیوەندی بکەن {} هەموو ئێوارەیەک بێ دواکەوتن",
    "fa": "سفر امن به آن سوی رودخانه آرام، تماس بگیرید {} هر شب بدون تاخیر",
    "ps": "د سیند بلې غاړې ته خوندي سفر، اړیکه ونیسئ {} هر ماښام پرته له ځنډه",
    "vi": "chuyến đi an toàn sang bờ bên kia, liên hệ {} mỗi buổi tối không chậm trễ",
    "tr": "karşı kıyıya güvenli yolculuk imkanı, bize yazın {} her akşam gecikme olmadan",
    "fr": "traversée tranquille vers la rive opposée, écrivez au {} chaque soir sans retard",
}
"""A sentence of each language, with a place for a contact."""
_WORDS = 4
_DIGITS = {
    place: str(unicodedata.decimal(chr(place)))
    for place in range(sys.maxunicode + 1)
    if unicodedata.decimal(chr(place), None) is not None
}
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s()+./_*|~•-]{1,3}(?=\d)")
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
FORMS: Sequence[Callable[[int], str]] = (
    lambda number: f"+44 7700 900{number:03d}",
    lambda number: f"07700 900{number:03d}",
    lambda number: f"+447700900{number:03d}",
    lambda number: f"0044 7700-900-{number:03d}",
    lambda number: f"07700900{number:03d}",
    lambda number: f"+44 7700 900{number:03d}".translate(_ARABIC),
    lambda number: f"07700 900{number:03d}".translate(_PERSIAN),
    lambda number: f"https://wa.me/447700900{number:03d}",
)
"""Ways to write a phone number that is reserved for fiction."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post with a planted contact.

    ``needle`` is what a search looks for, whatever the contact is written like; ``written`` is how
    it stands in ``text``.
    """

    id: str
    text: str
    language: str
    account: str
    platform: str
    week: str
    needle: str
    written: str


def planted_posts(count: int, *, seed: int) -> list[Post]:
    """Return posts of advertisers who post several times, by turns in each language."""
    draw = random.Random(seed)
    return [_post(draw, place, advertiser=place // 3) for place in range(count)]


def _post(draw: random.Random, place: int, *, advertiser: int) -> Post:
    languages = list(CARRIERS)
    language = languages[place % len(languages)]
    needle, written = _contact(draw, advertiser)
    own = " ".join("".join(draw.choices("abcdefghijklmno", k=7)) for _ in range(6))
    return Post(
        id=f"p{place:04d}",
        text=f"{CARRIERS[language].format(written)} {own}",
        language=language,
        account=f"demo_fictional_{900 + advertiser}",
        platform=("aster", "birch")[place % 2],
        week=f"2026-W{10 + place % 3:02d}",
        needle=needle,
        written=written,
    )


def _contact(draw: random.Random, advertiser: int) -> tuple[str, str]:
    match advertiser % 3:
        case 0:
            return f"7700900{advertiser:03d}", draw.choice(FORMS)(advertiser)
        case 1:
            name = f"demo_fictional_{advertiser:02d}"
            return name, draw.choice((f"@{name}", f"t.me/{name}", f"@{name.upper()}"))
        case _:
            page = f"example.com/demo{advertiser:02d}"
            return page, draw.choice((f"https://www.{page}", page, f"http://{page}?utm_source=x"))


def write_posts(path: Path, posts: Iterable[Post]) -> None:
    """Write posts as a CSV file, each judged by a person, with a few others."""
    columns = ["id", "text", "lang", "account", "platform", "week"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, "label", "reviewed"])
        for one in posts:
            cells = (one.id, one.text, one.language, one.account, one.platform, one.week)
            writer.writerow([*cells, "yes", "true"])
            writer.writerow([f"n{one.id}", f"harmless {one.id}", *cells[2:], "no", "true"])


def plain(text: str) -> str:
    """Return a text in which contacts are found however they are written."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_DIGITS)
    return _BETWEEN_DIGITS.sub("", text)


@cache
def _runs_of(post: Post) -> set[tuple[str, ...]]:
    return runs_of_words(post.text)


def runs_of_words(text: str) -> set[tuple[str, ...]]:
    """Return all runs of four words of a text; a word has a letter."""
    words = re.findall(r"[^\W\d_]+", plain(text))
    return set(zip(*(words[place:] for place in range(_WORDS)), strict=False))


def leaks(text: str, posts: Sequence[Post]) -> list[str]:
    """Return ids of posts whose contact, account or words are in a text, with what was found."""
    searched, runs = plain(text), runs_of_words(text)
    found = []
    for one in posts:
        found += [f"{one.id} contact"] * (one.needle in searched)
        found += [f"{one.id} account"] * (one.account in searched)
        found += [f"{one.id} words"] * bool(runs & _runs_of(one))
    return found
