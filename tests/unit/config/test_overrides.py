"""Overrides that give a configuration again."""

import shlex
import subprocess
from pathlib import Path

import pytest

from adverts.compose import compose
from adverts.config import AuditConfig, EvaluateConfig
from adverts.config.overrides import in_shell, next_step, overrides

SHA = "ab12" * 16
GIVEN = ["candidate=runs/a", "prepared=prepared/b", "run_dir=r"]


def composed(*words):
    return compose("evaluate", EvaluateConfig, [*GIVEN, *words])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], ""),
        (["split=validation", "seed=3"], "split=validation seed=3"),
        (["baseline=false", "recall_at_precision=0.95"], "recall_at_precision=0.95 baseline=false"),
        (["ocr=easyocr"], "ocr=easyocr"),
        (
            ["ocr=easyocr", "ocr.engine.canvas_px=320", "ocr.engine.languages=[en,fr]"],
            "ocr=easyocr 'ocr.engine.languages=[en,fr]' ocr.engine.canvas_px=320",
        ),
        (
            ["ocr=easyocr", "ocr.engine.languages=[ar]", f"+ocr.engine.weights={{a_g1.pth:{SHA}}}"],
            f"ocr=easyocr 'ocr.engine.languages=[ar]' '+ocr.engine.weights={{a_g1.pth:{SHA}}}'",
        ),
        (["gate=first", "~gate.conditions.fits"], "gate=first '~gate.conditions.fits'"),
        (["tracking.uri=https://someone:secret@host.example", "threads=2"], "threads=2"),
    ],
)
def test_only_what_differs_is_told_and_it_gives_the_same_again(words, told):
    config = composed(*words)
    places = ["prepared", "run_dir", "ledger", "tracking"]
    line = overrides("evaluate", config, given={"candidate": "a"}, left_out=places)
    assert line == f"candidate=a {told}".strip()
    again = composed(*shlex.split(line)[1:])
    assert again.model_copy(update={"tracking": config.tracking}) == config


GATE = """
name: mine
needs_champion: false
promises: null
conditions:
  no_leak: {kind: leakage, at_most: 0.0, if_insufficient: report}
  ranks_well:
    {kind: slice_gap, task: null, figure: macro_f1, by: language, at_most: 0.2, must_see: 0.1,
     weight: 1.0, if_insufficient: report}
  small: {kind: size_mb, at_most: 10, if_insufficient: report}
"""


def test_the_command_of_an_own_gate_asks_for_its_conditions_alone(tmp_path):
    (tmp_path / "gate").mkdir()
    (tmp_path / "gate" / "mine.yaml").write_text(GATE)
    words = [*GIVEN, "gate=mine"]
    config = compose("evaluate", EvaluateConfig, words, config_dir=tmp_path)
    places = ["prepared", "run_dir", "ledger", "tracking"]
    line = overrides("evaluate", config, given={"candidate": "a"}, left_out=places)
    again = composed(*shlex.split(line)[1:])
    assert again.gate == config.gate
    assert set(again.gate.conditions) == {"no_leak", "ranks_well", "small"}


ODD = ["runs/it's here", "runs/été", "2024", "null", "True", "1e3", "inf", "nan", "a;b", "*"]
ODD += [
    "a\\'b",
    "a\\\\'b",
    "a\\",
    "${oc.env:HOME}",
    "\\${x}",
    "a ${",
    "$(touch x)",
    "`x`",
    '"a',
    "#a",
    " a ",
]


@pytest.mark.parametrize("path", ODD)
def test_a_path_is_quoted_for_the_shell_and_for_hydra(path):
    given = {"candidate": path, "prepared": "b"}
    line = overrides("evaluate", composed(), given=given, left_out=["run_dir", "tracking"])
    assert composed(*shlex.split(line)).candidate.as_posix() == path


@pytest.mark.parametrize(
    "text",
    [*ODD, "a\nb", "\r\n", "a\tb'c\\", "\x1b[2J", "\u2028", "\x85", "\u202e", "\xa0", "\U000e0041"],
)
def test_a_shell_reads_what_is_told_to_be_typed_next_and_it_is_told_in_one_line(text):
    line = next_step("evaluate", "-cd", text, candidate=text)
    assert line.isprintable()
    script = f"printf '%s\\0' {line.removeprefix('next: ')}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=True)
    adverts, verb, flag, folder, word = done.stdout.decode().rstrip("\0").split("\0")
    assert (adverts, verb, flag, folder) == ("adverts", "evaluate", "-cd", text)
    found = compose("evaluate", EvaluateConfig, [word, *GIVEN[1:]])
    assert str(found.candidate) == str(Path(text))


def test_keys_of_a_section_that_is_no_choice_are_told_one_by_one():
    words = ["prepared=p", "fail_on.leaking_adverts=null", "fail_on.min_alpha=0.6", "folds=4"]
    config = compose("audit", AuditConfig, [*words, "audit_dir=a"])
    line = overrides("audit", config, given={"prepared": "p"}, left_out=["audit_dir", "ledger"])
    assert line == " ".join(words)
    again = compose("audit", AuditConfig, [*shlex.split(line), "audit_dir=a"])
    assert again == config


@pytest.mark.parametrize(
    "word", ["it's", "gate_hash='564a'", "a'b\"c", "'$HOME'", "'`x`'", "'\\'", "'!!'", "", "a b"]
)
def test_a_word_in_a_shell_is_that_word_and_readable_where_it_can_be(word):
    told = in_shell(word)
    done = subprocess.run(
        ["bash", "-c", f"printf %s {told}"], capture_output=True, text=True, check=True
    )
    assert done.stdout == word
    if not set(word) & set('"$`\\!'):
        assert "'\"'\"'" not in told
