"""Pages of a bank: whole or not at all, nothing secret on them, and hostile values only shown."""

import base64
import dataclasses
import hashlib
import json
import re
import time

import pyarrow as pa
import pytest
from shown_bank import advert, bank, build, campaign, edge, identity, phone, replaced, two_campaigns

from adverts.errors import InputError, IntegrityError
from adverts_findings.campaigns.pages import write_pages as module
from adverts_findings.campaigns.pages.campaign_lines import campaign_lines
from adverts_findings.campaigns.pages.write_pages import (
    INDEX,
    INDEX_JSON,
    LINES,
    NETWORKS,
    NETWORKS_JSON,
    json_of,
    write_pages,
)
from adverts_findings.campaigns.rules import LinkingRules

HOSTILE = '<script>alert(1)</script><b> "q" & \u202eevil\u2066 {{ 7 * 7 }} \u05d0\u05d1'
YARDSTICK = ("remote chance", "unlikely", "realistic possibility", "likely", "almost certain")


def contents(folder):
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def written(folder, rows=None, **asked):
    write_pages(folder / "pages", bank(**(two_campaigns() if rows is None else rows)), **asked)
    return contents(folder / "pages")


def test_each_campaign_has_a_page_and_the_same_as_json(tmp_path):
    paths = write_pages(tmp_path / "pages", bank(**two_campaigns()))
    names = [INDEX, INDEX_JSON, LINES, NETWORKS, NETWORKS_JSON]
    names += ["c000001.html", "c000001.json", "c000002.html", "c000002.json"]
    assert paths == [tmp_path / "pages" / name for name in names]
    assert sorted(names) == sorted(path.name for path in (tmp_path / "pages").iterdir())
    for path in paths:
        assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "pages").stat().st_mode & 0o777 == 0o700


def test_page_and_json_state_the_same(tmp_path):
    found = written(tmp_path)
    record = json.loads(found["c000001.json"])
    page = found["c000001.html"].replace("\u00a0", " ")
    assert record["schema_version"] == 2
    assert record["assessment"]["words"] in page
    assert record["why"]["weakest"][0]["split"] in page
    for one in [*record["fact"]["shown"], *record["fact"]["identities"]]:
        assert one.get("id", one.get("value")) in page
    index = json.loads(found[INDEX_JSON])
    lines = [json.loads(line) for line in found[LINES].splitlines()]
    assert [one["campaign"] for one in lines] == ["c000001", "c000002"]
    assert index["campaigns"] == 2


def test_the_parts_of_a_page_are_separate_and_in_order(tmp_path):
    page = written(tmp_path)["c000001.html"]
    parts = re.findall(r'<section id="([a-z]+)"', page)
    assert parts[:6] == ["fact", "content", "assessment", "source", "why", "contrary"]
    fact = page[page.index('id="fact"') : page.index("<h3>Adverts</h3>")]
    assert "%" not in re.sub(r"<[^>]*>", "", fact)
    assert not any(word in fact for word in YARDSTICK)


def test_nothing_secret_is_on_any_page(tmp_path):
    rows = two_campaigns()
    plain = "+44 7700 900123"
    secret = {
        "text_hash": b"SECRET-HASH",
        "text_signature": b"SECRET-SIGNATURE",
        "picture_sha256": [b"SECRET-PICTURE"],
        "platform_item_id": "SECRET-ITEM",
    }
    rows["adverts"] = [one | secret for one in rows["adverts"]]
    rows["edges"] = [one | {"value": plain} for one in rows["edges"]]
    rows["identities"] = [one | {"value": plain} for one in rows["identities"]]
    rows["listed"] = [one | {"value": plain} for one in rows["listed"]]
    for name, text in written(tmp_path, rows).items():
        assert "SECRET" not in text, name
        assert "900123" not in text, name
        assert not re.search(r"(?:PHONE|HANDLE|EMAIL|LINK):[0-9a-f]{9}", text), name


def test_the_index_and_the_hypotheses_name_no_advert_and_no_address(tmp_path):
    rows = two_campaigns()
    for table, columns in {"adverts": ["id"], "edges": ["first", "second"]}.items():
        rows[table] = [one | {end: f"ID-{one[end]}" for end in columns} for one in rows[table]]
    rows["adverts"] = [
        one | {"url": f"https://SECRET.example/{i}"} for i, one in enumerate(rows["adverts"])
    ]
    rows["identities"] = [
        one | {"shown_in": [f"ID-{i}" for i in one["shown_in"]]} for one in rows["identities"]
    ]
    found = written(tmp_path, rows)
    assert "ID-a1" in found["c000001.html"]
    for name in (INDEX, INDEX_JSON, LINES, NETWORKS, NETWORKS_JSON):
        assert "ID-" not in found[name], name
        assert "SECRET" not in found[name], name


def test_each_hypothesis_is_drawn_with_what_would_confirm_and_refute_it(tmp_path):
    found = written(tmp_path)
    for name in (NETWORKS, "c000001.html", "c000002.html"):
        assert "A second kind of evidence that adverts of both show" in found[name]
        assert "A sign that one took the text or picture from the other" in found[name]
    assert "merge,c000001,c000002,,," in found[NETWORKS]
    assert "different,a4,b1,,," in found["c000002.html"]
    assert 'href="networks.html"' in found[INDEX]
    [network] = json.loads(found[NETWORKS_JSON])["shown"]
    assert network["campaigns"] == ["c000001", "c000002"]


def test_bands_of_scores_are_shown_where_the_bank_has_them(tmp_path):
    tables = bank(**two_campaigns())
    assert "Score bands" not in written(tmp_path)["c000001.html"]
    adverts = tables["adverts"]
    if "review_band" in adverts.column_names:
        adverts = adverts.drop_columns(["review_band"])
    bands = ["priority", "review", "priority", None, "x", "x", "x"]
    tables["adverts"] = adverts.append_column("review_band", pa.array(bands))
    write_pages(tmp_path / "pages", tables)
    page = contents(tmp_path / "pages")["c000001.html"]
    words = re.sub(r"<[^>]*>", "", page)
    assert "priority 2, no score 1, review 1. Who enters is a person's judgement" in words


def test_values_of_many_that_its_adverts_show_are_named_as_no_evidence(tmp_path):
    rows = two_campaigns()
    rows["adverts"][0]["contacts"] = [phone("helpline")]
    found = written(tmp_path, rows)
    assert "What its adverts show and what joins nothing" in found["c000001.html"]
    assert "What its adverts show and what joins nothing" not in found["c000002.html"]


def test_no_whole_token_is_on_any_page(tmp_path):
    tables = bank(**two_campaigns())
    tokens = {one for row in tables["adverts"]["contacts"].to_pylist() for one in row}
    tokens |= set(tables["adverts"]["account"].to_pylist())
    write_pages(tmp_path / "pages", tables)
    for text in contents(tmp_path / "pages").values():
        for token in tokens:
            assert token.rpartition(":")[2] not in text


def test_candidates_are_a_number_and_on_no_page(tmp_path):
    rows = two_campaigns()
    rows["candidates"] = [{"id": f"CANDIDATE-{i}", "source": "x", "score": 1.0} for i in range(3)]
    found = written(tmp_path, rows)
    assert not any("CANDIDATE" in text for text in found.values())
    assert json.loads(found[INDEX_JSON])["candidates"] == 3


def test_adverts_under_a_hold_are_a_number_and_on_no_page(tmp_path):
    rows = two_campaigns()
    rows["restricted"] = [advert("HELD-1", None), advert("HELD-2", None)]
    found = written(tmp_path, rows)
    assert not any("HELD" in text for text in found.values())
    assert json.loads(found[INDEX_JSON])["restricted"] == 2
    assert "2 that would have left and are kept under a hold" in found[INDEX]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, "Probabilities are uncalibrated"),
        (
            {"error": 0.034, "standard_error": 0.012, "by_chance": 0.02},
            "mean error on pairs that were not used is 0.03 ± 0.01, of which 0.02 would be chance",
        ),
        ({"error": None}, "is not known ± not known"),
    ],
)
def test_what_probabilities_rest_on_is_said(tmp_path, error, said):
    told = {"pairs": 240, "at_random": 60, "error": error}
    rules = dataclasses.asdict(LinkingRules())
    parameters = json.dumps({"rules": rules, "calibration": told})
    page = written(tmp_path, {**two_campaigns(), "builds": [build(parameters=parameters)]})[INDEX]
    assert said in page
    assert "240 judged pairs of sheets, 60 of them drawn at random" in page


def test_no_page_says_that_anybody_is_guilty_of_anything(tmp_path):
    for name, text in written(tmp_path).items():
        words = re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.S).lower()
        assert not re.search(r"guilt|criminal|offend|perpetrat|trafficker|culprit", words), name


def test_language_is_context_and_never_evidence(tmp_path):
    page = written(tmp_path)["c000001.html"]
    before = page[: page.index('<section id="context"')].lower()
    assert "language" not in before
    assert "nationality" not in page.lower()


def scripts(page):
    """Return the data and the script of the index, of which the policy of the page knows one."""
    found = re.findall(
        r"<script( type=\"application/json\" id=\"data\")?>(.*?)</script>", page, re.S
    )
    [(_, data), (_, script)] = found
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in page
    return [json.loads(data), script]


def test_only_the_script_of_the_index_runs_and_fetches_nothing(tmp_path):
    for name, text in written(tmp_path).items():
        if name.endswith(".html"):
            own = scripts(text) if name == INDEX else []
            assert text.count("<script") == len(own)
            assert not re.search(r"<img|<iframe|\s(?:on\w+|action)=|<link[^>]*https?:", text)
            assert "default-src 'none'" in text
            assert ("script-src" in text) == (name == INDEX)
            assert 'name="referrer" content="no-referrer"' in text


def test_a_link_to_a_posting_tells_that_site_nothing(tmp_path):
    links = re.findall(r"<a href=\"https?://[^>]*>", written(tmp_path)["c000001.html"])
    assert len(links) == 4
    assert all('rel="noreferrer noopener nofollow"' in one for one in links)


def test_judgements_that_do_not_hold_are_said_first(tmp_path):
    page = written(tmp_path)[INDEX]
    assert page.index("1 judgement does not hold.") < page.index('<section id="counts"')
    rows = two_campaigns()
    rows["judged"] = rows["judged"][:1]
    assert "not hold" not in written(tmp_path, rows)[INDEX]


def hostile_rows():
    """Return a bank in which every name that others choose is hostile, and one is endless."""
    strange = {
        "platform": HOSTILE,
        "source": HOSTILE,
        "language": HOSTILE,
        "template": HOSTILE,
        "account": HOSTILE,
        "judged_by": HOSTILE,
    }
    urls = [
        "javascript:alert(1)",
        f"https://x.example/{HOSTILE}",
        "data:text/html,<b>",
        "x" * 9_000,
    ]
    ids = [HOSTILE, "x" * 5_000, "a3", "a4"]
    return {
        "adverts": [
            advert(id, "c000001", day=3 * i, url=url) | strange
            for i, (id, url) in enumerate(zip(ids, urls, strict=True))
        ],
        "identities": [identity(HOSTILE, "c000001", value=HOSTILE, platform=HOSTILE)],
        "edges": [
            edge(ids[0], ids[1], "c000001", value=HOSTILE),
            edge(ids[0], "a3", "c000001", status="rejected", reason=HOSTILE, value=HOSTILE),
        ],
        "campaigns": [campaign("c000001")],
        "listed": [
            {"kind": HOSTILE, "value": HOSTILE, "reason": HOSTILE, "adverts": 3, "accounts": 2}
        ],
        "judged": [{"judgement": HOSTILE, "holds": False, "why": HOSTILE * 50}],
        "replaced": [replaced(HOSTILE, "c000001", 2, "merged")],
    }


def test_a_hostile_name_is_only_ever_shown(tmp_path):
    for name, text in written(tmp_path, hostile_rows()).items():
        assert "\u202e" not in text, name
        assert "\u2066" not in text, name
        if name.endswith(".html"):
            assert text.count("<script") == (2 if name == INDEX else 0)
            assert '<b> "q"' not in text
            assert "49 \u05d0" not in text
            assert not re.search(
                r'href="(?!#|https?://|index\.html|(?:networks|index|c\d+)\.json|campaigns\.jsonl|'
                r'networks\.html|c\d+\.html|data:,")',
                text,
            )
            assert max(map(len, re.findall(r"[^\s<>]+", text))) < 5_200


def test_json_of_hostile_and_missing_values_is_strict(tmp_path):
    rows = hostile_rows()
    rows["campaigns"] = [campaign("c000001", probability=float("nan"))]
    rows["edges"] = [one | {"probability": float("nan")} for one in rows["edges"]]
    found = written(tmp_path, rows)
    for name in (INDEX_JSON, "c000001.json"):
        assert found[name].isascii()
        assert "NaN" not in found[name]
        json.loads(found[name])


def test_a_number_that_is_none_is_never_written(tmp_path):
    [line, *_] = campaign_lines(bank(**two_campaigns()))
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_of(dataclasses.replace(line, probability=float("nan")))


def test_a_campaign_whose_name_is_a_path_is_refused_and_nothing_is_written(tmp_path):
    rows = {
        "adverts": [advert("a", "../../c000001"), advert("b", "../../c000001")],
        "campaigns": [campaign("../../c000001")],
    }
    with pytest.raises(IntegrityError, match="wanted names such as c000123"):
        written(tmp_path, rows)
    assert list(tmp_path.iterdir()) == []


def test_only_campaigns_that_are_asked_for_get_a_page_and_all_have_a_line(tmp_path):
    found = written(tmp_path, campaigns=["c000002"])
    assert "c000002.html" in found
    assert "c000001.html" not in found
    assert len(found[LINES].splitlines()) == 2
    assert 'href="c000001.html"' not in found[INDEX]
    assert 'href="c000002.html"' in found[INDEX]
    assert {"c000001.html", "c000002.html"} & set(written(tmp_path, campaigns=[])) == set()


def test_a_merged_campaign_stands_for_what_took_its_place(tmp_path):
    found = written(tmp_path, campaigns=["c000003", "c000001"])
    assert [name for name in found if name.startswith("c0")] == ["c000001.html", "c000001.json"]


def test_campaigns_that_are_not_there_are_named_and_nothing_is_written(tmp_path):
    with pytest.raises(InputError) as raised:
        written(tmp_path, campaigns=["c000001", "c000004", "c000099", "<b>" * 100])
    lines = str(raised.value).splitlines()
    assert lines[0] == "campaign 'c000004': it was closed in build 2, and nothing took its place"
    assert lines[1] == "campaign 'c000099': the bank has no such campaign"
    assert len(lines) == 4
    assert list(tmp_path.iterdir()) == []


def test_what_left_the_bank_is_on_no_page_of_the_next_build(tmp_path):
    before = written(tmp_path)
    assert any("posts/b2" in text for text in before.values())
    rows = two_campaigns()
    gone = {"b1", "b2"}
    rows["adverts"] = [one for one in rows["adverts"] if one["id"] not in gone]
    rows["edges"] = [one for one in rows["edges"] if not gone & {one["first"], one["second"]}]
    rows["identities"] = [one for one in rows["identities"] if one["campaign"] != "c000002"]
    after = written(tmp_path, rows)
    assert "c000002.html" not in after
    assert not any("posts/b" in text for text in after.values())


def test_equal_tables_give_equal_files(tmp_path):
    assert written(tmp_path) == written(tmp_path)


def test_what_fails_in_the_middle_leaves_the_earlier_pages(tmp_path, monkeypatch):
    before = written(tmp_path)

    def fails(record, lines, former):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "bank_page", fails)
    with pytest.raises(KeyboardInterrupt):
        written(tmp_path)
    assert contents(tmp_path / "pages") == before
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path):
    partial = tmp_path / "pages.partial"
    partial.mkdir()
    for name in (".lock", LINES, INDEX_JSON, "c000001.html", "c000001.json"):
        (partial / name).write_text("half")
    found = written(tmp_path)
    assert "half" not in found.values()
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]


def test_a_folder_with_something_else_in_it_is_refused(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match=r"mine\.txt"):
        written(tmp_path)
    assert contents(tmp_path / "pages") == {"mine.txt": "mine"}


def test_an_empty_bank_has_a_page(tmp_path):
    found = written(tmp_path, {})
    assert list(found) == [LINES, INDEX, INDEX_JSON, NETWORKS, NETWORKS_JSON]
    assert "No adverts are joined." in found[INDEX]


def test_a_giant_campaign_is_said_loudly_on_both_pages(tmp_path):
    ids = [f"g{i}" for i in range(300)]
    rows = {
        "adverts": [
            *(advert(one, "c000001") for one in ids),
            *(advert(one, "c000002") for one in ("small", "smaller")),
        ],
        "edges": [edge(a, b, "c000001") for a, b in zip(ids, ids[1:], strict=False)],
        "campaigns": [campaign("c000001"), campaign("c000002")],
    }
    found = written(tmp_path, rows)
    for name in (INDEX, "c000001.html"):
        notice = re.search(r'role="note"><strong>Suspiciously large.*?</div>', found[name])
        assert notice
        assert "300 adverts" in notice[0]
    assert "Suspiciously large" not in found["c000002.html"]
    assert "190 more adverts; 300 in all, each of them in c000001.json" in found["c000001.html"]
    assert len(json.loads(found["c000001.json"])["fact"]["shown"]) == 300


def test_uncalibrated_pages_have_no_word_of_the_yardstick(tmp_path):
    rows = two_campaigns()
    rows["campaigns"] = [
        one | {"calibrated": False} if "closed_build" not in one else one
        for one in rows["campaigns"]
    ]
    found = written(tmp_path, rows)
    for text in found.values():
        assert not any(re.search(rf"\b{word}\b", text) for word in YARDSTICK)
    assert "85\u00a0%, uncalibrated" in found["c000001.html"]


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_very_many_campaigns_take_neither_long_nor_a_page_each(tmp_path, count):
    names = [f"c{i:06d}" for i in range(1, count + 1)]
    rows = {
        "adverts": [
            advert(f"{name}-{i}", name, contacts=[phone(name)]) for name in names for i in (1, 2)
        ],
        "edges": [edge(f"{name}-1", f"{name}-2", name) for name in names],
        "campaigns": [campaign(name) for name in names],
    }
    tables = bank(**rows)
    start = time.perf_counter()
    paths = write_pages(tmp_path / "pages", tables)
    assert time.perf_counter() - start < 30
    assert len(paths) == 5 + 2 * 100
    found = (tmp_path / "pages" / INDEX).read_text()
    assert found.count('<th scope="row"><a href="c') == 100
    assert f"all {count:,} are in campaigns.jsonl" in found
    assert len(scripts(found)[0]["name"]) == count
    assert len(found) < 2_000_000
    assert len((tmp_path / "pages" / LINES).read_text().splitlines()) == count
