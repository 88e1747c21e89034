"""A sound tf-idf is never refused by export, whatever its adverts happen to be."""

import itertools
import random

import pytest
from composing import load
from preparing import families_beside

from adverts.advert import LabelSchema, Task
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow
from adverts.export import export
from adverts.train import train

SCHEMA = LabelSchema("made-up", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
WORDS = ["".join(one) for one in itertools.product("bdfgklmnprst", "aeiou", "bdfglmnr", "aeiou")]
SPLITS = {"train": 5000, "validation": 2000, "test": 2000}


def rows(seed):
    """Made-up adverts, a quarter of them positive, of which two fifths have words that tell it."""
    rng = random.Random(seed)
    for split, count in SPLITS.items():
        for i in range(count):
            positive = rng.random() < 0.25
            words = rng.choices(WORDS[50:], k=rng.randint(14, 24))
            if rng.random() < 0.4:
                words[::7] = rng.choices(
                    WORDS[:25] if positive else WORDS[25:50], k=len(words[::7])
                )
            name = f"{split}{i}"
            yield PreparedRow(
                id=name,
                split=split,
                cluster=name,
                text=" ".join(words),
                lang="en",
                targets={"refer": (0.0, 1.0) if positive else (1.0, 0.0)},
            )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_a_sound_tfidf_on_9000_adverts_is_exported(tmp_path, seed):
    adverts = list(rows(seed))
    beside = {"side_files": families_beside(adverts)}
    write_prepared(tmp_path / "p", adverts, name="made-up", schema=SCHEMA, **beside)
    places = [f"prepared={tmp_path}/p", "tracking=none"]
    train(load("train", *places, "model=tfidf", f"run_dir={tmp_path}/r"))
    bundle = [f"checkpoint={tmp_path}/r", f"bundle_dir={tmp_path}/b", "bundle.precision=fp32"]
    export(load("export", *places, *bundle))
    assert (tmp_path / "b" / "model.onnx").is_file()
