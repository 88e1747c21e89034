"""VERB: checkpoint or bundle + adverts -> predictions, and with labels a report.

Usage::

    adverts evaluate candidate=runs/train/... prepared=prepared/tubespam split=test
    adverts evaluate candidate=runs/export/... prepared=prepared/tubespam
"""

from __future__ import annotations

import datetime
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adverts import __version__
from adverts.command import command
from adverts.config import EvaluateConfig
from adverts.errors import InputError

if TYPE_CHECKING:  # numpy, torch and their friends load when there is something to score
    import numpy as np
    from numpy.typing import NDArray

    from adverts.candidate import Candidate
    from adverts.data.prepared import PreparedDataset
    from adverts.data.table import AdvertTable
    from adverts.evaluation.origin import Origin
    from adverts.evaluation.permission import DatasetName
    from adverts.evaluation.predictions import Predictions
    from adverts.evaluation.summary import Evaluation

    Targets = Mapping[str, NDArray[np.float32]]
BASELINE = "tf-idf"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What labelled adverts say of a candidate, and where both come from."""

    evaluation: Evaluation
    origin: Origin


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What :func:`evaluate` wrote.

    Attributes:
        folder: Where it stands.
        predictions: What the candidate says.
        judgement: None where no advert has a label that the candidate answers.
    """

    folder: Path
    predictions: Predictions
    judgement: Judgement | None


def evaluate(config: EvaluateConfig) -> Evaluated:
    """Score adverts, write the predictions and, where the adverts have labels, the report.

    The folder appears whole or not at all; one that this verb wrote before is replaced.

    Raises:
        InputError: Candidate, dataset, labels or folder cannot be used.
        IntegrityError: Stored bytes are not those that were recorded.
    """
    from adverts.candidate import open_candidate
    from adverts.data.prepared import open_prepared
    from adverts.data.staging import staging
    from adverts.evaluation.alignment import align_targets, unjudged_where
    from adverts.evaluation.predictions import FILE_NAME, write_predictions
    from adverts.evaluation.report import write_report

    dataset = open_prepared(config.prepared)
    candidate = open_candidate(
        config.candidate, batch_size=config.batch_size, threads=config.threads
    )
    job = _Job(config, dataset, dataset.split(config.split), candidate)
    targets = unjudged_where(
        ~job.readable,
        align_targets(dataset.schema.tasks, candidate.schema.tasks, job.table.targets),
    )
    with staging(config.run_dir, marker=FILE_NAME) as folder:
        read_now = _read_pictures(job)
        predictions = job.predict(candidate, "score")
        write_predictions(folder / FILE_NAME, predictions)
        judgement = _judge(job, predictions, targets, read_now) if targets else None
        if judgement is not None:
            write_report(folder, judgement.evaluation, judgement.origin)
    if judgement is not None:
        _track(job, judgement)
    return Evaluated(config.run_dir, predictions, judgement)


@dataclass(frozen=True, slots=True)
class _Job:
    """All that the parts of one evaluation share."""

    config: EvaluateConfig
    dataset: PreparedDataset
    table: AdvertTable
    candidate: Candidate

    @property
    def judged_on(self) -> DatasetName:
        """The dataset of the adverts."""
        from adverts.evaluation.permission import DatasetName

        return DatasetName(self.dataset.manifest.name, self.dataset.data_hash)

    def predict(self, model: Candidate, title: str) -> Predictions:
        """Return what ``model`` says of the adverts; ``title`` names the progress."""
        from adverts.scoring import predict

        return predict(model, self.dataset, self.table, title=title)

    @property
    def readable(self) -> NDArray[np.bool_]:
        """Which adverts hold something that the candidate reads; the others are not judged.

        Raises:
            InputError: None does.
        """
        found = self.table.readable(self.candidate.inputs)
        if not found.any():
            raise InputError(
                f"none of {len(self.table)} adverts has anything to read in "
                f"{', '.join(self.candidate.inputs)}, which is what the candidate reads"
            )
        return found

    @property
    def on_its_own_dataset(self) -> bool:
        """Was the candidate trained on this very dataset?"""
        return self.candidate.trained_on.data_hash == self.dataset.data_hash


def _read_pictures(job: _Job) -> int:
    """Read the pictures that the candidate needs read and prepare has not; count their adverts."""
    from adverts.data.reader import build_reader
    from adverts.ocr.cache import OcrCache
    from adverts.scoring import read_pictures, unread_pictures

    unread = unread_pictures(job.candidate, job.table)
    reader = build_reader(job.config.ocr) if unread else None
    if reader is not None:
        read_pictures(
            job.table,
            unread,
            reader=reader,
            cache=OcrCache(job.config.ocr.cache),
            workers=job.config.ocr.workers,
        )
    elif unread and not job.on_its_own_dataset:
        raise InputError(
            f"{len(unread)} adverts have pictures that nobody has read, and the candidate reads "
            "the text of pictures; add ocr=easyocr, or prepare the dataset with it"
        )
    return len(unread) if reader is not None else 0


def _judge(job: _Job, predictions: Predictions, targets: Targets, read_now: int) -> Judgement:
    from tqdm import tqdm

    from adverts.candidate import open_baseline
    from adverts.evaluation.summary import Settings, summarise

    config, references = job.config, {}
    if config.baseline:
        baseline = open_baseline(config.candidate, job.candidate, batch_size=config.batch_size)
        if baseline is not None:
            references[BASELINE] = job.predict(baseline, f"score {BASELINE}")
    sets = len(set(job.table.reviewed.tolist()))
    with tqdm(
        total=sets * config.bootstrap_resamples,
        desc="bootstrap",
        unit=" resamples",
        disable=None,
        leave=False,
        delay=1,
    ) as bar:
        evaluation = summarise(
            predictions,
            targets,
            name=job.candidate.name,
            headline=job.candidate.schema.headline,
            settings=Settings(config.recall_at_precision, config.bootstrap_resamples, config.seed),
            references=references,
            progress=bar.update,
        )
    notes = _notes(job, predictions, targets, has_baseline=bool(references), read_now=read_now)
    return Judgement(evaluation, _origin(job, notes))


def _notes(
    job: _Job, predictions: Predictions, targets: Targets, *, has_baseline: bool, read_now: int
) -> list[str]:
    """Say what a reader of the figures must know besides."""
    from adverts.evaluation.wording import plural

    candidate, notes = job.candidate, []
    if not has_baseline:
        notes.append("No tf-idf baseline of the same training stands beside this model.")
    unreadable = int((~job.readable).sum())
    if unreadable:
        notes.append(
            f"{plural(unreadable, 'advert')} of {len(predictions):,} hold nothing that the model "
            f"reads ({', '.join(candidate.inputs)}); they have a prediction and count in no figure."
        )
    seen = int(predictions.seen.sum())
    if seen and job.config.split in ("validation", "test"):
        notes.append(
            f"{plural(seen, 'advert')} of {len(predictions):,} share a cluster with an advert that "
            "the model was trained on; “By campaign” shows the others alone."
        )
    if not job.on_its_own_dataset and candidate.trained_on.name != job.judged_on.name:
        notes.append(f"The model was trained on another dataset, {candidate.trained_on.name}.")
    missing = [task.name for task in candidate.schema.tasks if task.name not in targets]
    if missing:
        notes.append(f"No advert has a label of the tasks {', '.join(missing)}.")
    if read_now:
        notes.append(f"The pictures of {plural(read_now, 'advert')} were read for this evaluation.")
    made = job.dataset.manifest.made.ocr
    if candidate.ocr_key and made and made.get("key") != candidate.ocr_key:
        notes.append("The pictures were read by another reader than those of the training.")
    return notes


def _origin(job: _Job, notes: list[str]) -> Origin:
    from adverts.data.producer import producing_commit
    from adverts.evaluation.origin import Origin
    from adverts.evaluation.permission import headline_refusal

    config, candidate = job.config, job.candidate
    trained_on = candidate.trained_on
    place, prepared = _shown(config.candidate), _shown(config.prepared)
    return Origin(
        kind=candidate.kind,
        place=place,
        dataset=job.judged_on.name,
        data_hash=job.judged_on.data_hash,
        trained_on=f"{trained_on.name or 'not known'}, data {trained_on.data_hash[:12] or '?'}",
        split=config.split,
        selection=candidate.selection,
        refusal=headline_refusal(
            config.split,
            chosen_on=candidate.selection.split if candidate.selection else None,
            trained_on=trained_on,
            judged_on=job.judged_on,
        ),
        notes=tuple(notes),
        command=f"adverts evaluate candidate={place} prepared={prepared} split={config.split}",
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        commit=producing_commit(),
        machine=f"{platform.machine()} {platform.system()}",
        created_by=f"adverts {__version__}",
    )


def _shown(path: Path) -> str:
    """Name a folder without the folders of this machine: reports leave the building."""
    here = Path.cwd()
    within = path.absolute().is_relative_to(here)
    return path.absolute().relative_to(here).as_posix() if within else path.name


def _track(job: _Job, judgement: Judgement) -> None:
    """Add the figures and the report to the run that trained the candidate."""
    from adverts.evaluation.headline import flat_figures, headline_task
    from adverts.tracking import open_tracker

    config, run_id = job.config, job.candidate.run_id
    if config.tracking.kind == "none":
        return
    if run_id is None:
        print("the run of this model was not recorded, so its figures are not added to it")
        return
    name = config.split if job.on_its_own_dataset else f"{job.judged_on.name}.{config.split}"
    spool = config.run_dir.with_name(f"{config.run_dir.name}.tracking") / "spool.jsonl"
    task = headline_task(judgement.evaluation)
    with open_tracker(
        config.tracking, spool=spool, run_name=config.run_dir.name, run_id=run_id
    ) as tracker:
        tracker.dataset(job.judged_on.name, job.judged_on.data_hash, context=name, facts={})
        for model in task.models if task else ():
            prefix = name if model.model == job.candidate.name else f"{name}/{model.model}"
            tracker.metrics(flat_figures(prefix, model.figures), 0)
        for report in ("report.html", "report.md", "report.json"):
            tracker.artifact(config.run_dir / report, f"evaluation/{name}")


@command("evaluate", EvaluateConfig)
def main(config: EvaluateConfig) -> None:
    """Run ``adverts evaluate``."""
    from adverts.evaluation.report import headline_in
    from adverts.evaluation.table import render

    done = evaluate(config)
    if done.judgement is None:
        print(f"{len(done.predictions):,} adverts, none with a label that the model answers:")
        print(f"predictions only, {done.folder / 'predictions.parquet'}")
        return
    print(render([headline_in(done.judgement.evaluation, done.judgement.origin)]))
    for name in ("report.html", "report.md", "report.json", "predictions.parquet"):
        print(done.folder / name)


if __name__ == "__main__":
    main()
