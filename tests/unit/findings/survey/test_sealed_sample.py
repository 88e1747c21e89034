"""The file of a sample: whatever was sealed can be read again."""

from __future__ import annotations

from made_sample import drawing, group, sealed, stratum

from adverts_findings.survey.sample import SAMPLE, read_sample, sample_record


def test_a_sample_of_many_labels_and_many_platforms_is_read_as_it_was_sealed(tmp_path):
    fields = {"language": "en", "platform": "x", "week": "2026-W44", "modality": "text"}
    draws = [drawing(f"a{i}", 0, 0.5, **fields) for i in range(5_000)]
    groups = [group("platform", f"p{i}", [2]) for i in range(5_000)]
    sample = sealed([stratum("adverts", 10_000, 5_000)], draws, groups)
    (tmp_path / SAMPLE).write_bytes(sample_record(sample))
    assert read_sample(tmp_path) == sample
