"""The site of docs/ in a real browser: opened from a folder, silent, searchable, for phones."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import ROOT
from playwright.sync_api import expect

from adverts.evaluation.report.bars import contrast

pytestmark = [pytest.mark.system("chromium"), pytest.mark.timeout(600)]
PAGES = [
    "index",
    pytest.param("install", marks=pytest.mark.slow),
    "python",
    "first_model",
    "evaluate",
    pytest.param("gate", marks=pytest.mark.slow),
    "settings",
    pytest.param("scoring", marks=pytest.mark.slow),
    pytest.param("concepts", marks=pytest.mark.slow),
    pytest.param("reference/runtime", marks=pytest.mark.slow),
]
WIDTHS = (390, 1280)

# The colours of the text of an article, each with the first ground that is not transparent.
COLOURS = """() => [...document.querySelectorAll("article :is(p, li, td, th, code, span, a)")]
    .filter(one => !one.matches(".headerlink"))
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(one => {
        let under = one;
        while (under && getComputedStyle(under).backgroundColor.endsWith(", 0)"))
            under = under.parentElement;
        const ground = under ? getComputedStyle(under).backgroundColor : "rgb(255, 255, 255)";
        return [getComputedStyle(one).color, ground];
    })"""


def _seen(text, ground):
    """The colours of text and ground as numbers, with the text mixed into the ground."""
    below = [float(part) for part in re.findall(r"[\d.]+", ground)][:3]
    *above, share = [float(part) for part in re.findall(r"[\d.]+", text) + ["1"]][:4]
    mixed = [share * one + (1 - share) * other for one, other in zip(above, below, strict=True)]
    return tuple(map(round, mixed)), tuple(map(round, below))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Folder of the site: ADVERTS_SITE where it was just built, otherwise a new one."""
    if built := os.environ.get("ADVERTS_SITE"):
        return Path(built)
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )
    return folder


def test_no_page_takes_anything_from_elsewhere(site):
    taken = re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"?(?:https?:)?//[^\s\">]+")
    assert [
        found for page in site.rglob("*.html") for found in taken.findall(page.read_text())
    ] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_silent_and_fits_its_window(site, looked_at, name):
    seen = looked_at(site / f"{name}.html", width=WIDTHS[0])
    for width in WIDTHS:
        seen.resize(width)
        assert seen.fits(), width
    assert seen.complaints == []
    assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_search_finds_a_setting_without_a_server(site, looked_at, width):
    page = looked_at(site / "index.html", width=width).page
    page.wait_for_timeout(500)
    page.keyboard.press("f")  # the theme's key of search
    page.wait_for_selector("[data-md-component=search-query]:focus")
    page.keyboard.type("learning_rate")
    first = page.wait_for_selector(".md-search-result__item", timeout=60_000)
    assert "Every setting" in first.inner_text()


def test_every_setting_of_the_schema_is_an_anchor_of_its_page(site):
    page = (site / "settings.html").read_text()
    for anchor in ("train-seed", "optimizer-optimizer-learning-rate", "prepare-part"):
        assert f'id="{anchor}"' in page


def test_links_to_source_files_are_names_and_those_to_records_are_pages(site):
    page = (site / "own_data.html").read_text()
    assert "<code>configs/data/csv.yaml</code>" in page
    assert 'href="repository/experiments/0034-intervals-by-campaign/index.html"' in page


def test_the_notebook_is_a_page_that_links_to_itself_as_a_file(site):
    page = (site / "first_model.html").read_text()
    assert 'id="prepare"' in page
    assert 'href="first_model.ipynb"' in page
    assert "False    60" in page  # what a cell prints
    assert (site / "first_model.ipynb").is_file()
    assert 'href="first_model.html"' in (site / "python.html").read_text()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_text_and_code_stand_out_from_their_ground(site, looked_at, scheme):
    pairs = set()
    for name in ("index", "evaluate", "tune", "python", "install"):
        page = looked_at(site / f"{name}.html", color_scheme=scheme).page
        pairs |= {tuple(pair) for pair in page.evaluate(COLOURS)}
    assert len(pairs) > 5
    found = {pair: contrast(*_seen(*pair)) for pair in pairs}
    assert min(found.values()) >= 4.5, found


@pytest.mark.slow
def test_tables_of_three_columns_fit_a_phone(site, looked_at):
    for name in ("index", "evaluate", "gate", "python", "mlflow", "concepts"):
        page = looked_at(site / f"{name}.html", width=390).page
        assert page.locator(".md-typeset__scrollwrap").count()
        wide = page.eval_on_selector_all(
            ".md-typeset__scrollwrap",
            "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)",
        )
        assert wide == [], name


def test_a_picture_is_a_link_to_itself(site, looked_at):
    page = looked_at(site / "evaluate.html", width=390).page
    link = page.locator("article a:has(> img)")
    assert link.count() == 1
    assert link.get_attribute("href") == link.locator("img").get_attribute("src")


@pytest.mark.slow
def test_long_commands_go_on_in_the_next_line(site, looked_at):
    wide = "block => block.scrollWidth > block.clientWidth + 1"
    for name in ("index", "python", "install"):
        seen = looked_at(site / f"{name}.html", width=WIDTHS[0])
        for width in WIDTHS:
            seen.resize(width)
            found = f"[...document.querySelectorAll('pre > code')].filter({wide}).length"
            assert seen.page.evaluate(found) == 0, (name, width)


@pytest.fixture(scope="module")
def search(browser, site):
    """Type into the search of one page, and return the first results."""
    page = browser.new_page()
    page.goto((site / "index.html").as_uri())
    page.wait_for_timeout(500)
    page.keyboard.press("f")
    page.wait_for_selector("[data-md-component=search-query]:focus")
    results = page.locator(".md-search-result__item")

    def call(typed):
        page.locator("[data-md-component=search-query]").fill("")
        expect(results).to_have_count(0)
        page.keyboard.type(typed)
        results.first.wait_for(timeout=60_000)
        page.wait_for_timeout(1000)
        return results.all_inner_texts()[:3]

    yield call
    page.context.close()


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("install", "Install, and work from"),
        pytest.param("hyperparameter", "Search over hyperparameters", marks=pytest.mark.slow),
        pytest.param("confusion matrix", "Evaluate, decide, promote", marks=pytest.mark.slow),
        pytest.param("early stopping", "Search over hyperparameters", marks=pytest.mark.slow),
        pytest.param("brier", "Concepts and words", marks=pytest.mark.slow),
        pytest.param("macro-F1", "Concepts and words", marks=pytest.mark.slow),
    ],
)
def test_what_people_type_is_found(search, typed, title):
    assert title in "".join(search(typed))
