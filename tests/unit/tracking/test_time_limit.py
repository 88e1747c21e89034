"""Whatever waits too long is interrupted, again and again until it gives up."""

import signal
import threading
import time

import pytest

from adverts.tracking.other_process import time_limit


def test_a_block_that_takes_too_long_is_interrupted():
    with pytest.raises(TimeoutError, match="no complete answer within"), time_limit(0.05):
        time.sleep(60)


def test_a_block_that_tries_again_is_interrupted_again(monkeypatch):
    monkeypatch.setattr("adverts.tracking.other_process._AGAIN_SECONDS", 0.05)
    met = []

    def try_twice():
        try:
            time.sleep(60)
        except TimeoutError as error:
            met.append(error)
        time.sleep(60)

    with pytest.raises(TimeoutError), time_limit(0.05):
        try_twice()
    assert len(met) == 1


def test_nothing_is_interrupted_afterwards_and_an_earlier_timer_goes_on():
    before = signal.getsignal(signal.SIGALRM)
    outer = signal.getitimer(signal.ITIMER_REAL)[0]
    with time_limit(100):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) == (outer > 0)


def test_another_thread_has_no_limit_and_no_error():
    done = []

    def work():
        with time_limit(0.01):
            time.sleep(0.05)
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
