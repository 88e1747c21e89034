"""Pages and sheets: whatever a name or a value says, it stays a text."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import get_type_hints

from preparing import config, sentences, write_csv

from fuzz.measured import Case
from fuzz.values import FORMULA, HEADING, MARKER

_POISON = f"x{FORMULA}{MARKER}{HEADING}|a|\x1b[31m"
_SECONDS = 30.0
_CELL_ENDS = re.compile(r"[,;\t\r\n]")


def draw(rng: random.Random, folder: Path) -> Case:
    """Return a report or an audit in which some texts are hostile."""
    which = rng.choice((_report, _report, _audit))
    seed = rng.random()

    def run() -> Sequence[str]:
        pages = folder / "pages"
        which(random.Random(seed), folder, pages)
        return sorted({sign for one in pages.rglob("*") for sign in _signs(one)})

    return Case("pages", which.__name__.strip("_"), 0, _SECONDS, run)


def _signs(path: Path) -> Sequence[str]:
    if not path.is_file():
        return []
    signs = []
    text = path.read_bytes().decode(errors="replace")
    if path.suffix in (".md", ".html") and MARKER in text:
        signs.append(f"markup in {path.name}")
    if path.suffix == ".md" and re.search(r"^# PWNED", text, re.M):
        signs.append(f"a heading in {path.name}")
    if path.suffix == ".csv" and any(one.startswith("=") for one in _CELL_ENDS.split(text)):
        signs.append(f"a formula in {path.name}")
    if path.suffix in (".md", ".html", ".csv", ".xml") and "\x1b" in text:
        signs.append(f"an escape in {path.name}")
    return signs


def _report(rng: random.Random, folder: Path, pages: Path) -> None:
    """Write the report of the tests, some of its texts replaced; one that cannot be is no case."""
    import report_examples

    from adverts.evaluation.report.write import write_report

    report = report_examples.full_report()
    pages.mkdir()
    for _ in range(20):
        try:
            write_report(pages, _poisoned(rng, report))
        except (KeyError, ValueError, AssertionError, StopIteration, IndexError):
            continue
        return


def _poisoned(rng: random.Random, value: object) -> object:
    """Return a value in which a few free texts are hostile; words of a closed list stay."""
    if isinstance(value, str):
        return _POISON if rng.random() < 0.1 else value
    if isinstance(value, tuple):
        return tuple(_poisoned(rng, one) for one in value)
    if isinstance(value, dict):
        return {key: _poisoned(rng, one) for key, one in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        try:
            hints = get_type_hints(type(value))
        except NameError:
            hints = {}
        changed = {
            one.name: _poisoned(rng, getattr(value, one.name))
            for one in dataclasses.fields(value)
            if one.init and "Literal" not in str(hints.get(one.name, ""))
        }
        return dataclasses.replace(value, **changed)
    return value


def _audit(rng: random.Random, folder: Path, pages: Path) -> None:
    from composing import load

    from adverts.audit import audit
    from adverts.prepare import prepare

    rows = [dict(row) for row in sentences(60, seed=rng.randrange(1000))]
    rows += [dict(row) | {"id": f"again-{row['id']}"} for row in rows[:20]]
    for row in rows:
        row |= {"lang": "en", "platform": "forum"}
        row["label"] = rng.choice(("yes", "no")) if rng.random() < 0.3 else row["label"]
        if rng.random() < 0.5:
            name = rng.choice(("id", "platform", "text"))
            row[name] = rng.choice((_POISON, f"=1+1{FORMULA}", f"plain {_POISON}")) + row["id"]
    write_csv(folder, rows)
    columns = {"id": "id", "text": "text", "lang": "lang", "platform": "platform"}
    dataset = prepare(config(folder, columns, on_error="quarantine"))
    audit(load("audit", f"prepared={dataset.path}", f"audit_dir={pages}"))
