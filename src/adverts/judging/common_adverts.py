"""The adverts that all compared runs are judged on: the same content and labels, new to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from adverts.advert import Split
from adverts.arrays import Bools, Targets
from adverts.candidates.predict import as_judged, predict
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.linked_families import connected
from adverts.errors import InputError, plural
from adverts.evaluation.predictions.advert_set import content_key
from adverts.evaluation.predictions.model_facts import DatasetName, headline_refusal
from adverts.evaluation.predictions.prediction_file import Predictions, select
from adverts.evaluation.truth import align_targets
from adverts.judging.open_runs import OpenRun


@dataclass(frozen=True, slots=True, eq=False)
class CommonAdverts:
    """Adverts with predictions of every run, none of which taught or chose one of them.

    Attributes:
        said: Calibrated predictions of each run, all with the same rows and clusters.
        targets: Truth by task, ``(N, L)``, rows as in the predictions.
        judged: Number of adverts with predictions of each run on the split.
        in_common: Number of adverts with predictions of all runs.
        set_aside: How many of them are linked to adverts that taught or chose one of the runs.
        all_links_known: Whether that counts every one; otherwise there may be more.
        unreviewed: How many of the others may enter no headline figure.
        notes: What could not be established.
    """

    said: tuple[Predictions, ...]
    targets: Targets
    judged: tuple[int, ...]
    in_common: int
    set_aside: int
    all_links_known: bool
    unreviewed: int
    notes: tuple[str, ...]


def common_adverts(runs: Sequence[OpenRun], split: Split) -> CommonAdverts:
    """Return the adverts of a split that all runs can be judged on together.

    An advert in two datasets is in one cluster with all that is in its cluster in either.

    Args:
        runs: The runs, which answer the same tasks; truth is that of the first one's dataset.
        split: The split of their datasets.

    Raises:
        InputError: They have no such advert in common, or adverts of one id differ in content or
            labels between their datasets.
    """
    whole = {run.dataset.data_hash: run.dataset.split(split) for run in runs}
    scored = [_scored(run, whole[run.dataset.data_hash]) for run in runs]
    first = whole[runs[0].dataset.data_hash]
    shared = set.intersection(*map(set, scored))
    ids = [one for one in first.ids if one in shared]
    if not ids:
        counts = ", ".join(
            f"{run.name} {len(one):,}" for run, one in zip(runs, scored, strict=True)
        )
        raise InputError(
            f"no advert of split {split} has predictions of every run ({counts}); evaluate all on "
            "the same prepared dataset and split"
        )
    tables = {data_hash: _of(table, ids) for data_hash, table in whole.items()}
    _require_same(runs, tables)
    said = [_predicted(run, tables[run.dataset.data_hash]) for run in runs]
    aside = np.logical_or.reduce([one.seen for one in said])
    reviewed = np.logical_and.reduce([one.reviewed for one in said])
    kept = np.flatnonzero(reviewed & ~aside)
    if not len(kept):
        raise InputError(
            f"none of the {plural(len(ids), 'advert')} that all runs were judged on may be used: "
            f"{int(aside.sum()):,} are linked to adverts that taught or chose one of them, and "
            f"{int((~reviewed & ~aside).sum()):,} are not reviewed; bring new adverts"
        )
    clusters = _joined([tables[data_hash].clusters for data_hash in tables])
    truth = _truth(runs[0], tables[runs[0].dataset.data_hash])
    targets = {name: values[kept] for name, values in truth.items()}
    if all(np.isnan(values).all() for values in targets.values()):
        raise InputError(
            f"none of the {plural(len(kept), 'advert')} that may be used has a label of a task "
            "that the runs answer; bring labelled adverts"
        )
    known = replace(said[0], clusters=clusters, reviewed=reviewed)
    return CommonAdverts(
        said=tuple(select(_in_context_of(known, one), kept) for one in said),
        targets=targets,
        judged=tuple(map(len, scored)),
        in_common=len(ids),
        set_aside=int(aside.sum()),
        all_links_known=all(one.seen_known.all() for one in said),
        unreviewed=int((~reviewed & ~aside).sum()),
        notes=tuple(_notes(runs, said, split)),
    )


def _scored(run: OpenRun, table: AdvertTable) -> set[str]:
    """Return the ids of the adverts of the split that a run has predictions of."""
    assert run.model.stored is not None, "runs are compared by their stored predictions"
    return set(run.model.stored.predictions.ids) & set(table.ids)


def _of(table: AdvertTable, ids: Sequence[str]) -> AdvertTable:
    place = {advert: row for row, advert in enumerate(table.ids)}
    return table.select([place[advert] for advert in ids])


def _require_same(runs: Sequence[OpenRun], tables: dict[str, AdvertTable]) -> None:
    """Refuse adverts that have one id and other content or labels in two datasets."""
    first = runs[0]
    keys, truth = None, _truth(first, tables[first.dataset.data_hash])
    for data_hash, table in tables.items():
        if data_hash == first.dataset.data_hash:
            continue
        keys = keys or _keys(tables[first.dataset.data_hash])
        other = next(run for run in runs if run.dataset.data_hash == data_hash)
        content = sum(one != two for one, two in zip(keys, _keys(table), strict=True))
        theirs = _truth(other, table)
        labels = np.zeros(len(table), dtype=bool)
        for name in truth.keys() | theirs.keys():
            labels |= _unlike(truth.get(name), theirs.get(name))
        if content or labels.any():
            raise InputError(
                f"{first.name} and {other.name} were judged on other datasets, in which "
                f"{plural(content, 'advert')} of one id have other content and "
                f"{int(labels.sum()):,} other labels, of {len(table):,} in common; evaluate both "
                "on one prepared dataset"
            )


def _keys(table: AdvertTable) -> list[str]:
    return [content_key(text, table.images(row)) for row, text in enumerate(table.texts)]


def _truth(run: OpenRun, table: AdvertTable) -> Targets:
    return align_targets(run.dataset.schema.tasks, run.model.facts.schema.tasks, table.targets)


def _unlike(ours: np.ndarray | None, theirs: np.ndarray | None) -> Bools:
    """Return which rows of targets differ; a task that one dataset lacks has no label there."""
    one, two = (values for values in (ours, theirs))
    if one is None or two is None:
        held = one if one is not None else two
        assert held is not None, "a task is asked by one of the two"
        return np.asarray(~np.isnan(held).all(axis=1))
    return np.asarray(~np.isclose(one, two, equal_nan=True).all(axis=1))


def _predicted(run: OpenRun, table: AdvertTable) -> Predictions:
    said = predict(run.model, run.dataset, table, title="read predictions")
    return as_judged(said, None if run.model.rules is None else run.model.rules.calibration)


def _in_context_of(known: Predictions, said: Predictions) -> Predictions:
    """Return predictions with the clusters, languages and so on that another run's have."""
    return replace(
        said,
        clusters=known.clusters,
        reviewed=known.reviewed,
        langs=known.langs,
        scripts=known.scripts,
        modalities=known.modalities,
        readings=known.readings,
        platforms=known.platforms,
        weeks=known.weeks,
    )


def _joined(named: Sequence[Sequence[str]]) -> list[str]:
    """Return one cluster for each advert, which joins its clusters in all datasets."""
    if len(named) == 1:
        return list(named[0])
    numbers = [np.unique(np.array(one, dtype=str), return_inverse=True)[1] for one in named]
    count, offset = len(named[0]), len(named[0])
    first, second = [], []
    for one in numbers:
        first.append(np.arange(count))
        second.append(offset + one)
        offset += int(one.max(initial=-1)) + 1
    groups = connected(np.concatenate(first), np.concatenate(second), offset)
    return [f"joined-{group}" for group in groups[:count].tolist()]


def _notes(runs: Sequence[OpenRun], said: Sequence[Predictions], split: Split) -> list[str]:
    notes = []
    for run, one in zip(runs, said, strict=True):
        refusal = _refusal(run, split)
        if refusal:
            notes.append(f"{run.name} may know these adverts. {refusal}")
        elif not one.seen_known.all() and run.model.facts.trained_on.data_hash != (
            run.dataset.data_hash
        ):
            notes.append(_elsewhere(run, one))
        elif not one.seen_known.all():
            notes.append(
                f"It is not fully known which adverts are linked to those that taught {run.name}; "
                "prepare its dataset again to find every link."
            )
        if one.unreadable.any():
            count = plural(int(one.unreadable.sum()), "advert")
            notes.append(f"{run.name} cannot read {count}; for it they count as never flagged.")
        left = sum(answer == "abstained" for answer in one.answers)
        if left:
            notes.append(
                f"{run.name} leaves {plural(left, 'advert')} to people; its figures count what it "
                "would say of them, so that silence hides nothing."
            )
    return notes


def _elsewhere(run: OpenRun, said: Predictions) -> str:
    """Return a note on a run that was trained on another dataset than it was judged on."""
    named = run.model.facts.trained_on.name or "whose name is not known"
    count = int(said.seen.sum())
    known = (
        f"Of these adverts, {count:,} were in it and are set aside; others that are linked to it "
        "are not known."
        if count
        else "Which of these adverts it learnt from is not known."
    )
    return f"{run.name} was trained on another dataset, {named}. {known}"


def _refusal(run: OpenRun, split: Split) -> str | None:
    """Return why a run may know the adverts of a split; None where it cannot."""
    facts, manifest = run.model.facts, run.dataset.manifest
    return headline_refusal(
        split,
        chosen_on=facts.selection.split if facts.selection else None,
        trained_on=facts.trained_on,
        judged_on=DatasetName(manifest.name, manifest.data_hash, frozenset(manifest.made.sources)),
    )
