"""What joining adverts that are alike leaves of honest sets, and which rewordings it joins.

    python experiments/0040-reworded-copies/alike.py FOLDER prepared/fiction prepared/tubespam …

``FOLDER`` holds what ``embed.py`` wrote; a set that is not there is measured by n-grams alone. No
text leaves this script: ``parts/honest.json`` and ``parts/fiction.json`` hold counts and cosines.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform
from sklearn.feature_extraction.text import TfidfVectorizer

from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.statistics.bounds import effective_number
from adverts.files.file_hash import producing_commit
from adverts.inputs.letters.folding import fold

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
CUTS = {
    "e5, last layer": (0.80, 0.85, 0.88, 0.90, 0.92, 0.95, 0.98),
    "e5, three layers standardised": (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    "letters": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    "words": (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
}
MOST = 3_000  # adverts of one label that are compared with each other; more are drawn, seed 0
PARTS = Path(__file__).parent / "parts"


@dataclass(frozen=True, slots=True)
class Adverts:
    """Adverts of one set as they are compared.

    Attributes:
        name: Of the set.
        texts: Folded texts with masked contacts.
        positive: Do they hold the positive label?
        cluster: Of prepare.
        language: Code of each, or an empty string.
        x: Frozen features ``(N, 1152)``; None where they were not computed.
    """

    name: str
    texts: Sequence[str]
    positive: Bools
    cluster: NDArray[np.str_]
    language: NDArray[np.str_]
    x: Floats | None

    def chosen(self, rows: NDArray[np.int64]) -> Adverts:
        """Return some of the adverts."""
        x = None if self.x is None else self.x[rows]
        texts = [self.texts[row] for row in rows]
        return Adverts(
            self.name, texts, self.positive[rows], self.cluster[rows], self.language[rows], x
        )


def read_adverts(prepared: Path, name: str, split: str, embedded: Path | None) -> Adverts:
    """Read a split of a prepared dataset, or those of its adverts that were embedded."""
    dataset = open_prepared(prepared)
    table: AdvertTable = dataset.split(split)
    task = dataset.schema.task(dataset.schema.headline)
    x = None
    if embedded is not None:
        held = np.load(embedded)
        table, x = table.select(held["rows"]), held["x"].astype(np.float32)
    return Adverts(
        name,
        [fold(text) for text in table.texts],
        np.asarray(table.targets[task.name][:, task.positive_index] > 0.5),
        np.array(table.clusters),
        np.array([one or "" for one in table.langs]),
        x,
    )


def vectors(adverts: Adverts, middle: Floats | None, spread: Floats | None) -> Mapping[str, Floats]:
    """Return vectors of unit length by kind; an advert without letters has zeros."""
    found = {}
    if adverts.x is not None:
        found["e5, last layer"] = _unit(adverts.x[:, -384:])
        found["e5, three layers standardised"] = _unit((adverts.x - middle) / spread)
    for name, how in (
        ("letters", {"analyzer": "char_wb", "ngram_range": (3, 4)}),
        ("words", {"token_pattern": r"(?u)\b\w+\b"}),
    ):
        found[name] = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **how).fit_transform(
            adverts.texts
        )
    return found


def _unit(x: Floats) -> Floats:
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9))


def cosines(x, y) -> Floats:  # noqa: ANN001 - dense or sparse
    """Return the cosines of rows of unit length."""
    found = x @ y.T
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found)


def joined(like: Floats, cluster: NDArray[np.str_], cut: float) -> NDArray[np.int64]:
    """Return connected components of prepare's clusters and pairs at ``cut`` or above."""
    one, other = np.nonzero(like >= cut)
    _, first, of = np.unique(cluster, return_index=True, return_inverse=True)
    rows = np.arange(len(cluster))
    pairs = np.concatenate([one, rows]), np.concatenate([other, first[of]])
    graph = coo_array((np.ones(len(pairs[0]), np.bool_), pairs), shape=like.shape)
    return connected_components(graph, directed=False)[1]


def complete(tree: NDArray[np.float64], cluster: NDArray[np.str_], cut: float) -> NDArray[np.int64]:
    """Return the groups of complete linkage, joined by prepare's clusters."""
    group = fcluster(tree, 1 - cut + 1e-6, "distance")
    rows = np.arange(len(cluster))
    _, first, of = np.unique(group, return_index=True, return_inverse=True)
    _, of_cluster, in_cluster = np.unique(cluster, return_index=True, return_inverse=True)
    pairs = np.tile(rows, 2), np.concatenate([first[of], of_cluster[in_cluster]])
    graph = coo_array((np.ones(2 * len(rows), np.bool_), pairs), shape=(len(rows), len(rows)))
    return connected_components(graph, directed=False)[1]


def worth(cluster: NDArray) -> float:  # type: ignore[type-arg]
    """Return the effective number of these clusters."""
    return round(effective_number(cluster.tolist()), 1)


def of_set(adverts: Adverts, kinds: Mapping[str, Floats]) -> dict[str, object]:
    """Return what each kind of vector and cut leaves of the positives and of the others."""
    found: dict[str, object] = {"name": adverts.name, "by_kind": {}}
    by_label = {}
    for label, rows in _labels(adverts).items():
        names = adverts.cluster[rows]
        languages = {
            one: {"adverts": int((adverts.language[rows] == one).sum())}
            for one in sorted(set(adverts.language[rows].tolist()))
            if (adverts.language[rows] == one).sum() >= 30
        }
        by_label[label] = {
            "adverts": len(rows),
            "clusters": len(set(names.tolist())),
            "effective": worth(names),
            "languages": languages,
        }
    found["labels"] = by_label
    for kind, x in kinds.items():
        rows_of = _labels(adverts)
        across = cosines(x[rows_of["positives"]], x[rows_of["others"]])
        nearest = np.concatenate([across.max(axis=1), across.max(axis=0)])
        cuts: dict[str, object] = {}
        for cut in CUTS[kind]:
            cuts[f"{cut:.2f}"] = {"other label at cut": round(float((nearest >= cut).mean()), 4)}
        for label, rows in rows_of.items():
            like, names = cosines(x[rows], x[rows]), adverts.cluster[rows]
            apart = np.clip(1 - like, 0, 2)
            np.fill_diagonal(apart, 0)
            tree = linkage(squareform((apart + apart.T) / 2, checks=False), "complete")
            another = names[:, None] != names[None, :]
            close = np.where(another, like, -1).max(axis=1)
            for cut in CUTS[kind]:
                one = joined(like, names, cut)
                sizes = np.bincount(one)
                biggest = one == sizes.argmax()
                cuts[f"{cut:.2f}"][label] = {  # type: ignore[index]
                    "has another cluster at cut": round(float((close >= cut).mean()), 4),
                    "effective, components": worth(one),
                    "effective, complete": worth(complete(tree, names, cut)),
                    "largest": int(sizes.max()),
                    "median letters of the largest, of all": [
                        _letters(adverts, rows[biggest]),
                        _letters(adverts, rows),
                    ],
                    "languages of the largest": _counts(adverts.language[rows[biggest]]),
                    "by language": {
                        name: [worth(names[held]), worth(one[held])]
                        for name in by_label[label]["languages"]
                        for held in [adverts.language[rows] == name]
                    },
                }
        found["by_kind"][kind] = cuts  # type: ignore[index]
    return found


def _labels(adverts: Adverts) -> dict[str, NDArray[np.int64]]:
    return {
        name: np.flatnonzero(adverts.positive == is_positive)
        for name, is_positive in (("positives", True), ("others", False))
    }


def _letters(adverts: Adverts, rows: NDArray[np.int64]) -> float:
    return float(np.median([len(adverts.texts[row]) for row in rows]))


def _counts(names: NDArray[np.str_]) -> dict[str, int]:
    found = zip(*np.unique(names, return_counts=True), strict=True)
    return {str(name): int(count) for name, count in sorted(found, key=lambda one: -one[1])[:4]}


def at_most(adverts: Adverts, count: int) -> Adverts:
    """Return at most ``count`` adverts of each label at random."""
    rng = np.random.default_rng(0)
    rows = [rng.permutation(one)[:count] for one in _labels(adverts).values()]
    return adverts.chosen(np.sort(np.concatenate(rows)))


def of_fiction(fiction: Adverts, ids: Sequence[str], kinds: Mapping[str, Floats]) -> dict:  # type: ignore[type-arg]
    """Return how many rewordings have another one of their family, and of another, at each cut."""
    family = np.array([one.rsplit("-", 1)[0] for one in ids])
    number = np.array([int(one.rsplit("-", 1)[1]) for one in ids])
    is_translated = np.isin(number, (8, 9, 10))
    found = {}
    for kind, x in kinds.items():
        like = cosines(x, x)
        np.fill_diagonal(like, -1)
        same = family[:, None] == family[None, :]
        kin = np.where(same, like, -1).max(axis=1)
        same_label = fiction.positive[:, None] == fiction.positive[None, :]
        stranger = np.where(~same & same_label, like, -1).max(axis=1)
        other_label = np.where(~same_label, like, -1).max(axis=1)
        pairs = like[same & (like > -1)]
        groups = {
            "rewordings of adverts": fiction.positive & (number > 0),
            "in the language of the original": fiction.positive & (number > 0) & ~is_translated,
            "translated": fiction.positive & is_translated,
            "rewordings of look-alikes": ~fiction.positive & (number > 0),
        }
        cuts = {}
        for cut in CUTS[kind]:
            one = joined(np.where(same_label, like, -1), np.array(ids), cut)
            mates = [
                np.bincount(one[rows]).max() / rows.sum()
                for name in np.unique(family[fiction.positive])
                for rows in [family == name]
            ]
            pure = [len(set(family[one == each].tolist())) for each in set(one.tolist())]
            cuts[f"{cut:.2f}"] = {
                **{
                    name: round(float((kin[held] >= cut).mean()), 3)
                    for name, held in groups.items()
                },
                "near another family of the label": round(
                    float((stranger[groups["rewordings of adverts"]] >= cut).mean()), 3
                ),
                "near the other label": round(
                    float((other_label[groups["rewordings of adverts"]] >= cut).mean()), 3
                ),
                "share of a family in its largest component": round(float(np.mean(mates)), 3),
                "most families in one component": max(pure),
            }
        of = groups["rewordings of adverts"]
        found[kind] = {
            "quantiles 0.05, 0.25, 0.5, 0.75, 0.95": {
                "pairs of a family": _quantiles(pairs),
                "nearest of the family": _quantiles(kin[of]),
                "nearest of another family, same label": _quantiles(stranger[of]),
                "nearest of the other label": _quantiles(other_label[of]),
            },
            "cut with 90 %": round(float(np.quantile(kin[of], 0.1)), 3),
            "cuts": cuts,
        }
    return found


def _quantiles(values: Floats) -> list[float]:
    return [round(float(one), 3) for one in np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95))]


def write(name: str, content: object) -> None:
    """Write a part of the record."""
    record = {"commit": producing_commit(), "found": content}
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    (PARTS / f"{name}.json").write_text(text, encoding="utf-8")


def main(folder: Path, fiction: Path, *sets: Path) -> int:
    """Measure the honest sets, then the fiction."""
    held = {path.stem: path for path in folder.glob("*.npz")}
    asked = []
    for path in sets:
        asked.append(at_most(read_adverts(path, f"{path.name}, test", "test", None), MOST))
        if path.name in held:
            split = str(np.load(held[path.name])["split"])
            name = f"{path.name}, {split}, embedded"
            asked.append(read_adverts(path, name, split, held[path.name]))
    known = [one.x for one in asked if one.x is not None]
    middle, spread = None, None
    if known:
        every = np.concatenate(known)
        middle, spread = every.mean(axis=0), every.std(axis=0) + 1e-6
    records = []
    made = read_adverts(fiction, "fiction", "all", held.get(fiction.name))
    write(
        "fiction",
        of_fiction(made, open_prepared(fiction).split("all").ids, vectors(made, middle, spread)),
    )
    for one in asked:
        records.append(of_set(one, vectors(one, middle, spread)))
        write("honest", records)
        print(one.name, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
