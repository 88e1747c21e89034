"""Hashes of adverts that may be shared: those that recognise them and, as far as known, no other.

A picture that ordinary adverts show is refused whole. Of a picture that is mostly text, only hashes
of its file are left, since such pictures look alike whatever their text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scipy.special import betaincinv

from adverts.clusters.near_image import MIN_QUALITY, PDQ_RADIUS
from adverts.clusters.picture_hash import HASH_BYTES
from adverts_findings.sharing.hashes.count_near import Hashes, count_near, hashes_of
from adverts_findings.sharing.hashes.negatives import Negatives
from adverts_findings.sharing.hashes.text_fingerprint import (
    FEWEST_LETTERS,
    SIMHASH_RADIUS,
    fingerprint_text,
)
from adverts_findings.sharing.leaving.item import Item, Picture, Refusal
from adverts_findings.sharing.ledger.ledger_entry import Signal

_EXACT, _UNMEASURED = 100, -1.0
_CONFIDENCE = 0.95
_GIVE_NEGATIVES = "give negatives=, prepared datasets of what must not be matched"
_GIVE_MORE = "give more negatives="


def signals_of(
    items: Sequence[Item], negatives: Negatives | None
) -> tuple[Mapping[str, tuple[Signal, ...]], tuple[Refusal, ...]]:
    """Return the hashes of each advert that may leave, and why others have none.

    Without negatives nobody knows whether a hash is rare, so none leaves.

    Args:
        items: The adverts.
        negatives: What must not be matched; None if nothing was given.

    Returns:
        The signals of each advert that has some, by its name in reviews; and one refusal for each
        advert that has none.
    """
    if negatives is None:
        reason = "nothing is known of what its hashes would match besides it"
        return {}, tuple(Refusal(one.item, "hashes", reason, _GIVE_NEGATIVES) for one in items)
    judges = _Judges(items, negatives)
    found: dict[str, tuple[Signal, ...]] = {}
    refusals = []
    for item in items:
        drawn = _drawn(item, judges)
        if drawn.signals:
            found[item.item] = tuple(drawn.signals.values())
        else:
            reason = "; ".join(drawn.reasons) or "it has neither a picture nor a text"
            refusals.append(Refusal(item.item, "hashes", reason, "; ".join(drawn.until)))
    return found, tuple(refusals)


def false_per_million(matches: int, others: int) -> float:
    """Return the upper 95 % bound of the share of others that match, in a million.

    Without a match it is about three millions divided by their number; without any others, -1.

    Source: Clopper, Pearson, "The use of confidence or fiducial limits", 1934, one-sided.
    """
    if not others:
        return _UNMEASURED
    if matches >= others:
        return 1e6
    return round(1e6 * float(betaincinv(matches + 1, others - matches, _CONFIDENCE)), 1)


class _Judge:
    """How hashes of one kind do among the negatives.

    A hash that matches a negative of either half is refused: no picture of a charity may leave. Of
    each other one the half held apart, which no rule was made on, bounds the share of others that
    match. For a hash of a larger share, to match none of them is rarer than one in twenty.
    """

    def __init__(self, values: Iterator[str], refusing: Hashes, apart: Hashes, radius: int) -> None:
        distinct = list(dict.fromkeys(values))
        asked = hashes_of(distinct, refusing.shape[1])
        near = (count_near(asked, refusing, radius) + count_near(asked, apart, radius)).tolist()
        self.is_measured = bool(len(refusing) and len(apart))
        self.refused = {value for value, count in zip(distinct, near, strict=True) if count}
        self.bound = false_per_million(0, len(apart))


class _Judges:
    """Both judges of the adverts, made at once, since each compares with every negative."""

    def __init__(self, items: Sequence[Item], negatives: Negatives) -> None:
        refusing, apart = negatives.refusing, negatives.apart
        self.texts = {text: fingerprint_text(text) for text in {one.text for one in items}}
        self.files = refusing.files | apart.files
        self.exact_texts = refusing.texts | apart.texts
        pictures = itertools.chain.from_iterable(one.pictures for one in items)
        pdq = (one.pdq for one in pictures if _has_looks(one))
        simhashes = (one.simhash for one in self.texts.values() if one is not None)
        self.pdq = _Judge(pdq, refusing.pdq, apart.pdq, PDQ_RADIUS)
        self.simhash = _Judge(simhashes, refusing.simhashes, apart.simhashes, SIMHASH_RADIUS)


@dataclass(slots=True)
class _Drawn:
    """Signals of one advert, and why there are not more."""

    signals: dict[tuple[str, str], Signal] = field(default_factory=dict)
    reasons: dict[str, None] = field(default_factory=dict)
    until: dict[str, None] = field(default_factory=dict)

    def add(self, signal: Signal) -> None:
        self.signals[signal.type, signal.value] = signal

    def refuse(self, reason: str, until: str = "") -> None:
        self.reasons[reason] = None
        if until:
            self.until[until] = None


def _drawn(item: Item, judges: _Judges) -> _Drawn:
    drawn = _Drawn()
    for picture in item.pictures:
        _draw_picture(drawn, picture, judges)
    if item.text:
        _draw_text(drawn, item.text, judges)
    return drawn


def _draw_picture(drawn: _Drawn, picture: Picture, judges: _Judges) -> None:
    if picture.quality < MIN_QUALITY or len(picture.pdq) != 2 * HASH_BYTES:
        drawn.refuse("a picture has too little detail")
    elif not judges.pdq.is_measured:
        drawn.refuse("negatives= has too few pictures to compare its pictures with", _GIVE_MORE)
    elif picture.sha256 in judges.files:
        drawn.refuse("a picture is one that negatives= show, too")
    elif _has_looks(picture) and picture.pdq in judges.pdq.refused:
        drawn.refuse("a picture looks like one that negatives= show")
    else:
        if _has_looks(picture):
            drawn.add(Signal("pdq", picture.pdq, picture.quality, judges.pdq.bound))
        drawn.add(Signal("sha256", picture.sha256, _EXACT, _UNMEASURED))
        if picture.md5:
            drawn.add(Signal("md5", picture.md5, _EXACT, _UNMEASURED))


def _has_looks(picture: Picture) -> bool:
    """Return whether a picture can be recognised by its looks."""
    is_clear = picture.quality >= MIN_QUALITY and not picture.is_text_tile
    return is_clear and len(picture.pdq) == 2 * HASH_BYTES


def _draw_text(drawn: _Drawn, text: str, judges: _Judges) -> None:
    found = judges.texts[text]
    if found is None:
        drawn.refuse(f"its text has fewer than {FEWEST_LETTERS} letters besides contacts")
    elif not judges.simhash.is_measured:
        drawn.refuse("negatives= has too few texts to compare its text with", _GIVE_MORE)
    elif found.sha256 in judges.exact_texts:
        drawn.refuse("its text is one that negatives= have, too")
    else:
        drawn.add(Signal("text_sha256", found.sha256, _EXACT, _UNMEASURED))
        if found.simhash not in judges.simhash.refused:
            drawn.add(Signal("text_simhash", found.simhash, _EXACT, judges.simhash.bound))
