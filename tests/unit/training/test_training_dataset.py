"""Reading ahead, and hiding parts of an advert."""

import threading
import time

import numpy as np
import pytest
import torch

from adverts.advert import ReadQuality, Task
from adverts.data.dataset.advert_table import AdvertTable
from adverts.inputs.encoding import EncodedAdvert
from adverts.inputs.spec import InputSpec, TokenSpec
from adverts.training.batching import PlannedStep, plan_steps
from adverts.training.dataset import AdvertBatches, hidden_parts, prefetch, step_inputs

TASK = Task("refer", "single", ("no", "yes"), "yes")


QUALITY = ReadQuality(0.9, 20.0, 0.5, 3, 1)


class Table:
    """Sixty adverts with a caption, a text in the picture and a picture."""

    ids = [f"a{i}" for i in range(60)]
    texts = ["one two"] * 60
    ocr_texts = ["three"] * 60
    ocr_qualities = (QUALITY,) * 60
    targets = {"refer": np.eye(2, dtype=np.float32)[[i % 2 for i in range(60)]]}
    advert = AdvertTable.advert

    def __init__(self):
        self.opened = []

    def __len__(self):
        return 60

    def images(self, i):
        self.opened.append(i)
        return (b"picture",)


class Encoder:
    """Remembers what was hidden; an advert is as many tokens as it has parts left."""

    def __init__(self, *inputs):
        tokens = TokenSpec(max_tokens=8, prefix="", pad_id=0)
        self.spec = InputSpec(inputs, tokens, None, None, False, 1, 1)
        self.hidden = []
        self.adverts = []

    def encode(self, advert, *, hide=frozenset()):
        self.hidden.append(hide)
        self.adverts.append(advert)
        ids = np.ones(4 - len(hide), np.int64)
        nothing = np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros((0, 3, 1, 1), np.uint8)
        quality = np.zeros(6, np.float32)
        return EncodedAdvert(ids, 0 * ids, True, *nothing, quality)

    def length(self, advert):
        return 4


def hidden_in(epoch, seed=0, chance=0.5):
    encoder = Encoder("text", "ocr")
    adverts = AdvertBatches(Table(), encoder, (TASK,), modality_dropout=chance, seed=seed)
    for rows in (range(30), range(30, 60)):
        adverts.batch(rows, epoch)
    return encoder.hidden


def test_parts_are_hidden_by_seed_epoch_and_row_and_never_in_evaluation():
    assert hidden_in(0) == hidden_in(0)
    assert hidden_in(0) != hidden_in(1)
    assert hidden_in(0) != hidden_in(0, seed=1)
    assert len(set(hidden_in(0))) == 3
    assert set(hidden_in(None)) == set(hidden_in(0, chance=0.0)) == {frozenset()}


def test_a_batch_counts_its_tokens_and_its_padding():
    adverts = AdvertBatches(Table(), Encoder("text", "ocr"), (TASK,), modality_dropout=0.5, seed=0)
    batch = adverts.batch(range(60), 0)
    expected = sum(4 - len(hidden) for hidden in hidden_in(0))
    assert (batch.tokens, batch.padded_tokens) == (expected, 240)
    assert batch.targets["refer"].shape == (60, 2)


def test_pictures_are_read_only_for_a_model_that_sees_them():
    table = Table()
    AdvertBatches(table, Encoder("text"), (TASK,), modality_dropout=0.0, seed=0).batch([1], 0)
    assert table.opened == []


def test_a_resumed_plan_begins_where_it_was_left():
    adverts = AdvertBatches(Table(), Encoder("text"), (TASK,), modality_dropout=0.0, seed=0)
    plan = plan_steps(
        adverts.lengths(), tokens_per_batch=16, max_adverts=4, accumulation=2, epochs=1, seed=0
    )
    whole = list(step_inputs(adverts.batch, plan, lambda rows: rows))
    rest = list(step_inputs(adverts.batch, plan, lambda rows: rows, start=3))
    assert [step.index for step in rest] == [step.index for step in whole[3:]]
    assert [step.adverts for step in rest] == [8] * 4 + [4]
    assert all(
        torch.equal(a.batches[0].targets["refer"], b.batches[0].targets["refer"])
        for a, b in zip(rest, whole[3:], strict=True)
    )


def test_a_process_without_rows_still_takes_the_step():
    adverts = AdvertBatches(Table(), Encoder("text"), (TASK,), modality_dropout=0.0, seed=0)
    plan = [PlannedStep(0, ((5,),), True)]
    (step,) = step_inputs(adverts.batch, plan, lambda rows: rows[1::2])
    assert (step.adverts, step.batches) == (1, ())


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


def test_how_well_pictures_were_read_is_part_of_what_is_encoded():
    encoder = Encoder("ocr")
    AdvertBatches(Table(), encoder, (TASK,), modality_dropout=0.0, seed=0).batch([3, 5])
    assert [advert.ocr_quality for advert in encoder.adverts] == [QUALITY, QUALITY]
