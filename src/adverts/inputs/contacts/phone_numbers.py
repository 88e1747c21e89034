"""Find phone numbers among the runs of digits of a text, also with signs between digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adverts.inputs.contacts.amounts import CURRENCY_SIGNS, amounts
from adverts.inputs.contacts.contact_rules import Span, barred
from adverts.inputs.contacts.letters_for_digits import MIXED, letters_to_digits
from adverts.inputs.contacts.phone_parts import MIN_DIGITS, WEAK_GAP, NumberPart, split
from adverts.inputs.contacts.phone_plans import INTERNATIONAL_MAX, calling_code, international_sizes

_SIGN = "[=%:+xX|~]"
# The text after the match is checked later, so that the time stays linear.
_DIGIT_BY_DIGIT = re.compile(rf"(?<!\d)(?<!\d[.,])\d(?:(?: ?{_SIGN} ?| )\d){{8,}}")
_GROUP_BY_GROUP = re.compile(
    r"(?<!\d)(?<!\d[.,=%:+xX|~])(?:\+\d{1,3}|0\d{1,5})(?: ?(?P<sign>[=%:+xX|~]) ?\d{2,6})"
    r"(?: ?(?P=sign) ?\d{2,6}){0,4}(?!\d|[.,=%:+]\d|%)"
)
_GOES_ON = re.compile(r"\d|[.,]\d|%")
_FEWEST, _MOST = 9, 15
_FEWEST_OF_ALL = 5  # digits; no plan of a country has fewer with its calling code
_FEWEST_SIGNS = 5
_FEWEST_IN_A_PIECE = 4
_LARGEST_OF_TIMES = 59
# The alternatives share no character; otherwise a run of spaces would be tried 2 ** 30 times.
_GAP = rf"(?:_|[^\w<>@%٪+:?!=&{CURRENCY_SIGNS}]){{0,5}}"
_CANDIDATE = re.compile(
    rf"(?:(?<!\d)|(?=\+))[(\[]?(?:\+(?=[(\[\d])|(?<!\d\s)(?<!\d)\+ )?[(\[]?\d(?:{_GAP}\d){{6,}}"
)
PHONE_HINT = re.compile(rf"\d(?:\D{{0,4}}\d){{6}}|{MIXED}")
"""Quick test for what every phone number in digits contains."""
_GROUP = re.compile(r"\d+")


def separators_undone(view: str) -> str:
    """Return a text of equal length in which ``0=7=7`` is ``0 7 7``, if it may be a phone number.

    The same sign must separate nine or more single digits, or the groups of a number with ``+`` or
    a leading zero. Sums and sizes such as ``3x2 4x1 5x3`` do not change, nor do pairs of digits up
    to 59, which are times and durations.
    """
    return _GROUP_BY_GROUP.sub(_groups, _DIGIT_BY_DIGIT.sub(_digits, view))


def _digits(match: re.Match[str]) -> str:
    found = match.group()
    signs = re.findall(_SIGN, found)
    pieces = re.sub(f" ?{_SIGN} ?", "", found).split(" ")
    is_repeated = len(signs) >= _FEWEST_SIGNS and len(set(signs)) == 1
    goes_on = _GOES_ON.match(match.string, match.end())
    is_row = len(pieces) > 1 and max(map(len, pieces)) < _FEWEST_IN_A_PIECE and found[0] != "0"
    return re.sub(_SIGN, " ", found) if is_repeated and not (is_row or goes_on) else found


def _groups(match: re.Match[str]) -> str:
    found = match.group()
    groups = re.findall(r"\d+", found)
    is_whole = _FEWEST <= sum(map(len, groups)) <= _MOST
    is_long = any(len(group) > 2 or int(group) > _LARGEST_OF_TIMES for group in groups)
    if not is_whole or not is_long:
        return found
    return found[0] + re.sub(_SIGN, " ", found[1:])


def phone_numbers(view: str) -> Iterator[Span]:
    """Yield spans of the phone numbers in a text whose digits are ASCII."""
    view = letters_to_digits(separators_undone(view))
    if not _CANDIDATE.search(view):
        return
    for match in _CANDIDATE.finditer(barred(view, amounts(view))):
        groups = [group.span() for group in _GROUP.finditer(view, *match.span())]
        for part in split(view, groups, match.start()):
            yield from _phones(part)


def _phones(part: NumberPart) -> Iterator[Span]:
    """Yield the span of the whole number, or else of each group that is a number by itself."""
    if _is_phone(part):
        yield part.start, part.groups[-1][1]
        return
    for start, end in part.groups:
        if end - start > MIN_DIGITS and _is_phone(NumberPart(part.view, start, [(start, end)])):
            yield start, end


def _is_phone(part: NumberPart) -> bool:
    view, digits = part.view, part.digits
    if len(digits) < _FEWEST_OF_ALL:
        return False
    texts = part.texts
    before = view[max(0, part.start - 1) : part.start]
    glued = before.isascii() and (before.isalnum() or before == "_")
    if _is_counting(texts) or part.is_hours or _is_list(part):
        return False
    if part.prefix == "+":
        return len(digits) >= MIN_DIGITS and not digits.endswith("000000")
    if part.is_called:
        return len(digits) >= 7 and not digits.endswith("00000")
    if part.prefix:
        return len(digits) >= 9 and _zero_is_a_prefix(part)
    return not glued and _is_bare_phone(part)


def _zero_is_a_prefix(part: NumberPart) -> bool:
    """Return True for 0532 ..., 0 (532) ... or 0 5 3 2 ..., but not for 0.532 or 0-5 years."""
    (start, end), *rest = part.groups
    return (
        end - start > 1
        or "(" in part.view[end : rest[0][0]]
        or all(last - first == 1 for first, last in rest)
    )


def _is_bare_phone(part: NumberPart) -> bool:
    """Return whether a number without + or leading zero is one long run or has phone groups."""
    texts, digits = part.texts, part.digits
    if digits.endswith("000000") or len(set(digits)) == 1:
        return False
    if len(texts) == 1:
        return len(digits) >= 9
    sizes = tuple(map(len, texts))
    if all(size == 1 for size in sizes):
        return len(sizes) >= 10
    if _fits_a_country(part):
        return True
    if sizes in ((2, 3, 4), (2, 3, 2, 2), (2, 7)):
        return "000" not in texts and not re.match("(?:19|20)[0-9]{2}$", texts[-1])
    thousands = sizes[0] <= 3 and all(size == 3 for size in sizes[1:])
    alike = len(set(sizes)) == 1 and sizes[0] >= 4
    return 10 <= len(digits) <= 13 and max(sizes) >= 3 and not thousands and not alike


def _fits_a_country(part: NumberPart) -> bool:
    """Return whether it is a calling code, then that country's digits, as in 33 6 12 34 56 78."""
    texts, digits = part.texts, part.digits
    fewest, most = international_sizes(digits)
    return (
        len(texts[0]) > 1
        and calling_code(digits) == texts[0]
        and fewest <= len(digits) <= most
        and len(texts) > 3
        and len({gap.strip() for gap in part.gaps}) == 1
        and not all(len(text) == 3 for text in texts[1:])
    )


def _is_counting(texts: list[str]) -> bool:
    """Return whether the groups count in equal steps, such as 1 2 3 4 5 6 7 8 9, up or down."""
    if max(map(len, texts)) > INTERNATIONAL_MAX:  # too many digits for Python to convert
        return False
    steps = {int(after) - int(before) for before, after in zip(texts, texts[1:], strict=False)}
    return len(texts) >= 4 and len(steps) == 1


def _is_list(part: NumberPart) -> bool:
    """Return whether it is a list of short numbers, as in 05, 06, 07 or 1850 / 2400 / 900."""
    sizes, gaps = [len(text) for text in part.texts], part.gaps
    weak = [gap for gap in gaps if WEAK_GAP.search(gap)]
    if part.prefix:
        return part.prefix == "0" and max(sizes) < 3 and (len(weak) > 1 or "," in "".join(weak))
    parted = all(re.search(r"[,;|/\n•]| - ", gap) for gap in gaps)
    return bool(gaps) and parted and max(sizes) <= 4
