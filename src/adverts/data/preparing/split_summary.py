"""Passes the results of clustering and splitting to the manifest and the files next to shards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adverts.data.dataset.cluster_evidence import (
    LINKS,
    UNLINKED_CONTACTS,
    write_links,
    write_unlinked_contacts,
)
from adverts.data.dataset.dataset_manifest import Making
from adverts.data.dataset.linked_families import split_overlap
from adverts.data.dataset.prepared import RELABELLED
from adverts.data.dataset.split_assignments import ASSIGNMENTS, write_assignments
from adverts.data.dataset.tombstones import FILE_NAME as ERASED
from adverts.data.preparing.assembly import Assembled
from adverts.data.preparing.previous_preparation import Before
from adverts.files.staging import open_private


def with_outcome(making: Making, assembled: Assembled) -> Making:
    """Return a making with the numbers of links and of set aside, kept and relabelled adverts."""
    found, dealt, reviewed = assembled.clustering, assembled.dealt, assembled.reviewed
    taken, inside = making.campaigns, sum("campaign" in row.context for row in assembled.rows)
    return replace(
        making,
        leaking_rows=dealt.places.count("left_out"),
        bridge_rows=dealt.places.count("bridge"),
        kept_rows=dealt.kept,
        relabelled_rows=reviewed.relabelled,
        propagated_rows=sum(
            bool(tasks) and place != "test"
            for tasks, place in zip(reviewed.propagated, dealt.places, strict=True)
        ),
        unmatched_reviews=reviewed.missing,
        undecided_reviews=reviewed.held_back,
        cluster_links=found.links.counts(),
        refused_links=len(found.refused),
        unlinked_contacts=len(found.unlinked),
        split_overlap=split_overlap(dealt.splits, dealt.families),
        campaigns=(
            replace(taken, adverts=inside, elsewhere=taken.elsewhere - inside) if taken else None
        ),
    )


def files_beside(assembled: Assembled, before: Before) -> dict[str, Callable[[Path], None]]:
    """Return a function that writes each file next to the shards, by the name of the file.

    Args:
        assembled: The adverts.
        before: What the earlier dataset in the folder passes on.
    """
    found, dealt = assembled.clustering, assembled.dealt
    ids = [row.id for row in assembled.rows]
    writers: dict[str, Callable[[Path], None]] = {
        LINKS: lambda path: write_links(path, found.links, found.refused, ids=ids),
        ASSIGNMENTS: lambda path: write_assignments(
            path,
            ids,
            dealt.clusters,
            dealt.places,
            families=dealt.families,
            gone=before.recorded,
        ),
        UNLINKED_CONTACTS: lambda path: write_unlinked_contacts(path, found.unlinked, ids=ids),
    }
    given = assembled.reviewed.given
    if given:
        pairs = [(ids[row], task) for row, tasks in sorted(given.items()) for task in sorted(tasks)]
        writers[RELABELLED] = lambda path: _write_relabelled(path, pairs)
    if before.heritage.tombstones:
        writers[ERASED] = before.heritage.tombstones.write
    return writers


def _write_relabelled(path: Path, pairs: Sequence[tuple[str, str]]) -> None:
    schema = pa.schema([("id", pa.string()), ("task", pa.string())])
    rows = [{"id": name, "task": task} for name, task in pairs]
    with open_private(path) as file:
        pq.write_table(pa.Table.from_pylist(rows, schema), file, compression="zstd")
