"""Show each notebook of docs/ as a page: its text, its code in blocks, and what was printed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

NOTEBOOK = ".ipynb"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each notebook; the notebook itself stays beside it."""
    for file in [one for one in files if one.src_uri.endswith(NOTEBOOK)]:
        assert file.abs_src_path is not None, "notebooks are files of docs/"
        text = as_markdown(Path(file.abs_src_path))
        place = file.src_uri.removesuffix(NOTEBOOK) + ".md"
        files.append(File.generated(config, place, content=text))
    return files


def as_markdown(notebook: Path) -> str:
    """Return the cells of a notebook as Markdown, with the text of their outputs.

    The first cell begins with the title, which is followed by how to get the notebook.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    parts = [part for cell in cells for part in _as_markdown(cell)]
    title, _, rest = parts[0].partition("\n")
    here = f'<a href="{notebook.name}" download>{notebook.name}</a>'
    told = (
        f"This page is the notebook {here}, which runs as it is in `docs/` of the checkout. "
        "What a cell prints is below it."
    )
    return "\n\n".join([title, told, rest.strip(), *parts[1:]]) + "\n"


def _as_markdown(cell: Mapping[str, Any]) -> Iterator[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] != "code":
        yield source
        return
    yield f"```python\n{source}\n```"
    for output in cell["outputs"]:
        shown = output.get("text") or output.get("data", {}).get("text/plain", [])
        if shown:
            yield f"```text\n{''.join(shown).rstrip()}\n```"
