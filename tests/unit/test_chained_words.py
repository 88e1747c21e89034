"""Reviews and judgements that were changed, moved, doubled, cut off or redated are refused."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from adverts.data.review.final_labels import final_labels
from adverts.data.review.reviews import (
    Review,
    append_reviews,
    last_words,
    read_reviews,
    reviews_file,
)
from adverts.errors import InputError, IntegrityError
from adverts.record_chain import line_of
from adverts_findings.campaigns.judgements.judgement_file import append_judgements, read_judgements
from adverts_findings.campaigns.judgements.judgements import Judgement

pytestmark = pytest.mark.promise

CHAIN = ("number", "before", "hash")


@dataclass(frozen=True)
class Words:
    """One of the two files of what people said, and what an adversary changes in it."""

    name: str
    read: Callable[[Path], Sequence[object]]
    add: Callable[[Path, Sequence[object]], object]
    one: Callable[[int], object]
    when: str
    change: tuple[str, str]


def _review(number: int) -> Review:
    at = f"2026-03-02T10:{number:02d}:00+00:00"
    return Review(f"i{number}", "refer", "yes", "Ana", at, True, 1, "5" * 64, "learn", "book")


def _judgement(number: int) -> Judgement:
    at = f"2026-03-02T10:{number:02d}:00+00:00"
    ends = (f"a{number}", f"b{number}")
    return Judgement("same", *ends, (ends,), "Ana", at, "why", recorded_at=at)


WORDS = [
    Words("reviews", read_reviews, append_reviews, _review, "reviewed_at",
          ('"label": "yes"', '"label": "no"')),
    Words("judgements", read_judgements,
          lambda path, several: append_judgements(path, lambda known: several), _judgement, "at",
          ('"said": "same"', '"said": "different"')),
]  # fmt: skip
every_kind = pytest.mark.parametrize("words", WORDS, ids=lambda one: one.name)


def _count(path: Path) -> Path:
    return path.with_name(f"{path.stem}_count.json")


def written(folder: Path, words: Words, number: int = 4) -> Path:
    """Return a file to which so many words were added, two at a time and one at last."""
    path = folder / f"{words.name}.jsonl"
    several = [words.one(i) for i in range(number)]
    for start in range(0, number, 2):
        words.add(path, several[start : start + 2])
    assert list(words.read(path)) == several
    return path


def _plain(line: str) -> str:
    return json.dumps({name: one for name, one in json.loads(line).items() if name not in CHAIN})


def as_earlier_releases_wrote(path: Path) -> None:
    """Strip the chain of all lines, and remove the count."""
    lines = path.read_text().splitlines()
    path.write_text("".join(f"{_plain(one)}\n" for one in lines))
    _count(path).unlink(missing_ok=True)


CHANGES: dict[str, Callable[[Words, list[str]], list[str]]] = {
    "a word in place": lambda words, all: [*all[:2], all[2].replace(*words.change), *all[3:]],
    "the last word in place": lambda words, all: [*all[:-1], all[-1].replace(*words.change)],
    "two lines swapped": lambda words, all: [all[0], all[2], all[1], *all[3:]],
    "a line doubled": lambda words, all: [*all[:2], all[1], *all[2:]],
    "the last line doubled": lambda words, all: [*all, all[-1]],
    "a line gone": lambda words, all: [all[0], *all[2:]],
    "the first line gone": lambda words, all: all[1:],
    "the last line gone": lambda words, all: all[:-1],
    "the last line cut": lambda words, all: [*all[:-1], all[-1][:-40]],
    "all lines gone": lambda words, all: [],
    "all chains stripped": lambda words, all: [*map(_plain, all)],
    "one chain stripped": lambda words, all: [*all[:-1], _plain(all[-1])],
    "a line of another tool": lambda words, all: [*all, _plain(all[0])],
    "of the year 2036": lambda words, all: [*all[:-1], all[-1].replace("2026-", "2036-")],
}


@every_kind
@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_refused_in_one_line(tmp_path, words, change):
    path = written(tmp_path, words)
    lines = path.read_text().splitlines()
    changed = "\n".join([*CHANGES[change](words, lines), ""])
    path.write_text(changed[:-1] if change == "the last line cut" else changed)
    before = path.read_bytes()
    for act in (lambda: words.read(path), lambda: words.add(path, [words.one(9)])):
        with pytest.raises(IntegrityError, match=f"{words.name}") as refused:
            act()
        assert "\n" not in str(refused.value)
    assert path.read_bytes() == before


@every_kind
def test_a_count_that_is_gone_is_missed_and_so_are_lines_that_are_gone_with_it_left(
    tmp_path, words
):
    path = written(tmp_path, words)
    count = _count(path).read_bytes()
    _count(path).unlink()
    with pytest.raises(IntegrityError, match="_count.json counts 0 of 4 lines"):
        words.read(path)
    _count(path).write_bytes(count)
    path.unlink()
    with pytest.raises(IntegrityError, match="ends at line 0 of 4"):
        words.read(path)


@every_kind
def test_a_file_of_an_earlier_release_is_taken_over_once_and_never_again(tmp_path, words, capsys):
    path = written(tmp_path, words)
    as_earlier_releases_wrote(path)
    plain = path.read_bytes()
    assert list(words.read(path)) == [words.one(i) for i in range(4)]
    [said] = [line for line in capsys.readouterr().out.splitlines() if "earlier release" in line]
    assert "4 lines" in said
    words.read(path)
    assert "earlier release" not in capsys.readouterr().out
    path.write_bytes(plain)
    with pytest.raises(IntegrityError, match="line 1: it has no hash"):
        words.read(path)


@every_kind
def test_words_are_added_to_a_file_of_an_earlier_release_whose_last_line_has_no_end(
    tmp_path, words
):
    path = written(tmp_path, words)
    as_earlier_releases_wrote(path)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    words.add(path, [words.one(4), words.one(5)])
    assert list(words.read(path)) == [words.one(i) for i in range(6)]


KILLED = """
import os, sys
from pathlib import Path
from adverts.data.review.reviews import read_reviews
from adverts_findings.campaigns.judgements.judgement_file import read_judgements
path, at = Path(sys.argv[1]), int(sys.argv[2])
real, calls = os.replace, []
def replace(*given):
    if len(calls) == at:
        os._exit(9)
    calls.append(given)
    real(*given)
os.replace = replace
{"reviews": read_reviews, "judgements": read_judgements}[path.stem](path)
"""


@every_kind
@pytest.mark.parametrize("step", [0, 1, 2])
def test_a_take_over_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path, words, step):
    path = written(tmp_path, words)
    as_earlier_releases_wrote(path)
    ended = subprocess.run([sys.executable, "-c", KILLED, path, str(step)], check=False)
    assert ended.returncode == 9
    assert list(words.read(path)) == [words.one(i) for i in range(4)]
    words.add(path, [words.one(4)])
    assert len(words.read(path)) == 5


@every_kind
@pytest.mark.parametrize("cut", [1, 50, 400, 900])
def test_of_words_added_together_a_kill_leaves_all_or_none(tmp_path, words, cut, monkeypatch):
    path = written(tmp_path, words)
    write = Path.write_bytes

    def fill(file, data):
        write(file, data[:-cut])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(InputError, match="No space left"):
        words.add(path, [words.one(i) for i in (4, 5, 6)])
    monkeypatch.undo()
    assert len(words.read(path)) == 4
    words.add(path, [words.one(i) for i in (4, 5, 6)])
    assert list(words.read(path)) == [words.one(i) for i in range(7)]


@every_kind
@pytest.mark.parametrize("year", ["2036", "9999"])
def test_an_answer_of_the_future_is_neither_written_nor_taken_over(tmp_path, words, year):
    path = written(tmp_path, words)
    late = replace(words.one(7), **{words.when: f"{year}-03-02T10:00:00+00:00"})
    with pytest.raises(InputError, match=f"{words.when}: {year}.* is in the future"):
        words.add(path, [late])
    as_earlier_releases_wrote(path)
    path.write_text(path.read_text().replace("2026-03-02T10:03", f"{year}-03-02T10:03"))
    plain = path.read_bytes()
    with pytest.raises(IntegrityError, match=f"line 4: {words.when}: {year}.* in the future"):
        words.read(path)
    assert path.read_bytes() == plain
    assert not _count(path).exists()


@every_kind
def test_a_pipe_or_a_link_to_another_file_is_refused_at_once(tmp_path, words):
    path = written(tmp_path, words)
    path.rename(tmp_path / "kept")
    os.mkfifo(path)
    for act in (lambda: words.read(path), lambda: words.add(path, [words.one(9)])):
        with pytest.raises(InputError, match="is a named pipe, not a file"):
            act()
    path.unlink()
    (tmp_path / "other").mkdir()
    path.symlink_to(written(tmp_path / "other", words, 2))
    with pytest.raises(IntegrityError, match="ends at line 2 of 4"):
        words.read(path)
    path.unlink()
    path.symlink_to(tmp_path / "kept")
    assert len(words.read(path)) == 4


@every_kind
def test_two_writers_at_once_lose_nothing_also_while_a_file_is_taken_over(tmp_path, words):
    path = written(tmp_path, words)
    as_earlier_releases_wrote(path)
    writers = [
        threading.Thread(target=lambda n=n: [words.add(path, [words.one(n + k)]) for k in range(5)])
        for n in (10, 20, 30)
    ]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert len(words.read(path)) == 4 + 15


def test_an_older_answer_does_not_win_by_its_offset(tmp_path):
    path = tmp_path / "reviews.jsonl"
    first = replace(_review(1), label="yes", reviewed_at="2026-03-02T23:00:00+14:00")  # 09:00 UTC
    last = replace(_review(1), label="no", reviewed_at="2026-03-02T10:00:00+00:00")
    append_reviews(path, [last])
    append_reviews(path, [first])
    assert last_words(read_reviews(path)) == (last,)
    assert final_labels(read_reviews(path))["i1", "refer"].label == "no"


def test_the_same_moment_said_with_another_offset_is_no_later_word(tmp_path):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [_review(1)])
    assert append_reviews(path, [replace(_review(1), reviewed_at="2026-03-02T11:01:00+01:00")]) == 0


@every_kind
def test_a_file_that_may_only_be_read_is_read(tmp_path, words):
    path = written(tmp_path, words)
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        assert len(words.read(path)) == 4
    finally:
        tmp_path.chmod(0o700)


@every_kind
def test_a_writer_that_is_killed_at_work_leaves_a_whole_file(tmp_path, words):
    path = written(tmp_path, words)
    code = (
        "import sys, itertools\nfrom dataclasses import replace\nfrom pathlib import Path\n"
        "sys.path.insert(0, sys.argv[2])\nfrom test_chained_words import WORDS\n"
        "words = next(one for one in WORDS if one.name == sys.argv[3])\n"
        "for i in itertools.count(5):\n"
        "    name = {'reviews': 'item', 'judgements': 'first'}[words.name]\n"
        "    new = [replace(words.one(i % 60), **{name: f'{i}.{k}'}) for k in (0, 1)]\n"
        "    words.add(Path(sys.argv[1]), new)\n    print(i, flush=True)\n"
    )
    here = Path(__file__).parent
    writer = subprocess.Popen(
        [sys.executable, "-c", code, path, here, words.name], stdout=subprocess.PIPE
    )
    for _ in range(3):
        writer.stdout.readline()
    os.kill(writer.pid, signal.SIGKILL)
    confirmed = 3 + len(writer.communicate()[0].splitlines())
    found = len(words.read(path))
    assert found >= 4 + 2 * confirmed
    assert found % 2 == 0


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("begun", [0, 2, 3, 9])
def test_a_count_that_says_less_hides_no_line(tmp_path, count, begun):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [_review(number) for number in range(4)])
    before = path.read_bytes()
    file = reviews_file(path)
    told = json.loads(file.count_path.read_text())
    told |= {"number": count, "hash": file.read()[count - 1].hash, "next_number": begun}
    file.count_path.write_text(json.dumps(told))
    with pytest.raises(IntegrityError, match="bring back the reviews as"):
        read_reviews(path)
    with pytest.raises(IntegrityError, match="bring back the reviews as"):
        append_reviews(path, [_review(7)])
    assert path.read_bytes() == before


def test_a_line_that_fits_the_chain_and_was_never_counted_is_refused(tmp_path):
    path = tmp_path / "reviews.jsonl"
    append_reviews(path, [_review(number) for number in range(4)])
    file = reviews_file(path)
    forged = file.after(file.read()[-1], _review(5))
    with path.open("ab") as stream:
        stream.write(line_of(forged, 1))
    with pytest.raises(IntegrityError, match="counts 4 of 5 lines"):
        read_reviews(path)
