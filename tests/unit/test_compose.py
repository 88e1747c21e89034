"""Configurations composed inside another program: the same messages, and nothing left behind."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from pathlib import Path

import hydra
import numpy as np
import pytest
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from hydra.version import VersionBase
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from omegaconf.basecontainer import BaseContainer

from adverts.compose import compose, private_hydra
from adverts.config import EvaluateConfig, PrepareConfig, TrainConfig
from adverts.config.override_words import as_word, typed_words
from adverts.errors import InputError


def process():
    """Return what a process has that composing must not change."""
    return (
        dict(BaseContainer._resolvers),
        {name: one for name, one in Singleton._instances.items() if name.__name__ != "Plugins"},
        HydraConfig.instance().cfg,
        {name: one for name, one in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        list(sys.argv),
        Path.cwd(),
        gc.get_threshold(),
        signal.getsignal(signal.SIGINT),
        signal.getsignal(signal.SIGTERM),
    )


@pytest.fixture(autouse=True)
def unchanged_process():
    HydraConfig.instance()
    compose("train", TrainConfig, ["prepared=p"])  # the first call finds the plugins of Hydra
    before = process()
    yield
    for now, then in zip(process(), before, strict=True):
        assert now == then


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "prepared: not set; give it as prepared=<value>"),
        (["prepared=p", "trainer.epoch=3"], "trainer.epoch: no such key; nearest key: epochs"),
        (["prepared=p", "model=tex"], "model: found 'tex'; nearest: text; legal: fusion, ocr_"),
        (["prepared=p", "seed=-1"], "seed: found -1; wanted: greater than or equal to 0"),
        (["prepared=p", "seed=["], "no viable alternative"),
        (
            ["prepared=${nope}"],
            "prepared: ${ begins an interpolation, which only the files of adverts",
        ),
        (["prepared=p", "seed=0,1"], "seed=0,1: several values; type decimals with a point"),
        (["-m", "prepared=p"], "-m: flags are for the command line; give key=value here"),
        (["prepared=p", "hydra.run.dir=x"], "hydra.run.dir: not used"),
        (["prepared=p", "experiment=nine_frozen"], "must be added with a plus: +experiment="),
    ],
)
def test_a_mistake_is_told_as_on_the_command_line(words, message):
    with pytest.raises(InputError) as told:
        compose("train", TrainConfig, words)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(InputError) as told:
        compose("train", TrainConfig, ["model=tex", "trainer.epoch=3", "seed=-1"])
    lines = str(told.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "model",
        "trainer.epoch",
        "prepared",
        "seed",
    ]


def test_a_program_that_has_initialised_hydra_finds_it_again(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(BaseContainer, "_resolvers", dict(BaseContainer._resolvers))
        changed = (GlobalHydra, VersionBase)  # an instance would be changed, not replaced
        kept = {one: value for one, value in Singleton._instances.items() if one not in changed}
        patch.setattr(Singleton, "_instances", kept)
        (tmp_path / "mine.yaml").write_text("a: 1\nb: ${job_suffix:}${now:%Y}\n")
        OmegaConf.register_new_resolver("job_suffix", lambda: "mine", replace=True)
        with hydra.initialize_config_dir(str(tmp_path), version_base="1.2"):
            before = GlobalHydra.instance().hydra
            now = BaseContainer._resolvers["now"]
            assert compose("train", TrainConfig, ["prepared=p"]).prepared == Path("p")
            with pytest.raises(InputError):
                compose("train", TrainConfig)
            assert GlobalHydra.instance().hydra is before
            assert BaseContainer._resolvers["now"] is now
            assert hydra.version.getbase().minor == 2
            assert hydra.compose("mine").b.startswith("mine20")


def test_a_call_inside_another_one_has_a_hydra_of_its_own():
    inner = []

    def settle(values, job):
        inner.append(compose("evaluate", EvaluateConfig, ["candidate=c", "prepared=p"]))
        return {**values, "seed": len(job.overrides)}

    outer = compose("train", TrainConfig, ["prepared=p", "model=tfidf"], settle=settle)
    assert (outer.seed, outer.model.kind, inner[0].candidate) == (2, "tfidf", Path("c"))


def test_threads_do_not_meet():
    found = {}

    def run(number):
        found[number] = compose("train", TrainConfig, ["prepared=p", f"seed={number}"]).seed

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == {number: number for number in range(6)}


def test_a_folder_of_ones_own_is_read_even_with_a_hostile_name(tmp_path):
    folder = tmp_path / "my 'own', [conf] = x"
    (folder / "data").mkdir(parents=True)
    (folder / "run.yaml").write_text("defaults: [train, _self_]\nseed: 7\nprepared: p\n")
    assert compose("train", TrainConfig, config_dir=folder, config_name="run").seed == 7
    assert compose("train", TrainConfig, ["prepared=p"], config_dir=folder).seed == 0
    with pytest.raises(InputError, match="-cn: found 'rum'; nearest: run; legal: run, train"):
        compose("train", TrainConfig, config_dir=folder, config_name="rum")
    (folder / "train.yaml").write_text("seed: 9\n")
    with pytest.raises(InputError, match="has the name of a configuration that adverts contains"):
        compose("train", TrainConfig, ["prepared=p"], config_dir=folder)


LETTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\x00")


TEXTS = st.text(LETTERS, min_size=1) | st.text("\\${}'a", min_size=1)


@settings(deadline=None, max_examples=20)
@given(texts=st.lists(TEXTS, min_size=4, max_size=8))
def read_as_they_are(texts):
    value = {"a": [*texts, None, True, 3, 0.5]}
    [word] = typed_words([as_word("name", value)])
    found = OmegaConf.to_container(hydra.compose(overrides=[f"+{word}"]), resolve=True)
    assert found == {"name": value}


def test_a_value_of_python_is_read_as_it_is():
    with (
        private_hydra(TrainConfig),
        hydra.initialize_config_module("adverts.configs", version_base="1.3"),
    ):
        read_as_they_are()


def test_a_group_is_chosen_by_a_value_of_python():
    words = [as_word("data", "csv"), as_word("data.source.paths", ["a, b.csv", Path("it's.csv")])]
    found = compose("prepare", PrepareConfig, [*words, as_word("data.root", "/x ${y}")])
    assert list(found.data.source.paths) == ["a, b.csv", "it's.csv"]
    assert found.data.root == Path("/x ${y}")


@pytest.mark.parametrize("name", ["it's", "a: b", "", 3, "ø"])
def test_a_name_that_hydra_cannot_read_is_refused(name):
    with pytest.raises(InputError, match="labels: found the name"):
        as_word("labels", {name: "x"})


def test_numbers_of_numpy_are_those_of_python():
    found = [np.float64(1e-4), np.float32(0.5), np.int64(3), np.bool_(False), (np.int8(1),)]
    assert as_word("a", found) == "a=[0.0001, 0.5, 3, false, [1]]"
    assert compose("train", TrainConfig, ["prepared=p", as_word("seed", np.int64(7))]).seed == 7


def test_a_value_of_another_type_is_refused():
    with pytest.raises(InputError, match="seed: found a object; give text, a number or a list"):
        as_word("seed", object())
