"""The example of a web service answers as the command line does; its image has what it needs."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICE, BUNDLE = ROOT / "docs" / "service", ROOT / "tests" / "bundles" / "5.0-text"
ADVERTS = [
    {"id": "a", "text": "Boat for sale, 4 m, with trailer", "lang": "en"},
    {"id": 7, "text": ["no", "text"]},
    {"caption": "no part that is known"},
    {"id": "empty", "text": ""},
]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a running service; it is stopped at the end, and must end by itself then."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("service") / "log"
    settings = {"ADVERTS_BUNDLE": str(BUNDLE), "ADVERTS_REQUIRE_GATE": "no", "ADVERTS_THREADS": "1"}
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--app-dir",
        SERVICE,
        "app:app",
        "--port",
        str(port),
    ]
    with log.open("w") as told:
        running = subprocess.Popen(
            command, env=os.environ | settings, cwd=log.parent, stdout=told, stderr=told
        )
    try:
        for _ in range(600):
            assert running.poll() is None, log.read_text()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) in (0, -signal.SIGTERM)


def call(address, path, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        address + path, data, {"content-type": "application/json", **headers}
    )
    with urllib.request.urlopen(request, timeout=60) as said:
        return json.loads(said.read())


def test_a_service_answers_as_the_command_line_does(address):
    lines = "".join(f"{json.dumps(one)}\n" for one in ADVERTS)
    done = subprocess.run(
        [sys.executable, "-m", "adverts.runtime", BUNDLE],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
    )
    wanted = [json.loads(line) for line in done.stdout.splitlines()]
    for one in wanted:
        one.pop("line", None)
    assert call(address, "/score", {"adverts": ADVERTS})["answers"] == wanted
    assert [one.get("error") is not None for one in wanted] == [False, True, True, False]


def test_it_says_which_model_answers(address):
    assert re.fullmatch(r"[0-9a-f]{64}", call(address, "/health")["bundle"])


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({"adverts": [{"text": "x"}] * 101}, {}, 413),
        ({"adverts": "text"}, {}, 422),
        ({}, {}, 422),
        ({"adverts": [7]}, {}, 422),
        ({"adverts": []}, {"content-length": "64000001"}, 413),
    ],
)
def test_what_it_does_not_take_is_an_error_of_the_caller(address, body, headers, status):
    with pytest.raises(urllib.error.HTTPError) as refused:
        call(address, "/score", body, **headers)
    assert refused.value.code == status
    assert call(address, "/score", {"adverts": []}) == {"answers": []}, "it goes on"


def test_it_needs_no_package_of_the_workshop():
    script = (
        f"import sys; sys.path.insert(0, {str(SERVICE)!r}); import app; "
        "print(*sorted({'torch', 'transformers', 'pandas', 'mlflow', 'onnx'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_the_image_copies_files_that_exist_and_starts_this_service():
    lines = re.sub(r"\\\n", " ", (SERVICE / "Dockerfile").read_text()).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    for step, words in steps:
        if step == "COPY":
            assert all((ROOT / name).exists() for name in words.split()[:-1]), words
    assert ["USER", "10001"] in steps
    (start,) = (json.loads(words) for step, words in steps if step == "CMD")
    assert start[:4] == ["uvicorn", "--app-dir", "/app", "app:app"]
    (install,) = (words for step, words in steps if step == "RUN")
    assert install.startswith("pip install --no-cache-dir /source fastapi uvicorn")
