"""What earlier releases wrote still opens, and today's commands find in it what they found then.

Where one of these fails, do not make the archive again: people hold such data. What people said or
decided (reviews, judgements, labels of samples, holds, erasures, logs, ledgers) always opens, byte
for byte; what can be made anew may name the command that makes it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from adverts.candidates.candidate import open_candidate
from adverts.data.dataset.tombstones import read_tombstones
from adverts.data.review.reviews import SCHEMA_VERSION as REVIEWS
from adverts.data.review.reviews import read_reviews
from adverts.evaluation.gate.gate_record import read_record, record_bytes
from adverts.evaluation.predictions.look_ledger import read_ledger as read_looks
from adverts.formats.log_entry import LOG_VERSION
from adverts.record_chain import line_of
from adverts.runtime import Classifier
from adverts.runtime.stream.verification import verify
from adverts_findings.campaigns.bank.access_log import verified_log
from adverts_findings.campaigns.bank.as_of import ERASURES_VERSION, read_erasures
from adverts_findings.campaigns.bank.holds import HOLDS_VERSION, read_holds
from adverts_findings.campaigns.judgements.judgement_file import read_judgements
from adverts_findings.campaigns.judgements.judgements import SCHEMA_VERSION as JUDGEMENTS
from adverts_findings.sharing.ledger.ledger_entry import LEDGER_VERSION
from adverts_findings.sharing.ledger.open_ledger import read_ledger
from adverts_findings.survey.sample import read_sample, sample_record
from old_data import golden
from old_data.golden import DATA, NAMES, run

pytestmark = pytest.mark.promise

BANK = Path(DATA, "bank")
CHAINS = {
    f"{DATA}/reviews.jsonl": (read_reviews, REVIEWS),
    f"{DATA}/bank/judgements.jsonl": (lambda file: read_judgements(file), JUDGEMENTS),
    f"{DATA}/bank/holds.jsonl": (lambda file: read_holds(file.parent), HOLDS_VERSION),
    f"{DATA}/bank/erasures.jsonl": (lambda file: read_erasures(file.parent, 99), ERASURES_VERSION),
    f"{DATA}/bank/log.jsonl": (lambda file: verified_log(file.parent), LOG_VERSION),
    f"{DATA}/shared.jsonl": (read_ledger, LEDGER_VERSION),
}
ADDED = {"linked": ("campaigns-N.parquet",)}
"""Files of a store that a release since then writes beside those of then."""


@pytest.fixture(scope="module", params=NAMES)
def archive(request, tmp_path_factory) -> Iterator[str]:
    """The name of an archive; its data is in this folder, and the clock is as it was then."""
    folder = tmp_path_factory.mktemp("old")
    golden.unpack(request.param, folder)
    with pytest.MonkeyPatch.context() as patch, golden.then(request.param):
        patch.chdir(folder)
        for key, value in golden.ENVIRONMENT.items():
            patch.setenv(key, value)
        yield request.param


@pytest.fixture
def known(archive) -> golden.Facts:
    """What was found in the archive when it was made."""
    return json.loads((golden.FOLDER / f"{archive}.json").read_bytes())


@pytest.mark.parametrize("file", CHAINS)
def test_what_people_said_is_read_and_would_be_written_as_it_was(known, file):
    read, version = CHAINS[file]
    written = Path(file).read_bytes()
    records = read(Path(file))
    assert b"".join(line_of(one, version) for one in records) == written
    assert [records[-1].number, records[-1].hash] == known["heads"][file]


@pytest.mark.parametrize("name", ["w9", "planted"])
def test_a_sample_opens_as_it_was_sealed(archive, name):
    folder = Path(DATA, "samples", name)
    sample = read_sample(folder)
    assert sample_record(sample) == (folder / "sample.json").read_bytes()
    of_it = [one for one in read_reviews(Path(DATA, "reviews.jsonl")) if one.sample == sample.seal]
    assert bool(of_it) == (name == "w9")


def test_answers_on_sheets_of_then_are_known_already(archive, capsys):
    before = Path(DATA, "reviews.jsonl").read_bytes()
    sheet = [f"sample_dir={DATA}/samples/w9", f"labels={DATA}/w9-1.csv"]
    run("sample", *sheet, f"reviews={DATA}/reviews.jsonl")
    assert Path(DATA, "reviews.jsonl").read_bytes() == before


def test_the_record_of_a_gate_opens(archive):
    file = Path(DATA, "gate/gate.json")
    record = read_record(file)
    assert record_bytes(record) == file.read_bytes()
    assert [one.language for one in record.abstained] == ["ar"]


@pytest.mark.parametrize(
    ("bundle", "run"), [("bundle", "model"), ("bundle_fine_tune", "fine_tune")]
)
def test_a_bundle_says_of_its_model_all_that_its_run_says(archive, bundle, run):
    exported, trained = (open_candidate(Path(DATA, one), threads=1).facts for one in (bundle, run))
    assert (exported.kind, trained.kind) == ("bundle", "checkpoint")
    assert exported.trained_on.sources
    assert exported.identity != trained.identity
    assert replace(exported, kind=trained.kind, identity=trained.identity) == trained


def test_looks_at_test_adverts_are_known(archive):
    lines = Path(DATA, "looks.jsonl").read_text(encoding="utf-8").splitlines()
    ledger = read_looks(Path(DATA, "looks.jsonl"))
    assert ledger.damaged == ()
    assert ledger.removed == frozenset()
    written = [one for one in map(json.loads, lines) if "packed" not in one]
    assert len(ledger.looks) == len(written)
    for look, plain in zip(ledger.looks, written, strict=True):
        adverts = plain.pop("adverts")
        assert plain.pop("schema_version") in (1, 2, 3)
        assert {name: getattr(look, name) for name in plain} == plain
        found = look.adverts and {name: getattr(look.adverts, name) for name in adverts}
        assert found == (adverts and {**adverts, "sketch": tuple(adverts["sketch"])})


def test_erased_adverts_stay_erased(archive):
    folder = Path(DATA, "prepared/negatives")
    plain = json.loads((folder / "erased.json").read_bytes())
    assert read_tombstones(folder).hashes == frozenset(plain["ids_sha256"]) != frozenset()


def test_a_bank_is_whole_and_its_acts_go_on(archive, capsys):
    run("link", f"bank={DATA}/bank", "verify=true")
    said = capsys.readouterr().out
    assert "1 hold" in said
    assert "1 erased advert" in said
    shutil.copytree(BANK, "bank")
    run("link", "bank=bank", "refresh=true", f"reviews={DATA}/reviews.jsonl")
    run("link", "bank=bank", "as_of=2026-12-03")
    run("link", "bank=bank", "since=2026-W06")


def test_what_was_sent_is_known_and_can_be_taken_back(archive, capsys):
    shares = [f"ledger={DATA}/shared.jsonl", "tracking=none"]
    run("share", *shares, f"verify={DATA}/out/police/send", status=(1,))
    assert "withdrawn: 1 of" in capsys.readouterr().out
    shutil.copyfile(f"{DATA}/shared.jsonl", "copy.jsonl")
    shutil.copyfile(f"{DATA}/shared_count.json", "copy_count.json")
    ledger = ["ledger=copy.jsonl", f"reviews={DATA}/reviews.jsonl", "tracking=none"]
    run("share", *ledger, f"outcome={DATA}/answers.csv")
    run("share", *ledger, "report_dir=report")
    first = read_ledger(Path("copy.jsonl"))[0].reference
    run("share", *ledger, f"retract={first}", "reason=a charity", "share_dir=back")


@pytest.mark.parametrize(
    ("run_dir", "within"), [("model", 1e-6), ("frozen", 1e-4), ("fine_tune", 1e-4)]
)
def test_a_checkpoint_answers_as_it_did(archive, run_dir, within):
    before = f"{DATA}/report" if run_dir == "model" else f"{DATA}/{run_dir}/report"
    run(
        "evaluate",
        f"candidate={DATA}/{run_dir}",
        f"prepared={DATA}/prepared/train",
        f"run_dir=again/{run_dir}",
        "tracking=none",
        "bootstrap_resamples=200",
    )
    then, now = (
        pq.read_table(Path(place, "predictions.parquet")).to_pydict()
        for place in (before, f"again/{run_dir}")
    )
    assert then.keys() == now.keys()
    assert then["id"] == now["id"]
    columns = [name for name in then if name.startswith("logits")]
    assert columns
    for name in columns:
        assert np.allclose(np.array(then[name]), np.array(now[name]), rtol=0, atol=within), name


@pytest.mark.parametrize("bundle", ["bundle", "bundle_fine_tune"])
def test_a_bundle_proves_itself(archive, bundle):
    verdict = verify(bundle, lambda: Classifier.load(Path(DATA, bundle), threads=1))
    assert verdict.fit, "\n".join(verdict.lines())


def test_commands_find_what_they_found_then(known):
    found = json.loads(json.dumps(golden.facts()))
    for name, facts in found.items():
        _same(facts, known[name], name)
    assert {*found, "heads", "layout", "trained"} == {*known}
    for store, files in known["layout"].items():
        assert golden.layout(store) == sorted({*files, *ADDED.get(store, ())})


@pytest.mark.slow
def test_a_new_training_ends_as_it_did_with_the_names_that_programs_look_for(known):
    _same(json.loads(json.dumps(golden.trained())), known["trained"], "trained")


def _same(found: object, wanted: object, place: str) -> None:
    """Compare plain values; numbers to a millionth, and what a bundle computes to 1e-5."""
    if isinstance(wanted, dict):
        assert isinstance(found, dict)
        assert found.keys() == wanted.keys(), place
        for key, value in wanted.items():
            _same(found[key], value, f"{place}, {key}")
    elif isinstance(wanted, list):
        assert isinstance(found, list)
        assert len(found) == len(wanted), place
        for number, value in enumerate(wanted):
            _same(found[number], value, f"{place}, {number}")
    elif isinstance(wanted, float):
        within = {"rel": 1e-5, "abs": 1e-5} if place.startswith("scores") else {"rel": 1e-6}
        assert found == pytest.approx(wanted, **within), place
    else:
        assert found == wanted, place
