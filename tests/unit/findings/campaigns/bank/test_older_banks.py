"""A bank that an earlier release wrote is read, and the next build writes it anew."""

from __future__ import annotations

import datetime
import json

import pytest
from bench_link import NOW, made_up
from made_bank import numbered
from old_bank import make_older

from adverts.errors import IntegrityError
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.campaigns.bank.write_bank import write_build
from adverts_findings.campaigns.bank_tables import READ_VERSIONS, SCHEMA_VERSION, TABLES, tables_of
from adverts_findings.campaigns.build import Circumstances, make_build
from adverts_findings.campaigns.entering.collected import SCHEMA
from adverts_findings.campaigns.entering.gather import Held, gather
from adverts_findings.campaigns.entering.inputs import Input, candidates_table
from adverts_findings.campaigns.entering.words import Words
from adverts_findings.campaigns.rebuild import read_before
from adverts_findings.campaigns.rules import LinkingRules

pytestmark = pytest.mark.promise


@pytest.fixture
def older(tmp_path):
    folder = tmp_path / "bank"
    write_build(folder, numbered(1), expected=None)
    make_older(folder)
    return folder


def test_version_1_lacks_what_version_2_added_and_nothing_else():
    assert READ_VERSIONS[-1] == SCHEMA_VERSION == 2
    assert set(TABLES) - set(tables_of(1)) == {"collected", "said"}
    lacking = {
        name: set(TABLES[name].names) - set(tables_of(1)[name].names) for name in tables_of(1)
    }
    added = {"score", "review_band"}
    assert {name: names for name, names in lacking.items() if names} == {
        "adverts": added,
        "restricted": added,
    }
    assert tables_of(2) == TABLES
    assert {"score", "review_band"} <= set(tables_of(1)["candidates"].names)


def test_an_older_bank_is_read_with_what_it_lacks_as_missing(older):
    new = numbered(1)
    with open_bank(older) as bank:
        assert bank.version == 1
        bank.verify()
        assert len(bank.table("collected")) == 0
        assert bank.table("collected").schema == TABLES["collected"]
        assert bank.table("adverts", ("score",))["score"].null_count == len(new["adverts"])
        assert bank.table("adverts") == new["adverts"]
        assert set(bank.tables()) == set(TABLES)


def test_the_next_build_writes_the_current_version(older):
    write_build(older, {**read_before(older), "builds": numbered(2)["builds"]}, expected=1)
    assert json.loads((older / "bank.json").read_text())["schema_version"] == SCHEMA_VERSION
    with open_bank(older) as bank:
        assert bank.version == SCHEMA_VERSION
        bank.verify()


def test_damage_of_an_older_bank_is_named(older):
    plain = json.loads((older / "bank.json").read_text())
    (older / "bank.json").write_text(json.dumps(plain | {"schema_version": 2}))
    with pytest.raises(IntegrityError, match="is not as this release makes it"):
        open_bank(older)


@pytest.mark.parametrize("version", [0, -1, 3, 10**20])
def test_a_bank_of_an_unknown_version_is_refused_by_name(older, version):
    plain = json.loads((older / "bank.json").read_text())
    (older / "bank.json").write_text(json.dumps(plain | {"schema_version": version}))
    with pytest.raises(IntegrityError, match=f"has version {version}, this release reads up to 2"):
        open_bank(older)


@pytest.mark.slow
def test_an_older_bank_extends_to_the_bank_that_the_current_version_would_be(tmp_path):
    adverts = made_up(150, seed=3)
    parts = [adverts.slice(0, 100), adverts.slice(100)]
    found = {}
    for name, is_older in (("older", True), ("current", False)):
        bank = tmp_path / name
        write_build(bank, _built(parts[0], {}), expected=None)
        if is_older:
            make_older(bank)
        write_build(bank, _built(parts[1], read_before(bank)), expected=1)
        found[name] = read_before(bank)
    assert found["older"]["collected"].num_rows == 1
    del found["older"]["collected"], found["current"]["collected"]
    assert found["older"] == found["current"]


def _built(part, before):
    week = {
        "source": f"of {len(part)}",
        "week": datetime.date(2026, 1, 5),
        "adverts": 9,
        "judged": 1,
    }
    rows = {name: [week.get(name)] for name in SCHEMA.names}
    collected = SCHEMA.empty_table().from_pydict(rows, schema=SCHEMA)
    given = Input(
        f"of {len(part)}",
        str(len(part)),
        "key",
        part,
        candidates_table([]),
        frozenset(),
        len(part),
        collected,
    )
    held = None
    if before:
        nobody = TABLES["restricted"].empty_table()
        held = Held(before["adverts"], before["candidates"], "key", nobody, {}, before["barred"])
    gathered = gather([given], held, Words(), erased=(), today=NOW.date())
    inputs = {given.name: {"hash": given.hash}}
    circumstances = Circumstances({}, inputs, "test", NOW)
    return make_build(gathered, (), LinkingRules(), circumstances, before=before).tables
