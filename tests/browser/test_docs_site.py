"""The site of docs/ in a real browser: opened from a folder, silent, searchable, for phones."""

import os
import re
import subprocess
import sys

import pytest
from documents import ROOT

pytestmark = [pytest.mark.system("chromium"), pytest.mark.timeout(600)]
PAGES = ["index", "evaluate", "gate", "settings", "scoring", "concepts", "reference/runtime"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
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


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_are_silent_and_fit_their_window(site, opened, width):
    for name in PAGES:
        seen = opened(site / f"{name}.html", width=width)
        assert seen.fits(), name
        assert seen.complaints == []
        assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_search_finds_a_setting_without_a_server(site, opened, width):
    page = opened(site / "index.html", width=width).page
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
