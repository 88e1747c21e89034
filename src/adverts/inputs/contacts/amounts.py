"""Find prices, dates, times, durations and counts, which are not contacts, in nine languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adverts.inputs.contacts.contact_rules import Span

CURRENCY_SIGNS = "£$€₫₺₹¥؋﷼₽₴"
_SIGN = f"[{CURRENCY_SIGNS}]"
_CODE = "(?:usd|eur|gbp|vnd|try|all|sek|nok|dkk|chf|pln|aed|sar|iqd|irr|irt|afn|pkr|syp)"
_MONEY = (
    r"(?:euros?\w{0,3}|eurosh?|pounds?|paund\w*|quid|dollars?|dollar[ëe]|dolar\w*|bucks|livres?|"
    r"sterlin\w*|stg|balles|lek[ëe]?\w?|mij[ëe]|milion\w*|million\w*|mille|vnđ|đồng|đ|dong|đô|bảng|"
    r"tệ|triệu|tr|nghìn|ngàn|tỷ|củ|k|tl|lira\w*|bin|milyon|avro|dinars?|tomans?|rials?|dirhams?|"
    r"تومان|تومن|تمن|ریال|ريال|دينار|دینار|درهم|یورو|يورو|پوند|باوند|جنيه|دلار|دولار|لیره|ليرة|"
    r"ألف|الف|آلاف|مليون|هزار|میلیون|افغانی|افغانۍ|پاوەند|پاوند|یۆرۆ|دۆلار|هەزار|ملیۆن|"
    r"ډالر\w?|پونډ\w?|پونډه|زره|میلیونه|کلدارې)"
)
_UNIT = (
    r"(?:hours?|hrs?|days?|nights?|weeks?|months?|years?|yrs?|mins?|minutes?|seats?|people|"
    r"persons?|places?|views?|likes?|subs|subscribers?|followers?|km|kg|m2|sqm|heures?|jours?|nuits?|"
    r"semaines?|mois|ans?|personnes?|abonnés|vues|or[ëe]|dit[ëe]|jav[ëe]|muaj|vjeç|vite?|minuta|"
    r"vende?|persona|veta|saat\w{0,3}|dakika|dk|gün\w{0,3}|hafta|ay|yıl|yaş\w*|kişi\w*|koltuk|"
    r"giờ|tiếng|phút|ngày|đêm|tuần|tháng|năm|tuổi|người|chỗ|ghế|suất|"
    r"ساعة|ساعات|دقيقة|دقائق|يوم|أيام|أسبوع|أسابيع|شهر|أشهر|سنة|سنوات|شخص|أشخاص|مقعد|مقاعد|أماكن|"
    r"نفر|ساعت|دقیقه|روز|هفته|ماه|سال|ساله|صندلی|جا|کاتژمێر|خولەک|ڕۆژ|هەفتە|مانگ|ساڵ|ساڵان|کەس|"
    r"جێگا|شوێن|ساعته|دقیقې|ورځې|ورځ|اوونۍ|میاشتې|کاله|کلن|کسان|کسانو|کس|ځایونه|څوکۍ)"
)
_MAY_FOLLOW = rf"(?=[^\W\d_]|[%٪{CURRENCY_SIGNS}])"  # one test avoids trying a hundred words
_AFTER = rf"{_MAY_FOLLOW}(?:{_SIGN}|%|٪|(?:{_CODE}|{_MONEY}|{_UNIT})(?![^\W\d_]))(?!\d)"
_BEFORE = rf"(?:{_SIGN}|(?<![^\W\d_]){_CODE})"
_TORN_END = r"(?!\W{0,2}\d)"  # after a separated decimal mark: not a phone number
_AMOUNT = (
    rf"(?!0[\d ])(?:\d{{1,3}}(?:[ .,'’]\d{{3}}){{1,6}}(?!\d)"
    rf"|\d{{1,3}}(?:[.,] \d{{3}}){{1,6}}{_TORN_END}"
    rf"|\d{{1,9}}(?!\d))(?:[.,](?:\d{{1,2}}(?!\d)| \d\d{_TORN_END}))?"
)
_YEAR = r"(?:19|20|13|14)\d\d"
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_YEAR_END = r"(?:\d{4}(?!\d|[./]\d)|\d{2}(?!\d| ?[./-] ?\d))"
_HOUR = r"(?:[01]?\d|2[0-4])"
_DASH = " ?- ?"

_PROTECTED = re.compile(
    rf"(?<![\d+])(?=[\d{CURRENCY_SIGNS}]|{_BEFORE})(?:"
    rf"{_YEAR} ?([./-]) ?{_MONTH} ?\1 ?{_DAY}(?!\1\d|\d)"  # 2026-05-12
    r"|(?<!\d[./-])(?<!\d [./-])(?<!\d[./-] )"
    rf"(?:{_DAY} ?([./-]) ?{_MONTH} ?\2|{_MONTH} ?([./-]) ?{_DAY} ?\3) ?{_YEAR_END}"  # 12.05.2026
    rf"(?:{_DASH}{_DAY} ?[./] ?{_MONTH} ?[./] ?{_YEAR_END})?"
    r"|\d{1,2} ?: ?\d{2}(?::\d{2})?(?!\d)|\d{1,2}h\d{2}(?!\d)"  # 14:30
    rf"|{_HOUR}[.]\d\d{_DASH}{_HOUR}[.]\d\d(?![.-]?\d)"  # 09.00-17.30
    rf"|{_YEAR} ?[-/] ?{_YEAR}(?![ ./-]?\d)"  # 2025-2026
    rf"|{_BEFORE}\s?{_AMOUNT}(?:{_DASH}{_BEFORE}?{_AMOUNT})?"
    rf"|(?<!\d[ .,/()_-]){_AMOUNT}\s?(?: ?- {{0,2}}{_AMOUNT}\s?)?{_AFTER}"
    r"|(?<!\d[ .,/()-])(?<!\d\)[ .,/-])(?<!\d[.,] )(?!0\d(?!\.[0-5]\d(?!\d)))"  # 3.5, 06.30
    r"\d+[.,]\d+(?![ .,()/-]{0,2}\d)"
    r")",
    re.IGNORECASE,
)
_MEASURED = re.compile(rf"{_AMOUNT}\s?(?: ?- {{0,2}}{_AMOUNT}\s?)?{_AFTER}", re.IGNORECASE)


def amounts(view: str) -> Iterator[Span]:
    """Return spans of prices, dates, times, durations and decimals in a text with ASCII digits.

    An amount directly after other digits is not included, since it may be the end of a phone
    number. Use :func:`amount_end` for those.
    """
    return (match.span() for match in _PROTECTED.finditer(view))


def amount_end(view: str, start: int) -> int | None:
    """Return the end of the amount, with currency or unit, at ``start``; None if there is none."""
    match = _MEASURED.match(view, start)
    return None if match is None else match.end()
