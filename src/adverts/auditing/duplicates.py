"""Count copies and near-copies of adverts by kind, and find those in two splits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from adverts.advert import SPLITS
from adverts.arrays import Ints
from adverts.auditing.audited_adverts import (
    AdvertCount,
    AuditedAdverts,
    components,
    members,
    ordered,
)
from adverts.evaluation.truth import NOT_JUDGED


@dataclass(frozen=True, slots=True)
class LinkedByKind:
    """Adverts that links of one kind join when no other links are followed.

    Attributes:
        kind: Kind of link, such as ``same_text``.
        pairs: Number of joined links between two adverts of the dataset.
        pairs_across: Number of these links that are between two splits.
        linked: Adverts that such links join to another advert.
        leaking: Adverts that such links join to one in an earlier split.
    """

    kind: str
    pairs: int
    pairs_across: int
    linked: AdvertCount
    leaking: AdvertCount


@dataclass(frozen=True, slots=True)
class PairAcross:
    """A link between two splits.

    Attributes:
        first: Id of the advert in the earlier split.
        second: Id of the advert in the later split.
        splits: The split of each, in this order.
        kind: Kind of link.
        similarity: Similarity of the two; 1.0 if equal.
        joined: Whether the link joins them into one cluster; otherwise a guard against chains kept
            them apart.
    """

    first: str
    second: str
    splits: tuple[str, str]
    kind: str
    similarity: float
    joined: bool


@dataclass(frozen=True, slots=True)
class LeakingAdvert:
    """An advert whose family is also in an earlier split; see ``data/dataset/families.py``.

    Attributes:
        id: Id of the advert.
        cluster: Name of its cluster.
        kinds: Kinds of link that alone join it to an earlier split; empty if only a chain of
            several kinds does, or a link that a guard against chains refused.
    """

    id: str
    cluster: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """Counts of one cluster.

    Attributes:
        cluster: Name of the cluster.
        adverts: Number of its adverts.
        parts: Number of parts that it splits into if only text links are followed.
        kinds: Number of joined links within it, by kind.
        splits: Number of adverts by split.
        languages: Number of adverts by language.
        labels: Number of adverts by label of the headline task; empty for a ``multi`` task.
        ids: Ids of its adverts, ascending.
    """

    cluster: str
    adverts: int
    parts: int
    kinds: dict[str, int]
    splits: dict[str, int]
    languages: dict[str, int]
    labels: dict[str, int]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """All findings on copies.

    Attributes:
        clusters: Number of clusters.
        clustered: Adverts that share a cluster with another advert.
        kinds: Results for each kind of link.
        leaking: Adverts whose family is also in an earlier split: a record keeps apart clusters
            that are joined later, and a guard against chains refuses links.
        leaking_adverts: The leaking adverts, by id.
        leaking_clusters: Names of their clusters.
        pairs_across: Links between two splits, the joined ones first.
        kept_apart_across: Number of these links that a guard against chains refused to join.
        largest: The largest clusters.
    """

    clusters: int
    clustered: AdvertCount
    kinds: tuple[LinkedByKind, ...]
    leaking: AdvertCount
    leaking_adverts: tuple[LeakingAdvert, ...]
    leaking_clusters: tuple[str, ...]
    pairs_across: tuple[PairAcross, ...]
    kept_apart_across: int
    largest: tuple[ClusterFacts, ...]


def find_duplicates(subject: AuditedAdverts, *, largest: int) -> Duplicates:
    """Count copies within and across splits.

    Args:
        subject: The audited adverts.
        largest: Number of clusters that are described, the largest first.
    """
    leaking = leaking_rows(subject.families, subject.splits)
    kinds = [_of_kind(subject, kind) for kind in subject.links.kind_names]
    several = members(subject.clusters, at_least=2)
    pairs = _pairs_across(subject)
    adverts = _leaking_adverts(subject, leaking, {kind.kind: rows for kind, rows in kinds})
    return Duplicates(
        clusters=int(subject.clusters.max()) + 1,
        clustered=subject.counted(np.concatenate([np.array([], np.int64), *several])),
        kinds=tuple(kind for kind, _ in kinds),
        leaking=subject.counted(leaking),
        leaking_adverts=adverts,
        leaking_clusters=tuple(sorted({advert.cluster for advert in adverts})),
        pairs_across=pairs,
        kept_apart_across=sum(not pair.joined for pair in pairs),
        largest=describe_clusters(
            subject, sorted(several, key=lambda rows: (-len(rows), rows[0]))[:largest]
        ),
    )


def leaking_rows(groups: Ints, splits: Ints) -> Ints:
    """Return the rows whose group is also in an earlier split."""
    first = np.full(int(groups.max(initial=0)) + 1, len(SPLITS))
    np.minimum.at(first, groups, splits)
    return np.flatnonzero(first[groups] < splits)


def describe_clusters(subject: AuditedAdverts, clusters: list[Ints]) -> tuple[ClusterFacts, ...]:
    """Return the counts of clusters, which are given by their rows."""
    kinds = _kinds_within(subject, {int(subject.clusters[rows[0]]) for rows in clusters})
    return tuple(_describe(subject, rows, kinds) for rows in clusters)


def _describe(subject: AuditedAdverts, rows: Ints, kinds: dict[int, Counter[str]]) -> ClusterFacts:
    counted, task = subject.counted(rows), subject.headline
    labels: Counter[str] = Counter()
    if task.kind != "multi":
        found = subject.labels(task)[rows].tolist()
        labels.update("unlabelled" if x == NOT_JUDGED else task.labels[x] for x in found)
    return ClusterFacts(
        cluster=subject.table.clusters[rows[0]],
        adverts=len(rows),
        parts=len(np.unique(subject.parts[rows])),
        kinds=ordered(kinds[int(subject.clusters[rows[0]])]),
        splits=counted.by_split,
        languages=counted.by_language,
        labels=ordered(labels),
        ids=tuple(sorted(subject.ids(rows.tolist()))),
    )


def _kinds_within(subject: AuditedAdverts, clusters: set[int]) -> dict[int, Counter[str]]:
    """Return the number of joined links of each kind in each of some clusters."""
    links, found = subject.links, defaultdict[int, Counter[str]](Counter)
    inside = np.flatnonzero(links.joined & (links.first < len(subject.table)))
    of_link = subject.clusters[links.first[inside]]
    for cluster, kind in zip(of_link.tolist(), links.kinds[inside].tolist(), strict=True):
        if cluster in clusters:
            found[cluster][links.kind_names[kind]] += 1
    return found


def _of_kind(subject: AuditedAdverts, name: str) -> tuple[LinkedByKind, Ints]:
    """Return the results for one kind of link followed alone, and the rows that leak by it."""
    links, count = subject.links, len(subject.table)
    kind = links.kind_names.index(name)
    both = (links.kinds == kind) & links.joined & (np.maximum(links.first, links.second) < count)
    across = subject.splits[links.first[both]] != subject.splits[links.second[both]]
    groups = components(links, count, kinds={name})[:count]
    leaking = leaking_rows(groups, subject.splits)
    facts = LinkedByKind(
        kind=name,
        pairs=int(both.sum()),
        pairs_across=int(across.sum()),
        linked=subject.counted(np.flatnonzero(np.bincount(groups)[groups] > 1)),
        leaking=subject.counted(leaking),
    )
    return facts, leaking


def _leaking_adverts(
    subject: AuditedAdverts, rows: Ints, by_kind: Mapping[str, Ints]
) -> tuple[LeakingAdvert, ...]:
    kinds: dict[int, list[str]] = {row: [] for row in rows.tolist()}
    for kind, leaking in by_kind.items():
        for row in leaking.tolist():
            kinds.setdefault(row, []).append(kind)
    found = [
        LeakingAdvert(subject.table.ids[row], subject.table.clusters[row], tuple(names))
        for row, names in kinds.items()
    ]
    return tuple(sorted(found, key=lambda advert: advert.id))


def _pairs_across(subject: AuditedAdverts) -> tuple[PairAcross, ...]:
    links, count = subject.links, len(subject.table)
    inside = np.flatnonzero(np.maximum(links.first, links.second) < count)
    across = inside[subject.splits[links.first[inside]] != subject.splits[links.second[inside]]]
    pairs = []
    for link in across.tolist():
        ends = sorted(
            (int(links.first[link]), int(links.second[link])), key=lambda row: subject.splits[row]
        )
        pairs.append(
            PairAcross(
                first=subject.table.ids[ends[0]],
                second=subject.table.ids[ends[1]],
                splits=(subject.table.splits[ends[0]], subject.table.splits[ends[1]]),
                kind=links.kind_names[links.kinds[link]],
                similarity=round(float(links.similarity[link]), 4),
                joined=bool(links.joined[link]),
            )
        )
    return tuple(
        sorted(pairs, key=lambda pair: (not pair.joined, pair.kind, pair.first, pair.second))
    )
