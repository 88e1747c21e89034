"""Adverts that stand for lost ones are like those that are judged, and like no others."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
from random_posts import prepared_posts, words

from adverts.judging.judge import EvaluationJob

pytestmark = pytest.mark.promise
COUNTS = {"train": 20, "test": 60}


class Job(EvaluationJob):
    """An evaluation that sets aside each third advert."""

    @property
    def set_aside(self):
        return np.arange(len(self.table)) % 3 == 0


def test_lost_adverts_are_like_judged_ones_with_the_same_label(tmp_path):
    draw = random.Random(0)
    rows = [
        {"id": f"{split}{i}", "text": " ".join(words(draw, 9)), "label": label, "s": split}
        for split, count in COUNTS.items()
        for i, label in enumerate(draw.choices(("yes", "no"), k=count))
    ]
    dataset = prepared_posts(tmp_path, rows, COUNTS)
    table, (task,) = dataset.split("test"), dataset.schema.tasks
    table.reviewed[::2] = False
    candidate = SimpleNamespace(facts=SimpleNamespace(schema=dataset.schema))
    positive = table.targets[task.name][:, task.positive_index] == 1
    judged = table.reviewed & (np.arange(len(table)) % 3 != 0)
    known = {
        label: {table.ids[row] for row in np.flatnonzero(judged & (positive == label))}
        for label in (True, False)
    }
    job = Job(SimpleNamespace(seed=0), dataset, table, candidate).with_lost(40, 50)
    assert (len(job.table), job.missed, job.flagged) == (60 + 40 + 50, 40, 50)
    assert {*job.table.ids[60:100]} == known[True]
    assert {*job.table.ids[100:]} == known[False]
    assert len({*job.table.clusters[60:]}) == 90
