"""Leave pages that do not exist yet out of the navigation: those of ``extra.unmerged``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Take the pages out; any other page that is missing still fails the build."""
    folder = Path(config.docs_dir)
    missing = {name for name in config.extra["unmerged"] if not (folder / name).is_file()}
    config.nav = _without(config.nav, missing)
    return config


def _without(nav: Any, missing: set[str]) -> Any:
    if isinstance(nav, list):
        kept = [_without(entry, missing) for entry in nav]
        return [entry for entry in kept if entry]
    if isinstance(nav, dict):
        parts = {title: _without(part, missing) for title, part in nav.items()}
        return {title: part for title, part in parts.items() if part}
    return None if nav in missing else nav
