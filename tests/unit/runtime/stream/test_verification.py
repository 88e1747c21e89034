"""A bundle that is not what was exported, or does not answer the same here, is refused by name."""

import json
from dataclasses import replace
from importlib import metadata
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from jsonschema import Draft202012Validator

from adverts.bundle.export.fictional_examples import _TEXTS, example_adverts, examples_json
from adverts.errors import IntegrityError
from adverts.inputs.contacts import masking
from adverts.inputs.contacts.masking import mask_contacts
from adverts.runtime import Classifier, open_bundle
from adverts.runtime.__main__ import main
from adverts.runtime.opening import machine
from adverts.runtime.opening.machine import in_range, instructions
from adverts.runtime.rules.coverage import Coverage, CoveredSlice
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds
from adverts.runtime.stream.examples import read_examples, replay_texts
from adverts.runtime.stream.json_lines import schema_text


def with_threshold(value):
    return DecisionRules(thresholds=Thresholds((Threshold("refer", "yes", "recall", 0.95, value),)))


@pytest.fixture
def exported(handmade):
    """A hand-made bundle with its examples, as the export writes them."""
    for name, text in with_threshold(0.4).files().items():
        (handmade.folder / name).write_text(text)
    handmade.rewrite(runs_on={"onnxruntime": ">=1.20", "instructions": "another"})
    classifier = Classifier.load(handmade.folder, threads=1)
    (handmade.folder / "examples.json").write_text(examples_json(classifier, tolerance=1e-4))
    handmade.rewrite(runs_on={"onnxruntime": ">=1.20", "instructions": "another"})
    return handmade


def rewritten(exported, **changes):
    runs_on = {"onnxruntime": ">=1.20", "instructions": "another"}
    exported.rewrite(**({"runs_on": runs_on} | changes))


def verify(exported, capsys):
    status = main([str(exported.folder), "--verify", "--json"])
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["fit"] == (status == 0)
    return status, verdict


def test_a_bundle_as_it_was_exported_is_fit(exported, capsys):
    assert main([str(exported.folder), "--verify"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == "tiny: fit for this machine"
    assert any(line.startswith("20 examples give the recorded") for line in told)
    assert f"{len(_TEXTS)} texts are masked and folded as recorded" in told
    status, verdict = verify(exported, capsys)
    assert status == 0
    assert [check["name"] for check in verdict["checks"]] == [
        "files",
        "papers",
        "onnxruntime",
        "processor",
        "masking",
        "examples",
    ]
    assert verdict["versions"]["bundle"] == Classifier.load(exported.folder).manifest.identity()
    assert verdict["machine"]["onnxruntime"] == metadata.version("onnxruntime")


def test_one_changed_weight_is_refused(exported, capsys):
    path = exported.folder / "model.onnx"
    model = onnx.load(path)
    [stored] = [one for one in model.graph.initializer if one.name == "table"]
    table = onnx.numpy_helper.to_array(stored).copy()
    table[1, 1] += 0.5
    stored.CopyFrom(onnx.numpy_helper.from_array(table, "table"))
    path.write_bytes(model.SerializeToString())
    status, verdict = verify(exported, capsys)
    assert status == 2
    assert "model.onnx is not the file that was exported" in verdict["why_not"][0]
    rewritten(exported)  # with honest hashes the answers tell
    status, verdict = verify(exported, capsys)
    assert status == 1
    assert "the examples differ by up to" in verdict["why_not"][0]


def test_one_changed_threshold_is_refused(exported, capsys):
    for name, text in with_threshold(0.999).files().items():
        (exported.folder / name).write_text(text)
    status, verdict = verify(exported, capsys)
    assert status == 2
    assert "thresholds.json is not the file that was exported" in verdict["why_not"][0]
    rewritten(exported)
    status, verdict = verify(exported, capsys)
    assert status == 1
    assert "thresholds or rules of routing differ from those at export" in verdict["why_not"][0]


def test_a_changed_threshold_that_no_example_meets_is_not_of_the_model_that_papers_tell(
    exported, capsys
):
    identity = open_bundle(exported.folder).manifest.identity()
    bom = {"metadata": {"component": {"version": identity}}}
    gate = {"schema_version": 2, "gate": "first", "verdict": "passed", "model": identity}
    paper = exported.folder / "bom.cdx.json"
    paper.write_text(json.dumps(bom))
    rewritten(exported)
    assert verify(exported, capsys)[0] == 0
    for name, text in with_threshold(0.4001).files().items():
        (exported.folder / name).write_text(text)
    rewritten(exported)
    found = open_bundle(exported.folder).manifest.identity()
    status, verdict = verify(exported, capsys)
    assert status == 2
    assert verdict["why_not"] == [
        f"bom.cdx.json is for the model '{identity[:12]}', but this bundle is {found[:12]}: it was "
        "changed since its export; copy it again"
    ]
    paper.rename(exported.folder / "gate.json").write_text(json.dumps(gate))
    rewritten(exported)
    assert "gate.json is for the model" in verify(exported, capsys)[1]["why_not"][0]
    paper.write_text("{}")
    rewritten(exported)
    assert "not a bill of materials" in verify(exported, capsys)[1]["why_not"][0]


def test_another_order_of_labels_is_refused(exported, capsys):
    raw = json.loads(exported.manifest.to_json())["label_schema"]
    raw["tasks"][0]["labels"].reverse()
    rewritten(exported, label_schema=raw)
    status, verdict = verify(exported, capsys)
    assert status == 2
    assert "answers other tasks or labels than the model" in verdict["why_not"][0]


@pytest.mark.parametrize("number", range(len(masking._RULES)))
def test_a_release_that_lacks_a_rule_of_masking_is_refused(exported, capsys, monkeypatch, number):
    rules = masking._RULES[:number] + masking._RULES[number + 1 :]
    monkeypatch.setattr(masking, "_RULES", rules)
    status, verdict = verify(exported, capsys)
    assert status == 1
    assert "this release has different rules" in verdict["why_not"][0]


def test_a_release_that_folds_otherwise_is_refused(exported, monkeypatch):
    monkeypatch.setattr("adverts.runtime.stream.examples.fold", str.lower)
    with pytest.raises(Exception, match="is folded as"):
        replay_texts(read_examples(Classifier.load(exported.folder, threads=1)))


def test_another_version_of_masking_is_refused(exported, capsys):
    spec = json.loads(exported.manifest.to_json())["input_spec"]
    rewritten(exported, input_spec=spec | {"masking_version": 1})
    status, verdict = verify(exported, capsys)
    assert status == 2
    assert "masking" in verdict["why_not"][0]


def test_an_onnxruntime_that_was_not_wanted_is_refused(exported, capsys):
    rewritten(exported, runs_on={"onnxruntime": ">=1.20,<1.21"})
    status, verdict = verify(exported, capsys)
    assert status == 1
    assert "but the bundle needs >=1.20,<1.21; install that" in verdict["why_not"][0]


def test_a_promoted_bundle_may_abstain_from_its_examples(exported, capsys):
    coverage = Coverage((CoveredSlice("en", "Latn", "text", "supported", "meets precise"),))
    (exported.folder / "coverage.json").write_text(coverage.to_json())
    rewritten(exported)
    assert verify(exported, capsys)[0] == 0


def test_a_probability_at_a_threshold_may_fall_on_either_side(exported, capsys):
    path = exported.folder / "examples.json"
    raw = json.loads(path.read_text())
    tie = next(one for one in raw["examples"] if one["text"])
    value = tie["probabilities"]["refer"]["yes"]
    wrong = "below" if tie["review_band"] == "review" else "review"
    tie["review_band"] = wrong
    path.write_text(json.dumps(raw))
    rewritten(exported)
    assert verify(exported, capsys)[0] == 1
    for name, text in with_threshold(value).files().items():
        (exported.folder / name).write_text(text)
    others = [one for one in raw["examples"] if one["id"] == tie["id"]]
    path.write_text(json.dumps(raw | {"examples": others}))
    rewritten(exported)
    assert verify(exported, capsys)[0] == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"examples": []},
        {"masking": []},
        {"masking": [{"text": "a"}]},
        {"examples": [{"text": 3, "review_band": "below", "probabilities": {}}]},
        {"examples": [{"text": "", "review_band": "urgent", "probabilities": {}}]},
        {"examples": [{"text": "", "review_band": "below"}]},
        {"tolerance": None},
        {"tolerance": float("inf")},
        {"tolerance": 0.2},
        {"masking": [{"text": 1, "masked": "a", "folded": "a"}]},
        {"examples": [{"text": "", "review_band": "below", "probabilities": {"refer": 3}}]},
        {
            "examples": [
                {"text": "", "review_band": "below", "probabilities": {"refer": {"no": ""}}}
            ]
        },
        {"examples": ["text"]},
    ],
)
def test_examples_that_cannot_be_read_are_refused(exported, changes):
    path = exported.folder / "examples.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    rewritten(exported)
    with pytest.raises(IntegrityError, match=r"examples\.json (cannot be read|has no adverts)"):
        read_examples(Classifier.load(exported.folder, threads=1))


def test_what_a_stranger_calls_a_bundle_moves_no_cursor(exported, capsys):
    rewritten(
        exported, name="\x1b[2Jtiny", runs_on={"onnxruntime": ">=1.20", "instructions": "\x1b"}
    )
    assert main([str(exported.folder), "--verify"]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("made_on", "told"),
    [
        (instructions(), f"made on {instructions()}, the same kind as here"),
        ("aarch64 neon_dotprod", f"runs here on {instructions()}: scores may differ"),
    ],
)
def test_another_processor_is_told_and_refuses_nothing(exported, capsys, made_on, told):
    rewritten(exported, runs_on={"onnxruntime": ">=1.20", "instructions": made_on})
    assert main([str(exported.folder), "--verify"]) == 0
    assert any(told in line for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx2 avx512_vnni\nflags: amx_int8\n", "avx2 avx512_vnni"),
        ("Features\t: fp asimd asimddp i8mm\n", "neon_dotprod neon_i8mm"),
        ("Features\t: fp asimd\n", ""),
        ("flags : avx2fake\n", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_linux_tells_what_a_processor_has_for_products_of_8_bits(
    monkeypatch, tmp_path, text, found
):
    place = tmp_path / "cpuinfo"
    if text is not None:
        place.write_text(text)
    monkeypatch.setattr(machine, "_CPU_INFO", place)
    monkeypatch.setattr(machine.platform, "system", lambda: "Linux")
    monkeypatch.setattr(machine.platform, "machine", lambda: "kind")
    assert instructions() == f"kind {found}".strip()


def test_macos_tells_what_a_processor_has_for_products_of_8_bits(monkeypatch):
    def sysctlbyname(name, value, size, new, new_size):
        assert (new, new_size) == (None, 0)
        value._obj.value = name == b"hw.optional.arm.FEAT_DotProd"
        return -1 if name == b"hw.optional.avx2_0" else 0

    library = SimpleNamespace(sysctlbyname=sysctlbyname)
    monkeypatch.setattr(machine.ctypes, "CDLL", lambda _: library)
    monkeypatch.setattr(machine.platform, "system", lambda: "Darwin")
    monkeypatch.setattr(machine.platform, "machine", lambda: "arm64")
    assert instructions() == "arm64 neon_dotprod"


@pytest.mark.parametrize(
    ("precision", "made_on", "fit"),
    [("int8", "elsewhere", True), ("int8", "here", False), ("fp32", "elsewhere", False)],
)
def test_int8_may_differ_on_another_processor_as_it_does_from_fp32(
    exported, capsys, precision, made_on, fit
):
    shift_examples(exported, 0.03)
    made_on = instructions() if made_on == "here" else made_on
    rewritten(
        exported,
        precision=precision,
        parity={"max_probability_difference": 0.05},
        runs_on={"onnxruntime": ">=1.20", "instructions": made_on},
    )
    assert verify(exported, capsys)[1]["fit"] is fit


def test_int8_may_not_differ_by_more_than_it_does_from_fp32(exported, capsys):
    shift_examples(exported, 0.03)
    rewritten(exported, precision="int8", parity={"max_probability_difference": 0.02})
    status, verdict = verify(exported, capsys)
    assert status == 1
    assert "the limit is 0.02" in json.dumps(verdict)


def shift_examples(exported, by):
    """Move the recorded probabilities, as another processor would."""
    path = exported.folder / "examples.json"
    told = json.loads(path.read_text())
    for example in told["examples"]:
        for said in example["probabilities"].values():
            first, *_, last = said
            sign = 1 if said[first] > 0.5 else -1
            said[first] -= sign * by
            said[last] += sign * by
    path.write_text(json.dumps(told))


def test_a_bundle_without_examples_is_not_fit(handmade, capsys):
    assert main([str(handmade.folder), "--verify"]) == 2
    assert "not fit: examples.json cannot be read" in capsys.readouterr().out.splitlines()[-1]


def test_no_bundle_is_one_line(tmp_path, capsys):
    assert main([str(tmp_path / "nothing"), "--verify"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("version", "wanted", "holds"),
    [
        ("1.32.0", ">=1.20", True),
        ("1.9", ">=1.20", False),
        ("2.0", ">=1.20,<2", False),
        ("1.20", "==1.20.0", True),
        ("1.20.1", "!=1.20.1", False),
        ("1.20.1rc1", ">1.20,<=1.20.1", True),
    ],
)
def test_versions_are_compared_by_their_numbers(version, wanted, holds):
    assert in_range(version, wanted) == holds


def test_a_range_of_another_form_is_refused():
    with pytest.raises(IntegrityError, match="wanted e.g. '>=1.20'"):
        in_range("1.20", "~=1.20")


def test_the_examples_are_twenty_and_of_every_kind(exported):
    raw = json.loads((exported.folder / "examples.json").read_text())
    validator = Draft202012Validator(json.loads(schema_text("request")))
    assert all(validator.is_valid(one) for one in raw["examples"])
    assert len(raw["examples"]) == len({one["id"] for one in raw["examples"]}) == 20
    assert {one["lang"] for one in raw["examples"]} >= {
        "en",
        "fr",
        "sq",
        "tr",
        "vi",
        "ar",
        "fa",
        "ckb",
        "ps",
    }
    kinds = {
        (bool(one["text"]), bool(one["image"]), bool(one["ocr_text"])) for one in raw["examples"]
    }
    assert kinds >= {
        (False, False, False),
        (True, False, False),
        (False, False, True),
        (False, True, False),
        (True, True, True),
    }


def test_no_example_holds_a_contact_and_no_text_a_real_one():
    for advert in example_adverts():
        assert mask_contacts(advert.text) == advert.text
        assert mask_contacts(advert.ocr_text or "") == (advert.ocr_text or "")
    assert len(_TEXTS) >= 15
    assert all("example" in text for text in _TEXTS if "http" in text or "hxxp" in text)


def test_expected_probabilities_are_those_of_the_bundle(exported):
    examples = read_examples(Classifier.load(exported.folder, threads=1))
    empty = exported.expected_logits([2, 3])[:2].astype(np.float64)
    odds = np.exp(empty - empty.max())
    found = examples.adverts[0].probabilities["refer"]
    assert [*found.values()] == pytest.approx(odds / odds.sum(), abs=1e-6)
    assert replace(examples, tolerance=0).adverts == examples.adverts
