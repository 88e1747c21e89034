"""The simulated platform answers its notices: ``python -m mission.platform SENT ANSWERS.csv``."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from mission.reviewers import read_rows, write_rows

_ANSWERS = (
    *("removed", "removed", "already gone", "removed", "removed"),
    *("kept", "removed", "no answer", "removed", "restricted"),
)
"""What it answers to each ten notices."""
_COLUMNS = (
    *("reference", "answer", "at", "where"),
    *("ground", "automated", "statement_id", "appeal"),
)


def answer_notices(sent: Path, out: Path, *, without: str) -> int:
    """Write the answers to the notices of a folder that was sent, and return how many there are.

    Args:
        sent: The folder.
        out: New file of the answers.
        without: Reference of a notice that was withdrawn before anybody looked at it.
    """
    _, notices = read_rows(sent / "notices.csv")
    references = [one["reference"] for one in notices if one["reference"] != without]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    rows = [_answer(one, place, at) for place, one in enumerate(references)]
    write_rows(out, _COLUMNS, rows)
    return len(rows)


def _answer(reference: str, place: int, at: str) -> dict[str, str]:
    kind = _ANSWERS[place % len(_ANSWERS)]
    row = dict.fromkeys(_COLUMNS, "") | {"reference": reference, "answer": kind, "appeal": "none"}
    if kind != "no answer":
        row["at"] = at
    if kind == "removed":
        row["ground"] = "terms"
    if kind == "restricted":
        row["where"] = "GB"
    return row


def main() -> None:
    """Answer the notices of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sent", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--without", default="")
    asked = parser.parse_args()
    answered = answer_notices(asked.sent, asked.out, without=asked.without)
    print(f"{asked.out}: the platform answered {answered:,} notices")


if __name__ == "__main__":
    main()
