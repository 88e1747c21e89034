"""The table of what people say of identities and sources holds no contact that they wrote."""

from bench_link import NOW, made_up

from adverts_findings.campaigns.build import Circumstances, make_build
from adverts_findings.campaigns.entering.gather import gather
from adverts_findings.campaigns.entering.inputs import Input, candidates_table, entrants_table
from adverts_findings.campaigns.entering.words import Words
from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.rules import LinkingRules


def built(*judgements):
    part = entrants_table([made_up(60, seed=3)])
    given = Input("part", "h", "key", part, candidates_table([]), frozenset(), len(part))
    gathered = gather([given], None, Words(), erased=(), today=NOW.date())
    circumstances = Circumstances({}, {}, "test", NOW)
    return make_build(gathered, judgements, LinkingRules(), circumstances, before={}).tables


def test_contacts_of_who_says_it_and_why_are_masked_in_the_table():
    source = built()["adverts"]["source"][0].as_py()
    at = "2026-11-01T00:00:00+00:00"
    by, why = "Ana +44 7700 900123", "ask @demo_fictional_07"
    [said] = built(Judgement("grade", source, "2B", (), by, at, why))["said"].to_pylist()
    assert (said["name"], said["said"], said["counts"]) == (source, "2B", True)
    assert (said["by"], said["why"]) == ("Ana <PHONE>", "ask <HANDLE>")
