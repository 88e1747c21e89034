"""Statistics are those of the training adverts that have the part, however they are batched."""

import numpy as np
import pytest
import torch

from adverts.models.fusion import Standardise
from adverts.training import standardisation
from adverts.training.loop import Batch
from adverts.training.processes import Processes
from adverts.training.standardisation import fit_standardisation

FEATURES_ND = np.random.default_rng(0).normal(4.0, 3.0, (40, 3)).astype(np.float32)
PRESENT_N = np.arange(40) % 3 > 0


class Model:
    """Says the features that the batch carries; the second part is there for some adverts."""

    def __init__(self):
        self.standardisations = [Standardise(3), Standardise(3)]

    def eval(self):
        return self

    def parts(self, feeds):
        x_BD = feeds["x"]
        return [x_BD, 2 * x_BD], [torch.ones(len(x_BD), dtype=torch.bool), feeds["present"]]


class Adverts:
    def __init__(self):
        self.read = []

    def batch(self, rows):
        self.read += rows
        feeds = {"x": torch.tensor(FEATURES_ND[rows]), "present": torch.tensor(PRESENT_N[rows])}
        return Batch(feeds, {}, 0, 0)


class Together(Processes):
    """One of two processes: what both found stands in ``shares``."""

    def gather(self, value):
        self.shares.append(value)
        return list(self.shares)


def fitted(processes=None, adverts=None, *, budget=8):
    model = Model()
    fit_standardisation(
        model,
        adverts or Adverts(),
        [1 + i % 4 for i in range(40)],
        tokens_per_batch=budget,
        max_adverts=64,
        autocast_dtype=None,
        processes=processes or Processes(0, 1, torch.device("cpu")),
    )
    return model.standardisations


def test_each_part_is_standardised_by_the_adverts_that_have_it():
    for module, x_ND in zip(fitted(), (FEATURES_ND, 2 * FEATURES_ND[PRESENT_N]), strict=True):
        np.testing.assert_allclose(module.mean_D, x_ND.mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(module.deviation_D, x_ND.std(axis=0, ddof=1), rtol=1e-5)


def test_the_size_of_batches_changes_nothing():
    for one, other in zip(fitted(), fitted(budget=1000), strict=True):
        torch.testing.assert_close(one.mean_D, other.mean_D)


def test_two_processes_come_to_the_statistics_of_one():
    shares, adverts = [], Adverts()
    for index in (0, 1):
        processes = Together(index, 2, torch.device("cpu"))
        object.__setattr__(processes, "shares", shares)
        modules = fitted(processes, adverts)
    assert sorted(adverts.read) == list(range(40))
    for one, other in zip(modules, fitted(), strict=True):
        torch.testing.assert_close(one.deviation_D, other.deviation_D)


def test_of_many_adverts_a_sample_over_the_whole_table_is_read(monkeypatch):
    monkeypatch.setattr(standardisation, "_MOST_ADVERTS", 14)
    adverts = Adverts()
    fitted(adverts=adverts)
    assert sorted(adverts.read) == list(range(0, 40, 3))


def test_a_process_without_a_batch_still_learns_the_statistics():
    shares = [[[torch.tensor(FEATURES_ND)], [torch.tensor(FEATURES_ND)]]]
    processes = Together(1, 2, torch.device("cpu"))
    object.__setattr__(processes, "shares", shares)
    modules = fitted(processes, budget=10**6)
    assert modules[0].mean_D == pytest.approx(FEATURES_ND.mean(axis=0), rel=1e-5)
