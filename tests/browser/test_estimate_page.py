"""The page of an estimate in a real browser: silent, for every window, and readable in the dark."""

import numpy as np
import pytest
from made_record import ASSUMED, made_part, made_record
from made_sample import drawn_sample, labelled, made_truth

from adverts.evaluation.report.bars import contrast
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.reports.make_record import Made, record_of_sample
from adverts_findings.survey.reports.page import to_html
from adverts_findings.survey.reports.record import Earlier, Publication

pytestmark = pytest.mark.system("chromium")
TEXTS = ("h1", ".soft, .lead", "nav a", ".model", "caption", ".sentence", "small", ".state")
BEFORE = Earlier(
    "9" * 64, "w43", 3_900, Estimate(150.0, 90.0, 260.0), Estimate(0.04, 0.02, 0.07), False
)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """Groups, weeks, units that cannot be said, reviewers' errors."""
    n = np.arange(4_000)
    fields = {
        "platforms": np.array(["a-platform-with-a-very-long-name.example", "y"])[n % 2],
        "weeks": np.array(["2026-W43", "2026-W44"])[n // 2 % 2],
        "views": n % 50 + 1.0,
    }
    truth = made_truth(4_000, 0.05, **fields)
    sample = drawn_sample(truth.frame, 300, adjudicated_share=0.2)
    made = Made("2026-11-09T09:00:00+00:00", "adverts of a test", 0, "adverts estimate " + "x" * 90)
    publication = Publication("refer", True, None, (BEFORE,))
    record = record_of_sample(
        labelled(sample, truth.items), made, publication, by=["platform", "week"]
    )
    return written(tmp_path_factory, record)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """Nothing found, an alarm, an assumption that was refuted, two samples."""
    none = Estimate(0.0, 0.0, 4516.0)
    refuted = Estimate(None, reason="cannot say: 3 positives contradict the assumption")
    parts = made_part(positive=0, p_value=0.01), made_part("<b>posts</b> " * 20, name="w" * 60)
    return written(tmp_path_factory, made_record(none, *parts, assisted=refuted))


def written(tmp_path_factory, record):
    path = tmp_path_factory.mktemp("estimate") / "estimate.html"
    path.write_text(to_html(record))
    return path


@pytest.mark.parametrize("which", ["full", "bare"])
def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(looked_at, request, which):
    path = request.getfixturevalue(which)
    seen = looked_at(path)
    assert [url for url in seen.requests if not url.startswith("data:")] == [path.as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("width", [360, 640, 1280])
@pytest.mark.parametrize("which", ["full", "bare"])
def test_no_window_scrolls_sideways(looked_at, request, which, width):
    assert looked_at(request.getfixturevalue(which), width=width).fits()


@pytest.mark.parametrize("which", ["full", "bare"])
def test_every_link_of_the_contents_has_its_section_and_every_section_a_name(
    looked_at, request, which
):
    page = looked_at(request.getfixturevalue(which)).page
    links = [one.get_attribute("href") for one in page.locator("nav a").all()]
    sections = page.locator("main > section").all()
    assert links == [f"#{one.get_attribute('id')}" for one in sections]
    for section in sections:
        named = section.get_attribute("aria-labelledby")
        assert section.get_attribute("aria-label") or page.locator(f"#{named}").inner_text()


def test_every_bar_has_its_numbers_in_the_same_row(looked_at, full):
    page = looked_at(full).page
    rows = page.locator("tbody tr:has(svg.bar)").all()
    assert len(rows) == 8
    assert all(" to " in row.inner_text() for row in rows)
    assert page.locator("svg:not([aria-hidden])").count() == 0


def test_a_phone_shows_the_name_of_every_figure(looked_at, full):
    page = looked_at(full, width=360).page
    labels = page.eval_on_selector_all(
        "#figure td[data-of]", "all => all.map(one => getComputedStyle(one, '::before').content)"
    )
    assert labels == ['"Number"', '"Share"'] * 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(looked_at, full, scheme):
    seen = looked_at(full, color_scheme=scheme)
    ratios = {one: contrast(*seen.colours(one)) for one in TEXTS}
    assert min(ratios.values()) >= 4.5, ratios


def test_the_sentence_is_the_first_thing_after_the_skip_link(looked_at, bare):
    page = looked_at(bare).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    first = page.locator("#main p").first.inner_text()
    assert first.startswith("Of the 1,204,331 adverts of 2 collections")
    assert "no more than 4,600" in first
    assert page.locator("b").count() == 0
    assert ASSUMED not in page.content()
