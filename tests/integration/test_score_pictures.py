"""Pictures in scores: the same answers from every kind of source, each picture read once."""

from __future__ import annotations

from pathlib import Path

import pytest
from calling import call
from scored_bundle import read_rows
from scored_pictures import (
    picture_bundle,
    picture_files,
    write_folder,
    write_parquet,
    write_tar,
)

PICTURES = 40
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A bundle that reads pictures."""
    return picture_bundle(tmp_path_factory.mktemp("pictures"))


def entries(cache: Path) -> dict[Path, int]:
    """Return when each entry of a cache was written."""
    return {one: one.stat().st_mtime_ns for one in cache.rglob("*.json")}


def test_folder_tar_and_parquet_have_equal_answers_and_read_each_picture_once(
    bundle, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    files = picture_files(PICTURES)
    files["p039"] = files["p038"]
    files["p037"] = files["p036"][:200]
    usual = ["data.columns.image=image", "adverts_per_unit=16", "executor.processes=2"]

    def score(out: str, cache: str, source: list[str]) -> list[dict[str, object]]:
        changes = [f"bundle={bundle}", f"scores={out}", f"ocr_cache={cache}", *usual]
        assert call(monkeypatch, "score", *source, *changes) == 0
        return read_rows(Path(out) / "scores")

    first = score("a", "kept", write_folder(tmp_path / "folder", files))
    kept = entries(Path("kept"))
    again = score("b", "kept", write_parquet(tmp_path / "parquet", files))
    assert entries(Path("kept")) == kept
    unkept = score("c", "null", write_tar(tmp_path / "tar", files))
    assert first == again == unkept
    assert not Path("cache").exists()
    pictures = ["data=image_folder", f"data.root={tmp_path / 'folder'}", "data.source.path=labels"]
    labels = tmp_path / "folder" / "labels" / "unlabelled"
    labels.mkdir(parents=True)
    for name, data in files.items():
        (labels / f"{name}.jpg").write_bytes(data)
    usual.remove("data.columns.image=image")  # such a folder always has that column
    alone = score("d", "kept", pictures)
    assert entries(Path("kept")) == kept
    assert [row["id"] for row in alone] == [f"unlabelled/{name}.jpg" for name in files]
    assert [row["error"] for row in alone] == [row["error"] for row in first]
    assert len({row["score"] for row in alone}) > 2
    assert len(kept) == PICTURES - 2
    assert [row["id"] for row in first if row["error"]] == ["p037"]
    assert first[37]["error"] == "unreadable_image"
    assert all(path.stat().st_mode & 0o077 == 0 for path in Path("kept").rglob("*"))
    assert len({row["score"] for row in first}) > 2
