"""Whether a folder of scores is as it was scored: its files, what receipts count, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import cast

from adverts.errors import CannotJudgeError, plural, printable
from adverts.scoring.answer_files import (
    ANSWERS,
    AnswerFormat,
    JudgedAnswer,
    read_answers,
)
from adverts.scoring.collection import Collection, output_names
from adverts.scoring.collection_counts import OTHER, UNKNOWN, CollectionCounts
from adverts.scoring.evidence.evidence_terms import EVIDENCE, is_purged
from adverts.scoring.repeated_ids import RepeatedIds
from adverts.work.units.receipts import (
    RECEIPTS,
    Receipt,
    read_receipts,
    receipt_name,
    units_changed,
)

_MOST_NAMED = 5
_AGAIN = (
    "remove the files and receipts of these units, and run the command that scored them again; if "
    "their evidence is gone, score into another folder"
)


def require_unchanged(collection: Collection) -> None:
    """Compare every file with its receipt, and every receipt with its answers.

    Platforms, weeks, pictures, seconds and the sample for drift are not in the answers, so that
    nothing can be said of them.

    Raises:
        CannotJudgeError: A file is gone or changed, a receipt counts something else than its
            answers, or a file belongs to no unit; the message has a line for each of these.
    """
    faults = [*_faults(collection)]
    if faults:
        raise CannotJudgeError("\n".join(f"{collection.place}: {fault}" for fault in faults))


def _faults(collection: Collection) -> Iterator[str]:
    kind = cast("AnswerFormat", collection.plan.settings["format"])
    edited = set()

    def look(receipt: Receipt, name: str, content: bytes) -> None:
        if name.startswith(f"{ANSWERS}/"):
            names = partial(output_names, collection.plan)
            [counted] = read_receipts(collection.place, collection.plan, [receipt.unit], names)
            if not _is_counted(counted, content, kind):
                edited.add(receipt.unit)

    changed = units_changed(collection.place, collection.receipts, look=look)
    if changed:
        found = f"the files of {plural(len(changed), 'unit')} are not those of their receipts"
        yield f"{found} ({_first(map(_number, changed))}); {_AGAIN}"
    if edited:
        found = f"the receipts of {plural(len(edited), 'unit')} do not count their answers"
        yield f"{found} ({_first(map(_number, sorted(edited)))}); {_AGAIN}"
    strays = [*_strays(collection)]
    if strays:
        found = f"{plural(len(strays), 'file')} of no unit of the plan"
        yield f"{found} ({_first(map(printable, strays))}); remove what was not scored here"


def _strays(collection: Collection) -> Iterator[str]:
    """Yield the names of files of no unit; evidence that was removed is of none."""
    units, purged = range(len(collection.plan.units)), is_purged(collection.place)
    owned = {receipt_name(unit) for unit in units}
    owned |= {
        name
        for unit in units
        for name in output_names(collection.plan, unit)
        if not purged or not name.startswith(f"{EVIDENCE}/")
    }
    for folder in (ANSWERS, EVIDENCE, RECEIPTS):
        for name in sorted(collection.place.sizes(folder)):
            if f"{folder}/{name}" not in owned:
                yield f"{folder}/{name}"


def _is_counted(receipt: Receipt, content: bytes, kind: AnswerFormat) -> bool:
    """Return whether a receipt counts what its file of answers says."""
    told = CollectionCounts.of_plain(receipt.counts)
    try:
        return _agree(told, read_answers(content, kind))
    except (ValueError, TypeError):  # it holds something else than answers
        return False


def _agree(told: CollectionCounts, answers: Sequence[JudgedAnswer]) -> bool:
    kinds = Counter((one.language or UNKNOWN, one.review_band) for one in answers)
    named = Counter[tuple[str, str]]()  # those whose cells had no room are of any language
    for (_, _, language, band), number in told.cells.items():
        if language != OTHER:
            named[language, band] += number
    left = [one for one in answers if one.error is None and one.review_band == "abstain"]
    return (
        told.adverts == len(answers)
        and told.exited == sum(one.exited for one in answers)
        and told.errors == Counter(one.error for one in answers if one.error is not None)
        and told.abstained == Counter(one.reason for one in left)
        and told.repeated_ids == RepeatedIds(one.id for one in answers).count()
        and told.bands == Counter(one.review_band for one in answers)
        and not named - kinds
    )


def _number(unit: int) -> str:
    return f"{unit:06d}"


def _first(names: Iterable[str]) -> str:
    named = [*names]
    return ", ".join(named[:_MOST_NAMED]) + (", …" if len(named) > _MOST_NAMED else "")
