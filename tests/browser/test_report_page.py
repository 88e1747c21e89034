"""The report in a real browser: silent, self-contained, for every window, keyboard and printer."""

import dataclasses

import pytest
import report_examples as examples

from adverts.evaluation.report.bars import contrast
from adverts.evaluation.report.write_report import to_html
from adverts.evaluation.report_content import Report

pytestmark = pytest.mark.system("chromium")
TEXTS = ("h1", ".soft", "nav a", ".model", "caption", "tr.failed .outcome", "summary", "small")
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
def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(opened, request, which):
    path = request.getfixturevalue(which)
    seen = opened(path)
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.as_uri()]
    assert seen.complaints == []


def test_every_link_of_the_contents_scrolls_to_its_section(opened, full):
    page = opened(full).page
    links = page.locator("nav a")
    assert links.count() == 14
    for link in links.all():
        target = link.get_attribute("href")
        link.click()
        top = page.eval_on_selector(target, "one => one.getBoundingClientRect().top")
        room = page.evaluate(
            "document.documentElement.scrollHeight - innerHeight - Math.ceil(scrollY)"
        )
        assert -1 <= top <= 120 or room <= 1, target
        assert page.evaluate("location.hash") == target


def test_the_keyboard_reaches_the_skip_link_then_the_contents_with_visible_focus(opened, full):
    page = opened(full).page
    reached = []
    for _ in range(15):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => { const one = document.activeElement, box = one.getBoundingClientRect();
                   return [one.getAttribute('href'), getComputedStyle(one).outlineStyle,
                           box.top >= 0 && box.bottom <= innerHeight]; }"""
            )
        )
    assert reached[0][0] == "#main"
    hrefs = [link.get_attribute("href") for link in page.locator("nav a").all()]
    assert [href for href, *_ in reached[1:]] == hrefs
    assert {style for _, style, _ in reached} == {"solid"}
    assert all(visible for *_, visible in reached)


def test_the_skip_link_moves_the_focus_past_the_contents(opened, full):
    page = opened(full).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_numbers_of_a_curve_open_by_keyboard(opened, full):
    page = opened(full).page
    numbers = page.locator("details").first
    assert not numbers.locator("table").is_visible()
    numbers.locator("summary").focus()
    page.keyboard.press("Enter")
    assert numbers.locator("table").is_visible()


def test_every_chart_is_named_and_its_numbers_stand_below_it(opened, full):
    page = opened(full).page
    charts = page.locator("svg.plot").all()
    assert len(charts) == 4
    for chart in charts:
        assert len(chart.get_attribute("aria-label")) > 20
        assert chart.get_attribute("role") == "img"
        assert chart.locator("xpath=ancestor::figure//table").count() == 1


def test_every_section_is_a_named_landmark(opened, full):
    page = opened(full).page
    for section in page.locator("main > section").all():
        named = section.get_attribute("aria-labelledby")
        assert section.get_attribute("aria-label") or page.locator(f"#{named}").inner_text()


@pytest.mark.parametrize("width", [360, 640, 1280])
@pytest.mark.parametrize("which", ["full", "bare"])
def test_no_window_scrolls_sideways(opened, request, which, width):
    assert opened(request.getfixturevalue(which), width=width).fits()


def test_a_phone_shows_the_name_of_every_stacked_figure(opened, full):
    page = opened(full, width=360).page
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(opened, full, scheme):
    seen = opened(full, color_scheme=scheme)
    found = {selector: contrast(*seen.colours(selector)) for selector in TEXTS}
    assert min(found.values()) >= 4.5, found


def test_the_dark_page_is_dark(opened, full):
    _, ground = opened(full, color_scheme="dark").colours("h1")
    assert max(ground) < 40


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_print_is_light_complete_and_cuts_nothing(opened, full, scheme):
    seen = opened(full, width=A4_PX, color_scheme=scheme)
    page = seen.page
    page.emulate_media(media="print", color_scheme=scheme)
    assert seen.fits()
    assert min(seen.colours("h1")[1]) > 250
    assert not page.locator("nav").is_visible()
    assert all(table.is_visible() for table in page.locator("details table").all())
    cut = page.eval_on_selector_all(
        ".scroll", "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
    )
    assert cut == 0


def test_a_printed_page_is_written(opened, full, tmp_path):
    paper = opened(full).page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert paper.startswith(b"%PDF")


def test_motion_is_smooth_only_for_those_who_want_it(opened, full):
    page = opened(full).page
    behaviour = "getComputedStyle(document.documentElement).scrollBehavior"
    assert page.evaluate(behaviour) == "auto"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(behaviour) == "smooth"


def test_the_policy_of_the_page_stops_what_a_stranger_would_add(opened, full, tmp_path):
    planted = tmp_path / "planted.html"
    told = '<script>document.title = "x"</script><img src="https://demo.example/x.png" alt="">'
    planted.write_text(full.read_text().replace("<footer>", told + "<footer>"))
    seen = opened(planted)
    assert seen.page.title() != "x"
    assert len(seen.complaints) == 2
