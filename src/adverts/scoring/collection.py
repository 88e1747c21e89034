"""A folder of scores: how far it is, what was counted, and whether it is complete."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import cast, get_args

from adverts.errors import InputError, IntegrityError, plural
from adverts.runtime.rules.seen_facts import SeenFacts
from adverts.scoring.answer_files import AnswerFormat, answers_name
from adverts.scoring.collection_counts import CollectionCounts
from adverts.scoring.drift import Drift, compare
from adverts.scoring.drift_sample import DriftSample
from adverts.scoring.evidence.evidence_files import evidence_name
from adverts.scoring.evidence.evidence_terms import EVIDENCE, is_purged, require_kept, terms_of
from adverts.work.units.place import Place
from adverts.work.units.plan import PLAN, Plan, read_plan
from adverts.work.units.receipts import (
    Receipt,
    forget,
    read_receipts,
    receipt_name,
    units_done,
    units_lost,
)

SAMPLE, SEEN = "sample", "seen"
"""Key of the sample of a unit among the counts of its receipt, and of the facts of the bundle among
the settings of the plan."""


@dataclass(frozen=True)
class Collection:
    """A planned folder of scores as it was when it was looked at.

    Attributes:
        place: Where it is.
        plan: Its plan.
        receipts: Receipts of the units that are done, in the order of the units, without what was
            counted in each, which would take much memory.
        counts: What was counted in these units.
        sample: Sample of their texts; empty where the bundle has no facts to compare it with.
    """

    place: Place
    plan: Plan
    receipts: tuple[Receipt, ...]
    counts: CollectionCounts
    sample: DriftSample

    @cached_property
    def left(self) -> tuple[int, ...]:
        """Numbers of the units without a receipt, in order."""
        done = {receipt.unit for receipt in self.receipts}
        return tuple(unit for unit in range(len(self.plan.units)) if unit not in done)

    @cached_property
    def drift(self) -> Drift | None:
        """How the adverts that are done differ from those that the bundle was judged on.

        None where the bundle has no facts of the latter.

        Raises:
            IntegrityError: The plan is damaged.
        """
        seen = _seen(self.plan)
        return None if seen is None else compare(self.sample.whole(), seen)

    @property
    def seconds(self) -> float:
        """Time that the units that are done took in one process."""
        return sum(receipt.seconds for receipt in self.receipts)

    def lines(self) -> Iterator[str]:
        """Yield the lines that say how far it is, and what was found."""
        units, left = len(self.plan.units), self.left
        counts, seconds = self.counts, self.seconds
        yield f"{self.place}: {units - len(left):,} of {plural(units, 'unit')} done"
        if self.receipts:
            yield from counts.lines()
            yield from counts.table()
        if seconds > 0:
            rate = counts.adverts / seconds
            told = f"{rate:,.0f} adverts a second in each process"
            if left:
                hours = seconds / len(self.receipts) * len(left) / 3600
                told += f"; about {hours:,.1f} hours of one process left"
            yield told


def open_collection(place: Place) -> Collection:
    """Look at a folder of scores.

    Raises:
        InputError: There is none.
        IntegrityError: Its plan or a receipt is damaged, or of other work.
    """
    plan = read_plan(place)
    if plan is None:
        raise InputError(
            f"{place} holds no scores; give bundle= and data= to score adverts into it"
        )
    if plan.settings.get("format") not in get_args(AnswerFormat):
        raise IntegrityError(f"{place}/{PLAN} is damaged (format); choose another folder")
    done = sorted(unit for unit in units_done(place) if unit < len(plan.units))
    counts, sample, seen = CollectionCounts(), DriftSample(), _seen(plan)
    receipts, purged = [], is_purged(place)
    for receipt in read_receipts(place, plan, done, partial(output_names, plan)):
        try:
            counts.merge(CollectionCounts.of_plain(receipt.counts))
            if seen is not None:
                sample.merge(DriftSample.of_plain(receipt.counts[SAMPLE], len(seen.facts)))
        except (KeyError, TypeError, ValueError, IndexError):
            raise _damaged(place, receipt) from None
        lean = replace(receipt, counts={})
        receipts.append(_without_evidence(lean) if purged else lean)
    return Collection(place, plan, tuple(receipts), counts, sample)


def output_names(plan: Plan, unit: int) -> frozenset[str]:
    """Return the names of the files that a unit of a plan writes."""
    kind = cast("AnswerFormat", plan.settings["format"])
    evidence = [] if terms_of(plan) is None else [evidence_name(unit)]
    return frozenset((answers_name(unit, kind), *evidence))


def _seen(plan: Plan) -> SeenFacts | None:
    """Return what the bundle was judged on; None where it has no such facts."""
    facts = plan.settings.get(SEEN)
    return None if facts is None else SeenFacts.from_json(json.dumps(facts))


def _without_evidence(receipt: Receipt) -> Receipt:
    """Return a receipt without files that were removed, so that they are not missed."""
    kept = {
        name: output
        for name, output in receipt.outputs.items()
        if not name.startswith(f"{EVIDENCE}/")
    }
    return replace(receipt, outputs=kept)


def without_lost(collection: Collection) -> Collection:
    """Return a collection in which the units whose files are gone are to be done again.

    Their receipts are removed.
    """
    lost = set(units_lost(collection.place, collection.receipts))
    if not lost:
        return collection
    forget(collection.place, [one for one in collection.receipts if one.unit in lost])
    return open_collection(collection.place)


def require_open_evidence(collection: Collection, today: datetime.date) -> bool:
    """Return whether units of a collection can still be done; without evidence they always can.

    Raises:
        InputError: Units are left or lost, but their evidence expired or was removed.
    """
    terms = terms_of(collection.plan)
    if terms is None or not (terms.is_over(today) or is_purged(collection.place)):
        return True
    if collection.left or units_lost(collection.place, collection.receipts):
        require_kept(collection.place, terms, today)
    return False


def _damaged(place: Place, receipt: Receipt) -> IntegrityError:
    return IntegrityError(
        f"{place}/{receipt_name(receipt.unit)} is damaged; remove it, and its unit is done again"
    )
