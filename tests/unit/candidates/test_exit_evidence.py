"""What an early exit rests on: reviewed adverts that the model did not learn from."""

from types import SimpleNamespace

import numpy as np
import pytest
from preparing import config, sentences, write_csv

from adverts.candidates.exit_evidence import exit_evidence
from adverts.prepare import prepare

pytestmark = pytest.mark.promise


@pytest.fixture
def dataset(tmp_path):
    write_csv(tmp_path, sentences(60, seed=0))
    return prepare(config(tmp_path))


def logits(count, first):
    rows = first + np.arange(count, dtype=np.float32)
    return {"refer": np.stack([-rows, rows], axis=1)}


def validation(dataset, **marks):
    """Return the validation adverts, and predictions whose logits are the numbers of the rows."""
    table = dataset.split("validation")
    none, every = np.zeros(len(table), bool), np.ones(len(table), bool)
    said = {"reviewed": every, "seen": none, "unreadable": none, **marks}
    branches = {"ngrams": logits(len(table), 100)}
    return table, SimpleNamespace(logits=logits(len(table), 0), branches=branches, **said)


def out_of_fold(dataset, count):
    rows = np.flatnonzero([one == "train" for one in dataset.split("all").splits])[:count]
    return SimpleNamespace(
        rows=rows, mean=logits(count, 200), branches={"ngrams": logits(count, 300)}
    )


def found(dataset, held_out, kept):
    facts = SimpleNamespace(schema=dataset.schema, inputs=("text",))
    return exit_evidence(SimpleNamespace(facts=facts), dataset, held_out, kept)


def said(evidence):
    return [one[:, 1].tolist() for one in (evidence.mean["refer"], evidence.ngrams["refer"])]


@pytest.mark.parametrize("mark", ["reviewed", "seen", "unreadable"])
def test_what_nobody_reviewed_the_model_knows_or_cannot_read_is_no_evidence(dataset, mark):
    table, _ = validation(dataset)
    out = np.arange(len(table)) % 3 == 0
    held_out = validation(dataset, **{mark: ~out if mark == "reviewed" else out})
    evidence = found(dataset, held_out, None)
    kept = np.flatnonzero(~out).tolist()
    assert said(evidence) == [kept, [100 + row for row in kept]]
    assert evidence.clusters == [table.clusters[row] for row in kept]


def test_training_out_of_fold_comes_before_validation(dataset):
    held_out, kept = validation(dataset), out_of_fold(dataset, 7)
    evidence = found(dataset, held_out, kept)
    rows = np.arange(len(held_out[0]))
    assert said(evidence) == [
        [*(200.0 + np.arange(7)), *rows],
        [*(300.0 + np.arange(7)), *(100.0 + rows)],
    ]
    trained = dataset.split("all").select(kept.rows)
    assert evidence.clusters == [*trained.clusters, *held_out[0].clusters]
    assert evidence.readable.all()
    assert said(found(dataset, None, kept)) == [
        (200.0 + np.arange(7)).tolist(),
        (300.0 + np.arange(7)).tolist(),
    ]


def test_without_any_there_is_none(dataset):
    table, _ = validation(dataset)
    none = validation(dataset, seen=np.ones(len(table), bool))
    assert found(dataset, none, None) is None
    assert found(dataset, None, None) is None
