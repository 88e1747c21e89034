"""Names from outside are no markup in the papers of a bundle."""

import re
from dataclasses import replace

import pytest
from told_examples import judged_bundle

from adverts.bundle.papers.bundle_facts import read_bundle_facts
from adverts.bundle.papers.markdown_papers import transparency_record, write_card
from adverts.bundle.parity.parity_record import Change
from adverts.runtime import open_bundle

HOSTILE = "<b>x</b>|&lt;i>\n\n# Title\n![p](http://a.example/p.png)\x1b[2J\u202e"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A judged bundle with a name from outside in every place that takes one."""
    folder = judged_bundle(tmp_path_factory.mktemp("strangers") / "bundle")
    found = read_bundle_facts(folder, open_bundle(folder).manifest)
    manifest, rules = found.manifest, found.rules
    chosen = {"split": HOSTILE, "metric": HOSTILE, "value": 0.5}
    fitted = {**rules.calibration.fitted_on, "split": HOSTILE}
    return replace(
        found,
        manifest=replace(
            manifest,
            name=HOSTILE,
            dataset=manifest.dataset | {"name": HOSTILE, "licence": HOSTILE},
            training=manifest.training | {"selected_on": chosen},
            weights=({"weights": HOSTILE, "licence": HOSTILE},),
        ),
        rules=replace(
            rules,
            calibration=replace(rules.calibration, fitted_on=fitted),
            thresholds=replace(rules.thresholds, withheld=(HOSTILE,), split=HOSTILE),
        ),
        labels=replace(found.labels, safeguarding=(HOSTILE,)),
    )


def assert_no_markup(page):
    assert page.count("&lt;b>") >= 3
    assert "<" not in page
    assert "&lt;i" not in page.replace("&amp;lt;i", "")
    assert not re.search(r"(?<!\\)\]\(http://a", page)
    assert not [line for line in page.splitlines() if line.startswith("# Title")]
    assert not set(page) & {"\x1b", "\u202e"}


@pytest.mark.parametrize("write", [write_card, transparency_record])
def test_names_from_outside_are_no_markup_in_a_paper(told, write):
    assert_no_markup(write(told))


@pytest.mark.parametrize("write", [write_card, transparency_record])
def test_names_in_a_verdict_are_no_markup_in_a_paper(told, write):
    names = dict.fromkeys(("gate", "verdict", "split", "created"), HOSTILE)
    assert_no_markup(write(replace(told, judgement=replace(told.judgement, **names))))


def test_names_in_the_record_of_precisions_are_no_markup_in_a_card(told):
    change = Change(HOSTILE, HOSTILE, 9, 0.9, 0.8, -0.1, None, None, 0.5, "unproven")
    shipped = replace(told.precision.trial, scheme=HOSTILE, changes=(change,))
    lost = replace(shipped, scheme="lost", reasons=(HOSTILE,))
    record = replace(told.precision, shipped=HOSTILE, split=HOSTILE, notes=(HOSTILE,))
    record = replace(record, trials=(shipped, lost))
    assert_no_markup(write_card(replace(told, precision=record)))


@pytest.mark.parametrize("write", [write_card, transparency_record])
def test_hostile_names_leave_the_tables_of_a_paper_whole(told, write):
    for block in re.split(r"\n\s*\n", write(told)):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({row.replace("\\|", "").count("|") for row in rows}) <= 1, block
