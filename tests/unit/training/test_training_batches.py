"""Plans: every advert once an epoch, little padding, the same for the same seed."""

import random

import pytest

from adverts.training.batching import (
    evaluation_steps,
    plan_steps,
    token_budget_batches,
)


def realistic_lengths(count, seed=0):
    rng = random.Random(seed)
    return [min(128, 4 + int(rng.lognormvariate(3.1, 0.7))) for _ in range(count)]


def padding_share(lengths, steps):
    batches = [batch for step in steps for batch in step.batches]
    padded = sum(len(batch) * max(lengths[i] for i in batch) for batch in batches)
    return 1 - sum(lengths) / padded


def plan(lengths, **changes):
    arguments = {
        "tokens_per_batch": 1024,
        "max_adverts": 64,
        "accumulation": 1,
        "epochs": 2,
        "seed": 0,
    }
    return plan_steps(lengths, **{**arguments, **changes})


def rows_of_epoch(steps, epoch):
    return [i for step in steps if step.epoch == epoch for batch in step.batches for i in batch]


@pytest.mark.parametrize("count", [1, 2, 500, 4097, 9000])
def test_every_advert_is_seen_exactly_once_an_epoch(count):
    steps = plan(realistic_lengths(count))
    assert sorted(rows_of_epoch(steps, 0)) == list(range(count))
    assert sorted(rows_of_epoch(steps, 1)) == list(range(count))


@pytest.mark.parametrize("count", [1200, 4100, 14306])
def test_padding_stays_below_five_percent_on_realistic_lengths(count):
    lengths = realistic_lengths(count)
    steps = plan(lengths, epochs=1)
    assert padding_share(lengths, steps) < 0.05


def test_no_batch_exceeds_its_bounds():
    lengths = realistic_lengths(3000)
    for step in plan(lengths):
        for batch in step.batches:
            assert len(batch) <= 64
            assert len(batch) * max(lengths[i] for i in batch) <= 1024


def test_an_advert_longer_than_the_budget_is_alone_in_its_batch():
    batches = token_budget_batches([5, 5, 900], None, tokens_per_batch=20, max_adverts=8)
    assert batches == [(0, 1), (2,)]


def test_the_plan_is_a_function_of_lengths_and_seed():
    lengths = realistic_lengths(700)
    assert plan(lengths) == plan(lengths)
    assert plan(lengths) != plan(lengths, seed=1)


def test_epochs_differ_in_order_and_in_company():
    steps = plan(realistic_lengths(9000))
    first = {frozenset(b) for s in steps if s.epoch == 0 for b in s.batches}
    second = {frozenset(b) for s in steps if s.epoch == 1 for b in s.batches}
    assert len(first & second) < 0.05 * len(first)


def test_accumulation_groups_the_same_batches():
    lengths = realistic_lengths(700)
    single = plan(lengths, epochs=1)
    grouped = plan(lengths, epochs=1, accumulation=4)
    assert [b for s in grouped for b in s.batches] == [b for s in single for b in s.batches]
    assert {len(s.batches) for s in grouped[:-1]} == {4}


def test_steps_count_their_adverts_and_the_last_of_an_epoch_says_so():
    steps = plan(realistic_lengths(700))
    assert sum(step.adverts for step in steps) == 1400
    assert [step.epoch for step in steps if step.ends_epoch] == [0, 1]


def test_evaluations_are_spread_over_each_epoch_and_come_at_its_end():
    steps = plan([8] * 640, tokens_per_batch=64, max_adverts=8)
    assert evaluation_steps(steps, 1) == {80, 160}
    assert evaluation_steps(steps, 4) == {20, 40, 60, 80, 100, 120, 140, 160}


def test_more_evaluations_than_steps_are_one_after_each_step():
    steps = plan([8] * 16, tokens_per_batch=64, max_adverts=8, epochs=1)
    assert evaluation_steps(steps, 9) == {1, 2}


def test_evaluation_order_is_by_length_and_needs_no_randomness():
    batches = token_budget_batches([3, 1, 2], None, tokens_per_batch=4, max_adverts=8)
    assert batches == [(1, 2), (0,)]


def test_an_empty_table_cannot_be_planned():
    with pytest.raises(ValueError, match="no advert"):
        plan([])
