"""Find the encoding and delimiter of a text file; write, read and guard delimited cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from adverts.errors import InputError
from adverts.files.bounded_reading import Openable, bounded_lines, read_bounded

UTF8 = "utf-8"
DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE_ROWS = 200
_LOOKED_AT = 256_000_000  # bytes; only spreadsheet programs write other encodings
_LETTERS = 200_000  # bytes of lines that are not UTF-8, enough to find their encoding
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ARABIC_LETTERS = bytes(
    one for one in range(128, 256) if "\u0620" <= bytes([one]).decode("cp1256") <= "\u06d3"
)
_ARABIC_WORD = re.compile(rb"[" + re.escape(_ARABIC_LETTERS) + rb"]{3,}")
_NOT_WESTERN = frozenset(b"\x81\x8d\x8f\x90\x9d")  # no letters of cp1252; Latin-1 has every byte
_TURKISH = frozenset(b"\xd0\xdd\xde\xf0\xfd\xfe")  # in cp1252 only Icelandic uses these letters
_DELIMITERS = (",", ";", "\t")
MAX_BYTES = 32_000_000
"""Largest file that is read, in bytes; a spreadsheet program itself opens no larger one."""
_MAX_COLUMNS = 1_000
# Line ends, other controls, a mark of the byte order, and space at either end of a cell
_QUOTED = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\"]|\A\s|\s\Z"
# A spreadsheet reads such a start as a formula, and a long number or one with an e as a measurement
_FORMULA = re.compile(r"[=+\-@\t\r\n'＝＋－＠]")
_NUMBER = re.compile(r"\d[\d.,:/eE+-]*")
# On a computer that separates cells by semicolons, each semicolon begins a cell, quoted or not.
_INNER = re.compile(r"([,;\t\r\n|][\s\"]*)('*[=+\-@＝＋－＠])")
_INNER_GUARDED = re.compile(r"([,;\t\r\n|][\s\"]*)'('*[=+\-@＝＋－＠])")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The encoding and delimiter of a file.

    Attributes:
        encoding: Python's name of the encoding.
        delimiter: The one character between cells.
    """

    encoding: str = UTF8
    delimiter: str = ","

    def __str__(self) -> str:
        between = _NAMES.get(self.delimiter, repr(self.delimiter))
        return f"{self.encoding.upper()}, {between} between cells"


USUAL = Dialect()


def find_dialect(
    file: Openable, *, max_bytes: int, encoding: str | None = None, delimiter: str | None = None
) -> Dialect:
    """Return the encoding and delimiter of a file of delimited text.

    A given encoding or delimiter is used as it is. A file is UTF-8 if it is pure ASCII or has a
    line beyond ASCII that is UTF-8. Otherwise it is one of the encodings in which spreadsheets save
    such files: Arabic (cp1256), Turkish (cp1254) or Western (cp1252, or Latin-1 itself). The
    delimiter is the one that gives the most cells in the header, and as many in the first rows.
    The first 256 MB of a file decide.

    Args:
        file: The file.
        max_bytes: Longest line that is looked at, in bytes; longer lines are skipped.
        encoding: Encoding of the file; None finds it.
        delimiter: Delimiter of the file; None finds it.

    Raises:
        InputError: The file is UTF-16, or the given encoding is not known.
    """
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise InputError(
                f"unknown encoding {encoding!r}; give one such as utf-8, cp1252 or cp1256"
            ) from None
    with file.open("rb") as stream, suppress(EOFError):
        refuse_utf16(stream.read(2), file)
    encoding = encoding or _find_encoding(file, max_bytes)
    return Dialect(encoding, delimiter or _find_delimiter(file, encoding, max_bytes))


def refuse_utf16(begin: bytes, file: Openable) -> None:
    """Refuse a file that begins with a byte-order mark of UTF-16.

    Raises:
        InputError: The file begins with such a mark.
    """
    if begin.startswith(_UTF16_MARKS):
        raise InputError(f"{file} is UTF-16; save it as UTF-8")


def _lines(file: Openable, max_bytes: int) -> Iterator[bytes]:
    with file.open("rb") as stream, suppress(EOFError):  # reading the rows says what is cut off
        for number, line in enumerate(_first_lines(stream, max_bytes)):
            if line is not None:
                yield line.removeprefix(codecs.BOM_UTF8) if number == 0 else line


def _first_lines(stream: BinaryIO, max_bytes: int) -> Iterator[bytes | None]:
    size = 0
    for line in bounded_lines(stream, most=max_bytes):
        yield line
        size += len(line or b"")
        if size > _LOOKED_AT:
            return


def _find_encoding(file: Openable, max_bytes: int) -> str:
    foreign: list[bytes] = []
    size = 0
    for line in _lines(file, max_bytes):
        if line.isascii():
            continue
        try:
            line.decode(UTF8)
        except UnicodeDecodeError:
            foreign.append(line)
            size += len(line)
            if size > _LETTERS:
                break
        else:
            return UTF8  # other lines are broken, and are reported as such
    return _legacy(b"\n".join(foreign)[:_LETTERS]) if foreign else UTF8


def _legacy(data: bytes) -> str:
    """Return the encoding of text of one byte a letter; only Arabic has long runs of such letters.

    The library ``charset-normalizer`` was tried: it mistook French, Albanian and Turkish for
    languages of Central Europe.
    """
    count = Counter(one for one in data if one >= 0x80)
    total = sum(count.values())
    together = sum(map(len, _ARABIC_WORD.findall(data)))
    if together > 0.5 * total:
        return "cp1256"
    if not count.keys().isdisjoint(_NOT_WESTERN):
        return "iso-8859-1"
    return "cp1254" if sum(count[one] for one in _TURKISH) > 0.1 * total else "cp1252"


def _find_delimiter(file: Openable, encoding: str, max_bytes: int) -> str:
    lines = [
        line.decode(encoding, "replace") for line in islice(_lines(file, max_bytes), _SAMPLE_ROWS)
    ]
    return max(DELIMITERS, key=lambda one: _fit(lines, one))


def _fit(lines: list[str], delimiter: str) -> tuple[float, int]:
    """Return how well a delimiter explains the lines.

    The result is the share of rows as long as the header, and the number of cells of the header.
    Both are 0 where the delimiter does not occur in the header.
    """
    rows: list[list[str]] = []
    with suppress(csv.Error):  # the rows before the fault are enough
        rows.extend(csv.reader(lines, delimiter=delimiter))
    if not rows or len(rows[0]) < 2:
        return 0.0, 0
    body = [len(row) for row in rows[1:] if row]
    alike = sum(one == len(rows[0]) for one in body) / len(body) if body else 1.0
    return round(alike, 1), len(rows[0])


def delimited(
    rows: Iterable[Iterable[object]],
    *,
    delimiter: str = ",",
    line_end: str = "\n",
    quote_all: bool = False,
) -> bytes:
    """Return rows as delimited text in UTF-8, which every reader splits into the same cells.

    All such files of this package are written by it, but for the tables that Arrow writes. A cell
    with the delimiter, a quote, a line end of any kind (a CR alone too), another control character
    or space at an end is in quotes, and so is the empty cell of a row without others. A quote is
    doubled. None is an empty cell. A lone surrogate, which no encoding holds, becomes ``?``.

    The cells are written as they are: who writes for spreadsheets guards them first, see
    :func:`guarded`. A reader may still take an empty cell or ``NA`` for a missing value, as pandas
    does without ``keep_default_na=False``, or refuse a very long one, as Python's ``csv`` does from
    131,072 characters on. Readers that look for lines before they look for quotes, as pyarrow does
    without ``newlines_in_values=True``, cannot read cells of several lines at all.

    Args:
        rows: The cells of each row.
        delimiter: The one character between cells.
        line_end: What ends a row.
        quote_all: Whether every cell is in quotes.
    """
    needs_quotes = re.compile(f"{_QUOTED}|{re.escape(delimiter)}").search

    def line(row: Iterable[object]) -> str:
        cells = ["" if cell is None else str(cell) for cell in row]
        all_in_quotes = quote_all or cells == [""]
        for place, cell in enumerate(cells):
            if all_in_quotes or needs_quotes(cell):
                cells[place] = '"' + cell.replace('"', '""') + '"'
        return delimiter.join(cells) + line_end

    return "".join(map(line, rows)).encode(UTF8, "replace")


def spreadsheet(rows: Iterable[Iterable[object]]) -> bytes:
    """Return rows as people's spreadsheet programs read them best: all cells in quotes, CRLF.

    The mark of the byte order comes first: without it Excel guesses the encoding.
    """
    return codecs.BOM_UTF8 + delimited(rows, line_end="\r\n", quote_all=True)


def plain_number(value: float) -> str:
    """Return a number with six digits that count, and no exponent, which a spreadsheet may miss."""
    return f"{Decimal(f'{value:.6g}'):f}"


def guarded(cell: str, *, numbers: bool = True) -> str:
    """Return a cell that no spreadsheet takes for a formula, a number or a date.

    Such a cell gets an apostrophe in front, and after each separator that a formula could follow;
    :func:`unguarded` removes them.

    Args:
        cell: Text of the cell.
        numbers: Whether numbers and dates are guarded too, since a spreadsheet may shorten them.
    """
    inner = _INNER.sub(r"\1'\2", cell)
    is_number = numbers and _NUMBER.fullmatch(cell)
    return f"'{inner}" if _FORMULA.match(cell) or is_number else inner


def unguarded(cell: str) -> str:
    """Return the original text of a cell that :func:`guarded` returned."""
    return _INNER_GUARDED.sub(r"\1\2", cell.removeprefix("'"))


def read_spreadsheet(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header of a file, and the number and cells of each row that is not empty.

    The file is UTF-8 with or without a byte-order mark, has any line end, and has commas,
    semicolons or tabs between cells. Cells are stripped. Rows are numbered as a spreadsheet does,
    and each has as many cells as the header.

    Raises:
        InputError: The file is missing, too large, not UTF-8 or not CSV, has too many columns, or
            has a row with too many cells.
    """
    try:
        text = read_bounded(path, most=MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8; save it as “CSV UTF-8”") from None
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(
            f"{path} is not a review sheet; give the filled-in sheet of an audit or of a sample"
        ) from None
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(f"{path} cannot be read as CSV ({error}); save it again") from None
    header = [name.strip() for name in rows[0]] if rows else []
    while header and not header[-1]:
        header.pop()
    if len(header) > _MAX_COLUMNS:
        raise InputError(f"{path} has {len(header):,} columns; at most {_MAX_COLUMNS:,} are read")
    return header, _filled(path, header, rows[1:])


def _filled(
    path: Path, header: Sequence[str], rows: Sequence[list[str]]
) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if any(cells[len(header) :]):
            raise InputError(
                f"{path}, row {number}: has more cells than the {len(header)} columns of the "
                "header; is a separator in a cell without quotes?"
            )
        yield number, (cells + [""] * len(header))[: len(header)]
