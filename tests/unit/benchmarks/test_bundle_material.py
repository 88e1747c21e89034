"""What the benchmarks of bundles measure with."""

import mmap

import numpy as np
import pytest
from bundle_material import resident_mb, slope, texts


def test_the_slope_is_that_of_least_squares():
    rng = np.random.default_rng(0)
    at, values = rng.uniform(0, 300, 40), rng.normal(500, 5, 40)
    assert slope(at.tolist(), values.tolist()) == pytest.approx(np.polyfit(at, values, 1)[0])


@pytest.mark.parametrize("at", [[], [1.0], [2.0, 2.0]])
def test_a_slope_needs_two_moments(at):
    assert slope(at, [7.0] * len(at)) == 0.0


def test_memory_that_is_taken_shows():
    before = resident_mb()
    taken = mmap.mmap(-1, 32_000_000)  # an array may lie in memory that an earlier test gave back
    np.frombuffer(taken, np.uint8)[:] = 1
    assert 30 < resident_mb() - before < 34
    assert taken[0] == 1


def test_texts_are_all_different_and_the_same_for_a_seed(monkeypatch):
    monkeypatch.delenv("ADVERTS_DATA", raising=False)
    found = texts(60, seed=3)
    assert len(set(found)) == 60
    assert found == texts(60, seed=3) != texts(60, seed=4)


def test_every_other_text_is_of_a_public_set_where_there_is_one(monkeypatch, tmp_path):
    (tmp_path / "vispam").mkdir()
    rows = "\n".join(f"{i},made up {i}" for i in range(50))
    (tmp_path / "vispam" / "reviews.csv").write_text(f"id,text\n{rows}\n")
    monkeypatch.setenv("ADVERTS_DATA", str(tmp_path))
    assert sum(text.startswith("made up") for text in texts(60, seed=0)) == 30
