"""Two models timed turn by turn, on a clock that the test winds."""

from types import SimpleNamespace

import pytest

from adverts.data.dataset.prepared import open_prepared
from adverts.judging import latency
from adverts.judging.latency import time_against


class Clock:
    """Counts the seconds that the models take."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def model(name, clock, seconds, calls):
    """Return a model that takes the next of ``seconds`` for each call, then the last for ever."""
    left = list(seconds)

    def score(table, title):
        clock.now += left.pop(0) if len(left) > 1 else left[0]
        calls.append((name, tuple(table.ids)))
        return {}

    return SimpleNamespace(facts=SimpleNamespace(name=name), score=score)


@pytest.fixture(autouse=True)
def each_model_scores_itself(monkeypatch):
    monkeypatch.setattr(
        latency, "candidate_logits", lambda one, table, *, title: one.score(table, title)
    )


@pytest.fixture
def table(tiny_prepared):
    return open_prepared(tiny_prepared).split("test")


def test_the_ratio_is_that_of_both_times_and_the_first_round_warms_up(table):
    clock, calls = Clock(), []
    candidate = model("a", clock, [100.0, 0.2], calls)
    champion = model("b", clock, [0.1], calls)
    timed = time_against(candidate, champion, table, rounds=3, adverts=10, clock=clock)
    assert timed.ratio == pytest.approx(2.0)
    assert timed.candidate_ms == pytest.approx(20.0)
    assert timed.champion_ms == pytest.approx(10.0)


def test_both_see_the_same_adverts_and_take_turns_in_going_first(table):
    clock, calls = Clock(), []
    first, second = (model(name, clock, [0.1], calls) for name in "ab")
    time_against(first, second, table, rounds=2, adverts=10, clock=clock)
    assert [name for name, _ in calls] == ["b", "a", "a", "b", "b", "a"]
    assert len({ids for _, ids in calls}) == 1


def test_a_busy_machine_slows_both_alike(table):
    clock, calls = Clock(), []
    busy = [1.0, 1.0, 9.0, 1.0]
    first, second = (model(name, clock, busy, calls) for name in "ab")
    timed = time_against(first, second, table, rounds=3, adverts=10, clock=clock)
    assert timed.ratio == pytest.approx(1.0)


def test_fewer_adverts_than_asked_for_are_all_timed(table):
    clock, calls = Clock(), []
    first, second = (model(name, clock, [0.1], calls) for name in "ab")
    few = table.select([0, 1])
    assert time_against(first, second, few, rounds=1, clock=clock).adverts == 2
