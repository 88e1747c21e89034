"""The verb link writes pages that somebody asks for: with texts only then, and never for long."""

import base64
import csv
import io
import json
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from calling import call
from PIL import Image
from preparing import MADE, config

from adverts.prepare import prepare
from adverts_findings.campaigns.bank.access_log import read_log

KEY = "a key of sixteen bytes or more"
PHONES = "+44 7700 900123", "+44 7700 900456"
PLACES = ("Leeds", "York", "Hull", "Bath")
COLUMNS = {
    "id": "id",
    "text": "text",
    "image": "image",
    "lang": "lang",
    "platform": "platform",
    "account": "account",
    "posted_week": "week",
    "reviewed": "reviewed",
}
SPLIT = MADE | {"validation_fraction": 0.0, "test_fraction": 0.0}
SECRET = "rarewordone rarewordtwo"


def rows():
    """Return adverts of two advertisers with a text each, which varies in price and place."""
    for number in range(16):
        first = number < 10
        place, phone = PLACES[number % 4], PHONES[not first]
        opening = "new here" if first else "we are open late and"
        text = (
            f"{opening} {SECRET} in {place} only £{40 + 10 * (number % 3)} today call {phone} now"
        )
        yield {
            "id": f"a{number:02d}",
            "text": text if first else f"{text} {' '.join(PLACES)} every day of the week",
            "image": f"{'one' if number % 2 else 'two'}.png",
            "lang": "en",
            "platform": "site" if number % 3 else "forum",
            "account": f"account {number // 2}",
            "week": f"2026-W{10 + number // 4:02d}",
            "reviewed": "true",
            "label": "yes",
        }


def write_source(root):
    root.mkdir()
    draw = random.Random(0)
    for name in ("one", "two"):
        pixels = bytes(draw.randrange(256) for _ in range(3 * 64 * 64))
        Image.frombytes("RGB", (64, 64), pixels).save(root / f"{name}.png")
    told = list(rows())
    told.append(told[0] | {"id": "other", "text": "nothing of the kind", "label": "no"})
    with (root / "adverts.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, told[0])
        writer.writeheader()
        writer.writerows(told)


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    """A folder with a prepared dataset and a bank that was built from it."""
    folder = tmp_path_factory.mktemp("complete")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ADVERTS_TOKEN_KEY", KEY)
        write_source(folder / "raw")
        prepare(config(folder, COLUMNS, split=SPLIT))
        assert call(patch, "link", "prepared=prepared/demo", "bank=bank", "pages=0") == 0
    return folder


@pytest.fixture
def folder(complete, tmp_path, monkeypatch):
    shutil.copytree(complete, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", KEY)
    return tmp_path / "copy"


@pytest.fixture
def run(folder, monkeypatch):
    return lambda *asked: call(monkeypatch, "link", "bank=bank", *asked)


def pages():
    return {path.name: path.read_text() for path in sorted(Path("bank/pages").iterdir())}


@pytest.mark.parametrize("typed", ["c000001", "C0001", "c1"])
def test_a_page_is_made_for_a_campaign_as_somebody_types_it(run, typed, capsys):
    assert run(f"campaign={typed}") == 0
    assert "bank/pages/c000001.html  is restricted" in capsys.readouterr().out
    assert "c000001.html" in pages()
    assert "c000002.html" not in pages()


def test_no_page_holds_a_text_unless_the_source_is_given(run):
    assert run("campaign=[c1,c2]") == 0
    found = pages()
    assert not any("rareword" in text for text in found.values())
    assert "prepared=FOLDER" in found["c000001.html"]
    assert "<img" not in found["c000001.html"]


def test_with_its_source_a_page_shows_slots_prices_and_blurred_pictures(run):
    assert run("campaign=c1", "prepared=prepared/demo") == 0
    found = pages()
    page = found["c000001.html"]
    told = json.loads(found["c000001.json"])["originals"]
    assert told["found"] == 10
    [template] = told["templates"]
    [variant] = template["variants"]
    slots = {one["kind"]: one["found"] for one in variant["pieces"] if one["kind"]}
    assert dict(slots["price"]) == {"£40": 4, "£50": 3, "£60": 3}
    assert set(dict(slots["words"])) == set(PLACES)
    assert any(SECRET in one["words"] for one in variant["pieces"])
    assert "<PHONE>" in json.dumps(template)
    assert {(one["week"], one["currency"]) for one in told["prices"]} == {
        (f"2026-W{week}", "GBP") for week in (10, 11, 12)
    }
    assert page.count('<img src="data:image/png;base64,') == 2
    assert "Texts of adverts are here" in page
    others = [text for name, text in found.items() if not name.startswith("c000001")]
    assert not any("rareword" in text or "data:image/png" in text for text in others)
    for text in found.values():
        assert "900123" not in text
        assert "7700" not in text


def test_the_pixels_of_a_page_say_nothing_of_the_details(run):
    assert run("campaign=c1", "prepared=prepared/demo") == 0
    data = re.findall(r'<img src="data:image/png;base64,([^"]+)"', pages()["c000001.html"])
    for one in data:
        image = Image.open(io.BytesIO(base64.b64decode(one))).convert("L")
        jumps = np.abs(np.diff(np.asarray(image, np.int64), axis=1))
        assert jumps.mean() < 8  # the source is noise: 85 on average


def test_a_page_that_is_asked_for_leaves_the_others_of_the_build(run):
    assert run("campaign=c1", "prepared=prepared/demo") == 0
    first = pages()["c000001.html"]
    assert run("campaign=c2") == 0
    found = pages()
    assert found["c000001.html"] == first
    assert 'href="c000001.html"' in found["index.html"]
    assert 'href="c000002.html"' in found["index.html"]


def test_a_new_build_takes_away_what_showed_texts(run):
    assert run("campaign=c1", "prepared=prepared/demo") == 0
    assert run("refresh=true") == 0
    assert not any("rareword" in text for text in pages().values())


def test_erasure_takes_away_the_pages_with_texts(run):
    assert run("campaign=[c1,c2]", "prepared=prepared/demo") == 0
    Path("ids.txt").write_text("a03\n")
    assert run("erase=ids.txt", "pages=0") == 0
    assert not Path("bank/pages").exists()
    assert run("campaign=c1") == 0
    assert "a03" not in pages()["c000001.html"]


def test_no_page_is_made_of_a_build_that_still_holds_what_was_erased(run, monkeypatch, capsys):
    Path("ids.txt").write_text("a03\n")

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("adverts_findings.link._rebuild", killed)
        assert run("erase=ids.txt") != 0
    assert run("campaign=c1") == 2
    assert "refresh=true" in capsys.readouterr().err
    assert not Path("bank/pages").exists()


def test_a_dataset_that_the_bank_was_not_built_from_is_refused(run, tmp_path, monkeypatch, capsys):
    other = tmp_path / "other"
    other.mkdir()
    write_source(other / "raw")
    with (other / "raw" / "adverts.csv").open("a") as file:
        file.write("late,another text,one.png,en,site,me,2026-W20,true,yes\n")
    monkeypatch.setenv("ADVERTS_TOKEN_KEY", KEY)
    prepare(config(other, COLUMNS, split=SPLIT))
    assert run("campaign=c1", f"prepared={other}/prepared/demo") == 2
    assert "the bank was not built from" in capsys.readouterr().err
    assert not Path("bank/pages").exists()


def test_pages_are_in_the_log_before_they_are_made(run, folder):
    assert run("campaign=C1", "prepared=prepared/demo", "who=Ana", "why=request 12") == 0
    last = read_log(folder / "bank")[-1]
    assert (last.act, last.asked.value) == ("page", "c000001 with texts and pictures")
    assert (last.who.value, last.why.value) == ("Ana", "request 12")


def test_a_campaign_that_is_not_there_is_refused_and_logs_nothing(run, folder, capsys):
    before = len(read_log(folder / "bank"))
    assert run("campaign=[c1,c999]") == 2
    assert "campaign 'c000999': the bank has no such campaign" in capsys.readouterr().err
    assert len(read_log(folder / "bank")) == before


def test_judgements_and_exports_are_on_the_page(run):
    assert run("campaign=c1") == 0
    page = pages()["c000001.html"]
    assert "Nobody has judged a link" in page
    assert "Nothing was shared from this bank" in page
    Path("judged.csv").write_text(
        "said,first,second,by,at,why\nsame,a00,a01,Ana,,both say call +44 7700 900123\n"
    )
    assert run("judgements=judged.csv", "pages=0") == 0
    assert run("sheet=4") == 0
    assert run("campaign=c1") == 0
    page = pages()["c000001.html"]
    assert "Ana" in page
    assert "both say call &lt;PHONE&gt;" in page
    assert "900123" not in page
    assert "has 1 line on what was exported or shared" in page
    assert "sheet of" in page


def test_a_page_is_no_build_and_two_tasks_are_refused(run, capsys):
    assert run("campaign=c1", "refresh=true") == 2
    assert "different tasks" in capsys.readouterr().err
