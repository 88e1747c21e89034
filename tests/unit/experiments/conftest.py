"""Made-up networks of experiment 0029, and small worlds worked out by hand."""

import datetime
import sys
from pathlib import Path

import pyarrow as pa
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "experiments" / "0029-campaigns"))
sys.path.insert(1, str(Path(__file__).parents[3] / "experiments" / "0030-campaign-proxies"))
sys.path.insert(2, str(Path(__file__).parents[3] / "experiments" / "0031-rare-phrases"))
sys.path.insert(3, str(Path(__file__).parents[3] / "experiments" / "0032-what-is-new"))

import worlds

DAY = datetime.datetime(2030, 1, 7, tzinfo=datetime.UTC)


@pytest.fixture(scope="session")
def world():
    """Return a made-up world of 10,000 adverts and 30 networks."""
    return worlds.make_world(1, 10_000)


@pytest.fixture
def by_hand():
    """Return a function that makes a world of few adverts.

    Each advert is a mapping; what it does not say is missing, and each has an account, a cluster
    and a day of its own. The id of an advert is its place.
    """

    def made(adverts, copycats=None, reassigned=()):
        def column(name, kind, missing):
            values = [advert.get(name, missing(row)) for row, advert in enumerate(adverts)]
            return pa.array(values, kind)

        tokens = pa.list_(pa.string())
        table = pa.table(
            {
                "id": column("id", pa.string(), str),
                "group": column("group", pa.string(), lambda _: "V"),
                "cluster": column("cluster", pa.string(), lambda row: f"cluster {row}"),
                "account": column("account", pa.string(), lambda row: f"account {row}"),
                "contacts": column("contacts", tokens, lambda _: []),
                "public_contacts": column("public", tokens, lambda _: []),
                "picture_sha256": column("pictures", pa.list_(pa.binary()), lambda _: []),
                "posted_at": pa.array(
                    [DAY + datetime.timedelta(weeks=one.get("week", 0)) for one in adverts]
                ),
                "truth_network": column("network", pa.string(), lambda _: None),
                "truth_source": pa.array(
                    [
                        one.get("network") or one.get("source", f"source {row}")
                        for row, one in enumerate(adverts)
                    ]
                ),
            }
        )
        moved = tuple(worlds.Reassigned(*one, DAY, DAY) for one in reassigned)
        return worlds.World(table, copycats or {}, moved, "PHONE:helpline", ())

    return made
