"""Kill commands: ``make kill-soak KILLS=60 PLACED=4``, or ``python -m kills --kills 60``.

Each command is killed with SIGKILL, its whole process group: first at some of the places where it
changes a file or a database, then at moments drawn evenly over the time that it takes. Some are
killed once more when they are run again. Then the same command has to end it, and all that it
leaves has to be what an unkilled one leaves.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
    parser.add_argument(
        "--placed", type=int, default=0, help="places of each command, besides its marked ones"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", help="name of a case; more than once for more")
    parser.add_argument("--out", type=Path, help="JSON file of every kill")
    options = parser.parse_args()
    os.environ.pop("ADVERTS_LEDGER", None)  # each world has a ledger of its own
    os.environ["ADVERTS_TOKEN_KEY"] = TOKEN_KEY
    load_everything()
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        return soak(Path(name), options)


def soak(folder: Path, options: argparse.Namespace) -> int:
    """Run every case unkilled, then kill; return 1 where one did not end as it should."""
    chosen = [case for case in cases() if not options.only or case.name in options.only]
    whole = _whole(folder, {name for case in chosen for name in (*case.before, case.name)})
    rows: list[dict[str, object]] = []

    def tried(case: Case, kills: Sequence[Mapping[str, float]], name: str) -> None:
        row = _trial(folder, case, kills, name=name)
        if row is not None:
            rows.append(row)
            print(json.dumps(row), flush=True)

    if options.placed:
        for case in chosen:
            for number, kills in enumerate(
                _placed_kills(case, whole[case.name], options.placed), 1
            ):
                tried(case, kills, f"placed-{case.name}-{number}".replace(" ", "-"))
    trial, before = 0, sum(int(str(row["kills"])) for row in rows)
    while sum(int(str(row["kills"])) for row in rows) - before < options.kills:
        case, seed = chosen[trial % len(chosen)], options.seed * 100_000 + trial
        tried(case, _random_kills(whole[case.name], seed), f"trial-{seed}")
        trial += 1
    _print_table(rows)
    if options.out is not None:
        options.out.write_text(json.dumps({"seed": options.seed, "trials": rows}, indent=1))
    return 0 if all(row["ended"] and not row["differences"] for row in rows) else 1


def _whole(folder: Path, needed: set[str]) -> dict[str, Ended]:
    """Make the worlds before and after some cases; return how each ended."""
    from tiny_encoder import write_encoder

    write_encoder(folder / "encoder")
    write_raw(folder / "start", folder / "encoder")
    whole = {}
    for case in (case for case in cases() if case.name in needed):
        before, after = _before(folder, case), folder / _after(case.name)
        if case.ready is not None:
            copy_world(folder / _after(case.before[-1]), before)
            case.ready(before)
        copy_world(before, after)
        ended = run(case.verb, arguments(case, after), after)
        if ended.status != 0:
            sys.exit(f"{case.name} fails without any kill:\n{ended.said}")
        whole[case.name] = ended
        print(f"{case.name}: {ended.seconds:.1f} s", flush=True)
    return whole


def _after(name: str) -> str:
    """Return the folder of the world after a case; a space would be another letter in a URI."""
    return f"after-{name.replace(' ', '-')}"


def _before(folder: Path, case: Case) -> Path:
    """Return the folder of the world before a case; changed by hand for some."""
    if case.ready is not None:
        return folder / f"ready-{_after(case.name)}"
    return folder / (_after(case.before[-1]) if case.before else "start")


def _random_kills(whole: Ended, seed: int) -> list[dict[str, float]]:
    """Return one or two moments, drawn evenly over the time that a command takes."""
    rng = random.Random(seed)
    return [
        {"kill_after": rng.uniform(0, whole.seconds)}
        for _ in range(2 if rng.random() < _ONE_MORE else 1)
    ]


def _placed_kills(case: Case, whole: Ended, number: int) -> Iterator[list[dict[str, int]]]:
    """Yield places of a command: the first after each of its marks, and others in even steps.

    At every other one, the command that is typed again is killed while it tidies up, too.
    """
    last = len(whole.places)
    chosen = {1 + round(one * (last - 1) / max(1, number - 1)) for one in range(number)}
    for mark in case.marks:
        found = [at for at, place in enumerate(whole.places, 1) if re.search(mark, place)]
        assert found, f"{case.name} has no place {mark}; it has {whole.places}"
        chosen.add(min(found[0] + 1, last))
    for turn, place in enumerate(sorted(chosen)):
        yield [{"kill_at": place}, {"kill_at": 2 + turn}] if turn % 2 else [{"kill_at": place}]


def _trial(
    folder: Path, case: Case, kills: Sequence[Mapping[str, float]], *, name: str
) -> dict[str, object] | None:
    """Kill one command and let it end; None where it ended before it was killed.

    Args:
        folder: Folder of all worlds.
        case: The command.
        kills: When it is killed, and when again, as :func:`kills.running.run` takes it.
        name: Name of the trial's world.
    """
    world = folder / name
    copy_world(_before(folder, case), world)
    argv = arguments(case, world)
    places: list[str] = []
    for kill in kills:
        ended = run(case.verb, argv, world, **kill)  # type: ignore[arg-type]
        if ended.status is not None:
            break
        places.append(ended.places[-1] if ended.places else "the beginning")
    if not places:
        shutil.rmtree(world)
        return None
    last = run(case.verb, argv, world)
    wanted = folder / _after(case.name)
    found = elsewhere(lambda: [*differences(case, world, wanted)]) if _ended(last) else []
    if _ended(last) and not found:
        shutil.rmtree(world)
    return {
        "case": case.name,
        "trial": name,
        "kills": len(places),
        "died at": places,
        "ended": _ended(last),
        "said": "" if last.status == 0 else last.said.strip()[-300:],
        "differences": found,
    }


def _ended(last: Ended) -> bool:
    """Did the command end it, or say that the one that was killed had ended it already?"""
    done = last.status == 2 and any(text in last.said for text in _DONE_ALREADY)
    return last.status == 0 or done


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
