"""Files of people: semicolons, Latin-1, workbooks, labels spelt in every way."""

import csv
import re
import subprocess

import openpyxl
import pytest
from calling import call
from preparing import config, sentences, write_csv

from adverts.compose import compose
from adverts.config import PrepareConfig
from adverts.errors import InputError
from adverts.prepare import prepare

ONE = {
    "kind": "one",
    "name": "refer",
    "column": "label",
    "labels": [],
    "positive": None,
    "separator": None,
    "masked": [],
}


def labelled(spellings):
    rows = sentences(60, seed=3)
    for number, row in enumerate(rows):
        row["label"] = spellings[number % len(spellings)]
    return rows


def prepared(tmp_path, rows=None, **data):
    if rows is not None:
        write_csv(tmp_path, rows)
    return prepare(config(tmp_path, tasks={**ONE, **data.pop("task", {})}, **data))


@pytest.mark.parametrize(
    ("spellings", "labels", "told"),
    [
        (("0", "1"), ("0", "1"), "labels found: 0 ×30, 1 ×30; positive: 1"),
        (("0.0", "1.0", "1"), ("0", "1"), "labels found: 0 ×20, 1 ×40; positive: 1"),
        (("False", "TRUE"), ("false", "true"), "labels found: false ×30, true ×30; positive: true"),
        (("no", " YES", "Yes"), ("no", "yes"), "labels found: no ×20, yes ×40; positive: yes"),
    ],
)
def test_labels_are_found_evened_out_and_told(tmp_path, capsys, spellings, labels, told):
    dataset = prepared(tmp_path, labelled(spellings))
    task = dataset.schema.task("refer")
    assert (task.labels, task.positive) == (labels, labels[1])
    assert told in capsys.readouterr().out


def test_nothing_tells_which_of_two_names_is_looked_for(tmp_path):
    with pytest.raises(InputError, match=r"advert ×30, news ×30; name the label .*positive=news"):
        prepared(tmp_path, labelled(("advert", "news")))
    dataset = prepared(tmp_path, task={"positive": "ADVERT"})
    assert dataset.schema.task("refer").positive == "advert"


def test_a_column_that_is_no_label_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"60 ×|more; 2 to 50 labels are"):
        prepared(tmp_path, [dict(row, label=row["id"]) for row in sentences(60, seed=3)])
    with pytest.raises(InputError, match="holds no label at all"):
        prepared(tmp_path, [dict(row, label="") for row in sentences(60, seed=3)])
    with pytest.raises(InputError, match=r"holds 1 ×60; 2 to 50 labels are needed"):
        prepared(tmp_path, labelled(("1",)))


def test_a_whole_column_that_does_not_fit_is_one_message_with_what_to_type(tmp_path):
    task = {"labels": ["no", "yes"], "positive": "yes"}
    with pytest.raises(InputError) as caught:
        prepared(tmp_path, labelled(("0", "1")), task=task)
    [line] = str(caught.value).splitlines()
    assert "it holds 0 ×30, 1 ×30" in line
    assert "give 'data.tasks.labels=[0,1]' data.tasks.positive=1" in line


ODD_LABELS = ("$(touch x)", "it's; touch y", "z, a]", "${name}", "1")


def test_labels_are_told_in_one_line_as_a_shell_takes_them(tmp_path):
    rows = labelled(ODD_LABELS)
    for task in ({"labels": ["no", "yes"], "positive": "yes"}, {}):
        with pytest.raises(InputError) as caught:
            prepared(tmp_path, rows, task=task)
        [line] = str(caught.value).splitlines()
        words = re.findall(r"(?:\$?['\"])?data\.tasks\.\w+=.*?(?=,? or data|$)", line)
        script = f"printf '%s\\0' {words[0]}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
        given = done.stdout.rstrip("\0").split("\0")
        task = compose("prepare", PrepareConfig, ["data=csv", *given]).data.tasks
        assert task.positive == max(ODD_LABELS)
        assert sorted(task.labels) in ([], sorted(ODD_LABELS))


def test_a_header_is_told_in_one_line_as_a_shell_takes_it(tmp_path, capsys):
    prepared(tmp_path, [row | {"posted\nat": "2026"} for row in sentences(60, seed=3)])
    [line] = [one for one in capsys.readouterr().out.splitlines() if "is not used" in one]
    word = line.partition("set ")[2].partition(", once")[0]
    script = f"printf '%s\\0' {word}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    given = done.stdout.rstrip("\0")
    columns = compose("prepare", PrepareConfig, ["data=csv", given]).data.columns
    assert columns.posted_week == "posted\nat"


def test_a_few_values_that_do_not_fit_stay_rows_that_are_told_one_by_one(tmp_path):
    rows = labelled(("no", "yes"))
    rows[4]["label"] = "perhaps"
    with pytest.raises(InputError, match="1 of 60 rows cannot be used"):
        prepared(tmp_path, rows, task={"labels": ["no", "yes"], "positive": "yes"})


def test_a_latin1_file_with_semicolons_is_read_as_it_was_written_and_told(tmp_path, capsys):
    rows = labelled(("0", "1"))
    rows[0]["text"] = "Traversée ce soir; très bon état"
    (tmp_path / "raw").mkdir()
    path = tmp_path / "raw" / "adverts.csv"
    with path.open("w", newline="", encoding="latin-1") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    dataset = prepared(tmp_path)
    texts = dataset.split("all").texts
    assert rows[0]["text"] in texts
    told = capsys.readouterr().out
    assert (
        "adverts.csv: read as CP1252, semicolons between cells; if that is wrong, set data.source"
        in told
    )


def test_a_workbook_is_read_by_its_first_sheet_or_a_named_one(tmp_path, capsys):
    book = openpyxl.Workbook()
    other = book.create_sheet("more")
    for sheet, seed in ((book.active, 3), (other, 4)):
        sheet.append(["id", "text", "label"])
        for number, row in enumerate(sentences(40, seed=seed)):
            sheet.append([row["id"], row["text"], number % 2])
    (tmp_path / "raw").mkdir()
    book.save(tmp_path / "raw" / "adverts.xlsx")
    source = {"kind": "xlsx", "paths": ["adverts.xlsx"]}
    dataset = prepared(tmp_path, source=source)
    assert sum(one.adverts for one in dataset.manifest.counts.values()) == 40
    assert dataset.schema.task("refer").labels == ("0", "1")
    said = capsys.readouterr().out
    assert "sheet 'Sheet' is read, of Sheet, more; for another, set data.source.sheet=" in said
    again = prepared(tmp_path, source={**source, "sheet": "more"})
    assert again.data_hash != dataset.data_hash
    with pytest.raises(InputError, match="no sheet 'none'; it has Sheet, more"):
        prepared(tmp_path, source={**source, "sheet": "none"})


@pytest.mark.parametrize("data", [b"no workbook", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_workbook_is_one_line(tmp_path, data):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "adverts.xlsx").write_bytes(data)
    with pytest.raises(InputError, match=r"\.xlsx (is not an|cannot be read as a) ") as caught:
        prepared(tmp_path, source={"kind": "xlsx", "paths": ["adverts.xlsx"]})
    assert "\n" not in str(caught.value)


def test_a_dataset_that_leaves_its_dialect_to_be_found_keeps_its_hash(tmp_path):
    first = prepared(tmp_path, labelled(("0", "1")))
    source = {"kind": "csv", "paths": ["adverts.csv"], "encoding": None, "delimiter": None}
    assert prepared(tmp_path, source=source).manifest == first.manifest
    assert "encoding" not in first.manifest.made.config["source"]


def test_annotators_have_columns_of_their_own_or_rows(tmp_path):
    rows = labelled(("no", "yes"))
    wide = [dict(row, second="yes") for row in rows]
    dataset = prepared(tmp_path, wide, task={"further_columns": ("second",)})
    table = dataset.split("all")
    targets = dict(zip(table.ids, table.targets["refer"].tolist(), strict=True))
    assert targets["s3-0"] == [0.5, 0.5]
    assert targets["s3-1"] == [0.0, 1.0]
    long = [dict(row, label=label) for row in rows for label in (row["label"], "yes")]
    again = prepared(tmp_path, long, task={"same_id": "annotators"})
    other = again.split("all")
    assert dict(zip(other.ids, other.targets["refer"].tolist(), strict=True)) == targets
    with pytest.raises(InputError, match=r"line 3 \(record 2\), id: the same id is in .*same_id"):
        prepared(tmp_path, long)
    long[1]["text"] = "another"
    with pytest.raises(InputError, match="the same id is in .* with a different text"):
        prepared(tmp_path, long, task={"same_id": "annotators"})


def test_a_cell_may_name_several_pictures(tmp_path):
    from PIL import Image

    rows = labelled(("no", "yes"))
    cells = ["a.png;b.png", '["a.png", "c.png"]', "a.png|b.png,c.png", "a.png", ""]
    for number, row in enumerate(rows):
        row["image"] = cells[number % len(cells)]
    (tmp_path / "raw").mkdir()
    for number, name in enumerate("abc"):
        Image.new("RGB", (24, 24), (90 * number, 7, 7)).save(tmp_path / "raw" / f"{name}.png")
    columns = {"id": "id", "text": "text", "image": "image"}
    dataset = prepared(tmp_path, rows, columns=columns)
    table = dataset.split("all")
    counts = {name: len(table.images(row)) for row, name in enumerate(table.ids)}
    assert [counts[f"s3-{number}"] for number in range(5)] == [2, 2, 3, 1, 0]


def test_a_row_of_several_lines_is_told_by_line_and_record(tmp_path):
    rows = labelled(("no", "yes"))
    rows[0]["text"] = "one\ntwo\nthree"
    rows[5]["label"] = "perhaps"
    with pytest.raises(InputError, match=r"adverts.csv line 9 \(record 6\), label: value is not"):
        prepared(tmp_path, rows, task={"labels": ["no", "yes"], "positive": "yes"})


def test_columns_with_known_names_and_empty_adverts_are_told(tmp_path, capsys):
    rows = [dict(row, Language="fr", url="u", posted_at="x") for row in labelled(("no", "yes"))]
    rows[0]["text"] = rows[1]["text"] = " "
    prepared(tmp_path, rows)
    said = capsys.readouterr().out
    assert "column 'Language' is not used; to use it, set data.columns.lang=Language" in said
    told = "column 'posted_at' is not used; to use it, set data.columns.posted_week=posted_at"
    assert told in said
    assert "column 'url' is not used; to use it, set data.columns.group=url" in said
    assert "2 of 60 adverts have no caption and no picture" in said


@pytest.mark.parametrize(
    ("given", "model"),
    [
        ([], "text"),
        (["data.columns.image=picture", "ocr=none"], "fusion"),
        (["data.columns.image=picture", "data.columns.text=null", "ocr=none"], "ocr_image"),
    ],
)
def test_the_next_command_trains_a_model_that_reads_what_there_is(
    tmp_path, monkeypatch, capsys, given, model
):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path, [row | {"picture": ""} for row in sentences(60, seed=1)])
    words = ["data=csv", "data.name=mine", "data.root=raw", *given]
    assert call(monkeypatch, "prepare", *words) == 0
    assert f"model={model} " in capsys.readouterr().out


def test_a_source_with_one_label_is_prepared_once_the_others_are_named(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path, [row | {"label": "spam"} for row in sentences(60, seed=1)])
    words = ["data=csv", "data.name=mine", "data.root=raw", "data.tasks.column=label"]
    assert call(monkeypatch, "prepare", *words) == 2
    assert "data.tasks.labels=[spam,OTHER]" in capsys.readouterr().err
    named = ["data.tasks.labels=[spam,ham]", "data.tasks.positive=spam"]
    assert call(monkeypatch, "prepare", *words, *named) == 0
