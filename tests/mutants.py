"""Plants small faults, one at a time, and says which of them no test sees: ``make mutants``.

Cosmic Ray finds the places where a fault can be planted and plants it; which of them are tried is
drawn here by a seed, so that the sample follows from the source alone. Each fault is planted in a
copy of the tree, where the unit tests of its own room run until one fails. A run that was
interrupted goes on where it stopped.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
SOURCE = "src/adverts"
ROOMS: Mapping[str, str] = {
    "evaluation/statistics": "tests/unit/evaluation/statistics",
    "evaluation/decisions": "tests/unit/evaluation/decisions",
    "evaluation/gate": "tests/unit/evaluation/gate",
    "training/loop.py": "tests/unit/training/test_training_loop.py",
    "training/loss.py": "tests/unit/training/test_training_loss.py",
    "inputs": "tests/unit/inputs",
}
"""Where faults are planted, and the tests that must see them."""
SAMPLE, SEED, LEAST = 300, 17, 10
_COPIED = ("src", "configs", "tests", "data", "experiments", "pyproject.toml", "README.md")
_LEAST_SECONDS, _TIMES = 60.0, 4.0
_MOST_BYTES = 12_000_000_000  # of address space: a fault may ask for all there is


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """One fault: the ``occurrence``-th place of a file where an operator of Cosmic Ray applies."""

    path: str
    line: int
    operator: str
    occurrence: int

    @property
    def room(self) -> str:
        return next(room for room in ROOMS if _is_in(self.path, room))


def every_mutant() -> Iterator[Mutant]:
    """Yield every fault that can be planted, those in annotations apart, which never run."""
    for room in ROOMS:
        place = ROOT / SOURCE / room
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            yield from _mutants_of(file)


def _mutants_of(file: Path) -> Iterator[Mutant]:
    source = file.read_text(encoding="utf-8")
    tree, silent = get_ast(source), _annotations(ast.parse(source))
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments():
            continue
        operator = kind()
        places = (start for node in ast_nodes(tree) for start, _ in _positions(operator, node))
        for occurrence, (line, column) in enumerate(places):
            if not any(first <= (line, column) < last for first, last in silent):
                path = file.relative_to(ROOT / SOURCE).as_posix()
                yield Mutant(path, line, name.removeprefix("core/"), occurrence)


def _positions(operator: object, node: object) -> Iterator[tuple[tuple[int, int], object]]:
    for position in operator.mutation_positions(node):
        yield tuple(position[0]), position[1]


def _annotations(tree: ast.Module) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return from where to where annotations reach; they are never evaluated in this code."""
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(returns=returns):
                found += [returns] if returns is not None else []
            case ast.AnnAssign(annotation=annotation):
                found.append(annotation)
            case ast.arg(annotation=annotation) if annotation is not None:
                found.append(annotation)
    return [
        ((one.lineno, one.col_offset), (one.end_lineno or 0, one.end_col_offset or 0))
        for one in found
    ]


def sample(mutants: Sequence[Mutant], number: int, seed: int) -> list[Mutant]:
    """Return so many of them in a random order, which depends on each mutant and the seed alone.

    A changed file thus changes the sample of no other file. A room of few faults has ``LEAST`` of
    them all the same, or a small file would never be tried.
    """
    shuffled = sorted(mutants, key=lambda one: _hash(f"{seed} {one}"))
    by_room = {room: [one for one in shuffled if one.room == room] for room in ROOMS}
    least = {one for faults in by_room.values() for one in faults[:LEAST]}
    first = [one for one in shuffled if one in least]
    return [*first, *(one for one in shuffled if one not in least)][:number]


class Tree:
    """A copy of the tree in which faults are planted, one at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.partial")
                shutil.copytree(source, folder / name, ignore=ignored)
            else:
                shutil.copyfile(source, folder / name)

    def try_out(self, mutant: Mutant, seconds: float) -> dict[str, object]:
        """Return what became of a fault: ``killed``, ``timeout`` or ``survived``."""
        file = self.folder / SOURCE / mutant.path
        source = file.read_text(encoding="utf-8")
        operator = get_operator(f"core/{mutant.operator}")()
        planted = mutate_code(source, operator, mutant.occurrence)
        assert planted is not None, mutant
        try:
            file.write_text(planted, encoding="utf-8")
            outcome, took = self.run(self._tests_of(mutant), seconds)
        finally:
            file.write_text(source, encoding="utf-8")
        found = {"outcome": outcome, "seconds": round(took, 1)}
        planted_line = _first_difference(source, planted)
        return {**asdict(mutant), "source": _hash(source), **found, "planted": planted_line}

    def _tests_of(self, mutant: Mutant) -> list[str]:
        """Return the tests of the room, those files first that name the changed one."""
        place = ROOMS[mutant.room]
        module = f"adverts.{mutant.path.removesuffix('.py').replace('/', '.')}"
        files = sorted((self.folder / place).rglob("test_*.py"))
        near = [one for one in files if module in one.read_text(encoding="utf-8")]
        return [*(one.relative_to(self.folder).as_posix() for one in near), place]

    def run(self, tests: Sequence[str], seconds: float) -> tuple[str, float]:
        """Run tests until one fails; returns how that ended, and after how many seconds."""
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        command += ["-p", "no:randomly", "--hypothesis-seed=0", *tests]
        surroundings = {
            **os.environ,
            "PYTHONPATH": str(self.folder / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
        }
        began = time.monotonic()
        with subprocess.Popen(
            command,
            cwd=self.folder,
            env=surroundings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_bounded,
        ) as running:
            try:
                status = running.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, 9)
                return "timeout", time.monotonic() - began
        return "killed" if status else "survived", time.monotonic() - began


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))


def _first_difference(before: str, after: str) -> str:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((f"{a.strip()}  ->  {b.strip()}" for a, b in pairs if a != b), "a line is gone")


def _is_in(path: str, room: str) -> bool:
    return path == room or path.startswith(f"{room}/")


def _limits(tree: Tree, rooms: Sequence[str]) -> dict[str, float]:
    """Return how long the tests of each room may take, after a run without any fault.

    Raises:
        SystemExit: They fail as they are.
    """
    limits = {}
    for room in rooms:
        outcome, took = tree.run([ROOMS[room]], 1800)
        if outcome != "survived":
            raise SystemExit(f"{ROOMS[room]} fails without any fault; mend that first")
        limits[room] = max(_LEAST_SECONDS, _TIMES * took)
        print(f"{room}: its tests take {took:.0f} s", flush=True)
    return limits


def _table(found: Sequence[Mapping[str, object]]) -> Iterator[str]:
    yield "| room | faults | seen | share |"
    yield "| --- | --- | --- | --- |"
    for room in (*ROOMS, "all"):
        here = [one for one in found if room == "all" or _is_in(str(one["path"]), room)]
        seen = sum(one["outcome"] != "survived" for one in here)
        if here:
            yield f"| {room} | {len(here)} | {seen} | {seen / len(here):.0%} |"
    yield ""
    for one in sorted(found, key=lambda one: (str(one["path"]), str(one["line"]))):
        if one["outcome"] == "survived":
            yield f"survived: {one['path']}:{one['line']} {one['operator']}: {one['planted']}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the sample and print what survived; returns 1 where fewer than nine of ten were seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="faults to try")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--room", choices=ROOMS, help="this one alone")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--again", action="store_true", help="try once more what survived")
    parser.add_argument("--out", type=Path, default=Path("runs/mutants.jsonl"))
    options = parser.parse_args(arguments)
    chosen = sample(list(every_mutant()), options.sample, options.seed)
    chosen = [one for one in chosen if options.room in (None, one.room)]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    paths = {one.path for one in chosen}
    hashes = {path: _hash((ROOT / SOURCE / path).read_text(encoding="utf-8")) for path in paths}
    known = _read(options.out, hashes)
    again = {one for one, found in known.items() if found["outcome"] == "survived"}
    left = [one for one in chosen if one not in known or (options.again and one in again)]
    with tempfile.TemporaryDirectory(prefix="adverts-mutants-") as folder:
        trees = [Tree(Path(folder) / str(i)) for i in range(options.processes)]
        limits = _limits(trees[0], sorted({one.room for one in left}))
        _try_all(left, trees, limits, options.out)
    known = _read(options.out, hashes)
    found = [known[one] for one in chosen]
    print("\n".join(_table(found)))
    seen = sum(one["outcome"] != "survived" for one in found)
    return int(seen < 0.9 * len(found))


def _try_all(
    mutants: Sequence[Mutant], trees: Sequence[Tree], limits: Mapping[str, float], out: Path
) -> None:
    free: SimpleQueue[Tree] = SimpleQueue()
    for tree in trees:
        free.put(tree)

    def one_of(mutant: Mutant) -> dict[str, object]:
        tree = free.get()
        try:
            return tree.try_out(mutant, limits[mutant.room])
        finally:
            free.put(tree)

    with ThreadPoolExecutor(len(trees)) as pool, out.open("a", encoding="utf-8") as file:
        for number, result in enumerate(pool.map(one_of, mutants), start=1):
            file.write(json.dumps(result) + "\n")
            file.flush()
            told = f"{result['outcome']} {result['path']}:{result['line']}"
            print(f"{number} of {len(mutants)}: {told}", flush=True)


def _read(path: Path, hashes: Mapping[str, str]) -> dict[Mutant, dict[str, object]]:
    """Return what was found of each fault whose file still had this hash when it was planted."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = [json.loads(line) for line in lines]
    names = ("path", "line", "operator", "occurrence")
    return {
        Mutant(*(one[name] for name in names)): one
        for one in found
        if hashes.get(one["path"]) == one["source"]
    }


def _hash(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main())
