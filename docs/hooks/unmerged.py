"""Do without pages that do not exist yet: those of ``extra.unmerged``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = "reference/api.md"
ABOUT_FUNCTIONS = """# Functions for notebooks

What `from adverts.api import …` offers.

::: adverts.api
    options: {show_root_heading: false, show_root_toc_entry: false}
"""


def _missing(config: MkDocsConfig) -> set[str]:
    folder = Path(config.docs_dir)
    missing = {name for name in config.extra["unmerged"] if not (folder / name).is_file()}
    return missing - {FUNCTIONS} if _has_functions() else missing


def _has_functions() -> bool:
    place = ROOT / "src/adverts/api"
    return place.is_dir() or place.with_suffix(".py").is_file()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave the pages out of the navigation; any other page that is missing fails the build."""
    config.nav = _without(config.nav, _missing(config))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page of the functions for notebooks, if there are any."""
    if _has_functions() and files.get_file_from_path(FUNCTIONS) is None:
        files.append(File.generated(config, FUNCTIONS, content=ABOUT_FUNCTIONS))
    return files


def on_page_markdown(markdown: str, *, config: MkDocsConfig, **_: object) -> str:
    """Leave out the lines, such as rows of a table, that lead to pages that do not exist."""
    links = tuple(f"]({name}" for name in _missing(config))
    lines = markdown.splitlines(keepends=True)
    return "".join(line for line in lines if not any(link in line for link in links))


def _without(nav: Any, missing: set[str]) -> Any:
    if isinstance(nav, list):
        kept = [_without(entry, missing) for entry in nav]
        return [entry for entry in kept if entry]
    if isinstance(nav, dict):
        parts = {title: _without(part, missing) for title, part in nav.items()}
        return {title: part for title, part in parts.items() if part}
    return None if nav in missing else nav
