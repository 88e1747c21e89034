"""The verb share, through the command line: from scored posts to notices, and back."""

from __future__ import annotations

import csv
import dataclasses
import datetime
import json
import random
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from calling import call
from drawn_sample import KEY

from adverts.data.review.reviews import Review, append_reviews, item_name, read_reviews
from adverts_findings.campaigns.bank.access_log import read_log
from adverts_findings.campaigns.bank.erased_ids import add_erased
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.config.campaigns import LinkConfig
from adverts_findings.sharing.ledger.open_ledger import read_ledger

EXPIRES = datetime.date.today() + datetime.timedelta(days=60)
COLUMNS = ("platform", "posted_at", "collected_at", "account", "url", "platform_item_id")
PARTNER = """
partner:
  name: Demo partner
  kinds: [notice, hashes, stix, misp]
  purposes: [removal]
  sensitivity_ceiling: operational_restricted
  licences: [own]
  legal_basis: made-up basis
  platforms: [aster]
  regime: voluntary
  laws: []
  contact: trust@partner.example
  approvers: [Ada Demo]
  language: en
  longest_days: 100
  tlp: amber
  to_ids: false
  block: false
"""


def write_posts(path: Path) -> None:
    """Write forty posts of eight advertisers, each with a fictional phone of its own."""
    draw = random.Random(3)
    day = datetime.datetime(2026, 10, 26, tzinfo=datetime.UTC)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", *COLUMNS])
        for number in range(40):
            who = number // 5
            words = " ".join(f"w{draw.randrange(60)}" for _ in range(9))
            at = (day + datetime.timedelta(hours=number * 3)).isoformat()
            url = f"https://aster.example/posts/{number}?utm_source=x"
            cells = ["aster", at, "2026-11-01", f"demo_fictional_{who:02d}", url, f"native{number}"]
            writer.writerow([f"p{number}", f"{words} call +44 7700 900{who:03d}", *cells])


def reviewed(number: int, label: str = "yes", reviewer: str = "Cleo Demo", day: int = 2) -> Review:
    """Return a person's word on a post."""
    return Review(
        item=item_name(f"p{number}"),
        task="refer",
        label=label,
        reviewer=reviewer,
        reviewed_at=f"2026-11-{day:02d}T10:00:00+00:00",
        blind=True,
        round=1,
        sample="0" * 64,
        design="learn",
        codebook="refer 000000000000",
    )


@pytest.fixture(scope="module")
def linked(bundle, tmp_path_factory):
    """A folder with posts, scores, reviews, a bank, and a recipient."""
    folder = tmp_path_factory.mktemp("linked")
    write_posts(folder / "posts.csv")
    (folder / "conf/recipients").mkdir(parents=True)
    (folder / "conf/recipients/partner.yaml").write_text(PARTNER)
    append_reviews(folder / "reviews.jsonl", [reviewed(number) for number in range(20)])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ADVERTS_TOKEN_KEY", KEY)
        named = [f"data.columns.{one}={one}" for one in COLUMNS]
        source = ["data=csv", f"data.root={folder}", "data.source.paths=[posts.csv]", *named]
        asked = [*source, "data.licence=own", f"bundle={bundle}", "scores=scores"]
        more = ["evidence=restricted", "executor.processes=1"]
        assert call(patch, "score", *asked, *more) == 0
        linking = ["bank=bank", "scores=scores", "reviews=reviews.jsonl", "pages=2"]
        assert call(patch, "link", *linking) == 0
    return folder


@pytest.fixture
def desk(linked, tmp_path, monkeypatch):
    """The current folder: a copy of all that."""
    shutil.copytree(linked, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", KEY)
    return tmp_path / "copy"


def campaigns() -> list[str]:
    """Return the campaigns of the bank, the largest first."""
    with open_bank(Path("bank")) as bank:
        rows = bank.table("campaigns", ("campaign", "adverts", "closed_build")).to_pylist()
    there = [one for one in rows if one["closed_build"] is None]
    return [
        one["campaign"] for one in sorted(there, key=lambda one: (-one["adverts"], one["campaign"]))
    ]


def asked(*more: str, share_dir: str = "out", kinds: str = "notice") -> list[str]:
    """Return the arguments that share all adverts of the largest campaign."""
    given = ["-cd", "conf", "recipients=[partner]", "bank=bank", "scores=[LINKED/scores]"]
    who = ["recipient=partner", "approved_by=Ada Demo", "purpose=removal", f"expires={EXPIRES}"]
    chosen = [f"campaigns=[{campaigns()[0]}]", f"kinds=[{kinds}]", f"share_dir={share_dir}"]
    return [*given, *who, *chosen, "reviews=reviews.jsonl", "tracking=none", *more]


@pytest.fixture
def share(desk, linked, monkeypatch, capsys):
    """Run ``adverts share …``; return its status, and all that it printed."""

    def run(*arguments: str) -> tuple[int, str]:
        given = [one.replace("LINKED", str(linked)) for one in arguments]
        status = call(monkeypatch, "share", *given)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def other(*more: str) -> list[str]:
    """Return the arguments of what is done with the ledger."""
    given = ["-cd", "conf", "recipients=[partner]", "reviews=reviews.jsonl", "tracking=none"]
    return [*given, *more]


def test_a_campaign_becomes_notices_a_line_of_the_ledger_and_one_of_the_log(share):
    status, said = share(*asked())
    assert status == 0, said
    [entry] = read_ledger(Path("shared.jsonl"))
    notices = json.loads(Path("out/send/notices.json").read_bytes())["notices"]
    assert len(notices) == len(entry.shared.items) == 5
    assert {one["reference"] for one in notices} == {one.reference for one in entry.shared.items}
    logged = next(one for one in read_log(Path("bank")) if one.act == "share")
    assert logged.asked.value.startswith(f"{entry.reference} with partner: notice of ")
    assert f"{entry.reference}: 5 items for partner" in said
    assert (Path("out/keep/items.csv").read_text().count("\n")) == 6


def test_no_contact_account_id_or_name_leaves(share):
    status, said = share(*asked())
    assert status == 0
    sent = "".join(one.read_text() for one in Path("out/send").iterdir())
    campaign = campaigns()[0]
    for one in (
        "7700 9",
        "77009",
        "demo_fictional",
        "Cleo",
        "Ada",
        campaign,
        "utm_source",
        "PHONE:",
        *IDS,
    ):
        assert one not in sent, one
    assert "7700 9" not in said
    assert "https://aster.example/posts/" in sent


IDS = [f'"p{number}"' for number in range(40)] + [item_name(f"p{number}") for number in range(40)]


def test_a_folder_that_was_sent_is_verified_and_a_changed_one_is_named(share):
    share(*asked())
    assert share(*other("verify=out/send"))[0] == 0
    Path("out/send/notices.csv").write_text("reference\n")
    status, said = share(*other("verify=out/send"))
    assert status == 1
    assert "notices.csv" in said


def test_a_ledger_that_was_cut_or_begun_anew_is_named(share):
    share(*asked())
    for one in (Path("shared.jsonl"), Path("shared_count.json")):
        one.unlink()
    status, said = share(*other("verify=out/send"))
    assert status == 2
    assert "\n" not in said.strip()
    assert "ledger" in said


@pytest.mark.slow
def test_what_a_person_calls_an_error_later_is_withdrawn_once(share):
    share(*asked())
    append_reviews(Path("reviews.jsonl"), [reviewed(number, "no", day=9) for number in range(20)])
    status, said = share(*other("withdraw=true", "bank=bank", "share_dir=due"))
    assert status == 0, said
    assert "5 items withdrawn from partner" in said
    assert json.loads(Path("due/partner/send/withdrawn.json").read_bytes())
    assert (
        "nothing has to be withdrawn"
        in share(*other("withdraw=true", "bank=bank", "share_dir=d2"))[1]
    )
    assert len(read_ledger(Path("shared.jsonl"))) == 2


def test_what_was_erased_from_the_bank_is_withdrawn(share, monkeypatch):
    share(*asked())
    with Path("out/keep/items.csv").open() as file:
        first = next(csv.DictReader(file))
    Path("ids.txt").write_text(f"{first['advert']}\n")
    assert call(monkeypatch, "link", "bank=bank", "erase=ids.txt", "reviews=reviews.jsonl") == 0
    status, said = share(*other("withdraw=true", "bank=bank", "share_dir=due"))
    assert status == 0, said
    withdrawn = read_ledger(Path("shared.jsonl"))[-1].withdrawn
    assert withdrawn.causes[first["reference"]] == "left the bank"


def test_answers_are_read_and_a_reversal_is_withdrawn_and_bars_the_advert(share):
    share(*asked())
    [entry] = read_ledger(Path("shared.jsonl"))
    first, second = (one.reference for one in entry.shared.items[:2])
    header = "reference,answer,at,where,ground,automated,statement_id,appeal\n"
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    rows = f"{first},removed,{at},,,yes,,none\n{second},kept,{at},,,no,s1,reversed\n"
    Path("answers.csv").write_text(header + rows)
    status, said = share(*other("outcome=answers.csv"))
    assert status == 2
    assert "share_dir" in said
    assert len(read_ledger(Path("shared.jsonl"))) == 1
    status, said = share(*other("outcome=answers.csv", "share_dir=back"))
    assert status == 0, said
    assert "2 answers recorded" in said
    assert second in read_ledger(Path("shared.jsonl"))[-1].withdrawn.causes
    status, said = share(*asked(share_dir="again"))
    assert status == 1, said
    assert "nothing may leave" in said


def test_the_report_counts_what_is_out(share):
    share(*asked())
    status, said = share(*other("report_dir=report"))
    assert status == 0
    assert "partner" in said
    assert "5" in said
    assert list(Path("report").glob("*.html"))


def test_a_probability_that_is_not_calibrated_is_not_shared(share):
    with open_bank(Path("bank")) as bank:
        rows = bank.table("campaigns", ("probability", "calibrated")).to_pylist()
    assert any(one["probability"] is not None for one in rows)
    assert not any(one["calibrated"] for one in rows)
    share(*asked())
    [entry] = read_ledger(Path("shared.jsonl"))
    assert set(entry.shared.probability.values()) == {-1.0}


def test_hashes_without_negatives_are_refused_and_said(share):
    status, said = share(*asked(kinds="hashes"))
    assert status == 1
    assert "negatives=" in said
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["approved_by=Cleo Demo"], "approve"),
        (["purpose=fun"], "purpose"),
        (["expires=2020-01-01"], "expires"),
        (["action=block"], "block"),
        (["campaigns=[C999]"], "campaign 'c000999'"),
    ],
)
def test_an_order_that_is_not_allowed_is_one_line_and_leaves_nothing(share, arguments, told):
    status, said = share(*asked(*arguments))
    assert status == 2
    assert told in said
    assert not Path("out").exists()
    assert not read_ledger(Path("shared.jsonl"))


@pytest.mark.parametrize(
    "asked_of",
    [
        ["retract=R-0000000000000000", "reason=wrong", "share_dir=back"],
        pytest.param(["withdraw=true", "bank=bank", "share_dir=back"], marks=pytest.mark.slow),
        pytest.param(["confirm=W-0000000000000000"], marks=pytest.mark.slow),
        ["verify=out/send"],
    ],
)
def test_a_ledger_that_was_mistyped_is_said_and_not_begun(share, asked_of):
    share(*asked())
    status, said = share(*other(*asked_of, "ledger=shred.jsonl"))
    assert status == 2
    assert "shred.jsonl" in said
    assert not Path("shred.jsonl").exists()
    assert not Path("back").exists()


def test_the_page_of_a_campaign_says_with_whom_it_was_shared(share, monkeypatch):
    share(*asked())
    name = campaigns()[0]
    assert call(monkeypatch, "link", "bank=bank", f"campaign={name}") == 0
    page = Path(f"bank/pages/{name}.html").read_text()
    assert "partner" in page
    assert read_ledger(Path("shared.jsonl"))[0].reference in page


def test_a_signal_of_danger_holds_adverts_until_a_person_closes_it(share, monkeypatch):
    items = f"items=[{','.join(item_name(f'p{number}') for number in range(20))}]"
    word = [items, "approved_by=Dee Demo"]
    status, said = share(*other("danger=minor_present", *word, "reason=a child in the picture"))
    assert status == 0, said
    status, said = share(*asked())
    assert status == 1
    assert "held for safeguarding: minor_present" in said
    assert not Path("shared.jsonl").exists() or not read_ledger(Path("shared.jsonl"))
    assert share(*other("danger=closed", *word, "reason=child protection knows"))[0] == 0
    status, said = share(*asked())
    assert status == 1
    assert "the account that shares it reviewed it, under another name" in said
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "ada")
    monkeypatch.setattr("os.uname", lambda: SimpleNamespace(nodename="elsewhere"))
    assert share(*asked())[0] == 1
    ada = SimpleNamespace(pw_name="ada")
    monkeypatch.setattr("pwd.getpwuid", lambda _: ada)
    status, said = share(*asked())
    assert status == 0, said
    status, said = share(*other("danger=closed", *word, "reason=again"))
    assert status == 2
    assert "nothing to close" in said


def _count_gone() -> None:
    lines = [json.loads(one) for one in Path("reviews.jsonl").read_text().splitlines()]
    kept = [{name: one[name] for name in one if name not in CHAIN} for one in lines]
    Path("reviews.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in kept))
    Path("reviews_count.json").unlink(missing_ok=True)


def _line_gone() -> None:
    lines = Path("reviews.jsonl").read_text().splitlines(keepends=True)
    Path("reviews.jsonl").write_text("".join(lines[:-1]))


def _older_backup() -> None:
    for one in Path("backup").iterdir():
        shutil.copyfile(one, one.name)


def _chain_and_line_gone() -> None:
    _line_gone()
    _count_gone()


def _chain_gone_and_answer_changed() -> None:
    _count_gone()
    text = Path("reviews.jsonl").read_text()
    Path("reviews.jsonl").write_text(text.replace('"minor_present"', '"none"'))


def _file_gone() -> None:
    for one in Path().glob("reviews*.json*"):
        one.unlink()


CHAIN = ("number", "before", "hash")
LOST = [
    ("safeguarding", "minor_present", _line_gone),
    ("safeguarding", "minor_present", _older_backup),
    ("safeguarding", "minor_present", _chain_and_line_gone),
    ("class", "seek_service", _older_backup),
    pytest.param("safeguarding", "minor_present", _file_gone, marks=pytest.mark.slow),
    pytest.param(
        "safeguarding", "minor_present", _chain_gone_and_answer_changed, marks=pytest.mark.slow
    ),
]


@pytest.mark.parametrize(("task", "label", "lose"), LOST)
def test_an_advert_that_an_answer_holds_does_not_leave_once_the_answer_is_lost(
    share, monkeypatch, task, label, lose
):
    Path("backup").mkdir()
    for one in Path().glob("reviews*.json*"):
        shutil.copy(one, "backup")
    assert share(*asked("share_dir=before"))[0] == 0
    holding = [dataclasses.replace(reviewed(number, label, day=5), task=task) for number in (0, 1)]
    append_reviews(Path("reviews.jsonl"), holding)
    assert call(monkeypatch, "link", "bank=bank", "reviews=reviews.jsonl", "refresh=true") == 0
    lose()
    for more in (asked(), other("withdraw=true", "bank=bank", "share_dir=out")):
        status, said = share(*more)
        assert status == 2, said
        assert "bring back the" in said.splitlines()[-1]
        assert not Path("out").exists()
    again = ["link", "bank=bank", "reviews=reviews.jsonl", "refresh=true"]
    assert call(monkeypatch, *again) == 2


def test_a_word_of_danger_after_the_build_holds_an_advert_once_it_is_lost_too(share, monkeypatch):
    Path("backup").mkdir()
    for one in Path().glob("reviews*.json*"):
        shutil.copy(one, "backup")
    assert share(*asked("share_dir=first"))[0] == 0
    [item, *_] = [one.item for one in read_reviews(Path("reviews.jsonl"))]
    danger = ("danger=minor_present", f"items=[{item}]", "approved_by=Dee Demo", "reason=seen")
    assert share(*other(*danger))[0] == 0
    for one in Path("backup").iterdir():
        shutil.copy(one, one.name)
    status, said = share(*asked("share_dir=second"))
    assert status == 2, said
    assert "when the bank last saw them" in said
    again = ["link", "bank=bank", "reviews=reviews.jsonl", "refresh=true"]
    assert call(monkeypatch, *again) == 2
    assert not Path("second").exists()


def older_copy(then):
    """Put an older copy of the reviews in place while something is done, and bring them back."""
    newer = Path("newer")
    newer.mkdir()
    for one in Path().glob("reviews*.json*"):
        shutil.copy(one, newer)
    for one in Path("backup").iterdir():
        shutil.copy(one, one.name)
    found = then()
    for one in newer.iterdir():
        shutil.copy(one, one.name)
    return found


def back_up_reviews():
    Path("backup").mkdir()
    for one in Path().glob("reviews*.json*"):
        shutil.copy(one, "backup")


def danger_of(*numbers, reason="seen"):
    items = ",".join(item_name(f"p{one}") for one in numbers)
    return other("danger=minor_present", f"items=[{items}]", "approved_by=Dee", f"reason={reason}")


def test_no_word_of_danger_is_taken_into_an_older_copy_of_the_reviews(share):
    back_up_reviews()
    assert share(*danger_of(0))[0] == 0
    status, said = older_copy(lambda: share(*danger_of(1)))
    assert status == 2, said
    assert "bring back the file as it was" in said
    assert "minor_present of" not in said
    assert share(*danger_of(1))[0] == 0


def test_no_reversed_answer_is_taken_into_an_older_copy_of_the_reviews(share):
    assert share(*asked())[0] == 0
    back_up_reviews()
    assert share(*danger_of(39))[0] == 2  # nobody reviewed it
    assert share(*danger_of(19))[0] == 0
    [entry] = read_ledger(Path("shared.jsonl"))
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    header = "reference,answer,at,where,ground,automated,statement_id,appeal\n"
    row = f"{entry.shared.items[0].reference},kept,{at},,,no,s1,reversed\n"
    Path("answers.csv").write_text(header + row)
    outcome = other("outcome=answers.csv", "share_dir=back")
    status, said = older_copy(lambda: share(*outcome))
    assert status == 2, said
    assert len(read_ledger(Path("shared.jsonl"))) == 1
    status, said = share(*outcome)
    assert status == 0, said
    assert "1 advert wait" in said


def test_a_reversal_whose_bar_is_gone_bars_the_advert_again(share):
    assert share(*asked())[0] == 0
    back_up_reviews()
    [entry] = read_ledger(Path("shared.jsonl"))
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    header = "reference,answer,at,where,ground,automated,statement_id,appeal\n"
    row = f"{entry.shared.items[0].reference},kept,{at},,,no,s1,reversed\n"
    Path("answers.csv").write_text(header + row)
    outcome = other("outcome=answers.csv", "share_dir=back", "bank=null")
    assert share(*outcome)[0] == 0
    for one in Path("backup").iterdir():  # no bank knows of it
        shutil.copy(one, one.name)
    for barred in (1, 0):
        status, said = share(*outcome)
        assert status == 0, said
        assert ("1 advert wait" in said) == bool(barred)


def test_a_word_of_danger_that_the_bank_did_not_note_is_told(share, monkeypatch):
    from adverts_findings.campaigns.bank import access_log

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        calls = []
        noted = access_log.note_reviews
        patch.setattr(
            access_log,
            "note_reviews",
            lambda *a, **k: full() if calls else calls.append(noted(*a, **k)),
        )
        status, said = share(*danger_of(0))
    assert status == 2, said
    assert "but bank did not note it" in said
    assert "run the same command again" in said
    assert share(*danger_of(0))[0] == 0


def test_a_bank_that_was_mistyped_is_told_before_a_word_of_danger_is_recorded(share):
    before = read_reviews(Path("reviews.jsonl"))
    status, said = share(*danger_of(0), "bank=bnak")
    assert status == 2
    assert "bnak holds no bank" in said
    assert "bank=null" in said
    assert read_reviews(Path("reviews.jsonl")) == before
    assert share(*danger_of(0), "bank=null")[0] == 0


def test_what_was_taken_back_from_one_recipient_goes_to_no_other_without_a_new_review(share):
    Path("conf/recipients/police.yaml").write_text(PARTNER.replace("partner:", "police:"))
    assert share(*asked())[0] == 0
    [entry] = read_ledger(Path("shared.jsonl"))
    status, said = share(
        *other(f"retract={entry.shared.items[0].reference}", "reason=a charity", "share_dir=back")
    )
    assert status == 0, said
    to_police = [
        one.replace("recipients=[partner]", "recipients=[partner,police]").replace(
            "recipient=partner", "recipient=police"
        )
        for one in asked(share_dir="police")
    ]
    status, said = share(*to_police)
    assert status == 0, said
    assert "it was withdrawn from partner on" in said
    sent = read_ledger(Path("shared.jsonl"))[-1].shared
    assert entry.shared.items[0].item not in {one.item for one in sent.items}
    assert len(sent.items) == len(entry.shared.items) - 1


def test_reviews_that_grew_or_moved_are_those_that_the_bank_was_built_with(share):
    Path("elsewhere").mkdir()
    for one in ("reviews.jsonl", "reviews_count.json"):
        shutil.move(one, f"elsewhere/{one}")
    append_reviews(Path("elsewhere/reviews.jsonl"), [reviewed(30)])
    status, said = share(*asked("reviews=elsewhere/reviews.jsonl"))
    assert status == 0, said


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (
            ["danger=nothing", "items=[i1]", "approved_by=Dee", "reason=because"],
            "is none of closed",
        ),
        (
            ["danger=closed", "items=[i1]", "approved_by=Dee", "reason=because"],
            "no review of 1 adv",
        ),
        (["danger=closed", "items=[i1]", "reason=because"], "approved_by="),
        (["danger=closed", "approved_by=Dee", "reason=because"], "items="),
        (["danger=closed", "items=[i1]", "approved_by=Dee"], "reason="),
    ],
)
def test_a_word_of_danger_that_cannot_be_recorded_is_one_line(share, more, told):
    before = Path("reviews.jsonl").read_bytes()
    status, said = share(*other(*more))
    assert status == 2
    assert told in said
    assert Path("reviews.jsonl").read_bytes() == before


def test_what_was_erased_is_due_before_the_bank_is_built_again(share):
    assert share(*asked())[0] == 0
    [entry] = read_ledger(Path("shared.jsonl"))
    with open_bank(Path("bank")) as bank:
        names = {item_name(one): one for one in bank.table("adverts", ("id",))["id"].to_pylist()}
    gone = entry.shared.items[0]
    add_erased(Path("bank"), [names[gone.item]])
    status, told = share(*other("withdraw=true", "bank=bank", "share_dir=due"))
    assert (status, "1 item withdrawn" in told) == (0, True), told
    assert read_ledger(Path("shared.jsonl"))[-1].withdrawn.causes == {
        gone.reference: "left the bank"
    }


def keep_ledger(name: str) -> None:
    """Keep a copy of the ledger as it is, with its count."""
    shutil.copy("shared.jsonl", f"{name}.jsonl")
    shutil.copy("shared_count.json", f"{name}_count.json")


def bring_back(name: str) -> None:
    """Put such a copy in the place of the ledger."""
    shutil.copy(f"{name}.jsonl", "shared.jsonl")
    shutil.copy(f"{name}_count.json", "shared_count.json")


def retract(reference: str, *more: str) -> list[str]:
    """Return the arguments that take something back."""
    return other(f"retract={reference}", "reason=a charity", "share_dir=back", *more)


def ledgers_in_log() -> list[str]:
    """Return why each ledger was noted in the log of the bank."""
    return [one.why.value for one in read_log(Path("bank")) if one.act == "ledger"]


def test_a_withdrawn_share_is_no_longer_verified_as_if_it_stood(share):
    share(*asked())
    [entry] = read_ledger(Path("shared.jsonl"))
    first = entry.shared.items[0].reference
    assert share(*retract(first))[0] == 0
    status, said = share(*other("verify=out/send"))
    assert status == 1
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    told = said.splitlines()
    assert told[0].startswith(f"withdrawn: 1 of 5 items of {entry.reference}")
    assert all(word in told[1] for word in (first, today, "asked", "a charity", "W-"))
    assert share(*other(f"retract={entry.reference}", "reason=all", "share_dir=b2"))[0] == 0
    status, said = share(*other("verify=out/send"))
    assert status == 1
    assert said.startswith(f"withdrawn: 5 of 5 items of {entry.reference}")
    assert "is what was sent" in said
    assert share(*other("verify=b2/partner/send"))[0] == 0


def test_another_ledger_than_that_of_the_bank_is_refused_until_somebody_says_why(share):
    share(*asked())
    [entry] = read_ledger(Path("shared.jsonl"))
    assert share(*retract(entry.reference))[0] == 0
    append_reviews(Path("reviews.jsonl"), [reviewed(number, day=20) for number in range(20)])
    elsewhere = asked("ledger=other.jsonl", share_dir="other")
    status, said = share(*elsewhere)
    assert (status, "\n" in said.strip()) == (2, False)
    assert "other.jsonl has no line" in said
    assert all(word in said for word in ("shared.jsonl", "2 lines", "new_ledger="))
    assert not Path("other").exists()
    assert not Path("other.jsonl").exists()
    status, said = share(*elsewhere, "new_ledger=the first disk is lost")
    assert status == 0, said
    assert "may leave twice" in said
    assert any("the first disk is lost" in one for one in ledgers_in_log())
    assert share(*other("withdraw=true", "share_dir=d1"))[0] == 0
    assert share(*other("withdraw=true", "share_dir=d2", "ledger=other.jsonl"))[0] == 0
    status, said = share(*other("withdraw=true", "share_dir=d3", "new_ledger=again"))
    assert status == 2
    assert "leave out new_ledger=" in said


def test_an_older_copy_of_the_ledger_is_refused_by_every_act(share, monkeypatch):
    share(*asked())
    keep_ledger("older")
    [entry] = read_ledger(Path("shared.jsonl"))
    assert share(*retract(entry.shared.items[0].reference))[0] == 0
    keep_ledger("newer")
    bring_back("older")
    Path("answers.csv").write_text("reference,answer\n")
    for act in (
        asked(share_dir="again"),
        other("withdraw=true", "share_dir=due"),
        other(f"retract={entry.reference}", "reason=all", "share_dir=b2"),
        other("outcome=answers.csv"),
        other("verify=out/send"),
        other(),
    ):
        status, said = share(*act)
        assert (status, "\n" in said.strip()) == (2, False), said
        assert "ends at line 1" in said
        assert "2 lines" in said
    assert not [one for one in ("again", "due", "b2") if Path(one).exists()]
    bring_back("newer")
    Path("shared.jsonl").rename("moved.jsonl")
    Path("shared_count.json").rename("moved_count.json")
    assert call(monkeypatch, "link", "bank=bank", "refresh=true", "reviews=reviews.jsonl") == 0
    assert share(*other("withdraw=true", "share_dir=due", "ledger=moved.jsonl"))[0] == 0


def test_a_ledger_that_parted_from_the_one_of_the_bank_is_refused(share):
    share(*asked())
    keep_ledger("older")
    [entry] = read_ledger(Path("shared.jsonl"))
    first, second = (one.reference for one in entry.shared.items[:2])
    share(*retract(first))
    bring_back("older")
    parted = other(f"retract={second}", "reason=why", "share_dir=b2", "bank=null")
    status, said = share(*parted)
    assert status == 0, said
    assert "no bank" in said
    status, said = share(*other("withdraw=true", "share_dir=due"))
    assert status == 2
    assert "shared.jsonl, line 2, is another one" in said


def test_a_bank_whose_log_is_lost_knows_its_ledger_or_says_that_it_does_not(share, monkeypatch):
    share(*asked())
    assert call(monkeypatch, "link", "bank=bank", "refresh=true", "reviews=reviews.jsonl") == 0
    for one in ("log.jsonl", "log_count.json"):
        (Path("bank") / one).unlink()
    status, said = share(*asked("ledger=other.jsonl", share_dir="other"))
    assert status == 2
    assert "log.jsonl" in said
    assert not Path("other").exists()


def without_notes(monkeypatch):
    """Return a context in which no ledger is noted, as in earlier releases and killed acts."""
    from adverts_findings.sharing import known_ledgers

    patch = monkeypatch.context()
    with_patch = patch.__enter__()
    with_patch.setattr(known_ledgers, "record_access", lambda *_, **__: None)
    return patch


def test_a_bank_of_an_earlier_release_takes_its_ledger_over_and_no_other(share, monkeypatch):
    patch = without_notes(monkeypatch)
    assert share(*asked())[0] == 0
    patch.__exit__(None, None, None)
    assert not ledgers_in_log()
    status, said = share(*asked("ledger=other.jsonl", share_dir="other"))
    assert status == 2
    assert "lacks 1 share" in said
    status, said = share(*other("withdraw=true", "share_dir=due"))
    assert status == 0, said
    assert "bank knows shared.jsonl as its ledger from now on" in said
    assert len(ledgers_in_log()) == 1
    assert "from now on" not in share(*other("withdraw=true", "share_dir=due"))[1]


def test_a_share_that_was_killed_before_its_line_or_before_the_note_goes_on(share, monkeypatch):
    from adverts import chained_file
    from adverts_findings.sharing import known_ledgers

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(chained_file.Turn, "append", killed)
        assert share(*asked())[0] == 130
    assert not read_ledger(Path("shared.jsonl"))
    with monkeypatch.context() as patch:
        patch.setattr(known_ledgers, "note_ledger", killed)
        assert share(*asked())[0] == 130
    assert len(read_ledger(Path("shared.jsonl"))) == 1
    status, said = share(*asked())
    assert (status, "recorded before" in said) == (0, True), said
    keep_ledger("whole")
    Path("shared.jsonl").unlink()
    Path("shared_count.json").unlink()
    assert share(*asked(share_dir="again"))[0] == 2
    bring_back("whole")
    assert share(*asked())[0] == 0


@pytest.mark.slow
def test_a_bank_that_is_built_anew_on_a_ledger_of_another_one_is_announced(share, monkeypatch):
    assert share(*asked())[0] == 0
    words = ["bank=anew", "scores=scores", "reviews=reviews.jsonl", "pages=0"]
    assert call(monkeypatch, "link", *words) == 0
    again = ["bank=anew" if one == "bank=bank" else one for one in asked(share_dir="second")]
    status, said = share(*again)
    assert "caution: its shares are of another bank" in said, (status, said)


def test_an_older_copy_of_the_bank_than_the_ledger_knows_shares_nothing(share):
    shutil.copytree("bank", "older")
    assert share(*asked())[0] == 0
    again = asked(f"campaigns=[{campaigns()[1]}]", "bank=older", share_dir="second")
    status, said = share(*again)
    assert (status, "older is an older copy" in said) == (2, True), said
    assert share(*again, "new_ledger=the bank came back from a backup")[0] == 0


def test_a_ledger_that_is_missing_is_said_before_a_folder_is_compared(share):
    share(*asked())
    status, said = share(*other("verify=out/send", "ledger=gone.jsonl", "bank=null"))
    assert (status, "there is no ledger gone.jsonl" in said) == (2, True), said


def test_a_held_advert_may_be_shared_until_it_would_be_erased_as_help_and_screen_say(
    share, monkeypatch, capsys
):
    Path("ids.txt").write_text("".join(f"p{number}\n" for number in range(20)))
    held = [f"until={EXPIRES}", "why='case 7'"]
    assert call(monkeypatch, "link", "bank=bank", "hold=ids.txt", *held) == 0
    assert "may be shared" in capsys.readouterr().out
    assert "may be shared" in LinkConfig.model_fields["hold"].description
    status, said = share(*asked())
    assert status == 0, said
    assert "5 adverts under a hold" in said
    assert call(monkeypatch, "link", "bank=bank", "erase=ids.txt", "reviews=reviews.jsonl") == 0
    capsys.readouterr()
    status, said = share(*other("withdraw=true", "share_dir=due"))
    assert "5 items withdrawn" in said


@pytest.mark.slow
def test_names_leave_the_ledger_and_its_chain_holds(share):
    share(*asked())
    today = datetime.datetime.now(datetime.UTC).date()
    before = Path("shared.jsonl").read_bytes()
    assert b"Ada Demo" in before
    status, said = share(*other(f"forget_people={today}"))
    assert status == 2
    assert "is not over" in said
    assert Path("shared.jsonl").read_bytes() == before
    yesterday = today - datetime.timedelta(days=1)
    status, said = share(*other(f"forget_people={yesterday}"))
    assert status == 0
    assert "from 0 lines" in said
    assert len(read_ledger(Path("shared.jsonl"))) == 1


def test_an_advert_that_is_erased_while_it_is_read_does_not_leave(share, monkeypatch):
    from adverts_findings.sharing.hashes import signals

    def erase_meanwhile(items, negatives):
        add_erased(Path("bank"), [items[0].advert])
        return real(items, negatives)

    real = signals.signals_of
    monkeypatch.setattr(signals, "signals_of", erase_meanwhile)
    status, said = share(*asked())
    assert status == 2
    assert "erased from meanwhile; nothing was shared" in said
    assert not Path("out").exists()
    assert not read_ledger(Path("shared.jsonl"))
