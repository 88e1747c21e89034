"""The map of paths through the code names files that exist, and counts them as its tables do."""

import re

from documents import ROOT

PAGE = (ROOT / "docs/paths.md").read_text(encoding="utf-8")
FILE = re.compile(r"`([\w/]+\.(?:py|yaml))`")


def test_every_file_of_the_map_exists():
    named = FILE.findall(PAGE)
    places = [ROOT if name.startswith("configs/") else ROOT / "src/adverts" for name in named]
    assert named
    assert [n for n, place in zip(named, places, strict=True) if not (place / n).is_file()] == []


def test_the_map_counts_the_files_that_its_tables_list():
    for section in PAGE.split("\n## ")[1:]:
        counted = int(re.search(r": (\d+) files", section)[1])
        rows = re.findall(r"^\| [\d–]+ \| (.*?) \|", section, re.M)
        listed = FILE.findall("\n".join(rows))
        assert len(set(listed)) == len(listed) == counted
