import base64
import json
import os
import subprocess
import sys

import pytest

from adverts.runtime.__main__ import main
from adverts.runtime.stream.json_lines import SCHEMA_NAMES, schema_text

FORBIDDEN = ("torch", "transformers", "pandas", "pydantic", "yaml", "pyarrow", "mlflow", "hydra")


def run(handmade, *arguments: str, lines: str | bytes = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "adverts.runtime", str(handmade.folder), *arguments],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_lines_in_give_lines_out_in_order(handmade, grey_picture):
    picture = base64.b64encode(grey_picture(90)).decode()
    requests = [
        {"id": "a", "text": "ferry", "lang": "en"},
        {"image": picture, "ocr_text": ""},
        {"id": 7, "text": "boat", "image": [picture, picture], "ocr_text": "sale"},
    ]
    lines = "\n".join([json.dumps(request) for request in requests] + ["", "{", "[]"])
    result = run(handmade, "--no-versions", lines=lines)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0, result.stderr
    assert [answer["id"] for answer in answers] == ["a", None, 7, None, None]
    assert answers[0]["probabilities"].keys() == {"refer", "signals"}
    assert sum(answers[2]["probabilities"]["refer"].values()) == pytest.approx(1)
    assert [answer.get("line") for answer in answers] == [None, None, None, 5, 6]
    assert answers[3]["error"] == {"code": "malformed", "message": "not JSON"}
    assert answers[4]["error"] == {"code": "malformed", "message": "not a JSON object"}
    assert result.stderr == "adverts.runtime: 3 scored, 2 errors\n"


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_a_schema_is_printed_without_a_bundle(name, capsys):
    assert main(["--schema", name]) == 0
    assert capsys.readouterr().out == schema_text(name)


def test_nothing_to_do_is_one_line(capsys):
    assert main([]) == 2
    assert capsys.readouterr().err == (
        "adverts.runtime: no bundle is given; give its folder, or --schema\n"
    )


@pytest.mark.parametrize(
    ("redirection", "message"),
    [
        ("<&-", "standard input is closed"),
        (">&-", "standard output is closed"),
        ("> /dev/full", "No space left on device"),
        ("--verify > /dev/full", "No space left on device"),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_stream_that_cannot_be_used_is_one_line(handmade, redirection, message, unbuffered):
    command = f'exec "$0" -m adverts.runtime "$1" {redirection}'
    result = subprocess.run(
        ["bash", "-c", command, sys.executable, str(handmade.folder)],
        input='{"text": "ferry"}\n',
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    )
    assert result.returncode == 2
    [line] = result.stderr.splitlines()
    assert message in line


def test_a_reader_that_goes_away_ends_the_stream_quietly(handmade):
    command = 'yes \'{"text": "ferry"}\' | head -n 3000 | "$0" -m adverts.runtime "$1" | head -n 1'
    result = subprocess.run(
        ["bash", "-c", command, sys.executable, str(handmade.folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert json.loads(result.stdout)["error"] is None
    assert result.stderr == ""


def test_a_changed_file_is_one_line_and_status_two(handmade):
    (handmade.folder / "tokenizer.json").write_text("{}")
    result = run(handmade, lines='{"text": "boat"}')
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("adverts.runtime: ")
    assert result.stderr.count("\n") == 1


def test_the_training_stack_is_never_imported(handmade, grey_picture):
    picture = base64.b64encode(grey_picture(90)).decode()
    code = (
        "import base64, sys\n"
        "from adverts.runtime import Classifier\n"
        f"c = Classifier.load({str(handmade.folder)!r})\n"
        f"p = c.predict(texts=['boat'], images=[base64.b64decode({picture!r})], ocr=['sale'])\n"
        "assert p[0].error is None\n"
        "import adverts.runtime.__main__\n"
        f"print([name for name in {FORBIDDEN!r} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout.strip() == "[]"


def test_importing_the_runtime_does_not_start_onnxruntime():
    code = "import sys, adverts.runtime; print('onnxruntime' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout.strip() == "False"
