"""The JSON of pages: its keys are documented, and change only with the version."""

import dataclasses
import json
import re

import pytest
from shown_bank import bank, two_campaigns

from adverts.errors import InputError
from adverts_findings.campaigns.judgements.bank_names import known_names
from adverts_findings.campaigns.judgements.judgement_csv import read_judgement_csv
from adverts_findings.campaigns.judgements.record_judgements import record
from adverts_findings.campaigns.networks import network
from adverts_findings.campaigns.originals import originals
from adverts_findings.campaigns.pages import (
    bank_record,
    campaign_record,
    drawing,
    edge_record,
    timeline,
)
from adverts_findings.campaigns.pages.beside import exports, judged
from adverts_findings.campaigns.pages.campaign_record import SCHEMA_VERSION
from adverts_findings.campaigns.pages.edge_words import CSV_HEADER
from adverts_findings.campaigns.pages.facts import last_week, pictures
from adverts_findings.campaigns.pages.graph import campaign_graph, graph
from adverts_findings.campaigns.pages.hypotheses import networks_record, shown_links
from adverts_findings.campaigns.pages.write_pages import write_pages

NOW = "2026-11-09T09:00:00+00:00"
RECORDS = [
    one
    for module in (
        *(bank_record, campaign_record, drawing, edge_record, timeline, network, originals),
        *(
            exports,
            judged,
            last_week,
            pictures,
            campaign_graph,
            graph,
            networks_record,
            shown_links,
        ),
    )
    for one in vars(module).values()
    if dataclasses.is_dataclass(one) and one.__module__ == module.__name__
]
KEYS = {
    "c000001.json": (
        "as_of assessment build built_at campaign contrary exports fact former graph judgements "
        "languages link_count links not_counted originals said schema_version sources standings why"
    ),
    "index.json": (
        "adverts as_of campaigns candidates closed edges giant identities in_campaigns judged_by "
        "judgements last_build listed listed_values networks not_held "
        "reasons recent_weeks restricted schema_version templates thresholds"
    ),
    "networks.json": "as_of build built_at campaigns networks schema_version shown",
}


@pytest.fixture
def pages(tmp_path):
    write_pages(tmp_path / "pages", bank(**two_campaigns()))
    return tmp_path / "pages"


@pytest.mark.parametrize("kind", RECORDS, ids=lambda one: one.__name__)
def test_every_key_is_documented(kind):
    documented = re.findall(r"^        (\w+): ", kind.__doc__, flags=re.M)
    assert documented == [one.name for one in dataclasses.fields(kind)]


@pytest.mark.parametrize("name", KEYS)
def test_the_keys_of_version_2_stay(pages, name):
    assert SCHEMA_VERSION == 2
    assert sorted(json.loads((pages / name).read_text())) == KEYS[name].split()


@pytest.mark.parametrize(
    ("said", "anchors"),
    [("split", ("a2", "a3")), ("same", ("a2", "a3")), ("different", ("a4", "b1"))],
)
def test_the_lines_of_a_page_are_judgements_that_the_bank_takes(pages, tmp_path, said, anchors):
    found = json.loads((pages / "c000001.json").read_text())
    [place], outward = found["why"]["weakest"], found["contrary"]["outward"][0]
    line = {
        "split": place["split"],
        "same": place["edge"]["same"],
        "different": outward["different"],
    }[said]
    path = tmp_path / "judged.csv"
    path.write_text(f"{CSV_HEADER}\n{line.removesuffix(',,,')},ab,,another price list\n")
    words = read_judgement_csv(path, now=NOW)
    known = known_names(bank(**two_campaigns()))
    [added] = record(tmp_path / "judgements.jsonl", words, known, now=NOW).added
    assert (added.said, added.anchors) == (said, (anchors,))


def test_a_line_that_nobody_filled_in_is_no_judgement(pages, tmp_path):
    found = json.loads((pages / "c000001.json").read_text())
    path = tmp_path / "judged.csv"
    path.write_text(f"{CSV_HEADER}\n{found['why']['weakest'][0]['split']}\n")
    with pytest.raises(InputError, match="by is empty"):
        read_judgement_csv(path, now=NOW)
