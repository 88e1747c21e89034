"""What the collection of a made-up week brings: adverts that enter, and counts of all."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import week_ranges as r
from weeks_world import (
    FIRST_WEEK,
    LAST_WEEK,
    Cell,
    Post,
    World,
    digits,
    is_collected,
    made_campaigns,
    moment,
    monday,
    shown_by,
)

from adverts.clusters.picture_hash import PictureHash
from adverts.clusters.shingles import PLACES
from adverts_findings.campaigns.bank_tables import ENTRANTS
from adverts_findings.campaigns.entering.collected import count_adverts, sum_counts


def make_world(seed: int) -> World:
    """Return the world of a seed."""
    campaigns, posts = made_campaigns(random.Random(seed))
    world = World(campaigns, posts, seed=seed)
    background = _background(seed)
    weeks = range(FIRST_WEEK, LAST_WEEK + 1)
    world.inputs = {week: _input(world, background, week) for week in weeks}
    return world


def source_of(week: int) -> str:
    """Return the name of the input of a week of collection."""
    return f"scores/collected-{week - FIRST_WEEK:02d}"


def _background(seed: int) -> Mapping[tuple[Cell, int], int]:
    """Return how many background adverts of a cell are posted in each week."""
    rng = np.random.default_rng(seed)
    found = {}
    for platform in r.PLATFORMS:
        for language in r.LANGUAGES:
            mean = rng.uniform(*(r.THIN_ADVERTS if language in r.THIN else r.CELL_ADVERTS))
            for week in range(FIRST_WEEK - 1, LAST_WEEK + 1):
                noisy = mean * float(np.exp(rng.normal(0, r.WEEK_NOISE)))
                found[(platform, language), week] = int(rng.poisson(noisy))
    return found


def _input(
    world: World, background: Mapping[tuple[Cell, int], int], week: int
) -> tuple[pa.Table, pa.Table]:
    """Return what the collection of one week brings: adverts that enter, and counts of all."""
    rng = random.Random(f"{world.seed} collected {week}")
    mine = [one for one in world.posts if one.collected == week]
    rows = [(*one.cell, int(np.floor(one.time)), one.judged) for one in mine]
    for (cell, posted), count in background.items():
        if posted in (week, week - 1):
            share = is_collected(cell[0], week) * (1 - r.LATE if posted == week else r.LATE)
            there = sum(rng.random() < share for _ in range(count))
            rows += [(*cell, posted, rng.random() < r.JUDGED["background"]) for _ in range(there)]
    source = source_of(week)
    entering = [one for one in mine if one.judged]
    return _entrants(world, entering, source), _counted(rows, source)


def _counted(rows: Sequence[tuple[str, str, int, bool]], source: str) -> pa.Table:
    counts = Counter(rows)
    columns = list(zip(*counts.elements(), strict=True)) or [(), (), (), ()]
    platforms, languages, weeks, judged = columns
    counted = count_adverts(
        pa.array([monday(week) for week in weeks], pa.date32()),
        pa.array(platforms, pa.string()),
        pa.array(languages, pa.string()),
        pa.array(judged, pa.bool_()),
        source=source,
    )
    return sum_counts([counted], source=source)


def _entrants(world: World, posts: Sequence[Post], source: str) -> pa.Table:
    rows = [_entrant(world, one, source) for one in sorted(posts, key=lambda one: one.id)]
    return pa.Table.from_pylist(rows, schema=ENTRANTS)


def _entrant(world: World, post: Post, source: str) -> dict[str, object]:
    rng = random.Random(f"{world.seed} {post.id}")
    template, account, shown = shown_by(world, post, rng)
    pictures = [_picture(template, rng)] if rng.random() < r.HAS_PICTURE else []
    return {
        "id": post.id,
        "source": source,
        "judged_by": "review",
        "account": digits(account),
        "platform": post.cell[0],
        "language": post.cell[1],
        "posted_at": moment(post.time),
        "collected_at": moment(float(post.collected or 0) + 0.99),
        "contacts": shown,
        "public_contacts": [],
        "text_hash": hashlib.sha256(template.encode()).digest()[:16],
        "text_signature": random.Random(template).randbytes(2 * PLACES),
        "text_groups": 120,
        "picture_sha256": [sha for sha, _ in pictures],
        "picture_hashes": [look for _, look in pictures],
    }


def _picture(template: str, rng: random.Random) -> tuple[bytes, bytes]:
    bits = bytearray(hashlib.sha256(f"{template} picture".encode()).digest())
    file = f"{template} picture"
    if rng.random() < r.SAVED_AGAIN:
        file += f" saved {rng.random()}"
        bits[rng.randrange(32)] ^= 1 << rng.randrange(8)
    look = PictureHash(bytes(bits), 100, bytes(bits), bytes(bits), 255, is_text_tile=False)
    return hashlib.sha256(file.encode()).digest(), look.to_bytes()
