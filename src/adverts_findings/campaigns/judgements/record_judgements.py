"""Records what people said: each word once, bound to adverts, after all that is there."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from adverts.data.review.people import person
from adverts.errors import InputError
from adverts.moments import in_order
from adverts_findings.campaigns.judgements.anchors import KnownNames, about_of, anchors_of
from adverts_findings.campaigns.judgements.counted_judgements import meaning, sort_out, subject
from adverts_findings.campaigns.judgements.judgement_file import (
    append_judgements,
    read_judgements,
    unknown,
)
from adverts_findings.campaigns.judgements.judgements import STANDINGS, Judgement
from adverts_findings.campaigns.judgements.spoken_words import Tried, Word
from adverts_findings.campaigns.judgements.standings import said_by


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of the words of a file.

    Attributes:
        added: Judgements that were added.
        known: Number of rows whose words the file of judgements held already.
        taken_back: A line for each row without a time whose words were said before and do not count
            any more: it adds nothing, so that an old file read again undoes no correction.
    """

    added: tuple[Judgement, ...]
    known: int
    taken_back: tuple[str, ...]


def record(
    path: Path,
    words: Sequence[Word],
    known: KnownNames,
    *,
    now: str,
    faults: Sequence[str] = (),
    before: Callable[[Sequence[Judgement]], None] = lambda _: None,
    write: bool = True,
) -> Recorded:
    """Record words in the file of judgements; either all are recorded or none.

    Recording the same words twice changes nothing. A word without a time is of now, and after all
    that the same person said of the same pair.

    Args:
        path: File of judgements.
        words: What was said, in order.
        known: The names that words may use.
        now: The time now, ISO 8601 in UTC.
        faults: Faults of rows that are no words; they are told with those of the words.
        before: Called with what is to be added, just before it is; not where there is nothing.
        write: Whether to write it; otherwise it is only said what would be added.

    Raises:
        InputError: Words are at fault, or the file cannot be written; nothing is recorded.
        IntegrityError: A line of the file was damaged; the message names it.
    """
    recorders: list[_Recorder] = []

    def new(recorded: Sequence[Judgement]) -> Sequence[Judgement]:
        recorders.append(_Recorder(recorded, known, now))
        added = recorders[-1].record(words, faults)
        if added:
            before(added)
        return added

    added = append_judgements(path, new) if write else unknown(read_judgements(path), new)
    return Recorded(added, recorders[-1].known, tuple(recorders[-1].taken_back))


class _Recorder:
    """Turns words into judgements, one after another."""

    def __init__(self, before: Sequence[Judgement], names: KnownNames, now: str) -> None:
        self.known = 0
        self.taken_back: list[str] = []
        self._added: set[str] = set()
        self._apart: dict[tuple[str, str], str] | None = None
        self._names, self._now = names, now
        sorted_out = sort_out(before)
        self._counting = set(sorted_out.counted)
        self._counting |= {one.judgement for one in sorted_out.others if one.holds}
        self._by_id: dict[str, Judgement] = {}
        self._same_words: dict[tuple[object, ...], list[Judgement]] = defaultdict(list)
        self._latest: dict[tuple[object, ...], Judgement] = {}
        for one in before:
            self._keep(one)

    def record(self, words: Sequence[Word], faults: Sequence[str]) -> list[Judgement]:
        tried = Tried()
        tried.faults += faults
        read = [tried.of(partial(self._new, word), None) for word in words]
        tried.refuse()
        return [one for one in read if one is not None]

    def _new(self, word: Word) -> Judgement | None:
        return None if self._is_known(word) else self._judgement(word)

    def _is_known(self, word: Word) -> bool:
        earlier = self._same_words.get(_words(word), [])
        if word.at:
            earlier = [one for one in earlier if one.when == in_order(word.at)]
        if not earlier:
            return False
        self.known += 1
        counts = any(self._counts(one) for one in earlier)
        if not word.at and not counts:
            self.taken_back.append(
                f"{word.where}: these words were recorded as {earlier[-1].id}, which does not "
                "count any more; if they are said again, write in at when"
            )
        return True

    def _counts(self, one: Judgement) -> bool:
        is_last = one.is_of_adverts or one.said == "undo" or self._latest_of(one) == one
        return is_last and one.id in self._counting

    def _latest_of(self, one: Judgement) -> Judgement | None:
        return self._latest.get(self._who_on_what(one))

    def _judgement(self, word: Word) -> Judgement:
        anchors = self._undone(word) if word.said == "undo" else anchors_of(word, self._names)
        plain = Judgement(
            said=word.said,
            first=word.first,
            second=word.second,
            anchors=anchors,
            by=word.by,
            at=word.at or self._now,
            why=word.why,
            drawn=word.drawn,
            chance=word.chance,
            edge=word.edge,
            about=about_of(word, self._names),
            recorded_at=self._now,
        )
        if word.said == "merge":
            self._require_nothing_against(word)
        if word.said != "undo":
            plain = self._after_the_latest(word, plain)
        self._keep(plain)
        self._counting.add(plain.id)
        self._added.add(plain.id)
        return plain

    def _after_the_latest(self, word: Word, plain: Judgement) -> Judgement:
        """Return a judgement that replaces what its author said of the pair before, if it is so."""
        latest = self._latest_of(plain)
        if latest is None:
            return plain
        together = latest.when == plain.when if word.at else latest.id in self._added
        if together and _meaning(latest) != _meaning(plain):
            raise InputError(
                f"{word.where}: {word.by!r} says {word.said!r} here, and of the same at the "
                f"same time {latest.said!r}; keep one of the two, or write in at when"
            )
        is_late = not word.at and latest.when >= plain.when
        return replace(plain, at=_just_after(latest)) if is_late else plain

    def _require_nothing_against(self, word: Word) -> None:
        """Refuse to merge what people said is apart: the campaigns could not be as both say."""
        one, other = (set(self._names.campaign(name)) for name in (word.first, word.second))
        if self._apart is None:
            counted = sort_out(list(self._by_id.values())).counted
            self._apart = {
                pair: name
                for name, judgement in counted.items()
                if meaning(judgement) == "apart"
                for pair in subject(judgement)
            }
        for (first, second), name in self._apart.items():
            if (first in one and second in other) or (first in other and second in one):
                raise InputError(
                    f"{word.where}: {name} says that adverts of {word.first} and {word.second} are "
                    f"of two; if that is wrong, say undo of {name} in a row before this one"
                )

    def _undone(self, word: Word) -> tuple[()]:
        target = self._by_id.get(word.first)
        if target is None:
            raise InputError(
                f"{word.where}: there is no judgement {word.first}; take an id of the judgements "
                "of this bank"
            )
        if person(target.by) != person(word.by) and not word.why.strip():
            raise InputError(
                f"{word.where}: why is empty; write why you undo what somebody else said"
            )
        return ()

    def _keep(self, judgement: Judgement) -> None:
        self._by_id[judgement.id] = judgement
        if judgement.said != "merge":
            self._apart = None
        self._same_words[_words(judgement)].append(judgement)
        if judgement.said == "undo":
            return
        latest = self._latest_of(judgement)
        if latest is None or latest.when <= judgement.when:
            self._latest[self._who_on_what(judgement)] = judgement

    def _who_on_what(self, judgement: Judgement) -> tuple[object, ...]:
        """Return who speaks of what; identities by the name that they have now."""
        who = person(judgement.by)
        if judgement.said == "grade":
            return who, "source", judgement.first
        if judgement.said in STANDINGS:
            now = self._names.identity(judgement.first)
            return who, "identity", judgement.first if now is None else now.name
        return who, subject(judgement)


def _words(one: Word | Judgement) -> tuple[object, ...]:
    return one.said, one.first, one.second, person(one.by), one.why, one.edge


def _meaning(one: Judgement) -> str:
    return meaning(one) if one.is_of_adverts else said_by(one)


def _just_after(one: Judgement) -> str:
    return (one.when + datetime.timedelta(microseconds=1)).isoformat()
