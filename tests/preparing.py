"""A config of the verb `prepare` and the file that it reads, for tests that change one thing."""

from __future__ import annotations

import csv
import random

from composing import TASK

from adverts.config import ColumnsConfig, PrepareConfig
from adverts.data.dataset.linked_families import find_families
from adverts.data.dataset.split_assignments import ASSIGNMENTS, read_assignments, write_assignments

MADE = {"kind": "made", "validation_fraction": 0.2, "test_fraction": 0.2, "seed": 0}
GIVEN = {
    "kind": "given",
    "names": {"train": "train", "test": "test"},
    "validation_fraction": 0.25,
    "leakage": "report",
    "seed": 0,
}


def data_values(root, columns, **changes):
    """Values of a data config: a CSV file of one task, split anew, with what is changed."""
    values = {
        "name": "demo",
        "root": root,
        "source": {"kind": "csv", "paths": ["adverts.csv"]},
        "columns": dict.fromkeys(ColumnsConfig.model_fields) | columns,
        "tasks": {"kind": "listed", "headline": "refer", "tasks": [TASK]},
        "unlabelled": False,
        "min_label_count": 0,
        "split": MADE,
        "review": None,
        "campaigns": None,
        "clusters": {"max_contact_accounts": 25},
        "image_limits": {"max_bytes": 1_000_000, "max_pixels": 1_000_000},
        "row_limits": {"max_characters": 100_000, "max_bytes": 8_000_000},
        "on_error": "fail",
        "provenance": "synthetic_template",
        "licence": "MIT",
        "sensitivity": "synthetic",
        "purpose": "a test",
        "retain_until": None,
    }
    return values | changes


def config(tmp_path, columns=None, **data):
    columns = {"id": "id", "text": "text"} if columns is None else columns
    root = data.pop("root", tmp_path / "raw")
    return PrepareConfig.model_validate(
        {
            "data": data_values(root, columns, **data),
            "ocr": {
                "engine": {"kind": "none"},
                "cache": tmp_path / "ocr",
                "workers": 0,
                "timeout_s": 60,
                "images_per_worker": 500,
            },
            "prepared": tmp_path / "prepared" / "demo",
            "part": None,
            "executor": {"kind": "local", "processes": None},
            "erase": None,
            "runs": tmp_path / "runs",
            "bank": tmp_path / "bank",
        }
    )


def write_csv(tmp_path, rows):
    (tmp_path / "raw").mkdir(exist_ok=True)
    with (tmp_path / "raw" / "adverts.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def sentences(count, *, seed):
    """Adverts of words that no other one has."""
    draw = random.Random(seed)
    return [
        {
            "id": f"s{seed}-{i}",
            "text": " ".join("".join(draw.choices("abcdefghijklmno", k=7)) for _ in range(14)),
            "label": ("yes", "no")[i % 2],
        }
        for i in range(count)
    ]


def families_beside(rows, links=None):
    """What writes the record of families beside rows: the clusters, and those that links join."""
    ids = [row.id for row in rows]
    clusters = [row.cluster for row in rows]
    families = find_families(clusters, [] if links is None else [links])
    splits = [row.split for row in rows]
    return {
        ASSIGNMENTS: lambda path: write_assignments(
            path, ids, clusters, splits, families=families, gone={}
        )
    }


def places(dataset):
    return read_assignments(dataset.path / ASSIGNMENTS)
