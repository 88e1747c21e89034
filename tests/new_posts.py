"""Write 300 fictional posts, with their labels beside them, as a CSV file: ``make demo``."""

import csv
import json
import sys
import tempfile
from pathlib import Path

from adverts.data.synthetic.corpus import ROWS, write_corpus

LANGUAGES = ("en", "fr", "sq", "tr", "vi", "ar", "fa", "ckb", "ps")


def main(path: Path) -> None:
    """Write the file; its posts are not among those of another seed."""
    with tempfile.TemporaryDirectory() as folder:
        drawn = {"adverts": 300, "images": 0, "image_scripts": (), "languages": LANGUAGES}
        place = write_corpus(Path(folder) / "new", **drawn, seed=7, progress=False)
        lines = (place.parent / ROWS).read_text("utf-8").splitlines()
        rows = [one | {"label": one["class"]} for one in map(json.loads, lines)]
    with path.open("w", encoding="utf-8", newline="") as file:
        told = csv.DictWriter(file, ("id", "text", "label"), extrasaction="ignore")
        told.writeheader()
        told.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
