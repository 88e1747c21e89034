"""The second process of ``bench_serving``: asks a served model, and checks every reply.

Told in JSON on standard input: ``bundle``, ``port``, ``seconds``, ``threads``, ``texts``, ``seed``;
prints one JSON object. Talks to 127.0.0.1 alone, for so many seconds and no longer.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from serving_requests import Answer, Request, hostile, judge, valid

from adverts.runtime import Classifier

HOST = "127.0.0.1"
_HOSTILE_SHARE = 0.3
_TIMEOUT_S = 60
_MOST = 100_000  # requests of one thread


@dataclass
class Seen:
    """What one thread saw."""

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    valid_s: list[float] = field(default_factory=list)
    rows: int = 0
    reopened: Counter[str] = field(default_factory=Counter)
    """By the kind of request before: connections that were closed before a reply began."""


def main() -> None:
    """Ask until the time is up, and print what was seen."""
    told = json.load(sys.stdin)
    known = offline_answers(told["bundle"], told["texts"])
    until = time.monotonic() + told["seconds"]
    seen = [Seen() for _ in range(told["threads"])]
    threads = [
        threading.Thread(
            target=_ask,
            args=(one, told["port"], told["texts"], known),
            kwargs={"rng": random.Random(f"{told['seed']}/{i}"), "until": until},
        )
        for i, one in enumerate(seen)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdicts = sum((one.verdicts for one in seen), Counter())
    said = {
        "seconds": time.monotonic() - began,
        "verdicts": [[*key, count] for key, count in sorted(verdicts.items())],
        "valid_s": [second for one in seen for second in one.valid_s],
        "rows": sum(one.rows for one in seen),
        "reopened": sum((one.reopened for one in seen), Counter()),
    }
    print(json.dumps(said))


def offline_answers(bundle: str, texts: Sequence[str]) -> list[Answer]:
    """Return what the bundle says of each text without a server."""
    classifier = Classifier.load(bundle, threads=1)
    answers = []
    for one in classifier.predict(texts=list(texts)):
        answer: dict[str, float] = {}
        for task in classifier.tasks:
            values = one.probabilities[task.name]
            for i, label in enumerate(task.labels):
                told = values[label] if isinstance(values, Mapping) else values[i]
                answer[f"{task.name}.{label}"] = told
        answers.append(answer)
    return answers


def _ask(
    seen: Seen,
    port: int,
    texts: Sequence[str],
    known: Sequence[Answer],
    *,
    rng: random.Random,
    until: float,
) -> None:
    connection, before = http.client.HTTPConnection(HOST, port, timeout=_TIMEOUT_S), "none"
    for _ in range(_MOST):
        if time.monotonic() >= until:
            break
        request = hostile(rng, texts) if rng.random() < _HOSTILE_SHARE else valid(rng, texts)
        began = time.perf_counter()
        if request.cut:
            verdict = _send_cut(port, request)
        else:
            verdict, reopened = _send(connection, request, known)
            seen.reopened[before] += reopened
            before = request.kind
        seen.verdicts[request.kind, verdict] += 1
        if request.answered and not request.refused and request.rows:
            seen.valid_s.append(time.perf_counter() - began)
            seen.rows += len(request.rows)
    connection.close()


def _send(
    connection: http.client.HTTPConnection, request: Request, known: Sequence[Answer]
) -> tuple[str, bool]:
    """Return the verdict on the reply, ``lost`` where there is none, and whether it took two tries.

    A server may close a connection that waits for its next request, so one that was used before
    and is closed without a word is opened anew, once, as clients do (RFC 9112, section 9.3.1).
    """
    was_used = connection.sock is not None
    try:
        status, body = _ask_once(connection, request)
    except (ConnectionError, http.client.RemoteDisconnected) as error:
        connection.close()
        if not was_used:
            return f"lost: {type(error).__name__}", False
        return _send(connection, request, known)[0], True
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return f"lost: {type(error).__name__}", False
    return judge(request, status, body, known), False


def _ask_once(connection: http.client.HTTPConnection, request: Request) -> tuple[int, bytes]:
    connection.request(request.method, request.path, request.body, dict(request.headers))
    reply = connection.getresponse()
    return reply.status, reply.read()


def _send_cut(port: int, request: Request) -> str:
    """Promise a long body, send a part and hang up."""
    head = f"{request.method} {request.path} HTTP/1.1\r\nHost: {HOST}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    try:
        with socket.create_connection((HOST, port), timeout=_TIMEOUT_S) as one:
            one.sendall(head.encode() + request.body)
    except OSError as error:
        return f"lost: {type(error).__name__}"
    return "right"


if __name__ == "__main__":
    main()
