"""Where one phone number ends and the next begins in a run of groups of digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from adverts.inputs.contacts.amounts import amount_end
from adverts.inputs.contacts.contact_rules import Span
from adverts.inputs.contacts.phone_plans import (
    INTERNATIONAL_MAX,
    NATIONAL_MAX,
    NATIONAL_MIN,
    calling_code,
    international_sizes,
)

MIN_DIGITS = 8
WEAK_GAP = re.compile(r"[,;'’\"\n\r\t]")
"""What seldom stands within a number, and often between two."""
_SIMPLE_GAP = re.compile(r"[()\[\]. \-/]{0,2}|\) ?[\-/.]? ?| ?\(")
_TIME_OR_DAY = re.compile(
    r"(?:[01]\d|2[0-4])[.,][0-5]\d|(?:0[1-9]|[12]\d|3[01])[./-](?:0[1-9]|1[0-2])"
)
_GOES_ON = re.compile(r"[^\W\d_]|:")
_WIDE_GAP = re.compile(r"[,;|\n•]| [-/] ")
_CALL_WORDS = re.compile(
    r"(?<![A-Za-z])(?:tel|tél|telefon\w*|téléphone|phone|mobile|mob|cell|call|ring|text|sms|whats\s?app|watsap|"
    r"wa|viber|signal|imo|zalo|telegram|contact|kontakt\w*|appel\w*|nr|numri|sđt|sdt|đt|đthoại|điện\s*thoại|"
    r"gọi|liên\s*hệ|alo|iletişim|هاتف|تلفون|تليفون|تلفن|تیلیفون|موبایل|جوال|اتصل|اتصال|واتساب|واتس|واتساپ|واټساپ|"
    r"تماس|شماره|زنگ|ژمارە|تەلەفۆن|پەیوەندی|اړیکه|شمېره|ara|arayın|телефон|тел|звон\w*)"
    r"(?:\s*(?:no|nr|number|us|me|on|at|app))?[\s.:;#=-]{0,4}$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class NumberPart:
    """The groups of digits that one number may have, so far.

    Attributes:
        view: The text.
        start: Where it begins, a plus sign or a bracket included.
        groups: Spans of its groups, at least one.
        digits: All its digits.
    """

    view: str
    start: int
    groups: list[Span]
    digits: str = field(default="", init=False)
    _called: bool | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Gather the digits of the groups."""
        self.digits = "".join(self.texts)

    def add(self, group: Span) -> None:
        """Take the next group of digits."""
        self.groups.append(group)
        self.digits += self.view[group[0] : group[1]]

    @property
    def texts(self) -> list[str]:
        """The digits of each group."""
        return [self.view[start:end] for start, end in self.groups]

    @property
    def prefix(self) -> str:
        """``+`` or ``00`` of an international number, ``0`` of a national one, or nothing."""
        if "+" in self.view[self.start : self.groups[0][0]]:
            return "+"
        digits = self.digits
        return "00" if digits.startswith("00") else "0" if digits.startswith("0") else ""

    @property
    def is_called(self) -> bool:
        """Whether a word such as "call" or "Tel." stands before it."""
        if self._called is None:
            self._called = self._is_called()
        return self._called

    def _is_called(self) -> bool:
        before = self.view[max(0, self.start - 40) : self.start]
        if not before.rstrip(" .:;#=-\r\n\t")[-1:].isalpha():
            return False
        return _CALL_WORDS.search(before) is not None

    @property
    def gaps(self) -> list[str]:
        """What stands between its groups."""
        pairs = zip(self.groups, self.groups[1:], strict=False)
        return [self.view[end:start] for (_, end), (start, _) in pairs]

    @property
    def is_paired(self) -> bool:
        """Whether it is written in pairs, 06 12 34 56 78."""
        return all(len(text) == 2 for text in self.texts)

    @property
    def is_hours(self) -> bool:
        """09-17 10-16 08-20: pairs of hours or days, with two kinds of gaps."""
        limit = 31 if len(self.digits) > MIN_DIGITS else 59
        return (
            all(len(text) <= 2 and int(text) <= limit for text in self.texts)
            and any(len(text) > 1 for text in self.texts)
            and len({gap.strip() for gap in self.gaps}) > 1
            and self.prefix != "+"
        )

    def sizes(self) -> tuple[int, int]:
        """Digits of the shortest whole number that this may be, and of the longest."""
        match self.prefix:
            case "+" | "00" as prefix:
                extra = len(prefix) if prefix == "00" else 0
                fewest, most = international_sizes(self.digits[extra:])
                return fewest + extra, most + extra
            case "0":
                return NATIONAL_MIN, NATIONAL_MAX
            case _:
                return NATIONAL_MIN, INTERNATIONAL_MAX


def _with_prefix(view: str, digits_start: int, candidate_start: int) -> int:
    """Take a plus sign and an opening bracket into the number."""
    start = digits_start
    while start > candidate_start and view[start - 1] in "+([ ":
        start -= 1
    return start + (len(view[start:digits_start]) - len(view[start:digits_start].lstrip(" ")))


def split(view: str, groups: list[Span], candidate_start: int) -> Iterator[NumberPart]:
    """Cut a run of groups where one number ends, or where another begins.

    Args:
        view: A text whose digits are ASCII.
        groups: Spans of digits with nothing but gaps between them.
        candidate_start: Where the run begins, a plus sign or a bracket included.
    """
    part: NumberPart | None = None
    taken = 0  # where an amount after a whole number ends
    left = sum(end - start for start, end in groups)
    for start, end in groups:
        if part is not None and _ends_before(part, (start, end), left):
            yield part
            part, taken = None, amount_end(view, start) or 0
        if start < taken:
            left -= end - start
            continue
        if part is None:
            part = NumberPart(view, _with_prefix(view, start, candidate_start), [(start, end)])
        else:
            part.add((start, end))
        left -= end - start
    if part is not None:
        yield part


def _ends_before(part: NumberPart, group: Span, left: int) -> bool:
    """Whether the number is whole, so that the next group of digits is something else.

    Args:
        part: The number so far.
        group: The next group.
        left: Digits from that group to the end of the run.
    """
    view, digits, size = part.view, len(part.digits), group[1] - group[0]
    fewest, most = part.sizes()
    gap = view[part.groups[-1][1] : group[0]]
    if digits >= most or (view[group[0]] == "0" and _begins_anew(part, gap, size=size, left=left)):
        return True
    if WEAK_GAP.search(gap):
        prefixed = part.prefix != "" or part.is_called
        return not prefixed or digits >= fewest or digits + size > most
    before_amount = amount_end(view, group[0]) is not None
    if part.prefix == "":
        return digits + size > most or before_amount
    if digits < fewest:
        return before_amount and part.is_hours
    return (
        (not _SIMPLE_GAP.fullmatch(gap) and gap not in part.gaps)
        or before_amount
        or digits + size > most
        or (part.is_paired and (left > 1 or _GOES_ON.match(view, group[1]) is not None))
    )


def _begins_anew(part: NumberPart, gap: str, *, size: int, left: int) -> bool:
    """Whether a group with a leading zero is the start of a number, not the middle of one."""
    digits = len(part.digits)
    if _TIME_OR_DAY.fullmatch(part.view, part.start, part.groups[-1][1]) and gap not in part.gaps:
        return size > 1
    if part.prefix in ("+", "00"):
        return size > 1 and digits >= part.sizes()[0]
    if digits + left > INTERNATIONAL_MAX and digits > MIN_DIGITS:
        return size > 1
    if NATIONAL_MIN <= left <= NATIONAL_MAX and size > 1 and digits <= MIN_DIGITS:
        is_code = calling_code(part.digits) == part.digits
        is_wide = _WIDE_GAP.search(gap) is not None
        return size >= 4 or (not is_code if part.prefix == "" else is_wide)
    return size >= 4 and left > MIN_DIGITS and part.prefix == ""
