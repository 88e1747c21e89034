"""From clusters to splits, as a config wants it and as earlier preparations have it."""

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
from adverts.data.dataset.families import find_families, settle_leaks
from adverts.data.dataset.split_assignments import (
    Assignment,
    Place,
    Settled,
    is_split,
    settle_clusters,
    settle_families,
)
from adverts.data.mapping.map_rows import MappedRow
from adverts.data.splits.splitting import (
    Strata,
    split_folds,
    split_given,
    split_later,
    split_leave_one_out,
    split_made,
)


@dataclass(frozen=True, slots=True)
class Dealt:
    """Where each advert stands.

    Attributes:
        clusters: Cluster of each row, named as before where it was known.
        families: Family of each row, see :mod:`adverts.data.dataset.families`.
        places: Split of each row, or why it is in none.
        kept: How many adverts have the split that was recorded of them.
    """

    clusters: tuple[str, ...]
    families: tuple[str, ...]
    places: tuple[Place, ...]
    kept: int

    @property
    def splits(self) -> list[Split | None]:
        """Split of each row; None where it is in none."""
        return [place if is_split(place) else None for place in self.places]


def deal(
    config: SplitConfig,
    rows: Sequence[MappedRow],
    found: Clustering,
    strata: Sequence[Strata],
    *,
    recorded: Mapping[str, Assignment],
) -> Dealt:
    """Return the place of each row; whole families are dealt.

    Args:
        config: How to split.
        rows: Adverts.
        found: Their clusters, and every link between them.
        strata: What to balance.
        recorded: By id, where adverts stood before.

    Raises:
        InputError: There are too few adverts for the splits that are wanted, or a given split
            leaks and is to be refused.
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
    """Return what a record says to a split config: names of clusters, and splits if they hold.

    Splits hold for ever where we deal them, but another way or another seed deals them anew; folds
    are another for each test fold, so theirs never hold.

    Args:
        config: How to split now.
        standing: By id, what was recorded.
        made_by: The split config that it was recorded under, as the manifest keeps it.
    """
    now = {"kind": config.kind, "seed": config.seed}
    before = {name: made_by.get(name) for name in now} if isinstance(made_by, dict) else None
    if before == now and isinstance(config, GivenSplit | MadeSplit | LaterSplit):
        return dict(standing)
    return {name: Assignment("left_out", one.cluster) for name, one in standing.items()}


def _carved(
    config: GivenSplit, rows: Sequence[MappedRow], recorded: Mapping[str, Assignment]
) -> dict[str, Assignment]:
    """Return what is recorded, with those splits alone that are ours: the source gives the others.

    Else clusters of two given splits that meet would keep their names, and the leak would not show.
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
    """Take the splits of the source; leaks are looked for in the families as they are found."""
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
    """Deal everything but the adverts that are set aside."""
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
