"""Made-up worlds: what they hold, and that their evidence is what scoring would have made."""

import random
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import ranges
import worlds
from made_up_evidence import evidence_of
from studio import Post, Studio

from adverts.advert import Advert
from adverts.clusters.near_image import near_images
from adverts.config.data import ColumnsConfig
from adverts.data.sources.bad_rows import BadRow
from adverts.inputs.contacts.contact_tokens import contact_tokens
from adverts.inputs.pixels import CHECKED
from adverts.scoring.evidence.evidence_files import evidence_schema
from adverts.scoring.evidence.evidence_rows import EvidenceMaker, Seen

NO_COLUMNS = ColumnsConfig(**dict.fromkeys(ColumnsConfig.model_fields))


@pytest.fixture(scope="module")
def rows(world):
    return world.adverts.to_pylist()


@pytest.fixture(scope="module")
def small():
    """A world that takes a third of the time to make."""
    return worlds.make_world(1, 3_000)


@pytest.fixture(scope="module")
def networks(rows):
    """Return the adverts of each network."""
    found = defaultdict(list)
    for row in rows:
        found[row["truth_network"]].append(row)
    del found[None]
    return found


@pytest.mark.slow
def test_a_linker_sees_the_columns_of_evidence_the_cluster_and_the_group(world):
    seen = world.visible.schema
    assert seen.names == [*evidence_schema().names, "cluster", "group"]
    assert [seen.field(one.name).type for one in evidence_schema()] == evidence_schema().types


def test_nothing_that_a_linker_sees_names_who_made_an_advert(world):
    text = str(world.visible.slice(0, 2_000).drop_columns(["text_signature"]).to_pylist())
    assert re.search("network|seller|lone|single|story|warning", text) is None


@pytest.mark.slow
def test_equal_seeds_give_equal_worlds(small):
    again = worlds.make_world(1, 3_000)
    assert again.adverts.equals(small.adverts)
    assert again.reassigned == small.reassigned != ()
    assert again.copycats == small.copycats != {}


@pytest.mark.slow
def test_another_seed_gives_another_world(small):
    assert not worlds.make_world(2, 3_000).adverts.equals(small.adverts)


def test_networks_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="the networks of seed 1 have .* of 20 adverts"):
        worlds.make_world(1, 20)


def test_no_judged_seed_is_a_tuning_seed():
    assert set(ranges.TUNING_SEEDS).isdisjoint(ranges.JUDGED_SEEDS)


def test_the_readme_states_every_range():
    page = (Path(worlds.__file__).parent / "README.md").read_text(encoding="utf-8")
    stated = set(re.findall(r"`([A-Z_]+ = [^`]+)`", page))
    ranged = {f"{name} = {one!r}" for name, one in vars(ranges).items() if name.isupper()}
    assert ranged == stated


def test_the_judged_worlds_have_100_copycats_in_all():
    assert len(ranges.JUDGED_SEEDS) * round(ranges.COPYCATS * ranges.NETWORKS) >= 100


def test_networks_are_a_minority_and_all_are_of_group_v(rows, networks):
    adverts = [row for of_one in networks.values() for row in of_one]
    assert len(networks) == 30
    assert len(adverts) < len(rows) / 2
    assert {row["group"] for row in adverts} == {"V"}
    assert {row["truth_kind"] for row in rows} == {
        *("network", "seller", "lone", "single", "news", "warning")
    }


def test_adverts_without_a_contact_are_in_networks(networks):
    adverts = [row for of_one in networks.values() for row in of_one]
    without = sum(not row["contacts"] for row in adverts) / len(adverts)
    assert 0.2 < without < 0.45


def test_texts_have_the_evidence_that_scoring_makes():
    texts = ["Made-up <PHONE> words of no language at all 250", "short", ""]
    studio = Studio(1)
    posts = [Post("seller-1", "seller", "N", 0, text, studio.account()) for text in texts]
    table = evidence_of(posts, random.Random(1))
    maker = EvidenceMaker(NO_COLUMNS, CHECKED, ranges.KEY)
    scored = maker.of(
        [
            Seen(str(n), BadRow("file", n, "", ""), Advert(id=str(n), text=text))
            for n, text in enumerate(texts)
        ],
        0,
        Counter(),
    )
    wanted = {
        (None, None, None)
        if row.text is None
        else (row.text.hash, row.text.signature, row.text.groups)
        for row in scored
    }
    columns = (table[f"text_{name}"].to_pylist() for name in ("hash", "signature", "groups"))
    assert set(zip(*columns, strict=True)) == wanted
    assert len(wanted) == 3
    assert {row.token_key_id for row in scored} == set(table["token_key_id"].to_pylist())


def test_contacts_are_those_that_nobody_has():
    phones = Studio(1)
    (expected,) = contact_tokens("+44 7700 900000", key=ranges.KEY)
    assert phones.phone() == expected.token
    (expected,) = contact_tokens("@demo_fictional_0000000", key=ranges.KEY)
    assert phones.handle() == expected.token
    (expected,) = contact_tokens("https://demo-0000000.example/offer", key=ranges.KEY)
    assert phones.target() == expected.token


def test_phones_beyond_the_fictional_ranges_have_tokens_of_the_same_form():
    studio = Studio(1)
    made = [studio.phone() for _ in range(2_100)]
    assert len(set(made)) == 2_100
    assert all(re.fullmatch("PHONE:[0-9a-f]{32}", token) for token in made)


def test_most_adverts_of_a_template_are_in_one_cluster(rows):
    found = defaultdict(Counter)
    for row in rows:
        found[row["truth_template"]][row["cluster"]] += 1
    del found[None]
    often = [one for one in found.values() if one.total() >= 20]
    kept = sum(one.most_common(1)[0][1] for one in often) / sum(one.total() for one in often)
    assert kept > 0.9


def test_copies_of_pictures_are_mostly_found_and_others_never():
    studio = Studio(1)
    originals = [studio.camera.original("latin-1").look for _ in range(200)]
    crops = [studio.camera.crop(look) for look in originals]
    saved = [studio.camera.saved(look) for look in originals]
    pairs = near_images([*originals, *crops, *saved])
    assert (pairs.first % 200 == pairs.second % 200).all()
    with_original = pairs.second[pairs.first < 200]
    assert (with_original >= 400).sum() >= 195
    assert 150 <= (with_original < 400).sum() <= 200  # as of made-up photos, see flips.py


def test_a_reassigned_contact_is_silent_and_then_another_network_shows_it(world, rows):
    assert world.reassigned
    for one in world.reassigned:
        silence = (one.seen_again - one.last_seen).days / 7
        assert silence >= ranges.REASSIGNED_SILENCE_WEEKS[0] - 1
        shown = {row["truth_network"] for row in rows if one.token in row["contacts"]}
        assert shown - {None} == {one.before, one.after}


def test_copycats_show_what_they_stole_and_no_contact_of_their_victim(world, networks):
    assert len(world.copycats) == 2
    common = {world.helpline, *world.poisoned}
    for thief, victim in world.copycats.items():
        own = {token for row in networks[thief] for token in row["contacts"]}
        theirs = {token for row in networks[victim] for token in row["contacts"]}
        assert own & theirs <= common
        stolen = [row for row in networks[thief] if row["truth_copies"] is not None]
        assert {row["truth_copies"] for row in stolen} == {victim}
        assert len(stolen) > len(networks[thief]) / 2
        templates = {row["truth_template"] for row in networks[victim]}
        assert any(row["truth_template"] in templates for row in stolen if row["truth_template"])


def test_poisoned_contacts_are_seen_with_very_many_networks(world, networks):
    for token in world.poisoned:
        showing = sum(any(token in row["contacts"] for row in one) for one in networks.values())
        assert showing >= len(networks) / 5


def test_the_helpline_is_public_wherever_it_is_shown(world, rows):
    showing = [row for row in rows if world.helpline in row["contacts"]]
    assert {row["group"] for row in showing} == {"V", "A", "N"}
    assert all(world.helpline in row["public_contacts"] for row in showing)


def test_a_warning_quotes_contacts_of_networks_and_is_of_group_a_or_n(rows, networks):
    shown = {
        token: name
        for name, of_one in networks.items()
        for row in of_one
        for token in row["contacts"]
    }
    warnings = [row for row in rows if row["truth_kind"] == "warning"]
    assert {row["group"] for row in warnings} == {"A", "N"}
    assert sum(any(token in shown for token in row["contacts"]) for row in warnings) > 40
    assert all(row["truth_quotes"] and row["truth_network"] is None for row in warnings)


def test_some_authors_of_warnings_post_adverts_of_group_v(rows):
    posting = {row["account"] for row in rows if row["group"] == "V"}
    assert posting & {row["account"] for row in rows if row["truth_kind"] == "warning"}


def test_a_network_that_changes_everything_shares_nothing_before_and_after(monkeypatch):
    monkeypatch.setattr(ranges, "CHANGES_EVERYTHING", 1.0)
    monkeypatch.setattr(ranges, "STOCK_NETWORKS", 0.0)
    from networks import plan_networks

    (plan,) = plan_networks(1, Studio(3), [])
    before, after = plan.phases
    assert before.weeks[-1] < after.weeks[0]
    for kind in ("contacts", "accounts", "designs", "targets"):
        things = ({spell.thing for spell in getattr(one, kind)} for one in (before, after))
        assert set.isdisjoint(*things)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_world_of_100_000_adverts_has_300_networks():
    world = worlds.make_world(1)
    assert len(world.adverts) == 100_000
    assert len(set(world.adverts["truth_network"].to_pylist()) - {None}) == 300
    assert len(world.copycats) == 24
    assert len(world.reassigned) >= 20
