"""Replace contacts in a text by masks, so that a model knows of a contact but not whose it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Literal, get_args

from adverts.inputs.contacts.account_rules import (
    card_numbers,
    document_numbers,
    ibans,
    long_codes,
    torn_wallets,
    wallets,
)
from adverts.inputs.contacts.ascii_digits import digit_view
from adverts.inputs.contacts.contact_rules import (
    BARE_HANDLES,
    BARRIER,
    EMAIL_SIGNS,
    EMAILS,
    HANDLES,
    LINK_HINT,
    LINK_SIGNS,
    LINKS,
    NAMED_HANDLES,
    Span,
    barred,
)
from adverts.inputs.contacts.letters_for_digits import spoken_numbers
from adverts.inputs.contacts.phone_numbers import PHONE_HINT, phone_numbers

_NEAR = 96
"""Characters on each side of a contact whose reading may change once it is barred."""
_CUT = re.compile(rf"{BARRIER}|[^\W\d_] (?=[^\W\d_])")
"""Places at which a view can be cut that are rarely inside a contact."""
MASKING_VERSION = 2
"""Version of the masking rules, raised whenever any text is masked differently."""

ContactKind = Literal["EMAIL", "LINK", "WALLET", "DOCNO", "HANDLE", "PHONE"]
CONTACT_KINDS: tuple[ContactKind, ...] = get_args(ContactKind)

_MASK = re.compile(f"<(?:{'|'.join(CONTACT_KINDS)})>")
_ROUNDS_IN_TURN = 4
_GROWTH = 8
_LONGEST_HANDLE = 400
_Found = tuple[int, int, ContactKind]  # start and end in the view


def windows_around(view: str, spans: Sequence[Span]) -> list[Span]:
    """Return the parts of a view around sorted spans. Parts that touch are joined."""
    windows: list[Span] = []
    for start, end in spans:
        left, right = _left(view, start - _NEAR), _right(view, end + _NEAR)
        if windows and left <= windows[-1][1]:
            windows[-1] = windows[-1][0], right
        else:
            windows.append((left, right))
    return windows


def found_within(view: str, window: Span, find: Callable[[str], Iterable[Span]]) -> Iterator[Span]:
    """Yield spans found in a part of a view, except those that its edges may have cut."""
    left, right = window
    is_begin = left == 0 or view[left - 1] == BARRIER
    size = right - left
    is_end = right == len(view)
    for start, end in find(view[left:right]):
        if (start > 0 or is_begin) and (end < size or is_end):
            yield left + start, left + end


def _left(view: str, place: int) -> int:
    """Return the last place before ``place`` at which the view can be cut."""
    if place <= 0:
        return 0
    first = max(0, place - _NEAR)
    cuts = [match.end() for match in _CUT.finditer(view, first, place)]
    return cuts[-1] if cuts else first


def _right(view: str, place: int) -> int:
    """Return the first place after ``place`` at which the view can be cut."""
    if place >= len(view):
        return len(view)
    cut = _CUT.search(view, place, place + _NEAR)
    return min(len(view), place + _NEAR) if cut is None else cut.end()


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact found in a text.

    Attributes:
        kind: Kind of contact; its mask is ``<kind>``.
        start: Index of its first character.
        end: Index after its last character.
    """

    kind: ContactKind
    start: int
    end: int


def mask_contacts(text: str) -> str:
    """Replace every contact by its mask, e.g. ``<PHONE>``.

    Masks that are already in the text stay, so ``mask_contacts(mask_contacts(text))`` is
    ``mask_contacts(text)``. Prices, dates, times, percentages, durations, counts and numbers of up
    to six digits stay. The empty text stays empty.
    """
    return mask_found(text, find_contacts(text))


def mask_found(text: str, contacts: Sequence[Contact]) -> str:
    """Replace the contacts that were found in a text, given in order, by their masks."""
    pieces, place = [], 0
    for contact in contacts:
        pieces += [text[place : contact.start], f"<{contact.kind}>"]
        place = contact.end
    return "".join([*pieces, text[place:]])


def holds_mask(text: str) -> bool:
    """Return whether a text holds the mask of a contact."""
    return _MASK.search(text) is not None


def find_contacts(text: str) -> tuple[Contact, ...]:
    """Find every contact, in order; contacts do not overlap.

    Digits of every script are recognised. Invisible characters and noise in a contact are ignored.
    Some contacts are found only once their neighbour is barred. So the rules are applied again
    around each contact until nothing more is found. The time is linear in the length of the text:
    in a chain of neighbours longer than in any advert, the rest is masked as a whole.
    """
    view, origin = digit_view(text)
    view = _MASK.sub(_blank, view)
    found: list[_Found] = []
    whole = [(0, len(view))]
    windows = whole
    for asked in count():
        if asked == _ROUNDS_IN_TURN:
            windows = whole
        rules = _RULES if asked != _ROUNDS_IN_TURN else _RULES_OF_CHAINS
        last: list[_Found] = []
        for rule in rules:
            spans = _found(rule, view) if windows == whole else _found_in(rule, view, windows)
            if spans:
                view = barred(view, spans)
                last += [(start, end, rule.kind) for start, end in spans]
        if not last:
            break
        last.sort()
        if asked > _ROUNDS_IN_TURN:
            last = _grown(view, last, _GROWTH ** (asked - _ROUNDS_IN_TURN))
            view = barred(view, [(start, end) for start, end, _ in last])
        found += last
        windows = windows_around(view, [(start, end) for start, end, _ in last])
    return tuple(_contact(one, origin, len(text)) for one in sorted(found))


def _contact(found: _Found, origin: Sequence[int], size: int) -> Contact:
    start, end, kind = found
    # Invisible characters after a contact belong to it, such as the keycap of its last digit.
    return Contact(kind, origin[start], origin[end] if end < len(origin) else size)


def _found(rule: _Rule, view: str) -> list[Span]:
    if rule.hint.search(view) and (rule.signs is None or rule.signs.search(view)):
        return list(rule.spans(view))
    return []


def _found_in(rule: _Rule, view: str, windows: Sequence[Span]) -> list[Span]:
    find = partial(_found, rule)
    return [span for part in windows for span in found_within(view, part, find)]


def _grown(view: str, found: Sequence[_Found], most: int) -> list[_Found]:
    """Extend sorted contacts on both sides, up to a barrier or by ``most`` characters."""
    grown, place = list[_Found](), 0
    for start, end, kind in found:
        left = max(place, start - most, view.rfind(BARRIER, max(0, start - most), start) + 1)
        right = view.find(BARRIER, end, end + most)
        place = right if right >= 0 else min(len(view), end + most)
        grown.append((left, place, kind))
    return grown


def _blank(match: re.Match[str]) -> str:
    return BARRIER * len(match.group())


def _spans(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    """Return a function that returns the spans of the one named group of every match."""

    def spans(view: str) -> Iterator[Span]:
        return (match.span(match.lastgroup or 0) for match in pattern.finditer(view))

    return spans


def _chained(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    """Like :func:`_spans`, but also find a match that directly follows another match."""

    def spans(view: str) -> Iterator[Span]:
        place = 0
        while (match := pattern.search(view, place)) is not None:
            start, place = match.span(match.lastgroup or 0)
            yield start, place
            while behind := pattern.match(BARRIER + view[place : place + _LONGEST_HANDLE], 1):
                start, place = place, place + behind.end() - 1
                yield start, place

    return spans


@dataclass(frozen=True, slots=True)
class _Rule:
    """How to find contacts of one kind, with one or two quick tests that come first."""

    kind: ContactKind
    hint: re.Pattern[str]
    spans: Callable[[str], Iterator[Span]]
    signs: re.Pattern[str] | None = None


_HANDLES = _Rule("HANDLE", re.compile("[@©®]"), _spans(HANDLES))
_RULES = (
    _Rule(
        "EMAIL", re.compile(r"[@©®(\[{]| (?i:at|arobase) |Q[a-z0-9]"), _spans(EMAILS), EMAIL_SIGNS
    ),
    _Rule("LINK", LINK_HINT, _spans(LINKS), LINK_SIGNS),
    _Rule("WALLET", re.compile(r"\d(?:\D{0,9}\d){7}"), ibans),
    _Rule("WALLET", re.compile(r"[0-9A-Za-z|]{26}"), wallets),
    _Rule("WALLET", re.compile(r"[0-9A-Za-z|]{12}"), torn_wallets),
    _Rule("WALLET", re.compile(r"[0-9A-Za-z]{14}"), long_codes),
    _Rule("DOCNO", re.compile(r"\d(?:[ -]?[\dOoIl|SB]){4}"), document_numbers),
    _Rule("DOCNO", re.compile(r"\d{4}"), card_numbers),
    _HANDLES,
    _Rule("HANDLE", re.compile(r"[:=@/|_-]|[^\W\d]\d"), _spans(NAMED_HANDLES)),
    _Rule("HANDLE", re.compile("_"), _spans(BARE_HANDLES)),
    _Rule("PHONE", PHONE_HINT, phone_numbers),
    _Rule("PHONE", re.compile(r"[^\W\d_]"), spoken_numbers),
)
# A handle that begins where another ends is found only once that one is barred. These rules find
# such chains in one round; otherwise a text of 25,000 handles would take as many rounds.
_RULES_OF_CHAINS = tuple(
    replace(rule, spans=_chained(HANDLES)) if rule is _HANDLES else rule for rule in _RULES
)
