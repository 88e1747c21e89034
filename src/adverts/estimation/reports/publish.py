"""The place of an estimate in a series, and estimates that are published and never change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adverts.errors import InputError, IntegrityError
from adverts.estimation.reports.record import RECORD, EstimateRecord, Publication, read_estimate
from adverts.estimation.sample import Sample, read_sample


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
    latest_first = sorted(previous, key=lambda one: (_collected(one), one.created_at), reverse=True)
    return Publication(
        series=names.pop() if names else sample.question.task,
        provisional=not final,
        replaces=None,
        previous=tuple(one.id for one in latest_first),
    )


def _collected(record: EstimateRecord) -> str:
    return record.samples[0].frame.last_collected or ""


def sample_of(record: EstimateRecord, folder: Path) -> Sample:
    """Return the sample that an estimate was made from.

    Args:
        record: The estimate, of one sample.
        folder: Its folder, for messages.

    Raises:
        InputError: The sample is no longer there.
        IntegrityError: It was changed, or another one is there.
    """
    place = Path(record.folders[0])
    sample = read_sample(place)
    if sample.seal != record.samples[0].seal:
        raise IntegrityError(
            f"{place} holds another sample than {folder} was made from; bring back the sample "
            f"{record.samples[0].seal[:12]}"
        )
    return sample
