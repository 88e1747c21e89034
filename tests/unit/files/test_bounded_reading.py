"""What is no file is refused at once, and JSON of any size and depth in one line."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from adverts.errors import InputError
from adverts.evaluation.predictions.look_ledger import read_ledger
from adverts.files.bounded_reading import parse_json, read_bounded, read_json
from adverts.files.file_lock import in_turn
from adverts.json_records import parse_record
from adverts.record_lines import read_last_line, read_whole_lines
from adverts.signing import read_private_key

pytestmark = pytest.mark.timeout(20)  # the wait for a pipe has no end


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def of_unix(folder: Path) -> Path:
    here = os.open(".", os.O_RDONLY)
    os.chdir(folder)  # the name of a socket has at most 107 bytes
    socket.socket(socket.AF_UNIX).bind("socket")
    os.fchdir(here)
    os.close(here)
    return folder / "socket"


KINDS: dict[str, Callable[[Path], Path]] = {
    "a named pipe": pipe,
    "a socket": of_unix,
    "a device": lambda _: Path("/dev/zero"),
    "a folder": lambda folder: folder,
}
READERS: dict[str, Callable[[Path], object]] = {
    "bytes": lambda path: read_bounded(path, most=1_000),
    "json": read_json,
    "lines": lambda path: read_whole_lines(parse_json, path),
    "last line": lambda path: read_last_line(parse_json, path, or_else="bring it back"),
    "ledger of looks": read_ledger,
    "key": lambda path: read_private_key(path, option="signing_key"),
    "lock": lambda path: in_turn(path).__enter__(),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str, reader: str):
    path = KINDS[kind](tmp_path)
    if (kind, reader) == ("a folder", "lock"):
        pytest.skip("the system says it")
    with pytest.raises(InputError) as found:
        READERS[reader](path)
    [line] = str(found.value).splitlines()
    assert f"{path} is {kind}, not a file" in line


def test_a_link_to_a_pipe_is_refused_too(tmp_path: Path):
    (tmp_path / "link").symlink_to(pipe(tmp_path))
    with pytest.raises(InputError, match="is a named pipe"):
        read_bounded(tmp_path / "link", most=10)


def test_a_pipe_that_the_shell_hands_over_is_read(tmp_path: Path):
    reader, writer = os.pipe()

    def write() -> None:
        with os.fdopen(writer, "wb") as file:
            file.write(b"x" * 200_000)

    thread = threading.Thread(target=write)
    thread.start()
    assert len(read_bounded(Path(f"/dev/fd/{reader}"), most=1_000_000)) == 200_000
    thread.join()
    os.close(reader)


def test_a_name_of_a_pipe_with_a_line_break_is_one_line(tmp_path: Path):
    os.mkfifo(tmp_path / "a\nb")
    with pytest.raises(InputError) as found:
        read_bounded(tmp_path / "a\nb", most=10)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("depth", [65, 5_000, 1_000_000])
@pytest.mark.parametrize("ends", [("[", "]"), ('{"a":', "}")])
def test_what_is_nested_deeply_is_refused(depth: int, ends: tuple[str, str]):
    text = ends[0] * depth + "1" + ends[1] * depth
    with pytest.raises(ValueError, match="nested deeper than 64 levels"):
        parse_json(text, max_values=10_000_000)
    with pytest.raises(ValueError, match="nested|values"):
        parse_record(dict, text, 1)


def test_numbers_that_are_not_finite_are_read_where_earlier_releases_wrote_them(tmp_path: Path):
    (tmp_path / "a.json").write_text('{"a": NaN, "b": -Infinity}')
    assert read_json(tmp_path / "a.json", finite=False)["b"] == float("-inf")
    with pytest.raises(InputError, match="every number must be finite"):
        read_json(tmp_path / "a.json")


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path: Path):
    with (tmp_path / "a.json").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match=r"more than 256,000,000 bytes"):
        read_json(tmp_path / "a.json")
    (tmp_path / "b.json").write_text(json.dumps([0] * 1_000))
    with pytest.raises(InputError, match="wanted at most 100"):
        read_json(tmp_path / "b.json", max_values=100)


def test_no_reader_of_json_files_waits_or_fails_otherwise(tmp_path: Path):
    """Every reader in the package goes through the bounded one."""
    source = Path(__file__).parents[3] / "src"
    found = subprocess.run(
        ["grep", "-rnE", r"json\.loads?\([^)]*read_(bytes|text)\(", str(source)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    # the code that recipients run by themselves, and our own manifest after it was compared
    assert [line for line in found.splitlines() if "sharing/folder/readme.py" not in line] == []
