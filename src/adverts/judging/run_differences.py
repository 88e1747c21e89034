"""What differs between runs besides their figures: settings, data, rules, and what is unfair."""

from __future__ import annotations

import math
from collections.abc import Sequence

from adverts.evaluation.figures.wording import MISSING
from adverts.judging.common_adverts import CommonAdverts
from adverts.judging.open_runs import OpenRun
from adverts.judging.run_comparison import Cell, Row


def stated_prevalence(run: OpenRun) -> float | None:
    """Return the share of positives that a run's probabilities assume; None where not stated."""
    if run.model.rules is None:
        return None
    return run.model.rules.calibration.of(run.model.facts.schema.headline).operating_prevalence


def promises_alike(run: OpenRun, other: OpenRun) -> bool:
    """Return whether the thresholds of both are for the same share of positives in service."""
    ours, theirs = _promised(run), _promised(other)
    return all(math.isclose(ours[key], theirs[key]) for key in ours.keys() & theirs.keys())


def _promised(run: OpenRun) -> dict[tuple[str, str], float]:
    """Return at which share of positives the precision of each label is promised."""
    found = run.model.rules.thresholds.thresholds if run.model.rules else ()
    return {
        (one.task, one.label): one.operating_prevalence
        for one in found
        if one.language is None and one.operating_prevalence is not None
    }


def _shown_promise(run: OpenRun, other: OpenRun) -> str:
    """Return the first prevalence of a run's thresholds that is not that of another run."""
    ours, theirs = _promised(run), _promised(other)
    odd = (ours[key] for key in ours if key in theirs and not math.isclose(ours[key], theirs[key]))
    found = next(odd, None)
    return MISSING if found is None else f"{found:.3g}"


def config_differences(runs: Sequence[OpenRun]) -> list[Row]:
    """Return the settings that differ, and act, in the runs whose settings are known."""
    known = [run for run in runs if run.config]
    keys = sorted({key for run in known for key in run.config})
    rows: list[Row] = []
    for key in keys:
        values = {run.name: _cell(run.config.get(key)) if run.config else None for run in runs}
        if len({repr(values[run.name]) for run in known}) > 1:
            rows.append({"key": key, **values})
    return rows


def _cell(value: object) -> Cell:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def data_differences(runs: Sequence[OpenRun], common: CommonAdverts) -> list[Row]:
    """Return facts about the data of each run; those on adverts always, others if they differ."""
    made = [run.dataset.manifest.made for run in runs]
    always: dict[str, list[Cell]] = {
        "data hash": [run.dataset.data_hash[:12] for run in runs],
        "trained on data": [run.model.facts.trained_on.data_hash[:12] or None for run in runs],
        "adverts judged": list(common.judged),
        "in common": [common.in_common] * len(runs),
        "set aside, linked to training": [_set_aside(common)] * len(runs),
        "set aside, not reviewed": [common.unreviewed] * len(runs),
        "prevalence that is assumed": [stated_prevalence(run) for run in runs],
    }
    rules = sorted({name for one in made for name in one.rules})
    also: dict[str, list[Cell]] = {
        f"rules of {name}": [one.rules.get(name) for one in made] for name in rules
    }
    also["reader of pictures"] = [one.ocr_key for one in made]
    found = always | {name: values for name, values in also.items() if len(set(values)) > 1}
    names = [run.name for run in runs]
    return [
        {"fact": fact, **dict(zip(names, values, strict=True))} for fact, values in found.items()
    ]


def _set_aside(common: CommonAdverts) -> Cell:
    """Return the number of adverts set aside, or that it is not known; never a 0 nobody counted."""
    if common.all_links_known:
        return common.set_aside
    return f"at least {common.set_aside:,}" if common.set_aside else "not known"


def fairness_notes(runs: Sequence[OpenRun]) -> list[str]:
    """Return notes on what makes the comparison unfair or incomplete."""
    notes, first = _unknown(runs), runs[0]
    identities = [run.model.facts.identity for run in runs]
    for place, run in enumerate(runs):
        earlier = identities.index(identities[place])
        if earlier != place:
            notes.append(f"{run.name} is the same model as {runs[earlier].name}.")
        if run.model.rules is None:
            notes.append(f"{run.name} has no calibration and no thresholds, so no bands.")
        if run.origin.get("predictions_sha256") is None:
            notes.append(f"The report on {run.name} is of a release that recorded no hash of it.")
        if not promises_alike(run, first):
            notes.append(
                f"The thresholds of {run.name} are for a prevalence of "
                f"{_shown_promise(run, first)}, those of {first.name} for "
                f"{_shown_promise(first, run)}: their bands mean different things, and their "
                "decisions are not compared. Export both with one decisions.operating_prevalence."
            )
        if run.settings.precision != first.settings.precision:
            notes.append(
                f"The report on {run.name} asks for recall at precision "
                f"{run.settings.precision:g}; here it is {first.settings.precision:g}."
            )
    return notes


def _unknown(runs: Sequence[OpenRun]) -> list[str]:
    """Return a note on the runs whose settings are not known."""
    names = ", ".join(run.name for run in runs if not run.config)
    if not names:
        return []
    return [f"Not known are the settings of {names}: give the run folder itself, not its report."]
