"""The best settings as an experiment compose to the config of the trial."""

import pytest
import yaml
from composing import load

from adverts.command import CONFIGS
from adverts.tuning.best_experiment import write_best
from adverts.tuning.options import options, read_option
from adverts.tuning.space import build_space, distributions

SPACES = {"fine_tune": "text", "frozen": "text", "tfidf": "tfidf"}


@pytest.mark.parametrize(("tune", "model"), SPACES.items())
@pytest.mark.parametrize("end", [0, -1])
def test_the_ends_of_each_space_compose_from_what_is_written(tmp_path, tune, model, end):
    config = load("tune", "prepared=p", "study_dir=s", f"tune={tune}", f"model={model}")
    space = build_space(config)
    params = {
        key: one.choices[end] if hasattr(one, "choices") else (one.low, one.high)[end]
        for key, one in distributions(space).items()
    }
    wanted = space.config(params)
    write_best(tmp_path, wanted, said="a test")
    found = load("train", directory=tmp_path, name="best")
    for section in ("seed", "prepared", "model", "optimizer", "loss", "augment"):
        assert getattr(found, section) == getattr(wanted, section)
    free = {"threads", "device"}
    assert found.trainer.model_dump(exclude=free) == wanted.trainer.model_dump(exclude=free)


@pytest.mark.parametrize(
    "word", ["1e5", "null", "2026-07-14", "a\nseed: 7\n", "x\u2028seed: 7", "yes"]
)
def test_a_place_sets_no_key_of_the_best_settings(tmp_path, word):
    folder = tmp_path / word
    folder.mkdir()
    wanted = load("train", f"prepared='{word}'")
    write_best(folder, wanted, said="a test")
    found = load("train", directory=folder, name="best")
    assert (str(found.prepared), found.seed) == (word, wanted.seed)
    assert found.run_dir == folder / "best"


def test_there_is_a_space_for_each_way_to_train():
    assert {path.stem for path in (CONFIGS / "tune").glob("*.yaml")} == set(SPACES)


@pytest.mark.parametrize("group", ["model", "model/ngrams", "trainer", "augment", "loss"])
def test_an_option_is_read_as_hydra_composes_it(group):
    for option in options(group):
        choice = "model=text" if group == "model/ngrams" else f"{group}={option}"
        found = load("train", "prepared=p", choice).model_dump(mode="json")
        values = found["model"]["ngrams"] if group == "model/ngrams" else found[group]
        assert yaml.safe_load(yaml.safe_dump(read_option(group, option))) == values
