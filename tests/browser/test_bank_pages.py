"""Pages of a bank in a real browser: silent, for every window, and readable in the dark."""

import pytest
from shown_bank import (
    advert,
    bank,
    campaign,
    digits,
    edge,
    identity,
    phone,
    replaced,
    two_campaigns,
)

from adverts.evaluation.report.bars import contrast
from adverts_findings.campaigns.pages.write_pages import write_pages

pytestmark = pytest.mark.system("chromium")
HEBREW, LONG = "\u05d0\u05d1\u05d2 \u202eevil", "a-very-long-name-" * 30
TEXTS = {
    "index.html": ("h1", ".lead", "nav a", "caption", "small", "dd", ".notice", "#filters label"),
    "networks.html": ("h1", ".lead", "nav a", "td small", "pre code", ".notice", ".notice strong"),
    "c000001.html": ("h1", ".lead", "nav a", "pre code", "summary", ".soft", "h4", ".notice"),
}
PAGES = ["index.html", "c000001.html", "networks.html"]


def full_rows():
    """Return two campaigns, of which one is a giant with much evidence for it and against it."""
    rows = two_campaigns()
    many = [
        advert(
            f"m{i}",
            "c000001",
            day=i,
            account=digits(str(i % 60)),
            template=f"t{i % 40:06d}",
            platform=f"platform {i % 8}",
        )
        for i in range(400)
    ]
    rows["adverts"] = [*rows["adverts"], *many]
    rows["identities"] = [
        *rows["identities"],
        *(
            identity(f"i9{i:05d}", "c000001", value=phone(str(i)), shown_in=[f"m{i}", f"m{i + 30}"])
            for i in range(30)
        ),
    ]
    joins = [edge("a1", "m0", "c000001")]
    joins += [
        edge(f"m{i}", f"m{i + 1}", "c000001", against=["account", "template"]) for i in range(399)
    ]
    rows["edges"] = [*rows["edges"], *joins]
    return rows


def hostile_rows():
    """Return a campaign whose names are from right to left, endless, or markup."""
    ids = [HEBREW, LONG, "<b>bold</b>", "{{ 7 * 7 }}"]
    strange = [
        {"platform": HEBREW, "source": LONG, "language": "<i>", "template": HEBREW},
        {"platform": LONG, "source": HEBREW, "url": "javascript:alert(1)", "template": LONG},
        {"url": "https://site.example/" + "x" * 1_500, "judged_by": "<b>"},
        {"url": f"https://site.example/{HEBREW}", "account": None},
    ]
    return {
        "adverts": [
            advert(id, "c000001", day=i) | more
            for i, (id, more) in enumerate(zip(ids, strange, strict=True))
        ],
        "identities": [identity(HEBREW, "c000001", platform=LONG, shown_in=ids)],
        "edges": [
            edge(HEBREW, LONG, "c000001"),
            edge(LONG, ids[2], "c000001", status="rejected", reason=HEBREW + LONG),
        ],
        "campaigns": [campaign("c000001", calibrated=False)],
        "replaced": [replaced(LONG, "c000001", 1, "merged")],
        "judged": [{"judgement": LONG, "holds": False, "why": HEBREW}],
        "listed": [{"kind": LONG, "value": LONG, "reason": HEBREW, "adverts": 1, "accounts": 1}],
    }


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return written(tmp_path_factory, full_rows())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return written(tmp_path_factory, hostile_rows())


def written(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("bank") / "pages"
    write_pages(folder, bank(**rows))
    return folder


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("which", ["full", "hostile"])
def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(
    looked_at, request, which, page
):
    path = request.getfixturevalue(which) / page
    seen = looked_at(path)
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("which", ["full", "hostile"])
def test_no_window_scrolls_sideways(looked_at, request, which, page):
    seen = looked_at(request.getfixturevalue(which) / page)
    for width in (1280, 640, 400, 360):
        seen.resize(width)
        assert seen.fits(), width


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("which", ["full", "hostile"])
def test_headings_are_in_order_and_every_section_has_its_link(looked_at, request, which, page):
    seen = looked_at(request.getfixturevalue(which) / page).page
    levels = seen.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    links = [one.get_attribute("href") for one in seen.locator("nav a").all()]
    sections = seen.locator("main > section").all()
    assert links == [f"#{one.get_attribute('id')}" for one in sections]
    for section in sections:
        assert seen.locator(f"#{section.get_attribute('aria-labelledby')}").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_every_text_has_enough_contrast(looked_at, full, page, scheme):
    seen = looked_at(full / page, color_scheme=scheme)
    ratios = {one: contrast(*seen.colours(one)) for one in TEXTS[page]}
    assert min(ratios.values()) >= 4.5, ratios


@pytest.mark.parametrize("page", PAGES)
def test_names_of_others_make_no_element_and_no_link(looked_at, hostile, page):
    seen = looked_at(hostile / page).page
    assert seen.locator("b, i").count() == 0
    assert seen.locator("script").count() == (2 if page == "index.html" else 0)
    starts = ("#", "https://site.example/", "index", "c0", "networks", "campaigns.jsonl")
    links = seen.eval_on_selector_all("a", "all => all.map(one => one.getAttribute('href'))")
    assert all(link.startswith(starts) for link in links)


def test_a_name_from_right_to_left_leaves_the_cells_around_it_where_they_are(looked_at, hostile):
    page = looked_at(hostile / "c000001.html").page
    row = page.locator("tr", has=page.locator("th bdi", has_text="\u05d0\u05d1\u05d2")).nth(1)
    lefts = [cell.bounding_box()["x"] for cell in row.locator("th, td").all()]
    assert lefts == sorted(lefts)
    assert (
        page.locator("bdi").first.evaluate("one => getComputedStyle(one).unicodeBidi") == "isolate"
    )
    assert "\u202e" not in page.content()


def test_a_person_reaches_the_facts_by_keyboard_and_the_bank_by_a_link(looked_at, full):
    page = looked_at(full / "c000001.html").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.get_by_role("link", name="All campaigns").click()
    assert page.title() == "Bank of 2 campaigns"
    page.get_by_role("link", name="c000002").first.click()
    assert page.title() == "Campaign c000002"


def test_a_giant_campaign_is_in_sight_when_either_page_opens(looked_at, full):
    for name in PAGES[:2]:
        notice = looked_at(full / name).page.get_by_text("Suspiciously large")
        box = notice.first.bounding_box()
        assert box["y"] + box["height"] < 800


def test_long_tables_are_folded_and_open_with_a_key(looked_at, full):
    page = looked_at(full / "c000001.html").page
    assert page.locator("#fact tbody tr:visible").count() < 40
    summary = page.get_by_text("190 more adverts")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#fact tbody tr:visible").count() > 200


def test_the_timeline_and_the_drawing_are_seen_and_have_words(looked_at, full):
    page = looked_at(full / "c000001.html").page
    assert page.locator("svg.strip rect").count() > 12
    assert page.locator("svg:not([aria-hidden]):not([role=img][aria-label])").count() == 0
    box = page.locator("svg.shows").bounding_box()
    assert box["width"] > 600
    labels = page.locator("svg.shows .label").all_inner_texts()
    assert len(labels) <= 63


def test_a_phone_shows_the_name_of_every_figure(looked_at, full):
    page = looked_at(full / "index.html", width=360).page
    labels = page.eval_on_selector_all(
        "#thresholds td[data-of]",
        "all => all.map(one => getComputedStyle(one, '::before').content)",
    )
    assert labels == ['"Campaigns"', '"Adverts"', '"Largest"'] * 5
