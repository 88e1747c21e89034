"""The command line as a person meets it: statuses, one-line messages, start-up time of imports."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from calling import VERBS, adverts, call

from adverts import config
from adverts.command import CONFIGS, command, main

EXPERIMENTS = CONFIGS.parent / "experiments"

HEAVY = (
    "torch",
    "transformers",
    "mlflow",
    "sklearn",
    "pandas",
    "datasets",
    "onnxruntime",
    "easyocr",
    "numpy",
    "scipy",
    "pyarrow",
    "PIL",
    "tokenizers",
    "tqdm",
)


def typed(monkeypatch, *words):
    """Run ``adverts …`` in this process and return its exit status."""
    monkeypatch.setattr(sys, "argv", ["adverts", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_no_verb_prints_the_verbs(monkeypatch, capsys):
    assert typed(monkeypatch) == 2
    assert "evaluate" in capsys.readouterr().out


def test_an_unknown_verb_names_its_nearest_neighbour():
    result = adverts("trian")
    assert result.returncode == 2
    assert result.stderr.startswith("adverts: no verb 'trian'; nearest: train")


def test_who_types_compare_is_told_what_compares(monkeypatch, capsys):
    assert typed(monkeypatch, "compare", "runs/a", "runs/b") == 2
    said = capsys.readouterr().err
    assert "evaluate champion=" in said
    assert "adverts.api.compare" in said


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_closes_a_umask_that_lets_everybody_write(monkeypatch, verb):
    before = os.umask(0)
    try:
        assert call(monkeypatch, verb, "no_such_key=1") == 2
        assert os.umask(0) == 0o022
    finally:
        os.umask(before)


def test_a_misspelt_condition_of_a_gate_is_told_by_its_own_name(monkeypatch, capsys):
    given = ["candidate=m", "prepared=p", "gate=first"]
    assert call(monkeypatch, "evaluate", *given, "gate.conditions.fitz.at_most=1") == 2
    assert "gate.conditions: the chosen config has no 'fitz'" in capsys.readouterr().err
    assert call(monkeypatch, "evaluate", *given, "gate.conditions.fits.at_mots=1") == 2
    assert "fits.at_mots: no such key; nearest key: at_most" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model=tfidf"], "adverts train: prepared: not set; give it as prepared=<value>"),
        (["prepared=p", "trainer.epoch=3"], "trainer.epoch: no such key; nearest key: epochs"),
        (
            ["prepared=p", "model=tex"],
            "adverts train: model: found 'tex'; nearest: text; legal: fusion, ocr_image",
        ),
        (["prepared=p", "trainr.epochs=3"], "trainr: no such key; nearest key: trainer"),
        (["p"], "p: sets nothing; settings are typed as key=value, and --help shows the keys"),
        (["--prepared", "p"], "--prepared: settings are typed without dashes, as prepared=VALUE"),
        (["--trainer.epochs=3"], "settings are typed without dashes, as trainer.epochs=3"),
        (
            ["prepared=p", "model.learning_rate=1"],
            "model.learning_rate: no such key; nearest key: optimizer.learning_rate",
        ),
        (["prepared=p", "seed=4294967296"], "adverts train: seed: found 4294967296; wanted: less"),
        (
            ["prepared=p", "+loss.task_weights.refer=-1"],
            "adverts train: loss.task_weights.refer: found -1; wanted: greater than 0",
        ),
        (["prepared=p", "seed=-1"], "adverts train: seed: found -1; wanted: greater than or equal"),
        (["prepared=p", "seed=["], "no viable alternative"),
        (["model=null"], "adverts train: Config group override must be a string"),
        (["prepared=p", "--resolve"], "adverts train: The --resolve flag can only be used"),
        (
            ["model=tfidf", "prepared=${nope}"],
            "prepared: ${ begins an interpolation, which only the files of adverts",
        ),
        (["-cn", "rum"], "adverts train: -cn: found 'rum'; legal: train"),
        (
            ["-cd", f"{EXPERIMENTS}/0001-text-encoder", "-cn", "rum"],
            "adverts train: -cn: found 'rum'; nearest: run; legal: run, train",
        ),
    ],
)
def test_a_mistake_is_one_line_and_status_two(monkeypatch, capsys, overrides, message):
    assert call(monkeypatch, "train", *overrides) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


@pytest.mark.parametrize("arguments", [["-m", "seed=0,1,2"], ["seed=0"]])
def test_an_interruption_ends_the_whole_sweep(monkeypatch, capsys, arguments):
    begun = []

    def interrupted(parsed):
        begun.append(parsed.seed)
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["adverts train", *arguments, "prepared=p"])
    with pytest.raises(SystemExit) as ended:
        command("train", config.TrainConfig)(interrupted)()
    assert ended.value.code == 130
    assert begun == [0]
    assert capsys.readouterr().err == "adverts train: interrupted\n"


STOPS = """
import os, signal, sys
from adverts import command, config
import time
def stopped(parsed):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    finally:
        print("cleared away")
sys.argv = ["adverts train", "prepared=p"]
command.command("train", config.TrainConfig)(stopped)()
"""


def test_a_request_to_end_is_an_interruption_that_clears_away():
    result = subprocess.run(
        [sys.executable, "-c", STOPS], capture_output=True, text=True, check=False, timeout=100
    )
    assert (result.returncode, result.stdout) == (130, "cleared away\n")
    assert result.stderr == "adverts train: interrupted\n"


def test_a_file_where_a_folder_is_wanted_is_told_with_what_to_do(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    given = ["data=sample", f"prepared={tmp_path}/file/prepared"]
    assert call(monkeypatch, "prepare", *given) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"adverts prepare: {tmp_path}/file: something exists there already; "
        "choose another place or move it"
    ]


def test_module_and_command_are_the_same():
    assert adverts("train", "--cfg", "job", "prepared=p").stdout == (
        adverts("--cfg", "job", "prepared=p", module="adverts.train").stdout
    )


def test_every_job_of_a_sweep_runs_and_the_worst_status_is_returned(tmp_path, monkeypatch, capsys):
    assert call(monkeypatch, "train", "-m", f"prepared={tmp_path}/none", "seed=-1,-2") == 2
    assert capsys.readouterr().err.count("wanted: greater than or equal to 0") == 2


@pytest.mark.parametrize("package", ["hydra", "pydantic", "torch"])
def test_a_missing_package_says_what_to_install(package, tiny_prepared, tmp_path):
    script = (
        f"import runpy, sys; sys.modules[{package!r}] = None; "
        f"sys.argv[1:] = ['prepared={tiny_prepared}', 'run_dir={tmp_path}/run']; "
        "runpy.run_module('adverts.train', run_name='__main__', alter_sys=True)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.endswith(f'{package} is not installed; run: pip install "adverts[train]"')


def test_a_missing_package_is_an_error_that_a_program_can_catch():
    script = (
        "import sys; sys.modules['hydra'] = None\n"
        "from adverts.errors import MissingExtraError\n"
        "for module in ('adverts.compose', 'adverts.train'):\n"
        "    try: __import__(module)\n"
        "    except MissingExtraError as error: print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    told = 'hydra is not installed; run: pip install "adverts[train]"\n'
    assert (result.returncode, result.stdout, result.stderr) == (0, 2 * told, "")


def test_an_experiment_composes_through_the_installed_command():
    program = Path(sys.executable).with_name("adverts")
    place = ["-cd", f"{EXPERIMENTS}/0001-text-encoder", "-cn", "run"]
    command = [program, "train", *place, "prepared=p", "--cfg", "job"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "prepared: p\n" in result.stdout


def own_config(folder, name):
    """Copy ``csv.yaml`` into a folder of a person's own, as the README says; columns renamed."""
    text = (CONFIGS / "data" / "csv.yaml").read_text().replace("text: text", "text: body")
    path = folder / "conf" / "data" / f"{name}.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    rows = "".join(f"{i},seats on boat {i},{'yes' if i % 2 else 'no'}\n" for i in range(60))
    (folder / "adverts.csv").write_text("id,body,label\n" + rows)
    return [
        *("-cd", str(folder / "conf"), f"data={name}", "data.name=mine", f"data.root={folder}"),
        *("data.source.paths=[adverts.csv]", f"prepared={folder}/prepared"),
    ]


def test_a_data_config_of_ones_own_is_read(tmp_path, monkeypatch):
    assert call(monkeypatch, "prepare", *own_config(tmp_path, "mine")) == 0
    assert (tmp_path / "prepared" / "manifest.json").is_file()


def test_a_config_that_would_grow_beyond_measure_is_refused_before_it_is_built(
    tmp_path, monkeypatch, capsys
):
    arguments = own_config(tmp_path, "mine")
    levels = [f"k{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    bomb = "\n".join(["k0: &a0 [x, x]", *levels]) + "\n"
    path = tmp_path / "conf" / "data" / "mine.yaml"
    path.write_text(path.read_text() + bomb)
    assert call(monkeypatch, "prepare", *arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "mine.yaml cannot be a configuration: it holds more than 200,000 values" in line


def test_a_config_that_one_of_ours_would_hide_is_refused(tmp_path, monkeypatch, capsys):
    assert call(monkeypatch, "prepare", *own_config(tmp_path, "csv")) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "conf/data/csv.yaml has the name of a configuration that adverts contains" in line
    assert not (tmp_path / "prepared").exists()


def test_start_up_imports_nothing_heavy():
    modules = ("config", "prepare", "audit", "train", "evaluate", "export")
    code = (
        "import importlib, sys\n"
        f"for module in {modules!r}:\n"
        "    importlib.import_module(f'adverts.{module}')\n"
        f"    print(module, [m for m in {HEAVY!r} if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines() == [f"{module} []" for module in modules]


@pytest.mark.slow
def test_to_judge_a_bundle_loads_nothing_that_trains():
    judging = ("champion", "gallery", "gate_verdict", "judge", "stress")
    modules = [
        "candidates.candidate",
        "candidates.fit_rules",
        *(f"judging.{one}" for one in judging),
    ]
    imports = "; ".join(f"import adverts.{module}" for module in modules)
    code = (
        f"import sys; {imports}; "
        "print([m for m in ('torch', 'transformers', 'sklearn', 'mlflow') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_tfidf_is_trained_and_read_without_transformers():
    code = (
        "import sys, adverts.training.building.build_ngrams, adverts.training.runs.checkpoint; "
        "import adverts.bundle.export.write; "
        "print([m for m in ('transformers', 'torchvision', 'timm', 'sklearn') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.slow
def test_every_job_of_a_sweep_has_a_folder_of_its_own_and_no_password_is_written(
    tiny_prepared, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    uri = "tracking.uri='http://user:hunter2@127.0.0.1:9'"
    places = [f"prepared={tiny_prepared}", "model=tfidf", "tracking=none", uri]
    assert call(monkeypatch, "train", "-m", *places, "seed=0,1") == 0
    runs = sorted((tmp_path / "runs" / "train").iterdir())
    assert [run.name.rpartition("-")[2] for run in runs] == ["0", "1"]
    assert [(run / "run.json").is_file() for run in runs] == [True, True]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if b"hunter2" in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("verb", "key", "swept"),
    [
        ("train", "run_dir", ["prepared=p", "seed=0,1"]),
        ("evaluate", "run_dir", ["prepared=p", "candidate=a,b"]),
        ("export", "bundle_dir", ["prepared=p", "checkpoint=a,b"]),
        ("audit", "audit_dir", ["prepared=p", "seed=0,1"]),
        ("prepare", "prepared", ["data=sroie", "data.split.fold=0,1"]),
    ],
)
def test_only_a_sweep_numbers_the_folders(monkeypatch, tmp_path, verb, key, swept):
    monkeypatch.chdir(tmp_path)
    seen = []
    schema = getattr(config, f"{verb.title()}Config")
    run = command(verb, schema)(lambda parsed: seen.append(getattr(parsed, key)))
    for arguments in (["-m", *swept], [line.partition(",")[0] for line in swept]):
        monkeypatch.setattr(sys, "argv", [verb, *arguments])
        with pytest.raises(SystemExit):
            run()
    first, second, alone = (path.name for path in seen)
    assert (first[-2:], second[-2:]) == ("-0", "-1")
    assert len(alone) == len(first) - 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["new.csv", "posts/my new.csv"])
def test_a_file_as_data_is_told_what_writes_its_settings(monkeypatch, capsys, file):
    assert call(monkeypatch, "prepare", f"data={file!r}" if " " in file else f"data={file}") == 2
    said = capsys.readouterr().err
    assert f"data: found the file {file!r}, wanted the name of settings" in said
    assert f"adverts init {shlex.quote(file)} writes them" in said
