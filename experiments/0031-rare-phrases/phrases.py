"""Whether adverts that share a rare phrase are of one owner, beside random and the most alike.

``python phrases.py DATASETS`` reads ``gambling``, ``tubespam``, ``sms_shift`` and ``sroie`` below
that folder and writes one record for each set beside this file.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from owned_sets import Ints, OwnedSet, draw, read_sets
from ranked_pairs import SEED, SIGNATURES, WORD, rank

from adverts.files.file_hash import producing_commit

HERE = Path(__file__).parent
Floats = NDArray[np.float64]
LENGTHS = range(4, 9)
RAREST, COMMONEST = 2, 20
LEAST_PAIRS, LEAST_OWNERS = 30, 10
RESAMPLES = 4_000
_MASK = re.compile(r"<[a-z]+>")
AFTERWARDS = 300
RIVALS = {
    SIGNATURES: "as many by signatures",
    "letters": "by tf-idf of letters",
    "words": "by tf-idf of words",
}
METRICS = {
    "n": "pairs",
    "precision": "precision",
    "lift": "× random",
    **RIVALS,
    "apart": "− signatures",
    "owners": "owners",
    "right_owners": "… with a right pair",
    "new_owners": "… whom nothing else joins",
}


def phrases(text: str, words: int) -> set[tuple[str, ...]]:
    """Return the runs of so many words in a folded text, none of them across a mask."""
    found = set()
    for part in _MASK.split(text):
        said = WORD.findall(part)
        found |= {tuple(said[at : at + words]) for at in range(len(said) - words + 1)}
    return found


def rare_pairs(adverts: OwnedSet, words: int) -> Ints:
    """Return pairs of unlike adverts of known owners that share a rare phrase, ``(P, 2)``."""
    shown: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, text in enumerate(adverts.texts):
        for one in phrases(text, words):
            shown[one].append(row)
    pairs = {
        pair
        for rows in shown.values()
        if RAREST <= len(rows) <= COMMONEST
        for pair in combinations(rows, 2)
    }
    return _judged(adverts, np.array(sorted(pairs), np.int64).reshape(-1, 2))


def _judged(adverts: OwnedSet, pairs_P2: Ints) -> Ints:
    """Return the pairs of two templates whose owners are both known."""
    known = (adverts.owners[pairs_P2] >= 0).all(axis=1)
    unlike = np.diff(adverts.templates[pairs_P2], axis=1)[:, 0] != 0
    judged: Ints = pairs_P2[known & unlike]
    return judged


def precisions(adverts: OwnedSet, pairs_P2: Ints, weights_RT: Floats) -> Floats:
    """Return the share of pairs of one owner, for each weighting of the owners, ``(R,)``.

    An owner drawn twice counts as two who have nothing to do with each other. NaN where no pair is.
    """
    owners, sides = np.unique(adverts.owners[pairs_P2], return_inverse=True)
    table = np.zeros((len(owners), len(owners)))
    np.add.at(table, tuple(sides.reshape(-1, 2).T), 1)
    weights_RO = weights_RT[:, owners]
    right = weights_RO @ np.diag(table)
    np.fill_diagonal(table, 0)
    wrong = ((weights_RO @ table) * weights_RO).sum(axis=1)
    return _ratio(right, right + wrong)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        name: What it shows.
        values: Its figures, one each.
        intervals: Their 99 % intervals, where resamples differ.
    """

    name: str
    values: Mapping[str, list[float]]
    intervals: Mapping[str, tuple[float, float]]

    @property
    def decides(self) -> bool:
        """Whether it has enough pairs and owners for the decision rule."""
        return self.values["n"][0] >= LEAST_PAIRS and self.values["owners"][0] >= LEAST_OWNERS


@dataclass(frozen=True, slots=True)
class Record:
    """What was found in a set: phrases of each length, between random and most alike pairs."""

    random: Row
    phrases: Sequence[Row]
    alike: Row
    caption: str

    def best(self) -> Row:
        """Return the phrases with the highest precision of those that decide."""
        return max((one for one in self.phrases if one.decides), key=_precision)


def _precision(row: Row) -> float:
    return row.values["precision"][0]


def judge(adverts: OwnedSet) -> Record:
    """Return the record of a set."""
    owners = int(adverts.owners.max()) + 1
    weights = np.concatenate([np.ones((1, owners)), draw(owners, seed=SEED, resamples=RESAMPLES)])
    ranked = rank(adverts)
    base = precisions(adverts, ranked.pairs, weights)
    rows = []
    for words in LENGTHS:
        pairs = rare_pairs(adverts, words)
        found = precisions(adverts, pairs, weights)
        drawn = {"precision": found, "lift": _ratio(found, base)}
        for rival in RIVALS:
            alike = ranked.most_alike(rival, len(pairs))
            drawn[rival] = precisions(adverts, alike, weights)
        drawn["apart"] = found - drawn[SIGNATURES]
        rows.append(_row(f"phrases of {words} words", adverts, pairs, drawn))
    alike = ranked.most_alike(SIGNATURES, AFTERWARDS)
    found = precisions(adverts, alike, weights)
    drawn = {"precision": found, "lift": _ratio(found, base)}
    known = adverts.owners[adverts.known()]
    return Record(
        _row("random", adverts, ranked.pairs, {"precision": base}),
        rows,
        _row(f"the first {AFTERWARDS} by signatures", adverts, alike, drawn),
        f"{len(adverts.texts):,} adverts, {len(known):,} of {owners:,} known owners, of whom "
        f"{int((np.bincount(known) > 1).sum()):,} have two adverts or more",
    )


def _ratio(found: Floats, base: Floats) -> Floats:
    """Return ``found`` divided by ``base``, NaN where that is 0."""
    quotient: Floats = np.divide(found, base, out=np.full(len(base), np.nan), where=base > 0)
    return quotient


def _row(name: str, adverts: OwnedSet, pairs_P2: Ints, drawn: Mapping[str, Floats]) -> Row:
    """Return a row: of each figure the first value and the interval of the others."""
    sides = adverts.owners[pairs_P2]
    right = set(sides[sides[:, 0] == sides[:, 1], 0].tolist())
    values: dict[str, list[float]] = {
        "n": [len(pairs_P2)],
        "owners": [len(np.unique(sides))],
        "right_owners": [len(right)],
        "new_owners": [len(right - adverts.joined_owners())],
    }
    intervals = {}
    for metric, value in drawn.items():
        if np.isnan(value[0]):
            continue
        values[metric] = [round(float(value[0]), 4)]
        known = value[1:][~np.isnan(value[1:])]
        low, high = np.quantile(known, (0.005, 0.995)) if 2 * len(known) > len(value) else (0, 0)
        if low < high and metric not in RIVALS:
            intervals[metric] = round(float(low), 4), round(float(high), 4)
    return Row(name, values, intervals)


def main() -> None:
    """Judge every set, and write a record of each and one of the best lengths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("datasets", type=Path)
    best, captions = [], []
    for name, adverts in read_sets(parser.parse_args().datasets):
        found = judge(adverts)
        _write(name, [found.random, *found.phrases, found.alike], found.caption)
        captions.append(f"{name}: {found.caption}")
        for row in (found.random, found.best(), found.alike):
            best.append(replace(row, name=f"{name}: {row.name}"))
    _write("results", best, "; ".join(captions))


def _write(name: str, rows: Sequence[Row], caption: str) -> None:
    record = {
        "metrics": METRICS,
        "arms": [asdict(one) for one in rows],
        "comparisons": [],
        "caption": f"{caption}. 99 % intervals over owners. `phrases.py DATASETS`",
        "commit": producing_commit(),
    }
    text = json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    (HERE / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
