"""What scoring a collection costs above the model: in units, by one process and by two, resumed.

Each unit is scored, and its texts are given to the same bundle in a bare loop, in turns in one
process with one thread. The processor's time counts, so that other work does not. Two processes are
compared with one by the clock, without the time they take to start.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from pathlib import Path

from bundle_material import adverts, made_bundle, texts

from adverts.compose import compose
from adverts.config import ScoreConfig
from adverts.runtime import Classifier
from adverts.scoring.score_job import ScoreJob

_WINDOW = 256
_USUAL = {"tfidf": 20_000, "text": 1_200}
_RESUMED_UNITS = 10_000


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", default=list(_USUAL), choices=list(_USUAL))
    parser.add_argument("--units", type=int, default=16)
    parser.add_argument("--resumed", type=int, default=_RESUMED_UNITS)
    options = parser.parse_args()
    for kind in options.kinds:
        with tempfile.TemporaryDirectory() as name:
            _print_kind(Path(name), kind, options.units)
    with tempfile.TemporaryDirectory() as name:
        _print_resumed(Path(name), options.resumed)


def _print_kind(folder: Path, kind: str, units: int) -> None:
    bundle, rows = made_bundle(kind).bundle, _USUAL[kind]
    posts, per_unit = texts(rows, 3), rows // units
    given = _asked(folder, bundle, posts, per_unit)
    for processes in (1, 2):
        adverts(
            "score", *given, f"scores={folder / str(processes)}", f"executor.processes={processes}"
        )
    one, two = (_rate(folder / str(processes), processes, per_unit) for processes in (1, 2))
    bare, scored = _in_turns([*given, f"scores={folder / '1'}"], posts, per_unit)
    print(f"{kind}: {rows:,} adverts in {units} units; ms of processor an advert: ", end="")
    print(f"bare loop {1000 * bare / rows:.3f}, in units {1000 * scored / rows:.3f} ", end="")
    print(f"({scored / bare - 1:+.1%})")
    print(f"  by the clock: one process {one:,.0f} adverts/s, two {two:,.0f} ", end="")
    print(f"({two / one:.2f} times)", flush=True)


def _print_resumed(folder: Path, units: int) -> None:
    given = _asked(folder, made_bundle("tfidf").bundle, texts(2 * units, 4), 2)
    asked = [*given, f"scores={folder / 'many'}"]
    adverts("score", *asked)
    began = time.perf_counter()
    adverts("score", *asked)
    print(f"nothing left of {units:,} units: {time.perf_counter() - began:.1f} s", flush=True)


def _asked(folder: Path, bundle: Path, posts: list[str], per_unit: int) -> list[str]:
    with (folder / "posts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([["id", "text"], *enumerate(posts)])
    return [
        *(f"bundle={bundle}", "data=csv", f"data.root={folder}"),
        *("data.source.paths=[posts.csv]", f"adverts_per_unit={per_unit}"),
    ]


def _in_turns(given: list[str], posts: list[str], per_unit: int) -> tuple[float, float]:
    """Return the processor seconds of a bare loop over all texts, and of doing all units again."""
    config = compose("score", ScoreConfig, given)
    assert config.bundle is not None
    job = ScoreJob(
        config.scores, str(config.bundle), config.data, config.format, config.batch_size, None
    )
    do, classifier = job.open(), Classifier.load(config.bundle, threads=1)
    bare = scored = 0.0
    classifier.predict(texts=posts[:_WINDOW])  # loads the identifier of languages
    for unit, start in enumerate(range(0, len(posts), per_unit)):
        mine = posts[start : start + per_unit]
        for is_bare in (True, False) if unit % 2 else (False, True):
            began = time.process_time()
            if is_bare:
                for first in range(0, len(mine), _WINDOW):
                    classifier.predict(texts=mine[first : first + _WINDOW])
                bare += time.process_time() - began
            else:
                do(unit)
                scored += time.process_time() - began
    return bare, scored


def _rate(scores: Path, processes: int, per_unit: int) -> float:
    """Return adverts a second once each process has done a unit."""
    ended = sorted(one.stat().st_mtime for one in (scores / "receipts").iterdir())
    return (len(ended) - processes) * per_unit / (ended[-1] - ended[processes - 1])


if __name__ == "__main__":
    main()
