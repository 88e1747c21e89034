"""Which campaigns get a page, and which pages of the folder may stay beside them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown_bank import bank, build, two_campaigns

from adverts.errors import InputError
from adverts_findings.campaigns.pages.asked_campaigns import campaign_name
from adverts_findings.campaigns.pages.write_pages import INDEX_JSON, write_pages


@pytest.mark.parametrize("typed", ["c000012", "C000012", "c12", "C0012", " c012 "])
def test_a_name_may_be_typed_short(typed):
    assert campaign_name(typed) == "c000012"


def test_long_numbers_stay_what_they_are():
    assert campaign_name("c1000000001") == "c1000000001"


@pytest.mark.parametrize("typed", ["", "12", "c", "c1a", "<b>", "c-1", "cc1", "c" + "1" * 20])
def test_what_is_no_name_stays_as_it_was_typed(typed):
    assert campaign_name(typed) == typed


@given(st.text(max_size=12))
def test_any_text_can_be_typed_and_a_name_means_itself(typed):
    assert campaign_name(campaign_name(typed)) == campaign_name(typed)


def pages(folder, asked, tables=None, **more):
    tables = bank(**two_campaigns()) if tables is None else tables
    write_pages(folder, tables, campaigns=asked, **more)
    return sorted(path.name for path in folder.glob("c0*.html"))


def test_pages_of_the_same_build_stay_when_one_is_asked_for(tmp_path):
    folder = tmp_path / "pages"
    pages(folder, ["c1"])
    (folder / "new-2026-W44.html").write_text("of this build")
    assert pages(folder, ["c2"], keep=True) == ["c000001.html", "c000002.html"]
    assert (folder / "new-2026-W44.html").read_text() == "of this build"
    assert 'href="c000001.html"' in (folder / "index.html").read_text()


def test_pages_behind_a_link_are_neither_written_nor_removed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "c000777.html").write_text("of somebody else")
    (tmp_path / "pages").symlink_to(elsewhere)
    with pytest.raises(InputError, match="pages leads out of the bank; remove that link"):
        pages(tmp_path / "pages", ["c1"])
    assert [one.name for one in elsewhere.iterdir()] == ["c000777.html"]


def test_pages_of_another_build_never_stay(tmp_path):
    folder = tmp_path / "pages"
    pages(folder, ["c1"])
    later = bank(**(two_campaigns() | {"builds": [build(1), build(2), build(3)]}))
    assert pages(folder, ["c2"], later, keep=True) == ["c000002.html"]


@pytest.mark.parametrize("told", ["", "[]", '{"last_build": 1}', "{", '{"last_build": {}}'])
def test_a_folder_that_does_not_say_its_build_keeps_nothing(tmp_path, told):
    folder = tmp_path / "pages"
    pages(folder, ["c1"])
    (folder / INDEX_JSON).write_text(told)
    assert pages(folder, ["c2"], keep=True) == ["c000002.html"]


def test_a_link_in_the_folder_is_not_followed(tmp_path):
    folder = tmp_path / "pages"
    pages(folder, ["c1"])
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (folder / "c000009.html").symlink_to(secret)
    assert pages(folder, ["c2"], keep=True) == ["c000001.html", "c000002.html"]
    assert json.loads((folder / INDEX_JSON).read_text())
