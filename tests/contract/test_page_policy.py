"""Every page forbids the browser all but what it holds itself, in the words of one place."""

import re
from pathlib import Path

import pytest

import adverts
from adverts.evaluation.report.templating import policy

SOURCES = Path(adverts.__file__).parents[1]
TEMPLATES = {one.name: one for one in SOURCES.rglob("*.html.j2")}
PAGES = sorted(name for name, one in TEMPLATES.items() if "<!doctype" in one.read_text().lower())


def with_included(name: str) -> str:
    """Return a template with the text of those that it includes."""
    included = re.compile(r'{% include "([\w.]+\.html\.j2)" %}')
    return included.sub(lambda one: with_included(one[1]), TEMPLATES[name].read_text("utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_states_its_policy_before_anything_that_it_shows(name):
    _, _, page = with_included(name).partition("<head>")
    before, stated, after = page.partition("{{ policy(")
    assert stated
    assert "{{" not in before
    assert "<title>" not in before
    assert "{{ policy(" not in after
    script = re.match(r"(script)?[^)]*\)* }}", after)
    assert script
    assert bool(script[1]) or "<script>" not in page


def test_there_are_pages_and_nothing_else_writes_one():
    assert len(PAGES) > 10
    for one in SOURCES.rglob("*.py"):
        text = one.read_text("utf-8").lower()
        assert "<!doctype" not in text, one
        assert "<html" not in text, one


def test_no_other_place_writes_a_policy():
    texts = [one for one in SOURCES.rglob("*") if one.suffix in {".py", ".j2", ".js", ".css"}]
    having = [one.name for one in texts if "content-security-policy" in one.read_text().lower()]
    assert having == ["templating.py"]


def test_the_policy_lets_a_page_load_send_and_frame_nothing():
    rules = dict(one.split(" ", 1) for one in re.search('content="(.*)"', policy())[1].split("; "))
    assert rules == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert "script-src 'sha256-" in policy("1")
