"""Clusters from signatures, against those that are found from the texts themselves."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from planted_adverts import planted_adverts

from adverts.advert import Advert
from adverts.clusters.find_clusters import find_clusters
from adverts.clusters.links import Traits
from adverts.config.data import ColumnsConfig
from adverts.data.sources.bad_rows import BadRow
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.pixels import CHECKED
from adverts.scoring.evidence.evidence_files import EvidenceFile
from adverts.scoring.evidence.evidence_rows import EvidenceMaker, Seen
from adverts.scoring.evidence.evidence_terms import EvidenceTerms
from adverts.scoring.evidence_clusters import PooledEvidence, find_roots

TERMS = EvidenceTerms(datetime.date(2026, 1, 1), "0" * 16)
NO_COLUMNS = ColumnsConfig(**dict.fromkeys(ColumnsConfig.model_fields))


def roots_of(traits, looks, folder):
    """Return the first row of the cluster of each advert, by way of files of evidence."""
    maker = EvidenceMaker(NO_COLUMNS, CHECKED, b"a key of sixteen bytes")
    seen = [
        Seen(one.id, BadRow("file", row, "", ""), Advert(one.id, one.text, ocr_text=one.page))
        for row, one in enumerate(traits)
    ]
    pooled = PooledEvidence()
    for start in range(0, len(seen), 100):
        rows = [
            replace(
                row,
                picture_sha256=tuple(sha256(image.encode()).digest() for image in one.images),
                picture_hashes=tuple(looks[image].to_bytes() for image in one.images),
            )
            for row, one in zip(
                maker.of(seen[start : start + 100], 0, Counter()),
                traits[start : start + 100],
                strict=True,
            )
        ]
        path = folder / f"{start}.parquet"
        file = EvidenceFile(path, TERMS)
        file.add(rows)
        file.close()
        pooled.add(pq.read_table(path))
    return find_roots(pooled).tolist()


def exact_roots(traits, looks):
    """Return the same from the texts and pictures themselves, without contacts and groups."""
    alone = [replace(one, contacts=(), group=None) for one in traits]
    names = find_clusters(alone, looks=looks).names
    first = {}
    return [first.setdefault(name, row) for row, name in enumerate(names)]


def pairs_in(roots):
    """Return all pairs of rows in one cluster."""
    rows = {}
    for row, root in enumerate(roots):
        rows.setdefault(root, []).append(row)
    return {(a, b) for group in rows.values() for a in group for b in group if a < b}


def test_the_committed_sample_has_the_same_clusters(tmp_path):
    lines = Path("data/synthetic/sample.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    traits = [
        Traits(f"{row:06d}", text=mask_contacts(record.get("text") or ""))
        for row, record in enumerate(records)
    ]
    assert len(traits) == 100
    assert roots_of(traits, {}, tmp_path) == exact_roots(traits, {})


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_planted_campaigns_have_nearly_the_same_clusters(tmp_path, seed):
    planted = planted_adverts(300, seed=seed)
    traits = [replace(one.traits, id=f"{row:06d}") for row, one in enumerate(planted)]
    looks = {one.traits.images[0]: one.look for one in planted if one.look is not None}
    found, wanted = (
        pairs_in(roots_of(traits, looks, tmp_path)),
        pairs_in(exact_roots(traits, looks)),
    )
    shared = len(found & wanted)
    print(len(found), len(wanted), shared)
    assert shared / len(found) >= 0.95
    assert shared / len(wanted) >= 0.95


def test_no_rows_have_no_clusters(tmp_path):
    assert roots_of([], {}, tmp_path) == []


def test_adverts_with_nothing_are_alone(tmp_path):
    assert roots_of([Traits("a"), Traits("b"), Traits("c", text="hi")], {}, tmp_path) == [0, 1, 2]
