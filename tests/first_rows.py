"""Print the ten rows of a scored table that a person should look at first: ``make demo``."""

import csv
import sys
from pathlib import Path

WIDTH = 100


def main(path: Path) -> None:
    """Print band, score, label as it is in truth, and the beginning of the text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["score"]]
    rows.sort(key=lambda row: -float(row["score"]))
    print(f"The ten of {len(rows)} new posts that a person should look at first:")
    print(f"  {'score':>5}  {'band':8}  {'in truth':22}  text")
    for row in rows[:10]:
        text = " ".join(row["text"].split())
        told = text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"
        print(
            f"  {float(row['score']):5.2f}  {row['review_band']:8}  {row['label'][:22]:22}  {told}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
