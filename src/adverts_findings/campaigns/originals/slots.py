"""What is fixed in the texts of a template, and what varies: texts aligned by their words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from adverts.inputs.contacts.ascii_digits import digit_view
from adverts.inputs.contacts.masking import holds_mask
from adverts_findings.campaigns.originals.originals import Piece
from adverts_findings.campaigns.originals.prices import find_prices

MOST_WORDS, MOST_TEXTS = 150, 60
"""Most words of a text, and most different texts of a template, that are aligned."""
ALIKE = 0.5
"""Least share of words in common, in order, of texts that are aligned with each other."""
FIXED = 0.9
"""Share of the texts that have a word in its place above which it is fixed."""
_MOST_FOUND, _MOST_LETTERS = 8, 80
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}(?:[./-]\d{1,4})?")
_TIME = re.compile(r"\d{1,2}(?::\d{2}|h\d{0,2}|\s?[ap]m)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Aligned:
    """A text that is aligned with the first one.

    Attributes:
        words: Its words.
        count: Number of adverts that have it.
        at: Maps a place in the first text to the place of the same word in this one.
    """

    words: Sequence[str]
    count: int
    at: Mapping[int, int]


def alike(texts: Mapping[str, int]) -> tuple[Mapping[str, int], ...]:
    """Return texts in groups that are alike, the groups of most adverts first.

    A template may be of one picture and have unlike texts. The most frequent text takes all that
    have at least half of their words in common with it, in order; the next one begins a new group.

    Args:
        texts: Maps each text to the number of adverts that have it.
    """
    waiting = sorted(texts, key=lambda one: (-texts[one], -len(one), one))[:MOST_TEXTS]
    groups = []
    while waiting:
        first, *rest = waiting
        near = {one for one in rest if _share(first, one) >= ALIKE}
        groups.append({one: texts[one] for one in (first, *rest) if one == first or one in near})
        waiting = [one for one in rest if one not in near]
    return tuple(sorted(groups, key=lambda one: (-sum(one.values()), min(one))))


def _share(one: str, other: str) -> float:
    ours, theirs = (text.casefold().split()[:MOST_WORDS] for text in (one, other))
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio()


def pieces_of(texts: Mapping[str, int]) -> tuple[Piece, ...]:
    """Return the fixed parts of some texts and the slots between them, in order.

    The text that most adverts have is the measure: each other one is aligned with it by words,
    capital or not. A word of it is fixed if at least nine in ten adverts have it in its place; the
    rest is slots, and what other texts have between two fixed words is in the slot between them.
    What a few adverts add there, or leave out, is not shown.

    Args:
        texts: Maps each text, with its contacts masked, to the number of adverts that have it.
    """
    order = sorted(texts, key=lambda one: (-texts[one], -len(one), one))[:MOST_TEXTS]
    if not order:
        return ()
    first = order[0].split()[:MOST_WORDS]
    aligned = [_align(first, one.split()[:MOST_WORDS], texts[one]) for one in order]
    total = sum(one.count for one in aligned)
    fixed = [
        place
        for place in range(len(first))
        if sum(one.count for one in aligned if place in one.at) >= FIXED * total
    ]
    return tuple(_pieces(first, aligned, fixed, total))


def is_cut(texts: Mapping[str, int]) -> bool:
    """Return whether texts are too long or too many to be aligned whole."""
    return len(texts) > MOST_TEXTS or any(len(one.split()) > MOST_WORDS for one in texts)


def _align(first: Sequence[str], words: Sequence[str], count: int) -> _Aligned:
    ours, theirs = ([word.casefold() for word in one] for one in (first, words))
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    at = {one.a + i: one.b + i for one in blocks for i in range(one.size)}
    return _Aligned(words, count, at)


def _pieces(
    first: Sequence[str], aligned: Sequence[_Aligned], fixed: Sequence[int], total: int
) -> Iterator[Piece]:
    said: list[str] = []
    for before, after in zip([-1, *fixed], [*fixed, len(first)], strict=True):
        if before >= 0:
            said.append(first[before])
        found = _between(aligned, before, after, end=len(first))
        varies = sum(count for words, count in found.items() if words)
        if after - before > 1 or varies > (1 - FIXED) * total:
            if said:
                yield Piece(words=" ".join(said))
            said = []
            beside = (first[place] if 0 <= place < len(first) else "" for place in (before, after))
            yield _slot(found, *beside)
    if said:
        yield Piece(words=" ".join(said))


def _between(aligned: Sequence[_Aligned], before: int, after: int, *, end: int) -> Counter[str]:
    """Return what stands between two places, of the texts that have the words at both."""
    found: Counter[str] = Counter()
    for one in aligned:
        start = -1 if before < 0 else one.at.get(before)
        stop = len(one.words) if after == end else one.at.get(after)
        if start is not None and stop is not None:
            found[" ".join(one.words[start + 1 : stop])] += one.count
    return found


def _slot(found: Counter[str], before: str, after: str) -> Piece:
    order = sorted(found, key=lambda one: (-found[one], one))
    return Piece(
        kind=_kind(found, before, after),
        found=tuple((_short(one), found[one]) for one in order[:_MOST_FOUND]),
        more=max(len(order) - _MOST_FOUND, 0),
    )


def _short(words: str) -> str:
    return words if len(words) <= _MOST_LETTERS else words[: _MOST_LETTERS - 1] + "…"


def _kind(found: Counter[str], before: str, after: str) -> str:
    """Return what most of the adverts have in a slot between two words, such as a currency."""
    kinds: Counter[str] = Counter()
    for words, count in found.items():
        if words:
            kinds[_kind_of(words, before, after)] += count
    return max(kinds, key=lambda one: (kinds[one], one)) if kinds else "words"


def _kind_of(words: str, before: str, after: str) -> str:
    view = digit_view(words)[0]
    digits = re.search(r"\d", view)
    if holds_mask(words):
        return "contact"
    if digits and find_prices(f"{_unless_number(before)} {words} {_unless_number(after)}"):
        return "price"
    if _DATE.search(view):
        return "date"
    if _TIME.search(view):
        return "time"
    return "number" if digits else "words"


def _unless_number(word: str) -> str:
    return "" if re.search(r"\d", digit_view(word)[0]) else word
