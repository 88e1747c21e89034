"""`prepare` on sources of strangers: a row or a line is at fault, never we; memory is bounded."""

import json
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from preparing import config, sentences, write_csv

from adverts.data.sources.bad_rows import read_bad_rows
from adverts.errors import InputError
from adverts.prepare import prepare

pytestmark = pytest.mark.promise

COLUMNS = {"id": "id", "text": "text", "lang": "lang"}
MEASURED = """
import sys
from adverts.prepare import main
try:
    main()
finally:
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print("peak kB", peak.split()[1])
"""


def nested(depth):
    value = "deep"
    for _ in range(depth):
        value = [value]
    return value


def odd_lines():
    """JSON lines that a stranger may write, each of which cannot be an advert."""
    cells = {"text": "odd", "label": "no", "lang": "en"}
    yield from (json.dumps(cells | {"id": "deep", name: nested(700)}) for name in cells)
    yield from (json.dumps(cells | {"id": nested(depth)}) for depth in (1, 19))
    yield '{"id": ' + "1" * 5_000 + "}"
    yield '{"id": "digits", "text": "odd", "lang": ' + "1" * 4_000 + "}"
    yield json.dumps(cells | {"id": "\ud800"})
    yield json.dumps(cells | {"id": "nul\x00"})
    yield json.dumps(cells | {"id": "escape\x1b[2J"})
    yield json.dumps(cells | {"id": "long", "text": "x" * 100_001})
    yield json.dumps(cells | {"id": "many", "label": ["no"] * 5_000})
    yield "[" * 100_000
    yield "null"


def test_every_odd_line_is_set_aside_and_the_others_are_prepared(tmp_path):
    good = [row | {"lang": "en"} for row in sentences(12, seed=0)]
    odd = list(odd_lines())
    (tmp_path / "raw").mkdir()
    text = "\n".join([*map(json.dumps, good), *odd]) + "\n"
    (tmp_path / "raw" / "adverts.jsonl").write_text(text)
    source = {"kind": "jsonl", "paths": ["adverts.jsonl"]}
    dataset = prepare(config(tmp_path, COLUMNS, source=source, on_error="quarantine"))
    bad = read_bad_rows(dataset.path / "bad_rows.jsonl")
    assert [row.row for row in bad] == list(range(13, 13 + len(odd)))
    assert dataset.manifest.num_adverts == 12
    with pytest.raises(InputError, match=f"{len(odd)} of {len(odd) + 12} rows cannot be used"):
        prepare(config(tmp_path, COLUMNS, source=source))


def test_weeks_that_no_calendar_has_are_the_fault_of_their_rows(tmp_path):
    rows = sentences(12, seed=0)
    table = {name: [row[name] for row in rows] for name in rows[0]}
    weeks = pa.array([None] * 11 + [2**61], pa.timestamp("us"))
    (tmp_path / "raw").mkdir()
    pq.write_table(pa.table(table | {"week": weeks}), tmp_path / "raw" / "a.parquet")
    source = {"kind": "parquet", "paths": ["a.parquet"]}
    columns = {"id": "id", "text": "text", "posted_week": "week"}
    dataset = prepare(config(tmp_path, columns, source=source, on_error="quarantine"))
    (bad,) = read_bad_rows(dataset.path / "bad_rows.jsonl")
    assert (bad.row, bad.field) == (12, "week")


def bomb(folder):
    places = pa.array([0] * 1_000, pa.int32())
    texts = pa.DictionaryArray.from_arrays(places, pa.array(["x" * 60_000_000]))
    table = {"id": [str(i) for i in range(1_000)], "text": texts, "label": ["no", "yes"] * 500}
    path = folder / "a.parquet"
    pq.write_table(pa.table(table), path, compression="zstd", store_schema=False)
    assert path.stat().st_size < 15_000
    return "parquet", path


def endless_line(folder):
    path = folder / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"id": "')
        file.truncate(1_300_000_000)  # a hole, that takes no place on disk
    return "jsonl", path


def endless_field(folder):
    path = folder / "a.csv"
    with path.open("wb") as file:
        file.write(b"id,text,label\n1,")
        file.truncate(1_300_000_000)
    return "csv", path


def brackets(folder):
    path = folder / "a.jsonl"
    path.write_bytes(b'{"id": [' + b"[]," * 21_000_000 + b"[]]}\n")
    return "jsonl", path


def peak_and_status(folder, kind, path):
    command = [
        sys.executable,
        "-c",
        MEASURED,
        f"data={kind}",
        "ocr=none",
        "data.on_error=quarantine",
    ]
    command += [f"data.root={folder}", f"data.source.paths=[{path.name}]", f"prepared={folder}/p"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (peak,) = [line.split()[-1] for line in done.stdout.splitlines() if line.startswith("peak kB")]
    return int(peak) * 1_000, done


@pytest.mark.slow
@pytest.mark.parametrize("write", [bomb, endless_line, endless_field, brackets])
def test_no_source_takes_a_gigabyte_more_than_an_ordinary_one(tmp_path, write):
    write_csv(tmp_path, sentences(40, seed=0))
    ordinary, done = peak_and_status(tmp_path / "raw", "csv", tmp_path / "raw" / "adverts.csv")
    assert done.returncode == 0
    (tmp_path / "hostile").mkdir()
    peak, done = peak_and_status(tmp_path / "hostile", *write(tmp_path / "hostile"))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) <= 8
    assert "Traceback" not in done.stderr
    assert peak - ordinary < 1_000_000_000
