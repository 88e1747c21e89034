"""Which runs share a file of frozen tensors."""

import torch

from adverts.training.runs.kept_frozen import KeptFrozen
from adverts.training.runs.tensors import weights_sha256


def test_only_the_very_same_tensors_share_a_file(tmp_path):
    kept = KeptFrozen(tmp_path / "kept")
    table = torch.randn(5, 3)
    written = tmp_path / "one"
    written.write_bytes(b"the file of the table")
    kept.take(weights_sha256({"table": table}), written, "a" * 64)
    assert kept.give(weights_sha256({"table": table.clone()}), tmp_path / "two") == "a" * 64
    assert (tmp_path / "two").read_bytes() == written.read_bytes()
    swapped = table[[1, 0, 2, 3, 4]]
    assert kept.give(weights_sha256({"table": swapped}), tmp_path / "three") is None
    assert kept.give(weights_sha256({"other": table}), tmp_path / "three") is None
    assert not (tmp_path / "three").exists()


def test_a_kept_file_that_is_gone_is_written_anew(tmp_path):
    kept = KeptFrozen(tmp_path / "kept")
    written = tmp_path / "one"
    written.write_bytes(b"")
    kept.take(weights_sha256({"table": torch.ones(2)}), written, "a" * 64)
    (tmp_path / "kept" / ("a" * 64)).unlink()
    assert kept.give(weights_sha256({"table": torch.ones(2)}), tmp_path / "two") is None
