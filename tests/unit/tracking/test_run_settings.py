"""Only settings that decide something are recorded, and curves are named for their charts."""

import pytest

from adverts.tracking.run_settings import curve_names, settings_of

CONFIG = {
    "model": {
        "kind": "neural",
        "name": "text",
        "tower": None,
        "head_dropout": 0.1,
        "encoder": {"weights": "w", "dropout": 0.1, "max_tokens": 64, "freeze_layers": 0},
    },
    "optimizer": {"learning_rate": 0.1},
    "trainer": {"method": "fine_tune", "epochs": 3, "precision": "fp32", "patience": 0},
    "augment": {"share": 0.0, "disguises": ()},
    "baseline": True,
    "seed": 0,
    "prepared": "/home/somebody/data/prepared",
    "run_dir": "/home/somebody/runs/one",
    "resume": None,
    "ledger": "/home/somebody/looks.jsonl",
    "tracking": {"uri": "https://user:hunter2@tracking.example"},
}


def with_method(method):
    return CONFIG | {"trainer": CONFIG["trainer"] | {"method": method}}


def test_a_tfidf_run_has_no_settings_of_steps():
    found = settings_of(CONFIG | {"model": {"kind": "tfidf", "name": "tfidf"}})
    assert found.keys() == {"model", "seed", "prepared", "run_dir"}


def test_a_frozen_run_has_neither_epochs_nor_a_learning_rate():
    found = settings_of(with_method("frozen"))
    assert "optimizer" not in found
    assert found["trainer"] == {"method": "frozen", "precision": "fp32"}
    assert found["model"] == {
        "kind": "neural",
        "name": "text",
        "encoder": {"weights": "w", "max_tokens": 64},
    }


def test_a_fine_tuned_run_keeps_what_decides_its_steps():
    found = settings_of(CONFIG)
    assert found["optimizer"] == {"learning_rate": 0.1}
    assert found["trainer"]["epochs"] == 3
    assert "tower" not in found["model"]
    assert "augment" not in found
    assert settings_of(CONFIG | {"augment": {"share": 0.5}})["augment"] == {"share": 0.5}


@pytest.mark.parametrize("method", ["fine_tune", "frozen"])
def test_no_folder_of_a_person_and_no_address_is_recorded(method):
    found = settings_of(with_method(method))
    assert found["prepared"] == "prepared"
    assert found["run_dir"] == "one"
    assert "somebody" not in str(found)
    assert "hunter2" not in str(found)


def test_the_charts_begin_with_loss_and_validation():
    names = {"train/loss", "train/epoch", "train/learning_rate", "validation/loss"}
    renamed = sorted(curve_names(dict.fromkeys(names, 0.0)))
    assert renamed == ["train/loss", "validation/loss", "work/epoch", "work/learning_rate"]
