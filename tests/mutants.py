"""Plants small faults, one at a time, and says which of them no test notices: ``make mutants``.

Cosmic Ray finds the places where a fault can be planted and plants it. Which of them are tried is
drawn by a seed, from the source alone: ``FAULTS`` of each first-level folder of the package and of
its top-level files together, ``FAULTS_OF_HARM`` where a fault may harm somebody. Each fault is
planted in a copy of the tree. Coverage, collected once for every test, says which tests run there:
unit tests that reach the line, those of the room first, and for what these do not notice at most
ten other tests. The record goes on where it stopped, and a changed file is tried again::

    python tests/mutants.py collect        # once: which test reaches which line; hours
    make mutants ROOM=sharing              # one room; without ROOM, all of them
    python tests/mutants.py compare OLD.jsonl MOVES.csv   # this record beside one of another tree
    python tests/mutants.py spare          # files of tests that reach nothing of their own
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import zip_longest
from math import sqrt
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[1]
SOURCE, FINDINGS = "src", "adverts_findings/"
RECORD = ROOT / "tests/mutants.jsonl"
COVERAGE = ROOT / "runs/mutants"
FAULTS, FAULTS_OF_HARM, SEED = 40, 100, 46
OF_HARM = frozenset(
    ("campaigns", "candidates", "data", "evaluation", "inputs", "judging", "runtime", "sharing")
)
"""Rooms of masking, promises, gates, erasure, holds, safeguarding and what leaves."""
MOST_UNIT, MOST_OTHER = 12, 10  # test files, tests
_COPIED = ("src", "configs", "tests", "data", "experiments", "docs", "pyproject.toml", "README.md")
_COPIED += ("CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "mkdocs.yml")
_ACTS = ("try", "show", "compare", "spare")
_LEAST_SECONDS, _TIMES = 60.0, 4.0
_MOST_BYTES = 12_000_000_000  # of address space: a fault may ask for all there is
_PRELOADED = "duckdb hypothesis mlflow onnxruntime pandas pyarrow.dataset pydantic scipy.stats"
_PRELOADED += " sklearn.linear_model torch transformers jinja2 omegaconf hydra PIL.Image"
Fault = dict[str, object]


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """One fault: the ``occurrence``-th place of a file where an operator of Cosmic Ray applies.

    The path is that within ``adverts``, or begins with ``adverts_findings/``.
    """

    path: str
    line: int
    operator: str
    occurrence: int

    @property
    def room(self) -> str:
        """First-level folder of its file; ``top`` of a file that is in none."""
        path = self.path.removeprefix(FINDINGS)
        return path.partition("/")[0] if "/" in path else "top"

    @property
    def file(self) -> str:
        """Its file, in the tree."""
        return f"{SOURCE}/{'' if self.path.startswith(FINDINGS) else 'adverts/'}{self.path}"


def every_mutant(room: str | None) -> Iterator[Mutant]:
    """Yield every fault that can be planted, those in annotations apart, which never run."""
    for file in sorted((ROOT / SOURCE).rglob("*.py")):
        path = file.relative_to(ROOT / SOURCE).as_posix().removeprefix("adverts/")
        if room in (None, Mutant(path, 0, "", 0).room):
            yield from _mutants_of(file, path)


def _mutants_of(file: Path, path: str) -> Iterator[Mutant]:
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    source = file.read_text(encoding="utf-8")
    tree, silent = get_ast(source), _annotations(ast.parse(source))
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments():
            continue
        places = (
            tuple(start) for node in ast_nodes(tree) for start, _ in kind().mutation_positions(node)
        )
        for occurrence, place in enumerate(places):
            if not any(first <= place < last for first, last in silent):
                yield Mutant(path, place[0], name.removeprefix("core/"), occurrence)


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


def sample(mutants: Sequence[Mutant], seed: int) -> list[Mutant]:
    """Return the faults of each room in an order that hangs on each of them and the seed alone.

    A changed file thus changes the sample of no other file by more than it gains or loses.
    """
    shuffled = sorted(mutants, key=lambda one: _hash(f"{seed} {one}"))
    by_room = defaultdict(list)
    for one in shuffled:
        by_room[one.room].append(one)
    return [
        one
        for room, faults in sorted(by_room.items())
        for one in faults[: FAULTS_OF_HARM if room in OF_HARM else FAULTS]
    ]


class Reach:
    """Which tests reach a line, and how long each takes."""

    def __init__(self, folder: Path = COVERAGE) -> None:
        import coverage

        self._data = coverage.CoverageData(str(folder / ".coverage"))
        self._data.read()
        self._seconds: Counter[str] = Counter()
        for file in folder.glob("seconds*.json"):
            self._seconds.update(json.loads(file.read_bytes()))
        self._lines: dict[str, dict[int, list[str]]] = {}
        self._statements: dict[str, dict[int, tuple[int, int]]] = {}
        self._called: dict[str, set[int]] = {}

    def tests_of(self, mutant: Mutant) -> tuple[list[str], list[str]]:
        """Return files of unit tests, and other tests, in the order in which they are to run.

        A line that runs at import is reached by all that reach any line of its file. Of the other
        tests, each file gives its quickest before any gives another.
        """
        if mutant.path not in self._lines:
            file = ROOT / mutant.file
            self._lines[mutant.path] = self._data.contexts_by_lineno(str(file))
            tree = ast.parse(file.read_bytes())
            self._statements[mutant.path] = _statements(tree)
            self._called[mutant.path] = _called(tree)
        lines = self._lines[mutant.path]
        first, last = self._statements[mutant.path].get(mutant.line, (mutant.line, mutant.line))
        home = "findings/" if mutant.path.startswith(FINDINGS) else ""
        own = f"tests/unit/{home}{mutant.room}/"
        here = range(first, last + 1)
        if mutant.line in self._called[mutant.path]:
            names = _tests_in(lines, here)
        else:
            names = _tests_in(lines, lines)
            names = names or {one for one in self._seconds if one.startswith(own)}
        order = sorted(names, key=lambda one: (not one.startswith(own), self._seconds[one], one))
        unit = [one for one in order if "::" not in one]
        of_file: dict[str, list[str]] = defaultdict(list)
        for one in order:
            if "::" in one:
                of_file[one.partition("::")[0]].append(one)
        in_turn = [one for turn in zip_longest(*of_file.values()) for one in turn if one]
        return unit[:MOST_UNIT], in_turn[:MOST_OTHER]

    def limit(self, tests: Sequence[str]) -> float:
        """Return how many seconds some tests may take."""
        return max(_LEAST_SECONDS, _TIMES * sum(self._seconds[one] for one in tests))

    def spare(self) -> dict[str, float]:
        """Return files of tests, and seconds, whose every line the files that are left reach too.

        Longest first, so that all of them could go together. Tests of promises stay.
        """
        lines: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for source in self._data.measured_files():
            for line, contexts in self._data.contexts_by_lineno(source).items():
                for test in _tests_in({line: contexts}, [line]):
                    lines[test.partition("::")[0]].add((source, line))
        seconds = Counter[str]()
        for test, took in self._seconds.items():
            seconds[test.partition("::")[0]] += took
        reached_by = Counter(place for places in lines.values() for place in places)
        found = {}
        for test in sorted(lines, key=lambda one: (-seconds[one], one)):
            promised = "pytest.mark.promise" in (ROOT / test).read_text(encoding="utf-8")
            if not promised and all(reached_by[place] > 1 for place in lines[test]):
                reached_by.subtract(lines[test])
                found[test] = seconds[test]
        return found


def _tests_in(lines: Mapping[int, Sequence[str]], chosen: Iterable[int]) -> set[str]:
    found = (part for line in chosen for one in lines.get(line, ()) for part in one.split("|"))
    return {*found} - {""}


def _statements(tree: ast.Module) -> dict[int, tuple[int, int]]:
    """Return of each line the first and last of the innermost statement, or head of one, around it.

    Of a statement over several lines, coverage may know no more than the first.
    """
    found: dict[int, tuple[int, int]] = {}
    for node in ast.walk(tree):  # from without to within
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            last = max(last, node.lineno)
            found |= dict.fromkeys(range(node.lineno, last + 1), (node.lineno, last))
    return found


def _called(tree: ast.Module) -> set[int]:
    """Return the lines that run when a function is called; all others run at import."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1)
    }


class Tree:
    """A copy of the tree in which faults are planted, one at a time.

    A process that has imported what the tests import, none of it ours, becomes pytest for each
    fault: so a fault takes a second or two instead of ten.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.partial", "mutants.jsonl")
                shutil.copytree(source, folder / name, ignore=ignored)
            else:
                shutil.copyfile(source, folder / name)
        self._server = subprocess.Popen(
            [sys.executable, __file__, "serve"],
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": str(folder / "src"),
                "PYTHONDONTWRITEBYTECODE": "1",
                "OMP_NUM_THREADS": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def try_out(self, mutant: Mutant, reach: Reach) -> Fault:
        """Return what became of a fault, and which kind of test noticed it."""
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator

        file = self.folder / mutant.file
        source = file.read_text(encoding="utf-8")
        operator = get_operator(f"core/{mutant.operator}")()
        planted = mutate_code(source, operator, mutant.occurrence)
        assert planted is not None, mutant
        began, outcome, noticed = time.monotonic(), "survived", ""
        tests = dict(zip(("unit", "other"), reach.tests_of(mutant), strict=True))
        if not any(tests.values()):
            outcome = "not reached"
        try:
            file.write_text(planted, encoding="utf-8")
            for kind, chosen in tests.items():
                if outcome == "survived" and chosen:
                    outcome = self.run(chosen, reach.limit(chosen))
                    noticed = kind if outcome != "survived" else ""
        finally:
            file.write_text(source, encoding="utf-8")
        return {
            "room": mutant.room,
            **asdict(mutant),
            "source": _hash(source),
            "outcome": outcome,
            "noticed": noticed,
            "tests": sum(map(len, tests.values())),
            "seconds": round(time.monotonic() - began, 1),
            "planted": _first_difference(source, planted),
        }

    def run(self, tests: Sequence[str], seconds: float) -> str:
        """Run tests until one fails; returns ``survived``, ``noticed`` or ``timeout``."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        print(json.dumps([list(tests), seconds]), file=self._server.stdin, flush=True)
        return self._server.stdout.readline().strip()

    def close(self) -> None:
        """End the process."""
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait()


def serve() -> int:
    """Become pytest once for each line of tests and seconds on standard input."""
    import pytest

    for name in _PRELOADED.split():
        importlib.import_module(name)
    loaded = {name for name in sys.modules if name.partition(".")[0] == "adverts"}
    assert not loaded, f"loaded before a fault is planted: {loaded}"
    answers = os.fdopen(os.dup(1), "w")
    silent = os.open(os.devnull, os.O_RDWR)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    for line in sys.stdin:
        tests, seconds = json.loads(line)
        child = os.fork()
        if child == 0:
            os.setsid()
            os.dup2(silent, 0)
            resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
            words = ["-x", "-q", "-n0", "-m", "not gpu", "-p", "no:cacheprovider"]
            status = pytest.main([*words, "--hypothesis-seed=0", *tests])
            os._exit(0 if status in (0, 5) else 1)
        print(_ended(child, time.monotonic() + seconds), file=answers, flush=True)
    return 0


def _ended(child: int, until: float) -> str:
    """Wait for a process group; returns what its end says of a fault."""
    while time.monotonic() < until:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            _kill(child)  # what it started and left
            return "noticed" if status else "survived"
        time.sleep(0.02)
    _kill(child)
    os.waitpid(child, 0)
    return "timeout"


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def collect(words: Sequence[str]) -> int:
    """Run the tests once with coverage by test; more words are pytest's, such as ``-m slow``.

    What was collected before stays, so that quick and slow tests may be run apart.
    """
    COVERAGE.mkdir(parents=True, exist_ok=True)
    settings = COVERAGE / "coverage.cfg"
    settings.write_text(
        f"[run]\nsource = {ROOT / SOURCE}\ndata_file = {COVERAGE / '.coverage'}\nparallel = true\n"
        "context = ${ADVERTS_TEST-}\nconcurrency = multiprocessing, thread\nsigterm = true\n",
        encoding="utf-8",
    )
    hook = ROOT / "tests/coverage_hook"
    before = os.environ.get("PYTHONPATH", "")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope", "-p", "contexts"]
        + (list(words) or ["-m", "not gpu"]),
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{hook}{os.pathsep}{before}",
            "COVERAGE_PROCESS_START": str(settings),
            "ADVERTS_SECONDS": str(COVERAGE / f"seconds-{_hash(' '.join(words))}.json"),
            "OMP_NUM_THREADS": "1",
        },
        check=False,
    )
    coverage = [sys.executable, "-m", "coverage", "combine", "-q", "--append"]
    subprocess.run([*coverage, f"--rcfile={settings}"], cwd=COVERAGE, check=True)
    return done.returncode


def try_all(mutants: Sequence[Mutant], out: Path) -> None:
    """Try faults in two copies of the tree, and add what became of each to a record."""
    reach, free = Reach(), SimpleQueue[Tree]()

    def one_of(mutant: Mutant) -> Fault:
        tree = free.get()
        try:
            return tree.try_out(mutant, reach)
        finally:
            free.put(tree)

    with tempfile.TemporaryDirectory(prefix="adverts-mutants-") as folder:
        trees = [Tree(Path(folder) / str(i)) for i in range(2)]
        for tree in trees:
            free.put(tree)
        pool = ThreadPoolExecutor(len(trees))
        try:
            tried = [pool.submit(one_of, one) for one in mutants]
            for number, done in enumerate(as_completed(tried), start=1):
                found = done.result()
                with out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(found, ensure_ascii=False) + "\n")
                said = f"{found['outcome']} {found['path']}:{found['line']} {found['seconds']} s"
                print(f"{number} of {len(mutants)}: {said}", flush=True)
        finally:  # what went wrong shows at once, not after a thousand faults more
            pool.shutdown(cancel_futures=True)
        for tree in trees:
            tree.close()


def read(path: Path, *, current: bool = True) -> dict[Mutant, Fault]:
    """Return what was found of each fault, of the files as they are now, or of all."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found: dict[Mutant, Fault] = {}
    for one in map(json.loads, lines):
        mutant = Mutant(*(one[name] for name in ("path", "line", "operator", "occurrence")))
        file = ROOT / mutant.file
        if current and (not file.is_file() or _hash(file.read_text("utf-8")) != one["source"]):
            continue
        found[mutant] = one
    return found


def table(found: Sequence[Fault]) -> Iterator[str]:
    """Yield a table of rooms with intervals of 95 %, and a line for each fault nobody noticed."""
    yield "| room | faults | noticed | by unit tests | by others alone | seconds a fault |"
    yield "|---|---|---|---|---|---|"
    for room in [*sorted({str(one["room"]) for one in found}), "all"]:
        here = [one for one in found if room in ("all", one["room"])]
        by = Counter(str(one["noticed"]) for one in here)
        counts = (len(here) - by[""], by["unit"], by["other"])
        shares = " | ".join(_share(one, len(here)) for one in counts)
        seconds = sum(float(str(one["seconds"])) for one in here) / len(here)
        yield f"| {room} | {len(here)} | {shares} | {seconds:.0f} |"
    yield ""
    for one in sorted(found, key=lambda one: (str(one["path"]), int(str(one["line"])))):
        if not one["noticed"]:
            remark = f" · {one['remark']}" if one.get("remark") else ""
            yield f"{one['outcome']}: {one['path']}:{one['line']} {one['planted']}{remark}"


def _share(count: int, of: int) -> str:
    from scipy.stats import binomtest

    low, high = binomtest(count, of).proportion_ci(method="wilson")
    return f"{count / of:.0%} [{low:.0%}, {high:.0%}]"


def compare(old: Sequence[Fault], new: Sequence[Fault], moves: Mapping[str, str]) -> list[str]:
    """Return why a tree is worse tested than another: pooled by 5 points, or a room surely.

    Args:
        old: Record of the tree before.
        new: Record of this tree, of another seed.
        moves: New room of each old one, where they differ.
    """
    counts: dict[str, list[list[int]]] = defaultdict(lambda: [[0, 0], [0, 0]])
    for side, faults in enumerate((old, new)):
        for one in faults:
            room = str(one["room"])
            for name in (moves.get(room, room) if side == 0 else room, "all"):
                counts[name][side][0] += bool(one["noticed"])
                counts[name][side][1] += 1
    both = {name: one for name, one in counts.items() if one[0][1] and one[1][1]}
    worse = []
    (hits, many), (new_hits, new_many) = both.pop("all")
    share, new_share = hits / many, new_hits / new_many
    error = sqrt(share * (1 - share) / many + new_share * (1 - new_share) / new_many)
    if new_share - share - 1.96 * error < -0.05:
        worse.append(f"all: {new_share:.1%} against {share:.1%}, the lower end is below -5 points")
    chances = sorted((_chance_of_no_loss(*one), name) for name, one in both.items())
    for place, (chance, name) in enumerate(chances):  # Holm
        if chance >= 0.05 / (len(chances) - place):
            break
        worse.append(f"{name}: surely lower (p {chance:.4f}), {both[name]}")
    return worse


def _chance_of_no_loss(old: Sequence[int], new: Sequence[int]) -> float:
    from scipy.stats import fisher_exact

    cells = [[new[0], new[1] - new[0]], [old[0], old[1] - old[0]]]
    return float(fisher_exact(cells, alternative="less").pvalue)


def _first_difference(before: str, after: str) -> str:
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    return next((f"{a.strip()}  ->  {b.strip()}" for a, b in pairs if a != b), "a line is gone")


def _hash(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:12]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the sample, and print the record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("act", nargs="?", default="try", choices=_ACTS)
    parser.add_argument("files", nargs="*", type=Path, help="of compare: old record, moved rooms")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--room", default=os.environ.get("ROOM") or None, help="this one alone")
    parser.add_argument("--most", type=int, help="try at most so many now")
    parser.add_argument("--again", action="store_true", help="try once more what nobody noticed")
    parser.add_argument("--out", type=Path, default=RECORD)
    options = parser.parse_args(arguments)
    if options.act == "compare":
        old, moves = options.files
        with moves.open(encoding="utf-8", newline="") as file:
            moved = {row["old"]: row["new"] for row in csv.DictReader(file)}
        before = [*read(old, current=False).values()]
        worse = compare(before, [*read(options.out).values()], moved)
        print("\n".join(worse) or "no room is surely tested worse")
        return int(bool(worse))
    if options.act == "spare":
        spare = Reach().spare()
        print("\n".join(f"{seconds:6.1f} s {test}" for test, seconds in spare.items()))
        return 0
    chosen = sample(list(every_mutant(options.room)), options.seed)
    if not chosen:
        rooms = sorted({one.parent.name for one in (ROOT / SOURCE).glob("*/*/*.py")})
        parser.error(f"there is no room {options.room}; there are: {', '.join(rooms)}, top")
    known = read(options.out)
    if options.act == "try":
        again = {one for one, found in known.items() if not found["noticed"]}
        left = [one for one in chosen if one not in known or (options.again and one in again)]
        try_all(left[: options.most], options.out)
        known = read(options.out)
    if found := [known[one] for one in chosen if one in known]:
        print("\n".join(table(found)))
    print(f"{len(chosen) - len(found)} of {len(chosen)} faults are not tried yet")
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            sys.exit(serve())
        case ["collect", *words]:
            sys.exit(collect(words))
        case _:
            sys.exit(main())
