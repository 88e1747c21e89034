"""Every command in the README, docs, data cards and experiment records is a legal one."""

import re
import subprocess
from importlib.util import find_spec

import pytest
from calling import VERBS
from composing import load
from documents import PAGES, ROOT, blocks, commands, commands_in_sentences

from adverts import api, init
from adverts.command import CONFIGS
from adverts.config.override_words import typed_words
from adverts.errors import InputError
from adverts.evaluation.figures.figures_by_kind import AVERAGE_PRECISION, MACRO_F1, ROC_AUC
from adverts.evaluation.statistics.stated_probabilities import (
    BRIER,
    CALIBRATION_ERROR,
    ERROR_AT_TOP,
    LOG_LOSS,
    LOG_LOSS_SKILL,
)
from adverts.runtime.__main__ import _parser as runtime_parser
from adverts.tracking.__main__ import _parser as tracking_parser

TYPED = [
    pytest.param(words, id=f"{page.parent.name}/{page.stem}: {' '.join(words)[:60]}")
    for page in PAGES
    for words in commands(page, "", "sh")
]
RUN_ELSEWHERE = {
    "compare.md": "integration/test_compare_runs.py",
    "estimate.md": "integration/test_estimate.py",
    "formats.md": "its command is one of linking.md",
    "verbs.md": "integration/test_other_verbs.py",
    "index.md": "integration/test_readme.py",
    "install.md": "each command is one of another page, such as README.md and scoring.md",
    "labelling.md": "integration/test_sample.py",
    "linking.md": "integration/test_link.py",
    "mlflow.md": "unit/tracking has a test of each thing that it shows",
    "precision.md": "integration/test_torchrun.py",
    "python.md": "integration/test_python_page.py",
    "torchrun.md": "integration/test_torchrun.py",
    "paths.md": "its command is that of training.md with one override",
    "scoring.md": "integration/test_score_units.py",
    "sharing.md": "mission/run.sh",
}
"""Pages without a block that ``tests/integration/test_docs.py`` runs, and where theirs are run."""
PARSERS = {"adverts.runtime": runtime_parser, "adverts.tracking": tracking_parser}
MADE_FOR_THE_SITE = {"settings.md", "experiments.md"}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


PUT_IN_CONF = {"data": "csv", "gate": "first"}
"""What a page puts into a folder ``conf`` of one's own, beside something like it that ships."""


def of_conf(words: list[str]) -> list[str]:
    """Return a command that takes shipped files in place of those that a page has written."""
    if "conf" not in words:
        return words
    at = words.index("-cd")
    kept = [*words[:at], *words[at + 2 :]]
    pairs = [word.partition("=") for word in kept]
    return [
        f"{key}={PUT_IN_CONF[key]}" if key in PUT_IN_CONF else f"{key}{equal}{value}"
        for key, equal, value in pairs
    ]


def of_verb(words: list[str]) -> list[str]:
    """Return the words that reach the verb: without what is for the shell, quoted as it does."""
    end = words.index("<") if "<" in words else len(words)
    given = [re.sub(r"\$[A-Z_]+", "1", word) for word in words[:end]]  # a variable of a cluster
    return typed_words(of_conf(given))


def composed(verb: str, words: list[str]):
    """Compose as the command line would; of a sweep, its first job."""
    words = of_verb(words)
    options = dict(zip(words, words[1:], strict=False))
    if options.get("-cd", "").startswith("runs/"):  # what the study of a page has written
        assert (verb, options["-cn"]) == ("train", "best")
        return load(verb, "prepared=prepared/mine", *words[4:], directory=CONFIGS)
    directory = ROOT / options["-cd"] if "-cd" in options else CONFIGS
    name = options.get("-cn")
    flags = {"-m", "-cd", "-cn", options.get("-cd"), options.get("-cn")}
    overrides = [word for word in words if word not in flags]
    if verb == "tune" and not any(word.startswith("prepared=") for word in overrides):
        overrides.append("prepared=prepared/mine")  # in life, recalled from the study
    if "-m" in words:
        overrides = [re.sub(r"^([\w.]+=[^\[,]+),[^\]]*$", r"\1", word) for word in overrides]
    return load(verb, *overrides, directory=directory, name=name)


def check(words: list[str]) -> None:
    """Raise unless a command is one that its program takes, as far as can be said without files."""
    match words:
        case ["adverts", *rest]:
            check_verb(*rest)
        case ["make", target, *_]:
            assert target in TARGETS
        case ["python", *rest]:
            check_python(*rest)
        case ["torchrun" | "srun", *rest]:
            at = rest.index("-m")
            check_verb(rest[at + 1].removeprefix("adverts."), *rest[at + 2 :])
        case _:
            raise AssertionError(f"nothing checks {words}")


def check_verb(verb: str, *rest: str) -> None:
    if verb == "init":
        init.read_options(rest)
        return
    assert verb in VERBS
    if verb == "score" and rest[:1] == ("new.csv",):  # a file stands for settings
        rest = rest[1:]
    if "--help" not in rest:
        composed(verb, list(rest))


def check_python(*words: str) -> None:
    match words:
        case ["-m", module, *rest] if module in PARSERS:
            PARSERS[module]().parse_args(rest)
        case ["-m", module, *_]:
            assert find_spec(module)
        case [script, *_]:
            assert (ROOT / script).is_file()


@pytest.mark.parametrize("words", TYPED)
def test_a_documented_command_is_legal(words):
    check(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_a_command_in_a_sentence_names_a_verb_and_flags_that_there_are(page):
    for words in commands_in_sentences(page):
        match words:
            case ["adverts", "init", *rest] if rest:
                init.read_options(rest)
            case ["adverts", verb, *_]:
                assert verb in {*VERBS, "init", "VERB"}
            case ["python", *rest]:
                check_python(*rest)


@pytest.mark.parametrize(
    "typed",
    [
        "adverts init mine adverts.csv",
        "adverts init adverts.csv name=mine",
        "adverts init adverts.csv --nme mine",
        "adverts tran prepared=prepared/mine",
        "adverts score",
        "make everything",
        "python -m adverts.tracking uj",
        "python -m adverts.runtime bundle --verfy",
        "python -m adverts.tracker ui",
        "python experiments/none.py",
        "torchrun --nproc_per_node 2 -m adverts.train prepared=p modle=text",
    ],
)
def test_a_command_that_its_program_refuses_is_seen(typed):
    with pytest.raises((AssertionError, InputError, SystemExit)):
        check(typed.split())


def test_the_readme_has_its_commands_and_at_most_700_words_beside_tables_and_code():
    page = ROOT / "README.md"
    typed = [" ".join(words[:2]) for words in commands(page, "", "sh")]
    assert typed[:3] == ["make demo", "make test", "make demo-mission"]
    wanted = ("init", "prepare", "train", "export", "score", "evaluate")
    assert {f"adverts {verb}" for verb in wanted} <= set(typed)
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    prose = [line for line in text.splitlines() if not line.startswith("|")]
    assert len(" ".join(prose).split()) <= 700


def test_every_page_with_commands_is_run_somewhere_or_says_why_not():
    with_commands = {page.name for page in (ROOT / "docs").glob("*.md") if commands(page, "", "sh")}
    run = {page.name for page in (ROOT / "docs").glob("*.md") if blocks(page, "sh")}
    elsewhere = {page: place for page, place in RUN_ELSEWHERE.items() if page in with_commands}
    assert with_commands == run | set(elsewhere)
    tests = [ROOT / "tests" / one for one in elsewhere.values() if one.endswith((".py", ".sh"))]
    assert [str(one) for one in tests if not one.is_file()] == []


def test_links_of_readme_and_docs_lead_to_files():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists() and target not in MADE_FOR_THE_SITE
    ]
    assert broken == []


def test_the_pages_that_only_the_site_has_are_named_where_readers_begin():
    for name in ("README.md", "docs/index.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [one for one in sorted(MADE_FOR_THE_SITE) if f"`{one}`" not in text] == []


def test_the_page_of_words_explains_each_figure_of_a_task_with_two_labels():
    text = (ROOT / "docs/concepts.md").read_text(encoding="utf-8").lower()
    words = text.replace("-", " ").replace("at the top", "at top").replace("brier score", "brier")
    figures = (AVERAGE_PRECISION, ROC_AUC, MACRO_F1, BRIER)
    figures += (LOG_LOSS, LOG_LOSS_SKILL, CALIBRATION_ERROR, ERROR_AT_TOP)
    explained = re.findall(r"^\| ([\w ,]+) \|", words, re.MULTILINE)
    assert {one.replace("_", " ") for one in figures} <= set(", ".join(explained).split(", "))


def test_every_target_is_listed_by_make():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    silent = {name for name in TARGETS if f"\n{name} " not in f"\n{listed}"}
    assert silent == set()


def test_every_function_for_notebooks_is_on_their_page():
    text = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    listed = re.search(r"members: \[(.*)\]", text)[1].split(", ")
    assert sorted(listed) == sorted(api.__all__)
