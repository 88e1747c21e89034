"""From posts with planted contacts to exports: none leaves, and who may learn whom a token is."""

import contextlib
import csv
import datetime
import html
import io
import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.compute as pc
import pytest
from calling import adverts, call
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from planted_posts import CARRIERS, leaks, planted_posts, write_posts

from adverts_findings.campaigns.bank.access_log import read_log, verify_log
from adverts_findings.campaigns.bank.read_bank import open_bank

KEY = "a key of sixteen bytes or more"
COUNT = 54
_OWN = 47  # letters of the words at the end of a post that no other one has
NEXT_YEAR = datetime.date.today() + datetime.timedelta(days=365)
COLUMNS = {
    "lang": "lang",
    "account": "account",
    "platform": "platform",
    "posted_week": "week",
    "reviewed": "reviewed",
}


def prepare(patch, posts, *, key=KEY, prepared="prepared"):
    """Write posts to ``raw`` and prepare them; return what was printed."""
    Path("raw").mkdir(exist_ok=True)
    write_posts(Path("raw/posts.csv"), posts)
    patch.setenv("ADVERTS_TOKEN_KEY", key)
    named = [f"data.columns.{name}={column}" for name, column in COLUMNS.items()]
    asked = ["data=csv", "data.root=raw", "data.source.paths=[posts.csv]", *named]
    return said(patch, "prepare", *asked, f"prepared={prepared}", "ocr=none")


def said(patch, verb, *asked, piped=b"", status=0):
    """Run a verb and return all that it printed."""
    out = io.StringIO()
    patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(piped)))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        assert call(patch, verb, *asked) == status, out.getvalue()
    return out.getvalue()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with posts, their prepared dataset, and a bank."""
    folder = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        prepare(patch, POSTS)
        said(patch, "link", "bank=bank", "prepared=prepared", "pages=3")
    return folder


POSTS = planted_posts(COUNT, seed=7)


@pytest.fixture
def bank(built, tmp_path, monkeypatch):
    """The current folder, with a copy of all of it."""
    shutil.copytree(built, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", KEY)
    return tmp_path / "copy"


@pytest.fixture
def run(bank, monkeypatch):
    """Run ``adverts link bank=bank …`` and return what it printed."""
    return lambda *asked, **more: said(monkeypatch, "link", "bank=bank", *asked, **more)


def acts():
    return [one.act for one in read_log(Path("bank"))]


def everything(folder, told):
    """Return all that may be seen, by name: files, tables of the bank, what was printed."""
    found = {"printed": told}
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".duckdb":
            found[path.relative_to(folder).as_posix()] = path.read_text(errors="replace")
    with open_bank(folder) as bank:
        for name, table in bank.tables().items():
            found[f"table {name}"] = str(table.to_pylist())
    return found


def all_that_link_does(patch, posts):
    """Return what every use of ``adverts link`` but reveal prints, after a build of posts."""
    told = prepare(patch, posts)
    told += said(patch, "link", "bank=bank", "prepared=prepared")
    told += said(patch, "link", "bank=bank", "export=[graphml,neo4j,csv,ftm]")
    told += said(patch, "link", "bank=bank", "export=[csv,ftm]", "out=elsewhere", "addresses=true")
    for one in posts[:3]:
        piped = one.written.encode()
        told += said(patch, "link", "bank=bank", "find=-", "why=x", piped=piped)
    told += said(patch, "link", "bank=bank", "sheet=4")
    ids = [one.id for one in posts]
    with Path("judged.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [
                ["said", "first", "second", "by", "at", "why"],
                ["same", ids[0], ids[-1], "Ann", "", ""],
            ]
        )
    told += said(patch, "link", "bank=bank", "judgements=judged.csv", "preview=true")
    told += said(patch, "link", "bank=bank", "judgements=judged.csv")
    Path("ids.txt").write_text(f"{ids[1]}\n")
    told += said(patch, "link", "bank=bank", "hold=ids.txt", f"until={NEXT_YEAR}", "why=x")
    told += said(patch, "link", "bank=bank", "erase=ids.txt")
    told += said(patch, "link", "bank=bank", "sheet=4")
    told += said(patch, "link", "bank=bank", f"as_of={datetime.date.today()}")
    told += said(patch, "link", "bank=bank", "since=2026-W10")
    with open_bank(Path("bank")) as bank:
        campaigns = bank.table("campaigns").filter(pc.field("closed_build").is_null())
    for one in campaigns["campaign"].to_pylist()[:2]:
        told += said(patch, "link", "bank=bank", f"campaign={one}")
    told += said(patch, "link", "bank=bank", "export=[graphml,neo4j,csv,ftm]")
    return told + said(patch, "link", "bank=bank", "verify=true")


def require_no_leak(folder, posts):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        told = all_that_link_does(patch, posts)
        raw = Path("raw/posts.csv").read_text()
        found = everything(Path("bank"), told)
        for path in Path("elsewhere").rglob("*"):
            if path.is_file():
                found[path.as_posix()] = path.read_text()
    for one in posts:  # the search finds what is there
        assert {f"{one.id} contact", f"{one.id} account", f"{one.id} words"} <= {*leaks(raw, [one])}
    assert len(found) > 40
    leaking = {name: leaks(text, posts) for name, text in found.items()}
    assert {name: what for name, what in leaking.items() if what} == {}
    victim = next(name for name in found if name.endswith(".graphml"))
    for planted in (posts[0].written, posts[-1].account, posts[0].text):
        assert leaks(found[victim] + planted, posts), planted


def test_no_contact_and_no_text_leaves_by_any_use_of_link(tmp_path):
    require_no_leak(tmp_path, POSTS)


def as_people_read(name, text):
    """Return a file with what a person reads in it: no escapes, and no tags within a contact."""
    if name.endswith(".json"):
        text += json.dumps(json.loads(text), ensure_ascii=False)
    return text + html.unescape(re.sub(r"<[^>]*>", "", text))


def shown_with_texts(run):
    """Return what is to be seen after pages of all campaigns were made with their texts."""
    shutil.rmtree("bank/pages")
    with open_bank(Path("bank")) as opened:
        names = opened.table("campaigns", ("campaign",))["campaign"].to_pylist()
    told = run(f"campaign=[{','.join(names)}]", "prepared=prepared")
    return {
        name: as_people_read(name, text) for name, text in everything(Path("bank"), told).items()
    }


def test_pages_with_texts_show_no_contact_in_any_writing_and_texts_are_nowhere_else(
    run, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(
            "adverts_findings.campaigns.originals.read_originals.mask_contacts", as_written
        )
        unmasked = shown_with_texts(run)
    for ending in (".html", ".json"):  # the search finds every contact that is not masked
        every = "".join(text for name, text in unmasked.items() if name.endswith(ending))
        assert {f"{one.id} contact" for one in POSTS} <= set(leaks(every, POSTS)), ending
    found = shown_with_texts(run)
    assert {name: what for name, text in found.items() if (what := said_of_people(text))} == {}
    with_texts = {name for name, text in found.items() if leaks(text, POSTS)}
    pages = {name for name in found if re.fullmatch(r"pages/c\d{6}\.(html|json)", name)}
    assert with_texts == pages
    assert len(pages) > 30


def as_written(masked):
    """Return the text of a post as its source has it, of which a prepared dataset has none."""
    return next(one.text for one in POSTS if one.text[-_OWN:] in masked)


def said_of_people(text):
    return [one for one in leaks(text, POSTS) if not one.endswith(" words")]


@pytest.mark.slow
@settings(deadline=None, max_examples=5, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32), count=st.integers(36, 60))
def test_no_contact_in_any_writing_leaves(tmp_path_factory, seed, count):
    require_no_leak(tmp_path_factory.mktemp("planted"), planted_posts(count, seed=seed))


def test_planted_posts_are_in_nine_languages_and_enter_the_bank(bank):
    assert {one.language for one in POSTS} == set(CARRIERS)
    with open_bank(Path("bank")) as opened:
        adverts = opened.table("adverts").to_pylist()
    assert {one["id"] for one in adverts} == {one.id for one in POSTS}
    assert all(one["contacts"] and one["account"] for one in adverts)


def exported(name="build-0001", room="bank/exports"):
    return Path(room) / name


def test_an_export_is_a_new_folder_in_the_bank_and_logged(run):
    told = run("export=[graphml,csv]", "who=Ana", "why='request 12'")
    assert str(exported()) in told
    assert {one.name for one in exported().iterdir()} == {
        *("README.md", "export.json", "bank.graphml", "csv"),
    }
    last = read_log(Path("bank"))[-1]
    assert (last.act, last.who.value, last.why.value) == ("export", "Ana", "request 12")
    assert "graphml, csv" in last.asked.value
    run("export=csv")
    assert exported("build-0001-2").is_dir()
    assert verify_log(Path("bank")) == len(acts())


def test_an_export_is_logged_before_it_is_made(run, monkeypatch):
    def fails(*asked):
        assert acts()[-1] == "export"
        raise KeyboardInterrupt

    monkeypatch.setattr("adverts_findings.campaigns.export_bank.write_exports", fails)
    run("export=csv", status=130)
    assert acts()[-1] == "export"
    assert not exported().exists()


KILLED = """
import os, signal, sys
from adverts_findings.campaigns.exports import write_exports
def die(path, graph):
    (path / "half.csv").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
write_exports._WRITERS["csv"] = ("csv/", die)
sys.argv = ["adverts link", "bank=bank", "export=[graphml,csv]"]
import adverts_findings.link
adverts_findings.link.main()
"""


@pytest.mark.slow
def test_a_killed_export_leaves_no_export_and_does_not_stop_the_next(run):
    done = subprocess.run([sys.executable, "-c", KILLED], check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert acts()[-1] == "export"
    assert [one.name for one in Path("bank/exports").iterdir()] == ["build-0001.partial"]
    run("verify=true")
    run("export=[graphml,csv]")
    assert [one.name for one in Path("bank/exports").iterdir()] == ["build-0001"]
    assert not list(Path("bank/exports").rglob("half.csv"))


def test_what_a_killed_export_left_is_erased_too(run):
    left = Path("bank/exports/build-0001.partial")
    left.mkdir(parents=True)
    (left / "adverts.csv").write_text("p0001")
    Path("ids.txt").write_text("p0001\n")
    run("erase=ids.txt")
    assert not left.exists()


def test_counts_of_an_export_are_those_of_the_bank(run):
    run("export=csv")
    with open_bank(Path("bank")) as bank:
        tables = bank.tables()
    folder = exported() / "csv"
    with duckdb.connect() as connection:
        counts = {
            path.stem: connection.sql(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]
            for path in folder.iterdir()
        }
        sizes = dict(connection.sql(f"SELECT id, adverts FROM '{folder}/campaigns.csv'").fetchall())
    assert counts["adverts"] == len(tables["adverts"]) == COUNT
    assert counts["evidence"] == len(tables["edges"])
    assert counts["identities"] == len(tables["identities"])
    told = {one["campaign"]: one["adverts"] for one in tables["campaigns"].to_pylist()}
    assert sizes == told != {}


def test_exports_of_one_build_are_equal_to_the_byte(run):
    run("export=[graphml,neo4j,csv,ftm]")
    run("export=[graphml,neo4j,csv,ftm]", "out=elsewhere")
    one, other = exported(), Path("elsewhere")
    files = [path.relative_to(one) for path in one.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert (one / path).read_bytes() == (other / path).read_bytes()


def test_a_folder_that_is_there_is_not_written_to(run):
    Path("mine").mkdir()
    Path("mine/export.json").write_text("mine")
    assert "there already" in run("export=csv", "out=mine", status=2)
    assert [one.name for one in Path("mine").iterdir()] == ["export.json"]
    assert Path("mine/export.json").read_text() == "mine"
    assert "export" not in acts()
    assert "within the bank" in run("export=csv", "out=bank/pages/x", status=2)


def test_an_export_needs_the_key_of_the_bank(run, monkeypatch):
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", "another key of sixteen bytes")
    assert "but the bank was built with the key" in run("export=csv", status=2)
    monkeypatch.delenv("ADVERTS_TOKEN_KEY")
    assert "ADVERTS_TOKEN_KEY" in run("export=csv", status=2)
    assert not exported().exists()
    assert "export" not in acts()


def test_erasing_an_advert_removes_the_exports_of_the_bank(run):
    run("export=csv")
    Path("ids.txt").write_text("p0001\n")
    run("erase=ids.txt")
    assert not exported().exists()
    run("export=csv")
    record = json.loads((exported("build-0002") / "export.json").read_text())
    assert record["nodes"]["adverts"] == COUNT - 1


@pytest.mark.slow
@pytest.mark.parametrize("act", ["erase", "build"])
def test_an_export_of_a_bank_that_changes_meanwhile_is_removed(run, monkeypatch, act):
    from adverts_findings.campaigns import export_bank as module

    write, changes = module.write_exports, {"erase": "erase=ids.txt", "build": "refresh=true"}
    Path("ids.txt").write_text("p0001\n")

    def changed(*asked):
        write(*asked)
        done = adverts("link", "bank=bank", changes[act])
        assert done.returncode == 0, done.stderr

    monkeypatch.setattr(module, "write_exports", changed)
    assert "meanwhile" in run("export=csv", "out=elsewhere", status=2)
    assert not Path("elsewhere").exists()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["export=[csv]", "sheet=8"], "one at a time"),
        (["export=[xlsx]"], "export"),
        (["out=elsewhere"], "nothing to do"),
        (["sheet=8", "addresses=true"], "of an export"),
        (["reveal=-", "prepared=prepared", "source=raw"], "needs why="),
        (["reveal=-", "prepared=prepared", "why=x"], "source="),
        (["reveal=-", "source=raw", "why=x"], "prepared="),
        (["reveal=-", "why=x"], "needs the source"),
        (["reveal=-", "scores=scores", "source=raw", "why=x"], "source="),
        (["reveal=-", "prepared=prepared", "source=raw", "why=' '"], "needs why="),
        (["reveal=-", "find=-", "prepared=prepared", "source=raw", "why=x"], "one at a time"),
        (["find=-", "source=raw", "why=x"], "nothing else takes it"),
    ],
)
def test_wrong_use_is_one_line(run, asked, told):
    before = acts()
    error = run(*asked, status=2)
    assert told in error
    assert "Traceback" not in error
    assert acts() == before


ASKED = ("reveal=-", "prepared=prepared", "source=raw", "why='request 12'", "who=Ana")


def token_of(post):
    with open_bank(Path("bank")) as bank:
        [row] = [one for one in bank.table("adverts").to_pylist() if one["id"] == post.id]
    return row


def without_reveal():
    """Return all that is in the folder of the bank, in plain letters."""
    return "\n".join(everything(Path("bank"), "").values())


def test_whoever_has_key_source_and_reason_learns_whom_a_token_stands_for(run):
    rows = {one.id: token_of(one) for one in POSTS[::4]}
    asked = list(
        dict.fromkeys(
            token
            for row in rows.values()
            for token in (*row["contacts"], f"account:{row['account']}")
        )
    )
    told = run(*ASKED, piped="\n".join(asked).encode()).splitlines()
    assert len(told) == len(asked)
    answers = {line.partition(",")[0]: line for line in told}
    for post in POSTS[::4]:
        [token] = rows[post.id]["contacts"]
        assert post.written in answers[token]
        assert post.account in answers[f"account:{rows[post.id]['account']}"]
        others = [one for one in POSTS if one.needle != post.needle]
        assert not any("contact" in one for one in leaks(answers[token], others))
    last = read_log(Path("bank"))[-1]
    assert (last.act, last.who.value, last.why.value) == ("reveal", "Ana", "request 12")
    assert last.asked.value.split() == asked
    assert leaks(without_reveal(), POSTS) == []


def test_a_token_as_pages_show_it_and_an_identity_are_enough(run):
    post = POSTS[0]
    [token] = token_of(post)["contacts"]
    with open_bank(Path("bank")) as bank:
        identities = bank.table("identities").to_pylist()
    name = next(one["identity"] for one in identities if one["value"] == token)
    shown = re.match(r"[A-Z]+:.{8}", token)[0]
    for asked in (shown, name):
        assert post.written in run(*ASKED, piped=asked.encode())


def test_the_token_of_an_advert_in_an_export_leads_back_to_its_id(run):
    run("export=csv", "addresses=true")
    with (exported() / "csv" / "adverts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))[:3]
    told = run(*ASKED, piped=" ".join(one["id"] for one in rows).encode()).splitlines()
    for row, line in zip(rows, told, strict=True):
        assert line == f"{row['id']}, in 1 advert: {row['source_id']}"
    unknown = b"a" + b"0" * 32
    assert "is not in the bank" in run(*ASKED, piped=unknown, status=2)


@pytest.mark.slow
def test_erasing_names_the_exports_that_lie_elsewhere(run):
    run("export=csv", "out=elsewhere")
    run("export=csv", "out=gone")
    shutil.rmtree("gone")
    run("export=csv")
    Path("ids.txt").write_text("p0001\n")
    told = run("erase=ids.txt")
    assert re.findall(r"caution: (\S+) is an export", told) == [str(Path("elsewhere").absolute())]


@pytest.mark.slow
def test_erasing_names_what_an_export_elsewhere_left_that_was_killed(run):
    run("export=csv", "out=elsewhere")
    Path("elsewhere").rename("elsewhere.partial")
    Path("unrelated.partial").mkdir()
    Path("ids.txt").write_text("p0001\n")
    told = run("erase=ids.txt")
    left = Path("elsewhere.partial").absolute()
    assert re.findall(r"caution: (\S+) is an export", told) == [str(left)]


def test_the_look_is_logged_before_the_source_is_read(run, monkeypatch):
    def fails(*asked):
        assert acts()[-1] == "reveal"
        raise KeyboardInterrupt

    monkeypatch.setattr("adverts_findings.campaigns.reveal.read_unmasked", fails)
    [token] = token_of(POSTS[0])["contacts"]
    told = run(*ASKED, piped=token.encode(), status=130)
    assert leaks(told, POSTS) == []


def test_a_reveal_with_another_key_is_refused_by_name_and_not_logged(run, monkeypatch):
    [token] = token_of(POSTS[0])["contacts"]
    before = acts()
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", "another key of sixteen bytes")
    assert "but the bank was built with the key" in run(*ASKED, piped=token.encode(), status=2)
    monkeypatch.delenv("ADVERTS_TOKEN_KEY")
    assert "set $ADVERTS_TOKEN_KEY" in run(*ASKED, piped=token.encode(), status=2)
    assert acts() == before


def test_a_dataset_with_tokens_of_another_key_is_refused_by_name(run, monkeypatch):
    prepare(monkeypatch, POSTS, key="another key of sixteen bytes", prepared="other")
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", KEY)
    [token] = token_of(POSTS[0])["contacts"]
    asked = [one.replace("prepared=prepared", "prepared=other") for one in ASKED]
    told = run(*asked, piped=token.encode(), status=2)
    assert "the tokens of" in told
    assert "were made with the key" in told


def test_a_dataset_that_the_bank_was_not_built_from_reveals_nobody(run, monkeypatch):
    before = acts()
    Path("prepared").rename("of-the-bank")
    prepare(monkeypatch, POSTS[:-1], prepared="other")
    [token] = token_of(POSTS[0])["contacts"]
    asked = [one.replace("prepared=prepared", "prepared=[of-the-bank,other]") for one in ASKED]
    told = run(*asked, piped=token.encode(), status=2)
    assert "the bank was not built from other as it is now; link it first" in told
    assert leaks(told, POSTS) == []
    assert acts() == before


def test_a_source_that_changed_is_refused_without_a_contact(run):
    [token] = token_of(POSTS[0])["contacts"]
    with Path("raw/posts.csv").open("a") as file:
        file.write("x,call +44 7700 900999,en,a,aster,2026-W10,yes,true\n")
    told = run(*ASKED, piped=token.encode(), status=2)
    assert "is not what prepared was prepared from" in told
    assert leaks(told, POSTS) == []
    shutil.rmtree("raw")
    assert "raw" in run(*ASKED, piped=token.encode(), status=2)


@pytest.mark.parametrize(
    "piped", [b"", b"\xff\xfe", b"+44 7700 900000", b"@demo_fictional_01", b"PHONE:12", b"x " * 99]
)
def test_what_is_no_token_is_refused_and_not_repeated(run, piped):
    before = acts()
    told = run(*ASKED, piped=piped, status=2)
    assert "standard input" in told
    assert "900000" not in told
    assert "demo_fictional" not in told
    assert acts() == before


def test_a_token_that_is_not_in_the_bank_is_not_looked_for(run):
    before = acts()
    told = run(*ASKED, piped=b"PHONE:" + b"0" * 32, status=2)
    assert "is not in the bank" in told
    assert acts() == before


@pytest.mark.slow
def test_the_token_of_an_erased_or_restricted_advert_reveals_nobody(run):
    [token] = token_of(POSTS[0])["contacts"]
    with open_bank(Path("bank")) as bank:
        rows = bank.table("adverts", ("id", "contacts")).to_pylist()
    ids = [one["id"] for one in rows if token in one["contacts"]]
    Path("ids.txt").write_text("\n".join(ids))
    run("hold=ids.txt", f"until={NEXT_YEAR}", "why='case 7'")
    run("erase=ids.txt")
    with open_bank(Path("bank")) as bank:
        assert len(bank.table("restricted")) == len(ids)
    told = run(*ASKED, piped=token.encode(), status=2)
    assert "is not in the bank" in told


def test_a_hostile_contact_cannot_drive_the_terminal(run, monkeypatch, tmp_path):
    from dataclasses import replace

    monkeypatch.chdir(tmp_path)
    hostile = [replace(POSTS[0], account="\u202eevil\u2066 \u200b name")]
    prepare(monkeypatch, hostile + POSTS[1:])
    said(monkeypatch, "link", "bank=bank", "prepared=prepared", "pages=0")
    row = token_of(POSTS[0])
    told = said(
        monkeypatch, "link", "bank=bank", *ASKED, piped=f"account:{row['account']}".encode()
    )
    assert "evil" in told
    assert not {"\u202e", "\u2066"} & set(told)
