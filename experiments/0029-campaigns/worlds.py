"""Made-up worlds of adverts whose networks are known: evidence, a person's labels, and the truth.

Usage::

    python experiments/0029-campaigns/worlds.py SEED [ADVERTS] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import datetime
import json
import resource
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import ranges as r
from background import make_stock, post_background
from made_up_evidence import evidence_of
from networks import plan_networks, post_network, reassign_contacts
from studio import Post, Studio


@dataclass(frozen=True, slots=True)
class Reassigned:
    """A contact that went from one network to another.

    Attributes:
        token: The contact.
        before: Network that showed it first.
        after: Network that showed it after a silence.
        last_seen: Last time with the first network.
        seen_again: First time with the second one.
    """

    token: str
    before: str
    after: str
    last_seen: datetime.datetime
    seen_again: datetime.datetime


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A made-up world.

    Attributes:
        adverts: One line for each advert: the columns of ``evidence_schema()``; ``cluster``, its
            near-duplicates; ``group``, what a person said (V, A or N); and the truth, which no
            linker may read: ``truth_network`` (None for background), ``truth_source`` (who made
            it), ``truth_kind``, ``truth_template``, ``truth_copies`` (the network whose text or
            picture it stole) and ``truth_quotes`` (networks whose contacts it warns of).
        copycats: Maps each network that copies another one to that one.
        reassigned: Contacts that changed hands.
        helpline: Token of the shared public contact.
        poisoned: Tokens of contacts that very many networks show.
    """

    adverts: pa.Table
    copycats: dict[str, str]
    reassigned: tuple[Reassigned, ...]
    helpline: str
    poisoned: tuple[str, ...]

    @property
    def visible(self) -> pa.Table:
        """The adverts without the truth: all that a linker may read."""
        names = self.adverts.column_names
        return self.adverts.select([name for name in names if not name.startswith("truth_")])


def make_world(seed: int, adverts: int = r.ADVERTS) -> World:
    """Return the world of a seed; equal seeds and numbers give equal worlds.

    Args:
        seed: One of the seeds of ``ranges.py``, or any other for a test.
        adverts: Number of adverts; the number of networks is in proportion.
    """
    studio = Studio(seed)
    helpline, stock = studio.phone(), make_stock(studio)
    networks = plan_networks(max(2, r.NETWORKS * adverts // r.ADVERTS), studio, stock)
    given = reassign_contacts(networks, studio)
    poisoned = tuple(studio.phone() for _ in range(r.POISONED_CONTACTS))
    posts: list[Post] = []
    for network in networks:
        mine = post_network(network, studio, helpline)
        for token in poisoned:
            if studio.rng.random() < r.POISONED_NETWORKS:
                studio.rng.choice(mine).contacts.append(token)
        posts += mine
    if len(posts) > adverts:
        raise ValueError(f"the networks of seed {seed} have {len(posts)} of {adverts} adverts")
    posts += post_background(adverts - len(posts), networks, studio, helpline=helpline, stock=stock)
    table = evidence_of(posts, studio.rng)
    return World(
        table,
        {one.name: one.copies for one in networks if one.copies is not None},
        tuple(_seen(table, given)),
        helpline,
        poisoned,
    )


def _seen(table: pa.Table, given: Sequence[tuple[str, str, str]]) -> list[Reassigned]:
    """Return the given contacts that both networks show, with the silence between them."""
    wanted = {token for token, _, _ in given}
    times: dict[tuple[str, str], list[datetime.datetime]] = {}
    columns = (table[name].to_pylist() for name in ("truth_network", "contacts", "posted_at"))
    for network, contacts, at in zip(*columns, strict=True):
        if network is not None:
            for token in wanted.intersection(contacts):
                times.setdefault((token, network), []).append(at)
    return [
        Reassigned(token, before, after, max(times[token, before]), min(times[token, after]))
        for token, before, after in given
        if (token, before) in times and (token, after) in times
    ]


def main() -> None:
    """Make a world, say how large it is and what it took, and write it if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("adverts", type=int, nargs="?", default=r.ADVERTS)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    began = time.perf_counter()
    world = make_world(options.seed, options.adverts)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{len(world.adverts):,} adverts in {seconds:.0f} s, at most {peak:.1f} GB")
    print(f"{len(world.copycats)} copycats, {len(world.reassigned)} reassigned contacts")
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        pq.write_table(world.adverts, options.out / "adverts.parquet")
        truth = {
            "copycats": world.copycats,
            "reassigned": [asdict(one) for one in world.reassigned],
            "helpline": world.helpline,
            "poisoned": world.poisoned,
        }
        (options.out / "truth.json").write_text(json.dumps(truth, default=str, indent=1) + "\n")


if __name__ == "__main__":
    main()
