"""Says which splits hold little more than one cluster, so that nothing independent is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from adverts.advert import SPLITS, LabelSchema, Split
from adverts.data.dataset.campaign_clusters import by_campaign
from adverts.data.mapping.label_cells import majority
from adverts.data.preparing.assembly import Assembled

_MOST = 0.5
_SMALL = 10
_FOLLOWS: dict[Split, str] = {
    "train": "a model learns mostly that one",
    "validation": "thresholds and calibration rest on that one",
    "test": "no independent test is possible on it",
}


def dominated(assembled: Assembled, schema: LabelSchema) -> Iterator[str]:
    """Yield a line for each split of which one cluster holds more than half.

    Counted are the adverts with the positive label of the headline task, or all adverts where it
    has none. A cluster of fewer than ten of them is too small to speak of.

    Args:
        assembled: The adverts with their clusters and splits.
        schema: Their tasks.
    """
    task = schema.task(schema.headline)
    place = task.positive_index if task.kind == "single" else None
    positive = None if place is None else task.labels[place]
    labels = [majority(votes.get(task.name)) for votes in assembled.reviewed.votes]
    what = "adverts" if positive is None else f"adverts with the label {positive}"
    for split in SPLITS:
        rows = [
            row
            for row, found in enumerate(assembled.dealt.places)
            if found == split and (positive is None or labels[row] == positive)
        ]
        size = _largest(assembled, rows)
        if size >= _SMALL and size > _MOST * len(rows):
            yield (
                f"caution: {size:,} of {len(rows):,} {what} in {split} are of one cluster or "
                f"campaign, so {_FOLLOWS[split]}; add adverts of others, or split another way"
            )


def _largest(assembled: Assembled, rows: Sequence[int]) -> int:
    """Return how many of some rows the largest cluster among them holds."""
    campaigns = [assembled.rows[row].context.get("campaign") for row in rows]
    sizes = Counter(by_campaign([assembled.dealt.clusters[row] for row in rows], campaigns))
    return max(sizes.values(), default=0)
