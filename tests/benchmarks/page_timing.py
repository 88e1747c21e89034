"""A new browser for benchmarks of pages, and when a page in it is done."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from system_packages import path_of

if TYPE_CHECKING:
    from playwright.sync_api import Page


@contextmanager
def new_page() -> Iterator[Page]:
    """Yield an empty page of a browser of its own, without windows."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path_of("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser.new_page()
        finally:
            browser.close()


def settled(page: Page) -> None:
    """Wait until the scripts of a page have run and it is painted."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
