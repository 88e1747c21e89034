"""Write the draft of a bundle's transparency record next to the bundle, and never into it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from adverts.bundle.papers.bundle_facts import read_bundle_facts
from adverts.bundle.papers.markdown_papers import transparency_record
from adverts.runtime.manifest import CARD_NAME
from adverts.runtime.opening.bundle import open_bundle


def write_transparency_record(folder: Path) -> str:
    """Write the draft of a bundle next to its folder, and return a one-line message.

    An unchanged draft is replaced. A file that people have edited stays as it is, and the message
    says so.

    Raises:
        InputError: There is no bundle at ``folder``.
        IntegrityError: The bundle has changed since its export.
    """
    folder = folder.resolve()
    told = read_bundle_facts(folder, open_bundle(folder).manifest)
    path = folder.with_name(f"{folder.name}.transparency.md")
    if path.exists() and not _is_untouched(path.read_bytes()):
        return (
            f"{path}: people have written in it, so it stays as it is; what the bundle says by now "
            f"is in {folder / CARD_NAME}"
        )
    text = transparency_record(told).encode()
    partial = path.with_name(f".{path.name}.partial")  # a cut-off file would count as edited
    partial.write_bytes(text + _seal(text))
    partial.replace(path)
    return f"{path}: a draft, for people to complete"


def _seal(text: bytes) -> bytes:
    """Return a last line that shows whether the text above it was changed."""
    return b"\n<!-- draft, unchanged: %s -->\n" % hashlib.sha256(text).hexdigest().encode()


def _is_untouched(found: bytes) -> bool:
    text = found[: -len(_seal(b""))]
    return found == text + _seal(text)
