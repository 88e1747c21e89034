"""The verb link on scored posts: who enters, what is found, judged, erased, held and looked up."""

import csv
import hashlib
import io
import json
import shutil
import sys
from pathlib import Path

import pytest
from calling import call
from drawn_sample import KEY, POSTS, score_posts

from adverts.data.review.reviews import Review, append_reviews, item_name
from adverts_findings.campaigns.bank.access_log import read_log
from adverts_findings.campaigns.bank.as_of import read_erasures
from adverts_findings.campaigns.bank.read_bank import open_bank

REFERRED = [f"p{number}" for number in range(0, POSTS, 10)]
"""Posts that people call positive; p20 and p60 are of one account, p30 of another."""


@pytest.fixture(scope="module")
def complete(scored_posts, tmp_path_factory):
    """A folder with posts, their scores and what people said of them."""
    folder = shutil.copytree(scored_posts, tmp_path_factory.mktemp("complete") / "copy")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        say_of(REFERRED, "yes")
        say_of(["p1", "p2"], "no")
    return folder


def say_of(ids, label, path="reviews/reviews.jsonl", *, by="Ana", at="2026-11-02T00:00:00+00:00"):
    """Record what a person says of posts."""
    append_reviews(
        Path(path),
        [
            Review(item_name(one), "refer", label, by, at, True, 1, "", "estimate", "")
            for one in ids
        ],
    )


@pytest.fixture(scope="module")
def linked(complete, tmp_path_factory):
    """The same folder with a bank of the scores, which no test changes."""
    folder = tmp_path_factory.mktemp("linked") / "copy"
    with pytest.MonkeyPatch.context() as patch:
        assert _linking(patch, complete, folder)("scores=scores") == 0
    return folder


def _linking(patch, folder, copy):
    """Copy a folder and return what runs ``adverts link bank=bank …`` in it, to its status."""
    shutil.copytree(folder, copy)
    patch.chdir(copy)
    patch.setenv("ADVERTS_TOKEN_KEY", KEY)
    # The tiny model is sure of nothing, so no advert is in a band for review.
    patch.setattr("adverts_findings.campaigns.entering.from_scores.FLAGGED", ("abstain",))
    return lambda *asked: call(patch, "link", "bank=bank", "pages=0", *asked)


@pytest.fixture
def start(complete, tmp_path, monkeypatch):
    """Run ``adverts link bank=bank …`` where there is no bank yet, and return its status."""
    return _linking(monkeypatch, complete, tmp_path / "copy")


@pytest.fixture
def run(linked, tmp_path, monkeypatch):
    """Run ``adverts link bank=bank …`` on a bank of the scores, and return its status."""
    return _linking(monkeypatch, linked, tmp_path / "copy")


def table(name):
    with open_bank(Path("bank")) as bank:
        return bank.table(name).to_pylist()


def test_only_adverts_that_a_person_judged_are_in_any_table(start, capsys):
    assert start("scores=scores") == 0
    entered = {one["id"] for one in table("adverts")}
    assert entered == set(REFERRED)
    waiting = {one["id"] for one in table("candidates")}
    assert waiting
    assert not waiting & {*REFERRED, "p1", "p2"}
    shown = [*table("edges"), *table("identities"), *table("campaigns"), *table("bridges")]
    assert not any(f'"{one}"' in json.dumps(shown, default=str) for one in waiting)
    assert "that a person judged, 40 new" in capsys.readouterr().out


@pytest.mark.slow  # fast in tests/unit/findings/campaigns/test_build_in_steps.py
def test_a_bank_in_steps_is_the_bank_of_one_build(start, monkeypatch):
    assert start("scores=scores") == 0
    whole = campaigns()
    shutil.rmtree("bank")
    for one in Path("reviews").iterdir():
        one.unlink()
    for part in (REFERRED[::2], REFERRED[1::4], REFERRED[3::4]):
        say_of(part, "yes")
        assert start("scores=scores") == 0
    assert set(campaigns().values()) == set(whole.values())
    assert [one["build"] for one in table("builds")] == [1, 2, 3]


def campaigns():
    found = {}
    for one in table("adverts"):
        found.setdefault(one["campaign"], set()).add(one["id"])
    return {name: frozenset(ids) for name, ids in found.items() if name}


@pytest.mark.slow
def test_an_advert_leaves_when_its_person_says_otherwise(run, capsys):
    say_of(["p20"], "no", at="2026-11-03T00:00:00+00:00")
    assert run("scores=scores") == 0
    assert "p20" not in {one["id"] for one in table("adverts")}
    assert "1 advert no longer in the bank" in capsys.readouterr().out


def judge(*rows, path="judged.csv"):
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["said", "first", "second", "by", "at", "why"])
        writer.writerows(rows)
    return f"judgements={path}"


def test_judgements_hold_after_every_build_and_undo_takes_them_back(run, capsys):
    home = {one["id"]: one["campaign"] for one in table("adverts")}
    one, other = "p0", next(id for id in REFERRED if home[id] != home["p0"] or home[id] is None)
    same = judge(["same", one, other, "Ana", "", ""])
    assert run(same, "preview=true") == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert len(table("builds")) == 1
    assert not Path("bank/judgements.jsonl").exists()
    assert run(same) == 0
    for _ in range(2):
        after = {one["id"]: one["campaign"] for one in table("adverts")}
        assert after[one] == after[other] is not None
        assert [one["holds"] for one in table("judged")] == [True]
        assert run("scores=scores") == 0
    [judgement] = [one["judgement"] for one in table("judged")]
    assert run(judge(["undo", judgement, "", "Ana", "", "mistaken"], path="undo.csv")) == 0
    after = {one["id"]: one["campaign"] for one in table("adverts")}
    assert after[one] is None or after[one] != after[other]


@pytest.mark.slow
def test_standings_and_grades_are_previewed_recorded_and_shown(run, monkeypatch, capsys):
    identity = next(one["identity"] for one in table("identities") if one["campaign"])
    source = table("adverts")[0]["source"]
    words = judge(
        ["victim", identity, "", "Ana", "", "told us"],
        ["grade", source, "2B", "Ana", "", "seldom wrong"],
    )
    assert run(words, "preview=true") == 0
    told = capsys.readouterr().out
    assert f"identity {identity} becomes victim" in told
    assert f"source {source} becomes 2B" in told
    assert table("said") == []
    assert run(words) == 0
    for _ in range(2):
        standings = {one["identity"]: one["standing"] for one in table("identities")}
        assert {name for name, one in standings.items() if one != "unknown"} == {identity}
        assert {one["said"] for one in table("said")} == {"victim", "2B"}
        assert run("scores=scores") == 0
    assert call(monkeypatch, "link", "bank=bank", "refresh=true") == 0
    shown = "".join(one.read_text() for one in Path("bank/pages").glob("c*.html"))
    assert "seldom wrong" in shown
    assert "told us" in shown


def test_files_that_are_refused_are_not_logged(run, capsys):
    rows = ["same", "p0", "nobody", "Ana", "", ""], ["same", "p0", "p30", "", "", ""]
    assert run(judge(*rows)) == 2
    error = capsys.readouterr().err
    assert "nobody" in error
    assert "by is empty" in error
    assert [one.act for one in read_log(Path("bank"))] == ["build"]


def test_a_sheet_is_judged_and_read_back(run, capsys):
    assert run("sheet=8") == 0
    assert '"act": "export"' in Path("bank/log.jsonl").read_text()
    [sheet] = Path("bank/sheets").glob("*/pairs.csv")
    rows = list(csv.DictReader(sheet.read_text(encoding="utf-8-sig").splitlines()))
    assert rows
    assert not {"weight", "probability", "score"} & set(rows[0])
    for row in rows:
        row |= {"said": "same", "by": "Ana"}
    with sheet.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert run(f"judgements={sheet}") == 0
    assert f"{len(rows)} judgement" in capsys.readouterr().out
    assert run(f"judgements={sheet}") == 0
    assert "0 judgements recorded" in capsys.readouterr().out


def piped(monkeypatch, text):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_a_value_from_standard_input_is_found_and_logged_without_it(run, monkeypatch, capsys):
    capsys.readouterr()
    piped(monkeypatch, "call +44 7700 900020")
    assert run("find=-", "why='request 12'", "who=Ana") == 0
    assert "1 advert" in capsys.readouterr().out
    piped(monkeypatch, "+44 7700 900999")
    assert run("find=-", "why='request 13'", "who=Ana") == 0
    assert "not seen in what was collected" in capsys.readouterr().out
    log = Path("bank/log.jsonl").read_text()
    assert "request 12" in log
    assert "900020" not in log
    assert "900999" not in log


def test_a_look_up_without_a_reason_is_refused(run, monkeypatch, capsys):
    piped(monkeypatch, "+44 7700 900020")
    assert run("find=-") == 2
    assert "needs why=" in capsys.readouterr().err


def test_an_erased_advert_leaves_everything_and_never_comes_back(start, monkeypatch, capsys):
    assert call(monkeypatch, "link", "bank=bank", "scores=scores") == 0
    assert start("sheet=8") == 0
    Path("ids.txt").write_text("p20\np1\n")
    assert call(monkeypatch, "link", "bank=bank", "erase=ids.txt") == 0
    for _ in range(2):
        told = b"".join(one.read_bytes() for one in Path("bank").rglob("*") if one.is_file())
        assert b'"p20"' not in told
        assert b">p20<" not in told
        assert "p20" not in {one["id"] for one in table("adverts")}
        assert call(monkeypatch, "link", "bank=bank", "scores=scores") == 0
    assert start("verify=true") == 0
    assert "1 erasure" in capsys.readouterr().out


def test_an_erasure_that_does_not_end_shows_nothing_and_is_ended_by_refresh(
    run, monkeypatch, capsys
):
    import adverts_findings.campaigns.rebuild as rebuilding

    assert run("sheet=8") == 0
    Path("ids.txt").write_text("p20\nP1\n")
    with monkeypatch.context() as cut:
        cut.setattr(rebuilding, "write_build", _cut_off)
        assert call(cut, "link", "bank=bank", "erase=ids.txt") == 130
    told = capsys.readouterr().out
    assert "1 of 2 ids, such as P1, are not in the bank; they are kept out" in told
    assert not Path("bank/sheets").exists()
    assert not Path("bank/pages").exists()
    piped(monkeypatch, "+44 7700 900020")
    assert run("find=-", "why='request 12'") == 2
    for asked in (["sheet=8"], ["as_of=2999-01-01"], ["since=2026-W01"], ["export=csv"]):
        assert run(*asked) == 2
    assert "still holds 1 erased advert" in capsys.readouterr().err
    assert run("refresh=true") == 0
    [told_once] = read_erasures(Path("bank"), 2)  # of two lines for one build
    assert (told_once.why, told_once.adverts) == ("erasure", 1)


def _cut_off(*_, **__):
    raise KeyboardInterrupt


@pytest.mark.slow
def test_what_shows_adverts_is_gone_before_the_build_that_they_leave(start, monkeypatch):
    import datetime

    import adverts_findings.campaigns.rebuild as rebuilding

    assert call(monkeypatch, "link", "bank=bank", "scores=scores", "retain_days=3000") == 0
    assert start("sheet=8") == 0
    later = max(one["retain_until"] for one in table("adverts")) + datetime.timedelta(days=1)
    moment = datetime.datetime.combine(later, datetime.time(), datetime.UTC)
    with monkeypatch.context() as cut:
        cut.setattr("adverts_findings.link._now", lambda: moment)
        cut.setattr(rebuilding, "write_build", _cut_off)
        assert call(cut, "link", "bank=bank", "refresh=true") == 130
    assert not Path("bank/sheets").exists()
    assert not Path("bank/pages").exists()


def test_a_held_advert_is_restricted_and_not_erased(run, monkeypatch, capsys):
    Path("ids.txt").write_text("p20\n")
    assert run("hold=ids.txt", "until=2999-01-01", "why='case 7'") == 2
    assert run("hold=ids.txt", "until=2030-01-01", "why='case 7'", "who=Ana") == 0
    assert run("erase=ids.txt") == 0
    assert [one["id"] for one in table("restricted")] == ["p20"]
    assert "p20" not in {one["id"] for one in table("adverts")}
    capsys.readouterr()
    piped(monkeypatch, "+44 7700 900020")
    assert run("find=-", "why='request 12'") == 0
    assert "restricted" in capsys.readouterr().out


def test_what_was_known_on_a_day_leaves_out_what_came_later(run, monkeypatch, capsys):
    capsys.readouterr()
    assert run("as_of=2026-01-01") == 0
    assert "0 adverts known on 2026-01-01" in capsys.readouterr().out


def test_what_may_be_kept_no_longer_is_hidden_before_it_is_taken_out(start, monkeypatch, capsys):
    import datetime

    assert call(monkeypatch, "link", "bank=bank", "scores=scores", "retain_days=3000") == 0
    later = max(one["retain_until"] for one in table("adverts")) + datetime.timedelta(days=1)
    moment = datetime.datetime.combine(later, datetime.time(), datetime.UTC)
    monkeypatch.setattr("adverts_findings.link._now", lambda: moment)
    capsys.readouterr()
    assert start("verify=true") == 0
    assert "are kept beyond the last day; refresh=true takes them out" in capsys.readouterr().out
    assert Path("bank/pages").exists()
    piped(monkeypatch, "+44 7700 900020")
    assert start("find=-", "why='request 12'") == 0
    told = capsys.readouterr().out
    assert "pages and sheets were removed" in told
    assert "1 advert hidden" in told
    assert not Path("bank/pages").exists()
    assert start("refresh=true") == 0
    assert start("verify=true") == 0
    assert "beyond the last day" not in capsys.readouterr().out


def test_who_asked_is_forgotten_by_the_verb(run, monkeypatch, capsys):
    import datetime

    piped(monkeypatch, "+44 7700 900020")
    assert run("find=-", "why='request 12'", "who=Somebody") == 0
    today = datetime.datetime.now(datetime.UTC)
    monkeypatch.setattr("adverts_findings.link._now", lambda: today + datetime.timedelta(days=1))
    assert run(f"forget_log={today.date()}", "why=retention", "who=Keeper") == 0
    log = Path("bank/log.jsonl").read_text()
    assert "Somebody" not in log
    assert "request 12" not in log
    assert "Keeper" in log
    assert run("verify=true") == 0


def test_a_look_up_with_another_key_is_refused_by_name(run, monkeypatch, capsys):
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", "another key of sixteen bytes")
    piped(monkeypatch, "+44 7700 900020")
    assert run("find=-", "why=x") == 2
    assert "ADVERTS_TOKEN_KEY" in capsys.readouterr().err


def test_a_token_of_scores_is_revealed_from_their_source_and_logged_without_it(
    run, monkeypatch, capsys
):
    rows = {one["id"]: one for one in table("adverts")}
    asked = [*rows["p20"]["contacts"], f"account:{rows['p20']['account']}"]
    capsys.readouterr()
    piped(monkeypatch, " ".join(asked))
    assert run("reveal=-", "scores=scores", "why='request 12'", "who=Ana") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"{asked[0]}, in 1 advert: +44 7700 900020"
    assert told[1].endswith(": a20")
    assert "900020" not in Path("bank/log.jsonl").read_text()
    assert asked[0] in Path("bank/log.jsonl").read_text()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([], "nothing to do"),
        (["pages=9"], "refresh=, which also writes the pages= of the largest anew"),
        (["forget_log=2026-01-31"], "forget_log needs why="),
        (["forget_log=2026-01-31", "why=x"], "holds no bank"),
        (["scores=nowhere"], "nowhere"),
        (["prepared=nowhere"], "nowhere"),
        (["judgements=nowhere.csv"], "no bank"),
        (["erase=nowhere.txt"], "nowhere.txt"),
        (["sheet=8"], "holds no bank"),
        (["verify=true"], "holds no bank"),
        (["scores=scores", "sheet=8"], "one at a time"),
        (["scores=scores", "silent_weeks=27"], "silent_weeks"),
        (["hold=ids.txt", "why=x"], "until"),
        (["rekey=true", "verify=true"], "rekey"),
    ],
)
def test_wrong_use_is_one_line_and_makes_no_bank(start, capsys, asked, told):
    assert start(*asked) == 2
    error = capsys.readouterr().err.strip()
    assert told in error
    assert "Traceback" not in error
    assert not Path("bank/bank.json").exists()


@pytest.mark.slow
def test_candidates_expire_and_do_not_come_back_by_linking_again(start, monkeypatch):
    import datetime

    assert start("scores=scores", "candidate_days=1") == 0
    assert table("candidates")
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3)
    monkeypatch.setattr("adverts_findings.link._now", lambda: later)
    for _ in range(2):
        assert start("scores=scores", "candidate_days=1") == 0
        assert not table("candidates")


@pytest.mark.slow
def test_a_time_of_collection_that_is_not_known_prolongs_no_retention(start, monkeypatch):
    import datetime

    import pyarrow as pa

    from adverts_findings.campaigns.entering import from_scores

    read = from_scores._entrants

    def without_collection(table, *more):
        place = table.schema.get_field_index("collected_at")
        nothing = pa.nulls(len(table), table.schema.field(place).type)
        return read(table.set_column(place, "collected_at", nothing), *more)

    monkeypatch.setattr(from_scores, "_entrants", without_collection)
    assert start("scores=scores", "retain_days=1") == 0
    assert table("adverts")
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3)
    monkeypatch.setattr("adverts_findings.link._now", lambda: later)
    for _ in range(2):
        assert start("scores=scores", "retain_days=1") == 0
        assert not table("adverts")


@pytest.fixture(scope="module")
def worked_with(linked, tmp_path_factory):
    """The folder with a bank in which people judged, held and erased, which no test changes."""
    folder = tmp_path_factory.mktemp("worked") / "copy"
    with pytest.MonkeyPatch.context() as patch:
        run = _linking(patch, linked, folder)
        Path("ids.txt").write_text("p20\n")
        assert run(judge(["different", "p0", "p30", "Ana", "", ""])) == 0
        assert run("hold=ids.txt", "until=2030-01-01", "why='case 7'") == 0
        assert run("erase=ids.txt") == 0
        assert run("verify=true") == 0
    return folder


@pytest.mark.parametrize(
    "lost",
    [
        "judgements.jsonl",
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("holds.jsonl", "erased.json")),
    ],
)
def test_a_file_that_is_lost_beside_the_bank_is_refused_by_builds_and_by_verify(
    worked_with, tmp_path, monkeypatch, capsys, lost
):
    run = _linking(monkeypatch, worked_with, tmp_path / "copy")
    (Path("bank") / lost).rename("aside")
    capsys.readouterr()
    for asked in ("scores=scores", "refresh=true", "verify=true"):
        assert run(asked) == 2
        said = capsys.readouterr().err
        assert "0 are left" in said or "ends at line 0 of" in said
    Path("aside").rename(Path("bank") / lost)
    assert run("refresh=true") == 0


def test_a_log_that_is_lost_with_its_count_is_named_by_verify_and_by_every_act_that_logs(
    start, monkeypatch, capsys
):
    assert start("scores=scores", "who=Ana", "why='case 7'") == 0
    [line] = read_log(Path("bank"))
    said = (line.act, line.build, line.who.value, line.why.value, line.asked.value)
    assert said == ("build", 1, "Ana", "case 7", "build 1")
    Path("ids.txt").write_text("p20\n")
    Path("aside").mkdir()
    for name in ("log.jsonl", "log_count.json"):
        (Path("bank") / name).rename(f"aside/{name}")
    capsys.readouterr()
    for asked in (
        ["verify=true"],
        ["find=-", "why=x"],
        ["sheet=4"],
        ["export=csv"],
        ["erase=ids.txt"],
        ["hold=ids.txt", "until=2030-01-01", "why=x"],
        ["since=2026-W01"],
        ["campaign=c1"],
        ["forget_log=2026-01-31", "why=x"],
        [judge(["same", "p0", "p30", "Ana", "", ""])],
        ["scores=scores"],
        ["refresh=true"],
    ):
        piped(monkeypatch, "+44 7700 900020")
        assert call(monkeypatch, "link", "bank=bank", *asked) == 2, asked
        assert "log.jsonl has 0 lines, and had 1 when the bank was" in capsys.readouterr().err
    for path in Path("aside").iterdir():
        path.rename(Path("bank") / path.name)
    assert not Path("bank/judgements.jsonl").read_bytes()
    assert start("refresh=true") == 0
    assert [one.act for one in read_log(Path("bank"))] == ["build", "build"]
    assert start("verify=true") == 0


def test_fewer_reviews_than_before_are_refused(run, capsys):
    assert run("scores=scores", "reviews=elsewhere.jsonl") == 2
    assert "give the file that holds them all as reviews=" in capsys.readouterr().err


def test_a_day_to_come_is_not_looked_back_at(run, capsys):
    assert run("as_of=2999-01-01") == 2
    assert "is to come" in capsys.readouterr().err


@pytest.mark.slow
def test_names_of_an_earlier_day_are_never_given_by_the_bank(run, monkeypatch):
    today = table("builds")[-1]["built_at"].date()
    same = judge(["same", "p0", "p30", "Ana", "", ""])
    later = table("builds")[-1]["built_at"].replace(year=today.year + 1)
    monkeypatch.setattr("adverts_findings.link._now", lambda: later)
    monkeypatch.setattr("adverts.moments.now", lambda: later)
    assert run(same, "retain_days=3000") == 0
    assert call(monkeypatch, "link", "bank=bank", f"as_of={today}") == 0
    told = [json.loads(one) for one in (
        Path(f"bank/as-of-{today}") / "campaigns.jsonl").read_text().splitlines()]  # fmt: skip
    names = {one["campaign"] for one in told}
    given = {one["campaign"] for one in table("campaigns")}
    assert all(one in given or int(one[1:]) > 1_000_000_000 for one in names)


def test_all_that_was_collected_is_counted_once_and_scores_stay_with_adverts(start):
    for _ in range(2):
        assert start("scores=scores") == 0
        counted = table("collected")
        assert sum(one["adverts"] for one in counted) == POSTS
        assert sum(one["judged"] for one in counted) == len(REFERRED) + 2
        assert {one["source"] for one in counted} == {"scores"}
        assert all(one["week"] is None or one["week"].weekday() == 0 for one in counted)
    assert start("scores=" + str(Path("scores").absolute())) == 0
    assert sum(one["adverts"] for one in table("collected")) == POSTS
    assert all(one["review_band"] for one in table("adverts"))
    assert any(one["score"] is not None for one in table("adverts"))
    Path("ids.txt").write_text("p0\n")
    assert start("erase=ids.txt") == 0
    assert sum(one["adverts"] for one in table("collected")) == POSTS


@pytest.mark.slow
def test_what_is_new_is_a_page_that_erasing_removes_and_the_log_knows(start, capsys):
    assert start("since=2026-W01") == 2
    assert "holds no bank" in capsys.readouterr().err
    assert start("scores=scores") == 0
    assert start("since=2026-W54") == 2
    assert "is no week; give one such as 2026-W44" in capsys.readouterr().err
    assert not Path("bank/pages").exists()
    assert start("since=2026-01-01") == 0
    out = capsys.readouterr().out
    assert "since 2026-W01, that is 2025-12-29, by build 1" in out
    assert Path("bank/pages/new-2026-W01.html").is_file()
    assert "new since 2026-W01" in Path("bank/log.jsonl").read_text()
    assert start("since=2026-W01", "scores=scores") == 2
    Path("ids.txt").write_text("p0\n")
    assert start("erase=ids.txt") == 0
    assert not Path("bank/pages").exists()


OTHER_KEY = "another key of sixteen bytes or more"


@pytest.mark.promise
@pytest.mark.parametrize(("posts", "lost"), [(POSTS, 0), (POSTS - 50, 5)], ids=["all", "some"])
def test_tokens_of_another_key_replace_all_adverts_or_none(run, bundle, capsys, posts, lost):
    had, before = campaigns(), hashes_of("bank")
    shutil.rmtree("scores")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drawn_sample.KEY", OTHER_KEY)
        score_posts(patch, bundle, Path.cwd(), posts)
        capsys.readouterr()
        assert run("scores=scores", "rekey=true") == (2 if lost else 0)
    if lost:
        assert f"{lost} adverts of the bank, such as p350, would be lost" in capsys.readouterr().err
        assert hashes_of("bank") == before
    assert {*campaigns().values()} == {*had.values()}


def hashes_of(folder):
    """Return the hash of each file but the log of who looked."""
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and "log" not in path.name
    }
