"""Guesses what the columns of an unknown file mean, from names and cells, each with a reason.

Rows from all over a file are looked at: files are often ordered by their split or their label.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import TypeVar

from adverts.advert import Split
from adverts.config.data import ColumnsConfig, GivenSplit, split_of
from adverts.config.overrides import in_shell, shell_word
from adverts.data.mapping.collect_labels import MOST_LABELS, evenly_spelt
from adverts.data.mapping.plain_cells import text_of, without_accents
from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.formats.header import is_name, shown_names
from adverts.data.sources.pictures import PICTURE_SUFFIXES
from adverts.data.sources.raw_rows import SOURCE_FILE, RawRow, Source
from adverts.errors import InputError, plural

ROWS = 2_000
"""The largest number of rows of a source that are looked at."""
_ROWS_OF_PART = 50
_MOST_OF_PART = 1_000_000  # rows of a file that is never divided, such as a compressed one
MOST_ANSWERS = 20
_MANY_ROWS = 20  # of fewer, any column may hold another value in each
_FEW_SPLITS = 6
"""The largest number of values of a column that may say how adverts are split."""
_RARE = 0.02  # share of the cells: rarer values are misspellings that will be repaired
_LARGEST_GROUP = 0.1  # share of the rows: adverts of a group are never split
_SHORT = 15.0  # characters; captions are longer on average
_ADDRESSES = ("url", "link", "permalink", "post_url")
"""Names of columns of addresses of posts: what is posted at one address is never split."""
_NAMES: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("id", "no", "nr", "num", "number", "uuid", "key", "post_id", "advert_id", "item_id"),
        *("numéro", "numero", "n°", "nº", "identifiant", "ref", "référence", "numri", "sıra"),
    ),
    "text": (
        *("text", "caption", "message", "content", "body", "post", "description", "comment"),
        *("tweet", "sms", "title", "texte", "légende", "legende", "contenu", "tekst", "metin"),
        *("nội dung", "noi_dung", "النص", "متن"),
    ),
    "image": ("image", "images", "picture", "photo", "img", "file", "filename", "image_path"),
    "lang": ("lang", "language", "langue", "gjuha", "dil", "locale"),
    "script": ("script",),
    "platform": ("platform", "source", "site", "network", "plateforme"),
    "posted_week": ("posted_week", "week", "iso_week"),
    "account": ("account", "account_id", "user", "user_id", "author", "username", "compte"),
    "campaign": ("campaign", "campaign_id"),
    "group": ("group", "thread", "video", "video_id", "conversation", *_ADDRESSES),
    "split": ("split", "fold", "set", "subset", "partition"),
    "reviewed": ("reviewed", "verified"),
}
LABELS = (
    *("label", "labels", "class", "target", "category", "spam", "is_spam", "advert", "is_advert"),
    *("y", "relevant", "positive", "étiquette", "etiquette", "classe", "etiket", "nhan"),
)
HINTED: Mapping[str, tuple[str, ...]] = {
    name: _NAMES[name] for name in ("lang", "platform", "account", "group", "posted_week")
} | {"posted_week": ("posted_week", "week", "date", "posted_at", "created_at", "timestamp")}
"""Maps each useful name in ``data.columns`` to the source columns that it may be mapped to."""
_WEEK = re.compile(r"\d{4}-W\d{2}")
_T = TypeVar("_T")


@dataclass(slots=True)
class GuessedColumn:
    """Summary of the cells of a column in the rows that were looked at.

    Attributes:
        cells: Number of rows with a cell that is not empty.
        characters: Number of characters of all cells together.
        values: Maps each short value to how often it occurs.
        pictures: Number of cells that have the suffix of a picture file.
    """

    cells: int = 0
    characters: int = 0
    pictures: int = 0
    values: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        """Add a cell to the summary."""
        self.cells += 1
        self.characters += len(text)
        self.pictures += any(text.lower().endswith(one) for one in PICTURE_SUFFIXES)
        if len(text) <= 100:  # noqa: PLR2004 - of a name
            self.values[text] += 1

    @property
    def mean_characters(self) -> float:
        """Mean length of its cells in characters."""
        return self.characters / self.cells if self.cells else 0.0


@dataclass(frozen=True, slots=True)
class Guess:
    """The column that was guessed for a field.

    Attributes:
        column: Name of the column; None if no column fits.
        why: Reason for the guess, as a phrase that quotes nothing of the source.
        others: Further values of a column of labels, each in a few rows.
        perhaps: Columns of two values, where no column fits.
    """

    column: str | None
    why: str
    others: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guesses:
    """All guesses about a source.

    Attributes:
        columns: Maps names in ``data.columns`` to their guesses.
        label: Guess of the column of labels.
        labels: Its labels, evenly spelt.
        positive: The label that orders the queue; None if it is unknown.
        unused: Columns that hold something and are mapped to nothing.
        rows: Number of rows that were looked at.
        bad: Rows among them that cannot be read.
        answers: Every label of the column of labels, also those of a few rows, evenly spelt.
        labelled: Number of rows with a label.
        strange_split: A column that has the name of a split, and values that mean none.
        strange_values: These values.
        perhaps_id: A column with another short value in each row, where none is that of ids.
    """

    columns: Mapping[str, Guess]
    label: Guess
    labels: tuple[str, ...]
    positive: str | None
    unused: tuple[str, ...]
    rows: int
    bad: tuple[BadRow, ...] = ()
    answers: tuple[str, ...] = ()
    labelled: int = 0
    strange_split: str | None = None
    strange_values: tuple[str, ...] = ()
    perhaps_id: str | None = None


def guess(
    source: Source,
    named: Mapping[str, str] | None = None,
    splits: Mapping[str, Split] | None = None,
    *,
    labelled: bool = True,
) -> Guesses:
    """Look at rows from all over a source, and guess what its columns are.

    Args:
        source: The source.
        named: Maps ``label``, or names in ``data.columns``, to columns that are known.
        splits: The split that each value of the column of splits means; None goes by their names.
        labelled: Whether a column of labels is looked for.

    Raises:
        InputError: There is no such column, it cannot be what it is named as, or a file is damaged.
    """
    known = dict(named or {})
    looked_at = list(rows_all_over(source, source.columns or ()))
    rows = [row for row in looked_at if not isinstance(row, BadRow)]
    bad = tuple(row for row in looked_at if isinstance(row, BadRow))
    seen = look(rows)
    if splits and "split" not in known:
        known["split"] = _column_of(splits, seen)
    for name, one in known.items():
        _refuse_misnamed(name, one, seen, source.columns or list(seen), splits or {})
    left = {name: one for name, one in seen.items() if name not in known.values()}
    if "label" in known:
        label = Guess(known.pop("label"), "as you named it")
    elif not labelled:
        label = Guess(None, "not looked for")
    else:
        label = _label(left)
        left.pop(label.column or "", None)
    columns = {name: Guess(one, "as you named it") for name, one in known.items()}
    for name in ColumnsConfig.model_fields:
        found = None if name in columns else _guessed(name, left, len(rows))
        if found is not None and found.column is not None:
            left.pop(found.column)
            columns[name] = found
    strange = None if "split" in columns else _strange_split(left)
    answers = seen[label.column].values if label.column else Counter[str]()
    labels, positive = evenly_spelt(_often(answers, answers.total()))
    return Guesses(
        columns,
        replace(label, perhaps=tuple(one for one in label.perhaps if one in left)),
        labels,
        positive,
        unused=tuple(name for name, one in left.items() if one.cells and name),
        rows=len(rows),
        bad=bad,
        answers=evenly_spelt(answers)[0],
        labelled=answers.total(),
        strange_split=strange,
        strange_values=tuple(left[strange].values) if strange else (),
        perhaps_id=None if "id" in columns else _perhaps_id(left, len(rows)),
    )


def _column_of(splits: Mapping[str, Split], seen: Mapping[str, GuessedColumn]) -> str:
    """Return the one column with values that are named as splits.

    Raises:
        InputError: There is none, or there are several.
    """
    such = [one for one, column in seen.items() if set(column.values) & set(splits)]
    if len(such) != 1:
        raise InputError(
            f"--splits: {plural(len(such), 'column')} with such values; name the one with --split"
        )
    return such[0]


def _perhaps_id(seen: Mapping[str, GuessedColumn], rows: int) -> str | None:
    """Return a column with another short value in each of many rows; its name may be shown."""
    such = (
        name
        for name, one in seen.items()
        if is_name(name) and _FITS["id"](one, rows) and one.mean_characters < _SHORT
    )
    return next(such, None) if rows >= _MANY_ROWS else None


def _strange_split(seen: Mapping[str, GuessedColumn]) -> str | None:
    """Return a column that may be that of splits, by its name or a value, but is not understood."""
    few = {name: one.values for name, one in seen.items() if 2 <= len(one.values) <= _FEW_SPLITS}
    named = [name for name in few if known_as(name, _NAMES["split"])]
    known = (name for name, one in few.items() if any(map(split_of, one)))
    return named[0] if named else next(known, None)


def rows_all_over(source: Source, wanted: Sequence[str]) -> Iterator[RawRow | BadRow]:
    """Yield at most :data:`ROWS` rows of a source, spread evenly over it, in their order.

    Args:
        source: The source; a file of text is read to its end.
        wanted: Names of columns.

    Raises:
        InputError: A file is damaged.
    """
    parts = _spread(source.parts(_ROWS_OF_PART), ROWS // _ROWS_OF_PART)
    for part in parts:
        rows = islice(source.read(wanted, part), _MOST_OF_PART)
        yield from _spread(rows, ROWS // len(parts))


def _spread(items: Iterable[_T], most: int) -> list[_T]:
    """Return at most so many items, at even distances: all, or every second, fourth, … one."""
    found, step = list[_T](), 1
    for place, item in enumerate(items):
        if place % step == 0:
            if len(found) == most:
                found, step = found[::2], 2 * step
                if place % step:
                    continue
            found.append(item)
    return found


def _refuse_misnamed(
    name: str,
    column: str,
    seen: Mapping[str, GuessedColumn],
    there: Sequence[str],
    splits: Mapping[str, Split],
) -> None:
    if column not in there:
        columns = shown_names([one for one in there if one != SOURCE_FILE])
        raise InputError(f"--{name} {column}: no such column; the columns are {columns}")
    cells = seen.get(column, GuessedColumn())
    if not cells.cells:
        raise InputError(f"--{name} {column}: this column is empty")
    given = GivenSplit(kind="given", names=dict(splits))
    if name == "split" and not all(map(given.split_of, cells.values)):
        raise InputError(
            f"--split {column}: found {plural(len(cells.values), 'value')}, of which some are not "
            f"{', '.join(splits) or 'train, validation or test'}; {what_splits_mean(cells.values)}"
        )
    if name == "label" and not 2 <= len(cells.values) <= MOST_LABELS:  # noqa: PLR2004
        raise InputError(
            f"--label {column}: found {plural(len(cells.values), 'value')} in it, wanted 2 to "
            f"{MOST_LABELS}"
        )


def what_splits_mean(values: Collection[str]) -> str:
    """Return how to say which split each value of a column means."""
    shown = [one for one in values if is_name(one) and not {",", "="} & set(one)]
    words = [f"{one}={split_of(one) or 'SPLIT'}" for one in shown]
    few = 0 < len(words) <= _FEW_SPLITS  # of many values some may be text of an advert
    example = ",".join(words) if few else "essai=test,apprentissage=train"
    return f"say which of train, validation and test each value means: --splits {in_shell(example)}"


def named_columns(
    seen: Mapping[str, GuessedColumn], rows: int, fields: Collection[str]
) -> dict[str, str]:
    """Map some names in ``data.columns`` to the columns that have them by their names.

    Args:
        seen: Summary of each column.
        rows: Number of rows that were looked at.
        fields: Names in ``data.columns``, but not ``text`` or ``image``, which go by cells, too.
    """
    left, found = dict(seen), {}
    for name in (one for one in ColumnsConfig.model_fields if one in fields):
        one = _guessed(name, left, rows)
        if one is not None and one.column is not None:
            found[name] = one.column
            left.pop(one.column)
    return found


def may_be(column: str, fields: Iterable[str]) -> bool:
    """Return whether a column has a name of one of some names in ``data.columns``."""
    return any(known_as(column, _NAMES.get(one, ())) for one in fields)


def guessed_text(seen: Mapping[str, GuessedColumn]) -> str | None:
    """Return the column that looks like captions; None if there is none."""
    found = _guessed("text", seen, 0)
    return None if found is None else found.column


def guessed_label(seen: Mapping[str, GuessedColumn]) -> str | None:
    """Return the column that looks like labels; None if there is none."""
    return _label(seen).column


def look(rows: Iterable[RawRow]) -> dict[str, GuessedColumn]:
    """Return the summary of each column."""
    seen: dict[str, GuessedColumn] = {}
    for row in rows:
        for name, value in row.values.items():
            column = seen.setdefault(name, GuessedColumn())
            text = text_of(value[0] if isinstance(value, list) and value else value)
            if text is not None:
                column.add(text)
    seen.pop(SOURCE_FILE, None)
    return seen


def known_as(name: str, names: Sequence[str]) -> bool:
    """Return whether a column has one of these names, in any case, accents and separators."""
    return _plain_name(name) in map(_plain_name, names)


@cache
def _plain_name(name: str) -> str:
    return re.sub(r"[\s_.:-]+", "_", without_accents(name.casefold())).strip("_")


def hints(unused: Iterable[str], mapped: Collection[str]) -> Iterator[str]:
    """Yield a line for each column that has a well-known name and is mapped to nothing.

    Args:
        unused: Columns of a source that are not read.
        mapped: Names in ``data.columns`` that have a column.
    """
    for column in unused:
        for name, names in HINTED.items():
            if name not in mapped and known_as(column, names):
                week = ", once it holds ISO weeks such as 2026-W30" if name == "posted_week" else ""
                key = shell_word(f"data.columns.{name}", column)
                yield f"column {column!r} is not used; to use it, set {key}{week}"
                break


def _has_cells(column: GuessedColumn, _: int) -> bool:
    return column.cells > 0


def _is_divided(column: GuessedColumn, rows: int) -> bool:
    """Return whether no value is that of so many rows that splits could not keep it whole."""
    return column.cells > 0 and max(column.values.values(), default=0) <= _LARGEST_GROUP * rows


def _guessed(name: str, left: Mapping[str, GuessedColumn], rows: int) -> Guess | None:
    named = [one for one in left if known_as(one, _NAMES.get(name, ()))]
    fits = _FITS.get(name, _has_cells)
    for one in named:
        if fits(left[one], rows):
            return Guess(one, "by its name")
    if name == "image":
        pictures = [one for one, column in left.items() if fits(column, rows)]
        return Guess(pictures[0], "its cells are names of pictures") if pictures else None
    if name == "split":
        splits = [one for one, column in left.items() if fits(column, rows)]
        return Guess(splits[0], "its cells are names of splits") if splits else None
    if name == "text" and left:
        longest = max(left, key=lambda one: left[one].mean_characters)
        if left[longest].mean_characters >= _SHORT and not _is_of_pictures(left[longest]):
            mean = left[longest].mean_characters
            return Guess(longest, f"its cells are the longest, {mean:.0f} characters on average")
    return None


def _is_of_pictures(column: GuessedColumn) -> bool:
    """Return whether cells are names of pictures; a post may end in the address of one."""
    return column.cells > 0 and column.pictures > 0.8 * column.cells


_FITS: Mapping[str, Callable[[GuessedColumn, int], bool]] = {
    "id": lambda column, rows: column.cells == rows == len(column.values),
    "image": lambda column, _: _is_of_pictures(column),
    "text": lambda column, _: column.mean_characters > 0 and not _is_of_pictures(column),
    "group": _is_divided,
    "campaign": _is_divided,
    "posted_week": lambda column, _: (
        column.cells > 0 and all(_WEEK.fullmatch(one) for one in column.values)
    ),
    "split": lambda column, _: (
        {"train", "test"}
        <= {split_of(one) for one in column.values}
        <= {"train", "validation", "test"}
    ),
    "reviewed": lambda column, _: set(map(str.lower, column.values)) <= {"0", "1", "true", "false"},
}


def _often(values: Counter[str], cells: int) -> list[str]:
    """Return the values that occur in more than a few of the cells."""
    return [one for one, count in values.items() if count > _RARE * cells]


def _label(seen: Mapping[str, GuessedColumn]) -> Guess:
    few = {name: one for name, one in seen.items() if 2 <= len(one.values) <= MOST_ANSWERS}
    for name in few:
        if known_as(name, LABELS):
            return Guess(name, "by its name")
    for name, column in few.items():
        often = _often(column.values, column.cells)
        labels, positive = evenly_spelt(often)
        if positive is not None:
            others = tuple(sorted(set(column.values) - set(often)))
            return Guess(name, f"its cells are {labels[0]} and {labels[1]}", others)
    one_alone = any(known_as(name, LABELS) and len(seen[name].values) == 1 for name in seen)
    return Guess(
        None,
        "the column with the name of a label holds one value alone"
        if one_alone
        else "no column has the name of a label, or cells such as 0 and 1",
        perhaps=tuple(name for name, one in few.items() if len(_often(one.values, one.cells)) == 2),
    )
