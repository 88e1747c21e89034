"""The notebook and the page about Python: what they show runs, on the committed sample."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from run_notebook import NOTEBOOK, executed, printed

from adverts import api, errors

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "python.md"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """A folder with the sample, in which a person works."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    )
    monkeypatch.setenv("ADVERTS_LEDGER", str(tmp_path / "looks.jsonl"))
    return tmp_path


@pytest.fixture(scope="module")
def stored():
    return nbformat.read(NOTEBOOK, as_version=4)


def text_of(notebook, word):
    """Return what a notebook prints that contains a word."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return next(one for cell in cells for one in printed(cell) if word in one)


def test_the_stored_outputs_are_text_without_a_folder_or_a_time(stored):
    outputs = [one for cell in stored.cells for one in cell.get("outputs", ())]
    assert {one.output_type for one in outputs} == {"stream"}
    said = "".join(one.text for one in outputs)
    assert not re.search(r"/(?:home|tmp|root|usr|work)|\d\d:\d\d|seconds", said)
    assert all(cell.get("execution_count") is None for cell in stored.cells)


def test_the_notebook_runs_and_prints_what_is_stored_in_it(workplace, stored):
    ran = executed(workplace)
    assert text_of(ran, "did you mean 'post'?") == text_of(stored, "did you mean 'post'?")
    assert text_of(ran, "'train': ") == text_of(stored, "'train': ")
    headline = [
        [float(one) for one in re.search(r"average_precision +(.*)", text)[1].split()]
        for text in (text_of(ran, "roc_auc"), text_of(stored, "roc_auc"))
    ]
    assert headline[0] == pytest.approx(headline[1], abs=0.02), "python tests/run_notebook.py"
    assert printed(ran.cells[-1]) == printed(stored.cells[-1]) == ["True"]
    outputs = [one for cell in ran.cells for one in cell.get("outputs", ())]
    errors = [one["text"] for one in outputs if one.get("name") == "stderr"]
    assert [one for one in errors if "font cache" not in one] == []
    assert [one for one in outputs if "image/png" in one.get("data", {})]
    assert (workplace / "runs" / "first" / "report" / "report.html").is_file()


def test_without_the_sample_the_notebook_says_what_to_do(stored, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = "\n".join(cell.source for cell in stored.cells if cell.cell_type == "code")
    told = "open this notebook in docs/ of the checkout, or read a file of"
    with pytest.raises(errors.InputError, match=told):
        exec(compile(code, NOTEBOOK, "exec"), {})


def test_the_code_of_the_page_runs(workplace):
    posts = pd.read_json(workplace / "data/synthetic/sample.jsonl", lines=True)
    posts = posts[posts["text"].str.strip() != ""]
    wanted = posts["class"].str.startswith(("offer", "supply", "recruit", "promo", "glorify"))
    pd.DataFrame({"post": posts["text"], "spam": wanted}).to_csv("posts.csv", index=False)
    first, encoder = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    lines = first.replace(
        'api.evaluate(run, overrides=["tracking=none"])',
        'api.evaluate(run, overrides=["tracking=none", "min_positive_clusters=10"])',
    ).replace('labels="spam")', 'labels="spam", overrides=["data.split.test_fraction=0.4"])')
    exec(compile(lines, "python.md", "exec"), names)
    assert names["scored"].index.equals(names["frame"].index)
    ast.parse(encoder)  # tests/integration/test_write_encoder.py runs it, on an encoder


def test_the_page_names_every_function_and_error_and_no_other():
    text = PAGE.read_text(encoding="utf-8")
    functions = {name for name in api.__all__ if not isinstance(getattr(api, name), type)}
    named = set(re.findall(r"`(\w+)(?:\(|`)", "\n".join(_table(text, "function"))))
    assert functions <= named
    told = set(re.findall(r"^\| `(\w+)`", "\n".join(_table(text, "error")), re.MULTILINE))
    assert all(issubclass(getattr(errors, one), errors.AdvertsError) for one in told)
    assert {"InputError", "IntegrityError", "CannotJudgeError", "GateFailedError"} <= told


def _table(text: str, first: str) -> list[str]:
    lines = text.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith(f"| {first} |"))
    end = next(i for i in range(begin, len(lines)) if not lines[i].startswith("|"))
    return lines[begin + 2 : end]
