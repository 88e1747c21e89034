"""What simple rules make of made-up worlds; writes ``tuning.json`` or ``results.json``.

Usage::

    python experiments/0029-campaigns/baselines.py tuning
    python experiments/0029-campaigns/baselines.py judged
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from judging import NAMES, Campaigns, Figures, judge
from ranges import ADVERTS, JUDGED_SEEDS, TUNING_SEEDS
from worlds import World, make_world

from adverts.clusters.components import UnionFind
from adverts.clusters.links import pair_equal
from adverts.files.file_hash import producing_commit

HERE = Path(__file__).parent
MOST_ACCOUNTS = (10, 25, 50, 100)
KINDS = ("contacts or templates", "contacts, accounts or templates", "contacts or accounts")
"""Rules: what may join two adverts; a template does only with another kind of evidence."""
TRIED = tuple(itertools.product(KINDS, MOST_ACCOUNTS))
CHOSEN = ((KINDS[0], 100), (KINDS[1], 100), (KINDS[2], 100))
"""The best of each kind of rules on the tuning seeds, by F1 of pairs."""
MOST_SILENCE = timedelta(weeks=26)
Pairs = Iterable[tuple[int, int]]


class Visible:
    """What a linker may see of a world: no truth."""

    def __init__(self, world: World) -> None:
        table = world.visible
        self.groups: list[str] = table["group"].to_pylist()
        self.clusters: list[str] = table["cluster"].to_pylist()
        self.accounts: list[str] = table["account"].to_pylist()
        self.pictures: list[list[bytes]] = table["picture_sha256"].to_pylist()
        self.posted: list[datetime] = table["posted_at"].to_pylist()
        shown, public = (table[name].to_pylist() for name in ("contacts", "public_contacts"))
        self.contacts = [
            [token for token in tokens if token not in known]
            for tokens, known in zip(shown, public, strict=True)
        ]

    def rows(self, groups: str) -> list[int]:
        """Return the rows of the adverts that people put into one of some groups."""
        return [row for row, group in enumerate(self.groups) if group in groups]

    def others(self, row: int) -> Iterator[tuple[str, Hashable]]:
        """Yield all that an advert may share with others, but for its template."""
        yield "account", self.accounts[row]
        yield from (("contact", token) for token in self.contacts[row])
        yield from (("picture", file) for file in self.pictures[row])


def templates_alone(seen: Visible) -> Campaigns:
    """Return clusters of near-duplicates as campaigns."""
    return [
        cluster if group == "V" else None
        for cluster, group in zip(seen.clusters, seen.groups, strict=True)
    ]


def shared_evidence(
    seen: Visible, *, groups: str = "V", within: Sequence[str | None] | None = None
) -> Campaigns:
    """Return connected components of any shared evidence.

    Args:
        seen: The adverts.
        groups: Groups that enter.
        within: Evidence joins only adverts that are equal in this; None for all.
    """
    rows = seen.rows(groups)
    keys = [
        (None if within is None else within[row], key)
        for row in rows
        for key in (("template", seen.clusters[row]), *seen.others(row))
    ]
    owners = [row for row in rows for _ in range(1 + sum(1 for _ in seen.others(row)))]
    return _components(seen, rows, _pairs(owners, keys))


def rules(seen: Visible, kinds: str, *, most_accounts: int) -> Campaigns:
    """Return what the rules of an analyst join.

    Two adverts belong together if both show a contact that at most so many accounts show and that
    was never silent for more than :data:`MOST_SILENCE` between them; if they are of one template
    and share another kind of evidence; or if they are of one account.

    Args:
        seen: The adverts.
        kinds: Which of these rules hold, one of :data:`KINDS`.
        most_accounts: Most accounts of a contact.
    """
    rows = seen.rows("V")
    pairs = list(_contact_pairs(seen, rows, most_accounts))
    if "templates" in kinds:
        owners = [row for row in rows for _ in seen.others(row)]
        both = [(seen.clusters[row], other) for row in rows for other in seen.others(row)]
        pairs += _pairs(owners, both)
    if "accounts" in kinds:
        pairs += _pairs(rows, [seen.accounts[row] for row in rows])
    return _components(seen, rows, pairs)


def rules_and_templates(
    seen: Visible, *, silence: timedelta, most_accounts: int = 100
) -> Campaigns:
    """Return what the best rules join, and with it lone adverts whose template one of them shows.

    Adverts of one account belong together, and adverts that show a contact which was never silent
    for longer than ``silence`` between them. An advert that this joins with no other belongs to the
    campaign that shows its template, if only one does.
    """
    rows = seen.rows("V")
    pairs = list(_contact_pairs(seen, rows, most_accounts, silence))
    pairs += _pairs(rows, [seen.accounts[row] for row in rows])
    found = list(_components(seen, rows, pairs))
    sizes = Counter(found[row] for row in rows)
    shown: dict[str, set[Hashable]] = defaultdict(set)
    for row in rows:
        if sizes[found[row]] > 1:
            shown[seen.clusters[row]].add(found[row])
    for row in rows:
        owners = shown[seen.clusters[row]]
        if sizes[found[row]] == 1 and len(owners) == 1:
            found[row] = next(iter(owners))
    return found


def _contact_pairs(
    seen: Visible, rows: Sequence[int], most_accounts: int, silence: timedelta = MOST_SILENCE
) -> Pairs:
    """Yield adverts that follow each other with the same contact."""
    showing: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        for token in seen.contacts[row]:
            showing[token].append(row)
    for held in showing.values():
        if len({seen.accounts[row] for row in held}) <= most_accounts:
            ordered = sorted(held, key=lambda row: seen.posted[row])
            for one, other in zip(ordered, ordered[1:], strict=False):
                if seen.posted[other] - seen.posted[one] <= silence:
                    yield one, other


def _pairs(owners: Sequence[int], keys: Sequence[Hashable]) -> Pairs:
    """Yield rows with an equal key."""
    for one, other in pair_equal(keys):
        yield owners[one], owners[other]


def _components(seen: Visible, rows: Sequence[int], pairs: Pairs) -> Campaigns:
    sets = UnionFind(len(seen.groups))
    for one, other in pairs:
        sets.union(one, other)
    found: list[int | None] = [None] * len(seen.groups)
    for row in rows:
        found[row] = sets.find(row)
    return found


def arms(
    world: World, chosen: Iterable[tuple[str, int]]
) -> Iterator[tuple[str, Callable[[], Campaigns]]]:
    """Yield the name of each baseline, and what gives its campaigns."""
    seen = Visible(world)
    truth = world.adverts["truth_source"].to_pylist()
    yield "templates alone", partial(templates_alone, seen)
    yield "any shared evidence", partial(shared_evidence, seen)
    yield "… groups A and N too", partial(shared_evidence, seen, groups="VAN")
    for kinds, most in chosen:
        name = f"rules: {kinds}, at most {most} accounts"
        yield name, partial(rules, seen, kinds, most_accounts=most)
    yield (
        "ceiling: shared evidence, none across sources",
        partial(shared_evidence, seen, within=truth),
    )


def record(seeds: str, worlds: Sequence[World], found: dict[str, list[Figures]]) -> str:
    """Return the record of the baselines as JSON."""
    lines = []
    for name, figures in found.items():
        values = {key: [getattr(one, key) for one in figures] for key in NAMES}
        lines.append(
            {
                "name": name,
                "values": {
                    key: [round(value, 4) for value in some if value is not None]
                    for key, some in values.items()
                },
            }
        )
    caption = (
        f"{len(worlds)} worlds ({seeds} seeds) of {len(worlds[0].adverts):,} adverts, mean ± "
        f"standard deviation; in all {sum(len(one.copycats) for one in worlds)} copycats and "
        f"{sum(len(one.reassigned) for one in worlds)} reassigned contacts. "
        f"`python experiments/0029-campaigns/baselines.py {seeds}`"
    )
    made = {"metrics": NAMES, "arms": lines, "comparisons": [], "caption": caption}
    return json.dumps({**made, "commit": producing_commit()}, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Judge the baselines on the worlds of some seeds, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", choices=("tuning", "judged"))
    parser.add_argument("--adverts", type=int, default=ADVERTS)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    judged = options.seeds == "judged"
    found: dict[str, list[Figures]] = defaultdict(list)
    worlds = []
    for seed in JUDGED_SEEDS if judged else TUNING_SEEDS:
        began = time.perf_counter()
        world = make_world(seed, options.adverts)
        for name, campaigns in arms(world, CHOSEN if judged else TRIED):
            found[name].append(judge(world, campaigns()))
        worlds.append(world)
        print(f"seed {seed}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    out = options.out or HERE / ("results.json" if judged else "tuning.json")
    out.write_text(record(options.seeds, worlds, found), encoding="utf-8")


if __name__ == "__main__":
    main()
