"""The evidence of made-up adverts, as scoring would have made it of their texts and pictures."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import random
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from ranges import COLLECTED_AFTER_DAYS, FIRST_DAY, KEY, VIEWS
from studio import Post

from adverts.clusters.near_text import MIN_SHINGLES
from adverts.clusters.shingles import shingle, signatures
from adverts.inputs.contacts.token_key import token_key_id
from adverts.inputs.letters.folding import fold
from adverts.scoring.evidence.evidence_files import evidence_schema
from adverts.scoring.evidence_clusters import PooledEvidence, find_roots

UNIT_ROWS = 5_000
_START = datetime.datetime.fromisoformat(FIRST_DAY).replace(tzinfo=datetime.UTC)
_WEEK_SECONDS = 7 * 24 * 3_600
_COLLECTED_SECONDS = COLLECTED_AFTER_DAYS * 24 * 3_600
_TRUTHS = pa.schema(
    [
        *[("group", pa.string()), ("truth_network", pa.string()), ("truth_source", pa.string())],
        *[("truth_kind", pa.string()), ("truth_template", pa.int64())],
        *[("truth_copies", pa.string()), ("truth_quotes", pa.list_(pa.string()))],
    ]
)


def evidence_of(posts: Sequence[Post], rng: random.Random) -> pa.Table:
    """Return the evidence, the near-duplicates and the truth of adverts.

    The adverts are in the order in which they were collected; neither their ids nor anything else
    depends on who made them.
    """
    posted = [
        _START + _later(one.week * _WEEK_SECONDS + rng.randrange(_WEEK_SECONDS)) for one in posts
    ]
    collected = [at + _later(rng.randrange(_COLLECTED_SECONDS)) for at in posted]
    order = sorted(range(len(posts)), key=lambda place: (collected[place], place))
    times = {
        "posted_at": [posted[place] for place in order],
        "collected_at": [collected[place] for place in order],
    }
    ordered = [posts[place] for place in order]
    schema = evidence_schema()
    columns = _columns(ordered, rng) | times
    arrays = [pa.array(columns[field.name], field.type) for field in schema]
    table = pa.Table.from_arrays(arrays, schema=schema)
    table = table.append_column("cluster", pa.array(_clusters(table), pa.string()))
    for field, values in zip(_TRUTHS, zip(*map(_truth, ordered), strict=True), strict=True):
        table = table.append_column(field, pa.array(values, field.type))
    return table


def _later(seconds: int) -> datetime.timedelta:
    return datetime.timedelta(seconds=seconds)


def _columns(posts: Sequence[Post], rng: random.Random) -> Mapping[str, Sequence[object]]:
    """Return the columns of evidence but for the times."""
    rows = range(len(posts))
    items = [f"{rng.getrandbits(48):012x}" for _ in rows]
    return {
        "id": [f"made-up-{row:07}" for row in rows],
        "unit": [row // UNIT_ROWS for row in rows],
        "file": [f"made-up/{row // UNIT_ROWS:03}.jsonl" for row in rows],
        "row": [row % UNIT_ROWS + 1 for row in rows],
        **_documents("text", [one.text for one in posts]),
        **_documents("page", [one.picture.page if one.picture else "" for one in posts]),
        "picture_sha256": [[one.picture.file] if one.picture else [] for one in posts],
        "picture_hashes": [[one.picture.look] if one.picture else [] for one in posts],
        "contacts": [one.contacts for one in posts],
        "public_contacts": [one.public for one in posts],
        "account": [one.account.token for one in posts],
        "token_key_id": [token_key_id(KEY)] * len(posts),
        "url": [
            f"https://{one.account.platform}.example/{item}"
            for one, item in zip(posts, items, strict=True)
        ],
        "platform": [one.account.platform for one in posts],
        "platform_item_id": items,
        "views": [int(rng.lognormvariate(*VIEWS)) for _ in rows],
    }


def _truth(post: Post) -> tuple[object, ...]:
    """Return what a person said of an advert, and its truth, in the order of the columns."""
    network = post.source if post.kind == "network" else None
    return (
        *(post.group, network, post.source, post.kind),
        *(post.template, post.copies, list(post.quotes)),
    )


def _documents(name: str, texts: Sequence[str]) -> dict[str, Sequence[object]]:
    """Return hash, signature and number of letter groups of texts, as scoring makes them."""
    folded = [fold(text) for text in texts]
    distinct = [text for text in dict.fromkeys(folded) if text]
    found = shingle(distinct)
    signed = signatures(found).astype(np.dtype("<u2"))
    made: dict[str, tuple[bytes | None, bytes | None, int | None]] = {"": (None, None, None)}
    for text, signature, size in zip(distinct, signed, found.sizes.tolist(), strict=True):
        message = b"folded text\0" + text.encode("utf-8", "surrogatepass")
        digest = hmac.new(KEY, message, hashlib.sha256).digest()[:16]
        long = size >= MIN_SHINGLES
        made[text] = (digest, signature.tobytes() if long else None, size if long else None)
    parts = zip(*(made[text] for text in folded), strict=True)
    return dict(zip((f"{name}_hash", f"{name}_signature", f"{name}_groups"), parts, strict=True))


def _clusters(table: pa.Table) -> list[str]:
    """Return the cluster of near-duplicates of each advert, as ``write_clusters`` finds it."""
    pooled = PooledEvidence()
    for start in range(0, len(table), UNIT_ROWS):
        pooled.add(table.slice(start, UNIT_ROWS))
    return [pooled.name(root) for root in find_roots(pooled).tolist()]
