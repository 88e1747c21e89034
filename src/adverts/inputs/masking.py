"""Contacts in a text become masks: a model sees that there is a contact, never whose."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from adverts.inputs.account_rules import (
    card_numbers,
    document_numbers,
    ibans,
    long_codes,
    torn_wallets,
    wallets,
)
from adverts.inputs.contact_rules import (
    BARE_HANDLES,
    EMAIL_SIGNS,
    EMAILS,
    HANDLES,
    LINK_HINT,
    LINK_SIGNS,
    LINKS,
    NAMED_HANDLES,
    Span,
)
from adverts.inputs.digit_view import digit_view
from adverts.inputs.number_letters import spoken_numbers
from adverts.inputs.phone_numbers import PHONE_HINT, phone_numbers

MASKING_VERSION = 2
"""Rises whenever any text is masked differently."""

ContactKind = Literal["EMAIL", "LINK", "WALLET", "DOCNO", "HANDLE", "PHONE"]
CONTACT_KINDS: tuple[ContactKind, ...] = get_args(ContactKind)

_MASK = re.compile(f"<(?:{'|'.join(CONTACT_KINDS)})>")
_BARRIER = ">"
_ROUNDS_IN_TURN = 4


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact found in a text.

    Attributes:
        kind: What it is; its mask is ``<kind>``.
        start: Index of its first character.
        end: Index after its last character.
    """

    kind: ContactKind
    start: int
    end: int


def mask_contacts(text: str) -> str:
    """Replace every contact by its mask, e.g. ``<PHONE>``.

    Masks that stand in the text already stay, so ``mask_contacts(mask_contacts(text))`` is
    ``mask_contacts(text)``. Prices, dates, times, percentages, durations, counts and numbers of up
    to six digits stay. The empty text stays empty.
    """
    return mask_found(text, find_contacts(text))


def mask_found(text: str, contacts: Sequence[Contact]) -> str:
    """Replace contacts that were found in a text, in order, by their masks."""
    pieces, place = [], 0
    for contact in contacts:
        pieces += [text[place : contact.start], f"<{contact.kind}>"]
        place = contact.end
    return "".join([*pieces, text[place:]])


def find_contacts(text: str) -> tuple[Contact, ...]:
    """Find every contact, in order; contacts do not overlap.

    Digits of every script are understood; what is invisible or noise within a contact is ignored.
    """
    view, origin = digit_view(text)
    view = _MASK.sub(_blank, view)
    found: list[Contact] = []
    rounds, before = 0, -1
    while len(found) > before:
        rules = _RULES if rounds < _ROUNDS_IN_TURN else _RULES_OF_CHAINS
        rounds, before = rounds + 1, len(found)
        for rule in rules:
            for start, end in _matches(rule, view):
                view = _barred(view, start, end)
                # What is unseen after a contact goes with it, as the keycap of its last digit.
                after = origin[end] if end < len(origin) else len(text)
                found.append(Contact(rule.kind, origin[start], after))
    return tuple(sorted(found, key=lambda contact: contact.start))


def _barred(view: str, start: int, end: int) -> str:
    return view[:start] + _BARRIER * (end - start) + view[end:]


def _matches(rule: _Rule, view: str) -> list[Span]:
    if rule.hint.search(view) and (rule.signs is None or rule.signs.search(view)):
        return list(rule.spans(view))
    return []


def _blank(match: re.Match[str]) -> str:
    return _BARRIER * len(match.group())


def _spans(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    """Spans of the one named group of every match."""

    def spans(view: str) -> Iterator[Span]:
        return (match.span(match.lastgroup or 0) for match in pattern.finditer(view))

    return spans


def _chained(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    """Spans as :func:`_spans` gives them, each behind the barrier that stands for the last."""

    def spans(view: str) -> Iterator[Span]:
        place = 0
        while (match := pattern.search(view, place)) is not None:
            start, place = match.span(match.lastgroup or 0)
            view = _barred(view, start, place)
            yield start, place

    return spans


@dataclass(frozen=True, slots=True)
class _Rule:
    """What to look for, after a cheap look, or two, for what every such contact has."""

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
# A handle that begins where another ends is seen once that one is barred: in its own round, or a
# text of 25,000 of them would take as many rounds.
_RULES_OF_CHAINS = tuple(
    replace(rule, spans=_chained(HANDLES)) if rule is _HANDLES else rule for rule in _RULES
)
