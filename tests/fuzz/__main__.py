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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "unit" / "evaluation"), str(ROOT / "benchmarks")]
os.environ.setdefault("OMP_NUM_THREADS", "1")
_CACHE = tempfile.TemporaryDirectory(prefix="adverts-fuzz-datasets-")  # goes with the process
os.environ["HF_DATASETS_CACHE"] = _CACHE.name

from fuzz.sources import ADDRESS  # noqa: E402

os.environ["HF_ENDPOINT"] = ADDRESS  # whoever asks for the hub is heard

from fuzz import (  # noqa: E402
    bundles,
    drafts,
    lines,
    pages,
    pictures,
    receipts,
    reviews,
    settings,
    sources,
    texts,
)
from fuzz.measured import Case, Draw, Measured, measure  # noqa: E402

TARGETS: Mapping[str, Mapping[str, Draw]] = {
    "texts": texts.KINDS,
    "pictures": pictures.KINDS,
    "bundles": bundles.KINDS,
    "lines": lines.KINDS,
    "sources": sources.KINDS,
    "pages": pages.KINDS,
    "settings": settings.KINDS,
    "init": drafts.KINDS,
    "receipts": receipts.KINDS,
    "reviews": reviews.KINDS,
}
_SHARES = {
    "texts/search": 6.0,
    "pictures/sizes": 0.4,
    "pictures/hollow": 0.4,
    "pictures/repeated": 0.4,
    "pictures/flips": 0.4,
    "bundles/json": 4.0,
    "bundles/tokenizer": 4.0,
    "bundles/bytes": 0.3,
    "bundles/graph": 8.0,
    "lines/texts": 2.0,
    "lines/mutated": 0.7,
    "lines/raw": 0.5,
    "sources/csv": 1.5,
    "sources/jsonl": 2.0,
    "sources/hub": 0.5,
    "pages/report": 0.2,
    "pages/audit": 0.2,
    "reviews/lines": 0.4,
    "reviews/words": 0.4,
    "reviews/bytes": 0.4,
    "reviews/values": 0.4,
    "reviews/times": 0.4,
}
"""Of the time, by how many things a kind of case tries in turn; other kinds have a share of 1."""
_NUMBERS = 1_000_000
_OF_TIME = {"slow", "a neighbour is not answered"}


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
    """Draw a case by its name, ``target/kind:number``, and measure it."""
    kind, _, number = name.partition(":")
    target, _, way = kind.partition("/")
    folder = Path(tempfile.mkdtemp(prefix="adverts-fuzz-"))
    try:
        case = TARGETS[target][way](random.Random(name), folder, int(number))
        said = measure(case)
        wrong = tuple(said.findings(case))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Tried(name, case, said, wrong)


def confirmed(name: str) -> Tried:
    """Try a case, and again where it was only slow: the machine may have been busy."""
    tried = try_case(name)
    for _ in range(2):
        kinds = {one.partition(" adverts.")[0] for one in tried.wrong}  # of which function
        if not kinds or not kinds <= _OF_TIME:
            break
        tried = try_case(name)
    return tried


def kinds_of(names: str) -> list[str]:
    """Return the kinds of cases that a list of targets, or of ``target/kind``, names.

    Raises:
        ValueError: A name is of no target and no kind.
    """
    every = [f"{target}/{kind}" for target, kinds in TARGETS.items() for kind in kinds]
    wanted = names.split(",")
    unknown = set(wanted) - set(every) - set(TARGETS)
    if unknown:
        raise ValueError(f"found {sorted(unknown)}, wanted some of {[*TARGETS, *every]}")
    return [one for one in every if one in wanted or one.partition("/")[0] in wanted]


def fuzz(
    seconds: float, seed: int, kinds: list[str], tell: Callable[[Tried], None]
) -> Counter[str]:
    """Try cases for so long, as much time for each kind as its share; return their numbers."""
    _warm_up()
    tried: Counter[str] = Counter()
    spent = dict.fromkeys(kinds, 0.0)
    deadline = time.monotonic() + seconds
    while (start := time.monotonic()) < deadline:
        kind = min(kinds, key=lambda one: spent[one] / _SHARES.get(one, 1.0))
        found = confirmed(f"{kind}:{seed * _NUMBERS + tried[kind]}")
        spent[kind] += time.monotonic() - start
        tried[kind] += 1
        tell(found)
    return tried


def _warm_up() -> None:
    """Load once what every case would load again; no thread may be begun by it."""
    import jinja2
    import onnxruntime
    import pandas
    import pyarrow.parquet
    import report_examples

    import adverts.data.preparing.preparation
    import adverts.evaluation.report.write_report
    import adverts.init
    import adverts.prepare
    import adverts.runtime
    import adverts.runtime.stream.verification
    import adverts.score
    import adverts.scoring.check_collection
    import adverts.scoring.summary

    del adverts, jinja2, onnxruntime, pandas, pyarrow, report_examples

    for of in texts.functions().values():
        list(map(str, [of("an ordinary text, 12")]))


def main() -> int:
    """Run the command; 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzz")
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--targets", "--only", default=",".join(TARGETS))
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

    counts = fuzz(options.seconds, options.seed, kinds_of(options.targets), tell)
    told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    print(f"{sum(counts.values()):,} cases ({told}); {len(found):,} findings", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
