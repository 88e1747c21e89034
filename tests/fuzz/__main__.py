"""Try case after case, from a seed, for as long as is asked; write down every finding."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "unit" / "evaluation"), str(ROOT / "benchmarks")]
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
_CACHE = tempfile.TemporaryDirectory(prefix="adverts-fuzz-datasets-")  # goes with the process
os.environ["HF_DATASETS_CACHE"] = _CACHE.name

from fuzz import bundles, lines, pages, pictures, sources, texts  # noqa: E402
from fuzz.measured import Case, Measured, measure  # noqa: E402

Draw = Callable[[random.Random, Path], Case]
TARGETS: dict[str, Draw] = {
    "texts": texts.draw,
    "pictures": pictures.draw,
    "bundles": bundles.draw,
    "lines": lines.draw,
    "sources": sources.draw,
    "pages": pages.draw,
}
_SHARES = {"texts": 3, "bundles": 4, "sources": 2, "lines": 2, "pictures": 1, "pages": 1}


@dataclass(frozen=True, slots=True)
class Tried:
    """One case and what came of it; ``name`` replays it."""

    name: str
    case: Case
    measured: Measured
    wrong: tuple[str, ...]

    def line(self) -> str:
        """Return it as a JSON line."""
        case, said = self.case, self.measured
        facts = {
            "case": self.name,
            "family": case.family,
            "size": case.size,
            "wrong": list(self.wrong),
            "outcome": said.outcome,
            "error": said.error,
            "where": said.where,
            "seconds": round(said.seconds, 3),
            "megabytes": said.num_bytes // 1_000_000,
            "message": said.message[:300],
        }
        return json.dumps(facts)


def try_case(name: str) -> Tried:
    """Draw a case by its name, ``target:seed``, and measure it; what is slow is measured again."""
    target, _, seed = name.partition(":")
    folder = Path(tempfile.mkdtemp(prefix="adverts-fuzz-"))
    try:
        case = TARGETS[target](random.Random(f"{target}:{seed}"), folder)
        said = measure(case)
        wrong = tuple(said.findings(case))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Tried(name, case, said, wrong)


def confirmed(name: str) -> Tried:
    """Try a case, and again where it was only slow: the machine may have been busy."""
    tried = try_case(name)
    for _ in range(2):
        if tried.wrong != ("slow",):
            break
        tried = try_case(name)
    return tried


def fuzz(
    seconds: float, seed: int, targets: list[str], tell: Callable[[Tried], None]
) -> Counter[str]:
    """Try cases for so long, as much time for each target as its share; return their numbers."""
    _warm_up()
    tried: Counter[str] = Counter()
    spent = dict.fromkeys(targets, 0.0)
    rng = random.Random(seed)
    deadline = time.monotonic() + seconds
    while (start := time.monotonic()) < deadline:
        target = min(targets, key=lambda one: spent[one] / _SHARES[one])
        found = confirmed(f"{target}:{rng.randrange(10**9)}")
        spent[target] += time.monotonic() - start
        tried[target] += 1
        tell(found)
    return tried


def _warm_up() -> None:
    """Load once what every case would load again; no thread may be begun by it."""
    import pyarrow.parquet  # noqa: F401

    import adverts.data.preparation
    import adverts.runtime  # noqa: F401

    for of in texts.functions().values():
        list(map(str, [of("an ordinary text, 12")]))


def main() -> int:
    """Run the command; 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzz")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--targets", default=",".join(TARGETS))
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--case", default=None)
    options = parser.parse_args()
    if options.case:
        tried = try_case(options.case)
        print(tried.line())
        return int(bool(tried.wrong))
    found: list[Tried] = []

    def tell(tried: Tried) -> None:
        if not tried.wrong:
            return
        found.append(tried)
        print(tried.line(), flush=True)
        if options.out:
            with options.out.open("a") as file:
                file.write(tried.line() + "\n")

    counts = fuzz(options.seconds, options.seed, options.targets.split(","), tell)
    told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    print(f"{sum(counts.values()):,} cases ({told}); {len(found):,} findings", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
