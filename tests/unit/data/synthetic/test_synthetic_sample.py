"""The committed sample is what the code writes, small, and enough to train and judge on."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adverts.data.synthetic.sample import write_sample

COMMITTED = Path(__file__).parents[4] / "data" / "synthetic"
PIXEL_TOLERANCE = 6.0


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory):
    return write_sample(tmp_path_factory.mktemp("sample")).parent


def _rows():
    text = (COMMITTED / "sample.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_the_committed_rows_are_what_the_code_writes(rewritten):
    assert (rewritten / "sample.jsonl").read_bytes() == (COMMITTED / "sample.jsonl").read_bytes()


def test_the_committed_pictures_are_what_the_code_draws(rewritten):
    """Bytes differ between versions of Pillow and of the fonts; what is seen does not."""
    names = sorted(path.name for path in (COMMITTED / "images").iterdir())
    assert sorted(path.name for path in (rewritten / "images").iterdir()) == names
    for name in names:
        ours, theirs = (
            np.asarray(Image.open(folder / "images" / name).convert("L"), np.float32)
            for folder in (rewritten, COMMITTED)
        )
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).mean() < PIXEL_TOLERANCE


def test_the_sample_is_small():
    files = [COMMITTED / "sample.jsonl", *(COMMITTED / "images").iterdir()]

    assert len(_rows()) == 100
    assert len(files) == 41
    assert sum(path.stat().st_size for path in files) < 1.5e6


def test_pictures_are_in_latin_script_and_texts_in_two():
    assert {row["script"] for row in _rows() if row["image"]} == {"Latn"}
    assert {row["script"] for row in _rows()} == {"Latn", "Arab"}


@pytest.mark.parametrize("half", ["text", "image"])
def test_each_half_has_positives_and_negatives_in_each_split(half, violating):
    counts = Counter(
        (row["split"], row["class"] in violating)
        for row in _rows()
        if row[half] and row["risk"] is not None
    )

    assert len(counts) == 6
    assert min(counts.values()) >= 2


def test_the_sample_has_every_class():
    assert len({row["class"] for row in _rows()}) == 21
