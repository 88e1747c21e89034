"""Add the findings of a gate to a bundle, without changing what the bundle predicts."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from adverts.bundle.papers.bundle_facts import PROMOTED_ALTHOUGH
from adverts.bundle.papers.write_papers import sign_bundle, staged_bundle, write_papers
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.gate_record import ConditionResult, GateRecord
from adverts.files.staging import require_disk
from adverts.runtime.manifest import COVERAGE_NAME, GATE_NAME, MANIFEST_NAME, BundleManifest
from adverts.runtime.opening.bundle import Bundle, open_bundle
from adverts.runtime.rules.coverage import Coverage, CoveredSlice
from adverts.signing import read_private_key

_BEFORE_CELL = f", {CELL} "  # the part of a scope before the value of the slice

Cell = tuple[str, str, str]
_NO_PASS = ("failed", "insufficient")


def coverage_of(record: GateRecord) -> Coverage:
    """Return the status of each language, script and modality that a gate judged by itself.

    A slice is ``supported`` if all its conditions passed, and ``experimental`` if a condition could
    not judge it or only reported on it. Missing slices have no evidence and are left to people.
    """
    slices: dict[Cell, list[ConditionResult]] = {}
    for result in record.results:
        cell = _cell_of(result)
        if cell is not None:
            slices.setdefault(cell, []).append(result)
    left = {(one.language, one.script, one.modality) for one in record.abstained}
    return Coverage(
        tuple(
            _covered(cell, slices.get(cell, []), abstains=cell in left)
            for cell in sorted(left | set(slices))
        )
    )


def _covered(cell: Cell, results: list[ConditionResult], *, abstains: bool) -> CoveredSlice:
    if abstains:
        why = "; ".join(one.message or one.found for one in results if one.outcome == "abstained")
        return CoveredSlice(*cell, "abstain", why or "too little evidence")
    open_ones = [one for one in results if one.outcome != "passed"]
    if open_ones:
        why = "; ".join(one.message or one.found for one in open_ones)
        return CoveredSlice(*cell, "experimental", why)
    met = ", ".join(sorted({one.name for one in results}))
    return CoveredSlice(*cell, "supported", f"meets {met}")


def _cell_of(result: ConditionResult) -> Cell | None:
    value = result.scope.partition(_BEFORE_CELL)[2]
    if not value:
        return None
    language, script, modality = value.rsplit(", ", 2)
    return language, script, modality


def require_promotable(manifest: BundleManifest, record: GateRecord) -> None:
    """Refuse a bundle that the gate did not pass.

    Raises:
        InputError: The bundle is a partner's, the record is about another model or about stored
            predictions, its verdict is not ``passed``, or its conditions contradict that verdict.
    """
    identity = manifest.identity()
    if manifest.audience == "partner":
        raise InputError(
            "this is a partner's bundle, which must not contain a full gate record; promote the "
            "internal bundle, and make the partner's from that"
        )
    if record.model != identity:
        raise InputError(
            f"the gate record is for model {record.model[:12]}, but the bundle is {identity[:12]}; "
            "evaluate this bundle with the gate"
        )
    judged = [("bundle", record.model_kind)]
    judged += [("champion", record.champion_kind)] if record.champion is not None else []
    for what, kind in judged:
        if kind != "bundle":
            raise InputError(
                f"the gate judged {kind or 'an unknown form'} of the {what}, which is no "
                "evidence about the files that are promoted; evaluate the bundle itself, against "
                "the champion's bundle"
            )
    if record.verdict != "passed":
        raise InputError(
            f"the gate {record.gate} did not pass this bundle: its verdict is {record.verdict!r}; "
            "only a bundle that passed can be promoted"
        )
    unmet = sorted({one.name for one in record.results if one.outcome in _NO_PASS})
    if unmet:
        raise InputError(
            f"the gate record says {record.verdict!r}, but these conditions were not met: "
            f"{', '.join(unmet)}; no gate writes both, so evaluate the bundle again"
        )


def add_evidence(
    bundle: Bundle,
    record: GateRecord,
    record_bytes: bytes,
    *,
    exceptions: Mapping[str, str] | None = None,
    signing_key: Path | None = None,
) -> Bundle:
    """Write a gate record and its coverage into a bundle, and return the bundle read back.

    The bundle's folder is replaced whole or not at all. It stays unchanged if it already holds the
    same record. The manifest changes, so an older signature is no longer valid and is removed.

    Args:
        bundle: The bundle that the gate passed.
        record: The gate record.
        record_bytes: Content of the file of ``record``; the bundle keeps it byte for byte.
        exceptions: Maps each rule that would refuse the promotion to the reason for promoting all
            the same; written to the manifest and the card of the bundle.
        signing_key: Path of the private key that signs the new bundle; None: it is not signed.

    Raises:
        InputError: The disk is full, another process is writing the folder, the bundle is an
            archive, or ``signing_key`` is not a key.
        IntegrityError: The bundle has changed since it was opened.
    """
    folder, files = bundle.folder.resolve(), bundle.manifest.files
    if not folder.is_dir():
        raise InputError(f"{folder} is an archive; unpack it, and promote the folder")
    if signing_key is not None:
        read_private_key(signing_key)
    manifest = _with_exceptions(bundle.manifest, exceptions or {})
    recorded = files.get(GATE_NAME) == hashlib.sha256(record_bytes).hexdigest()
    if recorded and (not exceptions or manifest == bundle.manifest):
        if signing_key is not None:
            sign_bundle(folder, signing_key)
        return bundle
    with staged_bundle(folder, bundle, signing_key=signing_key) as work:
        for name in (*files, MANIFEST_NAME):
            shutil.copyfile(folder / name, work / name)
        _open_judged(work, record, place=folder)
        _write(work, manifest, record, record_bytes)
        assert open_bundle(work).manifest.identity() == record.model, "evidence changes no model"
    return open_bundle(folder)


def private_copy(folder: Path, record: GateRecord, record_bytes: bytes, *, into: Path) -> Path:
    """Copy a bundle to where nobody else writes, and return the copy, which holds the evidence.

    Whoever exchanges the folder after it was judged thus hands on nothing that no gate passed.

    Args:
        folder: Folder of the bundle, to which the evidence was added.
        record: The gate record.
        record_bytes: Content of the file of ``record``.
        into: Folder that only this process writes to.

    Raises:
        InputError: The disk is full.
        IntegrityError: It is not the bundle of the record, or does not hold the record.
    """
    copy = into / folder.resolve().name
    require_disk(copy, sum(one.stat().st_size for one in folder.iterdir()))
    shutil.copytree(folder, copy)
    held = _open_judged(copy, record, place=folder).manifest.files.get(GATE_NAME)
    if held != hashlib.sha256(record_bytes).hexdigest():
        raise _exchanged(folder)
    return copy


def _open_judged(copy: Path, record: GateRecord, *, place: Path) -> Bundle:
    bundle = open_bundle(copy)  # verifies that the copy is whole
    if bundle.manifest.identity() != record.model:
        raise _exchanged(place)
    return bundle


def _exchanged(folder: Path) -> IntegrityError:
    return IntegrityError(
        f"{folder} was exchanged while it was promoted: it no longer holds the bundle that the "
        "gate judged; nothing was promoted. Bring that bundle back, and promote it again"
    )


def _with_exceptions(manifest: BundleManifest, exceptions: Mapping[str, str]) -> BundleManifest:
    """Return the manifest with the exceptions of this promotion in place of earlier ones."""
    kept = {name: one for name, one in manifest.training.items() if name != PROMOTED_ALTHOUGH}
    if exceptions:
        kept[PROMOTED_ALTHOUGH] = dict(exceptions)
    return replace(manifest, training=kept)


def _write(work: Path, manifest: BundleManifest, record: GateRecord, record_bytes: bytes) -> None:
    (work / GATE_NAME).write_bytes(record_bytes)
    (work / COVERAGE_NAME).write_text(coverage_of(record).to_json(), encoding="utf-8")
    write_papers(work, manifest)
