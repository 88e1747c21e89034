"""How a file was written is found and told, whatever a spreadsheet saved."""

import pytest

from adverts.errors import InputError
from adverts.files.delimited import USUAL, Dialect, find_dialect, plain_number

FRENCH = "Traversée ce soir, très bon état à Calais – créée exprès"
ALBANIAN = "Rrugë e sigurt për në Angli, çmimi i mirë, na kontaktoni për më shumë"
TURKISH = "İngiltere'ye güvenli yolculuk, fiyat uygun, hemen arayın, satılık araç, ışık"
ARABIC = "رحلة آمنة الى بريطانيا بسعر جيد"


def dialect(tmp_path, data, **given):
    path = tmp_path / "adverts.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return find_dialect(path, max_bytes=10_000, **given)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "cp1252"),
        (ALBANIAN, "cp1252"),
        ("£300 per person “call”", "cp1252"),
        ("£££ ¡¡¡ »»» £1000", "cp1252"),
        (TURKISH, "cp1254"),
        (ARABIC, "cp1256"),
        (ARABIC, "utf-8"),
        (FRENCH, "utf-8"),
        ("plain words", "ascii"),
    ],
)
def test_an_encoding_is_found_by_its_letters(tmp_path, text, encoding):
    found = dialect(tmp_path, f"id;text\n1;{text}\n".encode(encoding))
    assert found.encoding == ("utf-8" if encoding == "ascii" else encoding)
    assert found.delimiter == ";"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (b"I\x89\xdb\xaam \x89\xdb\xcffree \xcc\xa9\xa3100", "cp1252"),
        (b"I\x89\xdb\xaam \x89\xdb\xcffree\x89\xdb\x9d", "iso-8859-1"),  # which has every byte
    ],
)
def test_text_that_was_spoiled_before_is_not_taken_for_arabic(tmp_path, text, encoding):
    found = dialect(tmp_path, b"id;text\n1;" + text + b"\n")
    assert found.encoding == encoding


@pytest.mark.parametrize(
    ("value", "told"),
    [(8.81212e-05, "0.0000881212"), (0.9999934, "0.999993"), (1.0, "1")],
)
def test_a_number_has_no_exponent(value, told):
    assert plain_number(value) == told


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_the_one_of_which_rows_have_as_many_as_the_header(tmp_path, delimiter):
    rows = [["id", "text", "label"], ["1", '"a, b; c"', "no"], ["2", '"d\ne"', "yes"]]
    found = dialect(tmp_path, "\n".join(delimiter.join(row) for row in rows))
    assert found == Dialect("utf-8", delimiter)


def test_commas_in_texts_do_not_win_over_the_semicolons_of_the_header(tmp_path):
    text = "id;text, or caption;label\n" + "1;boat, cheap, call, now;1\n" * 20
    assert dialect(tmp_path, text).delimiter == ";"


def test_a_file_of_one_column_and_an_empty_one_are_read_as_usual(tmp_path):
    assert dialect(tmp_path, "text\nboat; cheap\n") == USUAL
    assert dialect(tmp_path, "") == USUAL


def test_a_broken_line_of_a_utf8_file_does_not_make_it_another(tmp_path):
    lines = [b"id,text\n", b"1,caf\xe9\n", "2,café\n".encode(), b"3,x\n"]
    assert dialect(tmp_path, b"".join(lines)) == USUAL


def test_what_is_given_is_taken_as_it_is(tmp_path):
    found = dialect(tmp_path, "a;b\n1;2\n", encoding="cp1256", delimiter=",")
    assert found == Dialect("cp1256", ",")
    with pytest.raises(InputError, match="unknown encoding 'klingon'"):
        dialect(tmp_path, "a;b\n", encoding="klingon")


def test_utf16_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match="is UTF-16; save it as UTF-8"):
        dialect(tmp_path, "id,text\n1,a\n".encode("utf-16"))


def test_a_dialect_says_itself_in_words():
    assert str(Dialect("cp1252", ";")) == "CP1252, semicolons between cells"
