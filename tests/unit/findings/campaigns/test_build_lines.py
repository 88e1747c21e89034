"""What a person reads of a build: which campaigns it merged, and what may join adverts now."""

import numpy as np
import pytest
from shown_bank import bank, phone, replaced, two_campaigns

from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.build import Made
from adverts_findings.campaigns.build_lines import build_lines
from adverts_findings.campaigns.entering.gather import Gathered
from adverts_findings.campaigns.found import FoundCampaigns
from adverts_findings.campaigns.judgements.calibration import Calibration
from adverts_findings.campaigns.rebuild import Rebuilt


def listed(value):
    return {"kind": "contact", "value": value, "reason": "busy", "adverts": 9, "accounts": 9}


def lines(rows, before=None, build=2):
    tables = bank(**(two_campaigns() | rows))
    nothing = np.zeros(0)
    entrants = tables["adverts"]
    found = FoundCampaigns(np.arange(len(entrants)), np.zeros(len(entrants), int), None, (), {}, ())
    made = Made(tables, found, (), Calibration(nothing, False, 0, 0, 0, 0, None))
    empty = {name: TABLES[name].empty_table() for name in ("candidates", "restricted", "barred")}
    gathered = Gathered(
        entrants, empty["candidates"], "key", 0, 0, 0, 0, empty["restricted"], empty["barred"]
    )
    return list(build_lines(Rebuilt(made, gathered, before or {}, build)))


def starting(told, words):
    return [one for one in told if one.startswith(words)]


def test_a_build_says_which_campaigns_it_merged():
    rows = [
        replaced("c000003", "c000001", 2, "merged"),
        replaced("c000002", "c000001", 2, "merged"),
        replaced("c000004", "c000001", 1, "merged"),
        replaced("c000005", "c000006", 2, "split"),
        replaced("c000007", "", 2, "closed"),
        replaced("t000001", "t000002", 2, "merged", level="template"),
    ]
    assert starting(lines({"replaced": rows}), "merged") == [
        "merged 2 campaigns: c000002 into c000001, c000003 into c000001"
    ]


def test_many_merged_campaigns_are_counted_after_the_fifth():
    rows = [replaced(f"c{place:06d}", "c000001", 2, "merged") for place in range(2, 1009)]
    [line] = starting(lines({"replaced": rows}), "merged")
    assert line.startswith("merged 1,007 campaigns: c000002 into c000001, ")
    assert line.endswith("c000006 into c000001 and 1,002 more")


def test_a_build_that_merged_nothing_says_nothing_of_it():
    assert starting(lines({"replaced": []}), "merged") == []


NOW = "may join adverts now"


def test_a_contact_that_is_no_longer_listed_and_is_an_identity_now_is_named():
    value = phone("c000001")
    before = bank(listed=[listed(value)])
    [line] = starting(lines({"listed": []}, before), NOW)
    assert line == f"{NOW}, and joined nothing in the build before: {value[:14]}…"


@pytest.mark.parametrize("before", [{}, bank(listed=[])])
def test_nothing_is_said_of_contacts_that_were_not_listed(before):
    assert starting(lines({"listed": []}, before), NOW) == []


def test_a_contact_that_is_still_listed_or_that_no_advert_shows_is_not_named():
    still, gone = phone("c000001"), phone("nobody")
    before = bank(listed=[listed(still), listed(gone)])
    assert starting(lines({"listed": [listed(still)]}, before), NOW) == []
