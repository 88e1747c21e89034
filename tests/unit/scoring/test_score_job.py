"""The job of scoring: the evidence of adverts with pictures, whose text was read once."""

import dataclasses
import datetime
import io
import json
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from hydra import compose, initialize_config_module
from PIL import Image

from adverts.advert import Advert, LabelSchema, Task
from adverts.command import parse
from adverts.config import ScoreConfig
from adverts.data.sources.open_source import open_source
from adverts.errors import InputError
from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_id
from adverts.runtime.predict.responses import Reading, Response, Versions
from adverts.scoring import score_job
from adverts.scoring.evidence.evidence_terms import evidence_settings
from adverts.scoring.score_job import ScoreJob
from adverts.work.units.place import open_place
from adverts.work.units.plan import Plan, freeze

KEY = "a key of sixteen bytes or more"
READ = "cabins across the water every friday, ask for the captain at +44 7700 900456"
TASK = Task("refer", "single", ("no", "yes"), "yes")
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
    (tmp_path / "posts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with initialize_config_module("adverts.configs", version_base="1.3"):
        raw = compose(
            "score",
            [
                *("data=jsonl", f"data.root={tmp_path}", "data.source.paths=[posts.jsonl]"),
                *("data.columns.image=image", f"scores={tmp_path / 'out'}"),
            ],
        )
    data = parse(ScoreConfig, raw).data
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


@pytest.mark.parametrize(("key", "told"), [("", "set .ADVERTS"), ("x" * 20, "set that key")])
def test_a_process_without_the_key_of_the_plan_is_refused(job, monkeypatch, key, told):
    monkeypatch.setenv(TOKEN_KEY, key)
    with pytest.raises(InputError, match=told):
        job.open()


def test_a_full_disk_leaves_no_half_of_a_unit(job, monkeypatch, tmp_path):
    import errno

    from adverts.work.units import place

    linked = place.os.link

    def link(source, target):
        if "evidence" in str(target):
            raise OSError(errno.ENOSPC, "No space left on device")
        linked(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(place.os, "link", link)
        with pytest.raises(InputError, match="the disk is full"):
            job.open()(0)
    assert not list(tmp_path.glob("out/receipts/*"))
    assert not list(tmp_path.glob("out/evidence/*"))
    assert job.open()(0).rows == 3
    assert len(list(tmp_path.glob("out/receipts/*"))) == 1
