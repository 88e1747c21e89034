"""Work ahead: in order, bounded, with errors where their result is asked for."""

import threading
import time

import pytest

from adverts.work.read_ahead import work_ahead


def test_results_come_in_order_whichever_is_ready_first():
    def work(i):
        time.sleep(0.002 * (i % 3))
        return i * i

    assert [(i, result()) for i, result in work_ahead(range(40), work, threads=4)] == [
        (i, i * i) for i in range(40)
    ]


def test_no_items_is_no_result():
    assert list(work_ahead([], str, threads=2)) == []


def test_few_items_are_taken_ahead():
    taken = []
    items = (taken.append(i) or i for i in range(1000))
    found = work_ahead(items, str, threads=2)
    next(found)
    assert len(taken) == 17
    found.close()


def test_an_error_is_raised_for_its_item_alone():
    results = [result for _, result in work_ahead(["1", "x", "3"], int, threads=2)]
    assert (results[0](), results[2]()) == (1, 3)
    with pytest.raises(ValueError, match="invalid literal"):
        results[1]()


def test_a_reader_that_leaves_stops_the_work():
    done = []
    found = work_ahead(range(1000), lambda i: time.sleep(0.1) or done.append(i), threads=2)
    next(found)
    found.close()
    assert len(done) < 17
    assert threading.active_count() < 10


def test_an_error_of_the_items_comes_through():
    def items():
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(work_ahead(items(), str, threads=2))
