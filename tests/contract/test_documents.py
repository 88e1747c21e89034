"""Every command in the README, the data cards and the experiment records is a legal one."""

import re
import subprocess

import pytest
from composing import load
from documents import PAGES, ROOT, commands

from adverts.command import CONFIGS

TYPED = [
    pytest.param(words, id=f"{page.parent.name}: {' '.join(words)[:60]}")
    for page in PAGES
    for words in commands(page)
]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


def composed(verb: str, words: list[str]):
    """Compose as the command line would; of a sweep, its first job."""
    options = dict(zip(words, words[1:], strict=False))
    directory = ROOT / options["-cd"] if "-cd" in options else CONFIGS
    name = options.get("-cn")
    flags = {"-m", "-cd", "-cn", options.get("-cd"), options.get("-cn")}
    overrides = [word for word in words if word not in flags]
    if "-m" in words:
        overrides = [re.sub(r"^([\w.]+=[^\[,]+),[^\]]*$", r"\1", word) for word in overrides]
    return load(verb, *overrides, directory=directory, name=name)


@pytest.mark.parametrize("words", TYPED)
def test_a_documented_command_is_legal(words):
    match words:
        case ["adverts", verb, *rest] if "--help" not in rest and "VERB" not in verb:
            composed(verb, rest)
        case ["make", target, *_]:
            assert target in TARGETS
        case ["python", script, *_] if script.startswith("experiments/"):
            assert (ROOT / script).is_file()


def test_the_readme_has_its_commands_and_stays_under_200_lines():
    page = ROOT / "README.md"
    typed = [" ".join(words[:2]) for words in commands(page)]
    assert typed[:2] == ["make demo", "make test"]
    assert {f"adverts {verb}" for verb in ("prepare", "train", "evaluate", "export")} <= set(typed)
    assert len(page.read_text(encoding="utf-8").splitlines()) < 200


def test_every_target_is_listed_by_make():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    silent = {name for name in TARGETS if f"\n{name} " not in f"\n{listed}"}
    assert silent == set()
