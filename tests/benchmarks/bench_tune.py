"""Wall time of a study in one process and in two: ``adverts tune model=tfidf`` on the sample."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from adverts.compose import compose
from adverts.config import PrepareConfig, TuneConfig
from adverts.errors import silence

ROOT = Path(__file__).parents[2]
TRIALS = 8


def measure(prepared: Path, work: Path, processes: int) -> float:
    """Return the seconds that a new study takes, its table and plot included."""
    from adverts.tune import tune

    words = [f"prepared={prepared}", f"study_dir={work / str(processes)}", f"trials={TRIALS}"]
    words += ["model=tfidf", "tune=tfidf", "tracking=none", "trainer.threads=1", "ledger=null"]
    config = compose("tune", TuneConfig, [*words, f"processes={processes}"])
    began = time.monotonic()
    with silence():
        tune(config)
    return time.monotonic() - began


def main() -> None:
    """Print one line for each number of processes."""
    from adverts.prepare import prepare

    with tempfile.TemporaryDirectory() as place:
        prepared = Path(place) / "prepared"
        words = ["data=sample", f"data.root={ROOT / 'data' / 'synthetic'}", "ocr=none"]
        with silence():
            prepare(compose("prepare", PrepareConfig, [*words, f"prepared={prepared}"]))
        for processes in (1, 2):
            seconds = measure(prepared, Path(place), processes)
            print(f"{TRIALS} trials, processes={processes}: {seconds:.1f} s")


if __name__ == "__main__":  # each process of a study imports this file
    main()
