"""Evidence beside scores: complete, restricted, without text or contact, and not for ever."""

from __future__ import annotations

import datetime
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from calling import call
from scored_bundle import read_rows

KEY = "a key of sixteen bytes or more"
ROWS = 60
PHONE = "+44 7700 900123"
ACCOUNT = "account-of-a-fictional-person"
SECRET = "zanzibar ferry leaves quietly before the morning market opens"


@pytest.fixture
def posts(tmp_path, monkeypatch):
    """A file of adverts in the current folder, and the key of tokens."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", KEY)
    write_posts(tmp_path / "posts.csv")


@pytest.fixture(scope="module")
def complete(bundle, tmp_path_factory):
    """A folder with the adverts, all their scores, the evidence and the clusters."""
    folder = tmp_path_factory.mktemp("complete")
    write_posts(folder / "posts.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ADVERTS_TOKEN_KEY", KEY)
        assert call(patch, "score", *asked(bundle, "scores=out")) == 0
        assert call(patch, "score", "scores=out", "clusters=true") == 0
    return folder


@pytest.fixture
def scored(complete, tmp_path, monkeypatch):
    """A copy of the adverts, scores, evidence and clusters, in the current folder."""
    shutil.copytree(complete, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", KEY)


def write_posts(path):
    """Write the adverts: two templates with another price each, and some that are alone."""
    lines = ["id,text,account,url,platform,item,posted_at,collected_at,views"]
    for number in range(ROWS):
        text = f"{SECRET} for {number} pounds call {PHONE}"
        if number % 3 == 1:
            text = f"{number} rooms near the old harbour with a lovely kitchen and a garden"
        if number % 3 == 2:
            text = " ".join(chr(97 + (number * i) % 26) * 5 + str(number) for i in range(1, 9))
        url = f"https://posts.example/{number}"
        lines.append(
            f"p{number},{text},{ACCOUNT},{url},x,i{number},2026-05-01T10:00+02:00,2026-05-02,{number}"
        )
    lines[5] = "p4,only a text,,not an address,x,i 4,yesterday,,many"
    lines[8] = "p7,too,many,cells,here,a,b,c,d,e,f"
    path.write_text("\n".join(lines) + "\n")


def asked(bundle: Path, *more: str) -> list[str]:
    """Return the arguments that score the adverts with evidence."""
    return [
        *(f"bundle={bundle}", "data=csv", "data.root=.", "data.source.paths=[posts.csv]"),
        *("data.columns.platform=platform", "data.columns.posted_at=posted_at"),
        *("data.columns.url=url", "data.columns.account=account", "data.columns.views=views"),
        *("data.columns.collected_at=collected_at", "data.columns.platform_item_id=item"),
        *("adverts_per_unit=10", "executor.processes=1", "evidence=restricted", *more),
    ]


def files_of(folder: str) -> dict[str, bytes]:
    """Return the content of each file of evidence."""
    return {one.name: one.read_bytes() for one in sorted(Path(folder, "evidence").iterdir())}


def days_later(monkeypatch, days: int) -> None:
    """Let the verb believe that it is some days later."""
    from adverts import score

    today = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=days)
    monkeypatch.setattr(score, "_today", lambda: today)


def open_rows(days: int = 0, **given):
    """Return the rows that the reader yields, some days later."""
    from adverts.scoring.evidence_reader import open_evidence

    today = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=days)
    return list(open_evidence("out", today=today, **given).rows())


def test_each_answer_has_its_evidence_in_the_same_order(scored):
    rows = read_rows(Path("out", "evidence"))
    answers = [
        row["id"]
        for one in sorted(Path("out/scores").iterdir())
        for row in pq.read_table(one).to_pylist()
    ]
    assert [row["id"] for row in rows] == answers
    assert [row["unit"] for row in rows] == [number // 10 for number in range(ROWS)]
    assert rows[0]["url"] == "https://posts.example/0"
    assert rows[0]["posted_at"] == datetime.datetime(2026, 5, 1, 8, tzinfo=datetime.UTC)
    assert rows[9]["views"] == 9
    assert rows[0]["contacts"] == rows[3]["contacts"]
    assert rows[0]["account"] == rows[1]["account"]
    assert rows[8]["text_hash"] is not None
    assert rows[7]["id"] == "posts.csv#9"
    assert rows[7]["text_hash"] is None


def test_cells_that_cannot_be_used_are_missing_and_counted(scored, capsys, monkeypatch):
    row = read_rows(Path("out", "evidence"))[4]
    assert [row[name] for name in ("url", "platform_item_id", "posted_at", "views")] == [None] * 4
    counted = json.loads(Path("out/summary.json").read_text())["counts"]["evidence_faults"]
    assert counted == {"platform_item_id": 1, "posted_at": 1, "url": 1, "views": 1}


def test_no_text_contact_or_account_is_in_any_byte(scored):
    from adverts.inputs.contacts.masking import mask_contacts

    held = b"".join(one.read_bytes() for one in Path("out").rglob("*") if one.is_file())
    plain = repr(
        [read_rows(Path("out", "evidence")), pq.read_table("out/clusters.parquet").to_pylist()]
    ).encode()
    masked = mask_contacts(f"call {PHONE}")
    for text in (
        SECRET,
        "zanzibar",
        "quietly",
        PHONE,
        "7700900123",
        ACCOUNT,
        masked,
        "harbour",
        KEY,
    ):
        assert text.encode() not in held
        assert text.encode() not in plain


def test_tokens_are_those_of_prepare(scored):
    from adverts.inputs.contacts.contact_tokens import contact_tokens

    [token] = contact_tokens(PHONE, key=KEY.encode())
    assert read_rows(Path("out", "evidence"))[0]["contacts"] == [token.token]


def test_only_the_owner_reads_it_and_every_file_says_when_it_expires(scored):
    plan = json.loads(Path("out/plan.json").read_text())["settings"]
    for path in [*Path("out/evidence").iterdir(), Path("out/clusters.parquet")]:
        told = pq.read_schema(path).metadata
        assert told[b"expires"].decode() == plan["evidence_expires"]
        assert told[b"token_key_id"].decode() == plan["token_key_id"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in Path("out").rglob("*"))


def test_receipts_name_the_evidence(scored, monkeypatch, capsys):
    receipt = json.loads(Path("out/receipts/000003.json").read_text())
    assert set(receipt["outputs"]) == {"scores/000003.parquet", "evidence/000003.parquet"}
    content = bytearray(Path("out/evidence/000003.parquet").read_bytes())
    content[100] ^= 1
    Path("out/evidence/000003.parquet").write_bytes(content)
    assert call(monkeypatch, "score", "scores=out", "verify=true") == 3
    assert "(000003)" in capsys.readouterr().err
    assert call(monkeypatch, "score", "scores=out", "clusters=true") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "evidence/000003.parquet is not the file of its receipt" in line


@pytest.mark.slow
def test_parts_in_any_order_give_the_same_bytes(bundle, scored, monkeypatch):
    for part in (2, 1):
        assert call(monkeypatch, "score", *asked(bundle, "scores=parts", f"part={part}/2")) == 0
    assert files_of("parts") == files_of("out")


@pytest.mark.parametrize(
    "killed",
    ["receipt", *(pytest.param(one, marks=pytest.mark.slow) for one in ("answers", "cut"))],
)
@pytest.mark.slow
def test_a_unit_that_was_killed_between_its_files_is_done_again(
    bundle, scored, monkeypatch, killed
):
    before, scores = files_of("out"), Path("out/scores/000003.parquet").read_bytes()
    if killed == "cut":
        Path("out/evidence/000003.parquet").write_bytes(b"cut")
    else:
        Path("out/receipts/000003.json").unlink()
    if killed == "answers":
        Path("out/evidence/000003.parquet").unlink()
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 0
    assert files_of("out") == before
    assert Path("out/scores/000003.parquet").read_bytes() == scores
    assert call(monkeypatch, "score", "scores=out", "verify=true") == 0


def test_without_a_key_one_line_names_the_variable(bundle, posts, monkeypatch, capsys):
    monkeypatch.delenv("ADVERTS_TOKEN_KEY")
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "set $ADVERTS_TOKEN_KEY" in line
    assert not Path("out").exists()


def test_another_key_is_refused(bundle, scored, monkeypatch, capsys):
    Path("out/receipts/000003.json").unlink()
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", "another key of sixteen bytes or more")
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "planned with token_key_id=" in line
    assert "another key" not in line


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("evidence=none", 'planned with evidence="restricted"'),
        ("evidence_days=5", "planned with evidence_days=90"),
        ("format=csv", "needs format=parquet"),
        ("scores=out.csv", "beside scores in a folder"),
        ("purge=evidence", "leave out bundle"),
    ],
)
def test_other_wishes_are_refused_in_one_line(bundle, scored, monkeypatch, capsys, more, told):  # noqa: PLR0917
    assert call(monkeypatch, "score", *asked(bundle, "scores=out", more)) == 2
    assert told in capsys.readouterr().err


def test_a_second_run_another_day_keeps_the_day_of_expiry(bundle, scored, monkeypatch):
    plan = Path("out/plan.json").read_bytes()
    days_later(monkeypatch, 3)
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 0
    assert Path("out/plan.json").read_bytes() == plan


def test_status_says_until_when_it_may_be_used(scored, monkeypatch, capsys):
    assert call(monkeypatch, "score", "scores=out") == 0
    assert "(90 days left)" in capsys.readouterr().out
    days_later(monkeypatch, 91)
    assert call(monkeypatch, "score", "scores=out") == 0
    assert "purge=expired" in capsys.readouterr().out


def test_expired_evidence_is_refused_and_then_removed(bundle, scored, monkeypatch, capsys):
    from adverts.errors import InputError

    assert len(open_rows(90)) == ROWS
    with pytest.raises(InputError, match="expired after"):
        open_rows(91)
    assert call(monkeypatch, "score", "scores=out", "purge=expired") == 0
    assert len(files_of("out")) == 6
    days_later(monkeypatch, 91)
    assert call(monkeypatch, "score", "scores=out", "clusters=true") == 2
    assert "expired after" in capsys.readouterr().err
    assert call(monkeypatch, "score", "scores=out", "purge=expired") == 0
    assert "removed, 7 files" in capsys.readouterr().out
    assert files_of("out") == {}
    assert not Path("out/clusters.parquet").exists()
    with pytest.raises(InputError, match="was removed"):
        open_rows()
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 0
    assert call(monkeypatch, "score", "scores=out", "verify=true") == 0
    assert files_of("out") == {}
    assert len(list(Path("out/scores").iterdir())) == 6


def test_units_that_are_left_when_it_expired_are_refused(bundle, scored, monkeypatch, capsys):
    Path("out/receipts/000003.json").unlink()
    days_later(monkeypatch, 91)
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 2
    assert "expired after" in capsys.readouterr().err
    assert call(monkeypatch, "score", "scores=out", "purge=evidence") == 0
    capsys.readouterr()
    assert call(monkeypatch, "score", *asked(bundle, "scores=out")) == 2
    assert "was removed" in capsys.readouterr().err
    assert files_of("out") == {}


def test_a_purge_that_was_killed_is_ended_by_the_next(scored, monkeypatch):
    from adverts.work.units.place import LocalPlace

    removed = []

    def remove(self, name):
        if len(removed) == 3:
            raise KeyboardInterrupt
        removed.append(name)
        (self.root / name).unlink()

    with monkeypatch.context() as patch:
        patch.setattr(LocalPlace, "remove", remove)
        assert call(patch, "score", "scores=out", "purge=evidence") not in (0, None)
    assert len(files_of("out")) == 3
    assert call(monkeypatch, "score", "scores=out", "purge=expired") == 0
    assert files_of("out") == {}


def test_the_reader_joins_scores_and_clusters(scored):
    from adverts.inputs.contacts.token_key import token_key_id

    rows = open_rows(token_key_id=token_key_id(KEY.encode()))
    assert [row.evidence.id for row in rows] == [
        row["id"] for row in read_rows(Path("out", "evidence"))
    ]
    clusters = [row.cluster for row in rows]
    assert len({clusters[number] for number in range(0, ROWS, 3)}) == 1
    assert len({clusters[number] for number in range(1, ROWS, 3)} - {clusters[4], clusters[7]}) == 1
    assert len(set(clusters)) == 2 + 2 + ROWS // 3
    assert rows[7].error == "malformed"
    assert rows[0].score is not None


def test_the_reader_refuses_what_is_not_there_or_of_another_key(bundle, scored, monkeypatch):
    from adverts.errors import InputError, IntegrityError

    with pytest.raises(InputError, match="with the key"):
        open_rows(token_key_id="0" * 16)
    content = Path("out/clusters.parquet").read_bytes()
    Path("out/clusters.parquet").write_bytes(content[:-30])
    with pytest.raises(IntegrityError, match="damaged"):
        open_rows()
    Path("out/clusters.parquet").unlink()
    with pytest.raises(InputError, match="clusters=true"):
        open_rows()
    Path("out/receipts/000003.json").unlink()
    with pytest.raises(InputError, match="1 unit of"):
        open_rows()
    plain = [one for one in asked(bundle, "scores=plain") if one != "evidence=restricted"]
    assert call(monkeypatch, "score", *plain) == 0
    assert not Path("plain/evidence").exists()
    assert call(monkeypatch, "score", "scores=plain", "clusters=true") == 2
    assert call(monkeypatch, "score", "scores=plain", "purge=evidence") == 2


def test_clusters_are_the_same_when_found_again(scored, monkeypatch, capsys):
    before = Path("out/clusters.parquet").read_bytes()
    assert call(monkeypatch, "score", "scores=out", "clusters=true") == 0
    assert "24 clusters of near-duplicates among 60 adverts" in capsys.readouterr().out
    assert Path("out/clusters.parquet").read_bytes() == before


def test_the_place_of_a_row_reads_that_very_row(scored):
    import csv

    text = Path("posts.csv").read_text().splitlines()
    for row in read_rows(Path("out", "evidence")):
        if row["text_hash"] is not None:
            assert next(csv.reader([text[row["row"] - 1]]))[0] == row["id"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_random_moments_it_ends_with_the_same_bytes(bundle, posts, monkeypatch):
    assert call(monkeypatch, "score", *asked(bundle, "scores=whole", "adverts_per_unit=2")) == 0
    draw = random.Random(1)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [*asked(bundle, "scores=killed", "adverts_per_unit=2")]
    kills = 0
    for _ in range(20):
        process = subprocess.Popen(
            [sys.executable, "-m", "adverts.score", *command],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wanted = len(list(Path("killed/evidence").glob("*"))) + draw.randint(1, 9)
        while process.poll() is None and len(list(Path("killed/evidence").glob("*"))) < wanted:
            time.sleep(0.001)
        kills += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        if Path("killed/summary.json").exists():
            break
    assert kills > 1
    assert call(monkeypatch, "score", *command) == 0
    assert files_of("killed") == files_of("whole")
    assert call(monkeypatch, "score", "scores=killed", "verify=true") == 0
    assert not Path("killed/.aside").exists()
