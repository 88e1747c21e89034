"""Which settings of compared runs differ, and which classes of the taxonomy look alike."""

from types import SimpleNamespace

import numpy as np
import pytest

from adverts.advert import Task
from adverts.data.mapping.taxonomy import CLASS_TASK, read_taxonomy
from adverts.judging.judge import _look_alikes
from adverts.judging.run_differences import config_differences


def run(name, **config):
    return SimpleNamespace(name=name, config=config or None)


def test_settings_that_differ_between_two_runs_are_told_and_no_others():
    rows = config_differences([run("a", loss="ce", seed=1), run("b", loss="ce", seed=2)])
    assert rows == [{"key": "seed", "a": 1, "b": 2}]
    assert config_differences([run("a", seed=1), run("b", seed=1)]) == []


def test_a_run_whose_settings_nobody_knows_differs_in_none():
    rows = config_differences([run("a", seed=1), run("b"), run("c", seed=2, loss=[1])])
    assert rows == [
        {"key": "loss", "a": None, "b": None, "c": "[1]"},
        {"key": "seed", "a": 1, "b": None, "c": 2},
    ]


@pytest.mark.promise
def test_people_who_ask_for_help_are_told_apart_from_harmless_adverts():
    classes = read_taxonomy().classes
    task = Task(CLASS_TASK, "single", tuple(one.id for one in classes), None)
    targets = np.eye(len(classes), dtype=np.float32)
    job = SimpleNamespace(
        dataset=SimpleNamespace(schema=SimpleNamespace(tasks=(task,))),
        table=SimpleNamespace(targets={CLASS_TASK: targets}),
    )
    found = _look_alikes(job)
    assert found.classes.tolist() == [one.id for one in classes]
    assert set(found.harmless) == {one.id for one in classes if one.group == "N"}
    assert set(found.ambiguous) == {one.id for one in classes if one.group == "A"}
    assert found.harmless
    assert found.ambiguous
    assert not {*found.harmless} & {*found.ambiguous}
