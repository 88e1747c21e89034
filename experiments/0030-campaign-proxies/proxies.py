"""Judge the linker and its rivals on comments and receipts; writes ``results.json`` and two more.

Usage::

    python experiments/0030-campaign-proxies/proxies.py comments /folder/gambling/comments.csv
    python experiments/0030-campaign-proxies/proxies.py receipts /folder/sroie/receipts.jsonl \\
        prepared/sroie
"""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from comments import Comment, read_comments
from figures import NAMES, Counts, Floats, count, draw, interval
from left import Left, look_for_names
from linkers import (
    KEY,
    Campaigns,
    Posting,
    alike_pictures,
    alike_texts,
    answers,
    entrants_of,
    link,
    shared,
    templates_alone,
    text_tiles,
)
from receipts import Receipt, read_receipts, words_left

from adverts.files.file_hash import producing_commit
from adverts.inputs.contacts.contact_tokens import ContactToken, mask_and_token
from adverts.inputs.letters.folding import fold

HERE = Path(__file__).parent
SEED = 0
DAY = datetime.datetime(2030, 1, 7, tzinfo=datetime.UTC)
SIZES = {"joined": "adverts joined", "largest": "largest ÷ its truth", "asked": "pairs answered"}
RIVAL, LINKER = "templates alone", "the linker"
Who = Mapping[str, Hashable | None]


@dataclass(frozen=True, slots=True)
class Arm:
    """What one linker finds.

    Attributes:
        name: Its name in the table.
        campaigns: Campaign of each advert, in the order of their ids.
        asked: Number of pairs that people had to answer.
    """

    name: str
    campaigns: Campaigns
    asked: int = 0


def of_evidence(entrants: pa.Table, who: Who) -> Iterator[Arm]:
    """Yield the linker and its rivals on the same evidence."""
    yield Arm(RIVAL, templates_alone(entrants))
    yield Arm("contacts alone", shared(entrants, templates=False))
    yield Arm("any shared evidence", shared(entrants, templates=True))
    made = link(entrants)
    yield Arm(LINKER, made.found.roots.tolist())
    said = answers(made, who)
    judged = link(entrants, said)
    yield Arm("… every pair that it shows answered", judged.found.roots.tolist(), len(said))


def of_comments(comments: Sequence[Comment]) -> Iterator[Arm]:
    """Yield what is made of comments."""
    who = {one.id: one.brand for one in comments}
    yield from of_evidence(entrants_of([_posting(one.id, one.masked) for one in comments]), who)
    dated = entrants_of([_posting(one.id, one.masked) for one in comments], day=DAY)
    yield Arm("the linker, one day given to all", _linked(dated))
    named = entrants_of([_posting(one.id, one.text) for one in comments])
    yield Arm("templates alone, names left in", templates_alone(named))
    known = [one for one in comments if one.brand is not None]
    cut = alike_texts([one.masked for one in known], [one.brand for one in known])
    found = dict(zip([one.id for one in known], cut, strict=True))
    yield Arm("like texts, cut where the truth says best", [found.get(one, one) for one in who])
    yield Arm("all one campaign", [0] * len(who))


def _posting(id_: str, text: str) -> Posting:
    masked, contacts = mask_and_token(text, key=KEY)
    return Posting(id_, text=fold(masked), contacts=contacts)


def of_pictures(receipts: Sequence[Receipt]) -> Iterator[Arm]:
    """Yield what is made of receipts by their pictures alone."""
    who = {one.id: one.company for one in receipts}
    entrants = _pictured(receipts)
    yield from of_evidence(entrants, who)
    cut = alike_pictures(entrants, list(who.values()))
    yield Arm("like pictures, cut where the truth says best", cut)
    yield Arm("all one campaign", [0] * len(who))


def _pictured(receipts: Sequence[Receipt]) -> pa.Table:
    return entrants_of([Posting(one.id, pictures=(one.picture,)) for one in receipts])


def of_pages(receipts: Sequence[Receipt]) -> Iterator[Arm]:
    """Yield what is made of receipts by their pictures and what is read on them."""
    who = {one.id: one.company for one in receipts}
    read = _pages(receipts, [one.of_kinds() for one in receipts])
    yield from of_evidence(entrants_of(read), who)
    yield Arm("the linker, one day given to all", _linked(entrants_of(read, day=DAY)))
    phones = _pages(receipts, [one.of_kinds(("PHONE:",)) for one in receipts])
    yield Arm("phones alone", shared(entrants_of(phones), templates=False))
    yield Arm("the linker, phones its only contacts", _linked(entrants_of(phones)))
    numbers = entrants_of(_pages(receipts, [one.contacts for one in receipts]))
    yield Arm("contacts and numbers of documents alone", shared(numbers, templates=False))
    cut = alike_texts([one.page for one in receipts], [one.company for one in receipts])
    yield Arm("like pages, cut where the truth says best", cut)
    yield Arm("all one campaign", [0] * len(who))


def _pages(
    receipts: Sequence[Receipt], contacts: Sequence[tuple[ContactToken, ...]]
) -> list[Posting]:
    return [
        Posting(one.id, page=one.page, contacts=shown, pictures=(one.picture,))
        for one, shown in zip(receipts, contacts, strict=True)
    ]


def _linked(entrants: pa.Table) -> Campaigns:
    roots: list[int] = link(entrants).found.roots.tolist()
    return roots


def record(arms: Sequence[Arm], who: Sequence[Hashable | None], caption: str) -> dict[str, object]:
    """Return the record of several linkers, each beside templates alone on the same resamples."""
    counts = {arm.name: count(arm.campaigns, who) for arm in arms}
    weights = draw(len(counts[arms[0].name].sizes), seed=SEED)
    drawn = {name: one.figures(weights) for name, one in counts.items()}
    found = {name: one.figures(np.ones((1, weights.shape[1])))[0] for name, one in counts.items()}
    lines = []
    for arm in arms:
        values = {
            name: [] if np.isnan(value) else [round(float(value), 4)]
            for name, value in zip(NAMES, found[arm.name], strict=True)
        }
        sizes = dict(zip(SIZES, _sizes(arm, who, counts[arm.name]), strict=True))
        intervals = {
            name: [round(end, 4) for end in ends]
            for place, name in enumerate(NAMES)
            if values[name] and (ends := interval(drawn[arm.name][:, place]))
            if ends[0] < ends[1]
        }
        values |= {name: [] if value is None else [value] for name, value in sizes.items()}
        lines.append({"name": arm.name, "values": values, "intervals": intervals})
    return {
        "metrics": {**NAMES, **SIZES},
        "arms": lines,
        "comparisons": [
            _beside(arm.name, metric, found, drawn)
            for arm in arms
            if arm.name.startswith(LINKER)
            for metric in ("pair_f1", "b_cubed_f1")
        ],
        "caption": caption,
        "commit": producing_commit(),
    }


def _beside(
    name: str, metric: str, found: Mapping[str, Floats], drawn: Mapping[str, Floats]
) -> dict[str, object]:
    place = list(NAMES).index(metric)
    apart = interval(drawn[name][:, place] - drawn[RIVAL][:, place])
    assert apart is not None, "an F1 is never NaN"
    low, high = apart
    return {
        "name": f"{name} − {RIVAL}",
        "metric": metric,
        "difference": round(float(found[name][place] - found[RIVAL][place]), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def _sizes(
    arm: Arm, who: Sequence[Hashable | None], counts: Counts
) -> tuple[int, float | None, int | None]:
    """Return how many known adverts are joined, and the largest campaign beside its truth."""
    held = np.bincount(counts.campaign, weights=counts.adverts)
    joined = int(held[held > 1].sum())
    most = int(np.argmax(held))
    inside = np.where(counts.campaign == most, counts.adverts, 0)
    whose = int(counts.advertiser[np.argmax(inside)])
    largest = round(float(held[most] / counts.sizes[whose]), 3) if joined else None
    return joined, largest, arm.asked or None


def main() -> None:
    """Judge one of the sets, and write its records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("comments", "receipts"))
    parser.add_argument("file", type=Path)
    parser.add_argument("prepared", type=Path, nargs="?")
    options = parser.parse_args()
    if options.what == "comments":
        comments, names = read_comments(options.file)
        comments = sorted(comments, key=lambda one: one.id)
        caption = _of_comments(comments, names)
        write("results", record(list(of_comments(comments)), [c.brand for c in comments], caption))
        return
    receipts = sorted(read_receipts(options.file, options.prepared), key=lambda one: one.id)
    who = [one.company for one in receipts]
    caption = (
        f"{len(receipts)} receipts of {len(set(who))} companies; 95 % intervals over companies. "
        "`proxies.py receipts`"
    )
    tiles = f"{text_tiles(_pictured(receipts))} pictures are mostly text."
    write("pictures", record(list(of_pictures(receipts)), who, f"{tiles} {caption}"))
    words = [one.words for one in receipts]
    before, after = (
        words_left(texts, words)
        for texts in ([one.read for one in receipts], [one.page for one in receipts])
    )
    told = f"Masks: {after} pages hold a word of their company's name, {before} before."
    write("pages", record(list(of_pages(receipts)), who, f"{told} {caption}"))


def _of_comments(comments: Sequence[Comment], names: Sequence[str]) -> str:
    known = [one for one in comments if one.brand is not None]
    left: Left = look_for_names(
        [one.text for one in known],
        [one.masked for one in known],
        [one.brand for one in known if one.brand is not None],
        names,
    )
    return (
        f"{len(comments)} promotions, of which {len(known)} are of {len(names)} known sites and "
        f"judged; 95 % intervals over sites. Masks: {left.exact} comments hold a name, {left.near} "
        f"one with a change, {left.pieces} pieces of a name tell it; a classifier names the site "
        f"of {left.accuracy:.2f} (before the mask {left.accuracy_before:.2f}, the largest site has "
        f"{left.largest:.2f}). `proxies.py comments`"
    )


def write(name: str, made: Mapping[str, object]) -> None:
    """Write a record beside this file."""
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    (HERE / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
