"""Score the champion on the adverts of an evaluation, and compare the candidate with it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from adverts.advert import LabelSchema
from adverts.arrays import Targets
from adverts.candidates.candidate import Candidate, open_candidate
from adverts.candidates.fit_rules import prevalence_in_service, rules_of
from adverts.candidates.predict import seen_by
from adverts.candidates.review_bands import served_answers
from adverts.errors import InputError, plural
from adverts.evaluation.comparison.compare import compare
from adverts.evaluation.comparison.compared import ChampionComparison, Contender
from adverts.evaluation.comparison.pairing import same_question
from adverts.evaluation.figures.judged_adverts import account_for
from adverts.evaluation.predictions.model_facts import headline_refusal
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.judging.judge import REGISTRY, EvaluationJob, read_missing_pictures
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.work.progress import counter

Fetch = Callable[[str, Path], Path]
"""Copies the bundle that a registry URI names into a folder, and returns the bundle's path."""


def open_champion(job: EvaluationJob, *, fetch: Fetch) -> Candidate | None:
    """Open the champion, which the candidate is compared with; None if none is configured.

    Args:
        job: The evaluation.
        fetch: Fetches a model from the registry.

    Raises:
        InputError: The champion cannot be opened, answers another headline task, or has stored
            predictions that lack some of the adverts.
        IntegrityError: A file of the champion is not the one that was written.
    """
    named = job.config.champion
    if named is None:
        return None
    if named.startswith(REGISTRY):
        # an open bundle needs its files no more
        with tempfile.TemporaryDirectory(prefix="adverts-champion-") as folder:
            champion = _open(job, fetch(named, Path(folder)))
        champion = _named(champion, named.removeprefix(REGISTRY))
    else:
        if not Path(named).exists():
            raise InputError(
                f"champion={named} does not exist; give the folder of a run, a checkpoint, a "
                "bundle or an earlier report, or models:/name@alias"
            )
        champion = _open(job, Path(named))
    if champion.facts.name == job.candidate.facts.name:
        champion = _named(champion, f"{champion.facts.name} ({Path(named).name})")
    _require_same_headline(job.candidate.facts.schema, champion.facts.schema)
    if champion.stored is not None:  # tell what is missing before anything is scored
        champion.stored.of(job.table.ids, data_hash=job.dataset.data_hash)
    return champion


def compare_with_champion(
    job: EvaluationJob,
    champion: Candidate,
    predictions: Predictions,
    targets: Targets,
    rules: DecisionRules | None,
) -> ChampionComparison:
    """Score the champion on the adverts of the candidate and compare the two models.

    Both are judged on the same adverts; a model never flags what it cannot read. If the
    configuration states no operating prevalence, the lower of those frozen into the two models
    counts: a candidate gains nothing by leaving it out or by stating a higher one.

    Args:
        job: The evaluation.
        champion: The model that the candidate is compared with.
        predictions: Calibrated predictions of the candidate.
        targets: Truth by task, in the order of the candidate's labels; NaN where not judged.
        rules: Rules of the candidate; None where it has none.

    Raises:
        InputError: The champion cannot be scored on these adverts.
    """
    config = job.config
    its_rules = rules_of(champion, job.dataset, config.decisions, config.ledger, remember=False)
    read_missing_pictures(replace(job, candidate=champion))
    said = job.predict(champion, "score the champion", its_rules)
    notes = [*_notes(job, champion, predictions, said), *_rule_notes(rules, its_rules)]
    if not targets or not predictions.reviewed.any():
        notes.append("Nothing is compared: no reviewed advert has a label.")
        return ChampionComparison(
            job.candidate.facts.name,
            champion.facts.name,
            config.relevant_difference,
            (),
            (),
            tuple(notes),
        )
    headline = job.candidate.facts.schema.headline
    in_service = prevalence_in_service(config.decisions, rules, headline)
    theirs = prevalence_in_service(config.decisions, its_rules, headline)
    known = min((one for one in (in_service, theirs) if one is not None), default=None)
    resamples = config.bootstrap_resamples
    with counter("compare", "resamples", resamples) as shown:
        compared = compare(
            Contender(job.candidate.facts.name, predictions, rules.thresholds if rules else None),
            Contender(champion.facts.name, said, its_rules.thresholds if its_rules else None),
            targets,
            precision=config.recall_at_precision,
            relevant=config.relevant_difference,
            min_positive_clusters=config.min_positive_clusters,
            resamples=resamples,
            seed=config.seed,
            recall=config.decisions.recall,
            prevalences={} if known is None else {headline: known},
            held_to={} if in_service is None else {headline: in_service},
            by_share_of=headline if known is None else None,
            progress=shown.update,
        )
    task = job.candidate.facts.schema.task(headline)
    account = account_for(
        said,
        task,
        job.labels.get(headline),
        served=served_answers(said, its_rules, champion.facts.schema),
        set_aside=job.set_aside,
        lack=seen_by(champion, job.dataset, job.table).lack,
    )
    return replace(compared, notes=(*notes, *compared.notes), account=account)


def _open(job: EvaluationJob, path: Path) -> Candidate:
    return open_candidate(path, threads=job.config.threads)


def _named(model: Candidate, name: str) -> Candidate:
    return replace(model, facts=replace(model.facts, name=name))


def _require_same_headline(ours: LabelSchema, theirs: LabelSchema) -> None:
    if ours.headline != theirs.headline:
        raise InputError(
            f"the champion's headline task is {theirs.headline!r} and the candidate's is "
            f"{ours.headline!r}; give a champion that answers the same question"
        )
    task, other = ours.task(ours.headline), theirs.task(theirs.headline)
    if same_question(task, other) != task:
        raise InputError(
            f"the headline task {task.name!r} has the labels {', '.join(other.labels)} "
            f"({other.kind}) for the champion and {', '.join(task.labels)} ({task.kind}) for the "
            "candidate; give a champion that answers the same question"
        )


def _notes(
    job: EvaluationJob, champion: Candidate, ours: Predictions, theirs: Predictions
) -> list[str]:
    """Return notes on what makes the comparison unfair, and on adverts that only one can read."""
    notes = []
    if champion.facts.identity == job.candidate.facts.identity:
        notes.append("The champion is the candidate itself.")
    refusal = headline_refusal(
        job.config.split,
        chosen_on=champion.facts.selection.split if champion.facts.selection else None,
        trained_on=champion.facts.trained_on,
        judged_on=job.judged_on,
    )
    if refusal:
        notes.append(f"The champion may know these adverts. {refusal}")
    notes += _known_to_champion(job, champion)
    for unread, reader in (
        (theirs.unreadable & ~ours.unreadable, "champion"),
        (ours.unreadable & ~theirs.unreadable, "candidate"),
    ):
        if unread.any():
            count = plural(int(np.count_nonzero(unread)), "advert")
            notes.append(
                f"Only the {reader} cannot read {count}; for it they count as never flagged."
            )
    return notes


def _known_to_champion(job: EvaluationJob, champion: Candidate) -> list[str]:
    """Return a note on the judged adverts that a champion of another dataset may know."""
    seen = seen_by(champion, job.dataset, job.table)
    if not seen.elsewhere:
        return []
    known = int((seen.seen & ~job.set_aside).sum())
    told = f"at least {known:,} that are judged" if known else "not known"
    return [f"Adverts that the champion learnt from: {told}; {_of_champion(seen.lack)}."]


def _of_champion(lack: str) -> str:
    return lack.replace("the model", "it", 1)


def _rule_notes(ours: DecisionRules | None, theirs: DecisionRules | None) -> list[str]:
    """Return a note for each of the two that has no calibration and no thresholds."""
    without = [name for name, rules in (("candidate", ours), ("champion", theirs)) if rules is None]
    return [
        f"The {name} has no calibration and no thresholds, so its decisions are not compared."
        for name in without
    ]
