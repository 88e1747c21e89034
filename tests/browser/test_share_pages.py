"""Notices and withdrawals in a real browser: silent, fit for every window, and printed."""

import re
from dataclasses import replace

import pytest
from made_notices import item, outgoing, recipient, reviewed_template, withdrawing

from adverts_findings.sharing.notices.write_notices import write_notices
from adverts_findings.sharing.notices.write_withdrawn import write_withdrawn

pytestmark = pytest.mark.system("chromium")
LONG = "a-very-long-name-" * 9
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
def test_a_page_asks_for_nothing_but_itself_and_complains_of_nothing(looked_at, folder, name):
    seen = looked_at(folder / name)
    assert [url for url in seen.requests if not url.startswith("data:")] == [
        (folder / name).as_uri()
    ]
    assert seen.complaints == []


@pytest.mark.parametrize(
    "width", [360, *(pytest.param(one, marks=pytest.mark.slow) for one in (390, 1280))]
)
@pytest.mark.parametrize("name", PAGES)
def test_no_window_scrolls_sideways(looked_at, folder, name, width):
    assert looked_at(folder / name, width=width).fits()


def test_arabic_runs_from_the_right_and_addresses_in_it_from_the_left(looked_at, folder):
    page = looked_at(folder / "ar/notices.html").page
    direction = "one => getComputedStyle(one).direction"
    assert page.eval_on_selector("h1", direction) == "rtl"
    assert page.eval_on_selector("dd code", direction) == "ltr"


def test_each_notice_is_printed_on_a_page_of_its_own(looked_at, tmp_path):
    write_notices(tmp_path, outgoing(item(1), item(2), item(3)))
    printed = looked_at(tmp_path / "notices.html").page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 3
