"""Schemas of the verbs: all keys that determine one execution of each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from adverts.config.base import Config, Why
from adverts.config.data import DataConfig
from adverts.config.evaluation import DecisionsConfig, ExitConfig
from adverts.config.model import ModelConfig
from adverts.config.ocr import OcrConfig
from adverts.config.training import (
    AugmentConfig,
    LossConfig,
    OptimizerConfig,
    TrackingConfig,
    TrainerConfig,
)


class LocalExecutorConfig(Config):
    """Processes of this machine, each with one thread and the bundle or the reader in memory."""

    kind: Literal["local"]
    processes: int | None = Field(
        ge=1,
        description="number of processes; null: one for each core, in prepare as ocr.workers says",
    )


class RayExecutorConfig(Config):
    """Tasks of a Ray cluster, each on one core."""

    kind: Literal["ray"]
    address: str | None = Field(
        description="address of the cluster, or auto; null: one of this machine, begun for this run"
    )
    retries: int = Field(ge=0, description="times that a unit whose node is lost is done again")


ExecutorConfig = Annotated[LocalExecutorConfig | RayExecutorConfig, Field(discriminator="kind")]


def _existing_part(part: str) -> str:
    found = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,8})", part)
    if found is None or int(found[1]) > int(found[2]):
        raise ValueError(f"part={part} is not K/N with 1 <= K <= N, such as 3/500")
    return part


ArrayPart = Annotated[str, AfterValidator(_existing_part)]


class PrepareConfig(Config):
    """Configuration of ``adverts prepare``: raw labelled files -> prepared dataset."""

    data: DataConfig = Field(description="where the adverts are and what their columns mean")
    ocr: OcrConfig
    prepared: Path = Field(description="folder of the prepared dataset, a restricted store")
    part: ArrayPart | None = Field(
        description="K/N: only reads part K of N of the pictures, counted from 1, for array jobs; "
        "null: writes the dataset"
    )
    executor: ExecutorConfig = Field(description="who reads the pictures")
    erase: Path | None = Field(
        description="file of ids, one per line: removes these adverts and prepares nothing"
    )
    runs: Path = Field(description="where erase looks for runs, bundles and predictions")
    bank: Path = Field(description="where erase looks for a bank of campaigns that holds them")

    @model_validator(mode="after")
    def _has_one_task(self) -> PrepareConfig:
        if self.part is not None and self.erase is not None:
            raise ValueError("part= reads pictures and erase= removes adverts: give one of them")
        return self


class FailOnConfig(Config):
    """What a dataset may hold at the most before its audit fails; null reports only."""

    leaking_adverts: int | None = Field(
        ge=0, description="adverts with a copy or near-duplicate in an earlier split"
    )
    kept_apart_pairs: int | None = Field(
        ge=0, description="near-duplicates across splits that are in two clusters"
    )
    conflicting_clusters: int | None = Field(
        ge=0, description="clusters of similar texts with different labels of the headline task"
    )
    likely_label_errors: int | None = Field(
        ge=0, description="likely wrong labels of the headline task"
    )
    shortcut: int | None = Field(ge=0, description="columns flagged as shortcuts")
    untrained_languages: int | None = Field(
        ge=0, description="languages of validation or test that train lacks"
    )
    min_alpha: float | None = Field(
        ge=-1, le=1, description="lower end of the interval of alpha on the headline task"
    )


class AuditConfig(Config):
    """Configuration of ``adverts audit``: prepared dataset -> its faults."""

    prepared: Path = Field(description="folder that adverts prepare wrote")
    audit_dir: Path = Field(description="new folder of the audit, a restricted store")
    ledger: Path | None = Field(
        description="file of looks at adverts, by their content; so is one beside the dataset"
    )
    fail_on: FailOnConfig
    label_errors: Literal["headline", "all"] = Field(
        description="tasks whose labels are checked for errors; those of kind multi never are"
    )
    folds: int = Field(
        ge=2, description="folds of whole clusters, for predictions on adverts not trained on"
    )
    fit_adverts: int = Field(
        ge=100, description="most adverts that one fold of tf-idf is fitted on"
    )
    bootstrap_resamples: int = Field(ge=100, description="resamples of clusters, for intervals")
    shortcut_margin: float = Field(
        gt=0, lt=1, description="a column is flagged if an interval ends this far above chance"
    )
    largest_clusters: int = Field(ge=0, description="clusters that audit.json describes")
    min_cell_clusters: int = Field(
        ge=0, description="fewest clusters that a label needs in each split and language"
    )
    review_rows: int = Field(ge=0, description="most rows in review.csv")
    restricted_clusters: int = Field(
        ge=0,
        description="restricted page: this many of the most conflicted and of the largest clusters",
    )
    seed: int = Field(ge=0, lt=2**32, description="seed of every random choice")


class TrainConfig(Config):
    """Configuration of ``adverts train``: prepared dataset + config -> checkpoint + run."""

    seed: int = Field(ge=0, lt=2**32, description="seed of every random choice")
    prepared: Path = Field(description="folder that adverts prepare wrote")
    run_dir: Path = Field(description="new folder of this run")
    resume: Path | None = Field(description="folder of an interrupted run to continue")
    ledger: Path | None = Field(
        description="file of looks at adverts, by their content; so is one beside the dataset"
    )
    baseline: bool = Field(description="also train tf-idf, on the same rows")
    model: ModelConfig = Field(description="what is trained")
    optimizer: OptimizerConfig
    loss: LossConfig
    augment: AugmentConfig
    trainer: TrainerConfig
    tracking: TrackingConfig


class BundleConfig(Config):
    """What a bundle must prove, and for whom it is."""

    precision: Literal["fp32", "int8"] = Field(
        description="int8: the first scheme that passes, otherwise fp32"
    )
    vocabulary: Literal["full", "scripts"] = Field(
        description="full, or scripts: the word table keeps only the pieces of these scripts"
    )
    scripts: list[str] = Field(description="ISO 15924 codes, e.g. Latn; empty for full")
    audience: Literal["internal", "partner"] = Field(
        description="a partner's bundle says less about how it was made"
    )
    max_probability_difference: float = Field(gt=0, lt=1, description="between checkpoint and fp32")
    max_neighbour_difference: float = Field(
        gt=0, lt=1, description="difference between an advert scored alone and in a batch"
    )
    max_lower: float = Field(
        ge=0,
        lt=1,
        description="what int8 may lose in average precision or recall, over all adverts",
    )
    max_lower_in_slice: float = Field(
        ge=0, lt=1, description="the same in each language or modality"
    )
    min_slice_positives: int = Field(
        ge=1, description="fewest positive adverts for a slice to be checked"
    )
    opset: int = Field(ge=17, description="version of ONNX's operators")
    signing_key: Path | None = Field(
        description="file of the Ed25519 private key that signs the bundle; null: not signed"
    )

    @model_validator(mode="after")
    def _scripts_fit(self) -> BundleConfig:
        if (self.vocabulary == "scripts") != bool(self.scripts):
            raise ValueError(
                f"bundle.vocabulary={self.vocabulary} with bundle.scripts={self.scripts}; name "
                "scripts for vocabulary=scripts, and none for full"
            )
        wrong = [one for one in self.scripts if not re.fullmatch("[A-Z][a-z]{3}", one)]
        if wrong:
            raise ValueError(
                f"bundle.scripts holds {wrong[0]!r}; give ISO 15924 codes such as Latn"
            )
        return self


class ExportConfig(Config):
    """Configuration of ``adverts export``: checkpoint, or internal bundle -> bundle."""

    checkpoint: Path | None = Field(description="a run folder or a checkpoint folder")
    prepared: Path | None = Field(
        description="the dataset of the checkpoint, whose validation adverts prove parity"
    )
    from_bundle: Path | None = Field(
        description="internal bundle to make a partner's from, promoted or not; replaces checkpoint"
    )
    bundle_dir: Path = Field(description="new folder of the bundle")
    ledger: Path | None = Field(
        description="file of looks at adverts, by their content; so is one beside the dataset"
    )
    bundle: BundleConfig
    decisions: DecisionsConfig
    exit: ExitConfig
    tracking: TrackingConfig

    @model_validator(mode="after")
    def _one_source(self) -> ExportConfig:
        if self.from_bundle is None:
            missing = [name for name in ("checkpoint", "prepared") if getattr(self, name) is None]
            if missing:
                raise ValueError(
                    f"{', '.join(missing)} not given; give checkpoint= and prepared=, or "
                    "from_bundle= to make a partner's bundle from an internal one"
                )
            return self
        if self.exit.max_loss is not None:
            raise ValueError(
                "exit.max_loss with from_bundle; a partner's bundle has no early exit, leave it out"
            )
        given = [name for name in ("checkpoint", "prepared") if getattr(self, name) is not None]
        if given:
            raise ValueError(f"from_bundle is given with {' and '.join(given)}; give one source")
        if self.bundle.audience != "partner":
            raise ValueError(
                f"from_bundle with bundle.audience={self.bundle.audience}; set "
                "bundle.audience=partner, which alone is made from a bundle"
            )
        return self


class ScoreConfig(Config):
    """Configuration of ``adverts score``: bundle + adverts without labels -> scores.

    Without a bundle it says how far the scores are.
    """

    bundle: Path | None = Field(description="folder or zip of the bundle; null: say how far it is")
    data: DataConfig = Field(description="where the adverts are; no label is read")
    scores: str = Field(
        description="folder or address such as s3://bucket/scores of any number of adverts, to go "
        "on where it stopped; or a new .csv file that keeps the columns of the source"
    )
    format: Literal["parquet", "csv", "jsonl"] = Field(description="of the files in the folder")
    adverts_per_unit: int | None = Field(
        ge=1, description="adverts in one file; null: 20,000, or 200 where pictures are read"
    )
    part: ArrayPart | None = Field(
        description="K/N: only part K of N, counted from 1, for array jobs; null: all"
    )
    executor: ExecutorConfig
    evidence: Literal["none", "restricted"] = Field(
        description="restricted: also write what links and samples the adverts later, without text "
        "or contact, for the owner of the folder alone; needs the variable ADVERTS_TOKEN_KEY"
    )
    evidence_days: int = Field(ge=1, le=3650, description="days until the evidence expires")
    verify: bool = Field(
        description="without a bundle: compare every file of the folder with its receipt, and "
        "every receipt with its answers"
    )
    clusters: bool = Field(
        description="without a bundle: find near-duplicates in the evidence of the whole folder"
    )
    purge: Literal["expired", "evidence"] | None = Field(
        description="without a bundle: remove the evidence; expired: only if it has expired"
    )
    fail_on_drift: bool = Field(
        description="status 1 if the adverts differ from those that the model was judged on, and 3 "
        "if that cannot be said; the scores are kept"
    )
    batch_size: int = Field(ge=1, description="adverts in one pass through the model")
    threads: int | None = Field(ge=1, description="cores that write a .csv file; null: all")
    ocr_cache: Path | None = Field(
        description="owner-only folder of what was read on pictures, as prepare keeps it, so that "
        "equal files are read once; null: each picture is read each time, and nothing is kept"
    )

    @model_validator(mode="after")
    def _has_one_task(self) -> ScoreConfig:
        asked = (self.clusters, self.verify, self.purge is not None)
        if self.bundle is not None and any(asked):
            raise ValueError(
                "clusters=, verify= and purge= are for scores that are there: leave out bundle="
            )
        if sum(asked) > 1:
            raise ValueError("give one of clusters=, verify= and purge=, each in a command")
        if self.evidence == "restricted" and self.format != "parquet":
            raise ValueError(
                f"evidence=restricted needs format=parquet, from which scores are read again, not "
                f"{self.format}"
            )
        return self


class PromoteConfig(Config):
    """Configuration of ``adverts promote``: bundle + gate record -> registry alias moves."""

    bundle_dir: Path | None = Field(description="folder of the bundle that the gate passed")
    gate_record: Path | None = Field(description="the gate.json of its evaluation")
    gate_hash: str | None = Field(
        description="sha256 of that file, as read by the person who approves"
    )
    prepared: Path | None = Field(
        description="dataset that the gate judged, to judge the bundle there again before the "
        "alias moves; null: the record is checked by its own figures alone"
    )
    baseline: Path | None = Field(
        description="run of the tf-idf that the gate compared it with, if evaluate was given one; "
        "null: the one near the bundle"
    )
    gate_key: Path | None = Field(
        description="file of the Ed25519 public key with whose private key the record must be "
        "signed, such as that of CI; null: any record is taken by its hash"
    )
    require_signature: bool = Field(description="refuse to promote without a gate_key")
    data_hash: str | None = Field(
        description="data that the gate must have judged; null: the data of the record"
    )
    registered_model: str = Field(pattern="^[^/:@]+$", description="its name in the registry")
    alias: str = Field(
        pattern="^[A-Za-z0-9_-]+$", description="names the version that services load"
    )
    approved_by: str = Field(description="who approves it; kept in the registry")
    reason: str = Field(max_length=2000, description="why; kept in the registry")
    replace_champion: Why | None = Field(
        max_length=2000,
        description="why a bundle that was compared with no champion replaces one; kept with both",
    )
    accept_changed_gate: Why | None = Field(
        max_length=2000,
        description="why a gate that differs from the shipped one is enough; kept with both",
    )
    signing_key: Path | None = Field(
        description="signs the changed bundle again; null: it loses its signature"
    )
    rollback: bool = Field(description="give the alias back to the version that it named before")
    tracking: TrackingConfig
