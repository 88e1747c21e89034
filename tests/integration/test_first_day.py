"""A new user's first day: words that a command line takes, own data, sweeps, scores in a table."""

import csv
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from calling import VERBS, call, module_of
from composing import load
from preparing import sentences, write_csv
from told_examples import gate_record

import adverts as package
from adverts import score
from adverts.command import main
from adverts.errors import InputError
from adverts.evaluate import Evaluated
from adverts.evaluate import _next as after
from adverts.init import init
from adverts.init import main as init_main
from adverts.judging.gate_verdict import digest_of
from adverts.promote import Moved
from adverts.tracking.registry import Version
from adverts.tracking.tracker import NullTracker

TRAIN = ["model=tfidf", "tracking=none"]

pytestmark = pytest.mark.usefixtures("two_folds")


def write_own(folder, *, rows=240, header=("no", "légende", "spam", "", "", "")):
    """Write a file as an office program of another country saves it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = sentences(rows, seed=5)
    with (folder / "annonces.csv").open("w", newline="", encoding="latin-1") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(header)
        for number, row in enumerate(made):
            positive = number % 5 < 2
            text = row["text"] + (" traversée; bateau" if positive else " marché école")
            writer.writerow([number, text if number else "", int(positive), "", "", ""])
    return folder / "annonces.csv"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--version"], f"adverts {package.__version__}\n"),
        (["help"], "usage: adverts VERB"),
        (["--help"], "usage: adverts VERB"),
        (["help", "train"], "prepared"),
    ],
)
def test_version_and_help_are_words_too(words, told, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["adverts", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert told in capsys.readouterr().out


def test_flags_of_hydra_stand_anywhere(monkeypatch, capsys):
    given = ["prepared=p", "--cfg", "job", "seed=7"]
    monkeypatch.setattr(sys, "argv", ["adverts train", *given])
    assert call(monkeypatch, "train", *given) == 0
    assert "seed: 7" in capsys.readouterr().out
    assert call(monkeypatch, "train", "prepared=nowhere", "-m", "seed=1,2") == 2
    said = capsys.readouterr()
    assert "job 0: seed=1\njob 1: seed=2" in said.out
    assert said.err.count("nowhere is not a prepared dataset") == 2


def test_every_fault_of_a_configuration_is_told_at_once(monkeypatch, capsys):
    given = ["modle=text", "sed=1", "prepared=p", "trainer.epoch=3", "seed=a"]
    assert call(monkeypatch, "train", *given) == 2
    said = capsys.readouterr().err
    for fault in ("modle: no such key", "sed: no such", "trainer.epoch: no such", "seed: found"):
        assert fault in said
    assert sys.argv[1:] == given


def test_a_value_that_hydra_cannot_read_says_to_quote_it(monkeypatch, capsys):
    assert call(monkeypatch, "prepare", "data.columns.text=légende") == 2
    said = capsys.readouterr().err
    assert """type 'data.columns.text="légende"', with both kinds of quotes""" in said
    assert call(monkeypatch, "prepare", "data.source.paths=[là.csv]") == 2
    assert """type 'data.source.paths=["là.csv"]', with""" in capsys.readouterr().err
    assert call(monkeypatch, "prepare", "data=csv", "data.source.paths=a.csv") == 2
    said = capsys.readouterr().err
    assert "wanted: a list in brackets, such as 'data.source.paths=[a.csv]'" in said


def test_labels_are_typed_as_they_stand(monkeypatch, capsys):
    typed = ["data=csv", "data.tasks.labels=[0,1]", "data.tasks.positive=1", "--cfg", "job"]
    assert call(monkeypatch, "prepare", *typed) == 0
    capsys.readouterr()
    assert call(monkeypatch, "prepare", *typed[:3], "data.root=nowhere") == 2
    assert "data.root: " in capsys.readouterr().err
    assert call(monkeypatch, "prepare", "data=csv", "data.tasks.positive=true", "data.root=no") == 2
    assert "data.root: " in capsys.readouterr().err


def test_a_config_of_ones_own_that_is_not_searched_is_named(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf" / "data").mkdir(parents=True)
    (tmp_path / "conf" / "data" / "mine.yaml").write_text("name: mine\n")
    assert call(monkeypatch, "prepare", "data=mine") == 2
    assert "to use conf/data/mine.yaml, add -cd conf" in capsys.readouterr().err


def test_a_promotion_wants_the_words_of_a_person(monkeypatch, capsys):
    given = ["bundle_dir=b", "gate_record=g", "gate_hash=h", "tracking=none"]
    words = ["registered_model=NAME", "approved_by=YOU", "reason=it passed"]
    assert call(monkeypatch, "promote", *given, *words) == 2
    said = capsys.readouterr().err
    assert "registered_model=NAME, approved_by=YOU must be replaced by your own words" in said


def test_folders_of_hydra_are_refused_and_none_is_made(monkeypatch, capsys, tmp_path):
    folder = tmp_path / "outputs"
    assert call(monkeypatch, "train", "prepared=p", f"hydra.run.dir={folder}") == 2
    assert "hydra.run.dir: not used" in capsys.readouterr().err
    assert not folder.exists()


COMPLETED = {
    "adverts tr": "train",
    "adverts train model=te": "model=text model=text_minilm",
    "adverts evaluate gate=": "gate=first gate=none gate=release",
    "adverts train model=text trainer=up": "trainer=upper_layers",
    "adverts nothing model=": "",
    "adverts help tr": "train",
    "adverts prepare data=_": "",
    "adverts prepare -cd conf ocr=none data=min": "data=mine",
    "adverts train prepared=con": "prepared=conf/",
}


@pytest.mark.slow
def test_the_shell_completes_verbs_keys_and_values(tmp_path):
    conf = tmp_path / "conf"
    (conf / "data").mkdir(parents=True)
    (conf / "data" / "mine.yaml").write_text("defaults: [csv, _self_]\nname: mine\n")
    program = tmp_path / "adverts"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m adverts.command "$@"\n')
    program.chmod(0o755)
    assert completed(tmp_path, COMPLETED) == COMPLETED


def completed(folder, typed):
    """Return what bash offers for lines that are typed, with the ``adverts`` of a folder."""
    script = """
    eval "$(adverts completion bash)"
    for typed in "$@"; do
      COMP_LINE="$typed"; COMP_POINT=${#typed}; read -ra COMP_WORDS <<< "$typed"
      COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); COMPREPLY=(); _adverts
      printf '%s\\n' "$(IFS=' '; set -f; echo ${COMPREPLY[*]})"
    done
    """
    done = subprocess.run(
        ["bash", "-c", script, "bash", *typed],
        cwd=folder,
        env=os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(typed, done.stdout.splitlines(), strict=True))


HOSTILE = (
    *("$(touch${IFS}PWNED)", "`touch${IFS}PWNED`", "a;touch${IFS}PWNED", "a|touch", "a&touch"),
    *("<(touch${IFS}PWNED)", "${x:=$(touch${IFS}PWNED)}", "$((x[$(touch${IFS}PWNED)]))", "$HOME"),
    *("*", "?", "[a-z]*", "{a,b}", "!!", "a>PWNED", "a#b", "'", '"', "a\\", "a\tb", "a\rb"),
)


def test_the_shell_runs_and_expands_nothing_of_what_it_completes(tmp_path):
    words = [f"data={name}" for name in (*HOSTILE, "mine", "données", "-x")]
    (tmp_path / "offered").write_text("\n".join([*words, *HOSTILE, "name=theirs", "-x=y"]))
    program = tmp_path / "adverts"
    lines = [
        "#!/bin/sh",
        f'[ "$1" = completion ] && exec "{sys.executable}" -m adverts.command "$@"',
        f'cat "{tmp_path}/offered"',
    ]
    program.write_text("\n".join(lines))
    program.chmod(0o755)
    files = tmp_path / "files"
    for name in (*HOSTILE, "two words", "line\nprepared=files/break", "plain.csv"):
        if "/" not in name:
            (files / name).mkdir(parents=True)
    before = {path.name for path in tmp_path.iterdir()}
    wanted = {
        "adverts prepare data=": "data=mine data=données data=-x",
        "adverts prepare data=$(touch${IFS}PWNED": "",
        "adverts prepare": "prepare",
        "adverts prepare -cd $(touch${IFS}PWNED) `touch${IFS}PWNED` name=": "name=theirs",
        "adverts train prepared=files/": "prepared=files/plain.csv/",
        "adverts train prepared=~/files/pl": "prepared=~/files/plain.csv/",
        "adverts train prepared=files/$(touch${IFS}PWNED)": "",
        "adverts train prepared=$(touch${IFS}PWNED)/": "",
        "adverts train prepared=files/t": "",
        "adverts help $(touch${IFS}PWNED)": "",
        "adverts $(touch${IFS}PWNED)": "",
    }
    assert completed(tmp_path, wanted) == wanted
    assert {path.name for path in tmp_path.iterdir()} == before


def test_hydras_own_completion_gets_plain_words_alone(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "conf" / "data"
    folder.mkdir(parents=True)
    for name in ("$(touch${IFS}PWNED)", "`x`", "a;b", "mine"):
        (folder / f"{name}.yaml").write_text("defaults: [csv, _self_]\n")
    text = 'defaults: [csv, _self_]\nname: "$(touch${IFS}PWNED)"\n'
    (folder / "theirs.yaml").write_text(text)
    given = ["-cd", str(tmp_path / "conf"), "-sc", "query=bash"]
    for line, offered in {
        "adverts data=": {"data=csv", "data=mine", "data=theirs"},
        "adverts data=theirs data.name=": set(),
        "adverts data=mine data.ro": {"data.root="},
    }.items():
        monkeypatch.setenv("COMP_LINE", line)
        assert call(monkeypatch, "prepare", *given) == 0
        words = set(capsys.readouterr().out.split())
        assert offered <= words
        assert all(re.fullmatch(r"[\w./:=,@%+~-]+", word) for word in words)


@pytest.mark.slow
def test_from_a_messy_file_to_scores_in_six_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_own(tmp_path)
    init(Path("annonces.csv"))
    told = capsys.readouterr().out
    assert "read as CP1252, semicolons between cells" in told
    assert "label: column 'spam', by its name; positive: 1" in told
    assert "next: adverts prepare -cd conf data=annonces" in told
    assert call(monkeypatch, "prepare", "-cd", "conf", "data=annonces") == 0
    assert "labels found: 0 ×144, 1 ×96; positive: 1" in capsys.readouterr().out
    run = ["prepared=prepared/annonces", "run_dir=runs/annonces"]
    assert call(monkeypatch, "train", *TRAIN, *run) == 0
    line = re.search(r"next: adverts export (.*)", capsys.readouterr().out)[1]
    following = line.replace("=SHARE_IN_SERVICE", "=0.4").split()
    assert following != line.split()
    assert call(monkeypatch, "export", *following, "tracking=none") == 0
    following = re.search(r"next: adverts evaluate (.*)", capsys.readouterr().out)[1].split()
    assert call(monkeypatch, "evaluate", *following, "bootstrap_resamples=100") == 3
    bundle = next(one for one in following if one.startswith("candidate=")).partition("=")[2]
    given = ["-cd", "conf", "data=annonces", f"bundle={bundle}", "scores=scored.csv"]
    assert call(monkeypatch, "score", *given) == 0
    with Path("scored.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == 240
    assert rows[0]["reason"] == "nothing to read: leave it to a person"
    assert rows[0]["score"] == ""
    assert {"column 4", "column 5", "column 6"} <= rows[0].keys()
    assert {row["review_band"] for row in rows} <= {"priority", "review", "below", "abstain"}
    high = [float(row["score"]) for row in rows if row["spam"] == "1" and row["légende"]]
    low = [float(row["score"]) for row in rows if row["spam"] == "0"]
    assert sum(high) / len(high) > sum(low) / len(low) + 0.3
    assert Path("scored.csv").stat().st_mode & 0o077 == 0
    assert call(monkeypatch, "score", *given) == 2
    assert "scores=scored.csv exists" in capsys.readouterr().err


def test_a_row_that_cannot_be_scored_keeps_its_place_and_no_cell_is_a_formula(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    prepared_and_exported(tmp_path, monkeypatch)
    Path("new.csv").write_text('id,text\n1,=1+1\n2,a,b\n3,"+44 7700 900142 boat"\n')
    given = ["bundle=bundle", "data=csv", "data.root=.", "data.source.paths=[new.csv]"]
    assert call(monkeypatch, "score", *given, "scores=out.csv") == 0
    said = capsys.readouterr().out
    assert "2 adverts scored, 1 errors: 0 priority, " in said
    assert "2 order_only: read from the highest score down; nothing is promised" in said
    with Path("out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["error"] for row in rows] == ["", "malformed", ""]
    assert "has 3 fields, the header has 2" in rows[1]["reason"]
    assert rows[0]["text"] == "'=1+1"
    assert rows[2]["text"].startswith("'+44")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["data.columns.text=caption"], "data.columns.text='caption' is not a column"),
        (["data.source.paths=[none.csv]"], "none.csv is not a file"),
        (["bundle=nowhere"], "nowhere"),
        (["scores=no/out.csv"], "no is not a folder"),
        (["scores=out.xlsx"], "use a name that ends in .csv"),
    ],
)
def test_what_cannot_be_scored_is_one_line_and_leaves_nothing(
    tmp_path, monkeypatch, capsys, given, message
):
    monkeypatch.chdir(tmp_path)
    prepared_and_exported(tmp_path, monkeypatch)
    Path("new.csv").write_text("id,text\n1,boat\n")
    usual = ["bundle=bundle", "data=csv", "data.root=.", "data.source.paths=[new.csv]"]
    assert call(monkeypatch, "score", *usual, "scores=out.csv", *given) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert message in line
    assert not [one for one in tmp_path.iterdir() if "out.csv" in one.name]


@pytest.fixture(autouse=True)
def _given(bundle):
    prepared_and_exported.bundle = bundle


def prepared_and_exported(folder, monkeypatch):
    del monkeypatch
    shutil.copytree(prepared_and_exported.bundle, folder / "bundle")


def test_a_run_is_scored_by_its_export(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    prepared_and_exported(tmp_path, monkeypatch)
    Path("run").mkdir()
    Path("bundle").rename("run/bundle")
    Path("run/config.yaml").write_text("prepared: nowhere\n")
    Path("new.csv").write_text("id,text\n1,boat\n")
    given = ["data=csv", "data.root=.", "data.source.paths=[new.csv]", "scores=out.csv"]
    assert call(monkeypatch, "score", "bundle=run", *given) == 0
    assert "run is a run: its export run/bundle scores" in capsys.readouterr().out


def test_what_priority_promises_is_said_for_the_share_that_it_holds_at(monkeypatch):
    found = SimpleNamespace(value=0.7, promised=0.9, operating_prevalence=0.02)
    monkeypatch.setattr(score, "_threshold", lambda *_: ("refer", found))
    assert "of 100, at least 90 are “refer” where 2.0 % of all are" in score._promise(None)
    found.operating_prevalence = None
    assert score._promise(None) == ""


def test_resume_alone_goes_on_with_the_runs_own_config(
    tiny_prepared, tmp_path, monkeypatch, capsys
):
    run = tmp_path / "run"
    given = [*TRAIN, f"prepared={tiny_prepared}", f"run_dir={run}", "model.char_ngrams=[1,3]"]
    assert call(monkeypatch, "train", *given) == 0
    capsys.readouterr()
    assert call(monkeypatch, "train", f"resume={run}") == 0
    assert "is already finished" in capsys.readouterr().err
    assert call(monkeypatch, "train", f"resume={run}", "seed=9") == 2
    assert "prepared: not set" in capsys.readouterr().err
    assert call(monkeypatch, "train", f"resume={tmp_path / 'no'}") == 2
    assert "no" in capsys.readouterr().err


def test_jobs_of_a_sweep_have_folders_of_their_own_and_end_in_a_table(
    tiny_prepared, tmp_path, monkeypatch, capsys
):
    given = [*TRAIN, f"prepared={tiny_prepared}", f"run_dir={tmp_path / 'sweep'}"]
    recorded = []

    def open_tracker(config, *, run_name, **_):
        recorded.append(run_name)
        return NullTracker()

    monkeypatch.setattr("adverts.train.open_tracker", open_tracker)
    assert call(monkeypatch, "train", *given, "-m", "model.char_ngrams=[1,2],[2,4]") == 0
    said = capsys.readouterr().out
    folders = sorted(one.name for one in (tmp_path / "sweep").iterdir())
    assert len(folders) == 2
    assert recorded == folders
    assert all(name.startswith(f"{place}-model.char_ngrams-") for place, name in enumerate(folders))
    table = said[said.index("\nrun ") :]
    assert all(str(tmp_path / "sweep" / name) in table for name in folders)
    assert "best by average_precision on validation: " in table
    assert "different models" not in table


@pytest.mark.parametrize(
    ("verdict", "verb"), [("passed", "promote"), ("could not judge", None), ("failed", None)]
)
def test_evaluate_offers_a_next_command_only_after_a_pass(tmp_path, verdict, verb):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "manifest.json").touch()
    places = [f"candidate={tmp_path / 'bundle'}", "prepared=p", f"run_dir={tmp_path / 'r'}"]
    gate = dataclasses.replace(gate_record("a" * 64), verdict=verdict)
    done = Evaluated(tmp_path / "r", None, SimpleNamespace(), gate)
    line = after(load("evaluate", *places), done)
    if verb is None:
        assert line is None
    else:
        assert line.startswith(f"next: adverts {verb} bundle_dir={tmp_path / 'bundle'} ")
        assert digest_of(gate) in line
        assert " prepared=p " in line, "so that a record of another bundle is found out"


def test_promote_ends_with_the_evaluation_of_the_next_bundle(monkeypatch, capsys):
    version = Version("boats", "1", {})
    monkeypatch.setattr("adverts.promote.promote", lambda config: Moved(version, None))
    given = ["registered_model=boats", "approved_by=me", "reason=this"]
    assert call(monkeypatch, "promote", *given) == 0
    said = capsys.readouterr().out
    assert "models:/boats@champion is now version 1; before, it was nothing" in said
    assert re.search(
        r"next: adverts evaluate .*gate=release .*champion=models:/boats@champion", said
    )


def test_a_sweep_of_what_changes_nothing_says_so(tiny_prepared, tmp_path, monkeypatch, capsys):
    given = [*TRAIN, f"prepared={tiny_prepared}", f"run_dir={tmp_path / 'sweep'}"]
    assert call(monkeypatch, "train", *given, "-m", "seed=1,2") == 0
    assert "these 2 jobs gave 1 different models" in capsys.readouterr().out


def test_the_runs_of_a_sweep_are_listed_under_one_that_names_the_best(
    tiny_prepared, tmp_path, monkeypatch
):
    pytest.importorskip("mlflow")
    from adverts.tracking.mlflow_client import open_client

    store = tmp_path / "mlflow"
    given = [f"prepared={tiny_prepared}", "model=tfidf", f"tracking.store={store}"]
    named = [*given, f"run_dir={tmp_path / 'sweep'}", f"ledger={tmp_path / 'looks.jsonl'}"]
    nowhere = ["prepared=nowhere", *named[1:], "-m", "model.num_features_log2=10,11"]
    assert call(monkeypatch, "train", *nowhere) == 2
    assert not store.exists(), "a sweep that is refused is no run"
    assert call(monkeypatch, "train", *named, "-m", "model.num_features_log2=10,11") == 0
    client = open_client(f"sqlite:///{store / 'mlflow.db'}")
    experiments = [one.experiment_id for one in client.search_experiments()]
    runs = client.search_runs(experiments)
    [parent] = [run for run in runs if run.data.tags.get("kind") == "sweep"]
    children = [run for run in runs if run is not parent]
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parent.info.run_id}
    assert len(children) == 2
    assert parent.data.tags["settings"] == "model.num_features_log2"
    assert parent.data.tags["best"] in {run.info.run_name for run in children}
    best = max(run.data.metrics["best.average_precision"] for run in children)
    assert parent.data.metrics["best.average_precision"] == pytest.approx(best)
    assert parent.info.status == "FINISHED"


def test_a_debug_preset_and_an_experiment_are_chosen_as_in_templates(monkeypatch, capsys):
    chosen = ["prepared=p", "debug=quick", "+experiment=nine_frozen", "--cfg", "job"]
    assert call(monkeypatch, "train", *chosen) == 0
    said = capsys.readouterr().out
    assert "freeze_layers: 9" in said
    assert "baseline: false" in said
    assert re.search(r"tracking:\n  kind: none", said)


def test_a_dataset_that_changes_tells_which_runs_were_made_from_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path, sentences(80, seed=1))
    given = ["data=csv", "data.name=mine", "data.root=raw"]
    assert call(monkeypatch, "prepare", *given) == 0
    run = ["prepared=prepared/mine", "run_dir=runs/first"]
    assert call(monkeypatch, "train", *TRAIN, *run) == 0
    capsys.readouterr()
    assert call(monkeypatch, "prepare", *given) == 0
    assert "caution" not in capsys.readouterr().out
    write_csv(tmp_path, sentences(90, seed=1))
    assert call(monkeypatch, "prepare", *given) == 0
    said = capsys.readouterr().out
    assert re.search(
        r"caution: prepared/mine held other data earlier .* runs/first were made", said
    )


@pytest.mark.parametrize("taken", ["finished", "foreign"])
def test_a_run_dir_that_is_taken_is_refused_before_torch_is_loaded(
    tiny_prepared, bundle, tmp_path, taken
):
    run = tmp_path / "run"
    if taken == "foreign":
        run.mkdir()
        (run / "notes.txt").write_text("mine")
    else:
        shutil.copytree(bundle.parent / "run", run)
    code = (
        "import sys; sys.argv = ['adverts train', *sys.argv[1:]]; import adverts.train as t\n"
        "try: t.main()\n"
        "finally: print('torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, f"prepared={tiny_prepared}", f"run_dir={run}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "exists and is not empty" in done.stderr
    assert done.stdout.strip() == "False"


REFUSED = {
    "audit": ["prepared=nowhere"],
    "estimate": ["sample=nowhere", "estimate_dir=e"],
    "evaluate": ["candidate=nowhere", "prepared=nowhere"],
    "export": ["checkpoint=nowhere", "prepared=nowhere", "bundle_dir=b"],
    "export ": ["from_bundle=nowhere", "bundle.audience=partner", "bundle_dir=b"],
    "promote": [
        *("bundle_dir=nowhere", "gate_record=nowhere", "gate_hash=abc", "registered_model=m"),
        *("approved_by=me", "reason=this"),
    ],
    "score": ["bundle=nowhere", "data.root=.", "data.source.paths=[a.csv]", "scores=s.csv"],
    "train": ["prepared=nowhere"],
    "train ": ["resume=nowhere", "prepared=nowhere"],
}


def test_what_is_not_there_is_refused_before_torch_is_loaded(tmp_path):
    code = (
        "import importlib, json, sys\n"
        "for module, verb, given in json.loads(sys.argv[1]):\n"
        "    sys.argv[1:] = given\n"
        "    try: importlib.import_module(module.strip()).main()\n"
        "    except SystemExit as ended: print(verb.strip(), ended.code)\n"
        "print([one for one in ('torch', 'onnx', 'mlflow', 'sklearn') if one in sys.modules])"
    )
    given = [(module_of(verb.strip()), verb, words) for verb, words in REFUSED.items()]
    (tmp_path / "a.csv").write_text("id,text\n1,a\n")
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(given)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    *verbs, loaded = done.stdout.splitlines()
    assert verbs == [f"{verb.strip()} 2" for verb in REFUSED]
    assert loaded == "[]"
    assert done.stderr.count("nowhere") >= len(REFUSED), done.stderr


def test_tfidf_is_trained_without_torch(tiny_prepared, tmp_path):
    code = (
        "import sys\n"
        "from adverts.train import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print([one for one in ('torch', 'accelerate', 'transformers') if one in sys.modules])"
    )
    given = ["model=tfidf", f"prepared={tiny_prepared}", f"run_dir={tmp_path}/r", "tracking=none"]
    words = [sys.executable, "-c", code, *given]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "[]"
    assert (tmp_path / "r" / "checkpoints" / "best" / "model.safetensors").is_file()


def test_weights_that_are_not_there_leave_no_run_behind(tiny_prepared, tmp_path, capsys):
    store, run = tmp_path / "store", tmp_path / "run"
    given = [f"prepared={tiny_prepared}", f"run_dir={run}", f"tracking.store={store}"]
    with pytest.MonkeyPatch.context() as patch:
        weights = "model.encoder.weights='path:nowhere'"
        assert call(patch, "train", "tracking.uri=null", *given, weights) == 2
    assert "no config.json in nowhere" in capsys.readouterr().err
    assert not store.exists()
    assert not run.exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("adverts.doc", "text", "does not end in .csv"),
        ("adverts.csv", "a,b\n1,2\n", "no column looks like captions"),
        ("adverts.csv", "", "is empty"),
    ],
)
def test_data_that_init_cannot_read_is_one_line(tmp_path, monkeypatch, name, content, message):
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(content)
    with pytest.raises(InputError, match=message):
        init(Path(name))
    assert not Path("conf").exists()


def test_init_leaves_what_somebody_edited_and_takes_pictures_by_folder(
    tmp_path, monkeypatch, capsys
):
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    for label in ("no", "yes"):
        folder = tmp_path / "pictures" / label
        folder.mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (24, 24), (40 * number, 9, 90)).save(folder / f"{number}.png")
    path = init(Path("pictures"), name="photos")
    assert "positive: yes" in capsys.readouterr().out
    assert call(monkeypatch, "prepare", "-cd", "conf", "data=photos", "--cfg", "job") == 0
    assert "positive: 'yes'" in capsys.readouterr().out
    assert init(Path("pictures"), name="photos") == path
    path.write_text(f"{path.read_text()}unlabelled: true\n")
    with pytest.raises(InputError, match=f"{path} already exists"):
        init(Path("pictures"), name="photos")
    with pytest.raises(InputError, match="does not hold a folder of pictures"):
        init(tmp_path / "pictures" / "yes")


def test_labels_in_a_few_odd_spellings_are_found_all_the_same(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = [
        [f"n{i}", f"{'boat' if i % 2 else 'shop'} word{i} here", ["no", "yes"][i % 2]]
        for i in range(200)
    ]
    rows[7][2] = "oui"
    with Path("a.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["N°", "texte", "à signaler"], *rows])
    init(Path("a.csv"), name="mine")
    said = capsys.readouterr().out
    assert (
        "label: column 'à signaler', its cells are no and yes, and in a few rows oui; posit" in said
    )
    assert "id: column 'N°', by its name" in said
    text = Path("conf/data/mine.yaml").read_text(encoding="utf-8")
    assert 'positive: "yes"' in text


_MEANT = {"url": "group", "campaign": "campaign"}


@pytest.mark.parametrize("column", ["url", "campaign"])
@pytest.mark.parametrize("groups", [4, 60])
def test_a_split_of_the_source_is_kept_and_no_group_that_holds_most_of_it(
    tmp_path, monkeypatch, capsys, groups, column
):
    monkeypatch.chdir(tmp_path)
    rows = sentences(240, seed=4)
    with Path("own.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label", "fold", column])
        for i, row in enumerate(rows):
            fold = "test" if i % groups % 4 == 0 else "train"
            writer.writerow([i, row["text"], i % 7 < 3, fold, f"https://a.example/{i % groups}"])
    init(Path("own.csv"))
    told = capsys.readouterr().out
    assert (f"{_MEANT[column]}: column '{column}', by its name" in told) == (groups == 60)
    assert (f"not used: {column}" in told) == (groups == 4)
    assert call(monkeypatch, "prepare", "-cd", "conf", "data=own") == 0
    assert re.search(r"\ntest +60 ", capsys.readouterr().out)


def test_init_reads_a_sheet_and_leaves_what_nothing_tells_to_a_person(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    book = openpyxl.Workbook()
    book.active.append(["List of the week"])
    sheet = book.create_sheet("Adverts")
    sheet.append(["id", "text", "label"])
    for number, row in enumerate(sentences(80, seed=4)):
        sheet.append([row["id"], row["text"], ("advert", "other")[number % 3 > 0]])
    book.save("own.xlsx")
    with pytest.raises(InputError, match=r"(?s)no column looks like.*Sheet, Adverts.*--sheet"):
        init(Path("own.xlsx"))
    init(Path("own.xlsx"), sheet="Adverts")
    assert "positive: advert or other? name it with --positive" in capsys.readouterr().out
    assert call(monkeypatch, "prepare", "-cd", "conf", "data=own") == 2
    assert "name the label that you look for" in capsys.readouterr().err
    chosen = "data.tasks.positive=advert"
    assert call(monkeypatch, "prepare", "-cd", "conf", "data=own", chosen) == 0


def test_init_tells_rows_that_cannot_be_read_and_proposes_to_set_them_aside(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    path = write_own(tmp_path)
    path.write_bytes(path.read_bytes() + b"999;too;1;many;cells;here;and;more\n")
    init(Path("annonces.csv"))
    said = capsys.readouterr().out
    assert "rows that cannot be read: 1, such as annonces.csv line 242 (record 241)" in said
    following = re.search(r"next: adverts prepare (.*)", said)[1].split()
    assert "data.on_error=quarantine" in following
    assert call(monkeypatch, "prepare", *following) == 0


def test_a_review_that_is_not_given_again_is_missed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path, [row | {"date": "14/07/2026"} for row in sentences(60, seed=1)])
    Path("review.csv").write_text(
        "part,cluster,example,adverts,reason,label.refer,note\n"
        "p1,c,s1-3,1,large,yes,\np2,c,s1-4,1,large,no,\n"
    )
    given = ["data=csv", "data.name=mine", "data.root=raw", "data.columns.posted_week=date"]
    assert call(monkeypatch, "prepare", *given, "data.review=review.csv") == 0
    said = capsys.readouterr().out
    assert "60 of 60 adverts have a posted_week that is not an ISO week" in said
    assert "have lost the labels" not in said
    assert call(monkeypatch, "prepare", *given) == 0
    assert "caution: 2 adverts have lost the labels that a review gave" in capsys.readouterr().out


def test_a_set_for_tests_alone_and_columns_of_two_annotators_are_prepared(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    rows = [row | {"split": "test", "second": row["label"]} for row in sentences(40, seed=1)]
    write_csv(tmp_path, rows)
    asked = ["data=csv", "data.name=mine", "data.root=raw", "data.tasks.further_columns=[second]"]
    asked += ["data.split.kind=given", "data.columns.split=split", "ocr=none"]
    assert call(monkeypatch, "prepare", *asked) == 0
    said = capsys.readouterr().out
    assert "\ntest   40 " in said
    assert "\ntrain " not in said
    assert "next: adverts evaluate candidate=MODEL prepared=" in said


def test_a_key_of_another_kind_names_that_kind(monkeypatch, capsys):
    assert call(monkeypatch, "prepare", "data=csv", "data.split.leakage=drop") == 2
    said = capsys.readouterr().err
    assert (
        "data.split.leakage: belongs to data.split.kind=given, but another kind is chosen" in said
    )


@pytest.mark.parametrize("unbuffered", ["", pytest.param("1", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("to", "statuses", "told"),
    [
        ("| true", (0, 141), ""),
        ("> /dev/full", (2,), "adverts prepare: the disk is full; free some space"),
    ],
)
def test_output_that_nobody_takes_is_told_where_it_is_lost(to, statuses, told, unbuffered):
    line = f'set -o pipefail; "{sys.executable}" -m adverts.command prepare --help {to}'
    done = subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    )
    assert done.returncode in statuses
    assert done.stderr.startswith(told)
    assert len(done.stderr.splitlines()) == bool(told)


def test_a_preset_without_its_plus_is_told_to_be_added(monkeypatch, capsys):
    assert call(monkeypatch, "train", "experiment=nine_frozen", "prepared=p", "sed=1") == 2
    said = capsys.readouterr().err
    assert "experiment: must be added with a plus: +experiment=nine_frozen" in said
    assert "sed: no such key" in said


@pytest.mark.parametrize("verb", VERBS)
def test_help_says_what_every_key_means(monkeypatch, capsys, verb):
    assert call(monkeypatch, verb, "--help") == 0
    told = capsys.readouterr().out.partition("\n== Config")[0]
    keys = re.findall(r"^  (\w+)  +(.*)$", told, re.MULTILINE)
    assert len(keys) > 4
    assert all(len(meaning) > 8 for _, meaning in keys), keys


def test_training_again_after_the_data_changed_is_proposed_in_a_folder_of_its_own(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path, sentences(60, seed=1))
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    assert call(monkeypatch, "prepare", "data=csv", "data.name=mine", "data.root=raw") == 0
    assert "run_dir=runs/mine-2" in capsys.readouterr().out


def few_labels(folder, labels=("ham", "spam")):
    path = folder / "labels.csv"
    lines = [f"n{i},{'boat' if i % 2 else 'shop'} word{i} here,{labels[i % 2]}" for i in range(24)]
    path.write_text("\n".join(["id,text,label", *lines]) + "\n")
    return path


@pytest.fixture
def started(monkeypatch):
    """Steps that init starts, none of which is run; the second one fails."""
    commands = []

    def run(command, *, check):
        assert command[1:3] == ["-P", "-m"]
        commands.append(command[3:])
        return SimpleNamespace(returncode=(len(commands) - 1) % 2)

    monkeypatch.setattr("adverts.init.subprocess.run", run)
    return commands


def test_init_goes_on_to_a_model_where_it_is_asked_to(tmp_path, monkeypatch, capsys, started):
    monkeypatch.chdir(tmp_path)
    few_labels(tmp_path)
    with pytest.raises(SystemExit) as ended:
        init_main(["labels.csv", "--train"])
    assert ended.value.code == 1  # of the step that failed
    assert started[:2] == [
        [
            *("adverts.prepare", "-cd", "conf", "data=labels", "prepared=prepared/labels"),
            *("data.split.validation_fraction=0", "data.split.test_fraction=0"),
        ],
        [
            *("adverts.train", "prepared=prepared/labels", "model=text"),
            *("trainer=frozen", "run_dir=runs/labels"),
        ],
    ]
    assert "24 labels: all are learnt from" in capsys.readouterr().out
    Path("runs/labels").mkdir(parents=True)
    with Path("labels.csv").open("a") as file:
        file.write("n24,one more shop,ham\n")
    with pytest.raises(SystemExit):
        init_main(["labels.csv", "--train"])  # more labels in the same file
    assert started[-2][0] == "adverts.prepare"
    assert started[-1][-1] == "run_dir=runs/labels-2"
    Path("conf/data/labels.yaml").write_text("name: other\n")
    with pytest.raises(SystemExit) as ended:
        init_main(["labels.csv", "--train"])
    assert ended.value.code == 2
    assert "already exists" in capsys.readouterr().err


def test_after_a_training_a_person_can_score_at_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    few_labels(tmp_path)
    done = SimpleNamespace(returncode=0)
    monkeypatch.setattr("adverts.init.subprocess.run", lambda *_, **__: done)
    with pytest.raises(SystemExit) as ended:
        init_main(["labels.csv", "--train"])
    assert ended.value.code == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith("adverts score NEW.csv bundle=runs/labels scores=scored.csv")


def test_a_step_that_fails_is_the_last_one(tmp_path, monkeypatch, started):
    monkeypatch.chdir(tmp_path)
    few_labels(tmp_path)
    started.append("an earlier one, so that the first fails")
    with pytest.raises(SystemExit) as ended:
        init_main(["labels.csv", "--train"])
    assert (ended.value.code, len(started)) == (1, 2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "has the labels a, b; name the one that you look for with --positive"),
        (("--positive", "c"), "has no label 'c' in the rows looked at; it has a, b"),
        (("--positive", "a", "--name", "csv"), "no name of a packaged configuration"),
        (("--positive", "a", "--name", "../x"), "wanted letters, digits"),
    ],
)
def test_a_label_that_is_looked_for_must_be_known_before_anything_is_written(
    tmp_path, capsys, started, given, message
):
    few_labels(tmp_path, labels=("a", "b"))
    conf = tmp_path / "conf"
    with pytest.raises(SystemExit) as ended:
        init_main([str(tmp_path / "labels.csv"), "--train", "--to", str(conf), *given])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
    assert (started, conf.exists()) == ([], False)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["mine", "labels.csv"], "--name mine, such as: adverts init labels.csv --name mine"),
        (["labels.csv", "mine"], "--name mine, such as: adverts init labels.csv --name mine"),
        (["labels.csv", "--to", "c", "mine"], "init takes one file; give the name as --name mine"),
        (["labels.csv", "name=mine"], "not name=mine; type --name mine"),
        (["labels.csv", "seed=1"], "not seed=1; adverts init --help lists them"),
        (["labels.csv", "labels.csv"], "found labels.csv, labels.csv: type it for each"),
        (["labels.csv", "--nme", "mine"], "no flag --nme; adverts init --help lists them"),
    ],
)
def test_a_word_too_many_for_init_is_answered_in_one_line(
    tmp_path, monkeypatch, capsys, given, message
):
    monkeypatch.chdir(tmp_path)
    few_labels(tmp_path)
    with pytest.raises(SystemExit) as ended:
        init_main(given)
    said = capsys.readouterr().err
    assert (ended.value.code, said.count("\n")) == (2, 1)
    assert message in said
    assert list(tmp_path.iterdir()) == [tmp_path / "labels.csv"]


@pytest.mark.parametrize("given", ["spam", " Spam "])
def test_a_rare_label_can_be_looked_for(tmp_path, started, given):
    lines = [f"n{i},word{i} here,{'spam' if i < 4 else 'ham'}" for i in range(1200)]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(["id,text,label", *lines]) + "\n")
    with pytest.raises(SystemExit):
        init_main([str(path), "--train", "--to", str(tmp_path / "conf"), "--positive", given])
    assert 'positive: "spam"' in (tmp_path / "conf/data/labels.yaml").read_text()
    assert not [key for key in started[0] if "fraction" in key]


def test_rows_without_a_label_do_not_count_as_labels(tmp_path, started):
    lines = [f"n{i},word{i} here,{'' if i >= 40 else ['ham', 'spam'][i % 2]}" for i in range(1200)]
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(["id,text,label", *lines]) + "\n")
    with pytest.raises(SystemExit):
        init_main([str(path), "--train", "--to", str(tmp_path / "conf")])
    assert "data.split.test_fraction=0" in started[0]


@pytest.mark.parametrize("given", [(), ("--positive", "spam")])
def test_without_a_column_of_labels_nothing_is_trained(tmp_path, capsys, started, given):
    path = tmp_path / "plain.csv"
    path.write_text("id,text\n1,a boat and a shop\n2,another word here\n")
    with pytest.raises(SystemExit) as ended:
        init_main([str(path), "--train", "--to", str(tmp_path / "conf"), *given])
    assert (ended.value.code, started) == (2, [])
    assert "column" in capsys.readouterr().err
    assert not (tmp_path / "conf").exists()


@pytest.mark.slow
def test_from_a_few_labels_to_a_bundle(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few_labels(tmp_path, labels=("a", "b"))
    with pytest.raises(SystemExit) as ended:
        init_main(["labels.csv", "--train", "--positive", "b"])
    assert ended.value.code == 0
    outcome = json.loads(Path("runs/labels/run.json").read_text())["outcome"]
    assert (outcome["train_adverts"], outcome["validation_adverts"]) == (24, 0)
    places = ("checkpoint=runs/labels", "prepared=prepared/labels", "bundle_dir=bundle")
    assert call(monkeypatch, "export", *places, "tracking=none", "bundle.precision=fp32") == 0
    said = json.loads(Path("bundle/calibration.json").read_text())["tasks"][0]
    assert said["method"] == "none"
    assert "found on 12 such clusters, out of fold, stands" in said["reason"]
