"""The notebook and the page about Python: what they show runs, on the committed sample."""

from __future__ import annotations

import ast
import json
import os
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from adverts import api, errors

ROOT = Path(__file__).parents[2]
NOTEBOOK, PAGE = ROOT / "docs" / "first_model.ipynb", ROOT / "docs" / "python.md"
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


def test_the_notebook_has_no_outputs():
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_notebook_runs(workplace):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    NotebookClient(
        notebook, timeout=280, kernel_name="python3", resources={"metadata": {"path": workplace}}
    ).execute()
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", ())]
    shown = [one.get("text") or one.get("data", {}).get("text/plain", "") for one in outputs]
    assert any("did you mean 'post'?" in one for one in shown)
    assert any(one.startswith("Estimate(value=") for one in shown)
    assert shown[-1] == "True"
    assert [one["text"] for one in outputs if one.get("name") == "stderr"] == []
    assert (workplace / "runs" / "first" / "report" / "report.html").is_file()


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
