"""Writes a synthetic corpus beside a dataset, for as long as the dataset is prepared from it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adverts.config.data import DataConfig, FileSource, SyntheticSource
from adverts.data.sources.open_files import open_files
from adverts.data.sources.raw_rows import Source


@contextmanager
def written_corpus(data: DataConfig, folder: Path) -> Iterator[Source]:
    """Write the synthetic corpus next to the dataset, and remove it when the context ends.

    The remains of a killed process are removed first; no other process prepares here meanwhile.
    """
    from adverts.data.synthetic.corpus import write_corpus

    source = data.source
    assert isinstance(source, SyntheticSource), "only a synthetic corpus is written first"
    place = folder.with_name(f".{folder.name}.synthetic")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    try:
        path = write_corpus(
            place / "corpus",
            adverts=source.adverts,
            images=source.images,
            image_scripts=source.image_scripts,
            languages=source.languages,
            seed=source.seed,
            progress=sys.stderr.isatty(),
        )
        most = data.row_limits.max_bytes
        files = FileSource(kind="jsonl", paths=(path.name,))
        yield open_files(path.parent, files, max_row_bytes=most)
    finally:
        shutil.rmtree(place, ignore_errors=True)
