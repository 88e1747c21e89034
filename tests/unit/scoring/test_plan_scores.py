"""Plans with evidence that two jobs make at once."""

import datetime
from types import SimpleNamespace

import pytest

from adverts.config.data import ColumnsConfig
from adverts.errors import InputError
from adverts.runtime.predict.responses import Versions
from adverts.scoring import plan_scores
from adverts.scoring.evidence.evidence_terms import evidence_settings, terms_of
from adverts.work.units.place import LocalPlace

NIGHT = datetime.date(2026, 5, 1)
DATA = SimpleNamespace(
    columns=ColumnsConfig(**dict.fromkeys(ColumnsConfig.model_fields)),
    source=SimpleNamespace(model_dump=lambda mode: {"kind": "files"}),
)
SOURCE = SimpleNamespace(stamps={}, parts=lambda rows: ())
CLASSIFIER = SimpleNamespace(manifest=SimpleNamespace(identity=lambda: "bundle"), seen=None)
VERSIONS = Versions("1", "b", 1, "m", "t", "c", 1, 1, None, "l", "fp32")


def planned(place, evidence):
    """Plan into a place."""
    return plan_scores.plan_scores(
        place, CLASSIFIER, SOURCE, DATA, kind="parquet", rows=10, evidence=evidence
    )


@pytest.fixture(autouse=True)
def versions(monkeypatch):
    """Versions of no bundle."""
    monkeypatch.setattr(plan_scores, "versions_of", lambda manifest: VERSIONS)


def test_the_day_of_expiry_is_that_of_the_first_plan(tmp_path):
    place = LocalPlace(tmp_path / "out")
    first = planned(place, evidence_settings(90, "k", NIGHT))
    later = planned(place, evidence_settings(90, "k", NIGHT + datetime.timedelta(days=3)))
    assert later == first
    assert terms_of(later).expires == datetime.date(2026, 7, 30)


def test_two_jobs_may_plan_before_and_after_midnight(tmp_path, monkeypatch):
    place = LocalPlace(tmp_path / "out")
    first = planned(place, evidence_settings(90, "k", NIGHT))
    read, seen = plan_scores.read_plan, []

    def not_yet_there(place):
        seen.append(place)
        return None if len(seen) == 1 else read(place)

    monkeypatch.setattr(plan_scores, "read_plan", not_yet_there)
    assert planned(place, evidence_settings(90, "k", NIGHT + datetime.timedelta(days=1))) == first
    seen.clear()
    with pytest.raises(InputError, match="planned with token_key_id"):
        planned(place, evidence_settings(90, "other", NIGHT))


@pytest.mark.parametrize("days", [1, 3650])
def test_evidence_may_be_used_until_its_last_day(tmp_path, days):
    terms = terms_of(planned(LocalPlace(tmp_path / "out"), evidence_settings(days, "k", NIGHT)))
    last = NIGHT + datetime.timedelta(days=days)
    assert not terms.is_over(last)
    assert terms.is_over(last + datetime.timedelta(days=1))


def test_a_plan_without_evidence_has_no_terms(tmp_path):
    assert terms_of(planned(LocalPlace(tmp_path / "out"), {"evidence": "none"})) is None
