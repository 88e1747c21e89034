"""Keep the file of frozen tensors, so that the runs of a study share it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class KeptFrozen:
    """Files of tensors that training never changes, shared between runs as hard links.

    A table of words is hundreds of megabytes, the same in all trials of a study. A link stays a
    whole file when the others are removed. Where links are not possible, each run writes its own.

    Attributes:
        folder: Folder of the links, on the disk of the runs; whoever made it removes it.
        sha256_of: Hash of the file by that of its tensors, as this process wrote it.
    """

    folder: Path
    sha256_of: dict[str, str] = field(default_factory=dict)

    def give(self, key: str, path: Path) -> str | None:
        """Make a file of the same tensors also appear at ``path``.

        Args:
            key: Hash of the tensors, see :func:`weights_sha256`.
            path: Where the file is wanted.

        Returns:
            sha256 of the file; None if there is none, or it cannot be linked.
        """
        sha256 = self.sha256_of.get(key)
        if sha256 is None:
            return None
        try:
            os.link(self.folder / sha256, path)
        except OSError:
            return None
        return sha256

    def take(self, key: str, path: Path, sha256: str) -> None:
        """Keep a file that was just written with the tensors of this hash."""
        with suppress(OSError):
            self.folder.mkdir(exist_ok=True)
            with suppress(FileExistsError):  # another process wrote the same
                os.link(path, self.folder / sha256)
            self.sha256_of[key] = sha256
