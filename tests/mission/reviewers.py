"""The simulated people of the mission: ``python -m mission.reviewers TASK …``.

They know the truth, and err in 3 of 100 answers. Each task stands for what a person does by hand:

* ``sheet``: fills in the sheet of a round of a sample;
* ``queue``: two people look at what the model flagged, a third decides where they differ;
* ``kept``: keeps the posts that they judged group V, for the dataset that texts are read from;
* ``pairs``: an analyst says of pairs of adverts whether one network posted both;
* ``campaigns``: names the campaigns that are worth sharing;
* ``correct``: a third person corrects the mistake that was shared.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from adverts.data.mapping.taxonomy import CLASS_TASK, REFER, read_taxonomy
from adverts.data.review.final_labels import final_labels
from adverts.data.review.reviews import (
    UNSURE,
    Review,
    append_reviews,
    item_name,
    read_reviews,
)
from adverts.files.delimited import delimited
from mission.truth import Known, by_item, read_truth

PEOPLE = ("Cleo Demo", "Dan Demo", "Eve Demo")
"""First reviewer, second reviewer, and the one who decides. None of them approves a share."""
ANALYST = "Fay Demo"
_ERRORS = 0.03
_POSITIVE_MISTAKE, _NEGATIVE_MISTAKE = "offer_crossing", "other_unrelated"
_QUEUE = "queue"
_FEWEST = 3
"""Adverts that a campaign has if it is worth sharing."""
_GROUP = {one.id: one.group for one in read_taxonomy().classes}


def answer(known: Known, rng: random.Random, *, decides: bool = False) -> str:
    """Return the class that a person gives, which is of another group in 3 of 100 answers.

    One charity's post misleads everybody but the person who decides, in samples and in the queue.
    """
    if known.misleads:
        return known.label if decides else _POSITIVE_MISTAKE
    if rng.random() >= _ERRORS:
        return known.label
    return _NEGATIVE_MISTAKE if known.group == "V" else _POSITIVE_MISTAKE


def fill_sheet(asked: argparse.Namespace) -> None:
    """Fill in the sheet of a round of a sample."""
    known = by_item(read_truth(asked.truth))
    person = PEOPLE[asked.round - 1]
    rng = random.Random(f"{person}/{asked.sheet.parent.parent.name}")
    header, rows = read_rows(asked.sheet)
    column = next(one for one in header if one.startswith("label."))
    for row in rows:
        label = answer(known[row["example"]], rng, decides=asked.round == len(PEOPLE))
        if column != f"label.{CLASS_TASK}":  # the question of a model that has one task alone
            label = REFER[_GROUP[label]] or UNSURE
        row |= {column: label, "reviewer": person, "saw_others": "no"}
    write_rows(asked.out, header, rows)
    print(f"{person} answered {len(rows):,} in round {asked.round}: {asked.out}")


def look_at_queue(asked: argparse.Namespace) -> None:
    """Let people look at what the model flagged, and add what they say to the reviews."""
    truth = read_truth(asked.truth)
    before = read_reviews(asked.reviews)
    queue = [truth[one] for one in _flagged(asked.scores, asked.most)]
    queue += [one for one in _without_class(before, truth) if one not in queue]
    queue += [one for one in truth.values() if one.misleads and one not in queue]
    known = {one.item for one in before if one.task == CLASS_TASK}
    left = [one for one in queue if item_name(one.id) not in known]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    said = [one for known in left for one in _reviews(known, at)]
    append_reviews(asked.reviews, [*said, *_in_danger(queue, at)])
    positive = {one.item for one in said if _GROUP[one.label] == "V"}
    print(f"{len(left):,} flagged posts reviewed, {len(positive):,} called group V by somebody")
    wrong = next(one.id for one in queue if one.misleads)
    print(f"one of them is a charity's, and both reviewers were mistaken: {wrong}")


def _flagged(scores: Path, most: int) -> list[str]:
    """Return the ids of the posts with the highest scores."""
    table = pq.read_table(scores / "scores", columns=["id", "score"])
    found = [one for one in table.to_pylist() if one["score"] is not None]
    found.sort(key=lambda one: (-one["score"], one["id"]))
    return [one["id"] for one in found[:most]]


def _without_class(reviews: Sequence[Review], truth: Mapping[str, Known]) -> list[Known]:
    """Return the posts that people called adverts without saying of which class."""
    items = by_item(truth)
    named = {one.item for one in reviews if one.task == CLASS_TASK}
    called = {one.item for one in reviews if one.task != CLASS_TASK and one.label == "yes"}
    return [items[one] for one in sorted(called - named)]


def _reviews(known: Known, at: str) -> Iterator[Review]:
    """Yield what people say of one post, as the rounds of a sample would ask them."""
    rngs = [random.Random(f"{person}/{_QUEUE}/{known.id}") for person in PEOPLE]
    first, second = (answer(known, one) for one in rngs[:2])
    third = answer(known, rngs[2], decides=True)
    yield _review(known.id, first, 1, at)
    if _GROUP[first] == "V":
        yield _review(known.id, second, 2, at)
        if second != first:
            yield _review(known.id, third, 3, at)


def _review(id: str, label: str, number: int, at: str, *, task: str = CLASS_TASK) -> Review:
    return Review(
        item=item_name(id),
        task=task,
        label=label,
        reviewer=PEOPLE[number - 1],
        reviewed_at=at,
        blind=number < 3,
        round={1: 1, 2: 2, 3: 3}[number],  # type: ignore[arg-type]
        sample=_QUEUE,
        design="learn",
        codebook=f"{CLASS_TASK} {_QUEUE}",
    )


def _in_danger(queue: Sequence[Known], at: str) -> list[Review]:
    """Return a signal that keeps one advert from leaving until somebody closes it."""
    adverts = [one.id for one in queue if one.group == "V"]
    task = "safeguarding"
    return [_review(one, "vulnerability_indicator", 1, at, task=task) for one in adverts[-1:]]


def keep_positive(asked: argparse.Namespace) -> None:
    """Write the posts whose final label is of group V, with the pictures where they were."""
    final = final_labels(read_reviews(asked.reviews))
    positive = {
        item
        for (item, task), one in final.items()
        if task == CLASS_TASK and one.label is not None and _GROUP.get(one.label) == "V"
    }
    header, rows = read_rows(asked.posts)
    kept = [row for row in rows if item_name(row["id"]) in positive]
    write_rows(asked.out, header, kept)
    print(f"{asked.out}: {len(kept):,} posts that people judged group V")


def name_campaigns(asked: argparse.Namespace) -> None:
    """Print the campaigns of at least three adverts, as the verb that shares them takes them."""
    lines = (asked.bank / "pages" / "campaigns.jsonl").read_text(encoding="utf-8").splitlines()
    found = [one["campaign"] for one in map(json.loads, lines) if one["adverts"] >= _FEWEST]
    print(f"[{','.join(found)}]")


def judge_pairs(asked: argparse.Namespace) -> None:
    """Say of each pair of a sheet whether one network posted both."""
    truth = read_truth(asked.truth)
    header, rows = read_rows(asked.sheet)
    for row in rows:
        first, second = truth[row["first"]], truth[row["second"]]
        row |= {"said": _pair(first, second), "by": ANALYST, "why": "made-up truth"}
    write_rows(asked.out, header, rows)
    same_pairs = sum(row["said"] == "same" for row in rows)
    print(f"{ANALYST} judged {len(rows):,} pairs, {same_pairs:,} of them the same: {asked.out}")


def _pair(first: Known, second: Known) -> str:
    """Return what the analyst says, who cannot see why reviewers let a charity's post in."""
    if first.is_charity_that_warns or second.is_charity_that_warns:
        return "unsure"
    return "same" if first.network and first.network == second.network else "different"


def correct_mistake(asked: argparse.Namespace) -> None:
    """Print the reference of a mistake that was shared, after a third person corrected it.

    Scores, and so what is reviewed and shared, hang on machine and threads. So the mistake is
    chosen among what was shared: the charity's post if it is there, otherwise another post that is
    no advert, otherwise any.
    """
    truth = read_truth(asked.truth)
    _, items = read_rows(asked.share / "keep" / "items.csv")

    def surely_wrong(row: Mapping[str, str]) -> tuple[bool, bool]:
        known = truth[row["advert"]]
        return known.misleads, known.group != "V"

    wrong = max(items, key=surely_wrong)
    known = truth[wrong["advert"]]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    append_reviews(asked.reviews, [_review(known.id, known.label, 3, at)])
    print(wrong["reference"])


def read_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Return the header of a CSV file and its rows."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    return list(reader.fieldnames or ()), rows


def write_rows(path: Path, header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    """Write a CSV file."""
    path.write_bytes(delimited([header, *([row[name] for name in header] for row in rows)]))


_TASKS: Mapping[str, tuple[Callable[[argparse.Namespace], None], Sequence[str]]] = {
    "sheet": (fill_sheet, ("truth", "sheet", "out")),
    "queue": (look_at_queue, ("truth", "scores", "reviews")),
    "kept": (keep_positive, ("posts", "reviews", "out")),
    "pairs": (judge_pairs, ("truth", "sheet", "out")),
    "campaigns": (name_campaigns, ("bank",)),
    "correct": (correct_mistake, ("truth", "share", "reviews")),
}


def main() -> None:
    """Do one task of the simulated people."""
    parser = argparse.ArgumentParser(description=__doc__)
    tasks = parser.add_subparsers(dest="task", required=True)
    for name, (_, files) in _TASKS.items():
        task = tasks.add_parser(name)
        for one in files:
            task.add_argument(f"--{one}", type=Path, required=True)
        task.add_argument("--round", type=int, default=1)
        task.add_argument("--most", type=int, default=600)
    asked = parser.parse_args()
    _TASKS[asked.task][0](asked)


if __name__ == "__main__":
    main()
