"""What users and programs rely on, as plain values: commands, keys, statuses, Python, formats.

``make surface`` writes it to ``surface.json``, made from the code. A change of that file is one
that somebody notices: it needs a line in CHANGELOG, and often a way on for who used the old one.
Layout of stores and names in MLflow are in ``tests/old_data``, made from what the commands write.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import io
import json
import re
import types
import typing
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import yaml
from calling import VERBS, call, schema_of
from pydantic import BaseModel

import adverts
import adverts.runtime
from adverts import api, errors
from adverts.command import CONFIGS, FAULT_STATUS, PIPE_STATUS, USAGE_STATUS
from adverts.command import VERBS as WORKSHOP
from adverts.entry_points import found_verbs
from adverts.interruption import INTERRUPTED_STATUS

FILE = Path(__file__).with_name("surface.json")
SOURCE = Path(adverts.__file__).parent
FORMATS = {
    "answer of a service": ("runtime.predict.responses:Response", None),
    "audit": (None, "auditing.audit_pages:SCHEMA_VERSION"),
    "bank": (None, "adverts_findings.campaigns.bank_tables:SCHEMA_VERSION"),
    "bank, oldest and newest that open": (
        None,
        "adverts_findings.campaigns.bank_tables:READ_VERSIONS",
    ),
    "bank: campaigns.jsonl": (
        None,
        "adverts_findings.campaigns.pages.campaign_record:SCHEMA_VERSION",
    ),
    "bank: erasures": (
        "adverts_findings.campaigns.bank.as_of:Erasure",
        "adverts_findings.campaigns.bank.as_of:ERASURES_VERSION",
    ),
    "bank: export": (None, "adverts_findings.campaigns.exports.columns:EXPORT_VERSION"),
    "bank: holds": (
        "adverts_findings.campaigns.bank.holds:Hold",
        "adverts_findings.campaigns.bank.holds:HOLDS_VERSION",
    ),
    "bank: judgements": (
        "adverts_findings.campaigns.judgements.judgements:Judgement",
        "adverts_findings.campaigns.judgements.judgements:SCHEMA_VERSION",
    ),
    "bank: log": ("formats.log_entry:LogEntry", "formats.log_entry:LOG_VERSION"),
    "bank: news": (None, "adverts_findings.campaigns.news.news_record:SCHEMA_VERSION"),
    "bank: weights of evidence": (None, "adverts_findings.campaigns.evidence.model:MODEL_VERSION"),
    "bundle: calibration": (None, "runtime.rules.calibration:SCHEMA_VERSION"),
    "bundle: coverage": (None, "runtime.rules.coverage:SCHEMA_VERSION"),
    "bundle: early exit": (None, "runtime.rules.early_exit:SCHEMA_VERSION"),
    "bundle: gate": (None, "runtime.opening.gate_summary:SCHEMA_VERSION"),
    "bundle: labels": (None, "runtime.rules.label_facts:SCHEMA_VERSION"),
    "bundle: manifest": ("runtime.manifest:BundleManifest", "runtime.manifest:SCHEMA_VERSION"),
    "bundle: parity": (None, "bundle.parity.parity_record:SCHEMA_VERSION"),
    "bundle: seen": (None, "runtime.rules.seen_facts:SCHEMA_VERSION"),
    "bundle: signature": (None, "runtime.opening.signature:SCHEMA_VERSION"),
    "bundle: thresholds": (None, "runtime.rules.thresholds:SCHEMA_VERSION"),
    "campaigns by advert": (None, "formats.campaigns:VERSION"),
    "checkpoint": (
        "training.runs.checkpoint_record:CheckpointRecord",
        "training.runs.checkpoint_record:SCHEMA_VERSION",
    ),
    "cluster engine": (None, "clusters.links:CLUSTERS_VERSION"),
    "comparison of runs": (None, "judging.run_comparison:SCHEMA_VERSION"),
    "converted encoder": (None, "models.weights:CONVERSION_VERSION"),
    "dataset": (
        "data.dataset.dataset_manifest:DatasetManifest",
        "data.dataset.dataset_manifest:FORMAT_VERSION",
    ),
    "dataset: families": (None, "data.dataset.linked_families:FAMILIES_VERSION"),
    "estimate": (None, "adverts_findings.survey.reports.record:SCHEMA_VERSION"),
    "estimate: published figures": (None, "adverts_findings.survey.reports.finals:SCHEMA_VERSION"),
    "folding of letters": (None, "inputs.letters.folding:FOLDING_VERSION"),
    "gate": (
        "evaluation.gate.gate_record:GateRecord",
        "evaluation.gate.gate_record:SCHEMA_VERSION",
    ),
    "hash of a picture": (None, "clusters.picture_hash:PICTURE_HASH_VERSION"),
    "ledger of looks": (
        "evaluation.predictions.look_ledger:Look",
        "evaluation.predictions.look_ledger:SCHEMA_VERSION",
    ),
    "masking of contacts": (None, "inputs.contacts.masking:MASKING_VERSION"),
    "picture, written again": (None, "inputs.pixels:REENCODING_VERSION"),
    "picture, read: EasyOCR": (None, "ocr.easyocr.engine:STEPS_VERSION"),
    "picture, read: EasyOCR, exported": (None, "ocr.easyocr.onnx_networks:EXPORT_VERSION"),
    "picture, read: RapidOCR": (None, "ocr.rapidocr.engine:_VERSION"),
    "picture, read: Tesseract": (None, "ocr.tesseract.engine:_VERSION"),
    "picture, read: auto": (None, "ocr.auto.engine:_VERSION"),
    "picture, read: page": (None, "ocr.page.read_page:PAGE_VERSION"),
    "picture, read: repair": (None, "ocr.repair.line:REPAIR_VERSION"),
    "picture, read: result": (None, "ocr.protocol:RESULT_VERSION"),
    "plan of units": (None, "work.units.plan:_VERSION"),
    "predictions": (None, "evaluation.predictions.prediction_file:SCHEMA_VERSION"),
    "report": (None, "evaluation.report.write_report:SCHEMA_VERSION"),
    "reviews": ("data.review.reviews:Review", "data.review.reviews:SCHEMA_VERSION"),
    "run": ("training.runs.run_record:RunRecord", "training.runs.run_record:SCHEMA_VERSION"),
    "run: state of training": (None, "training.runs.state:SCHEMA_VERSION"),
    "sample": (
        "adverts_findings.survey.sample:Sample",
        "adverts_findings.survey.sample:SCHEMA_VERSION",
    ),
    "sample: known reviews": (None, "adverts_findings.survey.sheets.record_labels:_VERSION"),
    "share: hashes": (None, "adverts_findings.sharing.hashes.write_hashes:HASHES_VERSION"),
    "share: ledger": (
        "adverts_findings.sharing.ledger.ledger_entry:LedgerEntry",
        "adverts_findings.sharing.ledger.ledger_entry:LEDGER_VERSION",
    ),
    "share: manifest": (None, "adverts_findings.sharing.folder.manifest:SCHEMA_VERSION"),
    "share: notices": (None, "adverts_findings.sharing.notices.write_notices:SCHEMA_VERSION"),
    "share: withdrawn": (None, "adverts_findings.sharing.notices.write_withdrawn:SCHEMA_VERSION"),
    "study": (None, "tuning.record:SCHEMA_VERSION"),
    "tombstones": (None, "data.dataset.tombstones:_FORMAT"),
}
"""Of each format: the class of its record, if it has one, and the constant that is its version."""
_NOT_FORMATS = {"ocr.easyocr.recogniser_models:EASYOCR_VERSION"}  # of a package
_IS_VERSION = re.compile(r"\w*VERSION|READ_VERSIONS")
Plain = dict[str, object]


def surface() -> Plain:
    """Return all of it."""
    return {
        "commands": {verb: _command(verb) for verb in VERBS},
        "presets": dict(_presets()),
        "statuses": _statuses(),
        "python": {"adverts.fit": str(inspect.signature(adverts.fit)), **_python()},
        "formats": {name: _format(*one) for name, one in FORMATS.items()},
    }


def _command(verb: str) -> Plain:
    """Return what a command does, its legal keys with their types, and its defaults."""
    kind = schema_of(verb)
    return {
        "about": {**WORKSHOP, **{one.name: one.about for one in found_verbs(()).values()}}[verb],
        "keys": dict(sorted(_keys(kind, ""))),
        "defaults": dict(sorted(_flat(_composed(verb), ""))),
    }


def _composed(verb: str) -> object:
    """Return the configuration as the command shows it where nothing is typed."""
    shown = io.StringIO()
    with redirect_stdout(shown), pytest.MonkeyPatch.context() as patch:
        status = call(patch, verb, "--cfg", "job")
    assert status == 0, shown.getvalue()
    return yaml.safe_load(shown.getvalue())


def _keys(kind: type[BaseModel], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield each legal key with its type; of several kinds, each key says which has it."""
    for name, field in kind.model_fields.items():
        kinds = list(_configs(field.annotation))
        bounds = "".join(f", {one}" for one in map(_plain, field.metadata) if one)
        if not kinds or prefix.count(".") > 5:
            yield f"{prefix}{name}", _type(field.annotation) + bounds
        for one in kinds:
            which = one.model_fields.get("kind") if len(kinds) > 1 else None
            of = f"({_type(which.annotation)})" if which is not None else ""
            many = "NAME." if "dict[" in str(field.annotation) else ""
            yield from _keys(one, f"{prefix}{name}{of}.{many}")


def _configs(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in typing.get_args(annotation):
        yield from _configs(one)


def _type(annotation: object) -> str:
    """Return a type in words that do not hang on where its class is."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation.__name__
    return re.sub(r"\b(\w+\.)+(?=[A-Za-z])", "", _plain(annotation))


def _plain(one: object) -> str:
    """Return a type or bound without the functions that check more, which are code."""
    return re.sub(r"(, )?\w+Validator\(func=<function [^>]*(<locals>[^>]*)?>[^)]*\)", "", str(one))


def _presets() -> Iterator[tuple[str, Plain]]:
    """Yield each option of each group with what it chooses."""
    for file in sorted(CONFIGS.rglob("*.yaml")):
        name = file.relative_to(CONFIGS).with_suffix("").as_posix()
        if "/" in name and not name.startswith("hydra/"):
            yield name, dict(_flat(yaml.safe_load(file.read_text(encoding="utf-8")) or {}, ""))


def _flat(value: object, prefix: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _flat(one, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value


def _statuses() -> Plain:
    """Return the exit status of each kind of error, and of what is none."""
    found = {
        name: one.exit_status
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, errors.AdvertsError)
    }
    return {
        **found,
        "wrong usage": USAGE_STATUS,
        "our fault": FAULT_STATUS,
        "the reader of a pipe is gone": PIPE_STATUS,
        "interrupted": INTERRUPTED_STATUS,
    }


def _python() -> Plain:
    """Return functions with their arguments, and classes with what one may ask of them."""
    return {
        f"{module.__name__}.{name}": _offered(getattr(module, name))
        for module in (api, adverts.runtime)
        for name in module.__all__
    }


def _offered(one: object) -> object:
    if not isinstance(one, type):
        return str(inspect.signature(one))  # type: ignore[arg-type]
    fields = {name: str(kind) for name, kind in _annotations(one).items()}
    members = {name: _member(getattr(one, name)) for name in dir(one) if not name.startswith("_")}
    return {**fields, **{name: said for name, said in members.items() if name not in fields}}


def _annotations(kind: type) -> dict[str, object]:
    found: dict[str, object] = {}
    for base in reversed(kind.__mro__):
        for name, one in vars(base).get("__annotations__", {}).items():
            if not name.startswith("_"):
                found[name] = one
    return found


def _member(one: object) -> str:
    if isinstance(one, property):
        return f"-> {inspect.signature(one.fget).return_annotation}"  # type: ignore[arg-type]
    return str(inspect.signature(one)) if callable(one) else type(one).__name__


def _format(record: str | None, version: str | None) -> Plain:
    """Return the version of a format, and the fields of its record."""
    found: Plain = {}
    if version is not None:
        found["version"] = _at(version)
    if record is not None:
        found["fields"] = dict(_fields(_at(record), ""))
    return found


def _at(place: str) -> typing.Any:
    module, _, name = place.partition(":")
    return getattr(
        importlib.import_module(module if module.startswith("adverts_") else f"adverts.{module}"),
        name,
    )


def _fields(kind: type, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of a record, those of records within it under their own name."""
    hints = typing.get_type_hints(kind)
    named = (
        [one.name for one in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else hints
    )
    for name in named:
        within = [one for one in _parts(hints[name]) if dataclasses.is_dataclass(one)]
        yield f"{prefix}{name}", _type(hints[name])
        for one in within:
            if prefix.count(".") < 4:
                yield from _fields(typing.cast(type, one), f"{prefix}{name}.")


def _parts(annotation: object) -> Iterator[object]:
    yield annotation
    for one in typing.get_args(annotation):
        yield from _parts(one)


def versions_in_source() -> set[str]:
    """Return every constant of the package that looks like the version of a format."""
    found = set()
    for file in SOURCE.parent.rglob("*.py"):
        module = ".".join(file.relative_to(SOURCE.parent).with_suffix("").parts)
        module = module.removeprefix("adverts.")
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            targets = node.targets if isinstance(node, ast.Assign) else ()
            names = [one.id for one in targets if isinstance(one, ast.Name)]
            found |= {f"{module}:{one}" for one in names if _IS_VERSION.fullmatch(one)}
    return found - _NOT_FORMATS


def text() -> str:
    """Return the surface as its file has it."""
    return json.dumps(surface(), indent=1, ensure_ascii=False, sort_keys=True, default=str) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
