"""The command line: Hydra composes, the schema validates, errors become one line and a status.

The only importer of Hydra. ``adverts VERB …`` and ``python -m adverts.VERB …`` are the same.
"""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import re
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar, cast

from adverts.bounded_reading import read_bounded
from adverts.errors import AdvertsError, InputError, MissingExtraError, first_line, say, shown
from adverts.umask import keep_others_from_writing

try:
    import hydra
    from hydra.core.hydra_config import HydraConfig
    from hydra.errors import HydraException
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from pydantic import BaseModel, ValidationError
    from yaml import YAMLError

    from adverts.config.faults import (
        describe_faults,
        describe_missing,
        describe_unknown_key,
        describe_unknown_name,
        legal_keys,
        named_freely,
        unknown_part,
    )
    from adverts.config.yaml_bounds import MAX_BYTES, YamlBoundError, refuse_yaml_bomb
except ModuleNotFoundError as _missing:  # a base install: say what to install, no traceback
    print(f"adverts: {MissingExtraError(_missing.name or 'a package', 'train')}", file=sys.stderr)
    sys.exit(MissingExtraError.exit_status)

VERBS = {
    "prepare": "raw labelled files -> prepared dataset",
    "audit": "prepared dataset -> what is wrong with it, and a review sheet",
    "train": "prepared dataset + config -> checkpoint + MLflow run",
    "evaluate": "checkpoint or bundle + adverts -> predictions, report",
    "export": "checkpoint -> bundle, verified before it is written",
    "promote": "bundle + gate record -> registry alias moves, or rolls back",
}
_LONGEST_OF_TRACE = 300
USAGE_STATUS, FAULT_STATUS, INTERRUPTED_STATUS = 2, 70, 130
CONFIGS = Path(__file__).parents[2] / "configs"
_SYSTEM_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and start again",
    errno.EDQUOT: "the disk quota is used up; free some space and start again",
    errno.EEXIST: "something stands there already; choose another place or move it",
    errno.ENOTDIR: "a file stands where a folder is wanted; choose another place or move it",
    errno.EACCES: "access is denied; choose another place or change its permissions",
    errno.EPERM: "this is not permitted; choose another place or change its permissions",
    errno.EROFS: "the disk can only be read; choose another place",
}
_EXTRAS = {
    "cv2": "ocr",
    "rapidocr": "ocr",
    "tesserocr": "ocr",
    "easyocr": "easyocr",
    "easyocr_en_models": "easyocr",
}

C = TypeVar("C", bound=BaseModel)


def parse(schema: type[C], composed: DictConfig) -> C:
    """Validate what Hydra composed.

    Raises:
        InputError: Names every key that is missing, unknown, ill-typed or out of bounds.
    """
    missing = OmegaConf.missing_keys(composed)
    raw = OmegaConf.to_container(composed, resolve=True)
    try:
        config = schema.model_validate(raw)
    except ValidationError as error:
        raise InputError(describe_faults(error, schema, missing)) from None
    if missing:
        raise InputError(describe_missing(missing))
    return config


def command(verb: str, schema: type[C]) -> Callable[[Callable[[C], None]], Callable[[], None]]:
    """Decorate ``main(config)`` so that it reads ``configs/<verb>.yaml`` and overrides.

    The decorated function ends the process with the exit statuses of the project: 0 done, 1 judged
    and failed, 2 wrong usage or input, 3 could not judge, 70 a fault of our own, 130 interrupted.
    """

    def decorate(main: Callable[[C], None]) -> Callable[[], None]:
        statuses: list[int] = []  # one for each job of a sweep

        @hydra.main(version_base="1.3", config_path="pkg://adverts.configs", config_name=verb)
        def run_job(composed: DictConfig) -> None:
            statuses.append(_job_status(verb, schema, lambda: main(_checked(schema, composed))))

        def run() -> None:
            signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Slurm, Kubernetes end it
            keep_others_from_writing()
            statuses.clear()
            statuses.append(exit_status(verb, schema, lambda: _run_jobs(run_job)))
            sys.exit(max(statuses))

        return run

    return decorate


def _checked(schema: type[C], composed: DictConfig) -> C:
    _refuse_shadowed()
    return parse(schema, composed)


def _run_jobs(run_job: Callable[[], object]) -> None:
    """Let Hydra compose and run every job; what it writes of a sweep goes into a private folder."""
    os.environ["HYDRA_FULL_ERROR"] = "1"  # its errors reach us instead of its own printer
    _refuse_bombs(sys.argv)
    with ExitStack() as made:

        @cache
        def private_folder() -> str:
            return made.enter_context(tempfile.TemporaryDirectory(prefix="adverts-sweep-"))

        OmegaConf.register_new_resolver("private_folder", private_folder, replace=True)
        try:
            run_job()
        except (HydraException, OmegaConfBaseException, OSError, ImportError):
            raise
        except Exception as error:  # a job keeps its own errors: Hydra refuses to begin one
            raise InputError(first_line(error)) from error


def _job_suffix() -> str:
    """Return ``-<number>`` in a job of a sweep, whose jobs may share their ``now``."""
    composed = cast("DictConfig | None", HydraConfig.instance().cfg)
    number = None if composed is None else OmegaConf.select(composed, "hydra.job.num")
    return "" if number is None else f"-{number}"


OmegaConf.register_new_resolver("job_suffix", _job_suffix, replace=True)


def exit_status(verb: str, schema: type[BaseModel], run: Callable[[], object]) -> int:
    """Call ``run``; print what goes wrong as a person can use it; return the exit status."""
    try:
        return _job_status(verb, schema, run)
    except KeyboardInterrupt:
        return _complain(verb, "interrupted", INTERRUPTED_STATUS)


def _job_status(verb: str, schema: type[BaseModel], run: Callable[[], object]) -> int:
    """Do as :func:`exit_status`, but let an interruption through: it ends every job of a sweep."""
    try:
        run()
    except Exception as error:
        message, status = _explain(error, verb, schema)
        if status == FAULT_STATUS:
            say(_trace(error), error=True)
        return _complain(verb, message, status)
    return 0


def _trace(error: Exception) -> str:
    """Return the traceback of a fault of ours; lines are cut, since the last may quote an input."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(shown(line, _LONGEST_OF_TRACE) for line in lines)


def _explain(error: Exception, verb: str, schema: type[BaseModel]) -> tuple[str, int]:
    message, status = "this is a fault of adverts, not of your input", FAULT_STATUS
    match error:
        case AdvertsError():
            message, status = str(error), error.exit_status
        case HydraException() | OmegaConfBaseException():
            message, status = _hydra_message(error, verb, schema), USAGE_STATUS
        case ModuleNotFoundError(name=str(name)) if not name.startswith("adverts"):
            root = name.partition(".")[0]
            message = str(MissingExtraError(root, _EXTRAS.get(root, "train")))
            status = USAGE_STATUS
        case OSError():
            message, status = _system_message(error), USAGE_STATUS
        case _:
            pass
    return message, status


def main() -> None:
    """Run ``adverts VERB …``."""
    arguments = sys.argv[1:]
    verb = arguments[0] if arguments else "--help"
    if verb in ("-h", "--help"):
        print(_usage())
        sys.exit(0 if arguments else USAGE_STATUS)
    if verb not in VERBS:
        near = difflib.get_close_matches(verb, VERBS, n=1)
        hint = f"; nearest: {near[0]}" if near else ""
        sys.exit(_complain("", f"no verb {verb!r}{hint}; verbs: {', '.join(VERBS)}", USAGE_STATUS))
    sys.argv = [f"adverts {verb}", *arguments[1:]]
    importlib.import_module(f"adverts.{verb}").main()


def _usage() -> str:
    lines = [f"  {name:<9} {text}" for name, text in VERBS.items()]
    return "\n".join(
        ["usage: adverts VERB [key=value …]", "", *lines, "", "adverts VERB --help shows its keys."]
    )


def _hydra_message(error: Exception, verb: str, schema: type[BaseModel]) -> str:
    """Say what Hydra refused, in the form of the schema's own faults."""
    text = str(error).strip()
    if unknown := re.match(r"Could not override '([^']+)'", text):
        lacking = getattr(error.__cause__, "full_key", None)
        if isinstance(lacking, str) and named_freely(lacking, schema):
            return describe_unknown_name(lacking)
        part = unknown_part(unknown[1], schema)
        return describe_unknown_key(part, legal_keys(part, schema))
    if choice := re.search(
        r"Could not find '([^'/]+)/([^']+)'\s+Available options[^:]*:(.*?)Config", text, re.S
    ):
        legal = [name for name in choice[3].split() if not name.startswith("_")]
        return _describe_choice(choice[1], choice[2], legal)
    if name := re.match(r"Cannot find primary config '([^']+)'", text):
        return _describe_config_name(name[1], verb, text)
    key = getattr(error, "full_key", None)
    return f"{key}: {first_line(error)}" if key else first_line(error)


def _describe_config_name(name: str, verb: str, text: str) -> str:
    """Say which names ``-cn`` takes: that of the verb, and the files of the folders searched."""
    folders = [Path(folder) for folder in re.findall(r"path=file://(.+)", text)]
    legal = sorted({verb, *(file.stem for folder in folders for file in folder.glob("*.yaml"))})
    return _describe_choice("-cn", name, legal)


def _describe_choice(key: str, found: str, legal: Sequence[str]) -> str:
    near = difflib.get_close_matches(found, legal, n=1)
    hint = f"; nearest: {near[0]}" if near else ""
    return f"{key}: found {found!r}{hint}; legal: {', '.join(legal)}"


def _refuse_bombs(arguments: Sequence[str]) -> None:
    """Refuse a configuration of ``-cd`` that would grow beyond measure, before Hydra reads it.

    Raises:
        InputError: There is one.
    """
    options = ("-cd", "--config-dir", "-cp", "--config-path")
    folders = [
        Path(after if word in options else word.partition("=")[2])
        for word, after in zip(arguments, [*arguments[1:], ""], strict=True)
        if word in options or word.startswith(tuple(f"{option}=" for option in options))
    ]
    for path in (path for one in folders for path in (*one.glob("*.yaml"), *one.glob("*/*.yaml"))):
        try:
            refuse_yaml_bomb(read_bounded(path, most=MAX_BYTES).decode(errors="replace"))
        except YamlBoundError as error:
            raise InputError(f"-cd: {path} cannot be a configuration: {error}") from None
        except (YAMLError, OSError):
            continue  # Hydra says where it is broken, if it is read at all


def _refuse_shadowed() -> None:
    """Refuse a file of ``-cd`` that one of ours hides: Hydra would read ours without a word.

    Raises:
        InputError: There is one.
    """
    sources = HydraConfig.get().runtime.config_sources
    ours = files("adverts.configs")
    for folder in (Path(source.path) for source in sources if source.provider == "command-line"):
        for path in sorted((*folder.glob("*.yaml"), *folder.glob("*/*.yaml"))):
            packaged = ours.joinpath(*path.relative_to(folder).parts)
            if packaged.is_file() and packaged.read_bytes() != path.read_bytes():
                raise InputError(
                    f"-cd: {path} has the name of a configuration of ours, which would be read in "
                    "its place; give it another name"
                )


def _system_message(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    reason = _SYSTEM_ADVICE.get(error.errno or 0, error.strerror or str(error))
    return f"{where}{reason}"


def _complain(verb: str, message: str, status: int) -> int:
    name = f"adverts {verb}".strip()
    text = shown(message).replace("\n", "\n  ")
    say(f"{name}: {text}" if "\n" not in text else f"{name}:\n  {text}", error=True)
    return status


if __name__ == "__main__":
    main()
