"""A folder of scores that somebody edited, beside files that are none of its business."""

from __future__ import annotations

import datetime
import json
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from adverts import score
from adverts.compose import compose
from adverts.config import ScoreConfig
from adverts.errors import AdvertsError
from adverts.scoring.evidence_reader import open_evidence
from adverts.work.units.executors.job import Done, Job
from adverts.work.units.place import LocalPlace
from adverts.work.units.plan import read_plan
from fuzz.lines import BUNDLE
from fuzz.measured import Case, Draw, measure
from fuzz.values import MOST_JSON, draw_size, hostile_text, json_text, mutated_json

_SECONDS = 20.0
_LONGEST_NAME = 100
_HELD = tempfile.TemporaryDirectory(prefix="adverts-fuzz-scores-")  # goes with the process
_FOLDERS = ("scores", "evidence", "receipts")


def _kind(change: Callable[[random.Random, Path], str]) -> Draw:
    """Return a draw of a scored folder that is changed in one way before scoring goes on."""

    def draw(rng: random.Random, folder: Path, number: int) -> Case:
        del number
        shutil.copytree(_scored(), folder, symlinks=True, dirs_exist_ok=True)
        family = change(rng, folder)
        size = sum(one.lstat().st_size for one in (folder / "work").rglob("*"))
        return Case("receipts", family, size, _SECONDS, lambda: _signs(folder))

    return draw


@cache
def _scored() -> Path:
    """Return a folder with adverts, their scores in three units of which two are done, and more."""
    folder = Path(_HELD.name)
    lines = [f"p{one},boat {one} tonight call +44 7700 900{one:03d}" for one in range(6)]
    (folder / "posts.csv").write_text("\n".join(["id,text", *lines]) + "\n")
    (folder / "outside").mkdir()
    for name in ("victim.txt", "000000.parquet", "000000.json", "plan.json"):
        (folder / "outside" / name).write_bytes(b"of somebody else")

    def run() -> Sequence[str]:
        for part in (1, 2):
            _go_on(folder, f"{part}/3")
        return []

    _config()
    made = measure(Case("receipts", "before", 0, 60.0, run))
    assert made.outcome == "done", made
    return folder


@cache
def _config() -> ScoreConfig:
    """Return how the adverts of the current folder are scored."""
    words = ["data=csv", "data.root=.", "data.source.paths=[posts.csv]", "adverts_per_unit=2"]
    words += [f"bundle={BUNDLE}", "evidence=restricted", "scores=work/scores", "threads=1"]
    return compose("score", ScoreConfig, words)


def _go_on(folder: Path, part: str | None = None) -> None:
    """Score the adverts into the folder, in this process; what is done stays."""

    class Here:
        def run(self, job: Job, units: Sequence[int]) -> Iterator[Done]:
            yield from map(job.open(), units)

    os.environ["ADVERTS_TOKEN_KEY"] = "a key of sixteen bytes or more"
    os.chdir(folder)
    score._executor = lambda _: Here()
    score.score(_config().model_copy(update={"part": part}))


def _signs(folder: Path) -> Sequence[str]:
    """Do all that is done with a folder of scores, and return what became of other files."""

    def look(act: Callable[[ScoreConfig], object], **more: object) -> Callable[[], object]:
        return lambda: act(_config().model_copy(update=more))

    before, signs = _others(folder), []
    for act in (
        lambda: _go_on(folder),
        look(score.status, verify=True),
        look(score.clusters),
        _read_evidence,
        look(score.purge_evidence, purge="evidence"),
        lambda: _go_on(folder),
    ):
        try:
            act()
        except AdvertsError as error:
            print(error)
            signs += ["more than a line"] * (str(error).count("\n") >= _MOST_LINES)
        if _others(folder) != before:
            return [*signs, "a file outside the folder changed"]
    return signs


_MOST_LINES = 3
"""What verify says: of changed files, of edited receipts, of strays."""


def _read_evidence() -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    list(open_evidence("work/scores", today=today).rows())


def _others(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return the mode and content of all that is not in the folder of scores."""
    own, found = folder / "work" / "scores", {}
    for one in folder.rglob("*"):
        if own not in one.parents:
            about = one.lstat()
            content = one.read_bytes() if one.is_file() and not one.is_symlink() else b""
            found[str(one)] = (about.st_mode, content)
    return found


def _receipt_names(rng: random.Random, folder: Path) -> str:
    """Let a receipt name a file that is not of its unit."""
    path = folder / "work/scores/receipts/000000.json"
    raw = json.loads(path.read_bytes())
    old = rng.choice(sorted(raw["outputs"]))
    told = dict(raw["outputs"][old])
    if rng.random() < 0.5:
        told["bytes"] = rng.choice((0, -1, 2**63, 16))
    if rng.random() < 0.5:
        del raw["outputs"][old]
    family, name = _name(rng, folder, old)
    raw["outputs"][name] = told
    path.write_text(json.dumps(raw))
    return f"a receipt names {family}"


def _name(rng: random.Random, folder: Path, old: str) -> tuple[str, str]:
    outside = folder / "outside" / rng.choice(("victim.txt", "000000.parquet"))
    own, odd = f"{rng.choice(_FOLDERS)}/000001", hostile_text(rng, _LONGEST_NAME)
    names = {
        "a file above": f"../../outside/{outside.name}",
        "a file above by a folder": f"scores/../../../outside/{outside.name}",
        "a file by its path": str(outside),
        "the adverts": "../../posts.csv",
        "another unit": rng.choice((f"{own}.parquet", f"{own}.json")),
        "the plan": "plan.json",
        "its receipt": "receipts/000000.json",
        "it otherwise": rng.choice((f"{old}/", f"./{old}", old.replace("/", "//"), f"{old}\0")),
        "nothing": rng.choice(("", ".", "..", "/", "scores", "scores/")),
        "any text": rng.choice((odd, f"../{odd}", f"scores/{odd}"))
        .encode("utf-8", "ignore")
        .decode(),
    }
    family = rng.choice(sorted(names))
    return family, names[family]


def _mutated(rng: random.Random, folder: Path) -> str:
    """Change a value somewhere in the plan or in a receipt."""
    name = rng.choice(("plan.json", "receipts/000000.json", "receipts/000001.json"))
    path = folder / "work/scores" / name
    size = draw_size(rng, MOST_JSON)
    family, text = mutated_json(rng, json.loads(path.read_bytes()), size)
    if rng.random() < 0.2:
        family, text = "another value", json_text(rng, size)
    path.write_text(text, errors="replace")
    return f"{name}, {family}"


def _plan_paths(rng: random.Random, folder: Path) -> str:
    """Let the plan, and the receipts with it, say that files elsewhere belong to it."""
    path = folder / "work/scores/plan.json"
    raw = json.loads(path.read_bytes())
    hostile = rng.choice(("../../outside/victim.txt", str(folder / "outside"), "..", "a\0b", ""))
    place = rng.choice(("format", "file", "root", "paths", "inputs"))
    match place:
        case "format":
            raw["settings"]["format"] = f"x/../../{hostile}"
        case "file":
            rng.choice(raw["units"])["file"] = hostile
        case "root":
            raw["settings"]["content"]["data"]["root"] = hostile
        case "paths":
            raw["settings"]["source"]["paths"] = [hostile]
        case _:
            raw["inputs"] = {hostile: {}}
    path.write_text(json.dumps(raw))
    plan = read_plan(LocalPlace(path.parent))
    assert plan is not None
    for one in (path.parent / "receipts").iterdir():
        told = json.loads(one.read_bytes())
        told["plan"] = plan.key
        if place == "format":
            told["outputs"] = {f"scores/{told['unit']:06d}.x/../../{hostile}": {}}
        one.write_text(json.dumps(told))
    return f"a plan with another {place}"


def _linked(rng: random.Random, folder: Path) -> str:
    """Put a link, or what is no file, in place of a file or a folder."""
    scores = folder / "work" / "scores"
    places = [*_FOLDERS, ".aside", "plan.json", "summary.json", "clusters.parquet"]
    places += ["evidence_purged.json", "scores/000002.parquet", "scores/000003.parquet"]
    places += [str(one.relative_to(scores)) for one in scores.rglob("*.*") if one.is_file()]
    path = scores / rng.choice(sorted(set(places)))
    kind = rng.choice(("a link to a file", "a link to a folder", "a broken link", "a pipe"))
    if path.is_dir() and rng.random() < 0.5:
        shutil.move(path, folder / "outside" / path.name)
    elif path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    outside = folder / "outside"
    match kind:
        case "a link to a file":
            path.symlink_to(outside / "victim.txt")
        case "a link to a folder":
            path.symlink_to(outside / path.name if (outside / path.name).is_dir() else outside)
        case "a broken link":
            path.symlink_to(outside / "new.txt")
        case _:
            os.mkfifo(path)
    return f"{kind} in place of {path.relative_to(scores)}"


KINDS = {
    "names": _kind(_receipt_names),
    "mutated": _kind(_mutated),
    "plans": _kind(_plan_paths),
    "links": _kind(_linked),
}
