"""Tiny prepared datasets for audits: rows as a test wants them, with any links between them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from adverts.advert import LabelSchema, Task
from adverts.auditing.audited_adverts import AuditedAdverts, open_subject
from adverts.clusters.find_clusters import find_clusters
from adverts.clusters.links import Traits
from adverts.data.dataset.cluster_evidence import LINKS, read_links, write_links
from adverts.data.dataset.prepared import open_prepared, write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow

REFER = Task("refer", "single", ("no", "yes"), "yes")
SIGNALS = Task("signals", "multi", ("price", "urgency"))
RISK = Task("risk", "ordinal", ("0", "1", "2"))
SCHEMA = LabelSchema("tiny", (REFER,), "refer")
NO, YES, NONE = (1.0, 0.0), (0.0, 1.0), None
FLIPPED, COPIED = 24, 20


def row(name: str, label: Sequence[float] | None = NO, **changes) -> PreparedRow:
    targets = {} if label is None else {"refer": label}
    values = {"split": "train", "cluster": name, "text": f"text of {name}", "targets": targets}
    return PreparedRow(id=name, **{**values, **changes})


def stored_links(path: Path, links: Sequence[tuple[object, ...]]) -> None:
    """Write links ``(first, second, kind[, joined])``, of any kind, as ``prepare`` does."""
    first, second, kinds = (pa.array([str(link[i]) for link in links]) for i in range(3))
    table = pa.table(
        {
            "first": first.cast(pa.large_string()),
            "second": second.cast(pa.large_string()),
            "kind": kinds.dictionary_encode(),
            "similarity": pa.array([0.8] * len(links), pa.float32()),
            "joined": pa.array([link[3] if len(link) > 3 else True for link in links], pa.bool_()),
        }
    )
    pq.write_table(table, path)


def subject_of(
    folder: Path,
    rows: Sequence[PreparedRow],
    links: Sequence[tuple[object, ...]] = (),
    schema: LabelSchema = SCHEMA,
) -> AuditedAdverts:
    write_prepared(
        folder / "prepared",
        rows,
        name="tiny",
        schema=schema,
        side_files={LINKS: lambda path: stored_links(path, links)} if links else {},
    )
    return open_folder(folder / "prepared")


def open_folder(folder: Path) -> AuditedAdverts:
    table = open_prepared(folder).split("all")
    return open_subject(table, read_links(folder / LINKS, table.ids))


def write_planted(folder: Path, *, count: int = 480, seed: int = 0) -> dict[str, set[str]]:
    """Write adverts whose label some words tell; return the ids of what was planted.

    ``flipped`` have the wrong label; ``copied`` are test adverts that repeat one of train;
    ``disputed`` are train adverts that repeat another one with the other label. Positives come from
    platform ``one``, nine of ten times; the others from either.
    """
    draw = random.Random(seed)
    words = ["".join(draw.choices("abcdefghijklmnop", k=7)) for _ in range(900)]
    telling = {True: words[:12], False: words[12:24]}
    texts: list[str] = []
    labels: list[bool] = []
    for i in range(count):
        positive = i % 2 == 0
        told = draw.sample(telling[positive], 4)
        texts.append(" ".join([*draw.choices(words[24:], k=14), *told]))
        labels.append(positive)
    planted = {"flipped": {f"a{i:04d}" for i in draw.sample(range(count), FLIPPED)}}
    splits = [("train", "train", "train", "validation", "test")[i % 5] for i in range(count)]
    names = [f"a{i:04d}" for i in range(count)]
    given = [
        label ^ (name in planted["flipped"]) for name, label in zip(names, labels, strict=True)
    ]
    for kind, label_of in (("copied", lambda i: labels[i]), ("disputed", lambda i: not labels[i])):
        clean = [
            i for i in range(count) if splits[i] == "train" and names[i] not in planted["flipped"]
        ]
        chosen = draw.sample(clean, COPIED)
        planted[kind] = {f"{kind}{i:04d}" for i in chosen}
        names += [f"{kind}{i:04d}" for i in chosen]
        texts += [texts[i] for i in chosen]
        given += [label_of(i) for i in chosen]
        splits += ["test" if kind == "copied" else "train"] * COPIED
    found = find_clusters([Traits(name, text) for name, text in zip(names, texts, strict=True)])
    rows = [
        PreparedRow(
            id=name,
            split=split,
            cluster=cluster,
            text=text,
            lang="en",
            platform="one" if draw.random() < (0.9 if label else 0.5) else "two",
            stratum=draw.choice(("left", "right")),
            targets={"refer": YES if label else NO},
        )
        for name, split, cluster, text, label in zip(
            names, splits, found.names, texts, given, strict=True
        )
    ]
    write_prepared(
        folder,
        rows,
        name="planted",
        schema=SCHEMA,
        side_files={LINKS: lambda path: write_links(path, found.links, found.refused, ids=names)},
    )
    return planted


def ones(count: int) -> np.ndarray:
    """Return the weighting in which every advert counts once."""
    return np.ones((1, count), np.float32)
