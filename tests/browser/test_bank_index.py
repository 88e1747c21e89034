"""The index of a bank in a real browser: found, filtered, sorted and turned by keyboard alone."""

import pytest
from playwright.sync_api import expect
from shown_bank import advert, bank, campaign, replaced

from adverts_findings.campaigns.pages.write_pages import write_pages

pytestmark = pytest.mark.system("chromium")
HOSTILE = "</script><script>alert(1)</script>\u2028<!-- \u202e \u05d0"
CAMPAIGNS = 250


def rows():
    """Return 250 campaigns: ever fewer adverts, three platforms, two languages, many weeks."""
    names = [f"c{number:06d}" for number in range(1, CAMPAIGNS + 1)]
    adverts = [
        advert(
            f"{name}-{i}",
            name,
            day=number % 100 + 7 * i,
            platform=("site", "forum", HOSTILE)[number % 3],
            language="pl" if number == 77 else "en",
        )
        for number, name in enumerate(names, start=1)
        for i in range(2 + (CAMPAIGNS - number) // 100)
    ]
    return {
        "adverts": adverts,
        "campaigns": [
            campaign(name, probability=None if number == 5 else 0.4 + number / 500)
            for number, name in enumerate(names, start=1)
        ],
        "replaced": [replaced("c000900", "c000042", 1, "merged")],
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index") / "pages"
    write_pages(folder, bank(**rows()), most=10)
    return folder


@pytest.fixture
def index(looked_at, folder):
    seen = looked_at(folder / "index.html")
    yield seen.page
    assert seen.complaints == []
    assert [one for one in seen.requests if not one.startswith(("data:", "file:"))] == []


def found(page):
    return page.locator("#rows th").all_inner_texts()


def names(page):
    return [one.split()[0] for one in found(page)]


def test_all_campaigns_are_there_and_a_hundred_are_shown(index):
    assert "250 of 250 campaigns; 1 to 100 are shown." in index.locator("#found").inner_text()
    assert len(found(index)) == 100
    assert names(index)[0] == "c000001"


@pytest.mark.parametrize("typed", ["c000077", "C77", "c0077", "pl"])
def test_a_campaign_is_found_as_somebody_types_it(index, typed):
    index.locator("#search").fill(typed)
    assert names(index) == ["c000077"]


def test_a_former_id_leads_to_what_took_its_place(index):
    index.locator("#search").fill("C900")
    assert names(index) == ["c000042"]
    assert "c000900 is now c000042" in index.locator("#found").inner_text()


def test_filters_work_together_and_are_taken_back_at_once(index):
    index.locator("#platform").select_option(label="forum")
    assert len(found(index)) == 84
    index.locator("#least").fill("4")
    kept = names(index)
    assert kept
    assert all(int(one[1:]) % 3 == 1 for one in kept)
    assert all(int(one[1:]) <= 50 for one in kept)
    index.get_by_role("button", name="Show all").click()
    expect(index.locator("#rows tr")).to_have_count(100)


def test_a_week_keeps_those_with_an_advert_in_it(index):
    index.locator("#week").select_option(label="2026-W03")
    kept = names(index)
    days = {int(one[1:]) % 100 for one in kept}
    assert kept
    assert all(any(7 <= day + 7 * i < 14 for i in range(4)) for day in days)


def test_doubt_and_what_is_not_known_are_filters(index):
    index.locator("#doubt").select_option("unknown")
    assert names(index) == ["c000005"]
    index.locator("#doubt").select_option("low")
    assert "c000074" in names(index)
    assert "c000080" not in names(index)
    index.locator("#shared").select_option("1")
    assert names(index) == []
    index.locator("#shared").select_option("null")
    assert names(index)


def test_the_order_is_as_it_says(index):
    index.locator("#sort").select_option("sure")
    assert names(index)[0] == "c000250"
    index.locator("#sort").select_option("doubt")
    assert names(index)[0] == "c000001"
    index.locator("#sort").select_option("last")
    last = index.locator("#rows td[data-of='First and last seen']").all_inner_texts()
    ends = [one.split()[-1] for one in last]
    assert ends == sorted(ends, reverse=True)


def test_the_keyboard_alone_finds_turns_and_opens(index):
    index.locator("#search").focus()
    index.keyboard.type("c000003")
    assert names(index) == ["c000003"]
    index.locator("#search").fill("")
    index.locator("#on").focus()
    index.keyboard.press("Enter")
    assert "101 to 200" in index.locator("#found").inner_text()
    assert index.evaluate("document.activeElement.id") == "found"
    index.locator("#back").focus()
    index.keyboard.press("Enter")
    index.locator("#rows a").first.focus()
    index.keyboard.press("Enter")
    index.wait_for_url("**/c000001.html")
    assert index.locator("h1").inner_text() == "Campaign c000001"


def test_a_campaign_without_a_page_names_the_command_that_makes_it(index):
    index.locator("#search").fill("c000200")
    assert index.locator("#rows a").count() == 0
    assert found(index) == ["c000200\ncampaign=c000200"]


def test_a_hostile_name_is_text_in_every_place(index):
    assert index.locator("script").count() == 2
    options = index.locator("#platform option").all_inner_texts()
    assert any(one.startswith("</script><script>") for one in options)
    assert "\u202e" not in index.content()
    index.locator("#search").fill("</script>")
    assert len(found(index)) == 83


@pytest.mark.parametrize("width", [390, 1280])
def test_no_window_scrolls_sideways_with_filters(looked_at, folder, width):
    seen = looked_at(folder / "index.html", width=width)
    assert seen.fits()
    seen.page.locator("#search").fill("</script>")
    assert seen.fits()


def test_without_scripts_the_largest_can_be_read_and_nothing_pretends_to_filter(looked_at, folder):
    page = looked_at(folder / "index.html", java_script_enabled=False).page
    assert len(page.locator("#rows th").all()) == 100
    assert not page.locator("#filters").is_visible()
    assert page.locator("#without-script").is_visible()


@pytest.mark.parametrize("name", ["index.html", "c000001.html", "networks.html"])
def test_every_page_can_be_printed(looked_at, folder, name):
    page = looked_at(folder / name).page
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print")
    assert page.locator("#filters:visible, nav:visible").count() == 0
