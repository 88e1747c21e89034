"""A gate is not passed by what leaves the test set after somebody looked at it."""

import csv
import random
import shutil
from dataclasses import replace

import numpy as np
import pytest
from composing import load
from preparing import families_beside
from tiny_adverts import tiny_rows

from adverts.advert import LabelSchema, Task
from adverts.data.dataset.prepared import write_prepared
from adverts.errors import CannotJudgeError
from adverts.evaluate import evaluate
from adverts.evaluation.gate.gate_record import read_record
from adverts.evaluation.predictions.look_ledger import ledger_beside
from adverts.train import train

GATE = (
    "gate=first",
    "gate.conditions.ranks_well.at_least=0.8",
    "gate.conditions.ranks_well.must_see=0.9",
    "gate.conditions.calibrated.must_see=0.9",
    "gate.conditions.calibrated.at_most=1.0",
    "gate.conditions.calibrated.if_insufficient=report",
    "gate.conditions.answers_enough.if_insufficient=report",
    "gate.promises=null",
)
SCHEMA = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")


def rows_with_errors():
    """The made-up adverts; of those in test, a fifth of the positives have no word that tells it."""
    rows = tiny_rows()
    wrong = [i for i, row in enumerate(rows) if row.split == "test" and is_positive(row)][::3]
    harmless = [row.text for row in rows if row.split == "train" and not is_positive(row)]
    for place, i in enumerate(wrong):
        rows[i] = replace(rows[i], text=f"{harmless[place]} word39")
    return rows, {rows[i].id for i in wrong}


def is_positive(row):
    return row.targets["refer"] == (0.0, 1.0)


class Bench:
    """A folder of a dataset, of the runs on it and of the ledger of the unit."""

    def __init__(self, root):
        self.root, self.prepared = root, root / "prepared" / "tiny"
        self.prepared.parent.mkdir()

    def write(self, rows):
        beside = {"side_files": families_beside(rows)}
        write_prepared(self.prepared, rows, name="tiny", schema=SCHEMA, **beside)

    def gate(self, *overrides):
        """Train on the dataset as it is now, and judge; return the record."""
        places = [f"prepared={self.prepared}", f"ledger={self.root / 'looks.jsonl'}"]
        shutil.rmtree(self.root / "run", ignore_errors=True)
        run, report = f"{self.root / 'run'}", self.root / "report"
        train(load("train", *places, f"run_dir={run}", "model=tfidf", "tracking=none"))
        rest = ["bootstrap_resamples=100", "min_positive_clusters=10", "tracking=none"]
        places += [f"candidate={run}", f"run_dir={report}", *rest]
        try:
            evaluate(load("evaluate", *places, *GATE, *overrides))
        except CannotJudgeError:
            pass
        return read_record(report / "gate.json")


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def lost(record):
    return next(one for one in record.results if one.name == "nothing_lost")


def test_x(bench):
    rows, wrong = rows_with_errors()
    bench.write(rows)
    record = bench.gate()
    for one in record.results:
        print(one.name, one.outcome, one.found, one.message)
    bench.write([r for r in rows if r.id not in wrong])
    record = bench.gate()
    print()
    for one in record.results:
        print(one.name, one.outcome, one.found, one.message)
    assert 0
