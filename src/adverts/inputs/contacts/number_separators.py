"""Numbers whose digits or groups are held apart by signs that prices, sums and times use too."""

from __future__ import annotations

import re

_SIGN = "[=%:+xX|~]"
# What follows is looked at later, so that the time stays linear.
_DIGIT_BY_DIGIT = re.compile(rf"(?<!\d)(?<!\d[.,])\d(?:(?: ?{_SIGN} ?| )\d){{8,}}")
_GROUP_BY_GROUP = re.compile(
    r"(?<!\d)(?<!\d[.,=%:+xX|~])(?:\+\d{1,3}|0\d{1,5})(?: ?(?P<sign>[=%:+xX|~]) ?\d{2,6})"
    r"(?: ?(?P=sign) ?\d{2,6}){0,4}(?!\d|[.,=%:+]\d|%)"
)
_GOES_ON = re.compile(r"\d|[.,]\d|%")
_FEWEST, _MOST = 9, 15
_FEWEST_SIGNS = 5
_FEWEST_IN_A_PIECE = 4
_LARGEST_OF_TIMES = 59


def separators_undone(view: str) -> str:
    """Return a text of equal length in which ``0=7=7`` is ``0 7 7``, if it may be a phone number.

    Nine digits or more one by one, or the groups of a number with ``+`` or a leading zero, with one
    and the same sign between them. Sums and sizes in a row stay, ``3x2 4x1 5x3``, and so do pairs
    none of which is above 59: times and durations.
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
