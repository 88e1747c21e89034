"""One real browser for all tests of pages, and what it sees of a page that opens from disk."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "evaluation"))  # its examples

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class Seen:
    """A page with all that it asked for and complained of."""

    def __init__(self, page, path):
        self.page, self.requests, self.complaints = page, [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(path.as_uri())

    def fits(self):
        """Is the page no wider than the window?"""
        return self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def colours(self, selector):
        """The colours of text and ground of the first element that is found, as numbers."""
        found = self.page.eval_on_selector(
            selector,
            """one => [getComputedStyle(one).color,
                       getComputedStyle(document.body).backgroundColor]""",
        )
        return [tuple(map(int, one[4:-1].split(","))) for one in found]


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(ARGUMENTS)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser):
    """Open a page in a window of its own."""
    contexts = []

    def call(path, *, width=1280, **settings):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, reduced_motion="reduce", **settings
        )
        contexts.append(context)
        return Seen(context.new_page(), path)

    yield call
    for context in contexts:
        context.close()


@pytest.fixture
def profiled(browser, tmp_path):
    """Start a browser of its own with a profile on disk, each time the same."""
    return lambda: browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=shutil.which("chromium"), args=list(ARGUMENTS)
    )
