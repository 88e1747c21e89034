"""A bundle that is made from another one: it stands whole in its place, or nothing of it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adverts.bundle.papers.sign import sign_bundle
from adverts.files.staging import require_disk, staging
from adverts.runtime.manifest import MODEL_NAME
from adverts.runtime.opening.bundle import Bundle

_MARGIN_BYTES = 10_000_000


@contextmanager
def staged_bundle(folder: Path, source: Bundle, *, signing_key: Path | None) -> Iterator[Path]:
    """Yield an empty folder to write a bundle into; once the block has ended well it is ``folder``.

    Args:
        folder: What is made or replaced.
        source: The bundle that it is made from, which tells how large it becomes.
        signing_key: Path of the private key that signs it at the end; None: nobody does.

    Raises:
        InputError: The disk is full, another process is writing the folder, or ``signing_key`` is
            no key.
    """
    size = sum((source.folder / name).stat().st_size for name in source.manifest.files)
    require_disk(folder, size + _MARGIN_BYTES)
    with staging(folder, marker=MODEL_NAME) as partial:
        work = partial / "bundle"  # a bundle holds its own files alone
        work.mkdir()
        yield work
        if signing_key is not None:
            sign_bundle(work, signing_key)
        for file in work.iterdir():
            file.rename(partial / file.name)
        work.rmdir()
