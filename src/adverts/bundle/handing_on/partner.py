"""Make a partner's bundle: an internal bundle without the facts that only the unit may know."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from adverts.bundle.export.exportable import is_taken, taken
from adverts.bundle.export.fictional_examples import examples_json
from adverts.bundle.papers.sharing_terms import require_sharable
from adverts.bundle.papers.write_papers import staged_bundle, write_papers
from adverts.errors import InputError, IntegrityError, ParityError
from adverts.files.bounded_reading import parse_json
from adverts.runtime.manifest import (
    COVERAGE_NAME,
    EXAMPLES_NAME,
    GATE_NAME,
    MODEL_NAME,
    TOKENIZER_NAME,
    BundleManifest,
)
from adverts.runtime.opening.bundle import Bundle, open_bundle
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.rules.calibration import Calibration, TaskCalibration
from adverts.runtime.rules.coverage import Coverage
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.label_facts import FILE_NAME as LABELS_NAME
from adverts.runtime.rules.thresholds import Threshold, Thresholds
from adverts.runtime.stream.examples import read_examples, replay_examples
from adverts.runtime.stream.json_lines import respond

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
_CAUTION = "a default: there is no evidence for the promise"
_REASONS = {
    "supported": "meets the conditions of the gate",
    "experimental": "not enough evidence on its own",
    "abstain": "too little evidence: leave it to a person",
}
_AS_THEY_ARE = (MODEL_NAME, TOKENIZER_NAME, LABELS_NAME)


def partner_manifest(manifest: BundleManifest) -> BundleManifest:
    """Return the manifest with known facts only, without run, commit and sources of the data."""
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
    """Return calibration and thresholds with the same decisions above the precision thresholds.

    Recall thresholds show below which probability the unit ignores adverts, so they are withheld.
    Those of signs of danger stay. So do those that lack evidence, below which everything abstains.
    The early exit is withheld for the same reason: the whole model judges every advert.
    """
    return DecisionRules(_calibration(rules.calibration), _thresholds(rules.thresholds))


def partner_coverage(coverage: Coverage) -> Coverage:
    """Return where the model may be used, without the figures behind it."""
    return Coverage(tuple(replace(one, reason=_REASONS[one.status]) for one in coverage.slices))


def partner_gate(record: bytes) -> str:
    """Return the summary of a gate record as JSON: gate, verdict, day, split, its size, and model.

    ``record_sha256`` is the hash of the full record, which the unit can show.

    Raises:
        IntegrityError: ``record`` is not a gate record.
    """
    try:
        raw = parse_json(record, finite=False)
        told = {name: raw[name] for name in _OF_GATE}
        told["schema_version"] = raw["schema_version"]
        told["created"] = str(raw["created"])[:10]
        told["gate_changed"] = (
            None if raw.get("gate_changes") is None else bool(raw["gate_changes"])
        )
    except (ValueError, KeyError, TypeError):
        raise IntegrityError(
            f"{GATE_NAME} is not a gate record; promote the bundle again"
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
    """Return a calibration that computes the same, without how it was chosen."""
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


def partner_bundle(
    internal: Path, folder: Path, *, signing_key: Path | None = None, replace: bool = False
) -> Bundle:
    """Make a partner's bundle from an internal one, promoted or not, and prove it.

    It gives the same probabilities, bit for bit. Of the recall thresholds it holds only those of
    signs of danger. It holds no figure of a slice, no count of clusters, no run and no commit.

    Args:
        internal: Folder of the internal bundle, which stays unchanged.
        folder: Folder of the new bundle; must be new or empty, unless ``replace``.
        signing_key: Path of the private key that signs the bundle; None: it is not signed.
        replace: Whether a bundle at ``folder`` may be replaced.

    Raises:
        InputError: The terms of data or weights forbid sharing, the bundle is already a partner's,
            it is an archive, or the folder is taken.
        IntegrityError: The internal bundle has changed since it was written.
        ParityError: The partner's bundle gives other probabilities; nothing is left.
    """
    folder, bundle = folder.resolve(), open_bundle(internal)
    _require_usable(bundle, folder, replace=replace)
    with staged_bundle(folder, bundle, signing_key=signing_key) as work:
        _write(work, bundle)
        _prove(work, internal)
    return open_bundle(folder)


def _require_usable(bundle: Bundle, folder: Path, *, replace: bool) -> None:
    manifest = bundle.manifest
    if manifest.audience == "partner":
        raise InputError(f"{bundle.folder} is already a partner's bundle; give an internal one")
    if not bundle.folder.is_dir():
        raise InputError(
            f"{bundle.folder} is an archive; unpack it, and give from_bundle the folder"
        )
    require_sharable(manifest.dataset, manifest.weights)
    if is_taken(folder) and not replace:
        raise InputError(taken(folder))


def _write(work: Path, bundle: Bundle) -> None:
    for name in _AS_THEY_ARE:
        if name in bundle.manifest.files:
            shutil.copyfile(bundle.folder / name, work / name)
    texts = dict(partner_rules(bundle.rules).files())
    if bundle.coverage.slices:
        texts[COVERAGE_NAME] = partner_coverage(bundle.coverage).to_json()
    if GATE_NAME in bundle.manifest.files:
        texts[GATE_NAME] = partner_gate((bundle.folder / GATE_NAME).read_bytes())
    for name, text in texts.items():
        (work / name).write_text(text, encoding="utf-8")
    manifest = write_papers(work, partner_manifest(bundle.manifest))
    (work / EXAMPLES_NAME).write_text(_examples(work, bundle), encoding="utf-8")
    write_papers(work, manifest)


def _examples(work: Path, bundle: Bundle) -> str:
    """Return the examples with the review bands of the partner's thresholds."""
    tolerance = json.loads(bundle.texts[EXAMPLES_NAME])["tolerance"]
    return examples_json(Classifier.load(work), tolerance=tolerance)


def _prove(work: Path, internal: Path) -> None:
    """Require that the copy scores the original's examples the same, to the last bit."""
    here, there = Classifier.load(work), Classifier.load(internal)
    replay_examples(here)
    requests = [one.request for one in read_examples(there).adverts]
    own = respond(there, requests, early_exit=False)  # a partner's bundle has no early exit
    pairs = zip(respond(here, requests), own, strict=True)
    if any(said.probabilities != known.probabilities for said, known in pairs):
        raise ParityError(f"{internal}: the probabilities of a partner's copy differ from its own")
