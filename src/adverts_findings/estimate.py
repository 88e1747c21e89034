"""VERB: a sample and its labels -> how much there is, of what was collected.

Usage::

    adverts estimate sample=samples/w44 labels=labelled.csv estimate_dir=runs/estimate-w44
    adverts estimate sample=samples/w44 estimate_dir=runs/estimate-w44 'by=[platform]' final=true
    adverts estimate sample=samples/w45 estimate_dir=runs/estimate-w45 'previous=[runs/estimate-w44]'
    adverts estimate sample=samples/w44 estimate_dir=runs/w44-2 replaces=runs/estimate-w44 reason=WHY
"""  # noqa: E501 - commands stand in one line

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.errors import CannotJudgeError, InputError, say
from adverts_findings.config.survey import EstimateConfig

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from adverts.data.review.reviews import Review
    from adverts.scoring.evidence_reader import OpenedEvidence
    from adverts_findings.survey.labelled.labelled_sample import LabelledSample
    from adverts_findings.survey.reports.finals import Final
    from adverts_findings.survey.reports.make_record import Made
    from adverts_findings.survey.reports.record import EstimateRecord, Publication
    from adverts_findings.survey.sample import Sample


def estimate(config: EstimateConfig) -> EstimateRecord:
    """Estimate how much there is, and write the record and its pages.

    Labels are added to the reviews first, and stay there whatever follows. The folder of the
    estimate appears complete or not at all. A provisional estimate in it is replaced; a final one
    stays, and the command that made it records it again with the tracking server.

    Raises:
        InputError: Samples, labels or folders cannot be used, or the folder holds a final estimate.
        IntegrityError: Sample, reviews or an earlier estimate were damaged, or the frame changed.
        CannotJudgeError: Labels are missing, or an earlier estimate cannot be compared with.
        MissingExtraError: MLflow is asked for and not installed.
    """
    from adverts.tracking.build_tracker import require_mlflow
    from adverts_findings.survey.reports.finals import FINALS, time_begun
    from adverts_findings.survey.reports.publish import final_in, read_replaced, refuse_published

    published = final_in(config.estimate_dir)
    made = _made(config, published)
    if published is not None and published.command != made.command:
        refuse_published(config.estimate_dir)
    _refuse_folder_of_sample(config.estimate_dir)
    if config.tracking.kind == "mlflow":
        require_mlflow()
    samples = [_read_sample(folder) for folder in config.sample]
    replaced = None if config.replaces is None else read_replaced(config.replaces)
    wanted = _wanted(config, samples, replaced)
    if published is None:
        begun = time_begun(config.reviews.with_name(FINALS), wanted, final=config.final)
        made = dataclasses.replace(made, at=begun or made.at)
    frames = [_reopened(one) for one in samples]
    record = _record(config, _labelled(config, samples), frames, made, replaced)
    if published is None:
        _write(config, record, wanted)
    elif record.id == published.id:
        say(f"{config.estimate_dir} holds this final estimate already; it stays as it is")
    else:
        refuse_published(config.estimate_dir)
    _track(config, record)
    return record


def _refuse_folder_of_sample(folder: Path) -> None:
    from adverts_findings.survey.sample import SAMPLE

    if (folder / SAMPLE).exists():
        raise InputError(f"estimate_dir={folder} is the folder of a sample; choose a new folder")


def _wanted(
    config: EstimateConfig, samples: Sequence[Sample], replaced: EstimateRecord | None
) -> Final:
    """Return what the list of finals says of this estimate, but for its id and time."""
    from adverts_findings.survey.reports.finals import Final

    seals = tuple(sorted(one.seal for one in samples))
    name = config.estimate_dir.resolve().name
    return Final(seals, name, None if replaced is None else replaced.id)


def _write(config: EstimateConfig, record: EstimateRecord, wanted: Final) -> None:
    """Write the folder; a final estimate is listed before it appears."""
    from adverts.files.staging import staging
    from adverts_findings.survey.reports.finals import FINALS, add_final
    from adverts_findings.survey.reports.page import HOLDS, write_estimate
    from adverts_findings.survey.reports.publish import refuse_published
    from adverts_findings.survey.reports.record import RECORD

    with staging(config.estimate_dir, marker=RECORD, also=HOLDS) as folder:
        refuse_published(config.estimate_dir)  # another process may have been quicker
        write_estimate(folder, record)
        if config.final:
            final = dataclasses.replace(wanted, id=record.id, at=record.created_at)
            add_final(config.reviews.with_name(FINALS), final)


def _read_sample(folder: Path) -> Sample:
    """Return the sample of a folder.

    Raises:
        InputError: There is none, or it was drawn to teach.
    """
    from adverts_findings.survey.sample import SAMPLE, read_sample

    inside = sorted(one.parent for one in folder.glob(f"*/{SAMPLE}"))
    if inside and not (folder / SAMPLE).exists():
        raise InputError(
            f"{folder} holds no {SAMPLE}; did you mean {' or '.join(map(str, inside[:5]))}?"
        )
    sample = read_sample(folder)
    if sample.design != "estimate":
        raise InputError(
            f"{folder} was drawn with design={sample.design}, to teach a model: its labels say "
            "nothing of how much there is. Draw one with adverts sample design=estimate"
        )
    return sample


def _reopened(sample: Sample) -> OpenedEvidence | None:
    """Return the evidence of a sample's frame; None if it is gone, which is then said."""
    from adverts_findings.survey.sealed_frame import reopen_frame

    found = reopen_frame(sample.frame, today=datetime.datetime.now(datetime.UTC).date())
    if isinstance(found, str):
        say(f"{sample.name}: {found}; the estimate goes on with what was sealed")
        return None
    return found


def _labelled(config: EstimateConfig, samples: Sequence[Sample]) -> list[LabelledSample]:
    from adverts.data.review.reviews import read_reviews
    from adverts_findings.survey.sheets.record_labels import (
        note_known,
        record_labels,
        require_all_known,
    )

    before = read_reviews(config.reviews)
    for folder in config.sample:
        require_all_known(folder, before)
    if config.labels:
        record_labels(samples[0], config.labels, config.reviews, now=_now())
    reviews = read_reviews(config.reviews)
    for folder in config.sample:
        note_known(folder, reviews)
    return [_with_labels(one, reviews) for one in samples]


def _with_labels(sample: Sample, reviews: Sequence[Review]) -> LabelledSample:
    from adverts_findings.survey.labelled.answers import answers_from_reviews
    from adverts_findings.survey.labelled.labelled_sample import label_sample

    return label_sample(sample, answers_from_reviews(sample, reviews))


def _record(
    config: EstimateConfig,
    labelled: Sequence[LabelledSample],
    frames: Sequence[OpenedEvidence | None],
    made: Made,
    replaced: EstimateRecord | None,
) -> EstimateRecord:
    from adverts.config.overrides import shareable
    from adverts_findings.survey.reports.make_record import record_of_frames, record_of_sample
    from adverts_findings.survey.reports.publish import place_in_series, revise
    from adverts_findings.survey.reports.record import read_estimate

    previous = [read_estimate(folder) for folder in config.previous]
    publication = place_in_series(
        config.series,
        list(zip(config.previous, previous, strict=True)),
        replaced,
        final=config.final,
        sample=labelled[0].sample,
    )
    if len(labelled) > 1:
        record = record_of_frames(labelled, _names(frames), made, publication)
    else:
        earlier = _earlier(config, previous, publication)
        record = record_of_sample(labelled[0], made, publication, by=config.by, earlier=earlier)
    if replaced is None or config.replaces is None:
        return record
    folder = shareable(config.replaces)
    return revise(record, replaced, config.reason or "", folder=folder)


def _names(frames: Sequence[OpenedEvidence | None]) -> list[frozenset[str]] | None:
    """Return the names of all adverts of each frame; None if a frame is gone."""
    from adverts.data.review.reviews import item_name
    from adverts_findings.survey.frame import read_frame

    known = [one for one in frames if one is not None]
    if len(known) < len(frames):
        return None
    return [frozenset(item_name(id) for id in read_frame(one, "").ids) for one in known]


def _earlier(
    config: EstimateConfig, previous: Sequence[EstimateRecord], publication: Publication
) -> list[LabelledSample]:
    """Return the samples of earlier estimates with their labels, the latest first.

    Raises:
        CannotJudgeError: Their labels are not those that the estimates were made from.
    """
    from adverts.data.review.reviews import read_reviews
    from adverts_findings.survey.reports.make_record import is_made_of
    from adverts_findings.survey.reports.publish import sample_of

    reviews, found = read_reviews(config.reviews), []
    known = {one.id: (one, folder) for one, folder in zip(previous, config.previous, strict=True)}
    for record, folder in (known[one.id] for one in publication.previous):
        sample = sample_of(record, folder, beside=config.sample[0])
        labelled = _with_labels(sample, reviews)
        if not is_made_of(record, labelled):
            raise CannotJudgeError(
                f"answers about sample {sample.name} changed since {folder} was made from "
                "them; first write its revision, with replaces= and reason=, and give that one"
            )
        found.append(labelled)
    return found


def _made(config: EstimateConfig, published: EstimateRecord | None) -> Made:
    """Return when and by what a record is made; as it was made if it was published already."""
    from adverts import __version__
    from adverts.config.overrides import shareable
    from adverts.files.file_hash import producing_commit
    from adverts_findings.survey.reports.make_record import Made

    commit = producing_commit()
    by = f"adverts {__version__}" + (f", commit {commit}" if commit else "")
    return Made(
        at=_now() if published is None else published.created_at,
        by=by if published is None else published.created_by,
        seed=config.seed,
        command=f"adverts estimate {_overrides(config)}",
        folders=tuple(map(shareable, config.sample)),
    )


def _overrides(config: EstimateConfig) -> str:
    """Return the settings that decide an estimate, without folders outside the current one."""
    from adverts.config.overrides import overrides, shareable

    given: dict[str, object] = {
        name: [shareable(one) for one in getattr(config, name)]
        for name in ("sample", "labels", "previous")
        if getattr(config, name)
    }
    if config.replaces is not None:
        given["replaces"] = shareable(config.replaces)
    left_out = ("estimate_dir", "reviews", "tracking", *given)
    return overrides("estimate", config, given=given, left_out=left_out)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _track(config: EstimateConfig, record: EstimateRecord) -> None:
    """Record the figures and the pages as a run of their own."""
    from adverts.tracking import open_tracker
    from adverts_findings.survey.reports.page import HOLDS
    from adverts_findings.survey.reports.record import RECORD
    from adverts_findings.survey.reports.tracked_values import metrics_of, tags_of

    if config.tracking.kind == "none":
        return
    folder = config.estimate_dir
    spool = folder.with_name(f"{folder.name}.tracking") / "spool.jsonl"
    with open_tracker(
        config.tracking, spool=spool, run_name=folder.name, key=f"estimate {record.id}"
    ) as tracker:
        tracker.tags(tags_of(record))
        tracker.metrics(metrics_of(record), 0)
        for name in (RECORD, *HOLDS):
            tracker.artifact(folder / name, "estimate")
        tracker.status("finished")


@command("estimate", EstimateConfig)
def main(config: EstimateConfig) -> None:
    """Run ``adverts estimate``."""
    from adverts_findings.survey.reports.lines import lines
    from adverts_findings.survey.reports.page import PAGE

    record = estimate(config)
    say("\n".join(lines(record)))
    say(str(config.estimate_dir / PAGE))


if __name__ == "__main__":
    main()
