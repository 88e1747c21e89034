import gc

import pytest

from adverts.work.paused_collection import paused_collection


def test_the_search_for_garbage_is_off_within_and_on_after():
    with paused_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_on_again_after_an_error():
    with pytest.raises(KeyError), paused_collection():
        raise KeyError
    assert gc.isenabled()


def test_one_within_another_leaves_it_off_until_the_outer_one_ends():
    with paused_collection():
        with paused_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_function_can_be_run_so():
    assert paused_collection()(gc.isenabled)() is False
    assert gc.isenabled()
