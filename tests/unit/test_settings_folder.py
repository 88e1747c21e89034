"""A folder of settings that a user names is data: nothing in it is run, moved or looked up."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yaml import safe_dump

from adverts.command import command
from adverts.compose import compose
from adverts.config import PrepareConfig, TrainConfig
from adverts.errors import InputError
from adverts.settings_folder import groups, read_as_data

MINE = "defaults: [csv, _self_]\nname: mine\n"
CALL = "{_target_: pathlib.Path.touch, self: %s}"


@pytest.fixture
def conf(tmp_path, monkeypatch):
    """A folder of settings with one dataset, in a working folder of its own."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "conf" / "data"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(MINE)
    return folder.parent


@pytest.fixture
def typed(conf, monkeypatch, capsys):
    """Types ``adverts prepare -cd conf …``; returns status, what the verb got and what was said."""
    taken: list[PrepareConfig] = []

    def type_(*words: str, flags: tuple[str, ...] = ("-cd", "conf")):
        taken.clear()
        monkeypatch.setattr(sys, "argv", ["adverts prepare", *flags, *words])
        with pytest.raises(SystemExit) as ended:
            command("prepare", PrepareConfig)(taken.append)()
        return ended.value.code, [*taken], capsys.readouterr().err

    return type_


def write(conf: Path, name: str, text: str) -> None:
    path = conf / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_dataset_of_ones_own_is_read(typed):
    status, [taken], _ = typed("data=mine")
    assert (status, taken.data.name) == (0, "mine")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("data/mine", "# @package _global_\nhydra: {callbacks: {x: %s}}\n", ["data=mine"]),
        ("data/mine", "#@package hydra.callbacks\nx: %s\n", ["data=mine"]),
        ("data/mine", "\n\n# a\n# @package  hydra\ncallbacks: {x: %s}\n", ["data=mine"]),
        ("tracking/mine", "# @package _global_\nhydra: {callbacks: {x: %s}}\n", ["tracking=mine"]),
        ("experiment/x", "# @package _global_\nhydra: {callbacks: {x: %s}}\n", ["+experiment=x"]),
        ("hydra/callbacks/x", "x: %s\n", ["+hydra/callbacks=x"]),
        ("hydra/launcher/x", "%s\n", ["hydra/launcher=x", "-m", "data=csv"]),
        ("hydra_quiet", "# @package hydra\ncallbacks: {x: %s}\n", ["data=csv"]),
        ("prepare", "defaults: [_self_]\nhydra: {callbacks: {x: %s}}\n", ["data=csv"]),
        ("data/mine", MINE + "tasks: {a: %s}\n", ["data=mine"]),
        ("data/mine", "defaults: [/tracking/x@hydra.callbacks.x]\n", ["data=mine"]),
        ("data/mine", "defaults: [{/tracking@hydra.callbacks.x: evil}]\n", ["data=mine"]),
        ("data/mine", "defaults: [{override /hydra/launcher: evil}]\n", ["data=mine"]),
        ("data/mine", "defaults: [../../outside]\n", ["data=mine"]),
        ("data/mine", "defaults: ['${oc.env:HOME}']\n", ["data=mine"]),
        ("data/mine", "defaults: {a: b}\n", ["data=mine"]),
        ("data/mine", "[1, 2]\n", ["data=mine"]),
        ("data/mine", "name: [\n", ["data=mine"]),
        ("data/mine", "name: a\nname: b\n", ["data=mine"]),
        ("data/mine", "name: !!python/object/apply:os.mkdir [made]\n", ["data=mine"]),
        ("x", "hydra: {callbacks: {x: %s}}\ndefaults: [prepare]\n", ["-cn", "x"]),
        ("x", "defaults: [prepare, {override hydra/launcher: evil}]\n", ["-cn", "x"]),
        ("x", "defaults: [prepare, {data@hydra.callbacks: mine}]\n", ["-cn", "x"]),
        ("x", "data: {name: mine}\n", ["-cn", "x"]),
        ("x", "defaults: [train, _self_]\n", ["-cn", "x"]),
        ("x", "defaults: [x, _self_]\n", ["-cn", "x"]),
        ("x", "defaults: null\n", ["-cn", "x"]),
        ("data/mine", MINE, ["-cn", "data/mine"]),
        ("data/mine", MINE, ["-cn", "train"]),
        ("data/mine", MINE, ["-cn", "hydra_quiet"]),
        ("data/mine", "defaults: [mine]\n", ["data=mine"]),
        ("data/mine", MINE + "tasks: &a {x: *a}\n", ["data=mine"]),
        ("data/mine", MINE + "? null\n: x\n", ["data=mine"]),
        ("data/mine", MINE + "tasks: !!set {a}\n", ["data=mine"]),
    ],
)
def test_what_would_reach_hydra_itself_is_refused_in_one_line(conf, typed, name, text, words):
    touched = conf.parent / "touched"
    call = CALL % touched
    write(conf, name, text.replace("%s", call))
    write(conf, "tracking/evil", call)
    status, taken, said = typed(*words)
    assert (status, taken) == (2, [])
    assert len(said.splitlines()) == 1
    assert "bug in adverts" not in said
    assert not touched.exists()
    assert {one.name for one in Path().iterdir()} == {"conf"}


def test_a_fault_in_a_file_is_told_with_its_line(conf, typed):
    write(conf, "data/mine", MINE + "tasks: {x: y\nroot: z\n")
    assert "data/mine.yaml, line 4 is not YAML" in typed("data=mine")[2]


@pytest.mark.parametrize(
    "word",
    [
        "+hydra.callbacks.x._target_=os.getcwd",
        "hydra.job_logging.formatters.x={'()':os.getcwd}",
        "++hydra={callbacks: {x: {_target_: os.getcwd}}}",
        "~hydra.launcher",
        "hydra/launcher=joblib",
        "hydra.sweeper._target_=os.getcwd",
        "hydra.searchpath=[file:///tmp]",
        "+data@hydra.callbacks=csv",
        "data@x=csv",
        "hydra.job.env_set.A=1",
    ],
)
def test_a_key_of_hydra_is_no_key_of_a_verb(typed, word):
    status, taken, said = typed(word, "data=csv", flags=())
    assert (status, taken) == (2, [])
    assert "not a key of adverts" in said
    with pytest.raises(InputError, match="not a key of adverts"):
        compose("prepare", PrepareConfig, [word])


def test_the_launcher_of_this_machine_may_be_named(typed):
    words = ("-m", "hydra/launcher=basic", "hydra/sweeper=basic", "data=csv", "data.root=a,b")
    status, taken, _ = typed(*words, flags=())
    assert status == 0
    assert [one.data.root.name for one in taken] == ["a", "b"]


@pytest.mark.parametrize("flag", ["--experimental-rerun", "-cp", "--config-path", "--config-d"])
def test_a_flag_that_reads_a_pickle_or_a_foreign_folder_is_none(typed, conf, flag):
    for words in ((flag, str(conf)), (f"{flag}={conf}",)):
        status, taken, said = typed(*words, flags=())
        assert (status, taken) == (2, [])
        assert f"flag: found '{flag}'" in said


def test_the_environment_reaches_no_setting_that_a_user_writes(conf, typed, monkeypatch):
    monkeypatch.setenv("ADVERTS_CANARY", "a secret")
    told = "${oc.env:ADVERTS_CANARY}"
    write(conf, "data/mine", f"{MINE}purpose: '{told}'\nlicence: '\\\\{told}'\n")
    status, [taken], _ = typed("data=mine", f'data.provenance="{told}"')
    assert status == 0
    assert (taken.data.purpose, taken.data.provenance) == (told, told)
    assert taken.data.licence == f"\\\\{told}"
    status, taken, said = typed("data=mine", f"data.purpose={told}")
    assert (status, taken) == (2, [])
    assert "only the files of adverts" in said


def test_our_own_files_still_look_into_the_environment(monkeypatch):
    monkeypatch.setenv("ADVERTS_LEDGER", "of-the-unit.jsonl")
    assert compose("train", TrainConfig, ["prepared=p"]).ledger == Path("of-the-unit.jsonl")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1) | st.text(
    "\\${}:.oc", min_size=1
)


@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=TEXTS.filter(lambda text: text.strip() not in ("", "???")))
def test_a_value_of_a_file_is_what_is_written_there(conf, text):
    write(conf, "data/mine", MINE + safe_dump({"purpose": text}))
    found = compose("prepare", PrepareConfig, ["data=mine"], config_dir=conf)
    assert found.data.purpose == text


def test_hydra_reads_files_as_before_for_the_rest_of_the_process(conf):
    from hydra._internal.sources_registry import SourcesRegistry

    with read_as_data("prepare"):
        inside = SourcesRegistry.instance().types["file"]
    assert SourcesRegistry.instance().types["file"] is not inside


def test_every_group_of_our_schema_may_be_in_such_a_folder():
    assert {"data", "model", "trainer", "gate", "recipients", "tracking", "tune"} <= groups()
    assert not {"hydra", "experiment", "debug"} & groups()


def test_a_tilde_in_a_setting_is_the_users_own_folder(conf, typed, monkeypatch):
    monkeypatch.setenv("HOME", str(conf))
    write(conf, "data/mine", f"{MINE}root: ~/posts\n")
    _, [taken], _ = typed("data=mine", "prepared=~/a b/c")
    assert (taken.data.root, taken.prepared) == (conf / "posts", conf / "a b" / "c")
    _, [taken], _ = typed("data=mine", 'prepared="~/é"', flags=("--config-dir=~",))
    assert taken.prepared == conf / "é"
    assert os.fspath(taken.data.root) == f"{conf}/posts"


def test_an_experiment_begins_from_the_settings_of_its_verb(conf, typed):
    write(conf, "x", "defaults: [prepare, {override /data: mine}, _self_]\nprepared: there\n")
    status, [taken], _ = typed("-cn", "x")
    assert (status, taken.data.name, taken.prepared) == (0, "mine", Path("there"))


def test_a_value_that_is_read_from_standard_input_is_refused_and_not_repeated(typed):
    for word in ("find=+44 7700 900001", "reveal='07700 900001'", "find=["):
        status, _, said = typed(word, flags=())
        assert status == 2
        assert "standard input alone" in said
        assert "900001" not in said
