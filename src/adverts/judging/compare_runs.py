"""Compare runs on the same adverts: settings, data, figures with intervals, changed decisions.

Usage::

    comparison = compare_runs(["runs/a", "runs/b", "runs/c"], reference="runs/a", split="test")
    print(comparison)
    comparison.write("comparisons/first")
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from adverts.advert import LabelSchema
from adverts.candidates.predict import seen_by
from adverts.candidates.record_looks import (
    LEDGER,
    ledger_files,
    look_at_split,
    name_of,
    new_look,
    read_ledgers,
)
from adverts.errors import InputError
from adverts.evaluation.comparison.compare import compare
from adverts.evaluation.comparison.compared import ChampionComparison, ComparedFigure, Contender
from adverts.evaluation.figures.evidence import FEW_INDEPENDENT
from adverts.evaluation.figures.figures_by_kind import (
    AVERAGE_PRECISION_AT_PREVALENCE,
    RECALL_AT_PRECISION_AT_PREVALENCE,
    primary_figure,
)
from adverts.evaluation.predictions.look_ledger import joined, models_compared
from adverts.evaluation.report.headline import SHOWN
from adverts.judging.changed_adverts import Decided, changed_adverts
from adverts.judging.common_adverts import CommonAdverts, common_adverts
from adverts.judging.corrected_figures import chosen, corrected_decisions, corrected_figures
from adverts.judging.open_runs import OpenRun, open_runs
from adverts.judging.run_comparison import Row, RunComparison, RunDecisions
from adverts.judging.run_differences import (
    config_differences,
    data_differences,
    fairness_notes,
    promises_alike,
    stated_prevalence,
)
from adverts.work.progress import counter

ComparedSplit = Literal["test", "validation"]
COMPARED = (*SHOWN, AVERAGE_PRECISION_AT_PREVALENCE, RECALL_AT_PRECISION_AT_PREVALENCE)
"""Figures that are compared unless others are named."""
GATE = "compare"
"""What stands for the gate in the record of a look."""
LEDGER_VARIABLE = "ADVERTS_LEDGER"
Place = str | Path


def compare_runs(
    runs: Sequence[Place],
    *,
    reference: Place | None = None,
    split: ComparedSplit = "test",
    prepared: Place | Sequence[Place] = (),
    figures: str | Sequence[str] = COMPARED,
    relevant: float = 0.03,
    min_independent: float = FEW_INDEPENDENT,
    ledger: Place | None = None,
) -> RunComparison:
    """Compare runs with one of them, on the adverts that all were judged on and none learnt from.

    Each run is judged by the stored predictions of its report. Before they are read, a look of
    every run at these adverts is added to the ledgers, as ``adverts evaluate`` does.

    Args:
        runs: Folders of two or more runs, bundles or reports. Each run and bundle needs a report
            near it, e.g. in its folder ``report``.
        reference: The run that the others are compared with; None: the first.
        split: Split of the adverts.
        prepared: Folders of the prepared datasets; without any, those that the runs name.
        figures: Names of the figures to compare. Fewer figures have narrower intervals; choose
            them before you look.
        relevant: The smallest difference that matters, in the unit of the figures.
        min_independent: Independent adverts below which a figure is too little evidence.
        ledger: Shared record of the models tried on adverts; None: ``$ADVERTS_LEDGER``, otherwise
            ``runs/looks.jsonl``. The one next to the dataset is always written, too.

    Raises:
        InputError: A run, its report, its dataset, a label schema or the reference cannot be used;
            or a ledger cannot be read, or none can be written.
        IntegrityError: A file is not the one that was written.
    """
    if split not in get_args(ComparedSplit):
        raise InputError(f"split={split}: wanted {' or '.join(get_args(ComparedSplit))}")
    folders = [Path(one) for one in runs]
    places = [prepared] if isinstance(prepared, str | Path) else prepared
    opened = open_runs(folders, split=split, prepared=[Path(one) for one in places])
    _require_one_schema(opened)
    first = _reference(opened, folders, reference)
    ordered = [opened[first], *(run for place, run in enumerate(opened) if place != first)]
    looked = _record_looks(ordered, split, ledger)
    common = common_adverts(ordered, split)
    pairs = _compared(ordered, common, relevant)
    figures = [figures] if isinstance(figures, str) else figures
    _require_known(figures, pairs)
    schema = ordered[0].model.facts.schema
    overall = {run: chosen(one.figures, figures, schema.headline) for run, one in pairs.items()}
    parts = {run: _main_of_slices(one, schema) for run, one in pairs.items()}
    asked = {"relevant": relevant, "min_independent": min_independent}
    found = corrected_figures(overall, ordered[0].name, **asked)
    return RunComparison(
        runs=tuple(run.name for run in ordered),
        reference=ordered[0].name,
        split=split,
        precision=ordered[0].settings.precision,
        relevant=relevant,
        adverts=len(common.said[0]),
        clusters=len(set(common.said[0].clusters)),
        compared=sum(one.difference_low is not None for one in found),
        config_differences=config_differences(ordered),
        data_differences=data_differences(ordered, common),
        figures=found,
        slices=corrected_figures(parts, ordered[0].name, **asked),
        decisions=_decisions(ordered, pairs),
        changed=_changed(ordered, common),
        notes=_once(looked, fairness_notes(ordered), common.notes, _told(pairs)),
    )


def _main_of_slices(
    compared: ChampionComparison, schema: LabelSchema
) -> tuple[ComparedFigure, ...]:
    """Return the main figure of each task on parts of the adverts."""
    main = {task.name: primary_figure(task) for task in schema.tasks}
    return tuple(one for one in compared.figures if one.slice and one.figure == main[one.task])


def _decisions(
    runs: Sequence[OpenRun], pairs: Mapping[str, ChampionComparison]
) -> list[RunDecisions]:
    """Return the compared decisions of runs whose thresholds promise for the same prevalence."""
    alike = [run.name for run in runs[1:] if promises_alike(run, runs[0])]
    return corrected_decisions({name: pairs[name].decisions for name in alike})


def _once(*notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(note for found in notes for note in found))


def _require_one_schema(runs: Sequence[OpenRun]) -> None:
    first = runs[0].model.facts.schema
    for run in runs[1:]:
        schema = run.model.facts.schema
        if (schema.tasks, schema.headline) == (first.tasks, first.headline):
            continue
        ours, theirs = ({task.name: task for task in one.tasks} for one in (first, schema))
        odd = [name for name in (*ours, *theirs) if ours.get(name) != theirs.get(name)]
        asked = f"task {odd[0]!r}" if odd else f"headline {first.headline!r} or {schema.headline!r}"
        raise InputError(
            f"{runs[0].name} and {run.name} have other label schemas ({asked} differs in its "
            "labels, their order or its kind); compare runs of one schema"
        )


def _reference(runs: Sequence[OpenRun], folders: Sequence[Path], wanted: Place | None) -> int:
    """Return the place of the reference, which is named by its folder or by its name here."""
    if wanted is None:
        return 0
    asked = Path(wanted).resolve()
    for place, (run, folder) in enumerate(zip(runs, folders, strict=True)):
        if run.name == str(wanted) or asked in (folder.resolve(), run.report):
            return place
    raise InputError(
        f"reference={wanted} is none of the runs; give one of {', '.join(run.name for run in runs)}"
    )


def _record_looks(runs: Sequence[OpenRun], split: ComparedSplit, ledger: Place | None) -> list[str]:
    """Add a look of every run to the ledgers, and return what is to be said of them."""
    shared = Path(ledger or os.environ.get(LEDGER_VARIABLE, LEDGER))
    found = [
        look_at_split(
            run.dataset,
            split,
            run.model,
            champion=None,
            ledger=shared,
            gate=GATE,
            report="open",
            aside=seen_by(run.model, run.dataset, run.dataset.split(split)).seen,
        )
        for run in runs
    ]
    notes = [one.lack for one in found if one.lack is not None]
    tried = max(_models_tried(run, split, shared) for run in runs)
    if tried > len(runs):
        notes.append(
            f"{tried:,} models were tried on these adverts, as the ledger says, and "
            f"{len(runs):,} are compared here: the best of many looks better than it is."
        )
    return notes


def _models_tried(run: OpenRun, split: ComparedSplit, shared: Path) -> int:
    ledgers, _ = read_ledgers(ledger_files(run.dataset.path, shared))
    look = new_look(run.dataset, split, name_of(run.model), gate=GATE)
    return models_compared(joined(ledgers), look)


def _compared(
    runs: Sequence[OpenRun], common: CommonAdverts, relevant: float
) -> dict[str, ChampionComparison]:
    """Return the comparison of each run with the first, all on the same resamples of clusters."""
    settings, headline = runs[0].settings, runs[0].model.facts.schema.headline
    stated = [one for one in map(stated_prevalence, runs) if one is not None]
    known = {headline: min(stated)} if stated else {}
    contenders = [
        Contender(run.name, said, run.model.rules.thresholds if run.model.rules else None)
        for run, said in zip(runs, common.said, strict=True)
    ]
    total = settings.resamples * (len(runs) - 1)
    with counter("compare", "resamples", total) as shown:
        return {
            one.name: compare(
                one,
                contenders[0],
                common.targets,
                precision=settings.precision,
                relevant=relevant,
                min_positive_clusters=settings.min_positive_clusters,
                resamples=settings.resamples,
                seed=settings.seed,
                recall=settings.recall,
                prevalences=known,
                progress=shown.update,
            )
            for one in contenders[1:]
        }


def _require_known(figures: Sequence[str], pairs: Mapping[str, ChampionComparison]) -> None:
    known = {one.figure for pair in pairs.values() for one in pair.figures if not one.slice}
    unknown = [one for one in figures if one not in known and one not in COMPARED]
    if unknown or not known & set(figures):
        raise InputError(
            f"figures={', '.join(unknown or figures)}: the runs have {', '.join(sorted(known))}"
        )


def _changed(runs: Sequence[OpenRun], common: CommonAdverts) -> list[Row]:
    decided = [
        Decided(said, run.model.rules, run.model.facts.schema)
        for run, said in zip(runs, common.said, strict=True)
    ]
    return [
        row
        for run, one in zip(runs[1:], decided[1:], strict=True)
        for row in changed_adverts(run.name, one, decided[0], common.targets)
    ]


def _told(pairs: Mapping[str, ChampionComparison]) -> list[str]:
    return [note for one in pairs.values() for note in one.notes]
