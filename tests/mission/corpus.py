"""Write the made-up collection: ``python -m mission.corpus FOLDER --posts 20000 --pictures 400``.

What is written, the same for equal arguments:

* ``posts.csv`` and ``images/``: what was collected, about 2 % of it adverts of made-up networks;
* ``negatives.csv``: look-alikes with known classes, which no hash may match;
* ``truth.csv``: network and class of each post, which only the simulated people may read.

Texts and pictures are those of the synthetic corpus; contacts, accounts and times are added here.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.files.delimited import delimited
from mission.networks import DAYS, make_networks
from mission.posts import Content, adverts_of, charities_that_warn, look_alikes

FIRST_DAY = datetime(2026, 1, 5, tzinfo=UTC)
POSTS, NEGATIVES, TRUTH, IMAGES = "posts.csv", "negatives.csv", "truth.csv", "images"
_ADDRESS = {
    "demo_social": "https://demo-social.example/p/",
    "demo_video": "https://demo-video.example/v/",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a collection is.

    Attributes:
        posts: Posts in all.
        pictures: Posts with a picture.
        networks: Networks behind the adverts.
        adverts: Adverts of these networks.
        negatives: Look-alikes that were not collected with the rest, each with a picture.
    """

    posts: int
    pictures: int
    networks: int
    adverts: int
    negatives: int


def write_collection(folder: Path, size: Size, *, seed: int) -> None:
    """Write the collection into a new folder.

    Args:
        folder: The folder; it must not exist.
        size: How large it is.
        seed: Seed of every choice.
    """
    (folder / IMAGES).mkdir(parents=True)
    posts = _shuffled(size, seed)
    rng = random.Random(f"posts/{seed}")
    rows = [_row(folder, f"post-{place:05d}", one, rng) for place, one in enumerate(posts)]
    _write(folder / POSTS, rows)
    _write(folder / TRUTH, [_truth(row, one) for row, one in zip(rows, posts, strict=True)])
    kept = list(look_alikes(size.negatives, size.negatives, seed=seed, first=1_000_000))
    named = [_row(folder, f"known-{place:05d}", one, rng) for place, one in enumerate(kept)]
    labels = [{"class": one.label, "reviewed": "true"} for one in kept]
    _write(folder / NEGATIVES, [a | b for a, b in zip(named, labels, strict=True)])


def _shuffled(size: Size, seed: int) -> list[Content]:
    """Return all posts in the order of their days."""
    rng = random.Random(f"collection/{seed}")
    networks = make_networks(size.networks, rng)
    of_adverts = min(size.adverts, size.pictures) * 2 // 5
    warned = networks[: max(1, size.networks // 4)]
    rest = size.posts - size.adverts - len(warned)
    everything = list(
        chain(
            adverts_of(networks, size.adverts, of_adverts, seed=seed),
            charities_that_warn(warned, seed=seed),
            look_alikes(rest, size.pictures - of_adverts, seed=seed),
        )
    )
    rng.shuffle(everything)
    return sorted(everything, key=lambda one: one.day)


def _row(folder: Path, name: str, one: Content, rng: random.Random) -> dict[str, str]:
    """Return the row of a post, after its picture is written."""
    image = ""
    if one.picture is not None:
        image = f"{IMAGES}/{name}.jpg"
        (folder / image).write_bytes(one.picture)
    item = f"{rng.getrandbits(48):012x}"
    posted = FIRST_DAY + timedelta(days=one.day, minutes=rng.randrange(24 * 60))
    return {
        "id": name,
        "text": one.text,
        "image": image,
        "platform": one.platform,
        "account": one.account,
        "url": _ADDRESS[one.platform] + item,
        "platform_item_id": item,
        "posted_at": posted.isoformat(),
        "collected_at": (FIRST_DAY + timedelta(days=DAYS)).isoformat(),
        "views": str(int(100 * rng.paretovariate(1.2))),
    }


def _truth(row: Mapping[str, str], one: Content) -> dict[str, str]:
    group = {found.id: found.group for found in read_taxonomy().classes}
    return {
        "id": row["id"],
        "network": one.network,
        "class": one.label,
        "group": group[one.label],
        "language": one.language,
        "account": one.account,
    }


def _write(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    listed: Sequence[Mapping[str, str]] = list(rows)
    path.write_bytes(delimited([listed[0], *(row.values() for row in listed)]))


def main() -> None:
    """Write the collection that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--networks", type=int, default=40)
    parser.add_argument("--adverts", type=int, default=400)
    parser.add_argument("--negatives", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    size = Size(asked.posts, asked.pictures, asked.networks, asked.adverts, asked.negatives)
    write_collection(asked.folder, size, seed=asked.seed)
    print(f"{asked.folder}: {size.posts:,} posts, {size.pictures:,} of them with a picture")


if __name__ == "__main__":
    main()
