"""Small sealed samples, and the sheets that people fill in for them."""

import csv
import io

from adverts.advert import LabelSchema, Task
from adverts.data.review.reviews import Review, item_name
from adverts_findings.survey.designs.strata import Stratum
from adverts_findings.survey.sample import (
    Choice,
    Draw,
    FrameFacts,
    Planted,
    ReviewQuestion,
    Sample,
    SealedStratum,
)

SEALED_AT, NOW = "2026-03-01T09:00:00+00:00", "2026-03-05T12:00:00+00:00"
TASK = Task("refer", "single", ("no", "yes"), "yes")
QUESTION = ReviewQuestion(
    "refer",
    (
        Choice("no", "Nothing in it needs a referral.", positive=False),
        Choice("yes", "It offers <what> & needs a referral.", positive=True),
    ),
    "codebook-1",
)
FRAME = FrameFacts(
    description="made-up posts",
    scores="scores/made",
    hash="f" * 64,
    bundle="b" * 64,
    adverts=100,
    templates=90,
    accounts=None,
    views=None,
    first_collected=None,
    last_collected=None,
    unscored=0,
    unreadable=0,
    repeated=0,
    token_key_id="none",
    expires="2027-01-01",
)


def name(number):
    """Return the name of the item of an advert that was drawn."""
    return item_name(f"advert-{number}")


def draw(number, *, second=False, adjudicated=False):
    """Return one draw."""
    return Draw(
        item=name(number),
        stratum=0,
        times=1,
        probability=0.01,
        predicted=0.02,
        cluster=f"c{number}",
        sizes={"adverts": 1.0},
        groups={},
        second=second,
        adjudicated=adjudicated,
    )


def asked_sample(draws=5, *, second=(1,), adjudicated=(2,), planted=(90,), design="estimate"):
    """Return a sample whose items are ``name(0)``, ``name(1)``, … and ``name`` of the planted.

    Args:
        draws: Number of adverts drawn.
        second: Numbers of those with a second reviewer in any case.
        adjudicated: Numbers of those that a third person decides in any case.
        planted: Numbers of known positives among them.
        design: What it was drawn for.
    """
    stratum = Stratum("all", adverts=100, expected_positives=2.0, clusters=90)
    return Sample(
        name="made",
        design=design,
        sealed_at=SEALED_AT,
        created_by="tests",
        seed=7,
        frame=FRAME,
        labels=LabelSchema("made", (TASK,), "refer"),
        question=QUESTION,
        budget=draws,
        strata=(SealedStratum(stratum, "adverts", True, draws, 0.0, 1.0, {"adverts": 100.0}, {}),),
        groups=(),
        draws=tuple(
            draw(i, second=i in second, adjudicated=i in adjudicated) for i in range(draws)
        ),
        planted=tuple(Planted(name(i), positive=True) for i in planted),
        second_share=0.2,
        adjudicated_share=0.2,
        factor=10.0,
    )


def said(sample, number, label, reviewer, **changes):
    """Return a review of one item in round 1, unless ``changes`` say otherwise."""
    facts = {
        "item": name(number),
        "task": "refer",
        "label": label,
        "reviewer": reviewer,
        "reviewed_at": "2026-03-02T10:00:00+00:00",
        "blind": True,
        "round": 1,
        "sample": sample.seal,
        "design": sample.design,
        "codebook": "codebook-1",
    }
    return Review(**facts | changes)


def cells_of(path):
    """Return the header of a sheet, and its rows as mappings."""
    text = path.read_bytes().decode("utf-8-sig")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    return reader.fieldnames, list(reader)


def fill(path, answers, *, delimiter=",", **others):
    """Fill in a sheet as a person does in a spreadsheet.

    Args:
        path: The sheet; it is replaced.
        answers: Maps items to labels.
        delimiter: What the spreadsheet writes between cells.
        others: Cells of each row with a label; the rest of the sheet stays.
    """
    header, rows = cells_of(path)
    cells = {"reviewer": "anna", "saw_others": "no"} | others
    for row in rows:
        if row["example"] in answers:
            row |= cells | {"label.refer": answers[row["example"]]}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode())
    return path
