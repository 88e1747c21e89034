"""Reading ahead, and hiding parts of an advert."""

import threading
import time

import numpy as np
import pytest

from adverts.training.dataset import hidden_parts, prefetch


def test_prefetch_keeps_order_and_loses_nothing():
    assert list(prefetch(range(50), depth=3)) == list(range(50))


def test_prefetch_of_nothing_is_nothing():
    assert list(prefetch([])) == []


def test_prefetch_raises_the_error_of_its_thread_where_it_happened():
    def items():
        yield 1
        raise KeyError("broken")

    seen = []
    with pytest.raises(KeyError, match="broken"):
        seen.extend(prefetch(items()))
    iterator = prefetch(items())
    assert next(iterator) == 1


def test_prefetch_is_at_most_its_depth_ahead():
    made = []

    def items():
        for i in range(100):
            made.append(i)
            yield i

    iterator = prefetch(items(), depth=4)
    next(iterator)
    time.sleep(0.3)
    assert len(made) <= 6
    iterator.close()


def test_closing_ends_the_thread():
    before = threading.active_count()
    iterator = prefetch(iter(range(1000)), depth=2)
    next(iterator)
    iterator.close()
    assert threading.active_count() == before


def draws(chance, present=("text", "ocr", "image"), count=4000):
    return [hidden_parts(present, chance, np.random.default_rng([0, 0, i])) for i in range(count)]


def test_the_last_part_is_never_hidden():
    assert all(len(hidden) < 3 for hidden in draws(0.9))
    assert hidden_parts(["image"], 0.99, np.random.default_rng(0)) == frozenset()


def test_each_part_is_hidden_about_as_often_as_asked():
    hidden = draws(0.1)
    rates = [sum(name in h for h in hidden) / len(hidden) for name in ("text", "ocr", "image")]
    assert rates == pytest.approx([0.1] * 3, abs=0.02)


def test_where_all_would_be_hidden_any_part_may_be_the_one_that_stays():
    kept = {next(iter({"text", "ocr"} - h)) for h in draws(0.95, ("text", "ocr")) if len(h) == 1}
    assert kept == {"text", "ocr"}


def test_nothing_is_hidden_at_chance_zero():
    assert set(draws(0.0, count=50)) == {frozenset()}


def test_what_is_hidden_depends_on_seed_epoch_and_row_alone():
    assert draws(0.4, count=50) == draws(0.4, count=50)
