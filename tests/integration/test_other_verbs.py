"""Verbs that other packages bring: a toy package, as ``docs/verbs.md`` shows it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from calling import FINDINGS
from documents import ROOT

from adverts.command import VERBS
from adverts.entry_points import OURS, found_verbs

PAGE = (ROOT / "docs" / "verbs.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```(python|yaml|toml)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
TOLD = 'print("imported")\n'


def install(folder: Path, entries: str, *, package: str = "my_package") -> None:
    """Put the package of the page into a folder, as an installer would, with other entries."""
    home = folder / package
    (home / "configs").mkdir(parents=True)
    (home / "__init__.py").write_text(TOLD)
    (home / "configs" / "__init__.py").write_text("")
    (home / "digest.py").write_text(BLOCKS["python"])
    (home / "configs" / "digest.yaml").write_text(BLOCKS["yaml"])
    about = folder / f"{package}-1.0.dist-info"
    about.mkdir()
    name = package.replace("_", "-")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(entries)


@pytest.fixture
def typed(tmp_path):
    """Types ``adverts …`` where the packages in a folder are installed."""
    folder = tmp_path / "empty"
    folder.mkdir()

    def type_(*words: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "adverts.command", *words],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT / 'src'}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stderr
        assert not any(folder.iterdir())
        return done

    return type_


def of_page(tmp_path):
    (entries,) = re.findall(r"^digest = \"(.*)\"$", BLOCKS["toml"], re.MULTILINE)
    install(tmp_path, f"[adverts.verbs]\ndigest = {entries}\n")


def test_the_verbs_of_the_second_package_are_found_and_say_what_they_do():
    found = found_verbs(VERBS)
    assert {name for name, one in found.items() if one.package == OURS} == set(FINDINGS)
    assert all(" -> " in found[name].about for name in FINDINGS)


def test_a_verb_of_another_package_has_keys_help_and_messages(typed, tmp_path):
    of_page(tmp_path)
    assert typed("digest", "scores=a").stdout.splitlines() == ["imported", "3 lines of a"]
    alone = typed("digest")
    assert alone.returncode == 2
    assert alone.stderr.splitlines() == [
        "adverts digest: scores: not set; give it as scores=<value>",
        "for example: adverts digest scores=scores/posts",
    ]
    assert "nearest key: lines" in typed("digest", "scores=a", "line=3").stderr
    assert "how many lines" in typed("digest", "-h").stdout


def test_help_names_it_under_its_package_without_importing_it(typed, tmp_path):
    of_page(tmp_path)
    helped = typed("--help").stdout
    assert "imported" not in helped
    assert "of other packages\n  digest     scores -> a line a day (of my-package)\n" in helped
    assert "digest" in typed("completion", "bash").stdout
    assert "nearest: digest" in typed("digset").stderr


def test_nothing_of_it_is_imported_where_another_verb_is_typed(typed, tmp_path):
    of_page(tmp_path)
    assert "imported" not in typed("audit", "--version").stdout
    assert "imported" not in typed("link", "--version").stdout


@pytest.mark.parametrize("name", ["train", "init", "help", "completion", "link", "share"])
def test_a_name_that_is_built_in_cannot_be_taken(typed, tmp_path, name):
    install(tmp_path, f"[adverts.verbs]\n{name} = my_package.digest:main\n")
    assert "imported" not in typed(name, *["--version"] * (name != "completion")).stdout
    assert "my-package" not in typed("--help").stdout


@pytest.mark.parametrize("name", ["--help", "-h", "a b", "UP", "../x", "\x1b[1m"])
def test_a_name_that_is_no_word_is_no_verb(typed, tmp_path, name):
    install(tmp_path, f"[adverts.verbs]\n{name} = my_package.digest:main\n")
    assert "my-package" not in typed("--help").stdout


def test_two_packages_with_one_verb_are_named(typed, tmp_path):
    of_page(tmp_path)
    install(tmp_path, "[adverts.verbs]\ndigest = other:main\n", package="another")
    done = typed("digest", "scores=a")
    assert done.returncode == 2
    assert done.stderr == (
        "adverts: another and my-package both bring the verb digest; uninstall one\n"
    )


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("my_package.digest:absent", "my-package names my_package.digest:absent, which is not"),
        ("my_package.absent:main", "my-package needs my_package.absent, which is not installed"),
    ],
)
def test_a_function_that_is_not_there_is_told_in_one_line(typed, tmp_path, place, told):
    install(tmp_path, f"[adverts.verbs]\ndigest = {place}\n")
    done = typed("digest")
    assert done.returncode == 2
    assert done.stderr.startswith("adverts digest: ")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_cannot_be_read_of_a_module_is_left_out_of_help(typed, tmp_path):
    of_page(tmp_path)
    (tmp_path / "my_package" / "digest.py").write_text("def broken(:\n")
    assert "  digest     (of my-package)\n" in typed("--help").stdout


@pytest.mark.parametrize("place", ["!!", ":main", ".x:main", "json..tool:main", "json"])
def test_an_entry_that_names_no_function_of_a_module_is_no_verb(typed, tmp_path, place):
    install(tmp_path, f"[adverts.verbs]\ndigest = {place}\n")
    helped = typed("--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    assert "my-package" not in helped.stdout
    done = typed("digest")
    assert done.returncode == 2
    assert done.stderr.startswith("adverts: no verb 'digest'")


def test_a_package_that_was_taken_away_breaks_neither_help_nor_other_verbs(typed, tmp_path):
    install(tmp_path, "[adverts.verbs]\ndigest = absent.x:main\n")
    assert "  digest     (of my-package)\n" in typed("--help").stdout
    done = typed("digest")
    assert done.returncode == 2
    assert done.stderr == (
        "adverts digest: my-package needs absent, which is not installed; install it again\n"
    )
