"""A file of adverts that is given by its path, and the settings that it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adverts.config.override_words import as_word
from adverts.data.mapping.guess_config import kind_of_file
from adverts.data.sources.raw_rows import Source
from adverts.errors import InputError

KEYS = {
    name: f"data.columns.{name}"
    for name in ("id", "text", "image", "lang", "group", "account", "posted_week")
}


@dataclass(frozen=True, slots=True)
class OneFile:
    """A file of adverts that a caller gave by its path.

    Attributes:
        path: The file.
        kind: Its kind, such as ``csv``.
        pattern: Its name as a pattern that only it matches.
        source: Its rows.
    """

    path: Path
    kind: str
    pattern: str
    source: Source

    def words(self, columns: Mapping[str, str]) -> list[str]:
        """Return the settings that say where the adverts are, and which columns hold what.

        Args:
            columns: Maps names in ``data.columns`` to columns; without ``id`` there is none, unless
                a column is called so.
        """
        words = [
            as_word("data", self.kind),
            as_word("data.root", self.path.absolute().parent),
            as_word("data.source.paths", [self.pattern]),
        ]
        if "id" not in columns and "id" not in (self.source.columns or ()):
            words.append(as_word(KEYS["id"], None))
        if "text" not in columns and "image" in columns:
            words.append(as_word(KEYS["text"], None))
        return words + [as_word(KEYS[name], one) for name, one in columns.items()]


def open_file(path: Path) -> OneFile:
    """Open a file by its path.

    Raises:
        InputError: It does not exist, or is of another kind.
    """
    if not path.is_file():
        raise InputError(
            f"{path} does not exist; give a file, a folder, a table in memory, or the "
            "name of a packaged dataset"
        )
    from adverts.config import FileSource
    from adverts.data.sources.open_files import open_files

    kind = kind_of_file(path)
    literal = re.sub(r"([*?\[])", r"[\1]", path.name)
    config = FileSource.model_validate({"kind": kind, "paths": (literal,)})
    source = open_files(path.absolute().parent, config, max_row_bytes=8_000_000)
    return OneFile(path, kind, literal, source)
