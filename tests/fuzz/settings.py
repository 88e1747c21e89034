"""Folders of settings and typed words of strangers: none runs anything or reads the environment."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from fuzz.measured import Case, Draw

_SECONDS = 12.0
_SECRET = "zebra-quartz-7"
_NAMED = {"ADVERTS_CANARY": _SECRET}
_LOOKED_UP = (
    "${oc.env:ADVERTS_CANARY}",
    "a ${oc.env:ADVERTS_CANARY} b",
    "\\\\${oc.env:ADVERTS_CANARY}",
    "${oc.decode:${oc.env:ADVERTS_CANARY}}",
    "${oc.env:NOT_THERE,${oc.env:ADVERTS_CANARY}}",
    "${oc.create:{a:${oc.env:ADVERTS_CANARY}}}",
    "${hydra:runtime.cwd}",
)
_CALLED = (
    "pathlib.Path.touch",
    "setuptools._distutils.file_util.write_file",
    "shutil.copyfile",
)
_HEADERS = (
    "",
    "# @package _global_\n",
    "#@package hydra\n",
    "\n # @package  hydra.callbacks\n",
    "# a\n",
)
_KEYS = ("purpose", "licence", "provenance", "name")
_LIFTS = (
    "hydra: {callbacks: {x: CALL}}",
    "hydra: {launcher: CALL}",
    "hydra: {sweeper: CALL}",
    "callbacks: {x: CALL}",
    "tasks: {x: CALL}",
    "x: CALL",
    "hydra: {job_logging: {version: 1, formatters: {x: {'()': CALLED}}}}",
)
_DEFAULTS = (
    "[csv, _self_]",
    "[csv, {/tracking@hydra.callbacks.x: evil}]",
    "[csv, {override /hydra/launcher: evil}]",
    "[csv, /tracking/evil@hydra.callbacks.x]",
    "[csv, {/tracking: evil}]",
    "[csv, '${oc.env:ADVERTS_CANARY}']",
    "[csv, ../tracking/evil]",
)


def _folders(rng: random.Random, folder: Path, number: int) -> Case:
    """Draw a folder of settings that is hostile in one or two ways."""
    del number
    call = _call(rng, folder)
    text = rng.choice(_HEADERS) + f"defaults: {rng.choice((_DEFAULTS[0], rng.choice(_DEFAULTS)))}\n"
    if rng.random() < 0.7:
        lift = rng.choice(_LIFTS)
        text += lift.replace("CALLED", rng.choice(_CALLED)).replace("CALL", call) + "\n"
    if rng.random() < 0.6:
        text += f'{rng.choice(_KEYS)}: "{rng.choice(_LOOKED_UP).replace(chr(92), chr(92) * 2)}"\n'
    place, word = rng.choice((("data/mine", "data=mine"), ("ocr/mine", "ocr=mine")))
    for name, content in ((place, text), ("tracking/evil", call), ("hydra/launcher/evil", call)):
        path = folder / "conf" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    words = ["-cd", str(folder / "conf"), word, *["-m"] * (rng.random() < 0.2)]
    words += ["hydra/launcher=evil"] * (rng.random() < 0.1)
    return _case("a folder of settings", folder, words, len(text))


def _words(rng: random.Random, folder: Path, number: int) -> Case:
    """Draw words that look something up, or change Hydra itself."""
    del number
    looked_up = rng.choice(_LOOKED_UP)
    quote = rng.choice(("", "'", '"'))
    words = ["data=csv", f"data.{rng.choice(_KEYS)}={quote}{looked_up}{quote}"]
    words += [f"+hydra.callbacks.x={_call(rng, folder)}"] * (rng.random() < 0.5)
    return _case("typed words", folder, words, len(looked_up))


def _call(rng: random.Random, folder: Path) -> str:
    made = folder / "made"
    called = rng.choice(_CALLED)
    given = {
        _CALLED[0]: f"self: {made}",
        _CALLED[1]: f"filename: {made}, contents: [x]",
        _CALLED[2]: f"src: /etc/hostname, dst: {made}",
    }[called]
    return f"{{_target_: {called}, {given}}}"


def _case(family: str, folder: Path, words: list[str], size: int) -> Case:
    return Case("settings", family, size, _SECONDS, lambda: _signs(folder, words))


def _signs(folder: Path, words: list[str]) -> Sequence[str]:
    """Type the words behind ``adverts prepare``; return what must not be."""
    from adverts.command import FAULT_STATUS, command
    from adverts.config import PrepareConfig

    os.environ |= _NAMED
    os.chdir(folder)
    sys.argv = ["adverts prepare", *words]
    taken: list[PrepareConfig] = []
    status: object = 0
    try:
        command("prepare", PrepareConfig)(taken.append)()
    except SystemExit as ended:
        status = ended.code
    known = any(_SECRET in str(one) or str(Path.cwd()) == one.data.purpose for one in taken)
    return [
        *["it called what a stranger named"] * (folder / "made").exists(),
        *["a setting holds what the environment does"] * known,
        *["a fault"] * (status == FAULT_STATUS),
    ]


KINDS: dict[str, Draw] = {"folders": _folders, "words": _words}
