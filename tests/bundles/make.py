"""Make the small bundle of this schema version again: ``pytest tests/bundles/make.py -m slow``.

It goes through the real export. Run it only while a schema version is not released yet: afterwards
the committed bundle is the promise that every release of the major version keeps, and a change that
breaks it needs a new major version and a new bundle beside the old one.
"""

import json
import shutil
from pathlib import Path

import pytest

from adverts.runtime import Classifier
from adverts.runtime.stream.json_lines import predict_lines

FOLDER = Path(__file__).parent
ASKED = [
    '{"id": "empty", "text": ""}',
    '{"id": "plain", "text": "boat tonight safe price", "lang": "en"}',
    '{"id": "contact", "text": "call +44 7700 900142 cheap ferry", "lang": "tr"}',
    '{"id": "told", "text": "room sale news", "lang": "fa"}',
    '{"id": "script", "text": "قارب اليوم", "lang": "ar"}',
    '{"id": 7, "text": 7}',
]


@pytest.mark.slow
def test_make(tiny, tmp_path):
    from adverts.bundle.export.write import write_bundle

    name = "5.0-text"
    write_bundle(
        tmp_path / name,
        tiny.checkpoint("text"),
        tiny.dataset,
        rules=tiny.rules,
        requirement=tiny.requirement,
    )
    shutil.rmtree(FOLDER / name, ignore_errors=True)
    shutil.copytree(tmp_path / name, FOLDER / name)
    windows = predict_lines(Classifier.load(FOLDER / name, threads=1), ASKED)
    answers = [json.loads(answer) for window in windows for answer in window]
    (FOLDER / f"{name}.jsonl").write_text(
        "".join(
            json.dumps({"asked": asked, "answer": answer}, ensure_ascii=False) + "\n"
            for asked, answer in zip(ASKED, answers, strict=True)
        )
    )
