import csv
import json
from dataclasses import replace

import pytest
from csv_readers import rows_everywhere
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from made_notices import HASH, item, outgoing, recipient, reviewed_template

from adverts_findings.sharing.leaving.item import Picture
from adverts_findings.sharing.notices.write_notices import notice_schema, write_notices

pytestmark = pytest.mark.promise

NAMES = ("notice.schema.json", "notices.csv", "notices.html", "notices.json")
HOSTILE = "=cmd|' /C calc'!A0\r\n<script>alert(1)</script>\u202etxt\x1b[2J\x00"


def written(folder, share):
    folder.mkdir(exist_ok=True)
    write_notices(folder, share)
    return {one.name: one.read_text(encoding="utf-8") for one in folder.iterdir()}


def validator():
    return Draft202012Validator(json.loads(notice_schema()))


def test_the_four_files_are_written_and_the_ledger_is_in_each_that_holds_notices(tmp_path):
    files = written(tmp_path, outgoing(item(1), item(2)))
    assert sorted(files) == list(NAMES)
    assert json.loads(files["notices.json"])["ledger"] == {"number": 1, "hash": HASH}
    assert all(HASH in files[one] for one in NAMES if one != "notice.schema.json")
    rows = list(csv.DictReader(files["notices.csv"].splitlines()))
    assert [(one["ledger_number"], one["ledger_hash"]) for one in rows] == [("1", HASH)] * 2
    assert list(rows[0])[-2:] == ["ledger_number", "ledger_hash"]


@pytest.mark.parametrize("regime", ["dsa_16", "uk_osa", "platform_terms", "voluntary"])
def test_the_schema_describes_what_is_written(regime, tmp_path):
    share = outgoing(item(1), item(2, url="", pictures=()), to=recipient(regime=regime))
    value = json.loads(written(tmp_path, share)["notices.json"])
    Draft202012Validator.check_schema(validator().schema)
    validator().validate(value)


PLACES = [(), ("ledger",), ("notices", 0), *(("notices", 0, one) for one in ("where", "what"))]
PLACES += [("notices", 0, one) for one in ("rules", "evidence", "reviewed", "sender", "answer")]
PLACES += [("notices", 0, "laws", 0)]


@pytest.mark.parametrize("place", PLACES)
def test_the_schema_refuses_a_field_more_and_a_field_less(place, tmp_path):
    text = written(tmp_path, outgoing(item()))["notices.json"]
    more, less = json.loads(text), json.loads(text)
    inner(more, place)["campaign"] = "c000012"
    inner(less, place).popitem()
    for one in (more, less):
        with pytest.raises(ValidationError):
            validator().validate(one)


def inner(value, place):
    for step in place:
        value = value[step]
    return value


def test_the_schema_wants_good_faith_under_the_dsa(tmp_path):
    share = outgoing(item(), to=recipient(regime="dsa_16"))
    value = json.loads(written(tmp_path, share)["notices.json"])
    value["notices"][0]["good_faith"] = ""
    with pytest.raises(ValidationError):
        validator().validate(value)


def test_no_notice_at_all_is_written_as_such(tmp_path):
    files = written(tmp_path, outgoing(item(), kinds=("hashes",)))
    assert json.loads(files["notices.json"])["notices"] == []
    validator().validate(json.loads(files["notices.json"]))
    assert len(files["notices.csv"].splitlines()) == 1
    assert "This folder holds no notice." in files["notices.html"]


def test_the_same_share_gives_the_same_bytes(tmp_path):
    first = written(tmp_path / "1", outgoing(item(1), item(2)))
    assert first == written(tmp_path / "2", outgoing(item(1), item(2)))


def test_hostile_values_are_neither_markup_nor_formulas_nor_controls(tmp_path):
    label = replace(item().reviewed, label=HOSTILE)
    share = outgoing(
        item(reviewed=label, platform=HOSTILE), to=recipient(platforms=[HOSTILE], name=HOSTILE)
    )
    files = written(tmp_path, share)
    assert "<script" not in files["notices.html"]
    assert "&lt;script&gt;" in files["notices.html"]
    for name in ("notices.html", "notices.csv"):
        assert not set(files[name]) & set("\u202e\x1b\x00\r")
    header, row = rows_everywhere(tmp_path / "notices.csv")
    assert row[header.index("platform")].startswith("'=cmd|")
    validator().validate(json.loads(files["notices.json"]))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,<b>", "file:///etc/passwd"])
def test_an_address_of_another_scheme_is_dropped_and_the_id_stays(url, tmp_path):
    files = written(tmp_path, outgoing(item(url=url)))
    (notice,) = json.loads(files["notices.json"])["notices"]
    assert (notice["where"]["url"], notice["where"]["platform_item_id"]) == ("", "post-1")
    assert not any(url in text for text in files.values())


def test_a_page_says_in_which_language_and_direction_it_is(tmp_path, monkeypatch):
    (tmp_path / "templates").mkdir()
    arabic = recipient(language="ar")
    page = written(tmp_path / "draft", outgoing(item(), to=arabic))["notices.html"]
    assert '<html lang="en" dir="ltr">' in page
    assert "No reviewed template in ar exists" in page
    reviewed_template(tmp_path / "templates", monkeypatch, "ar")
    page = written(tmp_path / "reviewed", outgoing(item(), to=arabic))["notices.html"]
    assert '<html lang="ar" dir="rtl">' in page
    assert "English" not in page


def test_a_page_has_no_script_and_names_no_file_to_load(tmp_path):
    page = written(tmp_path, outgoing(item()))["notices.html"]
    for one in ("<script", "<img", "<iframe", "@import", " src=", "url(", "<a "):
        assert one not in page


MARKER = st.from_regex(r"\AM[A-Z]{12}[0-9]{4}\Z")
PHONE, OTHER_POST = "+44 7700 900142", "https://demo-social.example/post/another-post-8"


def planted(marker):
    """Return an advert with a marker in every field that must not leave, and in its address."""
    number = iter(range(100))

    def mark():
        return f"{marker}{next(number)}"

    reviewed = replace(item().reviewed, reviewers=(mark(), mark()), safeguarding=(mark(),))
    return item(
        advert=mark(),
        item=mark(),
        campaign=mark(),
        source=mark(),
        language=mark() + OTHER_POST,
        template=mark(),
        text=f"{mark()} {PHONE} {OTHER_POST} PHONE:{'0a' * 16}",
        licence=mark(),
        pictures=(Picture("c" * 64, mark(), mark(), 12345, is_text_tile=False),),
        reviewed=reviewed,
        url=f"https://{mark()}:{mark()}@demo-social.example/post/9?{mark()}={mark()}#{mark()}",
        platform_item_id="post-9",
    )


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(MARKER, st.sampled_from(["uk_osa", "dsa_16", "platform_terms", "voluntary"]))
def test_nothing_of_an_advert_leaves_but_where_it_is_and_what_it_is(
    tmp_path_factory, marker, rules
):
    share = outgoing(planted(marker), to=recipient(regime=rules), name=f"{marker} who approved")
    files = written(tmp_path_factory.mktemp("send"), share)
    text = "".join(files.values())
    never = (
        marker,
        PHONE,
        OTHER_POST,
        "0a" * 16,
        "0.87654321",
        "12345",
        "Ada Demo",
        "made-up basis",
    )
    assert [one for one in never if one.lower() in text.lower()] == []
    for name in ("notices.json", "notices.csv", "notices.html"):
        assert "https://demo-social.example/post/9" in files[name]
        assert "post-9" in files[name]
