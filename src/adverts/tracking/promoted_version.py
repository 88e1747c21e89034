"""What people read of a promoted version: its model, its data, and what its gate measured."""

from __future__ import annotations

import re
from collections.abc import Mapping

from adverts.evaluation.figures import wording
from adverts.evaluation.gate.gate_record import ConditionResult, GateRecord
from adverts.runtime.manifest import BundleManifest


def version_text(manifest: BundleManifest, record: GateRecord) -> str:
    """Return the description of a version as Markdown, with the figures that its gate judged."""
    dataset = manifest.dataset.get("name", "not known")
    rows = [
        f"Model **{manifest.name}**, {manifest.precision}, reads "
        + ", ".join(manifest.input_spec.inputs),
        f"Trained on {dataset}",
        f"Gate {record.gate_as_asked}: **{record.verdict}** on {record.adverts:,} adverts of split "
        f"{record.split}, data `{record.data_hash[:12]}`",
        *(
            f"{one.name} ({one.scope}): {wording.with_interval(one.measured)}, wanted {one.wanted}"
            for one in _whole_tasks(record)
            if one.measured is not None
        ),
    ]
    if record.abstained:
        rows.append(f"Leaves to people: {len(record.abstained)} groups with too little evidence")
    return "\n".join(f"* {row}" for row in rows)


def gate_figures(record: GateRecord) -> dict[str, float]:
    """Return what the gate measured on whole tasks, by the name of the condition."""
    found: dict[str, float] = {}
    for one in _whole_tasks(record):
        if one.measured is None:
            continue
        found |= dict(
            _ends(figure_tag(one.name), one.measured.value, one.measured.low, one.measured.high)
        )
    return found


def figure_tag(condition: str) -> str:
    """Return the name under which a version shows what a condition of its gate measured."""
    return re.sub(r"[^\w.-]+", "_", f"gate.{condition}")


def _ends(name: str, *values: float | None) -> Mapping[str, float]:
    ends = ("", ".low", ".high")
    return {f"{name}{end}": one for end, one in zip(ends, values, strict=True) if one is not None}


def _whole_tasks(record: GateRecord) -> list[ConditionResult]:
    """Return the results on all adverts of a task; those of groups are in the gate record."""
    return [one for one in record.results if "," not in one.scope]
