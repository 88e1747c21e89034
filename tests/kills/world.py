"""Commands on a small world of their own, each in a folder that can be copied."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
from pathlib import Path

from kills.desk import Case, desk_cases, shared_first, write_desk

WORDS = [f"word{i}" for i in range(40)]
APPROVAL = ["registered_model=boats", "approved_by=A. Person", "reason=it passed"]
_OF_RUN = (
    "os.rename .*run.json$",
    "os.rename .*mlflow.db$",
    "open .*best.partial/.lock$",
    "open .*best.partial/checkpoint.json",
    "os.rename .*checkpoints/best$",
    "open store/.*uploading",
)
_OF_BUNDLE = (
    "open .*-bundle.partial/",
    "open .*model.onnx",
    "open .*manifest.json",
    "os.rename .*-bundle.partial runs",
    "transparency",
    "commit",
)
TRACKED = ["tracking.uri=null", "tracking.store=store"]
MODELS = {
    "tfidf": ["model=tfidf"],
    "text": [
        "model=text",
        "model.encoder.weights='path:encoder'",
        "model.encoder.max_tokens=32",
        "model.encoder.prefix=''",
        "trainer=debug",
        "trainer.tokens_per_batch=128",
        "trainer.checkpoint_every_steps=7",
    ],
}


def cases() -> list[Case]:
    """Return every case, in an order in which each finds what it reads."""
    prepare = [
        "data=jsonl",
        "data.name=small",
        "data.root=raw",
        "data.columns.id=id",
        "data.columns.text=text",
        "data.columns.image=image",
        "ocr=none",
        "prepared=prepared/small",
    ]
    found = [Case("prepare", "prepare", tuple(prepare), (), marks=("os.rename .*partial",))]
    for model, settings in MODELS.items():
        run, bundle = f"runs/{model}", f"runs/{model}-bundle"
        places = ["prepared=prepared/small", *TRACKED]
        train = [*places, *settings, f"run_dir={run}"]
        export = [*places, f"checkpoint={run}", f"bundle_dir={bundle}", "bundle.precision=fp32"]
        judge = [*places, f"candidate={run}", f"run_dir={run}-report", "bootstrap_resamples=200"]
        trained = ("prepare", f"train {model}")
        found += [
            Case(f"train {model}", "train", tuple(train), trained[:1], marks=_OF_RUN),
            Case(f"export {model}", "export", tuple(export), trained, marks=_OF_BUNDLE),
            Case(f"evaluate {model}", "evaluate", tuple(judge), trained),
        ]
    given = [f"bundle_dir={bundle}", "gate_record=gate.json", "gate_hash=@gate.json"]
    exported = (*trained, "export text")
    promote = (*given, *APPROVAL, "accept_changed_gate=rehearsal", *TRACKED)
    found.append(Case("promote text", "promote", promote, exported, write_gate_record))
    source = ["data=jsonl", "data.root=raw", "data.columns.id=id", "data.columns.text=text"]
    units = ["scores=scores", "adverts_per_unit=9", "executor.processes=2"]
    scored = ("bundle=runs/tfidf-bundle", *source, *units)
    tfidf = ("prepare", "train tfidf", "export tfidf")
    return [*found, Case("score tfidf", "score", scored, tfidf), *desk_cases(tfidf)]


def write_raw(folder: Path, encoder: Path) -> None:
    """Write the source of the world: adverts of made-up words, some with a small picture."""
    from PIL import Image

    rng, raw = random.Random(0), folder / "raw"
    raw.mkdir(parents=True)
    shutil.copytree(encoder, folder / "encoder")
    rows = []
    for i in range(400):
        words = rng.choices(WORDS[5:], k=rng.randint(4, 20))
        positive = rng.random() < 0.4
        if positive:
            words.insert(rng.randrange(len(words)), WORDS[rng.randrange(5)])
        row = {"id": f"a{i}", "text": " ".join(words), "label": ("no", "yes")[positive]}
        if i % 20 == 0:
            row["image"] = f"{i}.png"
            Image.new("RGB", (24, 16), (i % 250, 40, 90)).save(raw / row["image"])
        rows.append(row)
    (raw / "adverts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    write_desk(folder)


def arguments(case: Case, folder: Path) -> list[str]:
    """Return the arguments of a case; ``@file`` is the sha256 of a file of the world.

    Of a ledger, it is the reference of the first item that was shared.
    """
    found = []
    for argument in case.argv:
        key, at, file = argument.partition("=@")
        if at and file.endswith(".jsonl"):
            found.append(f"{key}={shared_first(folder / file)}")
            continue
        digest = hashlib.sha256((folder / file).read_bytes()).hexdigest() if at else ""
        found.append(f"{key}={digest}" if at else argument)
    return found


def copy_world(source: Path, target: Path) -> None:
    """Copy a world; the database of MLflow names its files by their whole paths."""
    shutil.copytree(source, target, symlinks=True)
    database = target / "store" / "mlflow.db"
    if not database.is_file():
        return
    with sqlite3.connect(database) as connection:
        for table, column in _text_columns(connection):
            connection.execute(
                f'UPDATE "{table}" SET "{column}" = replace("{column}", ?, ?) '
                f'WHERE "{column}" LIKE ?',
                (f"{source}/", f"{target}/", f"%{source}/%"),
            )
    connection.close()


def _text_columns(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [
        (table, column[1])
        for (table,) in tables
        for column in connection.execute(f'PRAGMA table_info("{table}")').fetchall()
        if column[2].upper().startswith(("VARCHAR", "TEXT"))
    ]


def write_gate_record(folder: Path) -> None:
    """Write the record of a gate that passed the bundle."""
    from adverts.config import GateConfig
    from adverts.config.shipped_gates import gate_changes, gate_sha256
    from adverts.evaluation.gate.gate_record import GateRecord, record_bytes
    from adverts.runtime import open_bundle

    asked = {"name": "made-up", "needs_champion": False, "promises": None, "conditions": {}}
    gate = GateConfig.model_validate(asked)
    record = GateRecord(
        gate=gate.name,
        verdict="passed",
        results=(),
        abstained=(),
        model=open_bundle(folder / "runs/text-bundle").manifest.identity(),
        champion=None,
        data_hash="d" * 64,
        split="test",
        adverts=60,
        earlier_looks=0,
        created="2026-11-26T01:00:00+00:00",
        created_by="adverts",
        gate_sha256=gate_sha256(gate),
        gate_changes=gate_changes(gate),
        model_kind="bundle",
        asked=gate.model_dump(mode="json"),
    )
    (folder / "gate.json").write_bytes(record_bytes(record))
