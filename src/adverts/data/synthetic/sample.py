"""Rewrites the committed sample: ``python -m adverts.data.synthetic.sample [folder]``."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from adverts.data.synthetic.corpus import IMAGES, write_corpus

FOLDER = Path("data/synthetic")
ROWS = "sample.jsonl"


def write_sample(folder: Path) -> Path:
    """Write 100 adverts, 40 of them with a picture in Latin script; return the path of the rows.

    Other files in the folder stay as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        written = write_corpus(
            Path(name) / "corpus",
            adverts=100,
            images=40,
            image_scripts=["Latn"],
            languages=["en", "fr", "sq", "ar"],
            seed=10,
            progress=False,
        )
        shutil.rmtree(folder / IMAGES, ignore_errors=True)
        os.replace(written.parent / IMAGES, folder / IMAGES)
        os.replace(written, folder / ROWS)
    return folder / ROWS


if __name__ == "__main__":
    print(write_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
