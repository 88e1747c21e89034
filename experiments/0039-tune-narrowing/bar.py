"""Twenty trials that are stopped as ``pruner=narrowing`` does against twenty whole random ones.

Usage::

    python experiments/0039-tune-narrowing/bar.py reviews.csv runs/0039  # again: goes on
    python experiments/0039-tune-narrowing/bar.py reviews.csv runs/0039 --show

Each repeat draws 2,000 reviews for its studies, 1,200 to train and 800 to validation. All others,
some 13,900, judge the best model of each study once.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
TRAIN, VALIDATION, ALL = 1_200, 800, 15_896


def main() -> None:
    """Run what is left of the ten studies, and print what they say."""
    first = first_experiment()

    def prepare(reviews: Path, work: Path, repeat: int) -> None:
        prepared = first.prepared_of(work, repeat)
        if prepared.is_dir():
            return
        shares = (VALIDATION / ALL, 1 - (TRAIN + VALIDATION) / ALL)
        split = "validation_fraction:{:.4f},test_fraction:{:.4f}".format(*shares)
        first.adverts(
            "prepare",
            *("data=vispam", f"data.root={reviews.parent}", f"data.name=vispam-{repeat}"),
            *(f"data.source.paths=[{reviews.name}]", "data.columns.split=null", "~data.split"),
            f"+data.split={{kind:made,{split},seed:{repeat}}}",
            f"prepared={prepared}",
        )

    first.main(prepare, pruned=["pruner=narrowing"], conf=HERE / "conf", about=__doc__ or "")


def first_experiment() -> ModuleType:
    """Return the script of 0036, which runs and judges studies."""
    path = HERE.parent / "0036-tune" / "bar.py"
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location("first", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
