"""The page of what is new in a real browser: silent, for every window, and readable in the dark."""

import pytest
from made_bank import token
from made_weeks import SINCE, SITE, bank, collected, posts, steady

from adverts_findings.campaigns.news.describe_news import news_record
from adverts_findings.campaigns.news.write_news import write_news

pytestmark = pytest.mark.system("chromium")
HEBREW, LONG = "\u05d0\u05d1\u05d2 \u202eevil", "a-very-long-name-" * 30
OTHER = ("other", "pl")


def adverts():
    """Return adverts of which every list of the page has some, and one has many."""
    found = [one for i in range(60) for one in posts(f"c1{i:05d}", [0] * (i % 7 + 2))]
    found += posts("c000001", [-20, -12, 0, 0]) + posts("c000002", [-4, -3, -2, -1] + [0] * 16)
    found += posts("c000003", [0, 0.1], cell=(HEBREW, LONG))
    found += posts("c000004", [-30, 0], cell=(LONG, "<b>"))
    phone = {"contacts": [token("a phone")]}
    found += posts("c000005", [-9, -2, -2, -1], **phone) + posts(
        "c000005", [0, 0.1], cell=OTHER, **phone
    )
    page = {"contacts": [token("a page", "LINK")]}
    return (
        found + posts("c000006", [-1], **page) + posts("c000006", [0], cell=(HEBREW, "x"), **page)
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    cells = {SITE: steady(12_345), OTHER: steady() | {-7: 0}, (HEBREW, LONG): {-1: 3, 0: 40}}
    cells |= {(f"platform {i}", "en"): steady(100 + i) for i in range(40)}
    record = news_record(bank(adverts(), collected(cells)), SINCE)
    return write_news(tmp_path_factory.mktemp("bank") / "pages", record)


def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(looked_at, path):
    seen = looked_at(path)
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("width", [360, 390, 640, 1280])
def test_no_window_scrolls_sideways(looked_at, path, width):
    assert looked_at(path, width=width).fits()


def test_every_section_has_its_link_and_every_wide_table_is_reached_by_keyboard(looked_at, path):
    page = looked_at(path).page
    targets = page.eval_on_selector_all("nav a", "all => all.map(one => one.hash.slice(1))")
    assert targets == page.eval_on_selector_all("main > section", "all => all.map(one => one.id)")
    loose = page.eval_on_selector_all(
        "table", "all => all.filter(one => !one.closest('.scroll[tabindex=\"0\"]')).length"
    )
    assert loose == 0


def test_the_grid_marks_what_was_not_collected(looked_at, path):
    page = looked_at(path).page
    assert page.locator("#collected td.none").count() >= 1
    assert "was not collected in 2026-W42" in page.locator("#doubt").inner_text()
