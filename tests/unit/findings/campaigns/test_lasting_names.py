"""Names of a build: what stays as it was keeps its name, the rest has that of lasting ids."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.found import Identity
from adverts_findings.campaigns.grouping.lasting_ids import lasting_ids
from adverts_findings.campaigns.lasting_names import LastingNames

IDS = [f"a{number}" for number in range(8)]
PARTITIONS = st.dictionaries(st.sampled_from(IDS), st.integers(0, 3), max_size=8)
SHOWN = st.lists(
    st.tuples(st.sampled_from(IDS), st.sampled_from(["v", "w"]), st.sampled_from([None, "aster"])),
    max_size=10,
    unique=True,
)


def table(name, **columns):
    rows = len(next(iter(columns.values())))
    schema = TABLES[name]
    filled = {one.name: pa.nulls(rows, one.type) for one in schema}
    filled |= {key: pa.array(values, schema.field(key).type) for key, values in columns.items()}
    return pa.table(filled, schema=schema)


def roots_of(partition):
    """Return ids in their order, and the first row of the group of each."""
    ids = sorted(partition)
    groups = [partition[one] for one in ids]
    return ids, np.array([groups.index(one) for one in groups], np.int64)


def groups_of(partition, least):
    groups = [
        [one for one in sorted(partition) if partition[one] == group]
        for group in sorted(set(partition.values()))
    ]
    return [group for group in groups if len(group) >= least]


def named(groups, found):
    return {one: name for name, group in zip(found.ids, groups, strict=True) for one in group}


@pytest.mark.parametrize(("level", "least"), [("template", 1), ("campaign", 2)])
@settings(deadline=None)
@given(before=PARTITIONS, after=PARTITIONS)
def test_adverts_are_named_as_if_every_group_went_through_lasting_ids(level, least, before, after):
    former, groups = groups_of(before, least), groups_of(after, least)
    first = lasting_ids(level, {}, former, used=0)
    wanted = lasting_ids(level, dict(zip(first.ids, former, strict=True)), groups, used=first.used)
    old, new = named(former, first), named(groups, wanted)
    ids, roots = roots_of(after)
    adverts = table(
        "adverts", id=sorted(before), **{level: [old.get(one) for one in sorted(before)]}
    )
    names = LastingNames(ids, {"adverts": adverts}, {level: first.used})
    found = names.all(names.templates(roots), [], roots)
    told = found.templates if level == "template" else found.campaigns
    assert told == [new.get(one, "") for one in ids]
    assert [one for one in found.replaced if one.level == level] == list(wanted.replaced)
    assert names.used[level] == wanted.used


def spells(shown, seed):
    """Return identities of what adverts show: each value and platform in one or two spells."""
    groups = {}
    for advert, value, platform in sorted(shown, key=str):
        spell = (IDS.index(advert) * 7 + seed) % 2
        groups.setdefault((value, platform, spell), []).append(advert)
    return groups


def told(value, platform, advert):
    return "\0".join((value, platform or "", advert))


@settings(deadline=None)
@given(SHOWN, SHOWN, st.integers(0, 1))
def test_identities_are_named_as_if_each_went_through_lasting_ids(before, after, seed):
    former, groups = spells(before, 0), spells(after, seed)
    members = [[told(*key[:2], one) for one in ids] for key, ids in former.items()]
    first = lasting_ids("identity", {}, members, used=0)
    now = [[told(*key[:2], one) for one in ids] for key, ids in groups.items()]
    old = dict(zip(first.ids, members, strict=True))
    wanted = lasting_ids("identity", old, now, used=first.used)
    stored = table(
        "identities",
        identity=first.ids,
        value=[value for value, _, _ in former],
        platform=[platform for _, platform, _ in former],
        shown_in=list(former.values()),
    )
    identities = [
        Identity("contact", value, platform, tuple(IDS.index(one) for one in ids))
        for (value, platform, _), ids in groups.items()
    ]
    names = LastingNames(IDS, {"identities": stored}, {"identity": first.used})
    found = names.all([], identities, np.arange(len(IDS)))
    assert tuple(found.identities) == wanted.ids
    assert found.replaced == wanted.replaced
    assert names.used["identity"] == wanted.used


def test_a_group_that_is_as_before_keeps_a_name_among_others_that_change():
    adverts = table(
        "adverts", id=["a", "b", "c", "d"], campaign=["c000003", "c000003", "c000001", "c000001"]
    )
    names = LastingNames(["a", "b", "c", "e", "f"], {"adverts": adverts}, {"campaign": 4})
    found = names.all([], [], np.array([0, 0, 2, 3, 3]))
    assert found.campaigns == ["c000003", "c000003", "", "c000005", "c000005"]
    assert [(one.old, one.how) for one in found.replaced] == [("c000001", "closed")]


def test_a_name_above_the_highest_given_is_refused_even_of_a_group_that_is_as_before():
    adverts = table("adverts", id=["a", "b"], campaign=["c000009", "c000009"])
    names = LastingNames(["a", "b"], {"adverts": adverts}, {"campaign": 8})
    with pytest.raises(ValueError, match="c000009 is in use, and 8 is the highest given"):
        names.all([], [], np.array([0, 0]))


def test_without_adverts_nothing_is_named():
    names = LastingNames([], {}, {})
    assert names.templates(np.zeros(0, np.int64)) == []
    assert names.all([], [], np.zeros(0, np.int64)).replaced == ()
