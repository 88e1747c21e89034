"""Find adverts that an earlier look judged and that are gone now, and those added since.

A model that failed could otherwise pass once the adverts that it got wrong have left the test set,
or once many came in that it gets right. Each earlier look counts by itself, whatever later ones
saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from adverts.advert import SPLITS
from adverts.arrays import Bools, Ints
from adverts.evaluation.predictions.advert_set import (
    NEGATIVE,
    POSITIVE,
    SHARED,
    UNKNOWN,
    Members,
    joined,
    member,
    unpack,
)
from adverts.evaluation.predictions.look_ledger import Ledger, Look

_WRITING_BITS = 28  # split, label, and the half of a key that tells how a text is written
FEWEST_JUDGED = 50
"""Adverts of a language below which nothing is judged of it alone."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What became of adverts that were judged earlier.

    The first four numbers are those of one earlier look, of which most is unexplained.

    Attributes:
        judged: Number of adverts of that look that are known; 0 if there was none.
        erased: How many of them were erased.
        relabelled: How many of them a review labelled otherwise.
        unexplained: How many of them are gone or labelled otherwise for no known reason.
        positives: Positives of all earlier looks that are lost, however that is explained.
        negatives: Negatives of all earlier looks that are lost, however that is explained.
        moved: Language of which the largest share of adverts is said to be of another, or of none,
            now: its code, how many they are, and of how many; None where none moved.
        rewritten: How many adverts have other capitals or spaces than at the first look at them,
            and of how many that were seen; None where none has.
        earlier: Adverts with a headline label of each earlier look that is wholly known.
        elsewhere: Keys of the adverts of each look that judged mostly others: what is kept of them
            may have been chosen.
        scored: Keys of the adverts that looks scored without judging them, since they had no label.
        chosen: Those of ``scored`` of looks of which some still have no label: whoever saw the
            scores may have chosen which to label.
    """

    judged: int = 0
    erased: int = 0
    relabelled: int = 0
    unexplained: int = 0
    positives: int = 0
    negatives: int = 0
    moved: tuple[str, int, int] | None = None
    rewritten: tuple[int, int] | None = None
    earlier: tuple[Members, ...] = field(default=(), compare=False)
    elsewhere: tuple[Members, ...] = field(default=(), compare=False)
    scored: Members = field(default_factory=lambda: joined(()), compare=False)
    chosen: Members = field(default_factory=lambda: joined(()), compare=False)

    @property
    def share(self) -> float:
        """Share of the adverts that is unexplained."""
        return self.unexplained / self.judged if self.judged else 0.0

    @property
    def costs(self) -> int:
        """Number of lost adverts that count at their worst."""
        return self.positives + self.negatives

    @property
    def keys(self) -> Members:
        """Keys of the contents that an earlier look judged or scored, in ascending order."""
        return np.unique(np.concatenate([joined(self.earlier) >> 4, self.scored]))


def lost_adverts(
    ledger: Ledger,
    look: Look,
    now: Members,
    *,
    everywhere: Callable[[], Members],
    reviewed: Callable[[], Iterable[str]],
) -> Lost:
    """Return what became of the adverts of the looks in a ledger at the adverts of ``look``.

    An advert of such a look must be in the split that is judged now. If the look was at the split
    ``all``, it may instead be where it was then.

    Args:
        ledger: Ledger with the earlier looks; looks that judged nothing are left out.
        look: The look that begins now.
        now: Its adverts, with and without a label.
        everywhere: Returns the adverts of all splits.
        reviewed: Returns the keys of the adverts of the split that a review gave their label.
    """
    erased = joined(unpack(packed) for packed in ledger.erased) >> 4
    known_now = _known(now) >> 4
    by_review: Members | None = None
    found, gone, judged = [Lost()], list[Members](), list[Members]()
    elsewhere, scored, chosen = list[Members](), list[Members](), list[Members]()
    for earlier in {(one.members, one.adverts, one.split): one for one in ledger.looks}.values():
        then = _members(earlier, ledger)
        if then is None:
            continue
        is_sketch = earlier.members not in ledger.members
        if earlier.split == "all" and look.split != "all":
            then = _of_split(then, now, everywhere(), is_sketch=is_sketch)
        if not is_sketch:
            labelled = _known(then)
            pool = np.setdiff1d(then >> 4, labelled >> 4)
            scored.append(pool)
            if len(np.setdiff1d(pool, known_now)):
                chosen.append(pool)
            then = labelled
        if not (earlier.is_of_same_adverts(look) or _share(then, now)):
            elsewhere.append(np.unique(then >> 4))
            continue
        judged.append(_known(then))
        missing = _missing(then, now)
        if by_review is None and len(missing):
            by_review = np.array([int(key, 16) for key in reviewed()], dtype=np.uint64)
        keys = missing >> 4
        is_relabelled = np.isin(keys, joined(()) if by_review is None else by_review)
        is_erased = np.isin(keys, erased) & ~is_relabelled
        rest = int((~is_erased & ~is_relabelled).sum())
        found.append(Lost(len(then), int(is_erased.sum()), int(is_relabelled.sum()), rest))
        gone.append(missing)
    worst = max(found, key=lambda one: (one.share, one.erased, one.relabelled, one.judged))
    return replace(
        worst,
        positives=_most_of_one_look(gone, POSITIVE),
        negatives=_most_of_one_look(gone, NEGATIVE),
        earlier=tuple(one for one in judged if len(one)),
        elsewhere=tuple(one for one in elsewhere if np.isin(one, now >> 4).any()),
        scored=np.unique(joined(scored)),
        chosen=np.unique(joined(chosen)),
    )


def moved_language(
    ledger: Ledger, now: Callable[[], Mapping[str, Members]]
) -> tuple[str, int, int] | None:
    """Return ``Lost.moved``: whoever names its language otherwise hides where a model failed.

    A language with fewer than 50 of the adverts is left out, since nothing is judged of it alone.

    Args:
        ledger: Ledger with the languages of the adverts at earlier looks, named or identified.
        now: Returns the labelled adverts of each language, named or identified, and of none.
    """
    if not ledger.languages:
        return None
    keys = {code: members >> np.uint64(4) for code, members in now().items()}
    everywhere = joined(keys.values())
    found = []
    for code, packed in ledger.languages:
        then = np.unique(unpack(packed) >> 4)
        then = then[np.isin(then, everywhere)]
        moved = len(then) - int(np.isin(then, keys.get(code, ())).sum())
        if moved and len(then) >= FEWEST_JUDGED:
            found.append((code, moved, len(then)))
    return max(found, key=lambda one: (one[1] / one[2], one), default=None)


def rewritten(ledger: Ledger, now: Members, contents: Members) -> tuple[int, int] | None:
    """Return ``Lost.rewritten``: whoever knows the labels can write them into capitals.

    Args:
        ledger: Ledger with the adverts of earlier looks by how they were written at first.
        now: The labelled adverts by how they are written, ``(N,)``.
        contents: The same adverts by what they say and show, ``(N,)``.
    """
    is_known, is_same = _written_before(ledger, now, contents)
    changed = int((is_known & ~is_same).sum())
    return (changed, int(is_known.sum())) if changed else None


def first_written(ledger: Ledger, now: Members, contents: Members) -> Members:
    """Return those adverts, by how they are written, that a ledger does not hold in any writing.

    Args:
        ledger: Ledger with the adverts of earlier looks.
        now: The labelled adverts by how they are written, ``(N,)``.
        contents: The same adverts by what they say and show, ``(N,)``.
    """
    is_known, is_same = _written_before(ledger, now, contents)
    unseen: Members = now[~is_known & ~is_same]
    return unseen


def _written_before(ledger: Ledger, now: Members, contents: Members) -> tuple[Bools, Bools]:
    """Return which adverts a ledger holds in some writing, and which in this one, ``(N,)`` each.

    A writing has half of a content's key, which other contents share by chance in a ledger of many
    adverts: 6 % of all in one of a million. So a look must have seen the content, too.
    """
    then = joined(unpack(one) for one in ledger.written)
    held = [*ledger.members.values(), *(packed for _, packed in ledger.languages)]
    seen = joined(map(unpack, held))
    found: Bools = np.isin(now >> _WRITING_BITS, then >> _WRITING_BITS)
    return found & np.isin(contents >> 4, seen >> 4), np.isin(now, then)


def added_since(then: Members, rows: Members) -> Bools:
    """Return which adverts an earlier look did not judge with their label, ``(N,)``.

    Copies of an advert count as added if they are more than that look judged.

    Args:
        then: Adverts of the look.
        rows: The adverts that are judged now, ``(N,)``, in any order.
    """
    content = _content_and_label(rows)
    order = np.argsort(content, kind="stable")
    in_order = content[order]
    copy = np.arange(len(rows)) - np.searchsorted(in_order, in_order)
    is_added = np.empty(len(rows), dtype=np.bool_)
    is_added[order] = copy >= _how_many(np.sort(_content_and_label(then)), in_order)
    return is_added


def _members(look: Look, ledger: Ledger) -> Members | None:
    """Return the adverts of a look that are known; of a sketch, without split and label."""
    if look.members in ledger.members:
        return unpack(ledger.members[look.members])
    if look.adverts is None or not look.adverts.count:
        return None
    keys = [member(key, SPLITS[0], UNKNOWN) for key in look.adverts.sketch]
    return np.array(keys, dtype=np.uint64)


def _known(members: Members) -> Members:
    """Return the adverts that have a headline label."""
    found: Members = members[members & 3 != UNKNOWN]
    return found


def _share(then: Members, now: Members) -> bool:
    """Whether a fifth of the smaller set is in the other, whatever their sketches say."""
    first, second = np.unique(then >> 4), np.unique(now >> 4)
    both = len(np.intersect1d(first, second, assume_unique=True))
    return both > 0 and both >= SHARED * min(len(first), len(second))


def _of_split(then: Members, now: Members, everywhere: Members, *, is_sketch: bool) -> Members:
    """Return the adverts of ``then`` without those that another split holds, as it did then.

    Of a sketch nobody knows which split it was.
    """
    shift = 4 if is_sketch else 2
    elsewhere = np.setdiff1d(everywhere >> shift, now >> shift)
    return then[~np.isin(then >> shift, elsewhere)]


def _missing(then: Members, now: Members) -> Members:
    """Return the adverts of ``then`` that ``now`` lacks with their label, each copy by itself.

    One of a sketch, whose label nobody knows, is missing only if none with its content is left.
    """
    unknown = then[(then & 3 == UNKNOWN) & ~np.isin(then >> 4, now >> 4)]
    wanted, counts = np.unique(_content_and_label(_known(then)), return_counts=True)
    have = _how_many(np.sort(_content_and_label(now)), wanted)
    lacking = np.repeat(wanted, np.maximum(counts - have, 0))
    found: Members = np.concatenate([unknown, lacking])
    return found


def _how_many(held: Members, wanted: Members) -> Ints:
    """Return how often each of ``wanted`` is in ``held``, which is in ascending order."""
    return np.searchsorted(held, wanted, side="right") - np.searchsorted(held, wanted)


def _content_and_label(members: Members) -> Members:
    return members & np.uint64(~0b1100 & (1 << 64) - 1)


def _most_of_one_look(parts: list[Members], label: int) -> int:
    """Count the adverts with a label; one that several looks lack counts as often as in one."""
    most: dict[int, int] = {}
    for part in parts:
        keys, counts = np.unique(part[part & 3 == label] >> 4, return_counts=True)
        for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
            most[key] = max(most.get(key, 0), count)
    return sum(most.values())
