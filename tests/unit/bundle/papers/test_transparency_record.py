import re
import shutil
from pathlib import Path

import pytest
from told_examples import internal_bundle, judged_bundle

from adverts.bundle.papers.bundle_facts import read_bundle_facts
from adverts.bundle.papers.markdown_papers import transparency_record
from adverts.bundle.papers.transparency_record import write_transparency_record
from adverts.runtime import open_bundle


def record(folder):
    return transparency_record(read_bundle_facts(folder, open_bundle(folder).manifest))


def test_the_first_line_says_that_nothing_is_published_or_approved(tmp_path):
    first = record(internal_bundle(tmp_path / "bundle")).splitlines()[0]
    assert "DRAFT, NOT PUBLISHED" in first
    assert "a person must complete, check and approve it" in first


def test_it_stands_beside_the_bundle_and_never_in_it(tmp_path):
    folder = internal_bundle(tmp_path / "bundle")
    before = sorted(folder.iterdir())
    path = tmp_path / "bundle.transparency.md"
    assert write_transparency_record(folder) == f"{path}: a draft, for people to complete"
    assert path.read_text().startswith(record(folder))
    assert sorted(folder.iterdir()) == before


def test_a_draft_that_nobody_changed_tells_what_the_bundle_says_by_now(tmp_path):
    path = tmp_path / "bundle.transparency.md"
    write_transparency_record(internal_bundle(tmp_path / "bundle"))
    judged_bundle(tmp_path / "judged").rename(tmp_path / "again")
    shutil.rmtree(tmp_path / "bundle")
    (tmp_path / "again").rename(tmp_path / "bundle")
    write_transparency_record(tmp_path / "bundle")
    assert "The gate `first`: passed" in path.read_text()


@pytest.mark.parametrize("words", ["0800 is no number of ours\n", "", "one\n"])
def test_what_people_wrote_is_never_written_over(tmp_path, words):
    folder = internal_bundle(tmp_path / "bundle")
    path = tmp_path / "bundle.transparency.md"
    write_transparency_record(folder)
    mine = path.read_text().replace("TO BE WRITTEN", "Written", 1) if words == "one\n" else words
    path.write_text(mine)
    assert "people have written in it, so it stays" in write_transparency_record(folder)
    assert path.read_text() == mine


def test_a_bundle_may_be_named_by_a_dot_or_a_link(tmp_path, monkeypatch):
    monkeypatch.chdir(internal_bundle(tmp_path / "bundle"))
    write_transparency_record(Path())
    (tmp_path / "link").symlink_to("bundle")
    write_transparency_record(tmp_path / "link")
    assert [one.name for one in tmp_path.glob("*.md")] == ["bundle.transparency.md"]


def test_every_field_of_the_standard_is_there_once_and_filled(tmp_path):
    text = record(internal_bundle(tmp_path / "bundle"))
    numbers = re.findall(r"^### ([\d.]+) ", text, re.MULTILINE)
    assert len(numbers) == len(set(numbers)) == 52
    assert {one.rpartition(".")[0] for one in numbers} >= {"1", "2.1", "2.2", "2.3", "2.5"}
    sections = re.split(r"^###? .*$", text, flags=re.MULTILINE)[1:]
    assert sum(not one.strip() for one in sections) == 9  # headings with fields beneath


def test_without_a_gate_it_gives_no_figure_and_with_one_those_of_the_gate(tmp_path):
    assert "no figure to publish" in record(internal_bundle(tmp_path / "new"))
    judged = record(judged_bundle(tmp_path / "judged"))
    assert "The gate `first`: passed, on 60 adverts" in judged
    assert "| precise | refer | 0.654 | 0.600 to 0.700 |" in judged


def test_what_only_people_know_says_who_writes_it(tmp_path):
    text = record(internal_bundle(tmp_path / "bundle"))
    for name in ("2.1.3 Senior responsible owner", "2.3.5 Appeals and review", "2.2.3 Benefit"):
        after = text.partition(f"### {name}\n\n")[2]
        assert after.startswith("TO BE WRITTEN BY ")
