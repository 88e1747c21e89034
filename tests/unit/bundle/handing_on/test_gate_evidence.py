"""Evidence that joins a bundle where it stands, however it is named."""

from pathlib import Path

import pytest
from told_examples import gate_record, internal_bundle

from adverts.bundle.handing_on.gate_evidence import add_evidence
from adverts.evaluation.gate.gate_record import record_bytes
from adverts.runtime import open_bundle

pytestmark = pytest.mark.promise


def promoted(place):
    bundle = open_bundle(place)
    record = gate_record(bundle.manifest.identity())
    return add_evidence(bundle, record, record_bytes(record))


def names(folder):
    return {one.name for one in folder.iterdir()}


def test_a_bundle_named_by_a_link_keeps_its_files_and_the_link_stays(tmp_path):
    folder = internal_bundle(tmp_path / "bundle")
    before = names(folder)
    (tmp_path / "latest").symlink_to("bundle")
    promoted(tmp_path / "latest")
    assert names(folder) == before | {"gate.json", "coverage.json"}
    assert (tmp_path / "latest").is_symlink()
    assert names(tmp_path) == {"bundle", "latest"}


def test_a_bundle_named_by_a_dot_is_read_back(tmp_path, monkeypatch):
    folder = internal_bundle(tmp_path / "bundle")
    monkeypatch.chdir(folder)
    assert promoted(Path()).folder == folder
    assert "gate.json" in names(folder)
