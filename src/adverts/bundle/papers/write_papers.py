"""The last files of a bundle: card, bill of materials, and the manifest that hashes the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from adverts.bundle.papers.bom import bom_json
from adverts.bundle.papers.bundle_facts import read_told
from adverts.bundle.papers.card import write_card
from adverts.files.file_hash import file_sha256
from adverts.runtime.manifest import BOM_NAME, CARD_NAME, MANIFEST_NAME, BundleManifest
from adverts.runtime.opening.signature import SIGNATURE_NAME

_NOT_YET = (CARD_NAME, BOM_NAME, MANIFEST_NAME, SIGNATURE_NAME)


def write_papers(work: Path, manifest: BundleManifest) -> BundleManifest:
    """Write card, bill of materials and manifest of what lies in ``work``; return the manifest.

    Args:
        work: Holds every other file of the bundle.
        manifest: Whose hashes are made anew.
    """
    names = sorted(file.name for file in work.iterdir())
    hashes = {name: file_sha256(work / name) for name in names if name not in _NOT_YET}
    for name, write in ((CARD_NAME, write_card), (BOM_NAME, bom_json)):
        told = read_told(work, replace(manifest, files=hashes))
        (work / name).write_text(write(told), encoding="utf-8")
        hashes = {**hashes, name: file_sha256(work / name)}
    found = replace(manifest, files=dict(sorted(hashes.items())))
    (work / MANIFEST_NAME).write_text(found.to_json(), encoding="utf-8")
    return found
