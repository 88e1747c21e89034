"""What ``adverts init`` writes from words of others stays words: in YAML, in a shell, on screen."""

import csv
import gzip
import itertools
import random
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from calling import call
from omegaconf._utils import get_yaml_loader

from adverts.compose import compose
from adverts.config import PrepareConfig
from adverts.errors import InputError
from adverts.init import init
from adverts.init import main as init_main
from adverts.prepare import prepare

TEXT = "a text of some words that is long enough, and this is number"
BREAKS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r", "U+2028": "\u2028", "U+0085": "\x85"}
WORDS = [
    *(f"x{one}on_error: quarantine{one}#" for one in BREAKS.values()),
    *(
        "# @package _global_",
        "null",
        "yes",
        "1e5",
        "1_000",
        ".inf",
        "2026-07-14",
        "12:30:45",
        "=",
        "<<",
    ),
    *("&a b", "*a", "!!int 1", "%YAML 1.1", "- a", "a: b", "{a: b}", "[a]", "~", "|", "---"),
    *(
        'it\'s "said"',
        "back\\slash\\",
        "$(touch x)",
        "\x1b[31mred",
        "\u202eright",
        "\U0001f600",
        "متن\u200cها",
    ),
]
COMPOSED = [*WORDS[:1], "# @package _global_", "1e5"]
UNRESOLVED = ["${oc.env:HOME}", "\\${name}", "${", "a ${.b} c"]

FEW_WORDS = ["".join(one) for one in itertools.product("bdfgklmnprst", "aeiou", "lmnrs")]
MEANS = "say which of train, validation and test each value means"
MORE = f"validation or test; {MEANS}: --splits lehrgang=SPLIT,probe=SPLIT"


def write(path, header=("id", "text", "extra", "label"), labels=("no", "yes"), rows=40):
    adverts = [[f"n{i}", f"{TEXT} {i}", "w", labels[i % len(labels)]] for i in range(rows)]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([header, *adverts])
    return path


def written(path):
    """Return the settings of a configuration, as two loaders read them, and its comments."""
    text = path.read_bytes().decode()
    found = yaml.safe_load(text)
    assert yaml.load(text, Loader=get_yaml_loader()) == found  # noqa: S506 - the one of Hydra
    return found, [line for line in text.splitlines()[1:] if line.startswith("#")]


def composed(path):
    words = [f"data='{path.stem}'", "prepared=p"]
    return compose("prepare", PrepareConfig, words, config_dir=path.parents[1]).data


def test_an_encoding_that_is_named_is_kept_and_one_that_is_not_known_is_refused(tmp_path):
    data = tmp_path / "a.csv"
    rows = "".join(f"{i},Sitz für {i} \x80,{('no', 'yes')[i % 2]}\n" for i in range(40))
    data.write_bytes(f"id,text,label\n{rows}".encode("iso-8859-1"))
    found, _ = written(init(data, to=tmp_path / "conf", encoding="cp1252"))
    assert found["source"]["encoding"] == "cp1252"
    assert written(init(data, to=tmp_path / "b"))[0]["source"]["encoding"] is None
    with pytest.raises(InputError, match="unknown encoding 'klingon'; give one such as utf-8"):
        init(data, to=tmp_path / "c", encoding="klingon")


@pytest.mark.parametrize("word", [one for one in WORDS + UNRESOLVED if "/" not in one])
def test_the_name_of_a_file_sets_no_key(tmp_path, word):
    plain, told = written(init(write(tmp_path / "plain.csv"), to=tmp_path / "a"))
    path = init(write(tmp_path / f"{word}.csv"), to=tmp_path / "b")
    found, comments = written(path)
    assert found == plain | {
        "name": path.stem,
        "source": {**plain["source"], "paths": [f"{word}.csv"]},
    }
    assert comments == told
    if word in COMPOSED:
        assert composed(path).source.paths == (f"{word}.csv",)


NO_HEADERS = ("# @package _global_", "\x1b[31mred")
"""A contact, and what cannot be shown: no names of columns."""


@pytest.mark.parametrize("word", [one for one in WORDS + UNRESOLVED if one not in NO_HEADERS])
def test_a_header_is_the_name_of_a_column_and_nothing_else(tmp_path, word):
    header = ["id", word, f"{word}2", "label"]
    plain, told = written(
        init(write(tmp_path / "a.csv", ["id", "t", "u", "label"]), to=tmp_path / "a")
    )
    path = init(write(tmp_path / "a.csv", header), to=tmp_path / "b")
    found, comments = written(path)
    assert found == plain | {"columns": {"id": "id", "text": word}}
    assert comments == told
    if word in COMPOSED:
        data = composed(path)
        assert (data.columns.text, data.on_error) == (word, "fail")


@pytest.mark.parametrize("word", [one for one in WORDS + UNRESOLVED if "@" not in one])
def test_a_label_is_a_label_and_nothing_else(tmp_path, word):
    labels = [word, f"{word}2"]
    data = write(tmp_path / "a.csv", labels=["first", "second"])
    plain, told = written(init(data, to=tmp_path / "a", positive="second"))
    path = init(write(data, labels=labels), to=tmp_path / "b", positive=labels[1])
    found, comments = written(path)
    assert found == plain | {"tasks": {**plain["tasks"], "positive": labels[1]}}
    assert comments == told
    if word in COMPOSED:
        assert composed(path).tasks.positive == labels[1]


def test_folders_of_pictures_set_no_key(tmp_path):
    folder = tmp_path / "x\non_error: quarantine"
    for label in ("no\nunlabelled: true", "yes\nunlabelled: true"):
        (folder / label).mkdir(parents=True)
        (folder / label / "1.png").write_bytes(b"x")
    path = init(folder, to=tmp_path / "conf")
    found, comments = written(path)
    assert set(found) == {"defaults", "name", "root", "source", "tasks"}
    assert found["source"]["path"] == folder.name
    assert "unlabelled" not in "".join(comments)
    assert composed(path).tasks.positive == "yes\nunlabelled: true"


def test_a_folder_is_found_from_within(tmp_path, monkeypatch):
    for label in ("no", "yes"):
        (tmp_path / "pictures" / label).mkdir(parents=True)
        (tmp_path / "pictures" / label / "1.png").write_bytes(b"x")
    monkeypatch.chdir(tmp_path / "pictures")
    path = init(Path())
    found, _ = written(path)
    assert (path.stem, found["root"], found["source"]["path"]) == (
        "pictures",
        str(tmp_path),
        "pictures",
    )


def test_what_is_told_of_a_source_begins_no_line_and_moves_no_cursor(tmp_path, capsys):
    header = ["id", "words\nnext: adverts\u202e", "extra\nnext: adverts\u202e", "label"]
    odd = "\nnext: adverts prepare data=other\x1b[2J\u202e"
    init(write(tmp_path / "a.csv", header, labels=[f"a{odd}", f"b{odd}"]), to=tmp_path / "conf")
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line.startswith("next")] == [
        said.splitlines()[-1]
    ]
    assert not {"\x1b", "\u202e"} & set(said)


@pytest.mark.parametrize(
    "to", ["my conf", "it's", '"', "~", "$(touch x)", "a\nb", "\x1b[2J", "-x", "*", "a;b", "été"]
)
def test_the_next_command_is_typed_as_it_is_told(tmp_path, monkeypatch, capsys, to):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "1e5.csv")
    init(Path("1e5.csv"), to=Path(to))
    told = capsys.readouterr().out.splitlines()[-1].removeprefix("next: adverts ")
    script = f"printf '%s\\0' {told}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    verb, flag, folder, name, _ = done.stdout.split("\0")
    assert (verb, flag, Path(folder)) == ("prepare", "-cd", Path(to))
    assert not folder.startswith("-")
    assert name == "data='1e5'"
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(["1e5.csv", to])


@pytest.mark.slow
@pytest.mark.parametrize("to", ["it's $(touch x) ~ a\nb", "-x"])
def test_the_next_command_is_one_that_adverts_takes(tmp_path, monkeypatch, capsys, to):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "null.csv")
    init(Path("null.csv"), to=Path(to))
    told = capsys.readouterr().out.splitlines()[-1].removeprefix("next: adverts ")
    script = f'"{sys.executable}" -m adverts.command {told} --cfg job'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "name: 'null'" in done.stdout or "name: my-null" in done.stdout


@pytest.mark.parametrize("name", ["Mine", "a.b", "é", "-x", "_x", "", "a\n", "x" * 101, "a b"])
def test_a_name_that_prepare_would_refuse_is_refused_at_once(tmp_path, name):
    with pytest.raises(InputError, match="wanted letters, digits, '-' and '_', in lower case"):
        init(write(tmp_path / "a.csv"), name=name, to=tmp_path / "conf")
    assert not (tmp_path / "conf").exists()


def test_a_long_name_of_a_file_gives_a_shorter_one(tmp_path):
    path = init(write(tmp_path / f"{'x' * 250}.csv"), to=tmp_path / "conf")
    assert composed(path).name == "x" * 100


def test_a_name_in_no_encoding_is_refused_in_one_line(tmp_path):
    path = tmp_path / b"odd\xff.csv".decode(errors="surrogateescape")
    with pytest.raises(InputError, match=r"odd\\udcff.csv: .* no UTF-8; rename it"):
        init(write(path), to=tmp_path / "conf")


OLD = """\
# labels.csv: guessed from its first 24 rows.
# adverts prepare -cd FOLDER data=labels
defaults: [csv, _self_]
name: labels
root: {root}
source: {{"kind": "csv", "paths": ["labels.csv"], "encoding": null, "delimiter": null,
  "sheet": null}}
columns:
  id: "id"  # by its name
  text: "text"  # by its name
# not used: extra
# label: by its name. labels: [] uses those found, positive is the one you look for
# found: no, yes
tasks:
  column: "label"
  labels: []
  positive: "yes"
"""


@pytest.mark.parametrize("more", ["", "on_error: quarantine\n", "x: [\n", "&a [*a]\n"])
def test_a_file_of_an_earlier_release_is_used_again_unless_it_says_more(
    tmp_path, monkeypatch, capsys, more
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "labels.csv")
    (tmp_path / "conf" / "data").mkdir(parents=True)
    old = OLD.format(root=tmp_path) + more
    (tmp_path / "conf" / "data" / "labels.yaml").write_text(old)
    started = []

    def run(command, *, check):
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("adverts.init.subprocess.run", run)
    with pytest.raises(SystemExit) as ended:
        init_main(["labels.csv", "--train"])
    assert (ended.value.code, len(started)) == ((2, 0) if more else (0, 2))
    assert ("already exists" in capsys.readouterr().err) == bool(more)


@pytest.mark.parametrize(("returned", "status"), [(3, 3), (-9, 137)])
def test_the_status_of_a_step_is_that_of_the_command(tmp_path, monkeypatch, returned, status):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "labels.csv")
    started = []

    def run(command, *, check):
        started.append(command)
        return subprocess.CompletedProcess(command, returned)

    monkeypatch.setattr("adverts.init.subprocess.run", run)
    with pytest.raises(SystemExit) as ended:
        init_main(["labels.csv", "--train"])
    assert (ended.value.code, len(started)) == (status, 1)


def test_what_init_proposes_for_two_files_can_be_pasted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "$(touch x).csv")
    with pytest.raises(SystemExit):
        init_main(["$(touch x).csv", "mine"])
    told = capsys.readouterr().err.partition("such as: ")[2]
    assert shlex.split(told) == ["adverts", "init", "$(touch x).csv", "--name", "mine"]


ADVERT = "BOAT to uk call +44 7700 900142"


@pytest.mark.parametrize(
    "advert", [ADVERT, *NO_HEADERS, "safe passage every week from the beach to the uk"]
)
def test_a_file_without_a_header_is_refused_in_one_line_that_shows_no_advert(
    tmp_path, monkeypatch, capsys, advert
):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "mine.csv", header=("n0", advert, "w", "no"))
    with pytest.raises(SystemExit) as ended:
        init_main(["mine.csv"])
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "add a first line with the names of the columns" in line
    assert not any(word in line for word in ("BOAT", "7700", "passage", "@", "red"))
    assert not Path("conf").exists()


@pytest.mark.parametrize(
    "header", [("رقم", "النص", "ملاحظة", "نوع"), ("شناسه", "متن آگهی", "نام\u200cکاربری", "برچسب")]
)
def test_headers_in_other_scripts_are_written_and_told(tmp_path, monkeypatch, capsys, header):
    monkeypatch.chdir(tmp_path)
    init(write(tmp_path / "mine.csv", header=header))
    settings = yaml.safe_load(Path("conf/data/mine.yaml").read_text(encoding="utf-8"))
    assert settings["columns"]["text"] == header[1]
    assert settings["tasks"]["column"] == header[3]
    assert header[1] in capsys.readouterr().out


def test_no_error_shows_the_advert_in_place_of_a_header(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "mine.csv", header=("n0", ADVERT, "w", "no"))
    given = ["data=csv", "data.root=.", "data.source.paths=[mine.csv]"]
    assert call(monkeypatch, "prepare", *given) == 2
    told = capsys.readouterr().err
    assert "The source has the columns n0, no, w and 1 not shown" in told
    assert "BOAT" not in told
    assert "7700" not in told


def test_the_bytes_of_an_archive_are_shown_as_no_names(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("mine.xlsx", "w") as archive:
        archive.writestr("a.txt", "hello")
    given = ["data=csv", "data.root=.", "data.source.paths=[mine.xlsx]"]
    assert call(monkeypatch, "prepare", *given) == 2
    assert call(monkeypatch, "prepare", *given, "data.source.encoding=latin-1") == 2
    with pytest.raises(SystemExit):
        init_main(["mine.xlsx"])
    told = capsys.readouterr().err
    assert "a.txt" not in told
    assert "PK" not in told


def rows_in_order(path, header=("id", "text", "label"), packed=False):
    """Write 4,000 adverts: first those for training, and of each part first the noes."""
    rows = [
        [
            f"n{i}",
            f"{TEXT} {i}",
            "yes" if i % 2000 >= 1500 else "no",
            "train" if i < 3500 else "dev",
        ]
        for i in range(4_000)
    ]
    rows[3_999][3] = "Test"
    rows[3_700:] = [[*row[:3], "Test"] for row in rows[3_700:]]
    with (gzip.open if packed else open)(path, "wt", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *(row[: len(header)] for row in rows)])
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_in_the_order_of_its_labels_and_splits_is_understood(tmp_path, packed):
    header = ("id", "text", "label", "kept for")
    data = rows_in_order(tmp_path / ("a.csv.gz" if packed else "a.csv"), header, packed)
    found, _ = written(init(data, to=tmp_path / "conf"))
    assert found["tasks"]["column"] == "label"
    assert found["tasks"]["positive"] == "yes"
    assert found["columns"]["split"] == "kept for"
    if packed:
        return  # prepare reads both alike
    config = compose(
        "prepare", PrepareConfig, ["data=a", f"prepared={tmp_path}/p"], config_dir=tmp_path / "conf"
    )
    manifest = prepare(config).manifest
    assert [manifest.counts[one].adverts for one in ("train", "validation", "test")] == [
        3500,
        200,
        300,
    ]


def test_columns_are_named_where_nothing_tells_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(Path("odd.csv"), header=("a", "b", "c", "d"), labels=("news", "offer"))
    with pytest.raises(SystemExit) as ended:
        init_main(["odd.csv"])
    told = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    assert any("column 'd' has two values: --label d" in line for line in told)
    assert not any("adverts prepare" in line for line in told)
    with pytest.raises(SystemExit) as ended:
        init_main(["odd.csv", "--label", "d"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "positive: news or offer? name it with --positive" in said
    assert said.splitlines()[-1] == ("next: adverts init odd.csv --label d --positive LABEL")
    with pytest.raises(SystemExit) as ended:
        init_main(["odd.csv", "--label", "d", "--positive", "offer"])
    assert ended.value.code == 0, "what init wrote and nobody edited may be replaced"
    with pytest.raises(SystemExit) as ended:
        init_main(["odd.csv", "--label", "d", "--positive", "offer", "--text", "c"])
    assert ended.value.code == 0
    assert composed(Path("conf/data/odd.yaml").absolute()).columns.text == "c"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["--label", "nope"],
            "--label nope: no such column; the columns are id, text, extra, label",
        ),
        (["--label", "text"], "--label text: found 60 values in it, wanted 2 to 50"),
        (["--label", "extra"], "--label extra: found 1 value in it, wanted 2 to 50"),
        (["--split", "label"], "--split label: found 2 values, of which some are not train"),
        (["--text", "empty"], "--text empty: no such column"),
    ],
)
def test_a_column_that_cannot_be_what_it_is_named_as_is_refused(
    tmp_path, monkeypatch, capsys, words, told
):
    monkeypatch.chdir(tmp_path)
    write(Path("a.csv"), rows=60)
    with pytest.raises(SystemExit) as ended:
        init_main(["a.csv", *words])
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert told in line
    assert not Path("conf").exists()


def write_split(path, names=("lehrgang", "probe"), column="set"):
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "label", column])
        for i in range(120):
            words = random.Random(i).choices(FEW_WORDS, k=12)  # noqa: S311 - no secret
            text = " ".join(words)  # like no other
            rows.writerow([i, text, ("no", "yes")[i % 2], names[i >= 80]])
    return path


def test_a_split_in_words_of_another_language_is_told_and_kept_once_they_are_explained(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    write_split(Path("a.csv"))
    assert call(monkeypatch, "init", "a.csv") == 0
    said = capsys.readouterr().out
    assert "split: column 'set' may say how the adverts are split" in said
    advice = "--splits lehrgang=SPLIT,probe=SPLIT"
    assert f"a split is made; to keep that one, {MEANS}: {advice}" in said
    assert composed(Path("conf/data/a.yaml").absolute()).split.kind == "made"
    assert call(monkeypatch, "init", "a.csv", "--splits", "lehrgang=train,probe=test") == 0
    config = composed(Path("conf/data/a.yaml").absolute())
    assert config.columns.split == "set"
    assert config.split.names == {"lehrgang": "train", "probe": "test"}
    typed = ["data=a", f"prepared={tmp_path}/p"]
    full = compose("prepare", PrepareConfig, typed, config_dir=tmp_path / "conf")
    counts = prepare(full).manifest.counts
    assert counts["test"].adverts == 40
    assert counts["train"].adverts + counts["validation"].adverts == 80


def test_what_init_wrote_is_written_anew_whatever_is_named_and_what_somebody_edited_stays(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    write_split(Path("a.csv"))
    path = Path("conf/data/a.yaml")
    named = ["--splits", "lehrgang=train,probe=test", "--id", "id", "--positive", "yes"]
    for words in ([], ["--label", "label"], named, named, ["--text", "text"]):
        assert call(monkeypatch, "init", "a.csv", *words) == 0
    path.write_text(path.read_text().replace('positive: "yes"', 'positive: "no"'))
    edited = path.read_text()
    assert 'positive: "no"' in edited
    capsys.readouterr()
    assert call(monkeypatch, "init", "a.csv") == 2
    assert "not as adverts init wrote it; edit it, or give another --name" in (
        capsys.readouterr().err
    )
    assert path.read_text() == edited


def test_a_division_and_ids_in_french_are_known(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = write_split(Path("a.csv"), ("apprentissage", "essai"), "Lot").read_text()
    Path("a.csv").write_text(text.replace("id,text", "Réf.,text", 1))
    assert call(monkeypatch, "init", "a.csv") == 0
    columns = composed(Path("conf/data/a.yaml").absolute()).columns
    assert (columns.id, columns.split) == ("Réf.", "Lot")


@pytest.mark.parametrize("names", [("$(touch x)", "a,b=c"), ("b" * 101, "probe"), ("7", "8")])
def test_odd_words_of_a_split_are_quoted_or_left_out_of_what_is_advised(
    tmp_path, monkeypatch, capsys, names
):
    monkeypatch.chdir(tmp_path)
    write_split(Path("a.csv"), names)
    assert call(monkeypatch, "init", "a.csv") == 0
    for line in capsys.readouterr().out.splitlines():
        if "--splits " in line:
            advised = shlex.split(line.partition("--splits ")[2])
            assert len(advised) == 1
            assert all(one.endswith(("=SPLIT", "=test", "=train")) for one in advised[0].split(","))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--split", "set"], f"--split set: found 2 values, of which some are not train, {MORE}"),
        (["--splits", "probe=test"], "of which some are not probe; "),
        (["--splits", "probe=tset"], "--splits: found 'probe=tset', wanted a value and the split"),
        (["--splits", "probe"], "--splits: found 'probe', wanted a value and the split"),
        (["--splits", "nope=test"], "--splits: 0 columns with such values; name the one with"),
        (["--split", "text", "--splits", "probe=test"], "--split text: found 120 values, of which"),
    ],
)
def test_a_split_that_stays_unexplained_is_refused(tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(tmp_path)
    write_split(Path("a.csv"))
    assert call(monkeypatch, "init", "a.csv", *words) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert told in line
    assert not Path("conf").exists()


@pytest.mark.parametrize("kind", ["given", "folds", "made"])
def test_another_kind_of_split_in_a_file_needs_no_keys_of_the_packaged_kind(tmp_path, kind):
    path = tmp_path / "conf" / "data" / "own.yaml"
    path.parent.mkdir(parents=True)
    lines = ["defaults: [csv, _self_]", "name: own", f"split: {{kind: {kind}}}"]
    path.write_text("\n".join([*lines, "columns: {split: set}", "root: /x", ""]))
    assert composed(path).split.kind == kind
    typed = ["data=tubespam", f"data.split={{kind: {kind}}}", "data.root=/x", "prepared=p"]
    assert compose("prepare", PrepareConfig, typed).data.split.kind == kind


def test_the_kind_of_a_split_is_typed_without_its_other_keys(tmp_path):
    typed = ["data=csv", "prepared=p", "data.split.kind=given", "data.columns.split=part"]
    split = compose("prepare", PrepareConfig, typed).data.split
    assert split.model_dump() == {
        "kind": "given",
        "names": {},
        "validation_fraction": 0.15,
        "leakage": "report",
        "seed": 0,
    }
    dropped = compose("prepare", PrepareConfig, [*typed, "data.split.leakage=drop"]).data.split
    assert dropped.leakage == "drop"
    with pytest.raises(InputError, match=r"data\.split\.test_fraction"):
        compose("prepare", PrepareConfig, [*typed, "data.split.test_fraction=0.3"])


def write_comments(folder):
    path = folder / "own.csv"
    lines = [f"{i};a boat and a word {i} here;{'ad' if i % 2 else 'ok'}" for i in range(60)]
    lines[7] = "7;look at example.org/picture.jpg;ad"
    path.write_text("\n".join(["Nr;Beitrag;Urteil", *lines]) + "\n")
    return path


def test_a_post_that_ends_in_the_address_of_a_picture_makes_no_column_of_pictures(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    write_comments(tmp_path)
    init(Path("own.csv"))
    said = capsys.readouterr().out
    assert "text: column 'Beitrag'" in said
    assert said.splitlines()[-1] == "next: adverts init own.csv --label Urteil"


def test_what_is_named_step_by_step_replaces_what_was_guessed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_comments(tmp_path)
    init(Path("own.csv"))
    init(Path("own.csv"), columns={"label": "Urteil"})
    init(Path("own.csv"), columns={"label": "Urteil"}, positive="ad")
    init(Path("own.csv"), columns={"label": "Urteil", "text": "Beitrag"}, positive="ad")
    assert "next: adverts prepare -cd conf data=own" in capsys.readouterr().out.splitlines()[-1]


def test_a_column_that_is_named_needs_no_guess(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("own.csv").write_text("a,b,label\n1,x.jpg,yes\n2,y.jpg,no\n3,z,yes\n4,q.jpg,no\n")
    path = init(Path("own.csv"), columns={"text": "b"}, positive="yes")
    assert 'text: "b"' in path.read_text()
