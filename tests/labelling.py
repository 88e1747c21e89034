"""A sheet of made-up adverts, and what a reviewer does on its page."""

import csv
import io
from dataclasses import dataclass

from adverts.data.review.answer_sheet import read_answer_sheet
from adverts_findings.survey.sample import Choice, ReviewQuestion
from adverts_findings.survey.sheets.items import Item
from adverts_findings.survey.sheets.review_page import write_review_page

SEAL = "5ea1" * 16
FEW = ReviewQuestion(
    "refer",
    (
        Choice("yes", "Sells or arranges a tour of the museum.", True),
        Choice("no", "Anything else.", False),
    ),
    "museum-1",
)
MANY = ReviewQuestion(
    "class",
    tuple(Choice(f"kind_{i}", f"Adverts of kind {i}. " * 4, i < 3) for i in range(21)),
    "museum-2",
)
HEADER = [
    "part",
    "cluster",
    "example",
    "adverts",
    "reason",
    "label.refer",
    "note",
    "sample",
    "round",
    "reviewer",
    "reviewed_at",
    "saw_others",
]


def item(number, **changes):
    facts = {
        "text": f"Tour {number} of the museum, write to <PHONE>",
        "picture_text": "",
        "pictures": (),
        "language": "en",
    }
    return Item(name=f"i{number:020d}", **{**facts, **changes})


def write(path, items, question=FEW, **changes):
    facts = {"sample": SEAL, "round": 1, "design": "estimate"}
    write_review_page(path, items, question, **{**facts, **changes})
    return path


def sheet_of(rows):
    """A file as the page saves it, of items, labels, notes and times."""
    cells = [
        [item, "", item, "1", "sampled", label, note, SEAL, "1", "Ana", time, "no"]
        for item, label, note, time in rows
    ]
    lines = [",".join(f'"{cell}"' for cell in row) + "\r\n" for row in (HEADER, *cells)]
    return "\ufeff" + "".join(lines)


def start(page, name="Ana", saw="no"):
    """Fill in the first screen by keyboard alone: the name, No or Yes, and Enter."""
    page.locator("#name").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.press("Space" if saw == "no" else "ArrowRight")
    page.keyboard.press("Enter")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


@dataclass(frozen=True)
class Saved:
    """A file that the page wrote."""

    name: str
    data: bytes
    path: object

    @property
    def rows(self):
        text = self.data.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    @property
    def labels(self):
        return [row["label.refer"] for row in self.rows]

    def answers(self, task="refer"):
        """What the program itself reads."""
        return read_answer_sheet(self.path, task)


def save(page, folder):
    with page.expect_download() as waiting:
        page.keyboard.press("s")
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return Saved(waiting.value.suggested_filename, path.read_bytes(), path)
