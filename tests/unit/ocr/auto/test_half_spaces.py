import numpy as np
import pytest

from adverts.errors import IntegrityError
from adverts.ocr.auto import half_spaces
from adverts.ocr.auto.half_spaces import between, chance

WIDTH = 192


@pytest.fixture
def other_weights(monkeypatch):
    def put(path):
        monkeypatch.setattr(half_spaces, "_WEIGHTS", path)
        half_spaces._opened.cache_clear()

    yield put
    half_spaces._opened.cache_clear()


def seen(left=3, right=6):
    probability = np.full((10, 4), 0.1, np.float32)
    hidden = np.arange(WIDTH * 10, dtype=np.float32).reshape(WIDTH, 10) / 1000
    return between(probability, hidden, left, right)


def test_what_is_seen_holds_both_letters_and_what_lies_between():
    found = seen()
    assert found.shape == (4 * WIDTH + 2,)
    assert found[0] == pytest.approx(0.003)
    assert found[WIDTH] == pytest.approx(0.006)
    assert found[-2:].tolist() == pytest.approx([3 / 24, -1.0])


@pytest.mark.parametrize("right", [4, 5])
def test_letters_beside_each_other_have_values_between_them(right):
    assert np.isfinite(seen(3, right)).all()


def test_a_chance_is_a_probability():
    assert 0.0 <= chance(seen()) <= 1.0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"weights"])
def test_damaged_weights_are_named(tmp_path, other_weights, content):
    (tmp_path / "half_spaces.npz").write_bytes(content)
    other_weights(tmp_path / "half_spaces.npz")
    with pytest.raises(IntegrityError, match="reinstall adverts"):
        chance(seen())


def test_missing_weights_are_named(tmp_path, other_weights):
    other_weights(tmp_path / "none.npz")
    with pytest.raises(IntegrityError, match="reinstall adverts"):
        chance(seen())


def test_weights_of_another_network_are_named(tmp_path, other_weights):
    np.savez(tmp_path / "half_spaces.npz", weight=np.zeros(3, np.float32), bias=np.zeros(1))
    other_weights(tmp_path / "half_spaces.npz")
    with pytest.raises(IntegrityError, match="other weights"):
        chance(seen())
