"""The place of an estimate in a series, its revision, and estimates that never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adverts.errors import InputError
from adverts_findings.survey.reports.record import (
    RECORD,
    EstimateRecord,
    LabelCounts,
    Publication,
    Revision,
    as_earlier,
    read_estimate,
)
from adverts_findings.survey.reports.sentences import figure
from adverts_findings.survey.sample import SAMPLE, Sample, read_sample


def final_in(folder: Path) -> EstimateRecord | None:
    """Return the final estimate of a folder; None if it holds none.

    Raises:
        IntegrityError: It holds an estimate that was damaged, which may have been final.
    """
    if not (folder / RECORD).exists():
        return None
    record = read_estimate(folder)
    return None if record.publication.provisional else record


def refuse_published(folder: Path) -> None:
    """Refuse to write into a folder that holds a final estimate.

    Raises:
        InputError: It does.
        IntegrityError: It holds an estimate that was damaged, which may have been final.
    """
    record = final_in(folder)
    if record is not None:
        raise InputError(
            f"{folder} holds a final estimate ({record.id[:12]}), which is never changed; revise "
            f"it in another folder: estimate_dir=… replaces={folder} reason=WHY"
        )


def read_replaced(folder: Path) -> EstimateRecord:
    """Return the final estimate of a folder, which a revision may replace.

    Raises:
        InputError: There is none, or it is provisional.
        IntegrityError: It was damaged.
    """
    record = read_estimate(folder)
    if record.publication.provisional:
        raise InputError(
            f"replaces={folder} is provisional, and only a final estimate is revised; write into "
            "that folder again, without replaces="
        )
    return record


def place_in_series(
    series: str | None,
    previous: Sequence[tuple[Path, EstimateRecord]],
    replaced: EstimateRecord | None,
    *,
    final: bool,
    sample: Sample,
) -> Publication:
    """Return the place of a new estimate in a series.

    Args:
        series: Name of the series; None takes that of the other estimates, otherwise the task.
        previous: Folders of earlier estimates to compare with, and what they hold.
        replaced: The estimate that it revises.
        final: Whether it is published.
        sample: The sample that it is made from.

    Raises:
        InputError: The estimates are of several series, one is given twice, is of several samples,
            or was collected later than the sample.
    """
    records = [record for _, record in previous]
    others = [*records, *([] if replaced is None else [replaced])]
    names = {one.publication.series for one in others} | ({series} if series else set())
    if len(names) > 1:
        raise InputError(
            f"the estimates are of different series: {', '.join(sorted(names))}; figures of two "
            "series are neither compared nor replaced by each other"
        )
    _require_earlier(previous, sample)
    latest_first = sorted(records, key=lambda one: (_collected(one), one.created_at), reverse=True)
    return Publication(
        series=names.pop() if names else sample.question.task,
        provisional=not final,
        replaces=None,
        previous=tuple(map(as_earlier, latest_first)),
    )


def _require_earlier(previous: Sequence[tuple[Path, EstimateRecord]], sample: Sample) -> None:
    """Refuse estimates that a sample cannot be compared with, or only the other way round."""
    seen: dict[str, str] = {sample.seal: "this same sample"}
    for folder, record in previous:
        part = record.samples[0]
        if len(record.samples) > 1:
            raise InputError(f"{folder} is of several samples; previous= takes estimates of one")
        if part.seal in seen:
            raise InputError(
                f"{folder} is of {seen[part.seal]}; previous= takes other weeks, one estimate each"
            )
        seen[part.seal] = f"the same sample as {folder}"
        before, now = (one.frame.last_collected for one in (part, sample))
        collected = (before, now) if before and now else ("", "")
        if (collected[0], part.sealed_at) > (collected[1], sample.sealed_at):
            told = (
                f"was collected up to {before}"
                if collected[0] != collected[1]
                else (f"was sealed {part.sealed_at}")
            )
            raise InputError(
                f"{folder} is later than sample {sample.name}: its sample {part.name} {told}; "
                "compare the later one with the earlier"
            )


def _collected(record: EstimateRecord) -> str:
    return record.samples[0].frame.last_collected or ""


def revise(new: EstimateRecord, old: EstimateRecord, reason: str, *, folder: str) -> EstimateRecord:
    """Return a record that says which earlier record it replaces, why, and what changed.

    The earlier record stays as it was published.

    Args:
        new: The record.
        old: The record that it replaces.
        reason: Why.
        folder: Folder of the old record, as the new one names it.

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
    revision = Revision(
        id=old.id,
        folder=folder,
        created_at=old.created_at,
        total=old.figures[0].total.by_design,
        frame_total=old.figures[0].frame_total,
        answers_changed=_answers_changed(old, new),
        reason=reason.strip(),
        changes=_changes(old, new),
    )
    return replace(new, publication=replace(new.publication, replaces=revision))


def _answers_changed(old: EstimateRecord, new: EstimateRecord) -> int:
    """Return how many answers about the same samples reviewers changed since."""
    if _seals(old) != _seals(new):
        return 0
    was, now = (sum(part.labels.changed_later for part in one.samples) for one in (old, new))
    return max(now - was, 0)


def _seals(record: EstimateRecord) -> list[str]:
    return [one.seal for one in record.samples]


def _changes(old: EstimateRecord, new: EstimateRecord) -> tuple[str, ...]:
    found = []
    if _described(old) != _described(new):
        found.append(f"It was of {_described(old)} and is of {_described(new)}.")
    if _seals(old) != _seals(new):
        found.append("It is made from other samples.")
    elif not _answers_changed(old, new) and _labels(old) != _labels(new):
        found.append("Labels of the sample changed.")
    present = {one.field for one in new.groups}
    dropped = dict.fromkeys(one.field for one in old.groups if one.field not in present)
    if dropped:
        found.append(f"It gives no figures by {' and '.join(dropped)}, which the old one gave.")
    before = {one.unit: one for one in old.figures}
    for one in new.figures:
        was, now = before.get(one.unit), one.total.by_design
        if was is not None and was.total.by_design != now:
            told = figure(was.total.by_design, was.frame_total), figure(now, one.frame_total)
            found.append(f"The total of {one.unit}: {told[0]} before, {told[1]} now.")
    return tuple(found) or ("No total changed.",)


def _labels(record: EstimateRecord) -> list[LabelCounts]:
    return [one.labels for one in record.samples]


def _described(record: EstimateRecord) -> str:
    """Return what was collected, and what was asked about it."""
    return " and ".join(
        f"“{one.frame.description}” by codebook {one.question.codebook}" for one in record.samples
    )


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
