"""What today's commands find in an archive of old data: figures, thresholds, estimates, campaigns.

``python tests/old_data/golden.py 2026-12`` writes what they find into ``2026-12.json``, the figures
of a new training apart, which hang on the machine, and the names that stores and MLflow show. Do
that only where a figure was wrong, or where another one is asked for, and say so in CHANGELOG: a
change of the code's shape changes none of it.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import sys
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import time_machine
from calling import call
from tiny_encoder import write_encoder

FOLDER = Path(__file__).parent
NAMES = sorted(one.name.removesuffix(".tar.xz") for one in FOLDER.glob("*.tar.xz"))
DATA = "old_data"
ENVIRONMENT = {
    "ADVERTS_TOKEN_KEY": "the made-up key of the mission",
    "ADVERTS_LEDGER": f"{DATA}/looks.jsonl",
}
Facts = dict[str, object]


def unpack(name: str, folder: Path) -> None:
    """Unpack an archive; its folder is ``old_data``, and is read from the folder beside it."""
    with tarfile.open(FOLDER / f"{name}.tar.xz") as archive:
        archive.extractall(folder, filter="data")


def then(name: str) -> time_machine.travel:
    """Return a clock that begins in the month after an archive was made.

    What may be kept for a year only is still there then.
    """
    year, month = (int(one) for one in name.split("-")[:2])
    return time_machine.travel(datetime(year + month // 12, month % 12 + 1, 1, 12, tzinfo=UTC))


def run(verb: str, *arguments: str, status: Iterable[int] = (0,)) -> int:
    """Run ``adverts VERB …`` in this process and in this folder.

    Raises:
        AssertionError: It ends with another status.
    """
    with pytest.MonkeyPatch.context() as patch:
        ended = call(patch, verb, *arguments)
    assert ended in status, f"adverts {verb} {' '.join(arguments)} ended with {ended}"
    return ended


def facts() -> Facts:
    """Return what the commands find in the unpacked data in this folder, without any training."""
    return {
        "judged": _judged("words", "0.02"),
        "judged from stored predictions": _judged("gate", "0.3"),
        "estimate": _estimate(),
        "clusters": _clusters(),
        "scores": _scores(),
        **_linked_and_shared(),
    }


def heads() -> Facts:
    """Return number and hash of the last line of each chain, as partners may have noted them."""
    lines = {
        str(file): json.loads(file.read_bytes().splitlines()[-1])
        for file in sorted(Path(DATA).rglob("*.jsonl"))
    }
    return {file: [one["number"], one["hash"]] for file, one in lines.items() if "before" in one}


def _judged(candidate: str, prevalence: str) -> Facts:
    """Return figures, thresholds and the verdict of a gate.

    Calibration and thresholds of a checkpoint are fitted anew, those of a report are its own.
    """
    out = Path(f"judged-{candidate}")
    ended = run(
        "evaluate",
        f"candidate={DATA}/{candidate}",
        f"prepared={DATA}/prepared/words",
        f"run_dir={out}",
        "gate=first",
        "tracking=none",
        "bootstrap_resamples=500",
        f"decisions.operating_prevalence={prevalence}",
        status=(0, 1, 3),
    )
    report = json.loads((out / "report.json").read_bytes())
    gate = json.loads((out / "gate.json").read_bytes())
    figures = ("average_precision", "recall_at_precision", "macro_f1")
    arms = {one["name"]: one for one in json.loads((out / "results.json").read_bytes())["arms"]}
    thresholds = json.loads((out / "thresholds.json").read_bytes())["thresholds"]
    return {
        "status": ended,
        "verdict": gate["verdict"],
        "conditions": sorted(
            [one["name"], one["scope"], one["outcome"]] for one in gate["results"]
        ),
        "measured": {
            f"{one['name']}, {one['scope']}": one["measured"]
            for one in gate["results"]
            if one["measured"] is not None and one["kind"] not in ("latency", "size_mb")
        },
        "figures": {
            name: {
                figure: [arm["values"][figure], arm["intervals"].get(figure)] for figure in figures
            }
            for name, arm in arms.items()
        },
        "thresholds": {
            one["purpose"]: {
                key: one[key]
                for key in ("value", "recall", "recall_low", "false_positive_rate", "promised")
            }
            for one in thresholds
        },
        "losses of calibrations": report["calibration"][0]["losses"],
        "in short": {key: report["in_short"][key] for key in ("right", "found", "threshold")},
    }


def _estimate() -> Facts:
    """Return how much there is, from a sample and its reviews."""
    run(
        "estimate",
        f"sample={DATA}/samples/w9",
        f"reviews={DATA}/reviews.jsonl",
        "estimate_dir=estimated",
        "by=[platform]",
        "tracking=none",
    )
    found = json.loads(Path("estimated/estimate.json").read_bytes())
    return {
        "all": {one["unit"]: _amounts(one) for one in found["figures"]},
        "platforms": {
            group["value"]: {one["unit"]: _amounts(one) for one in group["figures"]}
            for group in found["groups"]
        },
    }


def _amounts(figure: Mapping[str, Mapping[str, Mapping[str, object] | None] | None]) -> Facts:
    """Return total and share by each estimator, without the words beside them."""
    return {
        f"{amount} {estimator}": [said[key] for key in ("value", "low", "high")]
        for amount in ("total", "share")
        for estimator, said in (figure[amount] or {}).items()
        if said is not None
    }


def _clusters() -> object:
    """Return the adverts of each cluster of near-duplicates among those that were scored."""
    run("score", f"scores={DATA}/scores", "clusters=true")
    rows = pq.read_table(f"{DATA}/scores/clusters.parquet").to_pylist()
    return _parts((str(row["cluster"]), str(row["id"])) for row in rows)


def _scores() -> Facts:
    """Return what a bundle says of posts again: one in ten of them."""
    rows = list(_rows(f"{DATA}/collected/posts.csv"))[::10]
    with Path("some.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "text"))
        writer.writerows((row["id"], row["text"]) for row in rows)
    source = ["data=csv", "data.root=.", "data.source.paths=[some.csv]"]
    source += ["data.columns.id=id", "data.columns.text=text", "executor.processes=1"]
    run("score", f"bundle={DATA}/bundle", "scores=scored", *source)
    table = pq.read_table("scored/scores")
    columns = [one for one in table.column_names if one.startswith(("id", "p_", "review_band"))]
    return {str(row.pop("id")): row for row in table.select(columns).to_pylist()}


def trained() -> Facts:
    """Return verdicts and counts from a new training on, and the names that programs look for."""
    tracked = ["tracking.uri=null", "tracking.store=store"]
    run(
        "prepare",
        "data=csv",
        "data.name=words",
        f"data.root={DATA}",
        "data.source.paths=[words.csv]",
        "data.columns.id=id",
        "data.columns.text=text",
        "data.columns.lang=lang",
        "data.tasks.column=label",
        "data.tasks.positive=yes",
        "ocr=none",
        "prepared=anew/words",
    )
    write_encoder(Path("encoder"))
    encoder = ["model.encoder.weights='path:encoder'", "model.encoder.max_tokens=32"]
    encoder += ["model.encoder.prefix=''", "trainer=debug", "trainer.method=frozen", "seed=1"]
    found: Facts = {}
    for name, model in (("tfidf", ["model=tfidf"]), ("text", ["model=text", *encoder])):
        places = ["prepared=anew/words", *tracked]
        run("train", *places, *model, f"run_dir=anew/{name}")
        judged = [f"candidate=anew/{name}", f"run_dir=anew/{name}-report", "gate=first"]
        judged += ["bootstrap_resamples=200", "decisions.operating_prevalence=0.3"]
        ended = run("evaluate", *places, *judged, status=(0, 1, 3))
        run("export", *places, f"checkpoint=anew/{name}", f"bundle_dir=anew/{name}-bundle")
        gate = json.loads(Path(f"anew/{name}-report/gate.json").read_bytes())
        report = json.loads(Path(f"anew/{name}-report/report.json").read_bytes())
        found[name] = {
            "status": ended,
            "verdict": gate["verdict"],
            "conditions": sorted([one["name"], one["scope"]] for one in gate["results"]),
            "adverts": gate["adverts"],
            "positives": report["account"]["positives"]["adverts"],
            "clusters": report["headline"]["clusters"],
        }
    return {"judged": found, "tracked": _tracked(), "layout": layout("anew")}


def _tracked() -> Facts:
    """Return the names of metrics, parameters, tags and artifacts of each kind of run in MLflow."""
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{Path('store/mlflow.db').resolve()}")
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for experiment in client.search_experiments():
        for one in client.search_runs([experiment.experiment_id]):
            kind = one.data.tags.get("verb", one.data.tags.get("adverts.verb", "run"))
            tags = {name for name in one.data.tags if not name.startswith("mlflow.")}
            files = {file.path for file in client.list_artifacts(one.info.run_id)}
            names = {"metrics": one.data.metrics, "params": one.data.params, "tags": tags}
            for what, known in {**names, "artifacts": files}.items():
                found[kind][what] |= {_nameless(name) for name in known}
    return {kind: {what: sorted(one) for what, one in of.items()} for kind, of in found.items()}


def layout(folder: str) -> list[str]:
    """Return the files of a folder, without hashes, numbers and names of campaigns."""
    files = (file for file in Path(folder).rglob("*") if file.is_file())
    return sorted({_nameless(file.relative_to(folder).as_posix()) for file in files})


def _nameless(path: str) -> str:
    return re.sub(r"\b[0-9a-f]{12,}\b|(?<=[/c-])\d{3,}\b", "N", path)


def _linked_and_shared() -> Facts:
    """Return campaigns of a bank that is built and judged anew, and what leaves of it."""
    known = [f"reviews={DATA}/reviews.jsonl", "bank=linked"]
    sources = [f"prepared={DATA}/prepared/reviewed", f"scores={DATA}/scores"]
    run("link", *sources, *known)
    run("link", "bank=linked", "sheet=40")
    network = {row["id"]: row["network"] for row in _rows(f"{DATA}/collected/truth.csv")}
    rows = list(_rows("linked/sheets/build-0001/pairs.csv"))
    for row in rows:
        same = network[row["first"]] == network[row["second"]] != ""
        row |= {"said": "same" if same else "different", "by": "Fay Demo", "why": "made-up truth"}
    with Path("judged.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    run("link", "judgements=judged.csv", *known)
    text = Path("linked/pages/campaigns.jsonl").read_text(encoding="utf-8")
    campaigns = [json.loads(line) for line in text.splitlines()]
    names = ",".join(one["campaign"] for one in campaigns)
    month = datetime.now(UTC)
    run(
        "share",
        "ledger=shared.jsonl",
        *known,
        sources[0],
        f"negatives={DATA}/prepared/negatives",
        f"campaigns=[{names}]",
        f"expires={month.date().replace(day=28)}",
        "recipient=demo-platform",
        "kinds=[notice,hashes]",
        "purpose=removal",
        "approved_by=Ada Demo",
        "share_dir=out",
        "tracking=none",
    )
    counts = ("adverts", "accounts", "templates", "identities", "probability", "weeks", "platforms")
    hashes = sorted((row["type"], row["value"]) for row in _rows("out/send/hashes.csv"))
    kinds: dict[str, int] = defaultdict(int)
    for kind, _ in hashes:
        kinds[kind] += 1
    return {
        "campaigns": sorted(
            ([one[key] for key in (*counts, "first_seen")] for one in campaigns), key=repr
        ),
        "shared by campaign": _parts(
            (row["campaign"], row["advert"]) for row in _rows("out/keep/items.csv")
        ),
        "refused": sorted([row["item"], row["kind"]] for row in _rows("out/keep/refused.csv")),
        "notices": sorted([row["url"], row["class_id"]] for row in _rows("out/send/notices.csv")),
        "hashes": {**kinds, "all": hashlib.sha256(repr(hashes).encode()).hexdigest()},
    }


def _rows(path: str) -> Iterator[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _parts(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the members of each part, whatever its name; parts of one member apart."""
    members = defaultdict(list)
    for part, member in pairs:
        members[part].append(member)
    return sorted(sorted(one) for one in members.values() if len(one) > 1)


def main() -> None:
    """Write what is found in each archive that is named."""
    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder, then(name):
            unpack(name, Path(folder))
            os.chdir(folder)
            os.environ.update(ENVIRONMENT)
            found = {"heads": heads(), **facts()}
            stores = ("judged-words", "estimated", "linked", "out", "scored")
            found |= {"layout": {one: layout(one) for one in stores}, "trained": trained()}
            text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
            (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
