"""What becomes of judged adverts when a dataset is prepared again with a review, or without."""

from types import SimpleNamespace

import pytest
from preparing import config, places, sentences, write_csv

from adverts.candidates.record_looks import ModelName, compared_with, look_at_split
from adverts.evaluation.predictions.look_ledger import EXPORTED, TRAINED
from adverts.evaluation.predictions.lost_adverts import Lost
from adverts.prepare import prepare

pytestmark = pytest.mark.promise


def look(dataset, name="m", *, kind="checkpoint", training=None, data="elsewhere"):
    trained_on = SimpleNamespace(data_hash=data)
    facts = SimpleNamespace(
        name="model", kind=kind, identity=name, training=training, trained_on=trained_on
    )
    model = SimpleNamespace(facts=facts, place=None)
    options = {"champion": None, "ledger": None, "gate": "first", "report": "open"}
    return look_at_split(dataset, "test", model, **options)


def looked(dataset):
    return look(dataset).lost


def test_two_models_that_are_judged_at_once_each_pay_for_the_other(tmp_path):
    write_csv(tmp_path, sentences(60, seed=0))
    dataset = prepare(config(tmp_path))
    first, second = look(dataset, "m"), look(dataset, "n")
    assert (first.earlier, second.earlier) == (0, 1)
    assert (first.by_now(), second.by_now()) == (1, 1)


OTHER_FILES, NO_RECORD = "wrote other files than these", "has no record of the training"
BEGUN = ("t", None, TRAINED)
ENDED = (BEGUN, ("t", "checkpoint", TRAINED))
WHOLE = (*ENDED, ("t", "bundle", EXPORTED))


@pytest.mark.parametrize(
    ("told", "kind", "identity", "lack"),
    [
        (WHOLE, "checkpoint", "checkpoint", None),
        (WHOLE, "bundle", "bundle", None),
        (WHOLE, "checkpoint", "planted", OTHER_FILES),
        (WHOLE, "checkpoint", "bundle", OTHER_FILES),
        (WHOLE, "bundle", "planted", OTHER_FILES),
        (WHOLE, "bundle", "checkpoint", OTHER_FILES),
        (ENDED, "checkpoint", "checkpoint", None),
        (ENDED, "bundle", "bundle", OTHER_FILES),
        ((BEGUN,), "checkpoint", "checkpoint", "as if it never ended"),
        ((BEGUN, ("t", "bundle", EXPORTED)), "bundle", "bundle", "as if it never ended"),
        ((("t", "bundle", EXPORTED),), "bundle", "bundle", NO_RECORD),
        ((("t", "checkpoint", "first"),), "checkpoint", "checkpoint", NO_RECORD),
        ((("u", None, TRAINED), ("u", "other", TRAINED)), "checkpoint", "checkpoint", NO_RECORD),
        ((), "checkpoint", "checkpoint", NO_RECORD),
    ],
)
def test_a_model_is_judged_only_as_the_files_that_its_training_told_of(
    tmp_path, told, kind, identity, lack
):
    write_csv(tmp_path, sentences(60, seed=0))
    dataset = prepare(config(tmp_path))
    for training, wrote, gate in told:
        name = ModelName("model", wrote or "", training)
        compared_with(dataset, name, ledger=None, gate=gate)
    found = look(dataset, identity, kind=kind, training="t", data=dataset.data_hash)
    if lack is None:
        assert found.lack is None
    else:
        assert lack in found.lack
    assert found.training_lost == (lack == NO_RECORD)


def test_a_training_on_another_dataset_than_the_files_say_is_told(tmp_path):
    write_csv(tmp_path, sentences(60, seed=0))
    dataset = prepare(config(tmp_path))
    for wrote in ("", "checkpoint"):
        compared_with(dataset, ModelName("model", wrote, "t"), ledger=None, gate=TRAINED)
    assert look(dataset, "checkpoint", training="t", data=dataset.data_hash).lack is None
    assert "trained on another dataset" in look(dataset, "checkpoint", training="t").lack


def test_no_record_is_wanted_here_of_a_training_on_another_dataset(tmp_path):
    write_csv(tmp_path, sentences(60, seed=0))
    dataset = prepare(config(tmp_path))
    found = look(dataset, "checkpoint", training="t")
    assert not found.training_lost
    assert found.lack is None


@pytest.fixture
def judged(tmp_path):
    """Adverts of a dataset that was judged, and those of them in test."""
    rows = sentences(60, seed=0)
    write_csv(tmp_path, rows)
    place = places(prepare(config(tmp_path)))
    assert looked(prepare(config(tmp_path))) == Lost()
    return rows, [row for row in rows if place[row["id"]].place == "test"]


def other(label):
    return "no" if label == "yes" else "yes"


def review(tmp_path, rows):
    path = tmp_path / "review.csv"
    lines = [f"p{i},c,{row['id']},1,large,{other(row['label'])},\n" for i, row in enumerate(rows)]
    path.write_text("part,cluster,example,adverts,reason,label.refer,note\n" + "".join(lines))
    return path


def test_what_a_review_labelled_otherwise_is_known_as_such(tmp_path, judged):
    _, test = judged
    dataset = prepare(config(tmp_path, review=review(tmp_path, test[:3])))
    assert dataset.relabelled("refer") == {row["id"] for row in test[:3]}
    assert dataset.relabelled("other task") == frozenset()
    found = looked(dataset)
    assert (found.judged, found.relabelled, found.unexplained) == (len(test), 3, 0)
    assert found.costs == 3


def test_a_review_of_other_adverts_does_not_explain_what_changed_at_the_source(tmp_path, judged):
    rows, test = judged
    for row in test[:2]:
        row["label"] = other(row["label"])
    write_csv(tmp_path, rows)
    found = looked(prepare(config(tmp_path, review=review(tmp_path, test[2:5]))))
    assert (found.unexplained, found.relabelled, found.costs) == (2, 3, 5)
