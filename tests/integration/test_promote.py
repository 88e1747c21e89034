"""The verb `promote`: what a gate passed becomes the champion, and the one before comes back."""

import hashlib
import importlib
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from composing import load
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adverts.bundle.papers.write_papers import sign_bundle
from adverts.config import GateConfig
from adverts.config.shipped_gates import gate_changes, gate_sha256, shipped_gate
from adverts.data.dataset.prepared import open_prepared
from adverts.errors import GateFailedError, InputError, IntegrityError
from adverts.evaluation.gate.gate_record import (
    AbstainedSlice,
    ConditionResult,
    GateRecord,
    record_bytes,
)
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.files.file_hash import file_sha256
from adverts.promote import Moved, _told, promote
from adverts.runtime import Classifier, open_bundle
from adverts.tracking.registry import Version, open_registry

pytestmark = [pytest.mark.usefixtures("traced_once"), pytest.mark.promise]

APPROVAL = ["registered_model=boats", "approved_by=A. Person", "reason=it passed"]


class FakeRegistry:
    """Keeps versions in a list, as the real one does in a store."""

    def __init__(self):
        self.versions, self.aliases, self.bundles, self.notes = [], {}, [], {}
        self.descriptions, self.figures = [], []

    def named(self, model, alias):
        return self.aliases.get((model, alias))

    def version(self, model, number):
        return next(one for one in self.versions if one.number == number)

    def find(self, model, tags):
        found = [one for one in self.versions if tags.items() <= one.tags.items()]
        return found[-1] if found else None

    def add(self, model, bundle, *, tags, experiment, run_id, description, figures):
        self.bundles.append(bundle)
        self.descriptions.append(description)
        self.figures.append(figures)
        shown = {name: f"{value:.4g}" for name, value in figures.items()}
        self.versions.append(Version(model, str(len(self.versions) + 1), {**shown, **tags}))
        return self.versions[-1]

    def require(self, model, alias, wanted):
        if self.named(model, alias) != wanted:
            raise InputError("somebody else has moved it")

    def move(self, alias, to, *, known):
        self.require(to.model, alias, known)
        self.aliases[to.model, alias] = to

    def withdraw(self, version):
        if version not in self.aliases.values():
            self.versions.remove(version)

    def note(self, version, tags):
        self.notes[version.number] = tags
        known = self.versions[int(version.number) - 1]
        self.versions[int(version.number) - 1] = replace(known, tags={**known.tags, **tags})


@pytest.fixture
def registry(monkeypatch):
    made = FakeRegistry()
    monkeypatch.setattr("adverts.tracking.open_registry", lambda config: made)
    return made


@pytest.fixture(scope="module")
def exported(tiny_prepared, tmp_path_factory):
    """A bundle of tf-idf that no run of a server made."""
    from adverts.export import export
    from adverts.train import train

    folder = tmp_path_factory.mktemp("promote")
    places = [f"prepared={tiny_prepared}", "tracking=none"]
    train(load("train", *places, f"run_dir={folder / 'run'}", "model=tfidf"))
    written = export(
        load("export", *places, f"checkpoint={folder / 'run'}", f"bundle_dir={folder / 'bundle'}")
    )
    return written.folder


@pytest.fixture
def bundle(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "bundle")


def test_a_version_says_what_its_gate_measured(promoted, registry):
    measured = Estimate(0.71234, 0.6, 0.8)
    whole = replace(judged(None), measured=measured)
    group = replace(judged("en, Latn, text"), measured=measured)
    promoted(results=(whole, group))
    (told,) = registry.descriptions
    assert "Gate first: **passed** on 60 adverts of split test" in told
    assert "precise (refer): 0.712 [0.600 to 0.800], wanted 0.5" in told
    assert "Latn" not in told
    figures = {"gate.precise": 0.71234, "gate.precise.low": 0.6, "gate.precise.high": 0.8}
    (logged,) = registry.figures
    assert {name: logged[name] for name in logged if "precise." in f"{name}."} == figures


def judged(by, outcome="passed", message=""):
    scope = "refer" if by is None else f"refer, language, script and modality {by}"
    return ConditionResult("precise", "absolute", scope, outcome, "0.5", "0.7", message=message)


def record_of(bundle, **changes):
    record = GateRecord(
        gate="first",
        verdict="passed",
        results=(
            judged(None),
            judged("en, Latn, text"),
            judged("fa, Latn, text", "abstained", "2 clusters, wanted 100"),
            judged("ps, Latn, text", "reported", "3 clusters, wanted 100"),
        ),
        abstained=(AbstainedSlice("fa", "Latn", "text"),),
        model=open_bundle(bundle).manifest.identity(),
        champion=None,
        data_hash="d" * 64,
        split="test",
        adverts=60,
        earlier_looks=0,
        created="2026-11-26T01:00:00+00:00",
        created_by="adverts",
        gate_sha256=gate_sha256(shipped_gate("first")),
        gate_changes=(),
        model_kind="bundle",
        champion_kind="bundle",
        asked=shipped_gate("first").model_dump(mode="json"),
    )
    return replace(record, **changes)


def of_shipped_gate(record, gain=0.01):
    """Return a record with a result of every condition of the shipped gate of its name.

    ``gain`` is the difference to the champion, where one is compared.
    """
    gate = shipped_gate(record.gate)
    if gate is None:
        return record
    passed = []
    for name, condition in gate.conditions.items():
        high = condition.kind in ("absolute", "lift", "robustness")
        high |= condition.kind == "in_service" and condition.at_least is not None
        figure = Estimate(0.9, 0.8, 0.95) if high else Estimate(gain, gain - 0.01, gain + 0.01)
        shown = figure if condition.kind not in ("coverage", "leakage") else None
        passed.append(
            ConditionResult(name, condition.kind, "refer", "passed", "", "0.9", measured=shown)
        )
    asked = gate.model_dump(mode="json")
    results = (*record.results, *passed)
    return replace(record, gate_sha256=gate_sha256(gate), asked=asked, results=results)


@pytest.fixture
def promoted(bundle, registry, tmp_path):
    """Promote a bundle with a record, whose fields a test changes."""

    def call(*overrides, folder=bundle, as_it_is=False, gain=0.01, **changes):
        file = tmp_path / "gate.json"
        record = record_of(folder, **changes)
        file.write_bytes(record_bytes(record if as_it_is else of_shipped_gate(record, gain)))
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        given = [f"bundle_dir={folder}", f"gate_record={file}", f"gate_hash={sha256}"]
        return promote(load("promote", *given, *APPROVAL, *overrides))

    return call


@pytest.fixture
def key(tmp_path):
    private = Ed25519PrivateKey.from_private_bytes(b"7" * 32)
    path = tmp_path / "private.pem"
    path.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path.chmod(0o600)
    return path, private.public_key().public_bytes_raw()


def test_a_key_signs_the_bundle_anew_with_its_evidence(promoted, bundle, key):
    private, public = key
    sign_bundle(bundle, private)
    with pytest.raises(IntegrityError, match="no gate"):
        open_bundle(bundle, public_key=public, require_gate=True)
    promoted(f"signing_key={private}")
    assert open_bundle(bundle, public_key=public, require_gate=True).coverage.slices
    promoted()  # what stands already keeps its signature
    open_bundle(bundle, public_key=public, require_gate=True)


def test_without_a_key_the_evidence_outdates_a_signature(promoted, bundle, key, capsys):
    sign_bundle(bundle, key[0])
    promoted()
    assert "caution: the manifest changed, so the signature is gone" in capsys.readouterr().out
    with pytest.raises(IntegrityError, match="nobody signed this bundle"):
        open_bundle(bundle, public_key=key[1])


def roll_back(*overrides):
    anywhere = "tracking.uri='sqlite:///nowhere.db'"  # the fake registry does not look
    return promote(load("promote", "rollback=true", anywhere, *APPROVAL, *overrides))


def content(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def another(folder, tmp_path):
    """Another bundle that verifies: it reads other texts for too long."""
    import json

    made = shutil.copytree(folder, tmp_path / "another")
    raw = json.loads((made / "manifest.json").read_text())
    raw["image_limits"]["max_bytes"] += 1
    (made / "manifest.json").write_text(json.dumps(raw))
    return made


def test_the_alias_names_the_bundle_and_the_version_says_who_and_why(promoted, registry, bundle):
    moved = promoted()
    assert (moved.now.number, moved.before) == ("1", None)
    assert registry.named("boats", "champion") == moved.now
    assert moved.now.tags["approved_by"] == "A. Person"
    assert moved.now.tags["reason"] == "it passed"
    assert moved.now.tags["data_hash"] == "d" * 64
    assert moved.now.tags["bundle_identity"] == open_bundle(bundle).manifest.identity()
    assert Path(registry.bundles[0].path).name == bundle.name
    assert registry.bundles[0].manifest_sha256 == file_sha256(bundle / "manifest.json")


def test_the_bundle_carries_the_record_and_says_what_it_said(promoted, bundle, registry):
    before, texts = open_bundle(bundle).manifest, ["word1 word9", "word7"]
    said = Classifier.load(bundle).predict(texts=texts, languages=["en", "en"])
    moved = promoted()
    after = open_bundle(bundle).manifest
    assert set(after.files) == set(before.files) | {"gate.json", "coverage.json"}
    assert after.files["gate.json"] == moved.now.tags["gate_sha256"]
    assert after.identity() == before.identity()
    assert Classifier.load(bundle).predict(texts=texts, languages=["en", "en"]) == said
    assert "The gate `first`: passed, on 60 adverts" in (bundle / "README.md").read_text()
    beside = sorted(path.name for path in bundle.parent.iterdir())
    assert beside == ["bundle", "bundle.transparency.md", "gate.json"]


def test_adverts_of_a_slice_that_the_gate_left_to_people_are_marked_and_keep_their_scores(
    promoted, bundle
):
    promoted()
    classifier = Classifier.load(bundle)
    texts, languages = ["word1"] * 5, ["fa", "FA-AF", "en", "ps", None]
    found = classifier.predict(texts=texts, languages=languages)
    assert ["leave it to a person" in one.reason for one in found] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert "2 clusters, wanted 100" in found[0].reason
    assert found[0].error is None
    for task, marked in found[0].probabilities.items():  # places in a batch differ in the last bits
        assert marked == pytest.approx(found[2].probabilities[task], rel=1e-4)
    statuses = {one.language: one.status for one in classifier.coverage.slices}
    assert statuses == {"fa": "abstain", "en": "supported", "ps": "experimental"}


def test_a_report_is_never_written_into_a_bundle_which_it_would_spoil(bundle, tiny_prepared):
    from adverts.evaluate import evaluate

    files = content(bundle)
    given = [f"candidate={bundle}", f"prepared={tiny_prepared}", f"run_dir={bundle / 'report'}"]
    with pytest.raises(
        InputError, match="is inside the bundle, and a bundle with additional files"
    ):
        evaluate(load("evaluate", *given, "tracking=none"))
    assert content(bundle) == files


def test_to_promote_again_changes_nothing(promoted, registry, bundle):
    first, files = promoted(), content(bundle)
    again = promoted()
    assert again.now == again.before == first.now
    assert len(registry.versions) == 1
    assert content(bundle) == files


def test_each_rollback_goes_one_version_back_until_there_is_none(promoted, registry, bundle):
    first = promoted().now
    second = promoted(data_hash="e" * 64).now
    third = promoted(data_hash="f" * 64).now
    assert [one.number for one in (first, second, third)] == ["1", "2", "3"]
    assert roll_back().now == second
    assert roll_back("reason=worse").now == first
    assert registry.notes["2"]["rolled_back_reason"] == "worse"
    with pytest.raises(
        InputError, match="no earlier version is recorded, so there is nothing to roll back to"
    ):
        roll_back()
    assert registry.named("boats", "champion") == first


def test_what_was_rolled_back_and_promoted_again_rolls_back_to_where_it_was(promoted):
    promoted()
    promoted(data_hash="e" * 64)
    first = roll_back("reason=it missed half").now
    with pytest.raises(InputError, match="was version 2 of boats, and was rolled back: it missed"):
        promoted(data_hash="e" * 64)
    reason = "replace_champion=the service was at fault"
    assert promoted(reason, data_hash="e" * 64).now.number == "3"
    assert promoted(data_hash="e" * 64).now.number == "3"
    assert roll_back().now == first


def test_nothing_is_rolled_back_where_nothing_was_promoted(registry):
    with pytest.raises(InputError, match="boats@champion names no version"):
        roll_back()


def test_a_version_that_another_alias_named_tells_nothing_of_this_one(promoted, registry):
    promoted()
    promoted("alias=trial", data_hash="e" * 64)
    registry.aliases["boats", "champion"] = registry.named("boats", "trial")  # moved by hand
    with pytest.raises(InputError, match="nothing to roll back to"):
        roll_back()


def refused(promoted, registry, bundle, message, *overrides, **changes):
    files = content(bundle)
    with pytest.raises(InputError, match=message):
        promoted(*overrides, **changes)
    assert registry.versions == []
    assert content(bundle) == files


def test_a_record_that_has_to_be_signed_is_taken_only_as_it_was_signed(
    promoted, registry, bundle, key, tmp_path
):
    from adverts.judging.gate_verdict import sign_record

    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    public.write_bytes(
        Ed25519PrivateKey.from_private_bytes(b"7" * 32)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    asked = (f"gate_key={public}", "require_signature=true")
    refused(promoted, registry, bundle, "give gate_key=FILE", "require_signature=true")
    with pytest.raises(IntegrityError, match=r"gate_signature\.json is missing"):
        promoted(*asked)
    sign_record(tmp_path, of_shipped_gate(record_of(bundle, adverts=61)), private)
    with pytest.raises(IntegrityError, match="does not match this gate record"):
        promoted(*asked)
    assert registry.versions == []
    sign_record(tmp_path, of_shipped_gate(record_of(bundle)), private)
    promoted(*asked)
    assert len(registry.versions) == 1


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (
            lambda one: replace(one, measured=Estimate(0.365, 0.3, 0.4), found="0.365"),
            r"ranks_well \(refer\) passed with 0.365",
        ),
        (lambda one: replace(one, measured=None, found=""), "passed with no figure"),
        (lambda one: replace(one, outcome="reported"), "never only reports it"),
        (lambda one: replace(one, name="precise"), "no result of ranks_well"),
    ],
    ids=["figure-left", "figure-gone", "only-reported", "result-gone"],
)
def test_a_record_that_its_own_figures_contradict_is_refused(
    promoted, registry, bundle, edit, told
):
    whole = of_shipped_gate(record_of(bundle)).results
    edited = tuple(edit(one) if one.name == "ranks_well" else one for one in whole)
    refused(promoted, registry, bundle, told, results=edited, as_it_is=True)


def test_a_record_of_a_gate_that_asked_for_other_things_is_refused(promoted, registry, bundle):
    whole = of_shipped_gate(record_of(bundle)).results
    told = "the gate first of this release asks for other things"
    refused(promoted, registry, bundle, told, results=whole, as_it_is=True, gate_sha256="f" * 64)


def test_a_record_of_another_bundle_is_refused(promoted, registry, bundle):
    refused(promoted, registry, bundle, "is for model 999999999999", model="9" * 64)


@pytest.mark.parametrize("verdict", ["failed", "could not judge"])
def test_a_bundle_that_did_not_pass_is_refused(promoted, registry, bundle, verdict):
    refused(promoted, registry, bundle, f"its verdict is '{verdict}'", verdict=verdict)


@pytest.mark.parametrize("outcome", ["failed", "insufficient"])
def test_a_verdict_that_its_own_conditions_contradict_is_refused(
    promoted, registry, bundle, outcome
):
    message = "these conditions were not met: precise"
    refused(promoted, registry, bundle, message, results=(judged(None, outcome),))


@pytest.mark.parametrize("kind", ["predictions", "checkpoint", None])
@pytest.mark.parametrize("of_whom", ["bundle", "champion"])
def test_a_verdict_on_stored_predictions_is_no_evidence_of_a_bundle(
    promoted, registry, bundle, of_whom, kind
):
    changes = {f"{'model' if of_whom == 'bundle' else of_whom}_kind": kind, "champion": "1" * 64}
    refused(promoted, registry, bundle, f"of the {of_whom}, which is no evidence", **changes)


def test_another_hash_than_the_one_approved_is_refused(promoted, registry, bundle):
    wrong = f"gate_hash={'0' * 64}"
    refused(promoted, registry, bundle, "approve the record that you read", wrong)


def test_a_gate_on_other_data_than_stated_is_refused(promoted, registry, bundle):
    refused(promoted, registry, bundle, "the gate judged data dddd", f"data_hash={'e' * 64}")


@pytest.mark.parametrize("name", ["approved_by", "reason"])
def test_a_blank_approval_is_refused(promoted, registry, bundle, name):
    refused(promoted, registry, bundle, f"{name} is (?:blank|empty)", f"{name}='  '")


@pytest.mark.parametrize("alias", ["latest", "v7"])
def test_an_alias_that_means_a_version_is_refused(promoted, registry, bundle, alias):
    refused(promoted, registry, bundle, "as a version", f"alias={alias}")


def test_what_is_missing_is_named(registry):
    with pytest.raises(InputError, match="give bundle_dir, gate_record, gate_hash; or rollback"):
        promote(load("promote", *APPROVAL))
    with pytest.raises(InputError, match="rollback=true takes no bundle_dir"):
        roll_back("bundle_dir=somewhere")


def test_a_record_that_is_not_there_or_is_none_is_refused(promoted, registry, bundle, tmp_path):
    refused(promoted, registry, bundle, "No such file", f"gate_record={tmp_path / 'nowhere'}")
    (tmp_path / "text").write_text("passed")
    sha256 = hashlib.sha256(b"passed").hexdigest()
    with pytest.raises(IntegrityError, match=r"gate\.json is no record of a gate"):
        promoted(f"gate_record={tmp_path / 'text'}", f"gate_hash={sha256}")


def test_a_bundle_that_was_changed_since_is_refused(promoted, registry, bundle, tmp_path):
    other = another(bundle, tmp_path)
    model = open_bundle(bundle).manifest.identity()
    refused(
        promoted, registry, other, "evaluate this bundle with the gate", folder=other, model=model
    )
    rules = bundle / "thresholds.json"
    rules.write_text(rules.read_text().replace("0.95", "0.94"))
    with pytest.raises(IntegrityError, match="thresholds.json is not the file that was exported"):
        promoted(model=model, folder=bundle)
    assert registry.versions == []


def test_a_gate_against_another_champion_than_the_one_that_stands_is_refused(
    promoted, registry, bundle, tmp_path, capsys
):
    promoted()
    assert "caution" not in capsys.readouterr().out
    other = another(bundle, tmp_path)
    against = (judged(None), replace(judged(None), name="not worse", kind="relative"))
    with pytest.raises(InputError, match="compared this bundle with 888888888888, but boats@champ"):
        promoted(folder=other, champion="8" * 64, results=against)
    standing = open_bundle(bundle).manifest.identity()
    assert promoted(folder=other, champion=standing, results=against).now.number == "2"
    assert "caution" not in capsys.readouterr().out


def test_a_comparison_with_a_model_that_is_no_champion_begins_no_alias_without_a_reason(
    promoted, registry, bundle, tmp_path
):
    against = (judged(None), replace(judged(None), name="not worse", kind="relative"))
    mine = open_bundle(bundle).manifest.identity()
    for champion in ("8" * 64, mine):
        with pytest.raises(InputError, match="no champion of boats. .* gate=first.*replace_champ"):
            promoted(champion=champion, results=against)
    assert registry.versions == []
    reason = "the first was lost with the old store"
    moved = promoted(f"replace_champion={reason}", champion="8" * 64, results=against)
    assert moved.now.tags["replaced_champion"] == reason
    other = another(bundle, tmp_path)
    beside = "alias=challenger"
    with pytest.raises(InputError, match="no champion of boats"):
        promoted(beside, folder=other, champion="8" * 64, results=against)
    assert promoted(beside, folder=other, champion=mine, results=against).now.number == "2"


def test_an_alias_that_somebody_removed_does_not_begin_anew_without_a_reason(
    promoted, registry, bundle, tmp_path
):
    promoted()
    del registry.aliases["boats", "champion"]
    other = another(bundle, tmp_path)
    with pytest.raises(InputError, match="version 1 of boats was promoted as champion, which"):
        promoted(folder=other)
    assert promoted().now.number == "1", "the same bundle takes its place again"
    del registry.aliases["boats", "champion"]
    reason = "the first one was withdrawn"
    moved = promoted(f"replace_champion={reason}", folder=other)
    assert moved.now.tags["replaced_champion"] == reason


@pytest.fixture
def standing(promoted, bundle, tmp_path):
    """Another bundle, while the first is the champion; with the identity of the first."""
    promoted()
    return another(bundle, tmp_path), open_bundle(bundle).manifest.identity()


def test_a_gate_without_a_champion_replaces_none(promoted, registry, standing):
    other, identity = standing
    before = content(other)
    for changes in ({}, {"champion": identity}):  # one that no condition looks at is none
        with pytest.raises(InputError, match="with no champion, but boats@champion is version"):
            promoted(folder=other, **changes)
    assert [one.number for one in registry.versions] == ["1"]
    assert content(other) == before


def test_many_small_steps_down_are_no_way_down(promoted, registry, bundle, tmp_path):
    folders = [bundle]
    for step in range(4):
        (tmp_path / f"{step}").mkdir()
        folders.append(another(folders[-1], tmp_path / f"{step}"))
    names = [open_bundle(one).manifest.identity() for one in folders]

    def step(place, gain, *overrides):
        against = {"gate": "release", "champion": names[place - 1], "gain": gain}
        return promoted(*overrides, folder=folders[place], **against).now

    promoted()
    step(1, -0.012)
    step(2, -0.012)
    with pytest.raises(InputError, match="3 releases in a row lost 0.036 since version 1 of boats"):
        step(3, -0.012)
    assert registry.named("boats", "champion").number == "3"
    step(3, -0.001)
    with pytest.raises(InputError, match="4 releases in a row lost 0.03[0-9] since version 1"):
        step(4, -0.012)
    assert step(4, -0.012, "replace_champion=it has less noise").tags["replaced_champion"]


def test_a_tag_that_somebody_changed_is_told_in_one_line(promoted, registry, bundle, tmp_path):
    first = promoted().now
    for step, figure in enumerate(("gate.finds_as_much", "previous_version")):
        (tmp_path / f"{step}").mkdir()
        bundle = another(bundle, tmp_path / f"{step}")
        known = {"gate": "release", "champion": first.tags["bundle_identity"]}
        first = promoted(folder=bundle, **known).now
        registry.aliases["boats", "champion"] = replace(first, tags={**first.tags, figure: "x"})
        known["champion"] = first.tags["bundle_identity"]
        (tmp_path / f"next{step}").mkdir()
        with pytest.raises(InputError, match="the registry holds 'x' where promote wrote a number"):
            promoted(folder=another(bundle, tmp_path / f"next{step}"), **known)
        registry.aliases["boats", "champion"] = first


def test_steps_up_make_up_for_steps_down(promoted, registry, bundle, tmp_path):
    champion = promoted().now
    for step, gain in enumerate((-0.02, 0.015, -0.02)):
        (tmp_path / f"{step}").mkdir()
        bundle = another(bundle, tmp_path / f"{step}")
        known = {"gate": "release", "champion": champion.tags["bundle_identity"], "gain": gain}
        champion = promoted(folder=bundle, **known).now
    assert champion.number == "4"


def test_a_champion_is_replaced_on_purpose_with_the_reason_on_record(
    promoted, registry, standing, capsys
):
    other, _ = standing
    moved = promoted("replace_champion='the first reads no text'", folder=other)
    assert moved.now.number == "2"
    assert moved.now.tags["replaced_champion"] == "the first reads no text"
    manifest = open_bundle(other).manifest
    assert manifest.training["promoted_although"] == {
        "replaced_champion": "the first reads no text"
    }
    assert "| the first reads no text |" in (other / "README.md").read_text()
    files = content(other)
    again = promoted("replace_champion='the first reads no text'", folder=other)
    assert again.before == again.now
    assert content(other) == files


def test_a_blank_reason_is_none(promoted, standing):
    with pytest.raises(InputError, match="replace_champion=WHY"):
        promoted("replace_champion=' '", folder=standing[0])


@pytest.mark.parametrize("key", ["replace_champion", "accept_changed_gate"])
@pytest.mark.parametrize("said", ["-", "WHY", "...", "x"])
def test_a_sign_or_a_placeholder_is_no_reason(promoted, key, said):
    with pytest.raises(InputError, match=f"{key}: found .*; wanted: say why in your own words"):
        promoted(f"{key}='{said}'")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (("conditions.precise.at_least=0.1, shipped with 0.6",), "was changed: conditions.precise"),
        (None, "does not say whether the gate first is the shipped one"),
    ],
)
def test_a_changed_gate_or_one_that_is_not_known_wants_a_reason(
    promoted, registry, bundle, changes, message
):
    refused(promoted, registry, bundle, message, gate_changes=changes)
    tags = promoted("accept_changed_gate='agreed on Monday'", gate_changes=changes).now.tags
    assert tags["accepted_changed_gate"] == "agreed on Monday"
    assert "| agreed on Monday |" in (bundle / "README.md").read_text()


OWN = {"name": "mine", "needs_champion": False, "promises": None}
FEW_ASKED = {"fits": {"kind": "size_mb", "at_most": 9.0, "if_insufficient": "fail"}}


def of_own_gate(**changes):
    """Return changes by which a record is that of a gate that somebody wrote."""
    asked = GateConfig.model_validate({**OWN, "conditions": FEW_ASKED})
    passed = ConditionResult("fits", "size_mb", "model", "passed", "at most 9 MB", "1.0 MB")
    facts = {
        "gate": "mine",
        "asked": asked.model_dump(mode="json"),
        "gate_sha256": gate_sha256(asked),
        "gate_changes": gate_changes(asked),
        "results": (passed,),
    }
    return {**facts, **changes}


def test_the_record_of_a_gate_of_ones_own_is_held_against_what_it_asked(promoted):
    accepted = "accept_changed_gate='agreed on Monday'"
    assert promoted(accepted, as_it_is=True, **of_own_gate()).now.number == "1"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"results": ()}, "there is no result of fits"),
        ({"gate_sha256": "f" * 64}, "asks for other things"),
        ({"gate_changes": ("nothing of note",)}, "it does not say that no gate of the name mine"),
        ({"asked": None}, "does not hold what the gate mine asked"),
        ({"asked": {"conditions": "none"}}, "does not hold what the gate mine asked"),
    ],
    ids=["no-result", "other-hash", "untold-change", "not-there", "no-gate"],
)
def test_an_edited_record_of_a_changed_gate_is_refused_with_a_reason_too(
    promoted, registry, bundle, changes, told
):
    accepted = "accept_changed_gate='agreed on Monday'"
    refused(promoted, registry, bundle, told, accepted, as_it_is=True, **of_own_gate(**changes))


def test_a_bundle_that_is_judged_again_is_promoted_only_if_it_passes_again(
    promoted, registry, bundle, tiny_prepared
):
    data = open_prepared(tiny_prepared).data_hash
    again = ("accept_changed_gate='agreed on Monday'", f"prepared={tiny_prepared}", "tracking=none")
    assert promoted(*again, as_it_is=True, **of_own_gate(data_hash=data)).now.number == "1"
    tiny = {"fits": {**FEW_ASKED["fits"], "at_most": 0.001}}
    asked = GateConfig.model_validate({**OWN, "conditions": tiny})
    forged = of_own_gate(
        data_hash=data, asked=asked.model_dump(mode="json"), gate_sha256=gate_sha256(asked)
    )
    before = len(registry.versions)
    with pytest.raises(GateFailedError, match="fits"):
        promoted(*again, as_it_is=True, **forged)
    assert len(registry.versions) == before


def test_a_bundle_is_judged_again_beside_the_baseline_that_is_named(
    promoted, exported, tiny_prepared, monkeypatch
):
    from adverts import evaluate as module

    given, real = [], module.evaluate
    monkeypatch.setattr(module, "evaluate", lambda config: given.append(config) or real(config))
    data, run = open_prepared(tiny_prepared).data_hash, exported.parent / "run"
    again = ("accept_changed_gate='agreed on Monday'", f"prepared={tiny_prepared}", "tracking=none")
    promoted(*again, f"baseline={run}", as_it_is=True, **of_own_gate(data_hash=data))
    assert [one.baseline for one in given] == [run]


def test_the_next_step_of_a_passed_gate_is_a_legal_promotion_beside_the_same_baseline(
    bundle, exported, tiny_prepared, tmp_path
):
    from adverts import evaluate as module

    run = exported.parent / "run"
    words = [f"candidate={bundle}", f"prepared={tiny_prepared}", f"baseline={run}"]
    config = load("evaluate", *words, f"run_dir={tmp_path / 'gate'}", "gate=first")
    done = module.Evaluated(tmp_path / "gate", None, None)
    line = module._next_of_bundle(config, done, record_of(bundle))
    assert line.startswith("next: adverts promote ")
    given = load("promote", *shlex.split(line)[3:])
    assert (given.baseline, given.bundle_dir, given.prepared) == (run, bundle, tiny_prepared)


def test_a_bundle_is_judged_again_on_the_data_of_the_record_alone(
    promoted, registry, bundle, tiny_prepared
):
    refused(promoted, registry, bundle, "is not the data dddddd", f"prepared={tiny_prepared}")


MOMENTS = (
    "adverts.promote._judge_again",
    "adverts.bundle.handing_on.gate_evidence.add_evidence",
    "adverts.bundle.handing_on.gate_evidence.staged_bundle",
    "adverts.bundle.papers.transparency_record.write_transparency_record",
    "adverts.bundle.handing_on.gate_evidence.private_copy",
)


@pytest.mark.parametrize(
    "moment",
    # a folder that holds its record already is not written again
    [(one, known) for one in MOMENTS for known in (False, True) if not (known and "staged" in one)],
)
def test_a_folder_exchanged_while_it_is_promoted_hands_on_nothing(
    promoted, registry, tmp_path, monkeypatch, moment
):
    (moment, known), bundle = moment, tmp_path / "bundle"
    if known:
        promoted()
        registry.versions.clear()
        registry.aliases.clear()
    other = another(bundle, tmp_path)
    module, name = moment.rsplit(".", 1)
    real = getattr(importlib.import_module(module), name)

    def exchanged(*args, **values):
        if other.is_dir():
            bundle.rename(tmp_path / "away")
            other.rename(bundle)
        return real(*args, **values)

    monkeypatch.setattr(moment, exchanged)
    with pytest.raises(IntegrityError, match="exchanged while it was promoted"):
        promoted()
    assert (registry.versions, registry.aliases) == ([], {})


def test_a_bundle_that_is_judged_in_place_of_another_is_no_evidence_of_that(
    promoted, registry, tiny_prepared, tmp_path, monkeypatch
):
    from adverts import evaluate as module

    other, real = another(tmp_path / "bundle", tmp_path), module.evaluate

    def judged_another(config):
        return real(config.model_copy(update={"candidate": other}))

    monkeypatch.setattr(module, "evaluate", judged_another)
    data = open_prepared(tiny_prepared).data_hash
    again = ("accept_changed_gate='agreed on Monday'", f"prepared={tiny_prepared}", "tracking=none")
    with pytest.raises(IntegrityError, match="exchanged while it was judged again"):
        promoted(*again, as_it_is=True, **of_own_gate(data_hash=data))
    assert registry.versions == []


def test_reasons_that_nothing_asks_for_are_not_on_record(promoted, bundle):
    tags = promoted("accept_changed_gate=why", "replace_champion=why").now.tags
    assert {"replaced_champion", "accepted_changed_gate"}.isdisjoint(tags)
    assert "promoted_although" not in open_bundle(bundle).manifest.training


def test_a_registry_that_fails_leaves_a_whole_bundle_and_the_next_attempt_succeeds(
    promoted, registry, bundle, monkeypatch
):
    real = registry.add

    def broken(*args, **values):
        raise InputError("boats: the registry says: no answer")

    monkeypatch.setattr(registry, "add", broken)
    with pytest.raises(InputError, match="no answer"):
        promoted()
    open_bundle(bundle)
    monkeypatch.setattr(registry, "add", real)
    assert promoted().now.number == "1"


def test_a_promotion_killed_before_its_alias_moved_goes_on_with_its_version(
    promoted, registry, bundle, monkeypatch
):
    class PowerCutError(BaseException):
        pass

    def power_cut(*_, **__):
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(registry, "move", power_cut)
        with pytest.raises(PowerCutError):
            promoted()
    assert registry.named("boats", "champion") is None
    assert promoted().now.number == "1"
    assert len(registry.versions) == 1
    assert promoted("reason=another decision", data_hash="e" * 64).now.number == "2"


def test_of_two_promotions_at_once_the_later_leaves_no_version_that_says_it_was_promoted(
    promoted, registry, bundle, tmp_path, monkeypatch
):
    other, add = another(bundle, tmp_path), registry.add

    def add_late(*words, **named):
        with monkeypatch.context() as patch:
            patch.setattr(registry, "add", add)
            promoted(folder=other)
        return add(*words, **named)

    monkeypatch.setattr(registry, "add", add_late)
    with pytest.raises(InputError, match="somebody else has moved"):
        promoted()
    champion = registry.named("boats", "champion")
    assert registry.versions == [champion]
    assert champion.tags["bundle_identity"] == open_bundle(other).manifest.identity()


@pytest.mark.parametrize("place", ["note", "move"])
def test_a_rollback_that_was_killed_goes_no_further_than_asked(
    promoted, registry, monkeypatch, place
):
    class PowerCutError(BaseException):
        pass

    def power_cut(*_, **__):
        raise PowerCutError

    promoted()
    second = promoted(data_hash="e" * 64).now
    promoted(data_hash="f" * 64)
    with monkeypatch.context() as patch:
        patch.setattr(registry, place, power_cut)
        with pytest.raises(PowerCutError):
            roll_back()
    assert roll_back().now.number == second.number
    assert registry.notes["3"]["rolled_back_to"] == "2"


def test_a_draft_that_was_cut_off_is_not_taken_for_the_work_of_people(bundle, monkeypatch):
    from adverts.bundle.papers.transparency_record import write_transparency_record

    draft = bundle.with_name("bundle.transparency.md")
    write_transparency_record(bundle)
    whole = draft.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_bytes", lambda path, data: path.touch() or 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_transparency_record(bundle)
    assert draft.read_bytes() == whole
    assert "a draft, for people to complete" in write_transparency_record(bundle)


def test_a_crash_while_the_bundle_is_written_leaves_it_as_it_was(
    promoted, registry, bundle, monkeypatch
):
    def crash(*args):
        raise KeyboardInterrupt

    files = content(bundle)
    monkeypatch.setattr("adverts.bundle.handing_on.gate_evidence.write_papers", crash)
    with pytest.raises(KeyboardInterrupt):
        promoted()
    assert content(bundle) == files
    assert not (bundle.parent / "bundle.partial").exists()


def test_a_rollback_makes_no_store_where_there_is_none(tmp_path):
    store = tmp_path / "store"
    with pytest.raises(InputError, match="there is no tracking store at"):
        promote(load("promote", "rollback=true", *APPROVAL, f"tracking.store={store}"))
    assert not store.exists()


def test_a_promotion_says_how_its_model_is_loaded_and_shows_no_password(tmp_path):
    here = load("promote", *APPROVAL, f"tracking.store={tmp_path}/my store")
    [again, loading] = _told(here, Moved(Version("boats", "2", {}), Version("boats", "2", {})))
    assert again.endswith("is already version 2; nothing was moved")
    assert f"export 'MLFLOW_TRACKING_URI=sqlite:///{tmp_path}/my store/mlflow.db'" in loading
    assert 'mlflow.pyfunc.load_model("models:/boats@champion")' in loading
    server = load("promote", *APPROVAL, "tracking.uri=https://ana:secret@mlflow.example")
    told = "\n".join(_told(server, Moved(Version("boats", "2", {}), None)))
    assert "secret" not in told
    assert "MLFLOW_TRACKING_URI=https://***@mlflow.example" in told


@pytest.mark.slow
def test_services_and_evaluations_find_the_champion_by_its_alias(
    promoted, bundle, tmp_path, monkeypatch
):
    import mlflow
    import pandas as pd

    from adverts.candidates.candidate import open_candidate
    from adverts.tracking.build_tracker import resolve_model

    monkeypatch.setattr("adverts.tracking.open_registry", open_registry)  # the real one
    store = f"tracking.store={tmp_path / 'store'}"
    first = promoted(store).now
    second = promoted(store, data_hash="e" * 64)
    assert (second.before, second.now.number) == (first, "2")
    config = load("promote", *APPROVAL, store)
    fetched = resolve_model("models:/boats@champion", config.tracking, tmp_path / "fetched")
    assert open_bundle(fetched).manifest.to_json() == open_bundle(bundle).manifest.to_json()
    assert (fetched / "gate.json").read_bytes() == (bundle / "gate.json").read_bytes()
    identity = open_candidate(fetched, threads=1).facts.identity
    assert identity == second.now.tags["bundle_identity"]

    [told] = (one for one in _told(config, second) if one.startswith("to load it: export "))
    uri, _, loading = told.removeprefix("to load it: export MLFLOW_TRACKING_URI=").partition(", ")
    mlflow.set_tracking_uri(uri)
    table = pd.DataFrame({"text": ["word1", "word1"], "lang": ["fa", "en"]})
    answers = eval(loading.removeprefix("and in Python "), {"mlflow": mlflow}).predict(table)  # noqa: S307
    assert answers["refer.yes"][0] == answers["refer.yes"][1]
    assert answers["review_band"][0] == "abstain"
    assert answers["reason"].str.contains("not trusted with text in fa").tolist() == [True, False]

    back = promote(load("promote", "rollback=true", *APPROVAL, store))
    assert (back.before, back.now) == (second.now, first)
    with pytest.raises(InputError, match="nothing to roll back to"):
        promote(load("promote", "rollback=true", *APPROVAL, store))
