"""Under a umask that lets everybody write, nobody but the owner does."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from calling import module_of
from kills.desk import TOKEN_KEY
from kills.world import arguments, cases, write_gate_record, write_raw
from tiny_encoder import write_encoder

pytestmark = pytest.mark.promise

RESTRICTED = (
    "runs/looks.jsonl",
    "prepared/small",
    "prepared/small.looks.jsonl",
    "runs/text-report",
)


def run(case, folder):
    done = subprocess.run(
        [sys.executable, "-m", module_of(case.verb), *arguments(case, folder)],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1", "ADVERTS_TOKEN_KEY": TOKEN_KEY},
        umask=0,
        capture_output=True,
        text=True,
        check=False,
        timeout=550,
    )
    assert done.returncode == 0, done.stderr


def modes(folder):
    """Return the permissions of everything below a folder."""
    found = [path for path in folder.rglob("*") if not path.is_symlink()]
    return {path.relative_to(folder): stat.S_IMODE(path.stat().st_mode) for path in found}


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_nothing_that_the_verbs_write_can_be_written_by_others(tmp_path):
    world = tmp_path / "world"
    write_raw(world, write_encoder(tmp_path / "encoder"))
    given = set(modes(world))
    for case in cases():
        if case.verb == "promote":
            write_gate_record(world)
            given.add(Path("gate.json"))
        if "tfidf" not in repr(case):  # nor what needs its bundle
            run(case, world)
    made = {path: mode for path, mode in modes(world).items() if path not in given}
    assert {Path("store/mlflow.db"), Path("runs"), Path("prepared")} <= made.keys()
    assert any("artifacts" in path.parts for path in made)
    assert {str(path): oct(mode) for path, mode in made.items() if mode & 0o022} == {}
    restricted = [
        path for path in made if any(Path(r) in (path, *path.parents) for r in RESTRICTED)
    ]
    assert len(restricted) > 8
    tops = {path: made[path] for path in restricted if str(path) in RESTRICTED}
    assert {str(path): oct(mode) for path, mode in tops.items() if mode & 0o077} == {}
