"""The parts of a view beside contacts that were just barred: only there can more be seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from adverts.inputs.contacts.contact_rules import BARRIER, Span

_NEAR = 96
"""Characters on each side of a contact that may be read otherwise once it is barred."""
_CUT = re.compile(rf"{BARRIER}|[^\W\d_] (?=[^\W\d_])")
"""Where a view can be cut so that hardly a contact is torn."""


def windows_around(view: str, spans: Sequence[Span]) -> list[Span]:
    """Return the parts of a view around spans, which are in order; those that meet are one."""
    windows: list[Span] = []
    for start, end in spans:
        left, right = _left(view, start - _NEAR), _right(view, end + _NEAR)
        if windows and left <= windows[-1][1]:
            windows[-1] = windows[-1][0], right
        else:
            windows.append((left, right))
    return windows


def found_within(view: str, window: Span, find: Callable[[str], Iterable[Span]]) -> Iterator[Span]:
    """Yield what is found in a part of a view, but for what the edges of the part may have torn."""
    left, right = window
    is_begin = left == 0 or view[left - 1] == BARRIER
    size = right - left
    is_end = right == len(view)
    for start, end in find(view[left:right]):
        if (start > 0 or is_begin) and (end < size or is_end):
            yield left + start, left + end


def _left(view: str, place: int) -> int:
    """Return the last place before this one at which the view can be cut."""
    if place <= 0:
        return 0
    first = max(0, place - _NEAR)
    cuts = [match.end() for match in _CUT.finditer(view, first, place)]
    return cuts[-1] if cuts else first


def _right(view: str, place: int) -> int:
    """Return the first place after this one at which the view can be cut."""
    if place >= len(view):
        return len(view)
    cut = _CUT.search(view, place, place + _NEAR)
    return min(len(view), place + _NEAR) if cut is None else cut.end()
