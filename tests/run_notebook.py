"""Run the notebook of docs/, and keep its printed outputs in it: ``python tests/run_notebook.py``.

Pictures and tables in HTML are left out, so that the file stays small and can be read in a diff.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import nbformat
from documents import ROOT
from nbclient import NotebookClient

NOTEBOOK = ROOT / "docs" / "first_model.ipynb"


def executed(folder: Path) -> nbformat.NotebookNode:
    """Return the notebook as it is after it was run in a folder."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    resources = {"metadata": {"path": folder}}
    NotebookClient(notebook, timeout=280, kernel_name="python3", resources=resources).execute()
    return notebook


def printed(cell: nbformat.NotebookNode) -> list[str]:
    """Return the text of each output of a cell, except pictures and standard error."""
    outputs = [one for one in cell.get("outputs", ()) if one.get("name") != "stderr"]
    outputs = [one for one in outputs if "image/png" not in one.get("data", {})]
    return [one.get("text") or one["data"]["text/plain"] for one in outputs]


def main() -> None:
    """Write the printed outputs of a run beside the sample into the notebook."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").symlink_to(ROOT / "data")
        os.environ["ADVERTS_LEDGER"] = str(folder / "looks.jsonl")
        ran = executed(folder)
    kept = nbformat.read(NOTEBOOK, as_version=4)
    for cell, done in zip(kept.cells, ran.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text=one) for one in printed(done)]
    nbformat.write(kept, NOTEBOOK)


if __name__ == "__main__":
    main()
