"""Write the last files of a bundle: card, bill of materials, manifest, and its signature."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from adverts.bundle.papers.bom import bom_json
from adverts.bundle.papers.bundle_facts import read_bundle_facts
from adverts.bundle.papers.markdown_papers import write_card
from adverts.errors import InputError
from adverts.files.file_hash import file_sha256
from adverts.files.staging import require_disk, staging
from adverts.runtime.manifest import BOM_NAME, CARD_NAME, MANIFEST_NAME, MODEL_NAME, BundleManifest
from adverts.runtime.opening.bundle import Bundle, open_bundle
from adverts.runtime.opening.signature import SIGNATURE_NAME
from adverts.signing import read_private_key, signature_of

_NOT_YET = (CARD_NAME, BOM_NAME, MANIFEST_NAME, SIGNATURE_NAME)
_MARGIN_BYTES = 10_000_000


def write_papers(work: Path, manifest: BundleManifest) -> BundleManifest:
    """Write card, bill of materials and manifest of a bundle, and return the new manifest.

    Args:
        work: Folder that holds every other file of the bundle.
        manifest: Manifest to write; its file hashes are computed again.
    """
    names = sorted(file.name for file in work.iterdir())
    hashes = {name: file_sha256(work / name) for name in names if name not in _NOT_YET}
    for name, write in ((CARD_NAME, write_card), (BOM_NAME, bom_json)):
        told = read_bundle_facts(work, replace(manifest, files=hashes))
        (work / name).write_text(write(told), encoding="utf-8")
        hashes = {**hashes, name: file_sha256(work / name)}
    found = replace(manifest, files=dict(sorted(hashes.items())))
    (work / MANIFEST_NAME).write_text(found.to_json(), encoding="utf-8")
    return found


def sign_bundle(folder: Path, private_key: Path) -> None:
    """Write the signature of a bundle into its folder, and replace an older one.

    The same bundle and key give the same bytes.

    Args:
        folder: Folder of the whole bundle, which is verified before it is signed.
        private_key: Path of an unencrypted PEM file with an Ed25519 private key (PKCS #8), which
            only its owner can read.

    Raises:
        InputError: There is no bundle or no such key.
        IntegrityError: The bundle has changed since its export.
    """
    key = read_private_key(private_key)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a bundle: only a folder is signed")
    open_bundle(folder)
    manifest = (folder / MANIFEST_NAME).read_bytes()
    text = signature_of(manifest, key)
    partial = folder.parent / f".{folder.name}.{SIGNATURE_NAME}.partial"
    partial.write_text(text, encoding="utf-8")
    partial.replace(folder / SIGNATURE_NAME)


@contextmanager
def staged_bundle(folder: Path, source: Bundle, *, signing_key: Path | None) -> Iterator[Path]:
    """Yield an empty folder to write a bundle into; it becomes ``folder`` if the block succeeds.

    Args:
        folder: Folder of the bundle, which is made or replaced.
        source: The bundle that it is made from; its size is used to check the free disk space.
        signing_key: Path of the private key that signs the new bundle; None: it is not signed.

    Raises:
        InputError: The disk is full, another process is writing the folder, or ``signing_key`` is
            no key.
    """
    size = sum((source.folder / name).stat().st_size for name in source.manifest.files)
    require_disk(folder, size + _MARGIN_BYTES)
    with staging(folder, marker=MODEL_NAME) as partial:
        work = partial / "bundle"  # a bundle may hold no other files
        work.mkdir()
        yield work
        if signing_key is not None:
            sign_bundle(work, signing_key)
        for file in work.iterdir():
            file.rename(partial / file.name)
        work.rmdir()
