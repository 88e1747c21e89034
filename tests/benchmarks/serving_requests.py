"""Requests to a served model, valid and hostile, and what a right reply to each is."""

from __future__ import annotations

import base64
import json
import math
import random
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Answer = Mapping[str, float]
"""Probabilities of one advert by ``<task>.<label>``."""
TOLERANCE = 1e-5
"""Of a probability: a sum in float32 depends on how far its row was padded beside others."""
_JSON = {"Content-Type": "application/json"}
_PATH = "/invocations"


@dataclass(frozen=True)
class Request:
    """One request, and what is known of its rows.

    Attributes:
        kind: For the table.
        method: Of HTTP.
        path: Of the server.
        headers: With the content type.
        body: As it is sent.
        rows: Of each row the advert that it holds; None for a hostile row, of which only an error
            or any answer is wanted, not a certain one.
        refused: A status of 400 to 499 is a right reply.
        answered: An answer row by row is a right reply.
        cut: The body ends early and the connection is closed: no reply is wanted.
        parsers_own: The server's own JSON parser answers it, with a status of 500, before anything
            of ours is asked: counted apart.
    """

    kind: str
    method: str = "POST"
    path: str = _PATH
    headers: Mapping[str, str] = field(default_factory=lambda: dict(_JSON))
    body: bytes = b""
    rows: tuple[int | None, ...] = ()
    refused: bool = False
    answered: bool = False
    cut: bool = False
    parsers_own: bool = False


def judge(request: Request, status: int, body: bytes, known: Sequence[Answer]) -> str:
    """Return ``right``, ``crossed`` (the answer of another advert) or ``wrong: why``."""
    if 400 <= status < 500:
        return "right" if request.refused else f"wrong: status {status}"
    if status == 500 and request.parsers_own:
        return "the server's own parser: status 500"
    if status != 200 or not request.answered:
        return f"wrong: status {status}"
    return _judge_rows(request.rows, body, known) if request.rows else "right"


def _judge_rows(wanted: Sequence[int | None], body: bytes, known: Sequence[Answer]) -> str:
    try:
        rows = json.loads(body, parse_constant=_refuse)["predictions"]
    except (ValueError, KeyError, TypeError):
        return "wrong: not JSON with predictions"
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return "wrong: predictions are no rows"
    if len(rows) != len(wanted):
        return f"wrong: {len(rows)} rows of {len(wanted)}"
    verdicts = [
        _judge_row(row, i, known) for row, i in zip(rows, wanted, strict=True) if i is not None
    ]
    return next((verdict for verdict in verdicts if verdict != "right"), "right")


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON; a strict client would not read it")


def _judge_row(row: Mapping[str, object], wanted: int, known: Sequence[Answer]) -> str:
    if "id" in row and row["id"] not in (None, name_of(wanted)):
        return "crossed"
    if row.get("error") is not None:
        return "wrong: an error"
    if _agrees(row, known[wanted]):
        return "right"
    return "crossed" if any(_agrees(row, other) for other in known) else "wrong: probabilities"


def _agrees(row: Mapping[str, object], answer: Answer) -> bool:
    for name, value in answer.items():
        found = row.get(name)
        if not isinstance(found, int | float) or not math.isclose(
            found, value, rel_tol=0, abs_tol=TOLERANCE
        ):
            return False
    return True


def name_of(i: int) -> str:
    """Return the id of an advert, by its place among the texts."""
    return f"advert-{i}"


def valid(rng: random.Random, texts: Sequence[str]) -> Request:
    """Return a request of 1 to 16 adverts in either form that MLflow reads."""
    chosen = rng.sample(range(len(texts)), min(len(texts), rng.choice((1, 1, 1, 2, 4, 16))))
    rows = [{"id": name_of(i), "text": texts[i]} for i in chosen]
    if rng.random() < 0.5:
        data = [list(row.values()) for row in rows]
        table: object = {"dataframe_split": {"columns": list(rows[0]), "data": data}}
    else:
        table = {"dataframe_records": rows}
    body = json.dumps(table, ensure_ascii=rng.random() < 0.5).encode()
    return Request(f"valid, {len(chosen)} rows", body=body, rows=tuple(chosen), answered=True)


def hostile(rng: random.Random, texts: Sequence[str]) -> Request:
    """Return one of :data:`HOSTILE`, drawn evenly but for the heavy ones, which are rare."""
    make = rng.choices(HOSTILE, [1 if one in _HEAVY else 8 for one in HOSTILE])[0]
    return make(rng, texts)


def _beside(rng: random.Random, texts: Sequence[str], kind: str, bad: object) -> Request:
    """Return a table whose middle row is hostile and whose others must be answered rightly."""
    first, last = rng.randrange(len(texts)), rng.randrange(len(texts))
    rows = [{"text": texts[first]}, bad, {"text": texts[last]}]
    body = json.dumps({"dataframe_records": rows}).encode()
    return Request(kind, body=body, rows=(first, None, last), refused=True, answered=True)


def _malformed(rng: random.Random, texts: Sequence[str]) -> Request:
    body = rng.choice(
        [b"", b"{", b"[1, 2", b"\xff\xfe", b"null", b'"text"', b"{}", b"[]", b"1e999"]
    )
    return Request("malformed JSON", body=body, refused=True)


def _other_type(rng: random.Random, texts: Sequence[str]) -> Request:
    kind = rng.choice(["text/plain", "application/xml", "image/png", ""])
    return Request("another content type", headers={"Content-Type": kind}, body=b"x", refused=True)


def _no_column(rng: random.Random, texts: Sequence[str]) -> Request:
    body = b'{"dataframe_records": [{"txet": "a"}]}'
    return Request("missing columns", body=body, refused=True)


def _ragged(rng: random.Random, texts: Sequence[str]) -> Request:
    body = b'{"dataframe_split": {"columns": ["text"], "data": [["a", "b"], []]}}'
    return Request("ragged rows", body=body, refused=True)


def _nested(rng: random.Random, texts: Sequence[str]) -> Request:
    bad = rng.choice([{"text": {"a": ["b"]}}, {"text": [["a"]]}, {"text": [1, None]}])
    return _beside(rng, texts, "nested values", bad)


def _numbers(rng: random.Random, texts: Sequence[str]) -> Request:
    bad = {"text": rng.choice([float("nan"), float("inf"), 7, -1.5, True, None, 10**30])}
    return _beside(rng, texts, "NaN and numbers", bad)


def _long(rng: random.Random, texts: Sequence[str]) -> Request:
    return _beside(rng, texts, "10 MB of text", {"text": "boat " * 2_000_000})


def _odd_text(rng: random.Random, texts: Sequence[str]) -> Request:
    bad = {"text": rng.choice(["\x00", "\ud800", "\u202e" * 500, "e" + "\u0301" * 5_000, ""])}
    return _beside(rng, texts, "odd characters", bad)


def _no_picture(rng: random.Random, texts: Sequence[str]) -> Request:
    bad = {"text": "a", "image": rng.choice(["%%%", "AAAA", "A", "é", "data:image/png;base64,AA"])}
    return _beside(rng, texts, "no picture in base64", bad)


def _bomb(rng: random.Random, texts: Sequence[str]) -> Request:
    picture = base64.b64encode(bomb(50_000, 50_000)).decode()
    return _beside(rng, texts, "picture bomb", {"text": "a", "image": picture})


def _deep(rng: random.Random, texts: Sequence[str]) -> Request:
    body = b'{"dataframe_records": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    return Request("deep nesting", body=body, refused=True, parsers_own=True)


def _method(rng: random.Random, texts: Sequence[str]) -> Request:
    method = rng.choice(["GET", "PUT", "DELETE", "PATCH"])
    return Request("another method", method=method, body=b"{}", refused=True)


def _nowhere(rng: random.Random, texts: Sequence[str]) -> Request:
    path = rng.choice(["/../../etc/passwd", "/nothing", "/invocations/%00", "/" + "a" * 5_000])
    return Request("no such path", method="GET", path=path, refused=True)


def _cut(rng: random.Random, texts: Sequence[str]) -> Request:
    return Request("cut off", body=b'{"dataframe_records": [{"text": "a', cut=True)


def _ping(rng: random.Random, texts: Sequence[str]) -> Request:
    return Request("ping", method="GET", path="/ping", answered=True)


HOSTILE: tuple[Callable[[random.Random, Sequence[str]], Request], ...] = (
    _malformed,
    _other_type,
    _no_column,
    _ragged,
    _nested,
    _numbers,
    _long,
    _odd_text,
    _no_picture,
    _bomb,
    _deep,
    _method,
    _nowhere,
    _cut,
    _ping,
)
_HEAVY = (_long, _bomb, _deep)


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is a huge grey picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        tail = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + tail

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\x00" * 1_000_000)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
