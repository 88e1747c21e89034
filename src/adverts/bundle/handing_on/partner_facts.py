"""What a partner is told: each part of a bundle without what only the unit may know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from adverts.errors import IntegrityError
from adverts.runtime.manifest import GATE_NAME, BundleManifest
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.coverage import Coverage
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds

Facts = Mapping[str, object]
_OF_DATASET = ("name", "data_hash", "provenance", "licence", "sensitivity")
_OF_PARITY = (
    "adverts",
    "batch_sizes",
    "flipped",
    "max_neighbour_difference",
    "max_probability_difference",
    "scheme",
)
_OF_GATE = ("adverts", "created", "gate", "model", "split", "verdict")
_OF_FIT = ("split", "data_hash")
_LACK = "there is too little evidence for one"
_CAUTION = "a default: the promise is not shown"
_REASONS = {
    "supported": "meets the conditions of the gate",
    "experimental": "not proved by itself",
    "abstain": "too little evidence, leave it to a person",
}


def partner_manifest(manifest: BundleManifest) -> BundleManifest:
    """Return the manifest without run, commit, sources of the data and whatever is not known."""
    return replace(
        manifest,
        files={},
        dataset=_only(manifest.dataset, _OF_DATASET),
        training={},
        parity=_only(manifest.parity, _OF_PARITY),
        audience="partner",
        derived_from=manifest.identity(),
    )


def partner_rules(rules: DecisionRules) -> DecisionRules:
    """Return calibration and thresholds that decide alike above the precision thresholds.

    Recall thresholds tell from where on the unit leaves adverts alone. They are withheld, but for
    those of signs of danger, and for those that lack evidence, below which everything abstains.
    """
    return DecisionRules(_calibration(rules.calibration), _thresholds(rules.thresholds))


def partner_coverage(coverage: Coverage) -> Coverage:
    """Return where the model may be used, without the figures that show it."""
    return Coverage(tuple(replace(one, reason=_REASONS[one.status]) for one in coverage.slices))


def partner_gate(record: bytes) -> str:
    """Return what a gate record comes to: gate, verdict, day, split, its size, and for which model.

    ``record_sha256`` names the full record, which the unit can show.

    Raises:
        IntegrityError: It is no record of a gate.
    """
    try:
        raw = json.loads(record)
        told = {name: raw[name] for name in _OF_GATE}
        told["schema_version"] = raw["schema_version"]
        told["created"] = str(raw["created"])[:10]
        told["gate_changed"] = (
            None if raw.get("gate_changes") is None else bool(raw["gate_changes"])
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise IntegrityError(
            f"{GATE_NAME} is no record of a gate; promote the bundle again"
        ) from None
    told["record_sha256"] = hashlib.sha256(record).hexdigest()
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _only(facts: Facts, names: tuple[str, ...]) -> Facts:
    return {name: facts[name] for name in names if name in facts}


def _calibration(found: Calibration) -> Calibration:
    fitted = found.fitted_on
    if fitted is not None:
        fitted = {name: fitted[name] for name in _OF_FIT if name in fitted}
    return Calibration(tuple(_map(one) for one in found.tasks), fitted)


def _map(one: TaskCalibration) -> TaskCalibration:
    """Return a map that computes the same, without how it was chosen."""
    needed = one.shares if one.operating_prevalence is not None else ()
    return replace(one, shares=needed, losses={}, reason=None)


def _thresholds(found: Thresholds) -> Thresholds:
    told = tuple(_threshold(one) for one in found.thresholds if _is_told(one, found.safeguarding))
    return replace(found, thresholds=told, comparisons=(), withheld=("recall",))


def _is_told(one: Threshold, safeguarding: tuple[str, ...]) -> bool:
    return one.purpose == "precision" or one.value is None or one.label in safeguarding


def _threshold(one: Threshold) -> Threshold:
    return replace(
        one,
        recall=None,
        recall_low=None,
        positive_clusters=0,
        negative_clusters=0,
        lack=None if one.lack is None else _LACK,
        caution=None if one.caution is None else _CAUTION,
    )
