"""A notice rests on a law of the right place that covers the class of the advert."""

import pytest
from made_items import LAWS, order, recipient

from adverts_findings.config.sharing import LawConfig, SenderConfig
from adverts_findings.sharing.leaving.legal_ground import EU_MEMBERS, covering_laws, missing_ground

pytestmark = pytest.mark.promise


def missing(regime, laws, label="offer_crossing", **changes):
    return missing_ground(order(recipient(regime=regime, laws=laws), **changes), label)


def test_the_union_has_27_members_of_which_britain_and_switzerland_are_none():
    assert len(EU_MEMBERS) == 27
    assert EU_MEMBERS.isdisjoint({"GB", "CH", "NO", "EL", "EU"})


@pytest.mark.parametrize(
    ("regime", "enough"),
    [
        ("dsa_16", {"french", "union"}),
        ("uk_osa", {"crossing", "any_gb"}),
        ("platform_terms", {"rules"}),
        ("voluntary", {*LAWS, ""}),
    ],
)
@pytest.mark.parametrize("law", [*LAWS, ""])
def test_each_set_of_rules_wants_a_law_of_its_place(regime, enough, law):
    assert (missing(regime, [law] if law else []) == "") == (law in enough)


def test_one_law_of_several_is_enough_and_only_those_that_fit_are_named():
    to = recipient(regime="uk_osa", laws=["rules", "any_gb", "french", "crossing"])
    assert covering_laws(to, LAWS, "offer_crossing") == ("any_gb", "crossing")
    assert covering_laws(to, LAWS, "supply_equipment") == ("any_gb",)


def test_without_certain_rules_a_law_of_any_place_is_named():
    to = recipient(regime="voluntary", laws=["swiss", "crossing"])
    assert covering_laws(to, LAWS, "promo_testimonial") == ("swiss",)


@pytest.mark.parametrize("label", ["supply_equipment", ""])
def test_a_law_of_some_classes_covers_no_other_and_no_advert_without_one(label):
    assert missing("uk_osa", ["crossing"], label) != ""
    assert missing("dsa_16", ["french"], label) != ""
    assert missing("uk_osa", ["any_gb"], "supply_equipment") == ""
    assert missing("voluntary", ["rules"], label) == ""


@pytest.mark.parametrize("jurisdiction", ["GB", "EU"])
def test_a_law_of_a_country_that_names_no_class_is_refused(jurisdiction):
    with pytest.raises(ValueError, match="names the classes that fall under it"):
        LawConfig(text="Act of nothing", jurisdiction=jurisdiction, classes=[])


def test_a_law_that_is_not_described_covers_nothing():
    asked = order(recipient(laws=["crossing"]), laws={})
    assert missing_ground(asked, "offer_crossing") != ""


@pytest.mark.parametrize(
    "lacks",
    [
        {"good_faith": ""},
        {"good_faith": "  "},
        {"sender": SenderConfig(organisation="", email="unit@unit.example", reply_to="")},
        {"sender": SenderConfig(organisation="Unit", email=" ", reply_to="r@unit.example")},
    ],
)
def test_article_16_names_a_sender_and_good_faith_and_other_rules_do_not(lacks):
    assert missing("dsa_16", ["union"], **lacks) != ""
    assert missing("uk_osa", ["any_gb"], **lacks) == ""
    assert missing("voluntary", [], **lacks) == ""
