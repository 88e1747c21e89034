"""Pages and sheets: whatever a name or a value says, it stays a text."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import get_type_hints

from preparing import config, sentences, write_csv

from fuzz.measured import Case, Draw
from fuzz.values import FORMULA, HEADING, MARKER

_POISON = f"x{FORMULA}{MARKER}{HEADING}|a|\x1b[31m"
_SECONDS = 30.0
_CELL_ENDS = re.compile(r"[,;\t\r\n]")


def _kind(write: Callable[[random.Random, Path, Path], None]) -> Draw:
    """Return a draw of pages in which some texts are hostile."""

    def draw(rng: random.Random, folder: Path, number: int) -> Case:
        del number
        seed = rng.random()

        def run() -> Sequence[str]:
            pages = folder / "pages"
            write(random.Random(seed), folder, pages)
            return sorted({sign for one in pages.rglob("*") for sign in _signs(one)})

        return Case("pages", write.__name__.strip("_"), 0, _SECONDS, run)

    return draw


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
    """Write the report of the tests, some of its names others wherever they are.

    A name of the project itself, without which no page can be written, is left as it was.
    """
    import report_examples
    from jinja2 import UndefinedError

    from adverts.evaluation.report.write_report import write_report

    report = report_examples.full_report()
    gate = report_examples.gate()
    pages.mkdir()
    names = sorted(_texts(report) | _texts(gate))
    for _ in range(20):
        changes = dict.fromkeys(rng.sample(names, rng.choice((1, 1, 2, 4))), _POISON)
        try:
            write_report(pages, _renamed(report, changes), _renamed(gate, changes))
        except (KeyError, ValueError, AssertionError, StopIteration, IndexError, UndefinedError):
            continue
        if any(_POISON.split("<")[0] in one.read_text() for one in pages.glob("*.md")):
            return


def _texts(value: object) -> set[str]:
    """Return the texts that a value holds, also as keys."""
    if isinstance(value, str):
        return {value} - {""}
    if isinstance(value, tuple | list):
        return set().union(*map(_texts, value))
    if isinstance(value, dict):
        return set().union(*map(_texts, value.keys()), *map(_texts, value.values()))
    if dataclasses.is_dataclass(value):
        return set().union(*(_texts(getattr(value, one.name)) for one in dataclasses.fields(value)))
    return set()


def _renamed(value: object, changes: Mapping[str, str]) -> object:
    """Return a value in which some texts are others; words of a closed list stay."""
    if isinstance(value, str):
        return changes.get(value, value)
    if isinstance(value, tuple):
        return tuple(_renamed(one, changes) for one in value)
    if isinstance(value, dict):
        return {_renamed(key, changes): _renamed(one, changes) for key, one in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        try:
            hints = get_type_hints(type(value))
        except NameError:
            hints = {}
        changed = {
            one.name: _renamed(getattr(value, one.name), changes)
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


KINDS = {"report": _kind(_report), "audit": _kind(_audit)}
