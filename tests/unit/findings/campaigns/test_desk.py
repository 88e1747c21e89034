"""Work with a bank: what people say lasts, and what may be kept no longer is shown to nobody."""

from __future__ import annotations

import csv
import datetime
import json
import shutil
from dataclasses import replace

import pytest
from made_linking import START, campaign, entrants, token

from adverts import moments
from adverts.data.dataset.tombstones import Tombstones
from adverts.errors import InputError, IntegrityError
from adverts.inputs.contacts.token_key import token_key_id
from adverts_findings.campaigns.bank.access_log import read_log, verify_log
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank.write_bank import write_build
from adverts_findings.campaigns.bank_pages import AskedPages
from adverts_findings.campaigns.build import Circumstances, make_build, memory_of
from adverts_findings.campaigns.desk import Desk
from adverts_findings.campaigns.entering.gather import Held, gather
from adverts_findings.campaigns.entering.inputs import Input, candidates_table
from adverts_findings.campaigns.entering.words import Words
from adverts_findings.campaigns.look_back import look_back
from adverts_findings.campaigns.rebuild import read_before
from adverts_findings.campaigns.record_files import preview_files, record_files
from adverts_findings.campaigns.reveal import Sources, reveal
from adverts_findings.campaigns.rules import LinkingRules
from adverts_findings.campaigns.verify_bank import verify_bank
from adverts_findings.campaigns.write_sheet import write_sheet

KEY = b"a key of tests only"
BUILT = START + datetime.timedelta(days=100)
NOW = BUILT + datetime.timedelta(days=10)


@pytest.fixture(autouse=True)
def late_clock(monkeypatch):
    """The clock of the machine is past all times of these tests."""
    monkeypatch.setattr(moments, "now", lambda: NOW + datetime.timedelta(days=400))


PHONE, OTHER = token("PHONE", "one"), token("PHONE", "two")
SOURCE = "scores/made-up"


def shown(name, days, value, account, *, last_day=None):
    """Return adverts of one advertiser, which may be kept until a day."""
    table = entrants(campaign(name, days, contacts=[value], account=account))
    more = {"retain_until": last_day, "picture_hashes": []}
    return table.from_pylist([one | more for one in table.to_pylist()], schema=table.schema)


def adverts(*, last_day=None):
    """Return adverts of two advertisers; those of the second may be kept until a day."""
    other = shown("b", range(0, 30, 5), OTHER, "two", last_day=last_day)
    return [shown("a", range(0, 30, 3), PHONE, "one"), other]


def build(folder, parts, judgements=(), *, erased=(), at=BUILT):
    """Build a bank or extend it; return its tables."""
    before = read_before(folder)
    held = None
    if before:
        held = Held(
            before["adverts"],
            before["candidates"],
            token_key_id(KEY),
            before["restricted"],
            {},
            before["barred"],
        )
    inputs = [
        Input(f"part {i}", str(i), token_key_id(KEY), part, candidates_table([]), frozenset(), 1)
        for i, part in enumerate(parts)
    ]
    gathered = gather(inputs, held, Words(), erased=Tombstones().and_of(erased), today=at.date())
    made = make_build(
        gathered, judgements, LinkingRules(), Circumstances({}, {}, "test", at), before=before
    )
    write_build(folder, made.tables, expected=memory_of(before).build or None)
    return made.tables


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A bank of two advertisers, which no test changes."""
    folder = tmp_path_factory.mktemp("built") / "bank"
    build(folder, adverts())
    return folder


@pytest.fixture
def folder(built, tmp_path):
    return shutil.copytree(built, tmp_path / "bank")


def desk(folder, now=NOW, why="request 12"):
    return Desk(folder, "Ana", why, now)


def say(folder, *rows, now=NOW):
    """Record rows of a file of judgements, and build; return the tables."""
    path = folder.parent / "judged.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["said", "first", "second", "by", "at", "why"])
        writer.writerows(rows)
    told = record_files(desk(folder, now), [path])
    return build(folder, [], desk(folder).judgements(), at=now), told


def identity(tables, value=PHONE):
    return next(one for one in tables["identities"].to_pylist() if one["value"] == value)


def test_a_standing_is_in_the_table_with_who_says_it_and_why(folder):
    name = identity(read_before(folder))["identity"]
    tables, _ = say(folder, ["victim", name, "", "Ana", "", "told us"])
    assert identity(tables)["standing"] == "victim"
    assert identity(tables, OTHER)["standing"] == "unknown"
    [said] = tables["said"].to_pylist()
    assert (said["level"], said["name"], said["said"]) == ("identity", name, "victim")
    assert (said["by"], said["why"], said["counts"]) == ("Ana", "told us", True)


def test_a_standing_holds_after_growth_erasure_and_a_build_at_once(folder, tmp_path):
    name = identity(read_before(folder))["identity"]
    say(folder, ["victim", name, "", "Ana", "", "told us"])
    words = desk(folder).judgements()
    later = shown("z", [31, 33], PHONE, "one")
    erased = ["a-009", "a-000"]
    grown = build(folder, [later], words, erased=erased, at=NOW)
    assert identity(grown)["standing"] == "victim"
    whole = build(tmp_path / "at once", [*adverts(), later], words, erased=erased, at=NOW)
    assert identity(whole)["standing"] == "victim"
    assert all(one["holds"] for one in whole["judged"].to_pylist())


def test_a_standing_whose_adverts_all_left_is_reported_by_name(folder):
    name = identity(read_before(folder))["identity"]
    say(folder, ["victim", name, "", "Ana", "", "told us"])
    words = desk(folder).judgements()
    left = build(folder, [], words, erased=[f"a-{one:03}" for one in range(10)], at=NOW)
    [judged] = left["judged"].to_pylist()
    assert (judged["judgement"], judged["holds"]) == (words[0].id, False)
    assert name in judged["why"]
    assert "a-0" not in judged["why"]
    assert left["said"].to_pylist() == []


def test_identities_that_a_later_advert_joins_follow_the_id_that_is_left(tmp_path):
    folder = tmp_path / "bank"
    early, late = shown("a", [0, 5], PHONE, "one"), shown("b", [50, 55], PHONE, "one")
    before = build(folder, [early, late])
    names = [one["identity"] for one in before["identities"].to_pylist() if one["value"] == PHONE]
    assert len(names) == 2
    rows = [["suspect", one, "", "Ana", "", "seen"] for one in names]
    build(folder, [shown("c", [27], PHONE, "one")])
    tables, told = say(folder, rows[1])
    assert [one["value"] for one in tables["identities"].to_pylist()].count(PHONE) == 1
    assert identity(tables)["standing"] == "suspect"
    assert identity(tables)["identity"] in names


def test_a_grade_and_its_undoing(folder):
    tables, _ = say(folder, ["grade", SOURCE, "2b", "Ana", "", "seldom wrong"])
    [said] = tables["said"].to_pylist()
    assert (said["level"], said["name"], said["said"]) == ("source", SOURCE, "2B")
    tables, _ = say(folder, ["undo", said["judgement"], "", "Ana", "", ""])
    assert tables["said"].to_pylist() == []


def test_a_judgement_written_for_yesterday_changes_nothing_of_what_yesterday_knew(folder):
    yesterday = NOW - datetime.timedelta(days=1)
    name = identity(read_before(folder))["identity"]
    before = look_back(desk(folder), yesterday.date()).made.tables
    at = (BUILT + datetime.timedelta(days=2)).isoformat()
    say(folder, ["same", "a-000", "b-000", "Ana", at, ""], ["victim", name, "", "Ana", at, "told"])
    after = look_back(desk(folder), yesterday.date()).made.tables
    for table in ("identities", "edges", "judged", "said"):
        names = [one for one in before[table].column_names if one != "campaign"]
        assert after[table].select(names).equals(before[table].select(names)), table
    assert len(set(after["adverts"]["campaign"].to_pylist())) == 2
    today = look_back(desk(folder), NOW.date()).made.tables
    assert identity(today)["standing"] == "victim"
    assert len(today["judged"]) == 2


def test_what_was_undone_later_was_known_before(folder):
    name = identity(read_before(folder))["identity"]
    say(folder, ["victim", name, "", "Ana", "", "told us"])
    [word] = desk(folder).judgements()
    later = NOW + datetime.timedelta(days=2)
    tables, _ = say(folder, ["undo", word.id, "", "Ana", BUILT.isoformat(), ""], now=later)
    assert identity(tables)["standing"] == "unknown"
    assert identity(look_back(desk(folder, later), NOW.date()).made.tables)["standing"] == "victim"


def test_ids_of_what_was_recorded_are_told_and_take_it_back(folder):
    _, told = say(folder, ["same", "a-000", "b-000", "Ana", "", ""])
    [judgement] = desk(folder).judgements()
    assert f"{judgement.id}: same a-000 b-000" in told
    say(folder, ["undo", judgement.id, "", "Ana", "", ""])
    assert len(desk(folder).judgements()) == 2


def test_refused_files_are_not_logged_and_their_faults_are_told_together(folder, tmp_path):
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    header = "said,first,second,by,at,why\n"
    one.write_text(header + "same,a-000,nobody,Ana,,\nmerge,c1,c1,,,\nsame,a-000,b-000,Ana,,\n")
    other.write_text(header + "samee,a-000,b-000,Ana,,\n")
    with pytest.raises(InputError) as error:
        record_files(desk(folder), [one, other, tmp_path / "none.csv"])
    told = str(error.value)
    for wanted in ("no advert nobody", "are the same", "by is empty", "samee", "none.csv is no"):
        assert wanted in told
    assert told.endswith("nothing was recorded")
    assert read_log(folder) == ()
    assert desk(folder).judgements() == ()


def test_a_file_that_says_nothing_new_is_not_logged_again(folder):
    for _ in range(2):
        say(folder, ["same", "a-000", "b-000", "Ana", "", ""])
    [line] = read_log(folder)
    assert (line.act, line.asked.value) == ("judgement", "1 judgement of judged.csv")


def test_a_preview_records_and_logs_nothing(folder, tmp_path):
    path = tmp_path / "judged.csv"
    path.write_text("said,first,second,by,at,why\nsame,a-000,b-000,Ana,,\n")
    told, judgements = preview_files(desk(folder), [path])
    assert told == ("1 judgement to record, 0 known before",)
    assert len(judgements) == 1
    assert read_log(folder) == ()
    assert desk(folder).judgements() == ()


def test_a_sheet_of_another_bank_is_refused_whatever_its_build(folder, tmp_path):
    other = tmp_path / "other"
    build(other, adverts(), at=BUILT + datetime.timedelta(seconds=1))
    sheet = write_sheet(desk(other), 4, seed=0).path
    with pytest.raises(InputError, match=r"pairs.csv is of the bank '[0-9a-f]{16}', and this is"):
        record_files(desk(folder), [sheet])
    assert record_files(desk(other), [sheet])


def test_a_bank_keeps_its_id_through_builds(folder):
    ids = {memory_of(read_before(folder)).bank}
    say(folder, ["same", "a-000", "b-000", "Ana", "", ""])
    ids.add(memory_of(read_before(folder)).bank)
    assert len(ids) == 1
    assert len(ids.pop()) == 16


def test_a_sheet_with_fewer_pairs_than_asked_says_why(folder):
    few = write_sheet(desk(folder), 500, seed=0)
    assert few.pairs == few.left < 500
    assert str(few).endswith("not 500: no other pairs share something and are not judged yet")
    some = write_sheet(desk(folder), 8, seed=0)
    assert f"holds {some.pairs} pairs to judge" in str(some)


LAST_DAY = (NOW - datetime.timedelta(days=1)).date()


@pytest.fixture(scope="module")
def built_early(tmp_path_factory):
    """A bank whose second advertiser may be kept no longer, which no test changes."""
    folder = tmp_path_factory.mktemp("built early") / "late"
    build(folder, adverts(last_day=LAST_DAY))
    return folder


@pytest.fixture
def late(built_early, tmp_path):
    """A bank whose second advertiser may be kept no longer, and which was not built since."""
    return shutil.copytree(built_early, tmp_path / "late")


def test_adverts_beyond_their_last_day_are_on_no_sheet_and_in_nothing_of_an_earlier_day(late):
    then = look_back(desk(late), BUILT.date())
    assert then.hidden == 6
    assert {one[0] for one in then.made.tables["adverts"]["id"].to_pylist()} == {"a"}
    sheet = write_sheet(desk(late), 500, seed=0).path.read_text(encoding="utf-8-sig")
    assert '"a-000"' in sheet
    assert '"b-0' not in sheet


def test_on_its_last_day_an_advert_is_still_shown(late):
    on_it = desk(late, now=NOW - datetime.timedelta(days=1))
    assert look_back(on_it, BUILT.date()).hidden == 0
    assert on_it.hide_overdue() == 0


def test_pages_and_sheets_that_may_show_them_are_removed(late):
    early = desk(late, now=BUILT)
    early.write_pages(read_before(late), [], most=9)
    early.write_pages(look_back(early, BUILT.date()).made.tables, [], most=9, day=BUILT.date())
    write_sheet(early, 8, seed=0)
    assert early.hide_overdue() == 0
    assert len([one for one in late.iterdir() if one.is_dir()]) == 3
    assert desk(late).hide_overdue() == 6
    assert not [one for one in late.iterdir() if one.is_dir()]


def test_pages_of_campaigns_are_refused_while_they_may_show_them(late, folder):
    with pytest.raises(InputError, match="may show them; run adverts link bank=.* refresh=true"):
        desk(late).write_campaign_pages(["c000001"])
    assert not (late / "pages").exists()
    assert desk(folder).write_campaign_pages(["c000001"])


def test_a_bank_is_opened_once_to_look_for_what_nobody_may_see(late, folder, monkeypatch):
    opened = []

    def counted(place):
        opened.append(place)
        return open_bank(place)

    monkeypatch.setattr("adverts_findings.campaigns.desk.open_bank", counted)
    with desk(late).steady() as overdue:
        assert overdue == 6
    assert opened == [late]
    assert desk(folder).write_campaign_pages(["c000001"])
    assert opened == [late, folder]


def test_a_token_that_only_they_show_is_not_revealed(late):
    with pytest.raises(InputError, match="is not in the bank"):
        reveal(desk(late), OTHER.encode(), Sources(root=late), key=KEY)
    [found] = reveal(desk(late), PHONE.encode(), Sources(root=late), key=KEY)
    assert found.token == PHONE


def test_candidates_that_expired_remove_no_pages(tmp_path):
    waiting = [{"id": "w", "source": SOURCE, "expires": LAST_DAY}]
    made = build(tmp_path / "bank", adverts())
    candidates = made["candidates"].from_pylist(waiting, schema=made["candidates"].schema)
    folder = tmp_path / "waiting"
    write_build(folder, {**made, "candidates": candidates}, expected=None)
    desk(folder).write_pages(made, [], most=9)
    assert desk(folder).hide_overdue() == 0
    assert (folder / "pages").exists()
    assert "1 advert is kept beyond the last day" in verify_bank(desk(folder))


def test_verifying_says_how_many_are_kept_too_long(late, folder):
    assert verify_bank(desk(late)).endswith("6 adverts are kept beyond the last day; "
                                        "refresh=true takes them out")  # fmt: skip
    build(late, [], at=NOW)
    assert "beyond" not in verify_bank(desk(late))
    assert "beyond" not in verify_bank(desk(folder))


def test_pages_that_look_back_say_so_on_each(folder):
    at_work = desk(folder)
    then = look_back(at_work, BUILT.date())
    first = at_work.write_pages(then.made.tables, [], most=9, day=BUILT.date())
    pages = sorted(first.parent.glob("*.html"))
    assert len(pages) == 4
    for page in pages:
        text = page.read_text()
        assert f", as known on {BUILT.date()}</title>" in text
        assert f"it shows what was known on {BUILT.date()}" in text
        assert "after build" not in text.split("<nav")[0]
    assert json.loads((first.parent / "index.json").read_text())["as_of"] == str(BUILT.date())
    now = at_work.write_pages(read_before(folder), [], most=9)
    assert all("looks back" not in one.read_text() for one in now.parent.glob("*.html"))


def test_a_page_says_who_says_what_and_why_apart_from_fact_and_without_contacts(folder):
    name = identity(read_before(folder))["identity"]
    why = "called +44 7700 900123, <b>she</b> was made to"
    tables, _ = say(
        folder,
        ["victim", name, "", "Ana", "", why],
        ["suspect", name, "", "Ben", "", "owns it"],
        ["grade", SOURCE, "2B", "Ana", "", "seldom wrong"],
    )
    first = desk(folder).write_pages(tables, [], most=9)
    page = (first.parent / "c000001.html").read_text()
    fact, standing = page.split('id="assessment"')[0], page.split('id="standing"')[1]
    assert "victim" not in fact
    assert "2B" not in fact
    for wanted in (name, "victim", "suspect", "Ben", "owns it", "neither counts", "&lt;b&gt;she"):
        assert wanted in standing
    assert "2B: source untested; what it says: known indirectly, but corroborated" in page
    for one in first.parent.iterdir():
        assert "900123" not in one.read_text()


def logged(folder, day, who):
    at = datetime.datetime.combine(day, datetime.time(23, 59), datetime.UTC)
    replace(desk(folder), who=who, now=at).log("find", token("PHONE", who))


def test_who_asked_is_forgotten_until_a_day_and_the_chain_holds(folder):
    day = NOW.date() - datetime.timedelta(days=3)
    for ago in (5, 3, 2):
        logged(folder, NOW.date() - datetime.timedelta(days=ago), f"Person {ago}")
    assert desk(folder).forget_log(day) == 2
    told = (folder / "log.jsonl").read_text()
    assert "Person 5" not in told
    assert "Person 3" not in told
    assert "Person 2" in told
    assert verify_log(folder) == 4
    last = read_log(folder)[-1]
    assert (last.act, last.who.value) == ("erasure", "Ana")
    assert last.asked.value == f"personal fields of the log until {day}"
    assert desk(folder).forget_log(day) == 0


def test_a_day_that_is_not_over_is_not_forgotten(folder):
    logged(folder, NOW.date(), "Person")
    with pytest.raises(InputError, match="is not over; give a day before today"):
        desk(folder).forget_log(NOW.date())
    assert "Person" in (folder / "log.jsonl").read_text()


def test_a_log_that_was_changed_is_refused_and_not_written_on(folder):
    logged(folder, BUILT.date(), "Person")
    changed = (folder / "log.jsonl").read_bytes().replace(b"Person", b"Nobody")
    (folder / "log.jsonl").write_bytes(changed)
    with pytest.raises(IntegrityError, match="line 1: it is not what was written"):
        desk(folder).forget_log(BUILT.date())
    assert (folder / "log.jsonl").read_bytes() == changed


def test_a_bank_that_was_never_asked_has_nothing_to_forget(folder):
    assert desk(folder).forget_log(BUILT.date()) == 0
    with open_bank(folder) as bank:
        assert bank.build == 1


def recorded_only(at_work, ids=("a-000",)):
    """Record adverts as erased, as an erasure does whose build did not end."""
    at_work.forget(ids)


def test_a_build_that_still_holds_erased_adverts_is_shown_to_nobody(folder):
    at_work = desk(folder)
    recorded_only(at_work)
    refused = pytest.raises(InputError, match="still holds 1 erased advert, .* refresh=true")
    with refused, at_work.steady():
        pytest.fail("nothing may be shown")
    with pytest.raises(InputError, match="still holds 1 erased advert"):
        at_work.write_campaign_pages(["c000001"])
    assert "1 erased advert still in it: run refresh=true" in verify_bank(at_work)
    build(folder, [], erased=["a-000"], at=NOW)
    with at_work.steady():
        pass
    assert "still in it" not in verify_bank(at_work)


def test_what_was_written_while_adverts_were_erased_is_removed(folder):
    at_work = desk(folder)

    def meanwhile():
        then = look_back(at_work, BUILT.date())
        recorded_only(at_work)
        build(folder, [], erased=["a-000"], at=NOW)
        at_work.write_pages(then.made.tables, most=9, day=BUILT.date())
        write_sheet(at_work, 8, seed=0)

    with pytest.raises(InputError, match="erased from meanwhile"), at_work.steady():
        meanwhile()
    assert not [one for one in folder.iterdir() if one.is_dir()]


def test_pages_of_a_build_from_which_adverts_were_erased_meanwhile_are_refused(folder):
    at_work = desk(folder)
    tables = read_before(folder)
    build(folder, [], erased=["a-000"], at=NOW)
    with pytest.raises(InputError, match="erased from meanwhile"):
        at_work.write_pages(tables, most=9)
    assert not (folder / "pages").exists()


def test_pages_of_campaigns_whose_tables_were_read_before_an_erasure_are_removed(
    folder, monkeypatch
):
    at_work = desk(folder)

    class Slow(AskedPages):
        def write(self, pages):
            recorded_only(at_work)
            return super().write(pages)

    monkeypatch.setattr("adverts_findings.campaigns.desk.AskedPages", Slow)
    with pytest.raises(InputError, match="erased from meanwhile"):
        at_work.write_campaign_pages(["c000001"])
    assert not (folder / "pages").exists()


def test_a_room_that_leads_out_of_the_bank_is_refused(folder, tmp_path):
    (tmp_path / "away").mkdir()
    (folder / "sheets").symlink_to(tmp_path / "away")
    with pytest.raises(InputError, match="leads out of the bank"):
        write_sheet(desk(folder), 8, seed=0)
    assert not list((tmp_path / "away").iterdir())
