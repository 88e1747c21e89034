"""The page of what is new: restricted, self-contained, gone with the next build, and safe."""

from __future__ import annotations

import datetime
import json
import re
import stat

import pytest
from made_bank import token
from made_weeks import SINCE, SITE, bank, collected, posts, steady
from shown_bank import bank as shown_bank
from shown_bank import two_campaigns

from adverts.errors import InputError
from adverts_findings.campaigns.news.describe_news import news_record
from adverts_findings.campaigns.news.news_lines import news_lines
from adverts_findings.campaigns.news.write_news import json_of, news_page, write_news
from adverts_findings.campaigns.pages.write_pages import write_pages

EVIL = '"><script>alert(1)</script>\x1b[2J\u202e'
PHONE = token("a phone")


def record(**more):
    cells = {SITE: steady(), (EVIL, EVIL): steady(), (None, None): {0: 7}}
    adverts = [
        *posts("c000001", [0, 0.1], contacts=[PHONE], source=EVIL, url="https://x.example/secret"),
        *posts("c000002", [-20, 0, 0.1]),
        *posts("c000003", [-4, -3, -2, -1] + [0] * 16),
        *posts("c000004", [0, 0.1], cell=("nowhere", EVIL)),
        *posts("c000005", [-2, -1.5, -1], contacts=[token("b")]),
        *posts("c000005", [0], cell=(EVIL, EVIL), contacts=[token("b")]),
    ]
    return news_record(bank(adverts, collected(cells)), SINCE)


def test_a_page_states_each_claim_and_each_doubt():
    page = news_page(record())
    for name in ("c000001", "c000002", "c000003", "c000004"):
        assert name in page
    assert page.count("None.") == 0
    assert "was not collected in 2026-W43" in page
    assert "2026-W44" in page
    assert "W36" in page


def test_nothing_hostile_reaches_page_or_terminal():
    page = news_page(record())
    assert "<script" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", page)
    lines = list(news_lines(record()))
    assert all(line.isprintable() for line in lines)
    assert "c000001" in "".join(lines)


def test_no_id_address_or_whole_token_is_shown():
    for shown in (news_page(record()), json_of(record()), "\n".join(news_lines(record()))):
        assert "secret" not in shown
        assert PHONE not in shown
        assert PHONE[6:16] not in shown
        assert "c000001-" not in shown


def test_the_lines_count_what_they_say():
    [_, collected_line, counts, *_] = list(news_lines(record()))
    assert "207 adverts in 3 pairs of platform and language, of which 2 can be" in collected_line
    assert counts.startswith("campaigns: 1 new, 1 revived, 1 grown; 1 first use on another")
    assert counts.endswith("1 not comparable")


def test_times_in_json_and_lines_are_in_utc_and_the_record_keeps_them_as_times():
    found = record()
    read = json.loads(json_of(found))
    times = [one["first_since"] for one in read["campaigns"]]
    times += [one["last_before"] for one in read["campaigns"] if one["last_before"]]
    times += [one["first_seen"] for one in read["uses"]]
    assert len(times) > 6
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one) for one in times)
    kept = [datetime.datetime.fromisoformat(one["first_since"]) for one in read["campaigns"]]
    assert kept == [one.first_since.replace(microsecond=0) for one in found.campaigns]


def test_equal_tables_give_equal_pages():
    assert news_page(record()) == news_page(record())
    assert json_of(record()) == json_of(record())


def test_page_and_json_are_private_and_the_next_build_removes_them(tmp_path):
    folder = tmp_path / "pages"
    page = write_news(folder, record())
    assert page.name == "new-2026-W44.html"
    assert json.loads(page.with_suffix(".json").read_text())["since"] == "2026-W44"
    assert [stat.S_IMODE(one.stat().st_mode) for one in (folder, page)] == [0o700, 0o600]
    write_news(folder, record())
    write_pages(folder, shown_bank(**two_campaigns()))
    assert not list(folder.glob("new-*"))
    page = write_news(folder, record())
    assert 'href="c000001.html"' in page.read_text()
    assert 'href="c000003.html"' not in page.read_text()
    write_pages(folder, shown_bank(**two_campaigns()))
    assert not list(folder.glob("new-*"))


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "pages").write_text("a file")
    with pytest.raises(InputError, match="pages cannot be written"):
        write_news(tmp_path / "pages", record())


def test_a_bank_without_adverts_has_a_page():
    empty = news_record(bank([], []), SINCE)
    assert news_page(empty).count("None.") == 5
    assert "Nothing is known of what was collected" in news_page(empty)
    assert list(news_lines(empty))
