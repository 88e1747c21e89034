"""Schema of a dataset: its source, the meaning of its columns, its tasks and its split."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from adverts.advert import MAX_LABELS, Split
from adverts.config.base import Config


class FileSource(Config):
    """One or more files below ``root``; several are concatenated in order."""

    kind: Literal["csv", "jsonl", "parquet", "xlsx", "tar"] = Field(
        description="format of the files"
    )
    paths: tuple[str, ...] = Field(
        min_length=1,
        description="files relative to data.root, or addresses; *, ?, [] and ** are wildcards",
    )
    encoding: str | None = Field(
        default=None,
        description="encoding of a CSV file, such as cp1252 or cp1256; null: found and reported",
    )
    delimiter: str | None = Field(
        default=None,
        description="character between the cells of a CSV file; null: found and reported",
    )
    sheet: str | None = Field(
        default=None, description="sheet of an XLSX workbook; null: the first one"
    )

    @field_validator("delimiter")
    @classmethod
    def _delimiter_is_one_character(cls, value: str | None) -> str | None:
        if value is not None and (len(value) != 1 or value in '"\r\n'):
            raise ValueError("one character that is neither a quote nor a line end, such as ;")
        return value


class ImageFolderSource(Config):
    """Pictures in one folder for each label: ``<path>/<label>/<file>``."""

    kind: Literal["image_folder"]
    path: str = Field(description="folder of the pictures, relative to data.root")
    task: str = Field(description="the single task whose labels are the folder names")


class HubSource(Config):
    """A dataset that ``datasets.load_dataset`` can open."""

    kind: Literal["hub"]
    id: str = Field(description="dataset id, or a local path")
    revision: str | None = Field(
        pattern="^[0-9a-f]{40}$", description="commit of the dataset; required for a hub id"
    )
    subset: str | None = Field(
        description="name of the dataset's configuration; null: its only one"
    )
    splits: tuple[str, ...] = Field(
        min_length=1, description="splits of the source, read in this order"
    )


class SyntheticSource(Config):
    """The synthetic corpus that this project generates."""

    kind: Literal["synthetic"]
    adverts: int = Field(ge=100, description="number of adverts, those with a picture included")
    images: int = Field(ge=0, description="number of these adverts that have a picture")
    image_scripts: tuple[str, ...] = Field(description="ISO 15924 scripts that pictures may use")
    languages: tuple[str, ...] = Field(
        min_length=1, description="languages of the adverts, as BCP 47 codes"
    )
    seed: int = Field(ge=0, description="seed of every random choice")


SourceConfig = Annotated[
    FileSource | ImageFolderSource | HubSource | SyntheticSource, Field(discriminator="kind")
]


DATASET_NAME = "^[a-z0-9][a-z0-9_-]*$"
"""Regular expression of the name of a dataset."""
ISO_WEEK = r"\d{4}-W(?:0[1-9]|[1-4]\d|5[0-3])"
"""Regular expression of an ISO week such as 2026-W30."""


class ColumnsConfig(Config):
    """Name of the source column for each field; null if the source has none.

    Rows of files also have the column ``source_file``: their file as it is named in
    ``source.paths``, or as it matches a pattern there.
    """

    id: str | None = Field(description="null: ids are derived from the cells of text and image")
    text: str | None = Field(description="caption of the advert")
    image: str | None = Field(description="path relative to the source file, bytes, or a list")
    split: str | None = Field(description="split that the source gives each advert, see data.split")
    group: str | None = Field(description="adverts of one group are never split")
    lang: str | None = Field(description="language, as a BCP 47 code; null: it is identified")
    script: str | None = Field(
        description="script, as an ISO 15924 code; null: that of most letters"
    )
    platform: str | None = Field(description="platform of the posting, for figures by platform")
    posted_week: str | None = Field(description="week of the posting, such as 2026-W30")
    posted_at: str | None = Field(description="time of the posting, as ISO 8601")
    collected_at: str | None = Field(description="time of the collection, as ISO 8601")
    url: str | None = Field(description="address of the posting")
    platform_item_id: str | None = Field(description="id of the posting at its platform")
    views: str | None = Field(description="number of views when it was collected")
    account: str | None = Field(description="id of the account that posted it")
    campaign: str | None = Field(description="adverts of one campaign are never split")
    stratum: str | None = Field(description="stratum from which a sampling design drew the advert")
    inclusion_probability: str | None = Field(
        description="chance with which a sampling design drew the advert"
    )
    reviewed: str | None = Field(
        description="boolean: whether the row may count in a headline figure"
    )


def _as_text(value: object) -> object:
    """Convert labels such as 1 and true, and lists of them, to strings."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case list() | tuple():
            return [_as_text(one) for one in value]
        case _:
            return value


class TaskConfig(Config):
    """A task: one question that is asked of every advert."""

    _labels_are_texts = field_validator("labels", "positive", "masked", mode="before")(_as_text)

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$", description="name of the task in tables and answers"
    )
    kind: Literal["single", "multi", "ordinal"] = Field(
        description="single: one of the labels; multi: any number; ordinal: one, in their order"
    )
    column: str = Field(
        description="column of the label; a cell has one value, or a list of one per annotator"
    )
    labels: tuple[str, ...] = Field(
        max_length=MAX_LABELS, description="labels in index order; empty: the sorted values found"
    )
    positive: str | None = Field(description="the label whose probability orders the queue")
    separator: str | None = Field(
        description="text that splits a cell: into labels for `multi`, otherwise into annotators"
    )
    masked: tuple[str, ...] = Field(description="values that count as no label")

    @model_validator(mode="after")
    def _labels_can_be_told_apart(self) -> Self:
        if len(set(self.labels)) != len(self.labels) or not all(map(str.strip, self.labels)):
            raise ValueError(f"labels must differ and hold text, got {list(self.labels)}")
        if self.kind != "multi" and len(self.labels) == 1:
            raise ValueError(f"kind={self.kind} needs two labels or more, got {list(self.labels)}")
        return self

    @model_validator(mode="after")
    def _positive_is_a_label(self) -> Self:
        if self.labels and self.positive is not None and self.positive not in self.labels:
            raise ValueError(f"positive={self.positive!r} is not one of labels={self.labels}")
        return self


class OneTask(Config):
    """A single task with one answer; its keys can be given on the command line."""

    _labels_are_texts = field_validator("labels", "positive", "masked", mode="before")(_as_text)

    kind: Literal["one"]
    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$", description="name of the task in tables and answers"
    )
    column: str = Field(
        description="column of the label; a cell has one value, or a list of one per annotator"
    )
    further_columns: tuple[str, ...] = Field(
        default=(), description="columns of further annotators, one column for each"
    )
    same_id: Literal["fail", "annotators"] = Field(
        default="fail",
        description="rows with the same id: fail refuses them; annotators: one row per annotator",
    )
    labels: tuple[str, ...] = Field(
        max_length=MAX_LABELS,
        description=(
            "labels in index order; empty: those found, in any spelling, such as YES or 1.0"
        ),
    )
    positive: str | None = Field(
        description="the label whose probability orders the queue; null: 1, yes or true"
    )
    separator: str | None = Field(
        description="text that splits a cell into the values of annotators"
    )
    masked: tuple[str, ...] = Field(description="values that count as no label")

    @model_validator(mode="after")
    def _is_a_task(self) -> Self:
        shared = TaskConfig.model_fields.keys() & self.model_dump().keys()
        TaskConfig.model_validate({**self.model_dump(include=shared), "kind": "single"})
        if self.labels and self.positive is None:
            raise ValueError(
                "labels are listed, but positive is not set; set it to the label that you look for"
            )
        return self


class TaxonomyTasks(Config):
    """The tasks of the label schema that ships with the project."""

    kind: Literal["taxonomy"]
    class_column: str = Field(description="column of the class of the taxonomy")
    signals_column: str | None = Field(description="column of the signals that the advert carries")
    risk_column: str | None = Field(description="column of the risk, 0 to 6")
    separator: str | None = Field(description="text that splits a cell into signals or annotators")


class ListedTasks(Config):
    """Tasks that are listed in the config."""

    kind: Literal["listed"]
    tasks: tuple[TaskConfig, ...] = Field(
        min_length=1, description="the tasks, each with its own keys"
    )
    headline: str = Field(description="the task that orders the queue and that figures are about")

    @model_validator(mode="after")
    def _headline_exists(self) -> Self:
        names = [task.name for task in self.tasks]
        if self.headline not in names:
            raise ValueError(f"headline={self.headline!r} is not one of the tasks {names}")
        if len(set(names)) != len(names):
            raise ValueError(f"task names must differ, got {names}")
        return self


_FRACTION = 0.15  # of the adverts; here, since each kind of split has keys of its own
Fraction = Annotated[float, Field(ge=0, lt=1)]
Seed = Annotated[int, Field(ge=0, description="seed of every random choice")]
_OTHER_WORDS: dict[str, Split] = {
    "apprentissage": "train",
    "dev": "validation",
    "entrainement": "train",
    "entraînement": "train",
    "essai": "test",
    "held_out": "test",
    "holdout": "test",
    "testing": "test",
    "val": "validation",
    "valid": "validation",
    "training": "train",
}


def split_of(word: str | None) -> Split | None:
    """Return the split that a word means, such as ``dev`` or ``Train``; None if it means none."""
    low = re.sub(r"[\s_-]+", "_", (word or "").strip().casefold())
    return next((one for one in get_args(Split) if one == low), _OTHER_WORDS.get(low))


class GivenSplit(Config):
    """The splits are given by a column of the source."""

    kind: Literal["given"]
    names: dict[str, Split] = Field(
        default={},
        description="the split that each value of the source means, such as {essai: test}, others "
        "are an error; {}: by their names, such as train, dev and test",
    )
    validation_fraction: Fraction = Field(
        default=_FRACTION,
        description="share of train that becomes validation if the source has no validation split",
    )
    leakage: Literal["fail", "report", "drop"] = Field(
        default="report",
        description="if a cluster is in two splits: fail refuses the source, report reports it, "
        "drop leaves its adverts out of train (and out of validation, if it is in test)",
    )
    seed: Seed = 0

    def split_of(self, value: str | None) -> Split | None:
        """Return the split of an advert by its source value; None if the value means none."""
        return split_of(value) if not self.names else self.names.get(value or "")


class MadeSplit(Config):
    """The splits are made of whole clusters, stratified by the headline task."""

    kind: Literal["made"]
    validation_fraction: Fraction = Field(
        default=_FRACTION, description="share of all adverts that becomes validation"
    )
    test_fraction: Fraction = Field(
        default=_FRACTION, description="share of all adverts that becomes test"
    )
    seed: Seed = 0

    @model_validator(mode="after")
    def _something_is_left(self) -> Self:
        if self.validation_fraction + self.test_fraction >= 1:
            raise ValueError("validation_fraction + test_fraction must be below 1")
        return self


class LaterSplit(Config):
    """Clusters that begin from a given week on are test; validation is taken from earlier ones."""

    kind: Literal["later"]
    test_from: str = Field(
        pattern=f"^{ISO_WEEK}$",
        description="first week of test in data.columns.posted_week, as in 2026-W09",
    )
    validation_fraction: Fraction = Field(
        default=_FRACTION, description="share of the earlier adverts that becomes validation"
    )
    seed: Seed = 0


class FoldSplit(Config):
    """k folds, for small datasets: one fold is test, the next one is validation."""

    kind: Literal["folds"]
    folds: int = Field(default=5, ge=3, description="number of parts")
    fold: int = Field(default=0, ge=0, description="the fold that is test")
    unit: Literal["cluster", "advert"] = Field(
        default="cluster",
        description="what stays whole in one fold; advert lets copies leak, to measure by how much",
    )
    seed: Seed = 0

    @model_validator(mode="after")
    def _fold_exists(self) -> Self:
        if self.fold >= self.folds:
            raise ValueError(f"fold={self.fold} must be below folds={self.folds}")
        return self


class LeaveOneOutSplit(Config):
    """One group is test; validation is taken from the others, whose groups may be divided."""

    kind: Literal["leave_one_out"]
    group: str = Field(description="value of the group column that is test")
    validation_fraction: float = Field(
        default=_FRACTION,
        gt=0,
        lt=1,
        description="share of the other adverts that becomes validation",
    )
    seed: Seed = 0


_AnySplit = GivenSplit | MadeSplit | LaterSplit | FoldSplit | LeaveOneOutSplit
SplitConfig = Annotated[_AnySplit, Field(discriminator="kind")]


def with_typed_kind(data: object, typed: Collection[str]) -> object:
    """Return the settings of a dataset without what suits only the kind of split in its file.

    ``data.split.kind=given`` alone is then enough; a key that somebody typed is never left out.

    Args:
        data: Settings of the dataset as JSON values.
        typed: Keys that were typed, such as ``data.split.kind``.
    """
    if not {"data.split", "data.split.kind"} & set(typed) or not isinstance(data, dict):
        return data
    split = data.get("split")
    if not isinstance(split, dict):
        return data
    kinds = {get_args(one.model_fields["kind"].annotation)[0]: one for one in get_args(_AnySplit)}
    chosen = kinds.get(split.get("kind"))
    fields = split if chosen is None else chosen.model_fields
    kept = {key: one for key, one in split.items() if key in fields or f"data.split.{key}" in typed}
    return {**data, "split": kept}


class ClustersConfig(Config):
    """Settings that decide which adverts form a cluster."""

    max_contact_accounts: int = Field(
        ge=1, description="a contact that more accounts show joins no adverts and is listed"
    )


class ImageLimitsConfig(Config):
    """Limits above which a picture is rejected."""

    max_bytes: int = Field(gt=0, description="bytes of the file of a picture")
    max_pixels: int = Field(gt=0, description="width x height, checked before decoding")


class RowLimits(Config):
    """Limits above which a row is rejected."""

    max_characters: int = Field(
        gt=0, description="characters of its text; a service accepts the same number"
    )
    max_bytes: int = Field(
        gt=0, description="bytes of the whole row in the source, without the bytes of its pictures"
    )


class DataConfig(Config):
    """A dataset: source, columns, tasks, split, limits and terms of use."""

    name: str = Field(
        pattern=DATASET_NAME,
        description="name of the dataset, and of its folder in prepared/",
    )
    root: Path | str | None = Field(
        description="folder that holds the files, or its address such as s3://bucket/folder; "
        "$ADVERTS_DATA if unset"
    )
    source: SourceConfig
    columns: ColumnsConfig
    tasks: Annotated[OneTask | ListedTasks | TaxonomyTasks, Field(discriminator="kind")]
    unlabelled: bool = Field(
        description="whether label columns may be missing: the adverts are scored, not learnt from"
    )
    min_label_count: int = Field(
        ge=0, description="rows whose headline label has fewer rows are left out, and counted"
    )
    review: Path | None = Field(
        description="labels by people: filled-in sheet of an audit or a sample, or its reviews"
    )
    campaigns: Path | None = Field(
        default=None,
        description="campaign of each advert: a bank of campaigns, or a CSV file of id,campaign",
    )
    split: SplitConfig
    clusters: ClustersConfig
    image_limits: ImageLimitsConfig
    row_limits: RowLimits
    on_error: Literal["fail", "quarantine"] = Field(
        description="if a row is bad: fail stops, quarantine sets the row aside"
    )
    provenance: str = Field(
        description="where the adverts come from, in words; kept with every run and bundle"
    )
    licence: str = Field(description="licence of the adverts; sharing refuses unstated")
    sensitivity: Literal["synthetic", "public", "research", "operational_restricted"] = Field(
        description="who may see them; decides what may leave in bundles and shares"
    )
    purpose: str = Field(description="what they may be used for, in words")
    retain_until: datetime.date | None = Field(
        description="last day on which they may be kept; null: none is stated"
    )

    @model_validator(mode="after")
    def _campaigns_have_one_origin(self) -> Self:
        if self.campaigns is not None and self.columns.campaign is not None:
            raise ValueError(
                "campaigns= and columns.campaign= both give campaigns: set one of them to null"
            )
        return self

    @field_validator("root", mode="before")
    @classmethod
    def _root_is_a_path_unless_an_address(cls, value: object) -> object:
        """Convert text to a path, which would take a slash away from an address."""
        return Path(value) if isinstance(value, str) and "://" not in value else value

    @property
    def has_pictures(self) -> bool:
        """Whether adverts of the dataset may have pictures."""
        if isinstance(self.source, SyntheticSource):
            return self.source.images > 0
        return self.columns.image is not None or isinstance(self.source, ImageFolderSource)
