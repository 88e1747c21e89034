"""One real browser for all tests of pages, and what it sees of a page that opens from disk."""

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
EVERYTHING_KEPT = {"origin": "file://", "storageTypes": "all"}


class Seen:
    """A page with all that it asked for and complained of."""

    def __init__(self, page, path):
        self.page, self.requests, self.complaints = page, [], []
        self._heard = {
            "request": lambda request: self.requests.append(request.url),
            "console": lambda message: self.complaints.append(message.text),
            "pageerror": lambda error: self.complaints.append(str(error)),
        }
        for event, call in self._heard.items():
            page.on(event, call)
        page.goto(path.as_uri())

    def leave(self):
        """Hear no more of the page, which another test opens next."""
        for event, call in self._heard.items():
            self.page.remove_listener(event, call)

    def resize(self, width):
        """Give the window another width."""
        self.page.set_viewport_size({"width": width, "height": 800})

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
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield started
        started.close()


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


@pytest.fixture(scope="module")
def windows(browser):
    """One window with scripts and one without, for all tests of a module that share them."""
    pages = {}

    def call(scripts):
        if scripts not in pages:
            pages[scripts] = browser.new_context(java_script_enabled=scripts).new_page()
        return pages[scripts]

    yield call
    for page in pages.values():
        page.context.close()


@pytest.fixture
def looked_at(windows):
    """Open a page in a window that is shared and emptied: a third of the time of a new one.

    What was opened before in the same test is gone.
    """
    seen, used = [], {}

    def call(path, *, width=1280, color_scheme="light", java_script_enabled=True):
        page = windows(java_script_enabled)
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(media="null", color_scheme=color_scheme, reduced_motion="reduce")
        for one in seen:
            one.leave()
        seen[:] = [Seen(page, path)]
        used[java_script_enabled] = page
        return seen[0]

    yield call
    for one in seen:
        one.leave()
    for page in used.values():
        _empty(page)


def _empty(page):
    """Leave a page, which may still write, and forget what it kept."""
    page.goto("about:blank")
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", EVERYTHING_KEPT)
    session.detach()


@pytest.fixture
def profiled(browser, chromium, tmp_path):
    """Start a browser of its own with a profile on disk, each time the same."""
    return lambda: browser.browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=chromium, args=list(ARGUMENTS)
    )
