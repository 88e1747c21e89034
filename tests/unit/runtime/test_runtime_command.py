import base64
import json
import subprocess
import sys

import pytest

from adverts.runtime import Classifier
from adverts.runtime.__main__ import main
from adverts.runtime.coverage import Coverage, CoveredSlice
from adverts.runtime.lines import predict_lines

FORBIDDEN = ("torch", "transformers", "pandas", "pydantic", "yaml", "pyarrow", "mlflow", "hydra")

QUALITY = (
    '{"text": "boat", "ocr_quality": {"confidence": %s, "smallest_text_px": 9, '
    '"sharpness": 0.5, "lines": 2, "unread_lines": 1}}'
)


def write_examples(handmade, **changes) -> None:
    classifier = Classifier.load(handmade.folder)
    (response,) = classifier.predict(texts=["ferry sale"])
    said = response.probabilities
    entry = {"id": "one", "text": "ferry sale", "probabilities": said} | changes
    path = handmade.folder / "examples.json"
    path.write_text(json.dumps({"tolerance": 1e-4, "examples": [entry]}))
    handmade.rewrite()


def run(handmade, *arguments: str, lines: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "adverts.runtime", str(handmade.folder), *arguments],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_line_tells_its_language_and_is_told_where_the_model_abstains(handmade):
    judged = CoveredSlice("en", "text", "supported", "meets precise")
    left = Coverage((CoveredSlice("fa", "text", "abstain", "2 clusters"), judged))
    (handmade.folder / "coverage.json").write_text(left.to_json())
    handmade.rewrite()
    lines = [f'{{"text": "boat", "lang": {lang}}}' for lang in ('"fa"', '"en"', "7")]
    marked, plain, bad = map(json.loads, predict_lines(Classifier.load(handmade.folder), lines))
    assert marked["review_band"] == "abstain"
    assert "leave it to a person: 2 clusters" in marked["reason"]
    assert marked["probabilities"] == plain["probabilities"]
    assert "leave it to a person" not in plain["reason"]
    assert bad["error"] == "lang is of type int, wanted a text"


def test_lines_in_give_lines_out_in_order(handmade, grey_picture):
    picture = base64.b64encode(grey_picture(90)).decode()
    requests = [
        {"id": "a", "text": "ferry", "lang": "en"},
        {"image": picture},
        {"id": 7, "text": "boat", "image": [picture, picture], "ocr_text": "sale"},
    ]
    lines = "\n".join([json.dumps(request) for request in requests] + ["", "{", "[]"])
    result = run(handmade, lines=lines)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0, result.stderr
    assert [answer["id"] for answer in answers] == ["a", None, "7", None, None]
    assert answers[0]["probabilities"].keys() == {"refer", "signals"}
    assert sum(answers[2]["probabilities"]["refer"].values()) == pytest.approx(1)
    assert answers[3] == {"id": None, "line": 5, "error": "not JSON"}
    assert answers[4] == {"id": None, "line": 6, "error": "not a JSON object"}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"txt": "boat"}', "none of the keys text, image, ocr_text"),
        (
            '{"text": "boat", "ocr_quality": {"confidence": 1}}',
            "ocr_quality wants exactly the keys confidence, small",
        ),
        (QUALITY % "-1", "confidence of OCR quality wants a number from 0 to 1"),
        (QUALITY % "95", "confidence of OCR quality wants a number from 0 to 1"),
        (QUALITY % f"1{'0' * 400}", "confidence of OCR quality wants a number from 0 to 1"),
        (QUALITY % "NaN", "confidence of OCR quality wants a number from 0 to 1"),
        (QUALITY % "true", "confidence of OCR quality wants a number from 0 to 1"),
        (QUALITY % '"high"', "confidence of OCR quality wants a number from 0 to 1"),
        ('{"text": 3}', "text is of type int, wanted a text"),
        ('{"image": "%%%"}', "image is not base64"),
        ('{"image": 3}', "image is of type int, wanted base64 text"),
        ('{"image": "aGVsbG8=", "ocr_text": ""}', "not a picture of a known format"),
        ('{"text": "half \\ud83d pair", "id": "\\ud83d"}', "text holds half of a surrogate pair"),
    ],
)
def test_a_bad_line_is_answered_and_the_next_one_too(handmade, line, error):
    classifier = Classifier.load(handmade.folder)
    bad, good = map(json.loads, predict_lines(classifier, [line, '{"text": "boat"}']))
    assert bad["error"].startswith(error)
    assert bad["line"] == 1
    assert "probabilities" in good


@pytest.mark.parametrize(
    ("redirection", "message"),
    [("<&-", "standard input is closed"), ("> /dev/full", "No space left on device")],
)
def test_a_stream_that_cannot_be_used_is_one_line(handmade, redirection, message):
    command = f'exec "$0" -m adverts.runtime "$1" {redirection}'
    result = subprocess.run(
        ["bash", "-c", command, sys.executable, str(handmade.folder)],
        input='{"text": "ferry"}\n',
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 2
    [line] = result.stderr.splitlines()
    assert message in line


def test_verify_says_fit(handmade):
    write_examples(handmade)
    result = run(handmade, "--verify")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "tiny: fit for this machine"


def test_verify_refuses_a_planted_wrong_expectation(handmade, capsys):
    write_examples(handmade, text="ferry boat")
    assert main([str(handmade.folder), "--verify"]) == 1
    assert "the examples differ by up to" in capsys.readouterr().err


def test_verify_refuses_examples_of_other_labels(handmade, capsys):
    write_examples(handmade, probabilities={"refer": {"yes": 0.5, "no": 0.5}})
    assert main([str(handmade.folder), "--verify"]) == 2
    assert "other tasks or labels" in capsys.readouterr().err


def test_verify_without_examples_is_refused(handmade, capsys):
    assert main([str(handmade.folder), "--verify"]) == 2
    assert "examples.json cannot be read" in capsys.readouterr().err


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
