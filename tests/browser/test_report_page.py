"""The report in a real browser: silent, self-contained, for every window, keyboard and printer."""

import dataclasses

import pytest
import report_examples as examples
from playwright.sync_api import expect

from adverts.evaluation.report.bars import contrast
from adverts.evaluation.report.write_report import to_html
from adverts.evaluation.report_content import Report

pytestmark = pytest.mark.system("chromium")
TEXTS = (
    *("h1", ".short", ".soft", "nav.rail a", ".findings li", ".model", "caption"),
    *("tr.failed .outcome", "summary", "small"),
)
NARROW = 390
A4_PX = 673  # 210 mm less two margins of 16 mm


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(to_html(examples.full_report(), examples.gate()))
    return path


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Figures alone: no gate, no champion, nothing disguised."""
    whole = examples.full_report()
    evaluation = dataclasses.replace(whole.evaluation, unreviewed=None)
    path = tmp_path_factory.mktemp("bare") / "report.html"
    path.write_text(to_html(Report(evaluation, whole.origin)))
    return path


@pytest.mark.parametrize("which", ["full", "bare"])
def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(looked_at, request, which):
    path = request.getfixturevalue(which)
    seen = looked_at(path)
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.as_uri()]
    assert seen.complaints == []


def test_every_link_of_the_contents_scrolls_to_its_section(looked_at, full):
    page = looked_at(full).page
    links = page.locator("nav.rail a")
    assert links.count() == 15
    for link in links.all():
        target = link.get_attribute("href")
        link.click()
        top = page.eval_on_selector(target, "one => one.getBoundingClientRect().top")
        room = page.evaluate(
            "document.documentElement.scrollHeight - innerHeight - Math.ceil(scrollY)"
        )
        assert -1 <= top <= 120 or room <= 1, target
        assert page.evaluate("location.hash") == target


def test_the_keyboard_reaches_the_skip_link_then_the_contents_with_visible_focus(looked_at, full):
    page = looked_at(full).page
    reached = []
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => { const one = document.activeElement, box = one.getBoundingClientRect();
                   return [one.getAttribute('href'), getComputedStyle(one).outlineStyle,
                           box.top >= 0 && box.bottom <= innerHeight]; }"""
            )
        )
    assert reached[0][0] == "#main"
    hrefs = [link.get_attribute("href") for link in page.locator("nav.rail a").all()]
    assert [href for href, *_ in reached[1:]] == hrefs
    assert {style for _, style, _ in reached} == {"solid"}
    assert all(visible for *_, visible in reached)


def test_the_skip_link_moves_the_focus_past_the_contents(looked_at, full):
    page = looked_at(full).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_numbers_of_a_curve_open_by_keyboard(looked_at, full):
    page = looked_at(full).page
    numbers = page.locator("main details:has(table)").first
    assert not numbers.locator("table").is_visible()
    numbers.locator("summary").focus()
    page.keyboard.press("Enter")
    assert numbers.locator("table").is_visible()


def test_every_chart_is_named_and_its_numbers_stand_below_it(looked_at, full):
    page = looked_at(full).page
    charts = page.locator("svg.plot").all()
    assert len(charts) == 6
    for chart in charts:
        assert len(chart.get_attribute("aria-label")) > 20
        assert chart.get_attribute("role") == "img"
        assert chart.locator("xpath=ancestor::figure//table").count() == 1


def test_every_section_is_a_named_landmark(looked_at, full):
    page = looked_at(full).page
    for section in page.locator("main > section").all():
        named = section.get_attribute("aria-labelledby")
        assert section.get_attribute("aria-label") or page.locator(f"#{named}").inner_text()


@pytest.mark.parametrize("width", [360, 640, 1280])
@pytest.mark.parametrize("which", ["full", "bare"])
def test_no_window_scrolls_sideways(looked_at, request, which, width):
    assert looked_at(request.getfixturevalue(which), width=width).fits()


def test_a_phone_shows_the_name_of_every_stacked_figure(looked_at, full):
    page = looked_at(full, width=360).page
    label = page.eval_on_selector(
        "table.operating td[data-of='Recall']", "one => getComputedStyle(one, '::before').content"
    )
    assert label == '"Recall"'
    above = page.eval_on_selector_all(
        "table.stack tbody tr:has(> th)",
        """all => all.map(row => row.cells[0].getBoundingClientRect().bottom
                           <= row.cells[1].getBoundingClientRect().top + 1)""",
    )
    assert len(above) > 10
    assert all(above)
    assert not page.locator("table.operating thead").first.evaluate(
        "one => getComputedStyle(one).position === 'static'"
    )


@pytest.mark.parametrize("width", [360, NARROW])
def test_a_phone_breaks_no_name_of_a_group_and_leaves_no_empty_column(looked_at, full, width):
    page = looked_at(full, width=width).page
    heights = page.eval_on_selector_all(
        "table.slices tbody th", "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert heights
    assert max(heights) < 30  # one line
    shown = """all => all.map(table => [...table.rows].map(
        row => [...row.cells].filter(one => one.offsetWidth).length))"""
    tables = page.eval_on_selector_all("table.labels", shown)
    assert tables
    assert all(len(set(rows)) == 1 for rows in tables)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(looked_at, full, scheme):
    seen = looked_at(full, color_scheme=scheme)
    found = {selector: contrast(*seen.colours(selector)) for selector in TEXTS}
    assert min(found.values()) >= 4.5, found


def test_the_dark_page_is_dark(looked_at, full):
    _, ground = looked_at(full, color_scheme="dark").colours("h1")
    assert max(ground) < 40


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_is_light_complete_and_cuts_nothing(looked_at, full, scheme):
    seen = looked_at(full, width=A4_PX, color_scheme=scheme)
    page = seen.page
    page.emulate_media(media="print", color_scheme=scheme)
    assert seen.fits()
    assert min(seen.colours("h1")[1]) > 250
    assert not any(one.is_visible() for one in page.locator("nav").all())
    assert all(table.is_visible() for table in page.locator("details table").all())
    cut = page.eval_on_selector_all(
        ".scroll", "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
    )
    assert cut == 0


def test_a_printed_page_is_written(looked_at, full, tmp_path):
    paper = looked_at(full).page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert paper.startswith(b"%PDF")


def test_motion_is_smooth_only_for_those_who_want_it(looked_at, full):
    page = looked_at(full).page
    behaviour = "getComputedStyle(document.documentElement).scrollBehavior"
    assert page.evaluate(behaviour) == "auto"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(behaviour) == "smooth"


def test_the_policy_of_the_page_stops_what_a_stranger_would_add(looked_at, full, tmp_path):
    planted = tmp_path / "planted.html"
    told = '<script>document.title = "x"</script><img src="https://demo.example/x.png" alt="">'
    planted.write_text(full.read_text().replace("<footer>", told + "<footer>"))
    seen = looked_at(planted)
    assert seen.page.title() != "x"
    assert len(seen.complaints) == 2


def contents(page):
    """Which navigation is shown, by the end of its class."""
    shown = [one for one in page.locator("nav").all() if one.is_visible()]
    return [one.get_attribute("class").split()[-1] for one in shown]


@pytest.mark.parametrize(
    ("width", "shown"), [(360, "fold"), (NARROW, "fold"), (1024, "fold"), (1280, "rail")]
)
def test_one_table_of_contents_is_shown_in_every_window(looked_at, full, width, shown):
    assert contents(looked_at(full, width=width).page) == [shown]


@pytest.mark.parametrize("script", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.parametrize("width", [NARROW, 1280])
def test_the_contents_stay_in_sight_far_down_the_page(looked_at, full, width, script):
    page = looked_at(full, width=width, java_script_enabled=script).page
    page.locator("#terms").scroll_into_view_if_needed()
    page.locator("#origin").scroll_into_view_if_needed()
    [nav] = [one for one in page.locator("nav").all() if one.is_visible()]
    box = nav.bounding_box()
    assert -1 <= box["y"] <= 1
    assert box["height"] <= 800


@pytest.mark.parametrize("script", [True, False])
def test_a_phone_unfolds_the_contents_by_keyboard_and_follows_a_link(looked_at, full, script):
    page = looked_at(full, width=NARROW, java_script_enabled=script).page
    fold = page.locator("nav.fold details")
    link = fold.locator("a[href='#robustness']")
    assert not link.is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert link.is_visible()
    link.focus()
    page.keyboard.press("Enter")
    top = page.locator("#robustness").bounding_box()["y"]
    list_ = fold.locator("ol")
    covered = (list_ if list_.is_visible() else page.locator("nav.fold")).bounding_box()
    assert covered["y"] + covered["height"] - 1 <= top <= 780
    assert list_.is_visible() is not script  # with the script it folds again


def test_escape_folds_the_contents_of_a_phone(looked_at, full):
    page = looked_at(full, width=NARROW).page
    fold = page.locator("nav.fold details")
    fold.locator("summary").click()
    fold.locator("a").first.focus()
    page.keyboard.press("Escape")
    assert not fold.locator("ol").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def current(page):
    return [one.get_attribute("href") for one in page.locator("nav.rail a[aria-current]").all()]


def test_the_section_that_is_read_is_marked(looked_at, full):
    page = looked_at(full).page
    assert current(page) == ["#headline"]
    for place in ("#robustness", "#thresholds", "#findings"):
        page.eval_on_selector(place, "one => one.scrollIntoView()")
        expect(page.locator("nav.rail a[aria-current]")).to_have_attribute("href", place)
        assert current(page) == [place]
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator("nav.rail a[aria-current]")).to_have_attribute("href", "#origin")


def test_a_phone_names_the_section_that_is_read(looked_at, full):
    page = looked_at(full, width=NARROW).page
    page.eval_on_selector("#calibration", "one => one.scrollIntoView()")
    expect(page.locator("nav.fold summary")).to_have_text("Contents: Calibration")


def test_without_script_nothing_but_the_mark_is_missing(looked_at, full):
    page = looked_at(full, java_script_enabled=False).page
    assert page.locator("nav.rail a").count() == 15
    assert page.locator("nav.rail a[aria-current]").count() == 0
    page.locator("nav.rail a[href='#budgets']").click()
    assert -1 <= page.locator("#budgets").bounding_box()["y"] <= 120


def test_every_finding_leads_to_what_it_is_about(looked_at, full):
    page = looked_at(full).page
    for fold in page.locator("#findings details").all():
        fold.evaluate("one => one.open = true")
    links = page.locator("#findings li a").all()
    assert len(links) >= 5
    for link in links:
        place = link.get_attribute("href")
        link.click()
        assert page.locator(f"[id='{place[1:]}']").bounding_box()["y"] < 800, place


def test_the_sentence_stands_above_the_first_figure(looked_at, full):
    page = looked_at(full).page
    sentence = page.locator(".short").bounding_box()
    assert sentence["y"] + sentence["height"] < page.locator(".big b").bounding_box()["y"]
    assert sentence["y"] < 500


def test_another_script_than_its_own_does_not_run(looked_at, full, tmp_path):
    changed = tmp_path / "changed.html"
    text = full.read_text().replace('"use strict";', '"use strict"; document.title = "x";')
    changed.write_text(text)
    seen = looked_at(changed)
    assert seen.page.title() != "x"
    assert len(seen.complaints) == 1
