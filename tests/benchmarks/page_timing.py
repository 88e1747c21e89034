"""A new browser for benchmarks of pages, and the time that a page computes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


@contextmanager
def new_page() -> Iterator[Page]:
    """Yield an empty page of a browser of its own, without windows."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        try:
            yield browser.new_page()
        finally:
            browser.close()


def settled(page: Page) -> None:
    """Wait until the scripts of a page have run and it is painted."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
