"""Evidence of single adverts: what is in it, and that no text or contact is."""

import io
import random
import string
from collections import Counter
from datetime import date
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from adverts.advert import Advert
from adverts.clusters.picture_hash import PictureHash
from adverts.clusters.shingles import shingle, signatures
from adverts.config.data import ColumnsConfig
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.raw_rows import RawRow
from adverts.errors import InputError
from adverts.inputs.contacts.contact_tokens import contact_tokens
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.contacts.token_key import TOKEN_KEY, token_key_id
from adverts.inputs.letters.folding import fold
from adverts.inputs.pixels import CHECKED
from adverts.scoring.evidence.evidence_files import EvidenceFile
from adverts.scoring.evidence.evidence_rows import EvidenceMaker, Seen, require_token_key
from adverts.scoring.evidence.evidence_terms import EvidenceTerms

KEY = b"a key of sixteen bytes or more"
TEXT = "two seats in a small boat tonight, call +44 7700 900123 or ask @demo_fictional_07"
COLUMNS = ColumnsConfig(
    **dict.fromkeys(ColumnsConfig.model_fields)
    | {name: name for name in ("account", "url", "views", "posted_at")}
)


def of(*adverts, values=None, faults=None, key=KEY):
    """Return the evidence of some adverts."""
    seen = [
        Seen("p", RawRow("posts.csv", 2, values or {}, Path()), advert)
        if advert is not None
        else Seen("p", BadRow("posts.csv", 2, "", ""), None)
        for advert in adverts
    ]
    return EvidenceMaker(COLUMNS, CHECKED, key).of(seen, 7, Counter() if faults is None else faults)


def picture(level=90):
    """Return a file of a picture."""
    image = Image.radial_gradient("L").point(lambda value: value ^ level).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_the_signature_is_that_of_the_folded_masked_text():
    [row] = of(Advert("p", TEXT))
    wanted = signatures(shingle([fold(mask_contacts(TEXT))]))[0]
    assert row.text.signature == wanted.astype("<u2").tobytes()
    assert row.text.groups == shingle([fold(mask_contacts(TEXT))]).sizes[0]


def test_texts_that_fold_alike_have_the_same_hash_and_others_another():
    one, other, third = of(
        Advert("p", TEXT), Advert("p", TEXT.upper() + " "), Advert("p", f"more {TEXT}")
    )
    assert one.text == other.text
    assert third.text.hash != one.text.hash
    assert of(Advert("p", TEXT), key=KEY + b"!")[0].text.hash != one.text.hash
    assert of(Advert("p", "", ocr_text=TEXT))[0].page == one.text


def test_an_advert_has_the_same_evidence_whatever_is_beside_it():
    adverts = [Advert("p", f"{TEXT} {number}", ocr_text=TEXT) for number in range(20)]
    together = of(*adverts)
    assert together == [of(advert)[0] for advert in adverts]


def test_contacts_of_caption_and_picture_have_tokens_and_public_ones_are_marked():
    [row] = of(Advert("p", TEXT, ocr_text="call 0808 800 4444, +44 7700 900123"))
    tokens = [one.token for one in contact_tokens(TEXT, key=KEY)]
    assert row.contacts[: len(tokens)] == tuple(tokens)
    assert len(row.contacts) == len(tokens) + 1
    assert row.public_contacts == row.contacts[len(tokens) :]


def test_pictures_have_the_hash_of_their_file_and_what_they_look_like():
    files, faults = (picture(), b"no picture", picture(40)), Counter()
    [row] = of(Advert("p", images=files), faults=faults)
    assert row.picture_sha256 == tuple(sha256(file).digest() for file in files)
    assert row.picture_hashes[1] is None
    assert PictureHash.from_bytes(row.picture_hashes[0]).pdq
    assert faults["picture"] == 1


@pytest.mark.parametrize("advert", [None, Advert("p"), Advert("p", " \n", ocr_text="")])
def test_nothing_is_known_of_an_empty_advert(advert):
    [row] = of(advert)
    assert (row.id, row.unit, row.file, row.row) == ("p", 7, "posts.csv", 2)
    assert (row.text, row.page, row.contacts, row.picture_sha256) == (None, None, (), ())


def test_cells_of_another_kind_are_missing_and_counted():
    faults = Counter()
    values = {"account": "two\nlines", "url": "no", "views": -1, "posted_at": "never"}
    [row] = of(Advert("p", TEXT), values=values, faults=faults)
    assert (row.account, row.url, row.views, row.posted_at) == (None, None, None, None)
    assert +faults == {"account": 1, "url": 1, "views": 1, "posted_at": 1}


def test_a_text_that_cannot_be_masked_spoils_no_other(monkeypatch):
    from adverts.scoring.evidence import evidence_rows

    masked = evidence_rows.mask_and_token

    def fails(text, *, key):
        if "boat" in text:
            raise RuntimeError(text)
        return masked(text, key=key)

    monkeypatch.setattr(evidence_rows, "mask_and_token", fails)
    faults = Counter()
    bad, good = of(Advert("p", TEXT), Advert("p", "rooms for sale near the sea"), faults=faults)
    assert (bad.text, bad.contacts) == (None, ())
    assert good.text is not None
    assert faults["text"] == 1


@pytest.mark.parametrize("seed", range(20))
def test_no_text_or_contact_of_an_advert_is_in_any_byte_of_the_file(tmp_path, seed):
    draw = random.Random(seed)

    def word():
        letters = draw.choice((string.ascii_lowercase, "ابتثجحخدذرزسشصضطظ", "ăâđêôơưạảấ"))
        return "".join(draw.choices(letters, k=12))

    words = [word() for _ in range(20)]
    phone = f"+44 7700 900{draw.randrange(1000):03d}"
    handle, account = f"@demo_fictional_{draw.randrange(100):02d}", word()
    caption = " ".join([*words[:10], phone, handle])
    page = " ".join([*words[10:], phone.replace(" ", "")])
    values = {"account": account, "url": caption, "views": caption, "posted_at": page}
    rows = of(Advert("p", caption, images=(picture(seed),), ocr_text=page), values=values)
    path = tmp_path / "evidence"
    file = EvidenceFile(path, EvidenceTerms(date(2026, 1, 1), token_key_id(KEY)))
    file.add(rows)
    file.close()
    plain = repr(pq.read_table(path).to_pylist())
    digits = phone.replace(" ", "")
    for secret in (*words, phone, digits, digits[3:], handle, handle[1:], account, KEY.decode()):
        for form in (secret, fold(secret)):
            assert form.encode() not in path.read_bytes()
            assert form not in plain


def test_equal_rows_give_equal_bytes_and_a_file_of_none_can_be_read(tmp_path):
    terms = EvidenceTerms(date(2026, 1, 1), token_key_id(KEY))
    for name, rows in (("a", of(Advert("p", TEXT))), ("b", of(Advert("p", TEXT))), ("none", [])):
        file = EvidenceFile(tmp_path / name, terms)
        file.add(rows)
        file.close()
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert pq.read_table(tmp_path / "none").num_rows == 0
    assert (tmp_path / "none").stat().st_mode & 0o077 == 0


def test_a_key_that_is_missing_short_or_another_is_one_line():
    terms = EvidenceTerms(date(2026, 1, 1), token_key_id(KEY))
    assert require_token_key({TOKEN_KEY: KEY.decode()}, terms) == KEY
    for environment, told in (
        ({}, "set [$]ADVERTS_TOKEN_KEY"),
        ({TOKEN_KEY: ""}, "set [$]ADVERTS_TOKEN_KEY"),
        ({TOKEN_KEY: "short"}, "has 5 bytes"),
        ({TOKEN_KEY: "another key of sixteen bytes"}, "set that key"),
    ):
        with pytest.raises(InputError, match=told) as raised:
            require_token_key(environment, terms)
        assert "another key" not in str(raised.value)


def test_the_id_of_a_key_is_not_the_start_of_its_hash():
    assert len(token_key_id(KEY)) == 16
    assert not sha256(KEY).hexdigest().startswith(token_key_id(KEY))
