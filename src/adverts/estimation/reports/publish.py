"""The place of an estimate in a series, its revision, and estimates that never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adverts.errors import InputError
from adverts.estimation.reports.record import (
    RECORD,
    EstimateRecord,
    Publication,
    Revision,
    as_earlier,
    read_estimate,
)
from adverts.estimation.sample import SAMPLE, Sample, read_sample
from adverts.evaluation.statistics.bootstrap import Estimate


def refuse_published(folder: Path) -> None:
    """Refuse to write into a folder that holds a final estimate.

    Raises:
        InputError: It does.
        IntegrityError: It holds an estimate that was damaged, which may have been final.
    """
    if not (folder / RECORD).exists():
        return
    record = read_estimate(folder)
    if not record.publication.provisional:
        raise InputError(
            f"{folder} holds a final estimate ({record.id[:12]}), which is never changed; revise "
            f"it in another folder: estimate_dir=… replaces={folder} reason=WHY"
        )


def place_in_series(
    series: str | None,
    previous: Sequence[EstimateRecord],
    replaced: EstimateRecord | None,
    *,
    final: bool,
    sample: Sample,
) -> Publication:
    """Return the place of a new estimate in a series.

    Args:
        series: Name of the series; None takes that of the other estimates, otherwise the task.
        previous: Earlier estimates to compare with.
        replaced: The estimate that it revises.
        final: Whether it is published.
        sample: The sample that it is made from.

    Raises:
        InputError: The estimates are of several series, one is given twice, is of several samples,
            or was collected later than the sample.
    """
    others = [*previous, *([] if replaced is None else [replaced])]
    names = {one.publication.series for one in others} | ({series} if series else set())
    if len(names) > 1:
        raise InputError(
            f"the estimates are of different series: {', '.join(sorted(names))}; figures of two "
            "series are neither compared nor replaced by each other"
        )
    _require_earlier(previous, sample)
    latest_first = sorted(previous, key=lambda one: (_collected(one), one.created_at), reverse=True)
    return Publication(
        series=names.pop() if names else sample.question.task,
        provisional=not final,
        replaces=None,
        previous=tuple(map(as_earlier, latest_first)),
    )


def _require_earlier(previous: Sequence[EstimateRecord], sample: Sample) -> None:
    """Refuse estimates that a sample cannot be compared with, or only the other way round."""
    seals = [sample.seal, *(part.seal for one in previous for part in one.samples)]
    if len(seals) != len(set(seals)) or any(len(one.samples) > 1 for one in previous):
        raise InputError(
            "previous: each must be the estimate of one sample, and each of another one; leave out "
            "the others"
        )
    last = sample.frame.last_collected or ""
    later = [one.samples[0] for one in previous if last and _collected(one) > last]
    if later:
        raise InputError(
            f"previous: sample {later[0].name} was collected up to {later[0].frame.last_collected},"
            f" and {sample.name} up to {last}; compare the later one with the earlier"
        )


def _collected(record: EstimateRecord) -> str:
    return record.samples[0].frame.last_collected or ""


def revise(new: EstimateRecord, old: EstimateRecord, reason: str) -> EstimateRecord:
    """Return a record that says which earlier record it replaces, why, and what changed.

    The earlier record stays as it was published.

    Raises:
        InputError: There is no reason, or the two are not of one series.
    """
    if not reason.strip():
        raise InputError(
            "a revision needs a reason, in words that readers of the figure understand"
        )
    if old.publication.series != new.publication.series:
        raise InputError(
            f"a record of series {new.publication.series} cannot replace one of series "
            f"{old.publication.series}"
        )
    revision = Revision(old.id, reason.strip(), _changes(old, new))
    return replace(new, publication=replace(new.publication, replaces=revision))


def _changes(old: EstimateRecord, new: EstimateRecord) -> tuple[str, ...]:
    found = []
    if old.publication.provisional and not new.publication.provisional:
        found.append("It was provisional and is final.")
    if _described(old) != _described(new):
        found.append(f"It was of {_described(old)} and is of {_described(new)}.")
    if [one.seal for one in old.samples] != [one.seal for one in new.samples]:
        found.append("It is made from other samples.")
    elif [one.labels for one in old.samples] != [one.labels for one in new.samples]:
        found.append("Labels of the sample changed.")
    before = {one.unit: one.total.by_design for one in old.figures}
    for figure in new.figures:
        was, now = before.get(figure.unit), figure.total.by_design
        if was is not None and was != now:
            found.append(f"The total of {figure.unit} was {_shown(was)} and is {_shown(now)}.")
    return tuple(found) or ("No total changed.",)


def _described(record: EstimateRecord) -> str:
    """Return what was collected, and what was asked about it."""
    return " and ".join(
        f"“{one.frame.description}” by codebook {one.question.codebook}" for one in record.samples
    )


def _shown(found: Estimate) -> str:
    if found.value is None:
        return f"not given ({found.reason})"
    return f"{found.value:,.0f} [{found.low:,.0f}, {found.high:,.0f}]"


def sample_of(record: EstimateRecord, folder: Path, *, beside: Path) -> Sample:
    """Return the sample that an estimate was made from.

    Args:
        record: The estimate, of one sample.
        folder: Its folder, for messages.
        beside: Another sample; it is also looked for next to that one.

    Raises:
        InputError: The sample is no longer there.
        IntegrityError: It was changed.
    """
    known, seal = Path(record.folders[0]), record.samples[0].seal
    for place in (known, beside.parent / known.name):
        if (place / SAMPLE).exists() and (sample := read_sample(place)).seal == seal:
            return sample
    raise InputError(
        f"{folder} was made from sample {seal[:12]}, which is neither in {known} nor next to "
        f"{beside}; bring it back to compare with that estimate, or leave out previous="
    )
