"""The page of what was shared in a real browser: silent, and fit for every window."""

import datetime

import pytest
from made_ledger import START, answer, confirm, share, withdraw

from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.sharing.ledger.report import report
from adverts_findings.sharing.ledger.write_report import write_report

pytestmark = pytest.mark.system("chromium")
LONG = "a-very-long-name-" * 9


@pytest.fixture(scope="module", params=["full", "empty"])
def page(request, tmp_path_factory):
    """The page of a ledger with everything in it, or with nothing."""
    root = tmp_path_factory.mktemp("ledger")
    path = root / "shared.jsonl"
    if request.param == "full":
        items = [f"i{number:020x}" for number in range(24)]
        hostile = f"{LONG}<script>alert(1)</script>\u202e"
        first = share(path, "platform", items, kinds=("notice", "hashes", "stix", "misp"))
        share(path, hostile, items[:6], kinds=("hashes",), expires="2027-01-20", language=LONG)
        for number, reference in enumerate(first[:12]):
            answer(path, "platform", reference, "removed", 1.0 + number)
        answer(path, "platform", first[12], "kept", 3.0, appeal="reversed")
        withdraw(path, "platform", first[12:15], 14.0)
        confirm(path, "platform", first[13:14], 15.0)
    return write_report(root, report(read_ledger(path), START + datetime.timedelta(days=40)))


def test_it_asks_for_nothing_but_itself_and_complains_of_nothing(looked_at, page):
    seen = looked_at(page)
    assert [url for url in seen.requests if not url.startswith("data:")] == [page.as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_no_window_scrolls_sideways(looked_at, page, width):
    assert looked_at(page, width=width).fits()


def test_each_link_of_its_contents_leads_to_a_section(looked_at, page):
    found = looked_at(page).page
    targets = found.eval_on_selector_all("nav a", "all => all.map(one => one.hash)")
    assert len(targets) == 7
    assert all(found.locator(one).count() == 1 for one in targets)
