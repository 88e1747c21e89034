"""What a model of another dataset learnt from is looked for where its run names it, by its hash."""

import random

import pytest
from random_posts import prepared_posts, words

from adverts.candidates.other_training import seen_elsewhere
from adverts.evaluation.predictions.model_facts import DatasetName

pytestmark = pytest.mark.promise
COUNTS = {"train": 20, "test": 20}


@pytest.fixture(scope="module")
def datasets(tmp_path_factory):
    """A dataset, one far from it that trains on half of its test, and a run that names it."""
    draw, place = random.Random(0), tmp_path_factory.mktemp("place")
    made = {}
    for name in ("judged", "mine"):
        rows = [
            {
                "id": f"{name}{split}{i}",
                "text": " ".join(words(draw, 9)),
                "label": label,
                "s": split,
            }
            for split, count in COUNTS.items()
            for i, label in enumerate(["yes", "no"] * (count // 2))
        ]
        if name == "mine":
            for row, text in zip(rows, made["judged"].split("test").texts[:10], strict=False):
                row["text"] = text
        (place / name).mkdir()
        made[name] = prepared_posts(place / name, rows, COUNTS)
    run = place / "run"
    (run / "bundle").mkdir(parents=True)
    (run / "config.yaml").write_text(f"prepared: {made['mine'].path}\n", encoding="utf-8")
    return made["judged"], made["mine"], run


def seen(datasets, data_hash, place):
    judged = datasets[0]
    named = DatasetName("mine", data_hash, frozenset())
    return seen_elsewhere(named, judged, judged.split("test"), place=place, who="the model")


def test_identical_adverts_are_found_where_the_run_around_the_model_names_its_dataset(datasets):
    _, mine, run = datasets
    for place in (run, run / "bundle"):
        found = seen(datasets, mine.data_hash, place)
        assert int(found.seen.sum()) == 10
        assert "only identical adverts were looked for" in found.lack


def test_where_no_run_names_it_nothing_is_known(datasets):
    _, mine, run = datasets
    for place in (None, run.parent):
        assert "are not known here" in seen(datasets, mine.data_hash, place).lack


@pytest.mark.parametrize("data_hash", ["0" * 64, "f" * 64, ""])
def test_a_dataset_of_another_hash_is_not_taken_for_it(datasets, data_hash):
    assert "are not known here" in seen(datasets, data_hash, datasets[2]).lack
