"""Show each notebook of docs/ as a page: its text, and its code in blocks."""

from __future__ import annotations

import json
from pathlib import Path

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
    """Return the cells of a notebook as Markdown, without their outputs.

    The first cell begins with the title, which is followed by how to get the notebook.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    parts = [_as_markdown(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    title, _, rest = parts[0].partition("\n")
    here = f'<a href="{notebook.name}" download>{notebook.name}</a>'
    told = f"This page is the notebook {here}, which you can run as it is."
    return "\n\n".join([title, told, rest.strip(), *parts[1:]]) + "\n"


def _as_markdown(kind: str, source: str) -> str:
    return f"```python\n{source}\n```" if kind == "code" else source
