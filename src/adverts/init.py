"""``adverts init FILE``: look at somebody's data, and write the file by which it is prepared.

Usage::

    adverts init adverts.csv                    # writes conf/data/adverts.yaml
    adverts init adverts.csv --name mine --to /folder
    adverts init odd.csv --text body --label kind   # names what it would not guess
    adverts init labels.csv --train --positive spam   # from a few labels to a model, in one go
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from adverts import __version__
from adverts.advert import Split
from adverts.command import exit_status
from adverts.config import DataConfig
from adverts.config.data import split_of
from adverts.config.overrides import free_folder, in_shell, next_step, plain_word
from adverts.config.yaml_bounds import MAX_BYTES, YamlBoundError, refuse_yaml_bomb
from adverts.data.mapping.guess_config import GuessedConfig, draft_of, marked
from adverts.errors import InputError, printable, say
from adverts.files.bounded_reading import read_bounded

_FEW_LABELS = 1_000
"""Below this number of labels, ``--train`` learns from all of them and keeps none for a test."""
_COLUMNS = {
    "id": "column that identifies each advert",
    "text": "column of captions",
    "image": "column of names of pictures",
    "label": "column of labels",
    "split": "column that says which adverts are for training, validation and test",
}
_FLAGS = ("name", "to", "sheet", "encoding", "positive", "splits", *_COLUMNS)
_DESCRIPTION = """\
Read labelled adverts from a file (CSV, TSV, JSON Lines, Parquet, Excel), or from a folder with one
folder of pictures for each label. Write a commented configuration file for adverts prepare. Nothing
else is changed, unless you ask for --train: then the adverts are prepared, and a model is trained.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``adverts init``.

    Raises:
        SystemExit: Always, with the exit status.
    """
    words = sys.argv[1:] if arguments is None else arguments
    steps: list[list[str]] = []

    def write() -> None:
        options = read_options(words)
        splits = None if options.splits is None else _splits(options.splits)
        given = {name: getattr(options, name) for name in _COLUMNS}
        columns = {name: one for name, one in given.items() if one is not None}
        data = options.data
        asked = {name: getattr(options, name) for name in ("name", "sheet", "encoding", "positive")}
        if not options.train:
            init(data, to=options.to, columns=columns, splits=splits, **asked)
            return
        draft = draft_of(data, columns=columns, splits=splits, **asked)
        if draft.positive is None:
            raise InputError(f"{data}: {_lack_of_positive(draft)}")
        steps.extend(_steps_after(draft, _written(draft, options.to)))

    def follow() -> None:
        for step in steps:
            # -P: a file of the user that is named like a module must not be taken for it
            status = subprocess.run([sys.executable, "-P", "-m", *step], check=False).returncode
            if status:
                raise SystemExit(status if status > 0 else 128 - status)
        if steps:
            run = in_shell(steps[-1][-1].replace("run_dir=", "bundle=", 1))
            say(f"or score with it at once: adverts score NEW.csv {run} scores=scored.csv")

    raise SystemExit(
        exit_status("init", DataConfig, write) or exit_status("init", DataConfig, follow)
    )


def read_options(words: Sequence[str]) -> argparse.Namespace:
    """Return the options that the words behind ``adverts init`` give; nothing is opened.

    Raises:
        InputError: There is no file, a second file or name, a key or an unknown flag.
        SystemExit: A flag lacks its value, or help or version was asked for.
    """
    if not words:
        raise InputError(
            "no file given; name the file, or the folder, that holds your adverts\n"
            "for example: adverts init adverts.csv"
        )
    options, more = _parser().parse_known_args(words)
    _refuse_more(more, options.data)
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="adverts init", description=_DESCRIPTION)
    parser.add_argument("--version", "-V", action="version", version=f"adverts {__version__}")
    parser.add_argument("data", type=Path, help="file or folder")
    parser.add_argument("--name", help="name of the dataset (default: the name of the file)")
    parser.add_argument(
        "--to",
        type=Path,
        default=Path("conf"),
        help="folder of configuration files (default: %(default)s)",
    )
    parser.add_argument("--sheet", help="sheet of a workbook (default: the first one)")
    parser.add_argument("--encoding", help="of a CSV file, such as cp1252 (default: a guess)")
    for name, what in _COLUMNS.items():
        parser.add_argument(f"--{name}", metavar="COLUMN", help=f"{what} (default: a guess)")
    parser.add_argument(
        "--splits",
        metavar="VALUE=SPLIT,…",
        help="the split that each value of that column means, such as apprentissage=train,"
        "essai=test (default: by their names, such as train, dev and test)",
    )
    parser.add_argument("--positive", help="the label that you look for (default: a guess)")
    parser.add_argument(
        "--train",
        action="store_true",
        help="go on: prepare the adverts in prepared/NAME, and train a model on frozen features in "
        f"runs/NAME; of fewer than {_FEW_LABELS:,} labels, all are learnt from",
    )
    return parser


def _splits(text: str) -> dict[str, Split]:
    """Return the split that each value means, of words such as ``essai=test``."""
    found = {}
    for word in text.split(","):
        value, _, name = word.rpartition("=")
        split = split_of(name)
        if not value or split is None:
            raise InputError(
                f"--splits: found {word!r}, wanted a value and the split that it means: train, "
                "validation or test, such as essai=test"
            )
        found[value.strip()] = split
    return found


def _refuse_more(words: Sequence[str], data: Path) -> None:
    """Refuse the words of a command line that are left beside its file ``data`` and its flags."""
    if not words:
        return
    one = "init takes one file"
    key, equal, value = words[0].partition("=")
    if key.startswith("-"):
        raise InputError(f"no flag {key}; adverts init --help lists them")
    if equal:
        advice = (
            f"type --{key} {in_shell(value)}" if key in _FLAGS else "adverts init --help lists them"
        )
        raise InputError(f"{one} and flags, not {words[0]}; {advice}")
    if len(words) > 1 or (data.exists() and Path(key).exists()):
        raise InputError(f"{one}; found {', '.join(map(str, (data, *words)))}: type it for each")
    file, name = (data, key) if data.exists() else (key, data)
    raise InputError(
        f"{one}; give the name as --name {in_shell(str(name))}, such as: "
        f"adverts init {in_shell(str(file))} --name {in_shell(str(name))}"
    )


def _lack_of_positive(draft: GuessedConfig) -> str:
    if not draft.labels:
        return draft.lack_of_labels
    found = ", ".join(draft.labels)
    return f"it has the labels {found}; name the one that you look for with --positive"


def init(
    data: Path,
    *,
    name: str | None = None,
    to: Path = Path("conf"),
    sheet: str | None = None,
    encoding: str | None = None,
    positive: str | None = None,
    columns: Mapping[str, str] | None = None,
    splits: Mapping[str, Split] | None = None,
) -> Path:
    """Write ``<to>/data/<name>.yaml`` for a file or folder of adverts, and return its path.

    A file of that name stays if somebody edited it.

    Args:
        data: The file, or a folder that contains one folder of pictures for each label.
        name: Name of the dataset; None derives it from the name of the file.
        to: Folder of configurations.
        sheet: Name of the sheet of a workbook; None for the first one.
        encoding: Encoding of a CSV file; None guesses it.
        positive: The label that is looked for; None guesses it.
        columns: Maps ``id``, ``text``, ``image``, ``label`` or ``split`` to a column that is not
            guessed.
        splits: The split that each value of the column of splits means; None goes by their names.

    Raises:
        InputError: The data cannot be read or has no such label or column, or the configuration
            file exists already.
    """
    draft = draft_of(
        data,
        name,
        sheet=sheet,
        encoding=encoding,
        positive=positive,
        columns=columns,
        splits=splits,
    )
    path = _written(draft, to)
    named = [f"--{key} {in_shell(one)}" for key, one in (columns or {}).items()]
    words = " ".join([in_shell(str(data)), *named])
    if draft.lack_of_labels and draft.perhaps_labels:
        say(f"next: adverts init {words} --label {in_shell(draft.perhaps_labels[0])}")
    elif draft.lack_of_labels:
        say("without labels the adverts can only be scored, by a model that is there")
        say(next_step("score", *_search(to), data=draft.name, bundle="BUNDLE", scores="scored.csv"))
    elif draft.positive is None:
        say(f"next: adverts init {words} --positive LABEL")
    else:
        say(next_step("prepare", *_search(to), data=draft.name, **draft.more))
    return path


def _written(draft: GuessedConfig, to: Path) -> Path:
    """Write a configuration below ``to``, say what was guessed, and return its path.

    Raises:
        InputError: The file exists already, with settings that somebody edited.
    """
    path = to / "data" / f"{draft.name}.yaml"
    if path.exists() and not _is_unedited(path, draft):
        raise InputError(
            f"{path} already exists, and not as adverts init wrote it; edit it, or give another "
            "--name"
        )
    is_new = not path.exists() or path.read_text(encoding="utf-8") == draft.text
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(draft.text, encoding="utf-8")
    partial.replace(path)
    for line in draft.told:
        say(printable(line))  # a line break of the source begins no line of ours
    done = "written" if is_new else "written anew, in place of what was named before"
    say(f"{printable(str(path))}: {done}; check it: its comments say what was guessed and why")
    return path


def _search(to: Path) -> tuple[str, str]:
    """Return the words that name a folder of configurations, also one whose name is like a flag."""
    return "-cd", f"./{to}" if str(to).startswith("-") else str(to)


def _is_unedited(path: Path, draft: GuessedConfig) -> bool:
    """Return whether a file has the settings that it was written with, or those of a draft."""
    try:
        text = read_bounded(path, most=MAX_BYTES).decode()
        refuse_yaml_bomb(text)
        settings = yaml.safe_load(text)
        return settings == draft.settings or text.startswith(marked(settings))
    except (YamlBoundError, yaml.YAMLError, ValueError, TypeError):
        return False


def _steps_after(draft: GuessedConfig, path: Path) -> list[list[str]]:
    """Return the modules and arguments that prepare the adverts and train a model on them."""
    name, prepared = draft.name, plain_word("prepared", f"prepared/{draft.name}")
    more: dict[str, object] = dict(draft.more)
    if draft.labelled < _FEW_LABELS and not draft.has_splits:
        say(f"{draft.labelled} labels: all are learnt from, none is kept for validation or a test")
        more |= {f"data.split.{part}_fraction": 0 for part in ("validation", "test")}
    keys = [plain_word(key, value) for key, value in more.items()]
    model, run = "fusion" if draft.has_pictures else "text", free_folder(Path("runs", name))
    return [
        ["adverts.prepare", *_search(path.parents[1]), plain_word("data", name), prepared, *keys],
        [
            "adverts.train",
            prepared,
            f"model={model}",
            "trainer=frozen",
            plain_word("run_dir", str(run)),
        ],
    ]


if __name__ == "__main__":
    main()
