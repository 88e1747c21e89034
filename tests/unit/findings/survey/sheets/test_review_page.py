import base64
import hashlib
import json
import re
import stat

import labelling as examples
import pytest
from labelling import item

from adverts.errors import InputError
from adverts_findings.survey.sample import Choice, ReviewQuestion


def written(folder, *items, **changes):
    return examples.write(folder / "review.html", items, **changes).read_text()


def data_of(page):
    return json.loads(page.split('<script type="application/json" id="sheet">')[1].split("</")[0])


def test_only_the_owner_may_read_the_page(tmp_path):
    path = examples.write(tmp_path / "review.html", [item(1)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_page_never_replaces_a_file(tmp_path):
    (tmp_path / "review.html").write_text("answers")
    with pytest.raises(FileExistsError):
        examples.write(tmp_path / "review.html", [item(1)])
    assert (tmp_path / "review.html").read_text() == "answers"


def test_the_page_holds_the_sheet_and_nothing_of_what_counts(tmp_path):
    data = data_of(written(tmp_path, item(7), round=2, design="learn"))
    assert data == {
        "name": "5ea15e",
        "sample": examples.SEAL,
        "round": 2,
        "reason": "taught",
        "task": "refer",
        "unsure": "unsure",
        "choices": [
            {"label": "yes", "definition": "Sells or arranges a tour of the museum."},
            {"label": "no", "definition": "Anything else."},
        ],
        "items": [
            {
                "name": "i00000000000000000007",
                "text": "Tour 7 of the museum, write to <PHONE>",
                "picture_text": "",
                "pictures": [],
                "language": "en",
            }
        ],
        "earlier": [],
        "hashings": 100_000,
    }


def test_names_of_earlier_reviewers_are_in_the_page_as_hashes_alone(tmp_path):
    names = ["Wilhelmina", " wilhelmina ", "ＷＩＬＨＥＬＭＩＮＡ", "Bertram\u200d"]
    page = written(tmp_path, item(1), round=2, earlier=names)
    digests = [
        hashlib.pbkdf2_hmac("sha256", name, examples.SEAL.encode(), 100_000).hex()
        for name in (b"wilhelmina", b"bertram")
    ]
    assert data_of(page)["earlier"] == sorted(digests)
    assert "wilhelmina" not in page.lower()
    assert "bertram" not in page.lower()


def test_the_policy_allows_the_one_script_and_no_address(tmp_path):
    page = written(tmp_path, item(1))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert "://" not in page


@pytest.mark.parametrize("place", ["text", "picture_text", "language", "name"])
def test_no_text_ends_the_data(tmp_path, place):
    hostile = "</script><!--<script>"
    changed = item(1, **({} if place == "name" else {place: hostile}))
    if place == "name":
        changed = type(changed)(hostile, "", "", (), "")
    page = written(tmp_path, changed)
    assert page.count("</script>") == 2
    assert "<!--" not in page
    assert data_of(page)["items"][0][place] == hostile


def test_characters_that_turn_or_hide_text_are_removed(tmp_path):
    page = written(tmp_path, item(1, text="a\u202eb\x00c\x9bd\r\ne"))
    assert data_of(page)["items"][0]["text"] == "ab c d \ne"


def test_half_a_surrogate_pair_is_written_as_a_question_mark(tmp_path):
    assert data_of(written(tmp_path, item(1, text="a\ud83db")))["items"][0]["text"] == "a?b"


def test_a_picture_that_cannot_be_decoded_is_kept_as_missing(tmp_path):
    page = written(tmp_path, item(1, pictures=(b"no picture",)))
    assert data_of(page)["items"][0]["pictures"] == [None]


def test_a_sheet_without_adverts_is_refused(tmp_path):
    with pytest.raises(InputError, match="round 1 of this sample has no advert to label"):
        examples.write(tmp_path / "review.html", [])
    assert not (tmp_path / "review.html").exists()


def test_a_label_that_a_page_cannot_give_back_is_refused(tmp_path):
    question = ReviewQuestion("refer", (Choice("no\u202e", "", False),), "c")
    with pytest.raises(InputError, match="invisible control characters"):
        examples.write(tmp_path / "review.html", [item(1)], question)
