"""VERB: checkpoint or bundle + adverts -> predictions, and with labels a report.

Usage::

    adverts evaluate candidate=runs/train/... prepared=prepared/tubespam split=test
    adverts evaluate candidate=runs/export/... prepared=prepared/tubespam
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config import EvaluateConfig

if TYPE_CHECKING:  # numpy, torch and their friends load when there is something to score
    from adverts.evaluation.predictions import Predictions
    from adverts.judging import EvaluationJob, Judgement


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
        CannotJudgeError: No reviewed advert has a label of the headline task; the folder stands.
    """
    from adverts.candidate import open_candidate
    from adverts.data.prepared import open_prepared
    from adverts.data.staging import staging
    from adverts.evaluation.alignment import align_targets, unjudged_where
    from adverts.evaluation.predictions import FILE_NAME, write_predictions
    from adverts.evaluation.report import HOLDS, write_report
    from adverts.judging import EvaluationJob, judge, read_missing_pictures

    dataset = open_prepared(config.prepared)
    candidate = open_candidate(
        config.candidate, batch_size=config.batch_size, threads=config.threads
    )
    job = EvaluationJob(config, dataset, dataset.split(config.split), candidate)
    targets = unjudged_where(
        ~job.readable,
        align_targets(dataset.schema.tasks, candidate.schema.tasks, job.table.targets),
    )
    with staging(config.run_dir, marker=FILE_NAME, also=HOLDS) as folder:
        read_now = read_missing_pictures(job)
        predictions = job.predict(candidate, "score")
        write_predictions(folder / FILE_NAME, predictions)
        judgement = judge(job, predictions, targets, read_now) if targets else None
        if judgement is not None:
            write_report(folder, judgement.evaluation, judgement.origin)
    if judgement is not None:
        _track(job, judgement)
        _require_headline(config, judgement)
    return Evaluated(config.run_dir, predictions, judgement)


def _require_headline(config: EvaluateConfig, judgement: Judgement) -> None:
    from adverts.errors import CannotJudgeError
    from adverts.evaluation.headline import headline_task

    if headline_task(judgement.evaluation) is None:
        raise CannotJudgeError(
            f"no reviewed advert of split {config.split} has a label of the headline task "
            f"{judgement.evaluation.headline!r}, so nothing can be judged; bring labelled adverts. "
            f"What the others show stands in {config.run_dir / 'report.html'}"
        )


def _track(job: EvaluationJob, judgement: Judgement) -> None:
    """Add the figures and the report to the run that trained the candidate."""
    from adverts.evaluation.headline import flat_figures, headline_task
    from adverts.tracking import open_tracker

    config, run_id = job.config, job.candidate.run_id
    if config.tracking.kind == "none":
        return
    if run_id is None:
        print("this model has no recorded run of its own, so its figures are added to none")
        return
    split = config.split if job.on_its_own_dataset else f"{job.judged_on.name}.{config.split}"
    name = f"evaluation/{split}"  # apart from the curves of training, such as validation/…
    spool = config.run_dir.with_name(f"{config.run_dir.name}.tracking") / "spool.jsonl"
    task = headline_task(judgement.evaluation)
    with open_tracker(
        config.tracking, spool=spool, run_name=config.run_dir.name, run_id=run_id
    ) as tracker:
        tracker.dataset(job.judged_on.name, job.judged_on.data_hash, context=split, facts={})
        for model in task.models if task else ():
            prefix = name if model.model == job.candidate.name else f"{name}/{model.model}"
            tracker.metrics(flat_figures(prefix, model.figures), 0)
        for report in ("report.html", "report.md", "report.json"):
            tracker.artifact(config.run_dir / report, name)


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
