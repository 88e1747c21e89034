"""Every choice in ``configs/`` and every recorded experiment is a legal run."""

import pytest
from calling import VERBS
from composing import load

from adverts.command import CONFIGS

EXPERIMENTS = sorted((CONFIGS.parent / "experiments").glob("*/run.yaml"))
REQUIRED = {
    "prepare": [],
    "audit": ["prepared=p"],
    "train": ["prepared=p"],
    "tune": ["prepared=p", "study_dir=s"],
    "evaluate": ["candidate=m", "prepared=p"],
    "export": ["checkpoint=m", "prepared=p"],
    "promote": ["registered_model=m", "approved_by=a", "reason=r"],
    "score": ["bundle=b", "scores=s"],
    "sample": ["scores=s", "budget=10", "collected=c", "sample_dir=d"],
    "estimate": ["sample=d", "estimate_dir=e"],
    "link": ["bank=b", "scores=s"],
    "share": ["ledger=l"],
}
GROUPS = {
    "prepare": ["data", "ocr", "executor"],
    "audit": [],
    "train": ["model", "optimizer", "loss", "augment", "trainer", "tracking", "debug"],
    "tune": ["model", "optimizer", "loss", "augment", "trainer", "tracking", "tune"],
    "evaluate": ["decisions", "desks", "robustness", "gate", "ocr", "tracking"],
    "export": ["decisions", "tracking"],
    "promote": ["tracking"],
    "score": ["data", "executor"],
    "sample": [],
    "estimate": ["tracking"],
    "link": [],
    "share": ["recipients", "laws", "tracking"],
}
CHOICES = [
    (verb, f"{group}={path.stem}")
    for verb, groups in GROUPS.items()
    for group in groups
    for path in sorted((CONFIGS / group).glob("[!_]*.yaml"))
]


def with_repeated_slow(choices):
    """Leave an option that another verb has tried to the slow tier, but for one of each group."""
    tried = set()
    for verb, choice in choices:
        group = choice.partition("=")[0]
        is_repeated = choice in tried and (verb, group) in tried
        yield pytest.param(verb, choice, marks=[pytest.mark.slow] if is_repeated else [])
        tried |= {choice, (verb, group)}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_legal_defaults(verb):
    load(verb, *REQUIRED[verb])


@pytest.mark.parametrize(
    ("verb", "choice"), [*with_repeated_slow(CHOICES)], ids=lambda value: value
)
def test_every_group_option_is_a_legal_run(verb, choice):
    load(verb, choice, *REQUIRED[verb])


@pytest.mark.parametrize("preset", sorted((CONFIGS / "experiment").glob("*.yaml")))
def test_every_preset_is_a_legal_run(preset):
    load("train", "prepared=p", f"+experiment={preset.stem}")


@pytest.mark.parametrize("run", EXPERIMENTS, ids=lambda path: path.parent.name)
def test_every_recorded_experiment_still_composes(run):
    load("train", "prepared=p", directory=run.parent, name=run.stem)


@pytest.mark.parametrize("verb", VERBS)
def test_no_group_of_a_verb_is_left_untested(verb):
    text = (CONFIGS / f"{verb}.yaml").read_text(encoding="utf-8")
    named = {
        line.split(":")[0].strip(" -") for line in text.splitlines() if line.startswith("  - ")
    }
    found = {name for name in named if (CONFIGS / name).is_dir()}
    assert found == set(GROUPS[verb])
