"""Maps rows of a source to adverts: reads columns, masks contacts, and sets bad rows aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from adverts.advert import Split
from adverts.config.data import DataConfig, GivenSplit, OneTask
from adverts.data.dataset.picture_spool import ImageSpool, SpooledImage
from adverts.data.mapping.columns import effective_columns, require_columns, with_ids
from adverts.data.mapping.label_cells import LabelFault, LabelPlan, Votes, read_votes
from adverts.data.mapping.plain_cells import caption_of, is_true, probability_of, word_of
from adverts.data.sources.bad_rows import BadRow, RowFault, ids_named, reason_of
from adverts.data.sources.pictures import pictures_of
from adverts.data.sources.raw_rows import SOURCE_FILE, RawRow, Source
from adverts.inputs.contacts.contact_tokens import ContactToken, mask_and_token
from adverts.inputs.contacts.plain_names import plain_name
from adverts.work.cpu_session import available_cores
from adverts.work.read_ahead import work_ahead

_NAMES = ("lang", "script", "platform")
CONTEXT = ("lang", "script", "platform", "posted_week", "account", "campaign", "stratum", "group")
CheckedImages = Callable[[], tuple[SpooledImage, ...]]  # waits for the pictures of a row
_MOST_THREADS = 4  # each may hold a decoded picture of max_pixels, and more are hardly faster


@dataclass(frozen=True, slots=True)
class MappedRow:
    """One row with the meaning of its cells.

    Attributes:
        file: Source file.
        row: Line or number in it.
        id: Id given by the source, or made from the advert's text and picture.
        text: Caption, contacts masked.
        contacts: Keyed tokens of the contacts in the caption; empty without a key.
        images: Checked pictures in the spool.
        context: Values of the fields in ``CONTEXT`` that the row has.
        inclusion_probability: In (0, 1], or None.
        reviewed: Whether the advert may enter a headline figure.
        split: Split that the source gives, if any.
        votes: Maps each task to its votes; a task without a label is absent.
    """

    file: str
    row: int
    id: str
    text: str
    contacts: tuple[ContactToken, ...]
    images: tuple[SpooledImage, ...]
    context: Mapping[str, str]
    inclusion_probability: float | None
    reviewed: bool
    split: Split | None
    votes: Mapping[str, Votes]


@dataclass(slots=True)
class MappedRows:
    """The rows of a source that were read so far.

    Attributes:
        rows: The adverts.
        bad: Rows that cannot be used.
        erased: Number of rows that were left out because their advert was erased.
        no_labels: Maps each column to counts of the values in it that are none of its labels.
    """

    rows: list[MappedRow] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    erased: int = 0
    no_labels: dict[str, Counter[str]] = field(default_factory=dict)

    def add_bad(self, raw: RawRow, fault: RowFault) -> None:
        """Add a row that cannot be used, and the reason."""
        if isinstance(fault, LabelFault):
            self.no_labels.setdefault(fault.field, Counter()).update(fault.values)
        self.bad.append(BadRow(raw.file, raw.row, fault.field, fault.reason, raw.record))


class RowMapper:
    """Maps the rows of one source as one config says."""

    def __init__(
        self,
        config: DataConfig,
        plans: Sequence[LabelPlan],
        source: Source,
        *,
        token_key: bytes | None = None,
        erased: Container[str] = (),
    ) -> None:
        """Check the mapping against the columns of the source, if these are known.

        Args:
            config: Configuration of the dataset.
            plans: How each task's labels are found.
            source: The source of the rows.
            token_key: Key of the contact tokens; without one there are none.
            erased: Ids of adverts that are left out and counted.

        Raises:
            InputError: A mapped column is missing; the message names the nearest one.
        """
        self._config, self._source = config, source
        self._token_key, self._erased = token_key, erased
        self.columns = effective_columns(config)
        self.plans = tuple(plans)
        self._seen: set[str] = set()
        if source.columns is not None:
            self._seen.update(source.columns)
            require_columns(self._config, self.columns, self.plans, self._seen)

    @property
    def unused(self) -> list[str]:
        """Columns that were seen and are not read, sorted."""
        return sorted(self._seen - {*self.wanted, SOURCE_FILE})

    @property
    def wanted(self) -> tuple[str, ...]:
        """Every source column that is read."""
        named = [name for name in self.columns.model_dump().values() if name is not None]
        return tuple(
            dict.fromkeys((*named, *(column for plan in self.plans for column in plan.columns)))
        )

    def read(self, rows: Iterable[RawRow | BadRow], spool: ImageSpool) -> MappedRows:
        """Map all rows, and return the adverts and the bad rows.

        Raises:
            InputError: No row has a column that is mapped.
        """
        reading, places = MappedRows(), dict[str, int]()
        if self.columns.id is None:
            rows = with_ids(rows, self.columns)
        for raw, images in self._with_images(self._not_erased(rows, reading), spool):
            if isinstance(raw, BadRow):
                reading.bad.append(raw)
                continue
            self._seen.update(raw.values)
            try:
                self._add(self._map(raw, images), reading, places)
            except RowFault as fault:
                reading.add_bad(raw, fault)
            except Exception as error:  # a failure of one row does not stop the others
                reading.bad.append(BadRow(raw.file, raw.row, "", reason_of(error), raw.record))
        if self._seen:
            require_columns(self._config, self.columns, self.plans, self._seen)
        return reading

    def _not_erased(
        self, rows: Iterable[RawRow | BadRow], reading: MappedRows
    ) -> Iterator[RawRow | BadRow]:
        """Yield the rows of adverts that were not erased, before their pictures are read."""
        for raw in rows:
            if self._is_erased(raw):
                reading.erased += 1
            else:
                yield raw

    def _is_erased(self, raw: RawRow | BadRow) -> bool:
        if not self._erased:
            return False
        if isinstance(raw, BadRow):
            return any(name in self._erased for name in ids_named(raw))
        try:
            return self._id(raw) in self._erased
        except Exception:  # a fault of the row, reported when it is mapped
            return False

    def _map(self, raw: RawRow, images: CheckedImages) -> MappedRow:
        columns = self.columns
        caption = caption_of(raw.values, columns.text, most=self._config.row_limits.max_characters)
        text, contacts = mask_and_token(caption, key=self._token_key)
        context = {name: word_of(raw.values, getattr(columns, name)) for name in CONTEXT}
        return MappedRow(
            file=raw.file,
            row=raw.row,
            id=self._id(raw),
            text=text,
            contacts=contacts,
            context={
                name: plain_name(value) if name in _NAMES else value
                for name, value in context.items()
                if value is not None
            },
            inclusion_probability=probability_of(raw.values, columns.inclusion_probability),
            reviewed=is_true(raw.values, columns.reviewed),
            split=self._split(raw),
            votes=self._votes(raw),
            images=images(),
        )

    def _id(self, raw: RawRow) -> str:
        if self.columns.id is None:
            assert raw.made_id is not None, "rows without an id are given one when they are read"
            return raw.made_id
        value = word_of(raw.values, self.columns.id)
        if value is None:
            raise RowFault(self.columns.id, "is empty; every advert needs an id")
        return value

    def _with_images(
        self, rows: Iterable[RawRow | BadRow], spool: ImageSpool
    ) -> Iterator[tuple[RawRow | BadRow, CheckedImages]]:
        """Yield each row with its pictures, which threads check some rows ahead."""
        if self.columns.image is None:
            return ((raw, tuple) for raw in rows)
        threads = min(available_cores(), _MOST_THREADS)
        return work_ahead(rows, lambda raw: self._images(raw, spool), threads=threads)

    def _images(self, raw: RawRow | BadRow, spool: ImageSpool) -> tuple[SpooledImage, ...]:
        column = self.columns.image
        if column is None or isinstance(raw, BadRow):
            return ()
        pictures = pictures_of(
            raw.values.get(column), column=column, folder=raw.folder, folders=self._source.folders
        )
        return tuple(spool.add(picture, column=column) for picture in pictures)

    def _split(self, raw: RawRow) -> Split | None:
        if not isinstance(self._config.split, GivenSplit):
            return None
        found = self._config.split.split_of(word_of(raw.values, self.columns.split))
        if found is None:
            wanted = ", ".join(self._config.split.names or get_args(Split))
            advice = "say what each means: data.split.names={essai: test}"
            raise RowFault(self.columns.split or "split", f"value is not one of {wanted}; {advice}")
        return found

    def _votes(self, raw: RawRow) -> dict[str, Votes]:
        votes = {
            plan.task.name: read_votes(plan, self._label_cell(plan, raw)) for plan in self.plans
        }
        return {name: vote for name, vote in votes.items() if vote is not None}

    def _label_cell(self, plan: LabelPlan, raw: RawRow) -> object:
        """Return the cell of a task's labels, or those of its annotators as a list."""
        if not plan.further:
            return raw.values.get(plan.column)
        return [raw.values.get(column) for column in plan.columns]

    def _add(self, row: MappedRow, reading: MappedRows, places: dict[str, int]) -> None:
        """Add an advert, or the votes of a further annotator to an advert with the same id.

        Raises:
            RowFault: Another row has the same id, and it may not be a further annotator's.
        """
        at = places.setdefault(row.id, len(reading.rows))
        if at == len(reading.rows):
            reading.rows.append(row)
            return
        first, column = reading.rows[at], self.columns.id or "id"
        place = f"{first.file} row {first.row}"
        tasks = self._config.tasks
        if not isinstance(tasks, OneTask) or tasks.same_id != "annotators":
            several = "; if each is of another annotator, set data.tasks.same_id=annotators"
            hint = several if isinstance(tasks, OneTask) else ""
            raise RowFault(column, f"the same id is in {place}{hint}")
        if row.text != first.text:
            raise RowFault(column, f"the same id is in {place} with a different text")
        reading.rows[at] = replace(first, votes=_together(first.votes, row.votes))


def _together(first: Mapping[str, Votes], more: Mapping[str, Votes]) -> dict[str, Votes]:
    """Return the votes of all annotators, by task."""
    both = {**first, **more}
    for task in first.keys() & more.keys():
        ours, theirs = first[task], more[task]
        both[task] = Votes((*ours.chosen, *theirs.chosen), (*ours.raw, *theirs.raw))
    return both
