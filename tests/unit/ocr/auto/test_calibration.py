import pytest

from adverts.ocr.auto import engine
from adverts.ocr.auto.engine import as_stated, calibrated, logit
from adverts.ocr.protocol import LineReading


@pytest.fixture(autouse=True)
def fits(monkeypatch):
    monkeypatch.setattr(engine, "_FITS", {"plain": (1.0, 0.0), "boastful": (2.0, -3.0)})


def test_an_honest_engine_is_believed():
    assert calibrated(LineReading("a", 0.8, "plain")) == LineReading(
        "a", pytest.approx(0.8), "plain"
    )


def test_a_boastful_one_less():
    said = calibrated(LineReading("a", 0.9, "boastful"))
    assert said.confidence == pytest.approx(81 / (81 + 20.0855), abs=1e-3)


def test_surer_stays_surer():
    chances = [
        calibrated(LineReading("a", c, "boastful")).confidence for c in (0.2, 0.6, 0.9, 0.99)
    ]
    assert chances == sorted(chances)
    assert chances[0] > 0
    assert chances[-1] < 1


@pytest.mark.parametrize("said", [0.4, 0.8, 0.95])
def test_what_an_engine_stated_comes_back(said):
    reading = LineReading("a", said, "boastful")
    assert as_stated(calibrated(reading)) == LineReading("a", pytest.approx(said), "boastful")
    assert as_stated(LineReading("", 0.0, "boastful")) == LineReading("", 0.0, "boastful")


def test_an_empty_line_stays_at_nothing():
    assert calibrated(LineReading("", 0.0, "plain")).confidence == 0.0


def test_certainty_is_bounded():
    assert logit(1.0) == logit(0.9999) == pytest.approx(6.9068, abs=1e-3)
    assert logit(0.0) == pytest.approx(-4.5951, abs=1e-3)
