"""Files that ``prepare`` reads: hostile cells in a few rows among ordinary ones."""

from __future__ import annotations

import bz2
import gzip
import http.server
import io
import json
import random
import socket
import tarfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from preparing import config, sentences

from fuzz.measured import Case, Draw
from fuzz.values import draw_size, hostile_text, json_text, size_between, text_of, text_shape

_SECONDS = 12.0
_ROWS = 40
_CANARY = "canary of another folder"
_COLUMNS = ("lang", "platform", "posted_week", "account", "script", "inclusion_probability")


def _kind(kind: str) -> Draw:
    """Return a draw of sources of one kind with something hostile in them."""

    def draw(rng: random.Random, folder: Path, number: int) -> Case:
        del number
        rows = [dict(row) for row in sentences(_ROWS, seed=rng.randrange(1000))]
        for row in rows:
            row |= {"lang": "en", "platform": "forum", "posted_week": "2026-W30", "account": "a1"}
            row |= {"script": "Latn", "inclusion_probability": "0.5"}
        raw = folder / "raw"
        raw.mkdir(parents=True)
        family = _WRITERS[kind](rng, raw, rows)

        def run() -> Sequence[str]:
            from adverts.errors import AdvertsError

            with _Listener() as listener:
                try:
                    signs = _prepared(folder, kind)
                except AdvertsError:
                    if not listener.asked:
                        raise
                    signs = []
            return [*signs, *["it asked the network"] * listener.asked]

        size = sum(one.stat().st_size for one in raw.rglob("*.*") if one.is_file())
        return Case("sources", f"{kind}, {family}", size, _SECONDS, run)

    return draw


def _prepared(folder: Path, kind: str) -> Sequence[str]:
    import pyarrow.parquet as pq

    from adverts.prepare import prepare

    columns = {"id": "id", "text": "text"} | {name: name for name in _COLUMNS}
    ends = {"csv": "adverts.csv", "jsonl": "adverts.jsonl", "parquet": "adverts.parquet"}
    source: dict[str, object] = {"kind": kind, "paths": [ends.get(kind, "")]}
    if kind == "hub":
        columns = {"id": None, "text": "text"}
        source = {"kind": "hub", "id": "set", "revision": None, "subset": None}
        source["splits"] = ["train"]
    if kind == "tar":
        columns |= {"id": "__key__", "image": "image"}
        source["paths"] = ["adverts.tar*"]
    dataset = prepare(config(folder, columns, source=source, on_error="quarantine"))
    shards = dataset.path.rglob("*.parquet")
    leaked = any(_CANARY in str(pq.read_table(one).to_pydict()) for one in shards)
    return ["it read a file outside the folder"] * leaked


def _bound() -> socket.socket:
    """Return a port of the loopback interface; every case listens there in its own process."""
    port = socket.socket()
    port.bind(("127.0.0.1", 0))
    return port


PORT = _bound()
ADDRESS = "http://{}:{}".format(*PORT.getsockname())


class _Listener:
    """A server on the loopback interface that says who asks: a card, or for the hub itself."""

    asked = False

    def __enter__(self) -> _Listener:
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listener.asked = True
                self.send_response(404)
                self.end_headers()

            do_HEAD = do_GET
            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        address = ("127.0.0.1", PORT.getsockname()[1])
        self._server = http.server.ThreadingHTTPServer(address, Handler, bind_and_activate=False)
        self._server.socket.close()
        self._server.socket = PORT
        self._server.server_activate()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _cell(rng: random.Random) -> object:
    """Return a hostile cell; most are texts."""
    if rng.random() < 0.6:
        return hostile_text(rng)
    if rng.random() < 0.5:  # a number, as people write amounts, telephones and codes
        before = rng.choice(("", "", "-", "+1 ", "+", "0.", "1e", "£", "#"))
        return before + str(rng.randint(1, 9)) * draw_size(rng, 1e5)
    edges = ("1e999", "-1", "nan", "")
    dates = ("0000-W00", "9999-W53", "2026-W99", "99999999999-01-01", "-5000-01-01T00:00:00Z")
    return rng.choice((*edges, *dates))


def _spoilt(rng: random.Random, rows: list[dict[str, str]]) -> list[dict[str, object]]:
    spoilt: list[dict[str, object]] = [dict(row) for row in rows]
    for _ in range(rng.randint(1, 3)):
        row = rng.choice(spoilt)
        row["text" if rng.random() < 0.5 else rng.choice(list(row))] = _cell(rng)
    return spoilt


def _csv(rng: random.Random, raw: Path, rows: list[dict[str, str]]) -> str:
    spoilt = _spoilt(rng, rows)
    quote = '"{}"'.format
    lines = [",".join(spoilt[0])]
    for row in spoilt:
        cells = (str(one).replace('"', '""') for one in row.values())
        lines.append(",".join(map(quote, cells)))
    if rng.random() < 0.2:
        lines.insert(rng.randint(0, len(lines)), hostile_text(rng))
    data = "\n".join(lines).encode(rng.choice(("utf-8", "utf-8", "utf-16", "latin-1")), "replace")
    (raw / "adverts.csv").write_bytes(data)
    return "cells"


def _jsonl(rng: random.Random, raw: Path, rows: list[dict[str, str]]) -> str:
    lines = [json.dumps(row) for row in _spoilt(rng, rows)]
    if rng.random() < 0.6:
        row = dict(rows[0]) | {"id": "new"}
        row[rng.choice(list(row))] = "@@hole@@"
        lines.append(json.dumps(row).replace('"@@hole@@"', json_text(rng, draw_size(rng, 3e7))))
    if rng.random() < 0.2:
        lines.append(json_text(rng, draw_size(rng, 3e7)))
    (raw / "adverts.jsonl").write_text("\n".join(lines), errors="replace")
    return "values"


def _parquet(rng: random.Random, raw: Path, rows: list[dict[str, str]]) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(rows)
    name = rng.choice(table.column_names)
    place = table.column_names.index(name)
    family, column = _arrow_column(rng, len(rows))
    table = table.set_column(place, name, column)
    options = {"compression": rng.choice(("zstd", "snappy", "none")), "use_dictionary": True}
    pq.write_table(table, raw / "adverts.parquet", **options)
    return f"{family} in {name}"


def _arrow_column(rng: random.Random, count: int) -> tuple[str, object]:
    """Return what a column holds, and one of a hostile type, value or length."""
    import pyarrow as pa

    numbers = [rng.choice((0, -1, 2**63 - 1, -(2**63), 10**15)) for _ in range(count)]
    match rng.randrange(6):
        case 0:  # one long value in every row: a dictionary packs it once
            value = text_of(text_shape(rng), draw_size(rng, 3e7))
            value = value.encode("utf-8", "replace").decode()
            indices = pa.array([0] * count, pa.int32())
            return "long texts", pa.DictionaryArray.from_arrays(indices, pa.array([value]))
        case 1:
            unit = rng.choice(("s", "ms", "us", "ns"))
            if unit == "s":  # the format writes milliseconds
                numbers = [number // 1_001 for number in numbers]
            return "times", pa.array(numbers, pa.timestamp(unit, rng.choice((None, "UTC"))))
        case 2:
            return "dates", pa.array([number % 2**31 for number in numbers], pa.date32())
        case 3:
            kind, value = pa.string(), "deep"
            nested: object = value
            for _ in range(size_between(rng, 1, 2_000)):
                kind, nested = pa.list_(kind), [nested]
            return "nested lists", pa.array([nested] * count, kind)
        case 4:
            data = b"\xff\xfe" * size_between(rng, 1, 1e5)
            return "bytes", pa.array([data] * count, pa.binary())
        case _:
            edge = float(rng.choice(("nan", "inf", "-1e308")))
            return "edges", pa.array([edge] * count, pa.float64())


def _hub(rng: random.Random, raw: Path, rows: list[dict[str, str]]) -> str:
    """Write a folder whose card says where its data is; some of that is elsewhere."""
    _canary(raw.parent, rows)
    inside = raw / "set"
    inside.mkdir()
    _jsonl_plain(inside / "train.jsonl", rows)
    files = rng.choice(
        (
            "train.jsonl",
            "../outside.jsonl",
            str((raw.parent / "raw" / "outside.jsonl").absolute()),
            f"{ADDRESS}/rows.jsonl",
            f"file://{(raw / 'outside.jsonl').absolute()}",
            "link.jsonl",
            "**/*.jsonl",
            hostile_text(rng, 1e4),
        )
    )
    if rng.random() < 0.3:
        (inside / "link.jsonl").symlink_to(raw / "outside.jsonl")
    card: Mapping[str, object] = {"configs": [{"config_name": "default", "data_files": files}]}
    if rng.random() < 0.5:
        entries = [{"split": "train", "path": files}]
        card = {"configs": [{"config_name": "default", "data_files": entries}]}
    (inside / "README.md").write_text(f"---\n{json.dumps(card)}\n---\n")
    return "a card"


def _canary(folder: Path, rows: list[dict[str, str]]) -> None:
    outside = [{"text": f"{_CANARY} {row['text']}", "label": row["label"]} for row in rows]
    _jsonl_plain(folder / "raw" / "outside.jsonl", outside)


def _jsonl_plain(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _tar(rng: random.Random, raw: Path, rows: list[dict[str, str]]) -> str:
    """Write an archive with hostile members, compressed or not, and often damaged."""
    _canary(raw.parent, rows)
    buffer = io.BytesIO()
    form = rng.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))
    with tarfile.open(fileobj=buffer, mode="w", format=form, errors="surrogateescape") as archive:
        for row in _spoilt(rng, rows):
            name = str(row.pop("id"))[:5_000].encode("utf-8", "replace").decode()
            _member(archive, f"{name}.json", json.dumps(row).encode())
            if rng.random() < 0.1:
                odd = rng.choice(("../../outside", "/etc/passwd", "a" * 3_000, "\udcff", ".", "a/"))
                info = tarfile.TarInfo(rng.choice((f"{odd}.txt", f"{name}.jpg", odd)))
                info.type = rng.choice((b"0", b"1", b"2", b"3", b"5", b"6", b"7", b"M", b"V"))
                info.linkname = str((raw / "outside.jsonl").absolute())
                archive.addfile(info)
    data = bytearray(buffer.getvalue())
    family = rng.choice(("members", "changed", "cut", "twice", "sizes"))
    match family:
        case "changed":
            for _ in range(rng.randint(1, 9)):
                data[rng.randrange(len(data))] = rng.randrange(256)
        case "cut":
            del data[rng.randrange(1, len(data)) :]
        case "twice":
            data += bytes(data)
        case "sizes":
            info = tarfile.TarInfo("huge.txt")
            info.type = rng.choice((b"0", b"x", b"g", b"L", b"K", b"S"))
            info.size = size_between(rng, 1, 2.0**62)
            data[0:0] = info.tobuf(tarfile.GNU_FORMAT)
    suffix, packed = rng.choice((("", bytes), (".gz", gzip.compress), (".bz2", bz2.compress)))
    (raw / f"adverts.tar{suffix}").write_bytes(packed(bytes(data)))
    return f"{family}{suffix}"


def _member(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


_WRITERS = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet, "hub": _hub, "tar": _tar}
KINDS = {kind: _kind(kind) for kind in _WRITERS}
