"""Pictures in a sample: reviewers see what was read on them, and nothing but blurred pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from calling import call
from scored_pictures import picture_bundle, picture_files, write_folder, write_parquet, write_tar

from adverts.data.review.reviews import item_name
from adverts_findings.survey.sample import read_sample
from adverts_findings.survey.sheets.stored_items import read_items

PICTURES = 24
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A bundle that reads pictures."""
    return picture_bundle(tmp_path_factory.mktemp("pictures"))


def picture_folder(folder: Path, files) -> list[str]:
    """Write a folder of pictures without any table, and return the arguments that read it."""
    (folder / "labels" / "unlabelled").mkdir(parents=True)
    for name, data in files.items():
        (folder / "labels" / "unlabelled" / f"{name}.jpg").write_bytes(data)
    return ["data=image_folder", f"data.root={folder}", "data.source.path=labels"]


@pytest.mark.parametrize("write", [write_folder, write_parquet, write_tar, picture_folder])
def test_reviewers_see_what_was_read_on_pictures(bundle, tmp_path, monkeypatch, write):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", "a key of sixteen bytes or more")
    files = picture_files(PICTURES)
    source = write(tmp_path / "source", files)
    named = [] if write in (picture_folder, write_tar) else ["data.columns.image=image"]
    asked = [f"bundle={bundle}", "scores=scores", "evidence=restricted", "executor.processes=1"]
    assert call(monkeypatch, "score", *source, *named, *asked) == 0
    assert call(monkeypatch, "score", "scores=scores", "clusters=true") == 0
    drawing = ["scores=scores", f"budget={PICTURES}", "collected=made-up pictures", "strata=2"]
    assert call(monkeypatch, "sample", *drawing, "sample_dir=w44") == 0
    items = read_items(Path("w44/items.parquet"), read_sample(Path("w44")).content)
    assert len(items) == PICTURES
    assert {one.pictures for one in items.values()} == {(data,) for data in files.values()}
    assert sum(bool(one.picture_text) for one in items.values()) >= PICTURES // 2
    page = Path("w44/round-1/review.html").read_text()
    assert page.count("data:image/png;base64") >= PICTURES
    if write is write_folder:
        assert items[item_name("p000")].text == "post p000"
