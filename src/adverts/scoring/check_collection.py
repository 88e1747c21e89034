"""Whether a folder of scores is as it was scored: its files, what receipts count, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from adverts.errors import CannotJudgeError, plural, printable
from adverts.scoring.answer_files import (
    ANSWERS,
    AnswerFormat,
    JudgedAnswer,
    answers_name,
    read_answers,
)
from adverts.scoring.collection import Collection
from adverts.scoring.collection_counts import OTHER, UNKNOWN, CollectionCounts
from adverts.scoring.evidence.evidence_files import evidence_name
from adverts.scoring.evidence.evidence_terms import EVIDENCE, is_purged, terms_of
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
    outputs = _outputs(collection, kind)
    edited = {one.unit for one in collection.receipts if {*one.outputs} != outputs[one.unit]}

    def look(receipt: Receipt, name: str, content: bytes) -> None:
        if name.startswith(f"{ANSWERS}/"):
            [counted] = read_receipts(collection.place, collection.plan, [receipt.unit])
            if not _is_counted(counted, content, kind):
                edited.add(receipt.unit)

    changed = units_changed(collection.place, collection.receipts, look=look)
    if changed:
        found = f"the files of {plural(len(changed), 'unit')} are not those of their receipts"
        yield f"{found} ({_first(map(_number, changed))}); {_AGAIN}"
    if edited:
        found = f"the receipts of {plural(len(edited), 'unit')} do not count their answers"
        yield f"{found} ({_first(map(_number, sorted(edited)))}); {_AGAIN}"
    strays = [*_strays(collection, outputs)]
    if strays:
        found = f"{plural(len(strays), 'file')} of no unit of the plan"
        yield f"{found} ({_first(map(printable, strays))}); remove what was not scored here"


def _outputs(collection: Collection, kind: AnswerFormat) -> Sequence[set[str]]:
    """Return the names of the files of each unit of the plan, without evidence that was removed."""
    kept = terms_of(collection.plan) is not None and not is_purged(collection.place)
    return [
        {answers_name(unit, kind), *([evidence_name(unit)] if kept else [])}
        for unit in range(len(collection.plan.units))
    ]


def _strays(collection: Collection, outputs: Sequence[set[str]]) -> Iterator[str]:
    owned = {receipt_name(unit) for unit in range(len(outputs))}.union(*outputs)
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
