"""Notices and withdrawals in a real browser: silent, fit for every window, and printed."""

import re
from dataclasses import replace

import pytest
from made_notices import item, outgoing, recipient, reviewed_template, withdrawing

from adverts.sharing.notices.write_notices import write_notices
from adverts.sharing.notices.write_withdrawn import write_withdrawn

pytestmark = pytest.mark.system("chromium")
LONG = "a-very-long-name-" * 30
PAGES = ("en/notices.html", "en/withdrawn.html", "ar/notices.html", "ar/withdrawn.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("share")
    adverts = (
        item(1, url="https://demo-social.example/" + "x" * 300),
        item(2, pictures=item().pictures * 12),
        item(3, reviewed=replace(item().reviewed, label=f"<b>{LONG}")),
    )
    with pytest.MonkeyPatch.context() as monkeypatch:
        (root / "templates").mkdir()
        reviewed_template(root / "templates", monkeypatch, "ar")
        for language in ("en", "ar"):
            to = recipient(language=language, name=f"{LONG} <script>alert(1)</script>")
            (root / language).mkdir()
            write_notices(root / language, outgoing(*adverts, to=to))
            causes = {1: "asked", 2: "expired", 3: "appeal upheld"}
            write_withdrawn(root / language, withdrawing(causes, *adverts, to=to))
    return root


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_but_itself_and_complains_of_nothing(opened, folder, name):
    seen = opened(folder / name)
    assert [url for url in seen.requests if not url.startswith("data:")] == [
        (folder / name).as_uri()
    ]
    assert seen.complaints == []


@pytest.mark.parametrize("width", [360, 390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_no_window_scrolls_sideways(opened, folder, name, width):
    assert opened(folder / name, width=width).fits()


def test_arabic_runs_from_the_right_and_addresses_in_it_from_the_left(opened, folder):
    page = opened(folder / "ar/notices.html").page
    direction = "one => getComputedStyle(one).direction"
    assert page.eval_on_selector("h1", direction) == "rtl"
    assert page.eval_on_selector("dd code", direction) == "ltr"


def test_each_notice_begins_a_printed_page_of_its_own(opened, folder):
    page = opened(folder / "en/notices.html").page
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 3
