"""Installs ``adverts`` alone into an empty environment, and scores with it: ``make slim-install``.

Needs the package index, so it is no test. Prints the size of every package and what each bar asks.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_DOCKERFILE = ROOT / "docs" / "service" / "Dockerfile"
ABSENT = ("torch", "transformers", "pandas", "pydantic", "onnx", "mlflow")
MOST_MB = 300
_BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "src", "configs")
_LIST = """
import importlib.metadata as metadata, importlib.util as util, json, sys
rows = []
for one in metadata.distributions():
    sizes = [(str(file), file.locate().stat().st_size)
             for file in one.files or () if file.locate().is_file()]
    rows.append((one.name, one.version, sum(size for _, size in sizes)))
found = [name for name in sys.argv[1].split(",") if util.find_spec(name)]
print(json.dumps({"rows": rows, "found": found}))
"""


@dataclass(frozen=True)
class Package:
    """An installed package and its bytes on disk."""

    name: str
    version: str
    num_bytes: int


def main() -> int:
    """Install, print the tables and verify a bundle; returns 0 where every bar is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True, help="verified in the environment")
    parser.add_argument("--also", nargs="*", default=[], help="more packages, to see their size")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = _environment(folder, options.also)
        packages, found = _installed(python)
        site = next((folder / "venv").glob("lib/python*/site-packages"))
        whole = _disk_mb(site)
        _print_packages(packages)
        verified = _verified(python, options.bundle, folder)
        _print_compiled(python, site, whole)
        bars = [
            (f"site-packages on disk: {whole:.0f} MB, wanted under {MOST_MB} MB", whole < MOST_MB),
            (f"not wanted and found: {', '.join(found) or 'nothing'}", not found),
            (f"--verify of {options.bundle}", verified),
            (
                f"the service of {_DOCKERFILE.relative_to(ROOT)}",
                _served(python, options.bundle, folder),
            ),
        ]
    for text, met in bars:
        print(f"{'met   ' if met else 'MISSED'}  {text}")
    return 0 if all(met for _, met in bars) else 1


def _environment(folder: Path, also: Sequence[str]) -> Path:
    """Make an empty environment and install a copy of this tree; the copy keeps the tree clean."""
    source = folder / "source"
    source.mkdir()
    for name in _BUILT_FROM:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "configs")
            shutil.copytree(ROOT / name, source / name, ignore=ignored if name == "src" else None)
        else:
            shutil.copy(ROOT / name, source / name)
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    quiet = ["--no-input", "--disable-pip-version-check", "--no-compile", "-q"]
    subprocess.run([python, "-m", "pip", "install", *quiet, str(source), *also], check=True)
    return python


def _installed(python: Path) -> tuple[list[Package], list[str]]:
    """Return the packages, biggest first, and which of :data:`ABSENT` can be imported."""
    command = [python, "-I", "-B", "-c", _LIST, ",".join(ABSENT)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    packages = [Package(*row) for row in told["rows"]]
    return sorted(packages, key=lambda one: -one.num_bytes), told["found"]


def _disk_mb(folder: Path) -> float:
    """Return what ``du`` says: whole blocks, links counted once."""
    done = subprocess.run(["du", "-sk", str(folder)], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[0]) * 1024 / 1e6


def _print_packages(packages: Sequence[Package]) -> None:
    print(f"{'package':24}{'version':>14}{'MB':>9}")
    for one in packages:
        print(f"{one.name:24}{one.version:>14}{one.num_bytes / 1e6:9.1f}")
    total = sum(one.num_bytes for one in packages) / 1e6
    print(f"{len(packages)} packages{total:36.1f}")


def _verified(python: Path, bundle: Path, folder: Path) -> bool:
    """Verify a bundle, from a folder where nothing of this tree lies."""
    command = [python, "-I", "-B", "-m", "adverts.runtime", bundle.resolve(), "--verify"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    print((done.stdout + done.stderr).rstrip())
    return done.returncode == 0


def _served(python: Path, bundle: Path, folder: Path) -> bool:
    """Do what the image of the service does, in this environment, and ask it for its health."""
    lines = re.sub(r"\\\n", " ", _DOCKERFILE.read_text()).splitlines()
    install = next(line for line in lines if line.startswith("RUN pip install"))
    packages = install.split("/source", 1)[1].split("&&")[0].split()
    subprocess.run([python, "-m", "pip", "install", "--no-input", "-q", *packages], check=True)
    start = json.loads(next(line for line in lines if line.startswith("CMD"))[4:])
    words = [str(_DOCKERFILE.parent) if word == "/app" else word for word in start[1:]]
    settings = {"ADVERTS_BUNDLE": str(bundle.resolve()), "ADVERTS_REQUIRE_GATE": "no"}
    running = subprocess.Popen(
        [python, "-m", start[0], *words], cwd=folder, env=os.environ | settings
    )
    try:
        for _ in range(300):
            time.sleep(0.1)
            if running.poll() is not None:
                return False
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://localhost:{words[-1]}/health") as said,
            ):
                return bool(json.loads(said.read())["bundle"])
        return False
    finally:
        running.terminate()
        running.wait()


def _print_compiled(python: Path, site: Path, before_mb: float) -> None:
    """Compile every module, as pip does unless told otherwise, and say what that adds."""
    subprocess.run([python, "-m", "compileall", "-qq", site], check=False)
    print(f"compiled modules, which --no-compile leaves out: {_disk_mb(site) - before_mb:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
