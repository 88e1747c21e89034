"""Add to a bundle what a gate found about it: evidence, which changes nothing that it says."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from adverts.bundle.papers.card_tables import PROMOTED_ALTHOUGH
from adverts.bundle.papers.write_papers import (
    read_private_key,
    sign_bundle,
    staged_bundle,
    write_papers,
)
from adverts.errors import InputError
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.gate_record import ConditionResult, GateRecord
from adverts.runtime.manifest import COVERAGE_NAME, GATE_NAME, MANIFEST_NAME, BundleManifest
from adverts.runtime.opening.bundle import Bundle, open_bundle
from adverts.runtime.rules.coverage import Coverage, CoveredSlice

_BEFORE_CELL = f", {CELL} "  # of a scope, before the value of the slice

Cell = tuple[str, str, str]
_NO_PASS = ("failed", "insufficient")


def coverage_of(record: GateRecord) -> Coverage:
    """Return what a gate record says of each language, script and modality that it judged itself.

    Supported is a slice of which every condition passed, experimental one of which a condition
    could not tell or was not asked to decide. What is not here has no evidence and is for people.
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
        InputError: It is a partner's, the record is of another model, its verdict is not
            ``passed``, or its own conditions contradict that.
    """
    identity = manifest.identity()
    if manifest.audience == "partner":
        raise InputError(
            "the bundle is a partner's, and a full gate record does not belong in it; promote the "
            "internal bundle, and make the partner's from that"
        )
    if record.model != identity:
        raise InputError(
            f"the gate record is of model {record.model[:12]}, the bundle is {identity[:12]}; "
            "evaluate this very bundle with the gate"
        )
    if record.verdict != "passed":
        raise InputError(
            f"the gate {record.gate} did not pass this bundle, its verdict is {record.verdict!r}; "
            "only a bundle that passed is promoted"
        )
    unmet = sorted({one.name for one in record.results if one.outcome in _NO_PASS})
    if unmet:
        raise InputError(
            f"the gate record says {record.verdict!r}, and that these conditions were not met: "
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
    """Write a gate record and what follows from it into a bundle, and return it read back.

    The bundle's folder is replaced whole or not at all; with the same record it stays as it is.
    Since its manifest becomes another one, an older signature is not of it and falls away.

    Args:
        bundle: That the gate passed.
        record: What the gate found.
        record_bytes: The file that it was read from, which the bundle holds byte for byte.
        exceptions: Why it is promoted although it would be refused, by what that is about; the
            manifest and the card of the bundle tell it.
        signing_key: Path of the private key that signs the bundle anew; None: nobody does.

    Raises:
        InputError: The disk is full, another process is writing the folder, the bundle is an
            archive, or ``signing_key`` is no key.
        IntegrityError: The bundle is no longer what it was when it was opened.
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
        open_bundle(work)  # what was copied is what was opened
        _write(work, manifest, record, record_bytes)
        assert open_bundle(work).manifest.identity() == record.model, "evidence changes no model"
    return open_bundle(folder)


def _with_exceptions(manifest: BundleManifest, exceptions: Mapping[str, str]) -> BundleManifest:
    """Return the manifest with what this promotion was allowed for; that of an earlier one goes."""
    kept = {name: one for name, one in manifest.training.items() if name != PROMOTED_ALTHOUGH}
    if exceptions:
        kept[PROMOTED_ALTHOUGH] = dict(exceptions)
    return replace(manifest, training=kept)


def _write(work: Path, manifest: BundleManifest, record: GateRecord, record_bytes: bytes) -> None:
    (work / GATE_NAME).write_bytes(record_bytes)
    (work / COVERAGE_NAME).write_text(coverage_of(record).to_json(), encoding="utf-8")
    write_papers(work, manifest)
