"""The command line: Hydra composes, the schema validates, errors become one line and a status.

The only importer of Hydra. ``adverts VERB …`` and ``python -m adverts.VERB …`` are the same.
"""

from __future__ import annotations

import atexit
import difflib
import errno
import gc
import importlib
import itertools
import os
import re
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Generic, TypeVar, cast

from adverts import __version__
from adverts.completion import SHELLS, completion_script
from adverts.errors import (
    AdvertsError,
    InputError,
    MissingExtraError,
    first_line,
    flush_output,
    say,
    shown,
)
from adverts.files.bounded_reading import read_bounded
from adverts.files.staging import keep_others_from_writing
from adverts.interruption import INTERRUPTED_STATUS, end_quietly, raise_interruptions

end_quietly()
try:
    import hydra
    from hydra.core.hydra_config import HydraConfig
    from hydra.errors import HydraException
    from hydra.types import RunMode
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from pydantic import BaseModel, ValidationError
    from yaml import YAMLError

    from adverts.config.base import describe_keys
    from adverts.config.fault_messages import (
        describe_faults,
        describe_missing,
        describe_unknown_key,
        describe_unknown_name,
        kinds_with,
        legal_keys,
        named_freely,
        unknown_part,
    )
    from adverts.config.yaml_bounds import MAX_BYTES, YamlBoundError, refuse_yaml_bomb
except ModuleNotFoundError as _missing:  # a base install: name the missing extra, no traceback
    _light = {
        "score": "scale",
        "sample": "scale",
        "estimate": "scale",
        "link": "link",
        "share": "share",
    }
    _asked = " ".join(sys.argv[:2])
    _extra = next((extra for verb, extra in _light.items() if verb in _asked), "train")
    print(f"adverts: {MissingExtraError(_missing.name or 'a package', _extra)}", file=sys.stderr)
    sys.exit(MissingExtraError.exit_status)

VERBS = {
    "prepare": "raw labelled files -> prepared dataset",
    "audit": "prepared dataset -> what is wrong with it, and a review sheet",
    "train": "prepared dataset + config -> checkpoint + MLflow run",
    "tune": "prepared dataset + search space -> the best settings, by validation alone",
    "evaluate": "checkpoint or bundle + adverts -> predictions, report",
    "export": "checkpoint -> bundle, verified before it is written",
    "promote": "bundle + gate record -> registry alias moves, or rolls back",
    "score": "bundle + adverts without labels -> scores of any number of them",
    "sample": "scores -> adverts that people label, drawn by chances that are known",
    "estimate": "a sample and its labels -> how much there is, of what was collected",
    "link": "adverts that people judged -> campaigns, with evidence, doubt and judgements",
    "share": "campaigns -> records for platforms and partners, and what came of them",
}
_OTHERS = {
    "init": "adverts init FILE looks at your data and writes the file that prepare takes",
    "help": "adverts help VERB shows the keys of a verb",
    "completion": 'eval "$(adverts completion bash)" turns on completion in bash and zsh',
}
_FLAGS_WITH_VALUE = (
    *("--cfg", "-c", "--package", "-p", "--config-path", "-cp", "--config-name", "-cn"),
    *("--config-dir", "-cd", "--experimental-rerun"),
)
_FOLDERS = re.compile(r"[+~]*(hydra\.(?:run|sweep)\.(?:dir|subdir))=")
_SENTENCES = re.compile(
    r"(collected|reason|approved_by|good_faith|replace_champion|accept_changed_gate|who|why)=(?!null$|['\"])(.+)",
    re.DOTALL,
)
_FILES = re.compile(
    r"(labels|previous|sample|judgements)=(?!null$|\[\]$)(\[[^'\"\[\]]+\]|[^'\"\[\]]+)"
)
_EXPERIMENT = "experiment"
_LONGEST_OF_TRACE = 300
_ALLOCATIONS = 100_000  # allocations of container objects between two garbage collections
USAGE_STATUS, FAULT_STATUS, PIPE_STATUS = 2, 70, 141
CONFIGS = Path(__file__).parents[2] / "configs"
_SYSTEM_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and start again",
    errno.EDQUOT: "the disk quota is used up; free some space and start again",
    errno.EEXIST: "something exists there already; choose another place or move it",
    errno.ENOTDIR: "a file is where a folder should be; choose another place or move it",
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
    "optuna": "tune",
}

C = TypeVar("C", bound=BaseModel)
Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class SweepJob:
    """A job of a command: its overrides and its place in a sweep.

    Attributes:
        overrides: Overrides of its configuration, as they were typed.
        number: Place among the jobs of a sweep, from 0; None outside a sweep.
    """

    overrides: tuple[str, ...]
    number: int | None

    @property
    def swept(self) -> tuple[str, ...]:
        """The overrides that differ between the jobs of the sweep."""
        return tuple(one for one in self.overrides if one not in sys.argv)


Settle = Callable[[Values, SweepJob], Values]
"""A function that returns the final values of a job from the composed ones and the job."""
Conclude = Callable[[Sequence[object]], None]


def _unchanged(values: Values, job: SweepJob | None = None) -> Values:
    del job
    return values


def parse(
    schema: type[C], composed: DictConfig, settle: Callable[[Values], Values] = _unchanged
) -> C:
    """Validate a configuration that Hydra composed, and return it.

    Args:
        schema: Schema of the configuration.
        composed: Values of the configuration.
        settle: Returns the final values before they are validated.

    Raises:
        InputError: A key is missing, unknown, ill-typed or out of bounds; all are named.
    """
    raw = settle(cast("Values", OmegaConf.to_container(composed, resolve=True)))
    missing = {key for key in OmegaConf.missing_keys(composed) if _is_missing(raw, key)}
    try:
        config = schema.model_validate(raw)
    except ValidationError as error:
        raise InputError(describe_faults(error, schema, missing)) from None
    if missing:
        raise InputError(describe_missing(missing))
    return config


def _is_missing(values: object, key: str) -> bool:
    for part in key.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return values == "???"


def command(
    verb: str,
    schema: type[C],
    *,
    settle: Settle = _unchanged,
    conclude: Conclude | None = None,
) -> Callable[[Callable[[C], object]], Callable[[], None]]:
    """Decorate ``main(config)`` so that it reads ``configs/<verb>.yaml`` and overrides.

    Args:
        verb: Name of the verb and of its configuration.
        schema: Schema of the configuration.
        settle: Returns the final values of a job from the composed values and the job.
        conclude: Called after the jobs of a sweep, with the results of those that succeeded.

    The decorated function ends the process with one of the exit statuses of the project: 0 done,
    1 judged and failed, 2 wrong usage or input, 3 could not judge, 70 fault in adverts itself, 130
    interrupted, 141 output pipe closed.
    """

    def decorate(main: Callable[[C], object]) -> Callable[[], None]:
        return _Command(verb, schema, main, settle, conclude)

    return decorate


class _Command(Generic[C]):
    """A verb on the command line; each call composes, checks and runs its jobs, then exits."""

    def __init__(
        self,
        verb: str,
        schema: type[C],
        main: Callable[[C], object],
        settle: Settle,
        conclude: Conclude | None,
    ) -> None:
        self._verb, self._schema, self._main = verb, schema, main
        self._settle, self._conclude = settle, conclude
        self._statuses: list[int] = []  # one for each job of a sweep
        self._returned: list[object] = []  # one for each job that succeeded
        self._faults: list[str] = []  # in the rest of a configuration that Hydra refused in part

    def __call__(self) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # sent by Slurm and Kubernetes
        _look_for_cycles_less()
        keep_others_from_writing()
        self._statuses.clear()
        self._returned.clear()
        self._faults.clear()
        status = exit_status(self._verb, self._schema, self._jobs)
        if self._conclude is not None and len(self._statuses) > 1:
            self._conclude(self._returned)
        sys.exit(max([*self._statuses, status]))

    def _jobs(self) -> None:
        OmegaConf.register_new_resolver(
            "described_keys", lambda: describe_keys(self._schema), replace=True
        )
        try:
            _run_jobs(self._composing(self._run))
        except HydraException as error:
            check = self._composing(self._check)
            faults = _every_fault(error, self._verb, self._schema, lambda: _run_jobs(check))
            raise InputError("\n".join(dict.fromkeys([*faults, *self._faults]))) from error

    def _composing(self, job: Callable[[DictConfig], None]) -> Callable[[], object]:
        """Return a function that composes each job and calls ``job`` with it."""

        @hydra.main(version_base="1.3", config_path="pkg://adverts.configs", config_name=self._verb)
        def each(composed: DictConfig) -> None:
            job(composed)

        return cast("Callable[[], object]", each)

    def _run(self, composed: DictConfig) -> None:
        job = _job()
        if job.number is not None:
            say(f"job {job.number}: {' '.join(job.swept) or 'no change of settings'}")
        self._statuses.append(
            _job_status(
                self._verb,
                self._schema,
                lambda: self._returned.append(self._main(self._checked(composed, job))),
            )
        )

    def _check(self, composed: DictConfig) -> None:
        try:
            self._checked(composed, _job())
        except AdvertsError as error:
            self._faults.extend(str(error).splitlines())

    def _checked(self, composed: DictConfig, job: SweepJob) -> C:
        _refuse_shadowed()
        return parse(self._schema, composed, lambda values: self._settle(values, job))


@cache
def _look_for_cycles_less() -> None:
    """Reduce garbage collection, which takes a command two seconds.

    Imported modules are a million objects that are never freed. At the end of the process, nothing
    needs to be collected.
    """
    gc.set_threshold(_ALLOCATIONS, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)


def _job() -> SweepJob:
    hydra_config = HydraConfig.get()
    in_sweep = hydra_config.mode == RunMode.MULTIRUN
    number = hydra_config.job.num if in_sweep else None
    typed = OmegaConf.to_container(hydra_config.overrides.task, resolve=False)
    return SweepJob(tuple(map(str, cast("list[object]", typed))), number)


def _run_jobs(run_job: Callable[[], object]) -> None:
    """Let Hydra compose and run every job; its files of a sweep go into a private folder."""
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra raises its errors instead of printing them
    sys.argv[1:] = map(_with_quotes, _flags_first(sys.argv[1:]))
    _refuse_folders(sys.argv)
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
        except Exception as error:  # from Hydra before a job starts: jobs handle their own errors
            raise InputError(first_line(error)) from error


def _job_suffix() -> str:
    """Return ``-<number>`` in a sweep, whose jobs may start in the same second; otherwise ""."""
    composed = cast("DictConfig | None", HydraConfig.instance().cfg)
    number = None if composed is None else OmegaConf.select(composed, "hydra.job.num")
    return "" if number is None else f"-{number}"


OmegaConf.register_new_resolver("job_suffix", _job_suffix, replace=True)


def exit_status(verb: str, schema: type[BaseModel], run: Callable[[], object]) -> int:
    """Call ``run``, print a clear message if it fails, and return the exit status."""
    try:
        raise_interruptions()
        return _job_status(verb, schema, run)
    except KeyboardInterrupt:
        return _complain(verb, "interrupted", INTERRUPTED_STATUS)


def _job_status(verb: str, schema: type[BaseModel], run: Callable[[], object]) -> int:
    """Do as :func:`exit_status`, but let an interruption pass: it ends all jobs of a sweep."""
    try:
        try:
            run()
        finally:  # also when Hydra has shown its help and ends the process
            flush_output()
    except BrokenPipeError:  # the reader has closed the pipe, as `| head` does: no message
        return PIPE_STATUS
    except Exception as error:
        message, status = _explain(error, verb, schema)
        if status == FAULT_STATUS:
            say(_trace(error), error=True)
        return _complain(verb, message, status)
    return 0


def _trace(error: Exception) -> str:
    """Return the traceback of an unexpected error; lines are cut, since one may quote an input."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(shown(line, _LONGEST_OF_TRACE) for line in lines)


def _explain(error: Exception, verb: str, schema: type[BaseModel]) -> tuple[str, int]:
    message, status = "this is a bug in adverts, not a mistake in your input", FAULT_STATUS
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
    if verb == "help" and len(arguments) > 1:
        verb, arguments = arguments[1], [arguments[1], "--help"]
    if verb in ("-h", "--help", "help"):
        print(_usage())
        sys.exit(0 if arguments else USAGE_STATUS)
    if verb in ("-V", "--version"):
        print(f"adverts {__version__}")
        sys.exit(0)
    if verb == "completion":
        sys.exit(_print_completion(arguments[1:]))
    if verb not in VERBS and verb != "init":
        known = [*VERBS, *_OTHERS]
        near = difflib.get_close_matches(verb, known, n=1)
        hint = f"; nearest: {near[0]}" if near else ""
        sys.exit(_complain("", f"no verb {verb!r}{hint}; legal: {', '.join(known)}", USAGE_STATUS))
    sys.argv = [f"adverts {verb}", *arguments[1:]]
    importlib.import_module(f"adverts.{verb}").main()


def _print_completion(arguments: Sequence[str]) -> int:
    shell = arguments[0] if arguments else "bash"
    if shell not in SHELLS:
        return _complain("", _describe_choice("completion", shell, SHELLS), USAGE_STATUS)
    print(completion_script(shell, VERBS, _OTHERS), end="")
    return 0


def _usage() -> str:
    lines = [f"  {name:<9} {text}" for name, text in VERBS.items()]
    others = [f"  {name:<10} {text}" for name, text in _OTHERS.items()]
    head = "usage: adverts VERB [key=value …]"
    return "\n".join([head, "", *lines, "", *others, "", "adverts VERB --help shows its keys."])


def _flags_first(arguments: Sequence[str]) -> list[str]:
    """Return flags of Hydra before keys: its parser rejects keys on both sides of a flag."""
    flags: list[str] = []
    keys: list[str] = []
    left = iter(arguments)
    for word in left:
        if not word.startswith("-"):
            keys.append(word)
            continue
        flags.append(word)
        if word in _FLAGS_WITH_VALUE:
            flags.extend(itertools.islice(left, 1))
    return [*flags, *keys]


def _with_quotes(word: str) -> str:
    """Return a key that takes a sentence or files with quotes around each, if they have none."""
    found = _SENTENCES.fullmatch(word)
    if found is not None:
        return f"{found[1]}={_quoted(found[2])}"
    found = _FILES.fullmatch(word)
    if found is None:
        return word
    text = found[2].removeprefix("[").removesuffix("]")
    files = [one.strip() for one in text.split(",")]
    return f"{found[1]}=[{','.join(map(_quoted, files))}]"


def _quoted(text: str) -> str:
    inner = re.sub(r"(\\*)'", r"\1\1\\'", text)  # a backslash counts only before a quote
    after = inner[len(inner.rstrip("\\")) :]
    return f"'{inner}{after}'"


def _every_fault(
    error: Exception, verb: str, schema: type[BaseModel], check: Callable[[], object]
) -> list[str]:
    """Return one line for each fault of a configuration; Hydra itself stops at the first one.

    Each refused argument is removed and the rest composed again, until Hydra accepts it.
    """
    arguments, faults = list(sys.argv), [_hydra_message(error, verb, schema)]
    try:
        while (kept := _without_refused(str(error))) != sys.argv:
            sys.argv[:] = kept
            try:
                check()
            except HydraException as next_one:
                error = next_one
                faults.append(_hydra_message(error, verb, schema))
            else:
                break
    finally:
        sys.argv[:] = arguments
    return faults


def _without_refused(text: str) -> list[str]:
    """Return the arguments without those that the error message of Hydra rejects."""
    refused = re.match(r"\s*Could not override '([^']+)'", text) or re.search(
        r"Could not find '([^'/]+)/[^']+'", text
    )
    if refused is None:
        return list(sys.argv)
    return [word for word in sys.argv if word.partition("=")[0].lstrip("+~") != refused[1]]


def _refuse_folders(arguments: Sequence[str]) -> None:
    """Reject the folder options of Hydra, which the verbs do not use.

    Raises:
        InputError: One of them is given.
    """
    for word in arguments:
        if (found := _FOLDERS.match(word)) is not None:
            raise InputError(
                f"{found[1]}: not used; a verb names its own folder, such as run_dir=, and each "
                "job of a sweep has one of its own"
            )


def _hydra_message(error: Exception, verb: str, schema: type[BaseModel]) -> str:
    """Return a message about what Hydra rejected, in the form of the schema's own messages."""
    text = str(error).strip()
    if unknown := re.match(r"Could not override '([^']+)'", text):
        lacking = getattr(error.__cause__, "full_key", None)
        if isinstance(lacking, str) and named_freely(lacking, schema):
            return describe_unknown_name(lacking)
        part = unknown_part(unknown[1], schema)
        return (
            _to_be_added(part)
            or _of_another_kind(part, schema)
            or describe_unknown_key(part, legal_keys(part, schema))
        )
    if unread := re.match(r"LexerNoViableAltException: (.*)", text):
        return f"{unread[1]}: cannot be read; {_quoting(unread[1])}"
    if choice := re.search(
        r"Could not find '([^'/]+)/([^']+)'\s+Available options[^:]*:(.*?)Config", text, re.S
    ):
        legal = [name for name in choice[3].split() if not name.startswith("_")]
        there = Path("conf") / choice[1] / f"{choice[2]}.yaml"
        hint = f"; to use {there}, add -cd conf" if there.is_file() else ""
        return _describe_choice(choice[1], choice[2], legal) + hint
    if name := re.match(r"Cannot find primary config '([^']+)'", text):
        return _describe_config_name(name[1], verb, text)
    key = getattr(error, "full_key", None)
    return f"{key}: {first_line(error)}" if key else first_line(error)


def _to_be_added(key: str) -> str | None:
    """Return a message that a preset must be added with a plus; None if ``key`` is another key."""
    typed = next((word for word in sys.argv if word.startswith(f"{_EXPERIMENT}=")), None)
    return f"{key}: must be added with a plus: +{typed}" if key == _EXPERIMENT and typed else None


def _of_another_kind(key: str, schema: type[BaseModel]) -> str | None:
    """Return a message that names the kinds which have ``key``; None if no other kind has it."""
    kinds = kinds_with(key, schema)
    if not kinds:
        return None
    section = key.rpartition(".")[0]
    return f"{key}: belongs to {section}.kind={' or '.join(kinds)}, but another kind is chosen"


def _quoting(word: str) -> str:
    """Return how to type a value with characters that Hydra accepts only in quotes."""
    key, _, value = word.partition("=")
    if value.startswith("[") and value.endswith("]"):
        items = ",".join(f'"{one.strip()}"' for one in value[1:-1].split(","))
        return f"type '{key}=[{items}]', with both kinds of quotes"
    return f"""type '{key}="{value}"', with both kinds of quotes"""


def _describe_config_name(name: str, verb: str, text: str) -> str:
    """Return a message with the legal names for ``-cn``: the verb and files in searched folders."""
    folders = [Path(folder) for folder in re.findall(r"path=file://(.+)", text)]
    legal = sorted({verb, *(file.stem for folder in folders for file in folder.glob("*.yaml"))})
    return _describe_choice("-cn", name, legal)


def _describe_choice(key: str, found: str, legal: Sequence[str]) -> str:
    near = difflib.get_close_matches(found, legal, n=1)
    hint = f"; nearest: {near[0]}" if near else ""
    return f"{key}: found {found!r}{hint}; legal: {', '.join(legal)}"


def _refuse_bombs(arguments: Sequence[str]) -> None:
    """Reject a configuration of ``-cd`` that would expand too far, before Hydra reads it.

    Raises:
        InputError: There is such a configuration.
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
            continue  # Hydra reports the error if it reads the file


def _refuse_shadowed() -> None:
    """Reject a file of ``-cd`` that a packaged file of the same name would silently replace.

    Raises:
        InputError: There is such a file.
    """
    sources = HydraConfig.get().runtime.config_sources
    ours = files("adverts.configs")
    for folder in (Path(source.path) for source in sources if source.provider == "command-line"):
        for path in sorted((*folder.glob("*.yaml"), *folder.glob("*/*.yaml"))):
            packaged = ours.joinpath(*path.relative_to(folder).parts)
            if packaged.is_file() and packaged.read_bytes() != path.read_bytes():
                raise InputError(
                    f"-cd: {path} has the name of a configuration that adverts contains, which "
                    "would be read instead; rename your file"
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
