"""The job of scoring: the evidence of adverts with pictures, whose text was read once."""

import dataclasses
import datetime
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from PIL import Image

from adverts.advert import Advert, LabelSchema, Task
from adverts.compose import compose
from adverts.config import ScoreConfig
from adverts.data.sources.open_source import open_source
from adverts.data.sources.raw_rows import RawRow
from adverts.errors import InputError
from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_id
from adverts.runtime.predict.responses import Reading, Response, Versions
from adverts.scoring import score_job
from adverts.scoring.collection_counts import CollectionCounts
from adverts.scoring.evidence.evidence_terms import evidence_settings
from adverts.scoring.repeated_ids import RepeatedIds
from adverts.scoring.score_job import ScoreJob
from adverts.work.units.place import open_place
from adverts.work.units.plan import Plan, freeze

KEY = "a key of sixteen bytes or more"
READ = "cabins across the water every friday, ask for the captain at +44 7700 900456"
TASK = Task("refer", "single", ("no", "yes"), "yes")
TIMED = SimpleNamespace(columns=SimpleNamespace(posted_at="when", posted_week="week"))
VERSIONS = Versions("1", "b", 1, "m", "t", "c", 1, 1, None, "l", "fp32")


def responses_of(classifier, requests, *, reader, batch_size, readings):
    """Answer as a bundle does whose reader reads the same text on every picture."""
    assert readings
    return [answer_to(one) for one in requests]


def answer_to(request):
    """Return the answer to one request."""
    if request.error:
        return Response(str(request.id), "abstain", "", VERSIONS, error=request.error)
    advert = Advert(str(request.id), request.text or "", request.images, READ)
    said = {"refer": {"no": 0.9, "yes": 0.1}}
    reading = Reading(advert, (request.text, READ))
    return Response(str(request.id), "below", "", VERSIONS, said, reading=reading)


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A planned job over three adverts, the second of which has no picture that is there."""
    monkeypatch.setenv(TOKEN_KEY, KEY)
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(buffer, "PNG")
    (tmp_path / "a.png").write_bytes(buffer.getvalue())
    rows = [{"id": f"p{n}", "text": f"caption {n}", "image": "a.png"} for n in range(3)]
    rows[1]["image"] = "missing.png"
    rows[0]["posted_at"], rows[2]["id"] = "yesterday", "p0"
    (tmp_path / "posts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = compose(
        "score",
        ScoreConfig,
        [
            *("data=jsonl", f"data.root={tmp_path}", "data.source.paths=[posts.jsonl]"),
            *(
                "data.columns.image=image",
                "data.columns.posted_at=posted_at",
                f"scores={tmp_path / 'out'}",
            ),
        ],
    )
    data = config.data
    schema = LabelSchema("labels", (TASK,), "refer")
    manifest = SimpleNamespace(identity=lambda: "b", label_schema=schema, ocr=None)
    encoder = SimpleNamespace(spec=SimpleNamespace(inputs=("text", "ocr")))
    classifier = SimpleNamespace(manifest=manifest, tasks=(TASK,), encoder=encoder, seen=None)
    monkeypatch.setattr(score_job, "respond", responses_of)
    monkeypatch.setattr(score_job.Classifier, "load", lambda path, threads: classifier)
    source = open_source(data)
    key_id = token_key_id(KEY.encode())
    settings = {"bundle": "b", **evidence_settings(90, key_id, datetime.date(2026, 1, 1))}
    inputs = {name: dataclasses.asdict(stamp) for name, stamp in source.stamps.items()}
    units = tuple(dataclasses.asdict(part) for part in source.parts(10))
    freeze(open_place(str(tmp_path / "out")), Plan(settings, inputs, units), ())
    return ScoreJob(str(tmp_path / "out"), "bundle", data, "parquet", 4, None)


def test_what_was_read_on_pictures_is_evidence_without_its_text(job, tmp_path):
    assert job.open()(0).rows == 3
    path = tmp_path / "out" / "evidence" / "000000.parquet"
    first, bad, last = pq.read_table(path).to_pylist()
    assert first["page_hash"] == last["page_hash"]
    assert len(first["page_signature"]) == 256
    assert first["picture_hashes"] == last["picture_hashes"]
    assert first["contacts"][0].startswith("PHONE:")
    assert (bad["id"], bad["text_hash"], bad["picture_sha256"]) == (
        "posts.jsonl#2",
        None,
        [],
    )
    for secret in (READ, "captain", "900456", "caption"):
        assert secret.encode() not in path.read_bytes()


def test_a_unit_counts_times_that_cannot_be_used_and_ids_that_are_repeated(job, tmp_path):
    job.open()(0)
    counts = json.loads((tmp_path / "out" / "receipts" / "000000.json").read_text())["counts"]
    assert (counts["unusable_times"], counts["repeated_ids"]) == (1, 1)
    assert {cell[1] for cell in counts["cells"]} == {"(unknown)"}


@pytest.mark.parametrize(
    ("posted", "week"),
    [
        ("2026-01-05T00:30:00+02:00", "2026-W02"),  # as it is written, wherever that is
        (" 2026-01-04 ", "2026-W01"),
        (datetime.date(2027, 1, 3), "2026-W53"),
        (datetime.datetime(1, 1, 1, tzinfo=datetime.UTC), "1-W01"),
        *[(empty, None) for empty in (None, "", "  ", float("nan"))],
    ],
)
def test_the_week_is_that_of_the_time_as_it_is_written(posted, week):
    assert score_job.week_of(RawRow("posts", 1, {"when": posted}, Path()), TIMED) == week


@pytest.mark.parametrize(
    "posted", ["yesterday", "05/01/2026", 1767225600, "2026-13-01", True, b"2026-01-01", ["2026"]]
)
def test_a_time_of_another_form_is_counted_and_the_week_is_unknown(posted):
    counts, row = CollectionCounts(), RawRow("posts", 1, {"when": posted}, Path())
    assert score_job._week(row, TIMED, counts) is None
    assert counts.unusable_times == 1
    dated = RawRow("posts", 1, {"when": posted, "week": "2026-W07"}, Path())
    assert score_job._week(dated, TIMED, counts) == "2026-W07"
    assert counts.unusable_times == 1


def test_ids_are_repeated_whatever_lies_between():
    assert RepeatedIds(["a", "b", "a", "A", "a", "b"]).count() == 3
    assert RepeatedIds().count() == 0


@pytest.mark.parametrize(("key", "told"), [("", "set .ADVERTS"), ("x" * 20, "set that key")])
def test_a_process_without_the_key_of_the_plan_is_refused(job, monkeypatch, key, told):
    monkeypatch.setenv(TOKEN_KEY, key)
    with pytest.raises(InputError, match=told):
        job.open()


def test_a_full_disk_leaves_no_half_of_a_unit(job, monkeypatch, tmp_path):
    import errno

    from adverts.work.units import place

    linked = place.os.link

    def link(source, target, **folder):
        if source.name == "evidence":
            raise OSError(errno.ENOSPC, "No space left on device")
        linked(source, target, **folder)

    with monkeypatch.context() as patch:
        patch.setattr(place.os, "link", link)
        with pytest.raises(InputError, match="the disk is full"):
            job.open()(0)
    assert not list(tmp_path.glob("out/receipts/*"))
    assert not list(tmp_path.glob("out/evidence/*"))
    assert job.open()(0).rows == 3
    assert len(list(tmp_path.glob("out/receipts/*"))) == 1
