"""The predictions file: whole, readable again, and without any text."""

import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adverts.advert import Task
from adverts.errors import InputError
from adverts.evaluation.predictions.prediction_file import (
    Predictions,
    concatenate,
    read_predictions,
    select,
    write_predictions,
)

TASKS = (
    Task("refer", "single", ("no", "yes"), "yes"),
    Task("risk", "ordinal", ("low", "mid", "high")),
)


def predictions(n=5, first=0, seed=0):
    rng = np.random.default_rng(seed)
    return Predictions(
        tasks=TASKS,
        ids=[f"a{i}" for i in range(first, first + n)],
        clusters=[f"c{i // 2}" for i in range(n)],
        langs=["en", None, "fr", "en", "sq"][:n],
        identified_langs=["en", "en", None, "en", "sq"][:n],
        scripts=["Latn", None, "Latn", "Latn", "Latn"][:n],
        modalities=["text"] * n,
        readings=["no picture read"] * n,
        platforms=["forum", None, "video", "forum", "web"][:n],
        weeks=["2026-W09", None, "2026-W10", None, None][:n],
        characters=list(range(n)),
        splits=["test"] * n,
        reviewed=np.arange(n) % 2 == 0,
        seen=np.arange(n) == 1,
        seen_known=np.arange(n) != 2,
        logits={"refer": rng.normal(size=(n, 2)), "risk": rng.normal(size=(n, 2))},
        probabilities={
            "refer": rng.dirichlet(np.ones(2), n),
            "risk": rng.dirichlet(np.ones(3), n),
        },
        model="text",
        data_hash="ab" * 32,
    )


def assert_equal(found, wanted):
    for field in dataclasses.fields(Predictions):
        one, other = getattr(found, field.name), getattr(wanted, field.name)
        if field.name in ("logits", "probabilities"):
            assert one.keys() == other.keys()
            for name in one:
                np.testing.assert_array_equal(one[name], other[name])
        else:
            np.testing.assert_array_equal(one, other)


def test_what_is_written_is_read_back_exactly(tmp_path):
    write_predictions(tmp_path / "predictions.parquet", predictions())
    assert_equal(read_predictions(tmp_path / "predictions.parquet"), predictions())


def test_branches_are_read_back_put_together_and_may_be_unknown(tmp_path):
    rng = np.random.default_rng(3)

    def with_branches(**changes):
        said = predictions(**changes)
        drawn = {
            name: {"refer": rng.normal(size=(5, 2)), "risk": rng.normal(size=(5, 2))}
            for name in ("network", "ngrams")
        }
        return dataclasses.replace(said, branches=drawn)

    one, other = with_branches(), with_branches(first=5)
    write_predictions(tmp_path / "p.parquet", one)
    found = read_predictions(tmp_path / "p.parquet")
    assert list(found.branches) == ["network", "ngrams"]
    both = concatenate([found, other])
    for branch, logits in one.branches.items():
        for task, values in logits.items():
            np.testing.assert_array_equal(found.branches[branch][task], values)
            wanted = np.concatenate([values, other.branches[branch][task]])
            np.testing.assert_array_equal(both.branches[branch][task], wanted)
    assert concatenate([one, predictions(first=5)]).branches == {}


def test_no_advert_at_all_is_written_and_read(tmp_path):
    write_predictions(tmp_path / "p.parquet", predictions(n=0))
    assert len(read_predictions(tmp_path / "p.parquet")) == 0


def test_a_model_without_logits_is_written_and_read(tmp_path):
    without = dataclasses.replace(predictions(), logits={})
    write_predictions(tmp_path / "p.parquet", without)
    assert_equal(read_predictions(tmp_path / "p.parquet"), without)


def test_the_file_holds_the_named_columns_and_no_text(tmp_path):
    write_predictions(tmp_path / "p.parquet", predictions())
    assert pq.read_schema(tmp_path / "p.parquet").names == [
        "id",
        "cluster",
        "lang",
        "identified_lang",
        "script",
        "modality",
        "reading",
        "platform",
        "posted_week",
        "characters",
        "reviewed",
        "split",
        "seen",
        "seen_known",
        "answer",
        "logits.refer",
        "probabilities.refer",
        "logits.risk",
        "probabilities.risk",
    ]


def test_the_file_is_for_its_owner_alone_and_leaves_nothing_beside_it(tmp_path):
    write_predictions(tmp_path / "p.parquet", predictions())
    assert [path.name for path in tmp_path.iterdir()] == ["p.parquet"]
    assert (tmp_path / "p.parquet").stat().st_mode & 0o777 == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_nothing_half_written(tmp_path, monkeypatch):
    path = tmp_path / "p.parquet"
    write_predictions(path, predictions())

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OSError, match="space"):
        write_predictions(path, predictions(n=3))
    assert [one.name for one in tmp_path.iterdir()] == ["p.parquet"]
    assert len(read_predictions(path)) == 5


def test_rows_are_selected_in_the_order_asked_for():
    picked = select(predictions(), [3, 0])
    assert picked.ids == ["a3", "a0"]
    np.testing.assert_array_equal(
        picked.probabilities["risk"], predictions().probabilities["risk"][[3, 0]]
    )


def test_the_folds_of_an_experiment_are_put_together():
    parts = [predictions(n=3), predictions(n=2, first=3, seed=1)]
    whole = concatenate(parts)
    assert whole.ids == ["a0", "a1", "a2", "a3", "a4"]
    np.testing.assert_array_equal(whole.probabilities["refer"][3:], parts[1].probabilities["refer"])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "no predictions"),
        ([predictions(), predictions()], "is in two of the predictions"),
        (
            [predictions(), dataclasses.replace(predictions(first=5), tasks=TASKS[:1])],
            "different tasks",
        ),
    ],
    ids=["none", "twice", "other-tasks"],
)
def test_predictions_that_do_not_belong_together_are_refused(parts, message):
    with pytest.raises(InputError, match=message):
        concatenate(parts)


def test_a_probability_that_is_no_number_is_refused_by_the_advert_s_id():
    broken = predictions().probabilities["refer"].copy()
    broken[2, 1] = np.nan
    with pytest.raises(InputError, match="advert a2"):
        dataclasses.replace(
            predictions(), probabilities={**predictions().probabilities, "refer": broken}
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [({"clusters": ["c"]}, "clusters"), ({"splits": []}, "splits")],
)
def test_columns_of_unequal_length_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        dataclasses.replace(predictions(), **change)


def test_probabilities_of_another_width_are_refused():
    wrong = {**predictions().probabilities, "refer": np.ones((5, 3))}
    with pytest.raises(InputError, match=r"\(5, 3\), wanted \(5, 2\)"):
        dataclasses.replace(predictions(), probabilities=wrong)


def test_a_file_that_is_not_there_or_not_ours_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_predictions(tmp_path / "none.parquet")
    (tmp_path / "junk.parquet").write_bytes(b"junk")
    with pytest.raises(InputError, match="not a predictions file"):
        read_predictions(tmp_path / "junk.parquet")
    write_predictions(tmp_path / "damaged.parquet", predictions())
    data = bytearray((tmp_path / "damaged.parquet").read_bytes())
    data[60] ^= 255
    (tmp_path / "damaged.parquet").write_bytes(data)
    with pytest.raises(InputError, match=r"damaged\.parquet is not a predictions file"):
        read_predictions(tmp_path / "damaged.parquet")
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match="not a predictions file"):
        read_predictions(tmp_path / "other.parquet")
