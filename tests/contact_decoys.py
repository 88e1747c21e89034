"""Numbers of adverts that are no contact: prices, dates, times, durations, counts, routes."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

DECOYS = ("price", "range", "list", "date", "time", "hours", "duration", "count", "other")
PROMISED = ("price", "range", "list", "date", "time", "hours", "duration")
"""Of which at most one in a hundred may be masked."""

_CURRENCIES = {
    "en": ("£{}", "£ {}", "{} GBP", "GBP {}", "{} pounds", "{} quid", "${}", "{} £"),
    "fr": ("{} €", "{}€", "€{}", "{} euros", "{} EUR", "{} livres"),
    "sq": ("{} €", "{}€", "{} euro", "{} lekë", "{} lek", "{} paund", "{}£", "{} mijë lekë"),
    "tr": ("{} TL", "{}₺", "₺{}", "{} lira", "{} euro", "{} sterlin", "{} bin TL"),
    "vi": ("{} đ", "{}đ", "{} VNĐ", "{} đồng", "{} triệu", "{} bảng", "{} USD", "{}k"),
    "ar": ("{} دينار", "{} ليرة", "{} يورو", "{} جنيه", "{} دولار", "{} درهم", "{} ألف دينار"),
    "fa": ("{} تومان", "{} ریال", "{} یورو", "{} پوند", "{} دلار", "{} میلیون تومان"),
    "ckb": ("{} دینار", "{} دۆلار", "{} یۆرۆ", "{} پاوەند", "{} هەزار دینار"),
    "ps": ("{} افغانۍ", "{} ډالر", "{} یورو", "{} پونډه", "{} کلدارې", "{} زره افغانۍ"),
}
_UNITS = {
    "en": ("{} hours", "{} days", "{} weeks", "{} years old", "{} seats", "{} people", "{} min"),
    "fr": ("{} heures", "{} jours", "{} mois", "{} ans", "{} places", "{} personnes", "{} min"),
    "sq": ("{} orë", "{} ditë", "{} muaj", "{} vjeç", "{} vende", "{} persona", "{} minuta"),
    "tr": ("{} saat", "{} gün", "{} hafta", "{} yaşında", "{} koltuk", "{} kişi", "{} dakika"),
    "vi": ("{} giờ", "{} ngày", "{} tháng", "{} tuổi", "{} chỗ", "{} người", "{} phút"),
    "ar": ("{} ساعات", "{} أيام", "{} أشهر", "{} سنة", "{} مقاعد", "{} أشخاص", "{} دقيقة"),
    "fa": ("{} ساعت", "{} روز", "{} ماه", "{} ساله", "{} صندلی", "{} نفر", "{} دقیقه"),
    "ckb": ("{} کاتژمێر", "{} ڕۆژ", "{} مانگ", "{} ساڵ", "{} جێگا", "{} کەس", "{} خولەک"),
    "ps": ("{} ساعته", "{} ورځې", "{} میاشتې", "{} کلن", "{} ځایونه", "{} کسان", "{} دقیقې"),
}
_OTHER = (
    *("bus {0}", "flight BA{1}", "{0}%", "{0} %", "24/7", "A{0}", "route {1}", "TK {1}", "No. {0}"),
    *(
        "CT16 1JA",
        "SW1A 0AA",
        "62100 Calais",
        "59140 Dunkerque",
        "2026",
        "2025-2026",
        "100%",
        "M{0}",
    ),
    *("{0}-{2}", "1/2", "{0} km", "ref {1}", "order {1}{0}", "v2.3.4", "room {1}", "{1} m²", "5G"),
)
_OWN = {"ar": "٠١٢٣٤٥٦٧٨٩", "ckb": "٠١٢٣٤٥٦٧٨٩", "fa": "۰۱۲۳۴۵۶۷۸۹", "ps": "۰۱۲۳۴۵۶۷۸۹"}
_MONTHS = {
    "en": "May",
    "fr": "mai",
    "sq": "maj",
    "tr": "Mayıs",
    "vi": "tháng 5",
    "ar": "مايو",
    "fa": "اردیبهشت",
    "ckb": "ئایار",
    "ps": "غويي",
}


def decoy(draw: random.Random, kind: str, language: str) -> str:
    """Return a number of a kind of :data:`DECOYS` as it is written in a language."""
    text = _MAKE[kind](draw, language)
    if language in _OWN and draw.random() < 0.4:
        text = text.translate(str.maketrans(string.digits, _OWN[language]))
    return text


def _amount(draw: random.Random, language: str) -> str:
    big = language in ("vi", "fa", "sq", "ar", "ckb") and draw.random() < 0.4
    value = draw.randint(2, 900) * draw.choice((5, 10, 50)) * (10_000 if big else 1)
    style = draw.choice((",", ".", " ", "", "", "'"))
    text = f"{value:,}".replace(",", style)
    cents = {",": ".00", ".": ",50", " ": ",50", "": ".00", "'": ""}[style]
    return text if big or draw.random() < 0.6 else text + cents


def _price(draw: random.Random, language: str) -> str:
    return draw.choice(_CURRENCIES[language]).format(_amount(draw, language))


def _range(draw: random.Random, language: str) -> str:
    first, second = _amount(draw, language), _amount(draw, language)
    joint = draw.choice(("-", " - ", "–", " – "))
    return draw.choice(_CURRENCIES[language]).format(f"{first}{joint}{second}")


def _list(draw: random.Random, language: str) -> str:
    joint = draw.choice((" / ", ", ", "\n", " + ", " | ", "; "))
    bare = draw.random() < 0.3
    prices = [draw.randint(2, 90) * 50 for _ in range(draw.randint(2, 4))]
    form = draw.choice(_CURRENCIES[language])
    return joint.join(str(price) if bare else form.format(price) for price in prices)


def _date(draw: random.Random, language: str) -> str:
    day, month, year = draw.randint(1, 28), draw.randint(1, 12), draw.randint(2019, 2027)
    if language == "fa" and draw.random() < 0.4:
        year -= 621
    mark = draw.choice("./-")
    form = draw.choice(
        (
            f"{day:02d}{mark}{month:02d}{mark}{year}",
            f"{day}{mark}{month}{mark}{year}",
            f"{day:02d}{mark}{month:02d}{mark}{year % 100:02d}",
            f"{year}-{month:02d}-{day:02d}",
            f"{year}/{month:02d}/{day:02d}",
            f"{day:02d}{mark}{month:02d}",
            f"{day} {_MONTHS[language]} {year}",
            f"{day:02d}/{month:02d}/{year} - {min(28, day + 3):02d}/{month:02d}/{year}",
        )
    )
    return form if draw.random() < 0.7 else f"{form} {_time(draw, language)}"


def _time(draw: random.Random, language: str) -> str:
    hour, minute = draw.randint(0, 23), draw.choice((0, 15, 30, 45))
    forms = [f"{hour:02d}:{minute:02d}", f"{hour}:{minute:02d}", f"{hour:02d}.{minute:02d}"]
    if language == "fr":
        forms += [f"{hour}h{minute:02d}", f"{hour} h", f"{hour}H"]
    if language == "en":
        forms += [f"{hour % 12}pm", f"{hour % 12}.{minute:02d} am"]
    return draw.choice(forms)


def _hours(draw: random.Random, language: str) -> str:
    opens, closes = draw.randint(6, 11), draw.randint(15, 23)
    return draw.choice(
        (
            f"{opens:02d}:00-{closes}:30",
            f"{opens:02d}:00 - {closes}:00",
            f"{opens:02d}.00-{closes}.30",
            f"{opens:02d}.00 - {closes}.00",
            f"{opens}-{closes}",
            f"{opens:02d}:30-12:30, 13:30-{closes}:00",
            f"{opens:02d}.00-12.30 / 13.30-{closes}.00",
            f"{opens:02d}-12 13-{closes}",
        )
    )


def _duration(draw: random.Random, language: str) -> str:
    form = draw.choice(_UNITS[language])
    first, second = draw.randint(1, 12), draw.randint(13, 60)
    return form.format(draw.choice((first, second, f"{first}-{second}", f"{first} - {second}")))


def _count(draw: random.Random, language: str) -> str:
    many = draw.choice(("{0} {1}", "{1}", "1 2 3", "{0}, {2}, {0}", "+{1}00", "{1} 000", "{1},000"))
    form = draw.choice(_UNITS[language])
    return form.format(
        many.format(draw.randint(2, 9), draw.randint(100, 999), draw.randint(10, 60))
    )


def _other(draw: random.Random, language: str) -> str:
    text = draw.choice(_OTHER)
    return text.format(draw.randint(2, 60), draw.randint(100, 9999), draw.randint(61, 99))


_MAKE: dict[str, Callable[[random.Random, str], str]] = {
    "price": _price,
    "range": _range,
    "list": _list,
    "date": _date,
    "time": _time,
    "hours": _hours,
    "duration": _duration,
    "count": _count,
    "other": _other,
}
