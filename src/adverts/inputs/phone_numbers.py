"""Which runs of digits are phone numbers, and which are prices, dates, times or counts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adverts.inputs.contact_rules import Span

_MIN_DIGITS, _MAX_DIGITS = 8, 15
_CURRENCY_SIGN = "[£$€₫₺₹¥؋﷼₽₴]"
_CURRENCY_CODE = "(?:usd|eur|gbp|vnd|try|sek|nok|dkk|chf|pln|aed|sar|iqd|irr|afn|pkr)"
_CURRENCY_WORD = (
    "(?:euros?|pounds?|quid|dollars?|bucks|lek[ëe]?|vnđ|đồng|đ|dong|triệu|tr|nghìn|k|tl|lira|"
    "dinars?|tomans?|rials?|تومان|تومن|ریال|دينار|دینار|یورو|يورو|پوند|دلار|دولار|جنيه|لیره|ليرة|"
    "افغانی|پاوەند|یۆرۆ|دۆلار)"
)
_UNIT = (
    "(?:hours?|hrs?|days?|weeks?|months?|years?|mins?|minutes?|seats?|people|persons?|places|"
    "views?|likes?|subs|subscribers?|followers?|km|kg|m²|sqm)"
)
_AFTER_AMOUNT = (
    rf"(?:{_CURRENCY_SIGN}|%|٪|(?:{_CURRENCY_CODE}|{_CURRENCY_WORD}|{_UNIT})(?![^\W\d_]))(?!\d)"
)
_BEFORE_AMOUNT = rf"(?:{_CURRENCY_SIGN}|(?<![^\W\d_]){_CURRENCY_CODE})"
_AMOUNT = r"(?!0\d)(?:\d{1,3}(?:[ .,']\d{3})+(?!\d)|\d{1,9}(?!\d))(?:[.,]\d{1,2}(?!\d))?"
_YEAR = r"(?:19|20)\d\d"
_PROTECTED = re.compile(
    r"(?<![\d+])(?:"
    rf"{_YEAR}([./-])\d{{1,2}}\1\d{{1,2}}(?!\1?\d)"  # 2026-05-12
    r"|(?<!\d[./-])\d{1,2}([./-])\d{1,2}\2(?:\d{4}|\d{2})"  # 12.05.2026, 12/05/2026-15/05/2026
    r"(?: ?- ?\d{1,2}([./])\d{1,2}\3(?:\d{4}|\d{2}))?(?![./-]?\d)"
    r"|\d{1,2}[:h]\d{2}(?::\d{2})?(?!\d)"  # 14:30
    rf"|{_YEAR} ?[-/] ?{_YEAR}(?![ ./-]?\d)"  # 2025-2026
    rf"|{_BEFORE_AMOUNT}\s?{_AMOUNT}"
    rf"|{_AMOUNT} ?(?:- ?{_AMOUNT} ?)?{_AFTER_AMOUNT}"
    r"|(?<!\d[ .,/-])\d+[.,]\d+(?![ .,()/-]{0,2}\d)"  # 3.5
    r")",
    re.IGNORECASE,
)

_GAP = r"(?: ?[().\-/]{1,2} ?| {1,2})"
_CANDIDATE = re.compile(rf"(?:(?<!\d)|(?=\+))\(?\+? ?\(?\d(?:{_GAP}?\d){{6,}}")
_GROUP = re.compile(r"\d+")
_CALL_WORDS = re.compile(
    r"(?<![A-Za-z])(?:tel|tél|telefon\w*|téléphone|phone|mobile|mob|cell|call|ring|text|sms|whats\s?app|watsap|"
    r"wa|viber|signal|imo|zalo|telegram|contact|appel\w*|nr|numri|sđt|sdt|đt|đthoại|điện\s*thoại|"
    r"gọi|liên\s*hệ|alo|هاتف|تلفون|تليفون|تلفن|موبایل|جوال|اتصل|اتصال|واتساب|واتس|واتساپ|تماس|"
    r"شماره|زنگ|ژمارە|تەلەفۆن|پەیوەندی|اړیکه|ara|arayın|телефон|тел|звон\w*)"
    r"(?:\s*(?:no|nr|number|us|me|on|at|app))?[\s.:;#=-]{0,4}$",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<![\d.,])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}|\d{16,34})(?![\d.,]\d|\d)")


def phone_numbers(view: str) -> Iterator[Span]:
    """Spans of the phone numbers in a text whose digits are ASCII."""
    if not _CANDIDATE.search(view):
        return
    protected = [match.span() for match in _PROTECTED.finditer(view)]
    for match in _CANDIDATE.finditer(_blank(view, protected)):
        groups = [group.span() for group in _GROUP.finditer(view, *match.span())]
        for part in _split(view, groups):
            start = _with_prefix(view, part[0][0], match.start())
            if _is_phone(view, start, part):
                yield start, part[-1][1]


def card_numbers(view: str) -> Iterator[Span]:
    """Spans of bank card numbers (by their check digit) and of other very long numbers.

    Round numbers and a single key held down are neither.
    """
    for match in _CARD.finditer(view):
        digits = match.group().replace(" ", "").replace("-", "")
        is_grouped = bool(match.group(1))
        if (is_grouped and _luhn(digits)) or (not is_grouped and len(set(digits[1:])) > 1):
            yield match.span()


def _blank(view: str, spans: list[Span]) -> str:
    for start, end in spans:
        view = view[:start] + "~" * (end - start) + view[end:]
    return view


def _with_prefix(view: str, digits_start: int, candidate_start: int) -> int:
    """Take a plus sign and an opening bracket into the number."""
    start = digits_start
    while start > candidate_start and view[start - 1] in "+( ":
        start -= 1
    return start + (len(view[start:digits_start]) - len(view[start:digits_start].lstrip(" ")))


def _split(view: str, groups: list[Span]) -> Iterator[list[Span]]:
    """Cut a run of several numbers where one with a leading zero begins, or before digit 16."""
    part: list[Span] = []
    digits, left = 0, sum(end - start for start, end in groups)
    for start, end in groups:
        size = end - start
        if part and (
            digits + size > _MAX_DIGITS
            or (view[start] == "0" and _begins_anew(view, part, digits, size=size, left=left))
        ):
            yield part
            part, digits = [], 0
        part.append((start, end))
        digits += size
        left -= size
    yield part


def _begins_anew(view: str, part: list[Span], digits: int, *, size: int, left: int) -> bool:
    """Whether a group with a leading zero is the start of a number, not the middle of one.

    Args:
        view: The text.
        part: The groups before it.
        digits: How many digits those have.
        size: Digits of the group.
        left: Digits from the group to the end of the run.
    """
    first, end = part[0]
    if digits + left > _MAX_DIGITS and digits > _MIN_DIGITS:
        return size > 1
    is_country_code = view[max(0, first - 3) : first].rstrip(" (").endswith("+")
    is_area_code = view[first] == "0" and end - first > 1
    return size >= 4 and left > _MIN_DIGITS and not is_country_code and not is_area_code


def _is_phone(view: str, start: int, groups: list[Span]) -> bool:
    texts = [view[first:last] for first, last in groups]
    digits = "".join(texts)
    before = view[max(0, start - 1) : start]
    if len(digits) > _MAX_DIGITS or _is_counting(texts):
        return False
    if "+" in view[start : groups[0][0]]:
        return len(digits) >= _MIN_DIGITS and not digits.endswith("000000")
    glued = before.isascii() and (before.isalnum() or before == "_")
    if _CALL_WORDS.search(view, max(0, start - 40), start):
        return len(digits) >= 7 and not digits.endswith("00000")
    if digits[0] == "0":
        return len(digits) >= 9 and _zero_is_a_prefix(view, groups)
    return not glued and _is_bare_phone(texts, digits)


def _zero_is_a_prefix(view: str, groups: list[Span]) -> bool:
    """0532 ..., 0 (532) ... or 0 5 3 2 ..., but not 0.532 or 0-5 years."""
    (start, end), *rest = groups
    return (
        end - start > 1
        or "(" in view[end : rest[0][0]]
        or all(last - first == 1 for first, last in rest)
    )


def _is_bare_phone(texts: list[str], digits: str) -> bool:
    """A number without + or leading zero: one long run, or the groups of a phone number."""
    if digits.endswith("000000") or len(set(digits)) == 1:
        return False
    if len(texts) == 1:
        return len(digits) >= 9
    sizes = [len(text) for text in texts]
    if all(size == 1 for size in sizes):
        return len(sizes) >= 10
    thousands = sizes[0] <= 3 and all(size == 3 for size in sizes[1:])
    alike = len(set(sizes)) == 1 and sizes[0] >= 4
    return 10 <= len(digits) <= 13 and max(sizes) >= 3 and not thousands and not alike


def _is_counting(texts: list[str]) -> bool:
    """1 2 3 4 5 6 7 8 9, up or down."""
    steps = {int(after) - int(before) for before, after in zip(texts, texts[1:], strict=False)}
    return len(texts) >= 4 and len(steps) == 1


def _luhn(digits: str) -> bool:
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(int(digit) for digit in digits[::-2])) % 10 == 0
