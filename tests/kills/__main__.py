"""Kill commands at random moments: ``make kill-soak KILLS=60``, or ``python -m kills --kills 60``.

Each command is killed with SIGKILL, its whole process group, at a moment drawn evenly over the
time that it takes; one in three is killed once more when it is run again. Then the same command has
to end it, and all that it leaves has to be what an unkilled one leaves.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from kills.checks import differences
from kills.desk import TOKEN_KEY, Case
from kills.running import Ended, elsewhere, load_everything, run
from kills.world import arguments, cases, copy_world, write_raw

_ONE_MORE = 1 / 3
_DONE_ALREADY = ("exists and is not empty", "is taken; give bundle_dir")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="name of one case")
    parser.add_argument("--out", type=Path, help="JSON file of every kill")
    options = parser.parse_args()
    os.environ.pop("ADVERTS_LEDGER", None)  # each world has a ledger of its own
    os.environ["ADVERTS_TOKEN_KEY"] = TOKEN_KEY
    load_everything()
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        return soak(Path(name), options)


def soak(folder: Path, options: argparse.Namespace) -> int:
    """Run every case unkilled, then kill; return 1 where one did not end as it should."""
    chosen = [case for case in cases() if options.only in (None, case.name)]
    seconds = _whole(folder, {name for case in chosen for name in (*case.before, case.name)})
    rows: list[dict[str, object]] = []
    trial = 0
    while sum(int(str(row["kills"])) for row in rows) < options.kills:
        case = chosen[trial % len(chosen)]
        row = _trial(folder, case, seconds, seed=options.seed * 100_000 + trial)
        trial += 1
        if row is not None:
            rows.append(row)
            print(json.dumps(row), flush=True)
    _print_table(rows)
    if options.out is not None:
        options.out.write_text(json.dumps({"seed": options.seed, "trials": rows}, indent=1))
    return 0 if all(row["ended"] and not row["differences"] for row in rows) else 1


def _whole(folder: Path, needed: set[str]) -> dict[str, float]:
    """Make the worlds before and after some cases; return how long each takes."""
    from tiny_encoder import write_encoder

    write_encoder(folder / "encoder")
    write_raw(folder / "start", folder / "encoder")
    seconds = {}
    for case in (case for case in cases() if case.name in needed):
        before, after = _before(folder, case), folder / _after(case.name)
        if case.ready is not None:
            copy_world(folder / _after(case.before[-1]), before)
            case.ready(before)
        copy_world(before, after)
        ended = run(case.verb, arguments(case, after), after)
        if ended.status != 0:
            sys.exit(f"{case.name} fails without any kill:\n{ended.said}")
        seconds[case.name] = ended.seconds
        print(f"{case.name}: {ended.seconds:.1f} s", flush=True)
    return seconds


def _after(name: str) -> str:
    """Return the folder of the world after a case; a space would be another letter in a URI."""
    return f"after-{name.replace(' ', '-')}"


def _before(folder: Path, case: Case) -> Path:
    """Return the folder of the world before a case; changed by hand for some."""
    if case.ready is not None:
        return folder / f"ready-{_after(case.name)}"
    return folder / (_after(case.before[-1]) if case.before else "start")


def _trial(
    folder: Path, case: Case, times: dict[str, float], *, seed: int
) -> dict[str, object] | None:
    """Kill one command once or twice and let it end; None where it ended before it was killed."""
    rng, seconds = random.Random(seed), times[case.name]
    world = folder / f"trial-{seed}"
    copy_world(_before(folder, case), world)
    argv = arguments(case, world)
    places, kills = [], 0
    for _ in range(2 if rng.random() < _ONE_MORE else 1):
        ended = run(case.verb, argv, world, kill_after=rng.uniform(0, seconds))
        if ended.status is not None:
            times[case.name] = min(seconds, ended.seconds)
            break
        kills += 1
        places.append(f"{ended.seconds / seconds:.0%}: {_where(case, world)}")
    if not kills:
        shutil.rmtree(world)
        return None
    last = run(case.verb, argv, world)
    wanted = folder / _after(case.name)
    found = elsewhere(lambda: [*differences(case, world, wanted)]) if _ended(last) else []
    if _ended(last) and not found:
        shutil.rmtree(world)
    return {
        "case": case.name,
        "seed": seed,
        "kills": kills,
        "died at": places,
        "ended": _ended(last),
        "said": "" if last.status == 0 else last.said.strip()[-300:],
        "differences": found,
    }


def _ended(last: Ended) -> bool:
    """Did the command end it, or say that the one that was killed had ended it already?"""
    done = last.status == 2 and any(text in last.said for text in _DONE_ALREADY)
    return last.status == 0 or done


def _where(case: Case, world: Path) -> str:
    """Say how far a killed command had come, by what it left."""
    model = case.name.partition(" ")[2]
    run_dir = world / "runs" / model
    marks = {
        "prepare": ["prepared/.small.pictures", "prepared/small.partial", "prepared/small"],
        "train": ["run.json", "log.jsonl", "checkpoints/best", "checkpoints/last", "baseline"],
        "export": ["-bundle.partial", "-bundle", "-bundle.transparency.md"],
        "evaluate": ["-report.partial", "-report"],
        "promote": ["-bundle.partial", "-bundle/gate.json", "-bundle.transparency.md"],
    }[case.verb]
    base = {"prepare": f"{world}/", "train": f"{run_dir}/"}.get(case.verb, f"{run_dir}")
    found = [mark for mark in marks if Path(base + mark).exists()]
    if case.verb == "train" and (run_dir / "run.json").is_file():
        record = json.loads((run_dir / "run.json").read_text())
        found += [name for name in ("mlflow_run_id", "outcome", "handed_in") if record[name]]
    return found[-1] if found else "nothing yet"


def _print_table(rows: list[dict[str, object]]) -> None:
    print("\n| command | trials | kills | ended by the same command | complete |")
    print("|---|---|---|---|---|")
    kills, trials, ended, whole = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        name = str(row["case"])
        for key in (name, "all"):
            trials[key] += 1
            kills[key] += int(str(row["kills"]))
            ended[key] += bool(row["ended"])
            whole[key] += bool(row["ended"]) and not row["differences"]
    for key in trials:
        print(f"| {key} | {trials[key]} | {kills[key]} | {ended[key]} | {whole[key]} |")


if __name__ == "__main__":
    sys.exit(main())
