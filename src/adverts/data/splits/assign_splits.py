"""Assigns adverts to splits, as the config asks and in line with earlier preparations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts.advert import Split
from adverts.clusters.find_clusters import Clustering
from adverts.config.data import (
    FoldSplit,
    GivenSplit,
    LaterSplit,
    LeaveOneOutSplit,
    MadeSplit,
    SplitConfig,
)
from adverts.data.dataset.linked_families import find_families, settle_leaks
from adverts.data.dataset.split_assignments import (
    Assignment,
    Place,
    Settled,
    is_split,
    settle_clusters,
    settle_families,
)
from adverts.data.mapping.map_rows import MappedRow
from adverts.data.splits.split_clusters import (
    Strata,
    split_folds,
    split_given,
    split_later,
    split_leave_one_out,
    split_made,
)


@dataclass(frozen=True, slots=True)
class Dealt:
    """The cluster, family and split of each advert.

    Attributes:
        clusters: Cluster of each row, with its earlier name if it was known.
        families: Family of each row, see :mod:`adverts.data.dataset.linked_families`.
        places: Split of each row, or why it is in none.
        kept: Number of adverts whose split is the one recorded earlier.
    """

    clusters: tuple[str, ...]
    families: tuple[str, ...]
    places: tuple[Place, ...]
    kept: int

    @property
    def splits(self) -> list[Split | None]:
        """Split of each row; None if it is in none."""
        return [place if is_split(place) else None for place in self.places]


def deal(
    config: SplitConfig,
    rows: Sequence[MappedRow],
    found: Clustering,
    strata: Sequence[Strata],
    *,
    recorded: Mapping[str, Assignment],
) -> Dealt:
    """Return the cluster, family and split of each row; whole families are dealt.

    Args:
        config: How to split.
        rows: Adverts.
        found: Their clusters, and every link between them.
        strata: Strata of each row, to be balanced between splits.
        recorded: Maps ids of adverts to their earlier assignments.

    Raises:
        InputError: There are too few adverts for the wanted splits, or a given split leaks and
            must be refused.
    """
    held = _carved(config, rows, recorded) if isinstance(config, GivenSplit) else recorded
    settled = settle_clusters([row.id for row in rows], found.names, held)
    families = find_families(settled.clusters, [found.links, found.refused])
    units = settle_families(families, settled)
    match config:
        case GivenSplit():
            as_found = find_families(found.names, [found.links, found.refused])
            splits = _given(config, rows, as_found, strata, units=units)
        case MadeSplit() | LaterSplit():
            splits = _without_bridges(config, rows, strata, units)
        case FoldSplit(folds=folds, fold=fold, unit=unit, seed=seed):
            dealt = families if unit == "cluster" else [row.id for row in rows]
            splits = [*split_folds(dealt, strata, folds=folds, fold=fold, seed=seed)]
        case LeaveOneOutSplit(group=group, validation_fraction=fraction, seed=seed):
            groups = [row.context.get("group") for row in rows]
            splits = split_leave_one_out(
                groups, families, strata, group=group, validation_fraction=fraction, seed=seed
            )
    outside: Place = "left_out" if config.kind == "given" else "bridge"
    places: tuple[Place, ...] = tuple(split or outside for split in splits)
    known = sum(
        row.id in recorded and recorded[row.id].place == place
        for row, place in zip(rows, places, strict=True)
    )
    return Dealt(settled.clusters, tuple(families), places, known)


def recorded_for(
    config: SplitConfig, standing: Mapping[str, Assignment], made_by: object
) -> dict[str, Assignment]:
    """Return the recorded assignments that hold for a split config.

    Names of clusters always hold. Splits that we dealt hold if kind and seed are the same. Splits
    of folds and of one left out never hold, since another test fold changes them.

    Args:
        config: How to split now.
        standing: Maps ids to the recorded assignments.
        made_by: The split config that they were recorded under, as the manifest keeps it.
    """
    now = {"kind": config.kind, "seed": config.seed}
    before = {name: made_by.get(name) for name in now} if isinstance(made_by, dict) else None
    if before == now and isinstance(config, GivenSplit | MadeSplit | LaterSplit):
        return dict(standing)
    return {name: Assignment("left_out", one.cluster) for name, one in standing.items()}


def _carved(
    config: GivenSplit, rows: Sequence[MappedRow], recorded: Mapping[str, Assignment]
) -> dict[str, Assignment]:
    """Return the records, without the splits that the source gives instead of us.

    Otherwise clusters of two given splits that meet would keep their names and hide the leak.
    """
    carves = config.validation_fraction > 0 and all(row.split != "validation" for row in rows)
    ours = ("train", "validation") if carves else ()
    return {
        name: one if one.place in ours else Assignment("left_out", one.cluster)
        for name, one in recorded.items()
    }


def _given(
    config: GivenSplit,
    rows: Sequence[MappedRow],
    families: Sequence[str],
    strata: Sequence[Strata],
    *,
    units: Settled,
) -> list[Split | None]:
    """Take the splits of the source; leaks are looked for in the families as they were found."""
    given = [row.split for row in rows if row.split is not None]
    kept = settle_leaks(given, families, leakage=config.leakage)
    bridges = zip(kept, units.bridges, strict=True)
    return split_given(
        [None if bridge and split == "train" else split for split, bridge in bridges],
        units.clusters,
        strata,
        validation_fraction=config.validation_fraction,
        seed=config.seed,
        placed=units.placed,
    )


def _without_bridges(
    config: MadeSplit | LaterSplit,
    rows: Sequence[MappedRow],
    strata: Sequence[Strata],
    units: Settled,
) -> list[Split | None]:
    """Deal all adverts except those that are set aside as bridges."""
    kept = [i for i, bridge in enumerate(units.bridges) if not bridge]
    kept_units = [units.clusters[i] for i in kept]
    kept_strata = [strata[i] for i in kept]
    if isinstance(config, MadeSplit):
        dealt = split_made(
            kept_units,
            kept_strata,
            validation_fraction=config.validation_fraction,
            test_fraction=config.test_fraction,
            seed=config.seed,
            placed=units.placed,
        )
    else:
        dealt = split_later(
            kept_units,
            kept_strata,
            [rows[i].context.get("posted_week") for i in kept],
            test_from=config.test_from,
            validation_fraction=config.validation_fraction,
            seed=config.seed,
            placed=units.placed,
        )
    splits: list[Split | None] = [None] * len(rows)
    for i, split in zip(kept, dealt, strict=True):
        splits[i] = split
    return splits
