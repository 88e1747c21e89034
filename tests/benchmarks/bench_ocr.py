"""Every OCR engine on rendered pages and on receipts: errors, speed, memory.

All readers read the same pages, each in processes that run nothing else: two workers of one thread,
warmed up; stock EasyOCR as a user runs it, in one process of two threads on a fixed third of the
pages. Receipts need the SROIE set: ``ADVERTS_DATA=/folder`` with ``sroie/receipts.jsonl`` in it.
Seed 0 is the benchmark's; develop on seeds from 1000, which have other sentences, fonts and scenes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from ocr_judging import Judged, Truth, judge, page_truths, receipt_truths
from ocr_pages import WIDTHS, pages
from ocr_readers import READERS, STOCK
from ocr_running import Phase, Run, run_reader
from ocr_tables import all_tables

_PACKAGES = ("easyocr", "rapidocr", "tesserocr", "onnxruntime", "torch", "opencv-python-headless")
_WARM_SEED = 999


def main() -> None:
    """Print tables, and write raw values where that is asked for."""
    options = _options()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warm = _warm_pages(folder)
        truths = {truth.id: truth for truth in _truths(folder, options)}
        print(f"{len(truths)} pages, {_machine()}", flush=True)
        runs: dict[str, Run] = {}
        for reader in options.engines:
            began = time.monotonic()
            run = run_reader(reader, folder, _phases(truths, reader), warm)
            said = run.fault or "read"
            print(f"{reader}: {said} ({time.monotonic() - began:.0f} s)", flush=True)
            if run.fault is None:
                runs[reader] = run
    judged = {
        reader: {
            page: judge(truths[page], seen, run.cpu_s[page]) for page, seen in run.seen.items()
        }
        for reader, run in runs.items()
    }
    for line in all_tables(runs, judged, truths):
        print(line)
    if options.json:
        options.json.write_text(json.dumps(_raw(options, runs, judged), indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", nargs="+", default=list(READERS), choices=list(READERS))
    parser.add_argument("--per-cell", type=int, default=3, help="pages a language and style")
    parser.add_argument("--widths", nargs="+", type=int, default=list(WIDTHS))
    parser.add_argument("--receipts", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0, help="0 is the benchmark's")
    parser.add_argument("--json", type=Path, help="file for raw values, by page")
    return parser.parse_args()


def _truths(folder: Path, options: argparse.Namespace) -> list[Truth]:
    rendered = page_truths(
        folder, seed=options.seed, per_cell=options.per_cell, widths=tuple(options.widths)
    )
    source = Path(os.environ.get("ADVERTS_DATA", "")) / "sroie"
    scanned = list(receipt_truths(folder, source, options.receipts))
    if options.receipts and not scanned:
        print("no receipts: set ADVERTS_DATA to a folder that holds sroie/receipts.jsonl")
    return [*rendered, *scanned]


def _warm_pages(folder: Path) -> list[str]:
    """Render a page of each script, which no figure is taken from."""
    import numpy as np

    ids = []
    for page in pages(
        seed=_WARM_SEED, per_cell=1, languages=("en", "ar"), styles=("clean",), widths=(640,)
    ):
        np.save(folder / f"{page.id}.npy", page.image)
        ids.append(page.id)
    return ids


def _phases(truths: dict[str, Truth], reader: str) -> list[Phase]:
    mine = [truth for truth in truths.values() if truth.third or reader != STOCK]
    names = dict.fromkeys(truth.phase for truth in truths.values())
    return [Phase(name, tuple(t.id for t in mine if t.phase == name)) for name in names]


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def _raw(
    options: argparse.Namespace, runs: dict[str, Run], judged: dict[str, dict[str, Judged]]
) -> dict[str, object]:
    return {
        "seed": options.seed,
        "per_cell": options.per_cell,
        "machine": _machine(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "engines": {
            reader: {
                "peak_gb": run.peak_gb,
                "paces": {name: [p.images, p.seconds] for name, p in run.paces.items()},
                "pages": [one.raw for one in judged[reader].values()],
            }
            for reader, run in runs.items()
        },
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
