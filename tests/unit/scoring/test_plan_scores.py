"""Plans with evidence that two jobs make at once."""

import datetime
from types import SimpleNamespace

import pytest

from adverts.advert import LabelSchema, Task
from adverts.config.data import ColumnsConfig, FileSource
from adverts.data.sources.parts import Stamp
from adverts.errors import InputError
from adverts.runtime.predict.responses import Versions
from adverts.scoring import plan_scores
from adverts.scoring.evidence.evidence_terms import CONTENT, evidence_settings, terms_of
from adverts.work.units.place import LocalPlace, open_place

NIGHT = datetime.date(2026, 5, 1)
DATA = SimpleNamespace(
    root=None,
    columns=ColumnsConfig(**dict.fromkeys(ColumnsConfig.model_fields)),
    source=SimpleNamespace(model_dump=lambda mode: {"kind": "files"}),
    model_dump=lambda mode: {"name": "posts"},
)
SOURCE = SimpleNamespace(stamps={}, parts=lambda rows: ())
SCHEMA = LabelSchema("labels", (Task("spam", "single", ("no", "yes"), "yes"),), "spam")
CLASSIFIER = SimpleNamespace(
    manifest=SimpleNamespace(identity=lambda: "bundle", label_schema=SCHEMA, ocr=None), seen=None
)
VERSIONS = Versions("1", "b", 1, "m", "t", "c", 1, 1, None, "l", "fp32")


def planned(place, evidence, *, data=DATA, source=SOURCE):
    """Plan into a place."""
    return plan_scores.plan_scores(
        place, CLASSIFIER, source, data, kind="parquet", rows=10, evidence=evidence
    )


def files_of(root, *paths):
    """Return a configuration of files, and the source of it."""
    columns = DATA.columns
    data = SimpleNamespace(
        root=root, columns=columns, source=FileSource(kind="parquet", paths=paths)
    )
    stamps = {name: Stamp(1, 1) for name in paths if "*" not in name}
    return {"data": data, "source": SimpleNamespace(stamps=stamps, parts=lambda rows: ())}


@pytest.fixture(autouse=True)
def versions(monkeypatch, tmp_path):
    """Versions of no bundle, and a folder of one's own."""
    monkeypatch.chdir(tmp_path)
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


@pytest.mark.parametrize(
    ("scores", "path"),
    [
        ("out", "**/*.parquet"),
        ("out", "out/**"),
        ("out", "*/scores/*.parquet"),
        ("out", "*/evidence/*"),
        ("out", "*/*.json"),
        ("deep/out", "*/out/*/0*.parquet"),
        ("out/../posts", "posts/receipts/*"),
        (".", "posts/a.parquet"),
        ("link", "real/**"),
    ],
)
@pytest.mark.parametrize("given", ["{path}", "{root}/{path}", "file://{root}/{path}"])
def test_a_source_below_the_scores_is_refused(tmp_path, scores, path, given):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    name = given.format(root=tmp_path, path=path)
    with pytest.raises(InputError, match="data.source.paths: .* matches files below scores="):
        planned(LocalPlace(tmp_path / scores), {}, **files_of(tmp_path, name))
    assert not list(tmp_path.rglob("plan.json"))


@pytest.mark.parametrize(
    "path", ["*.parquet", "posts/**", "posts/**/*.parquet", "*/p*.parquet", "out2/**", "**/*.csv"]
)
def test_a_source_beside_the_scores_is_planned(tmp_path, path):
    assert planned(LocalPlace(tmp_path / "out"), {}, **files_of(tmp_path, path))
    assert planned(LocalPlace(tmp_path / ".hidden"), {}, **files_of(tmp_path, "**"))


def test_a_source_below_the_scores_in_a_store_is_refused(tmp_path):
    place = open_place("memory://bucket/out/")
    for name in (
        "memory://bucket/**",
        "memory://bucket/*/scores/*.parquet",
        "memory://bucket/out/a",
    ):
        with pytest.raises(InputError, match="matches files below scores="):
            planned(place, {}, **files_of(tmp_path, name))
        inner = name.removeprefix("memory://bucket/")
        with pytest.raises(InputError, match="matches files below scores="):
            planned(place, {}, **files_of("memory://bucket", inner))
    assert planned(place, {}, **files_of("memory://bucket", "posts/**", "*.parquet"))


def test_a_plan_with_evidence_says_how_its_adverts_are_read_again(tmp_path):
    plan = planned(LocalPlace(tmp_path / "out"), evidence_settings(90, "k", NIGHT))
    assert plan.settings[CONTENT]["data"] == {"name": "posts", "root": str(tmp_path)}
    assert plan.settings[CONTENT]["labels"]["headline"] == "spam"
    assert CONTENT not in planned(LocalPlace(tmp_path / "other"), {}).settings


def test_a_plan_goes_on_where_the_files_have_moved(tmp_path, monkeypatch):
    place = LocalPlace(tmp_path / "out")
    first = planned(place, evidence_settings(90, "k", NIGHT))
    moved = SimpleNamespace(**{**vars(DATA), "root": tmp_path / "elsewhere"})
    assert planned(place, evidence_settings(90, "k", NIGHT), data=moved) == first
