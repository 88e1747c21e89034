"""An installed package holds every folder of code, and every file beside it."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]


def test_every_folder_of_code_is_installed():
    folders = {file.parent for file in (ROOT / "src").rglob("*.py")}
    found = {".".join(folder.relative_to(ROOT / "src").parts) for folder in folders}
    assert {*SETTINGS["packages"]} == found | {"adverts.configs"}


def test_every_file_beside_the_code_is_installed():
    kept = set()
    for package, patterns in SETTINGS["package-data"].items():
        folder = ROOT / SETTINGS["package-dir"].get(package, f"src/{package.replace('.', '/')}")
        kept |= {file for pattern in patterns for file in folder.glob(pattern)}
    packages = [folder for folder in (ROOT / "src").iterdir() if (folder / "__init__.py").is_file()]
    files = [one for folder in packages for one in folder.rglob("*") if one.is_file()]
    beside = {file for file in files if file.suffix not in {".py", ".pyc", ".md"}}
    assert beside <= kept
    assert {*(ROOT / "configs").rglob("*.yaml")} <= kept
