"""Split a run of groups of digits into phone numbers."""

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
"""Pattern of a gap that is rare within a number, and frequent between two numbers."""
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
    """The groups of digits that may belong to one number.

    Attributes:
        view: Text that holds the number.
        start: Index at which the number begins, including a plus sign or a bracket.
        groups: Spans of the groups of digits, at least one.
        digits: All digits of the number.
    """

    view: str
    start: int
    groups: list[Span]
    digits: str = field(default="", init=False)
    _called: bool | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Set the digits from the groups."""
        self.digits = "".join(self.texts)

    def add(self, group: Span) -> None:
        """Append a group of digits."""
        self.groups.append(group)
        self.digits += self.view[group[0] : group[1]]

    @property
    def texts(self) -> list[str]:
        """The digits of each group."""
        return [self.view[start:end] for start, end in self.groups]

    @property
    def prefix(self) -> str:
        """``+`` or ``00`` for an international number, ``0`` for a national one, or empty."""
        if "+" in self.view[self.start : self.groups[0][0]]:
            return "+"
        if self.digits[:1] != "0":
            return ""
        return "00" if self.digits[1:2] == "0" else "0"

    @property
    def is_called(self) -> bool:
        """Whether a word such as "call" or "Tel." precedes the number."""
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
        """The texts between neighbouring groups."""
        pairs = zip(self.groups, self.groups[1:], strict=False)
        return [self.view[end:start] for (_, end), (start, _) in pairs]

    @property
    def is_paired(self) -> bool:
        """Whether all groups have two digits, as in 06 12 34 56 78."""
        return all(len(text) == 2 for text in self.texts)

    @property
    def is_hours(self) -> bool:
        """Whether the groups are hours or days with two kinds of gaps, as in 09-17 10-16 08-20."""
        limit = 31 if len(self.digits) > MIN_DIGITS else 59
        return (
            all(len(text) <= 2 and int(text) <= limit for text in self.texts)
            and any(len(text) > 1 for text in self.texts)
            and len({gap.strip() for gap in self.gaps}) > 1
            and self.prefix != "+"
        )

    def sizes(self) -> tuple[int, int]:
        """Return the fewest and the most digits of a complete number with this start."""
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
    """Return the start of the number, including a plus sign or an opening bracket before it."""
    start = digits_start
    while start > candidate_start and view[start - 1] in "+([ ":
        start -= 1
    return start + (len(view[start:digits_start]) - len(view[start:digits_start].lstrip(" ")))


def split(view: str, groups: list[Span], candidate_start: int) -> Iterator[NumberPart]:
    """Yield the numbers of a run of groups, split where a number ends or another begins.

    Args:
        view: Text whose digits are ASCII.
        groups: Spans of the groups of digits of the run.
        candidate_start: Index at which the run begins, including a plus sign or a bracket.
    """
    part: NumberPart | None = None
    taken = 0  # end of an amount that follows a complete number
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
    """Return whether the number is complete, so that the next group does not belong to it.

    Args:
        part: Number as found so far.
        group: Span of the next group.
        left: Number of digits from that group to the end of the run.
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
    """Return whether a group with a leading zero begins a new number."""
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
