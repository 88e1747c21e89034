"""Find reasons why the ranking of the judged adverts may say more than a service would see."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from adverts.advert import Split, Task
from adverts.arrays import Floats
from adverts.candidates.predict import candidate_logits
from adverts.data.dataset.advert_table import AdvertTable
from adverts.evaluation.gate.gate_facts import Caveat
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.truth import NOT_JUDGED
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.letters.folding import fold
from adverts.judging.easier_rest import easier_than_known, easier_without_aside
from adverts.judging.judge import EvaluationJob
from adverts.judging.matched_form import forms_of, owed_to_form
from adverts.judging.nearest_training import taught_by_nearest
from adverts.judging.ngram_rankings import (
    ONE_SIDED,
    NgramAdverts,
    drawn_weights,
    lost_between,
    read_ngrams,
)
from adverts.judging.telling_signs import told_by_one_sign
from adverts.judging.unseen_adverts import left_out_of, lost_by_unseen
from adverts.runtime.rules.probabilities import probabilities

_VALIDATION: Split = "validation"


def caveats_of(
    job: EvaluationJob, said: Predictions, prevalence: float | None
) -> tuple[Caveat, ...]:
    """Return what a pass must hold without, by what it may be worth in average precision.

    What the training of a model taught is known only where that was on the judged dataset.

    Args:
        job: The evaluation.
        said: Predictions of the candidate on all adverts.
        prevalence: Share of positives in service; None where it is not stated.
    """
    headline = job.candidate.facts.schema.headline
    task = next((one for one in job.dataset.schema.tasks if one.name == headline), None)
    if task is None or task.positive_index is None:
        return ()
    return tuple(one for one in _caveats(job, said, task, prevalence) if one.cost > 0)


def _caveats(
    job: EvaluationJob, said: Predictions, task: Task, prevalence: float | None
) -> Iterator[Caveat]:
    place = job.candidate.facts.schema.task(task.name).positive_index or 0
    rows = np.flatnonzero(job.table.reviewed & ~job.set_aside)
    whole = np.flatnonzero(~job.set_aside)
    said_by_people = np.where(job.table.reviewed, job.truth, NOT_JUDGED)[whole]
    yield Caveat(
        lost_by_unseen(
            said.probabilities[task.name][whole, place],
            said_by_people,
            said.unreadable[whole],
            has_image=job.table.has_image[whole],
            left_out=left_out_of(job.dataset.manifest, len(job.table)),
        ),
        "is what adverts may be worth that no figure shows, at worst: those without an answer of "
        "people, those that the model cannot read, and those that prepare left out. Let one more "
        "person label them, review what nobody reviewed, and mend what is left out",
    )
    yield from _owed_to_form(job, said.probabilities[task.name][:, place], prevalence)
    if job.candidate.reads_raw_texts:
        yield Caveat(
            owed_to_spelling(job, said, task),
            "is owed to how texts are spelt, such as capitals and invisible signs: train with "
            "model.encoder.text_form=folded",
        )
    if not job.on_its_own_dataset:
        return
    train, judged, chose = job.dataset.split("train"), job.table.select(rows), job.table.select([])
    if _VALIDATION in job.dataset.manifest.counts:
        chose = job.dataset.split(_VALIDATION)
    inputs, seed = job.candidate.facts.inputs, job.config.seed
    read = read_ngrams((train, chose, judged), task, inputs)
    if read is None:
        return
    taught, known, asked = read
    yield Caveat(
        told_by_one_sign(taught, asked, seed=seed),
        "rests on the one word or sign that tells most. Is it a word of the page, or a stamp in "
        "the texts of one source? Take it out of all adverts. If not, more adverts show the rest",
    )
    aside = np.flatnonzero(job.table.reviewed & job.set_aside)
    if len(aside):
        yield Caveat(
            easier_without_aside(
                *_by_links(job, (train, judged, job.table.select(aside)), task), seed=seed
            ),
            "is gained since adverts of the split that are linked to the training are set aside: "
            "the rest is easier. Take these links out of the training, or bring new adverts",
        )
    yield Caveat(
        easier_than_known(taught, known, asked, prevalence=prevalence, seed=seed),
        "is gained since the judged adverts are easier than those of training and validation, as "
        "where a split was chosen by what is easy: divide all by chance, or bring new adverts",
    )
    yield Caveat(
        taught_by_nearest(taught, known, asked, seed=seed),
        "is what single training adverts teach n-grams here, as copies of judged adverts do that "
        "no link finds: take them out of the training, or bring new adverts",
    )


def _owed_to_form(job: EvaluationJob, scores: Floats, prevalence: float | None) -> Iterator[Caveat]:
    rows = np.flatnonzero(job.table.reviewed & ~job.set_aside & (job.truth != NOT_JUDGED))
    table, inputs = job.table.select(rows), job.candidate.facts.inputs
    texts = table.texts if "text" in inputs else [""] * len(table)
    if "ocr" in inputs:
        texts = [f"{text}{read or ''}" for text, read in zip(texts, table.ocr_texts, strict=True)]
    _, clusters = np.unique(table.clusters, return_inverse=True)
    weights_RN = drawn_weights(clusters, np.random.default_rng(job.config.seed))
    for name, form in forms_of(texts).items():
        yield Caveat(
            owed_to_form(
                scores[rows],
                job.truth[rows] == 1,
                form,
                weights_RN,
                prevalence=prevalence,
                seed=job.config.seed,
            ),
            f"is owed to {name}, since few negatives are like the positives in it: bring "
            "negatives that are, or take it out of all adverts",
        )


def owed_to_spelling(job: EvaluationJob, said: Predictions, task: Task) -> float:
    """Return what is surely lost where the texts of the judged adverts are folded."""
    unread = said.unreadable | ~job.table.reviewed | job.set_aside
    rows = np.flatnonzero(~unread & (job.truth != NOT_JUDGED))
    asked = job.candidate.facts.schema.task(task.name)
    table = job.table.select(rows)
    folded = table.with_texts([_folded(text) for text in table.texts])
    folded.ocr_texts = [None if text is None else _folded(text) for text in table.ocr_texts]
    logits = candidate_logits(job.candidate, folded, title="score folded texts").logits[task.name]
    before, after = (
        probabilities(asked, one)[:, asked.positive_index or 0]
        for one in (said.logits[task.name][rows], logits)
    )
    rng = np.random.default_rng(job.config.seed)
    lost, error = lost_between(before, after, job.truth[rows] == 1, table.clusters, rng)
    return max(0.0, lost - ONE_SIDED * error)


def _folded(text: str) -> str:
    return fold(mask_contacts(text))


def _by_links(
    job: EvaluationJob, tables: tuple[AdvertTable, AdvertTable, AdvertTable], task: Task
) -> list[NgramAdverts]:
    """Return the training without links to the split, the judged adverts, and those set aside.

    Their n-grams are weighed by that training alone.
    """
    train, families = tables[0], job.dataset.seen.families
    linked = np.isin(families(train.ids), families(job.table.ids))
    unlinked = train.select(np.flatnonzero(~linked))
    read = read_ngrams((unlinked, *tables[1:]), task, job.candidate.facts.inputs)
    assert read is not None, "the same parts of the same adverts were read before"
    return read
