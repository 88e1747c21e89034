"""What could be wrong with an estimate, in sentences, the weightiest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adverts.errors import plural
from adverts_findings.survey.reports.record import SamplePart


def doubts(parts: Sequence[SamplePart], *, level: float) -> tuple[str, ...]:
    """Return what could be wrong with an estimate from these samples.

    Args:
        parts: The samples.
        level: Coverage of the intervals; an alarm is raised beyond it.
    """
    found: list[str] = []
    for tell in (_of_reviewers, _of_labels, _of_frame):
        for part in parts:
            name = f"Sample {part.name}: " if len(parts) > 1 else ""
            found.extend(name + one for one in tell(part))
    for part in parts:
        name = f"Sample {part.name}: " if len(parts) > 1 else ""
        found.extend(name + one for one in _of_calibration(part, level))
    return tuple(found)


def _of_reviewers(part: SamplePart) -> Iterator[str]:
    if part.corrected_by is None:
        yield (
            "Labels are taken as true: too few adverts of known truth were labelled to show how "
            "often reviewers err, so the intervals do not pay for their errors."
        )
        return
    if part.corrected_by == "planted":
        yield (
            "Reviewers' errors are known from planted adverts; if these are easier than others, "
            "reviewers err more often than the figures allow for."
        )
    else:
        yield (
            "Reviewers' errors are known from adverts that a third person decided, whose word is "
            "taken as true; errors that all three share are not seen."
        )
    used = next(one for one in part.known if one.source == part.corrected_by)
    if used.not_judged:
        yield (
            f"{plural(used.not_judged, 'advert')} of known truth could not be judged and are left "
            "out of the reviewers' error rates."
        )


def _of_labels(part: SamplePart) -> Iterator[str]:
    labels = part.labels
    if labels.not_judged:
        yield (
            f"{labels.not_judged:,} of {labels.adverts:,} adverts could not be judged: they are "
            "negative in the figures and their lower ends, positive in the upper ends."
        )
    if labels.not_blind:
        yield (
            f"{plural(labels.not_blind, 'advert')} have an answer of somebody who had seen a score "
            "or another answer before."
        )
    if labels.changed_later:
        yield (
            f"Answers that reviewers changed after giving them: {labels.changed_later:,}; the last "
            "one counts."
        )
    if labels.reviewers == 1:
        yield "One person gave all labels, so nothing shows whether others would agree."


def _of_frame(part: SamplePart) -> Iterator[str]:
    frame = part.frame
    yield (
        f"The figures are of what was collected, “{frame.description}”; nothing is said of what "
        "was not."
    )
    if frame.unscored:
        yield (
            f"{frame.unscored:,} of {frame.adverts:,} adverts have no score, since nothing in them "
            "could be read; they were drawn with the mean probability of the others."
        )
    if frame.unreadable:
        yield f"{plural(frame.unreadable, 'row')} with an error are not in the frame."
    if frame.repeated:
        yield f"{plural(frame.repeated, 'row')} with the id of an earlier row are not in the frame."
    if frame.views is not None:
        yield "Views are as of the time of collection; later views are not counted."


def _of_calibration(part: SamplePart, level: float) -> Iterator[str]:
    empty = [one for one in part.strata if one.sealed.lowest and one.sealed.kind != "whole"]
    empty = [one for one in empty if not one.check.observed]
    if empty:
        names = ", ".join(one.check.name for one in empty)
        several = len(empty) > 1
        which = f"the lowest strata, {names}," if several else f"stratum {names}, the lowest,"
        yield (
            f"None of the {plural(sum(one.labels for one in empty), 'label')} of {which} is "
            f"positive; the upper end allows for what {'their' if several else 'its'} "
            f"{sum(one.sealed.stratum.adverts for one in empty):,} adverts hold unseen."
        )
    for row in part.strata:
        if row.check.drifted(level):
            yield (
                f"Calibration has drifted in stratum {row.check.name}: {row.check.observed} "
                f"positive draws where {row.check.expected:,.1f} were expected. The figure by "
                "design holds; be careful with the assisted one."
            )
