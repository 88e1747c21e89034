"""The command line: Hydra composes, the schema validates, errors become one line and a status.

``adverts VERB …`` and ``python -m adverts.VERB …`` are the same. Beside ``compose``, this is the
only importer of Hydra.
"""

from __future__ import annotations

import atexit
import difflib
import gc
import importlib
import itertools
import os
import signal
import sys
import traceback
from collections.abc import Callable, Collection, Sequence
from contextlib import redirect_stdout
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Generic, TypeVar, cast

from adverts import __version__
from adverts.completion import SHELLS, completion_script, plain_words
from adverts.entry_points import OURS, FoundVerb, found_verbs
from adverts.errors import (
    AdvertsError,
    InputError,
    MissingExtraError,
    first_line,
    flush_output,
    missing_extra,
    say,
    shown,
    system_message,
)
from adverts.files.staging import keep_others_from_writing
from adverts.interruption import INTERRUPTED_STATUS, end_quietly, is_command, raise_interruptions

end_quietly()
try:
    import hydra
    from hydra.core.hydra_config import HydraConfig
    from hydra.errors import HydraException
    from hydra.types import RunMode
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from pydantic import BaseModel

    from adverts.compose import (
        TOO_DEEP,
        Settle,
        SweepJob,
        Values,
        parse,
        resolvers_of,
        unchanged,
    )
    from adverts.config.override_words import refuse_bare, refuse_keys_of_hydra, typed_words
    from adverts.config.rejections import describe_choice, describe_rejection, every_rejection
    from adverts.settings_folder import PACKAGED, read_as_data, refuse_other_verbs, refuse_shadowed
except ImportError as _missing:  # a base install: name the missing extra
    _findings = dict.fromkeys(("sample", "estimate", "link", "share"), "findings")
    _light = {"score": "scale", **_findings}
    _asked = {Path(sys.argv[0]).stem, *sys.argv[1:2]}
    _extra = next((extra for verb, extra in _light.items() if verb in _asked), "train")
    _module = _missing.__cause__ if isinstance(_missing, MissingExtraError) else _missing
    if not isinstance(_module, ModuleNotFoundError):
        raise
    _lacking = MissingExtraError(_module.name or "a package", _extra)
    if not is_command():
        raise _lacking from _missing
    print(f"adverts: {_lacking}", file=sys.stderr)  # no traceback
    sys.exit(_lacking.exit_status)

__all__ = ["CONFIGS", "VERBS", "SweepJob", "Values", "command", "exit_status", "main", "parse"]

_GROUPS = {
    "make a model": {
        "prepare": "raw labelled files -> prepared dataset",
        "audit": "prepared dataset -> what is wrong with it, and a review sheet",
        "train": "prepared dataset + config -> checkpoint + MLflow run",
        "tune": "prepared dataset + search space -> the best settings, by validation alone",
    },
    "judge it and hand it on": {
        "evaluate": "checkpoint or bundle + adverts -> predictions, report",
        "export": "checkpoint -> bundle, verified before it is written",
        "promote": "bundle + gate record -> registry alias moves, or rolls back",
    },
    "use it": {"score": "bundle + adverts without labels -> scores of any number of them"},
}
"""What people want to do, with the verbs that do it, in the order of ``adverts --help``."""
VERBS = {verb: text for verbs in _GROUPS.values() for verb, text in verbs.items()}
"""The verbs of the workshop; other verbs are found by :mod:`adverts.entry_points`."""
_OTHERS = {
    "init": "adverts init FILE looks at your data and writes the file that prepare takes",
    "help": "adverts help VERB shows the keys of a verb",
    "completion": 'eval "$(adverts completion bash)" turns on completion in bash and zsh',
}
_FLAGS_WITH_VALUE = (
    *("--cfg", "-c", "--package", "-p", "--config-name", "-cn", "--config-dir", "-cd"),
)
_FLAGS = (
    *("--help", "-h", "--version", "--multirun", "-m", "--run", "-r", "--resolve"),
    *("--info", "-i", "--shell-completion", "-sc", *_FLAGS_WITH_VALUE),
)
"""Flags of Hydra that a verb takes: none that reads a pickle, or a folder as if it were ours."""
_LONGEST_OF_TRACE = 300
_ALLOCATIONS = 100_000  # allocations of container objects between two garbage collections
USAGE_STATUS, FAULT_STATUS, PIPE_STATUS = 2, 70, 141
CONFIGS = Path(__file__).parents[2] / "configs"

C = TypeVar("C", bound=BaseModel)


Conclude = Callable[[Sequence[object]], None]
OfFile = Callable[[Path, Sequence[str]], Sequence[str]]


def command(
    verb: str,
    schema: type[C],
    *,
    settle: Settle = unchanged,
    conclude: Conclude | None = None,
    of_file: OfFile | None = None,
    configs: str = PACKAGED,
) -> Callable[[Callable[[C], object]], Callable[[], None]]:
    """Decorate ``main(config)`` so that it reads ``configs/<verb>.yaml`` and overrides.

    Args:
        verb: Name of the verb and of its configuration.
        schema: Schema of the configuration.
        settle: Returns the final values of a job from the composed values and the job.
        conclude: Called after the jobs of a sweep, with the results of those that succeeded.
        of_file: Returns the settings that the path of a file stands for, given the other words; a
            verb with it takes one such path among its words.
        configs: Package that holds ``<verb>.yaml``, for a verb of another package.

    The decorated function ends the process with one of the exit statuses of the project: 0 done,
    1 judged and failed, 2 wrong usage or input, 3 could not judge, 70 fault in adverts itself, 130
    interrupted, 141 output pipe closed.
    """

    def decorate(main: Callable[[C], object]) -> Callable[[], None]:
        return _Command(
            verb, schema, main, settle=settle, conclude=conclude, of_file=of_file, configs=configs
        )

    return decorate


class _Command(Generic[C]):
    """A verb on the command line; each call composes, checks and runs its jobs, then exits."""

    def __init__(
        self,
        verb: str,
        schema: type[C],
        main: Callable[[C], object],
        *,
        settle: Settle,
        conclude: Conclude | None,
        of_file: OfFile | None,
        configs: str,
    ) -> None:
        self._verb, self._schema, self._main = verb, schema, main
        self._settle, self._conclude, self._of_file = settle, conclude, of_file
        self._configs = configs
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
        is_alone = not sys.argv[1:]
        status = exit_status(self._verb, self._schema, self._jobs)
        if self._conclude is not None and len(self._statuses) > 1:
            self._conclude(self._returned)
        status = max([*self._statuses, status])
        if is_alone and status == USAGE_STATUS:
            chosen = files(self._configs).joinpath(f"{self._verb}.yaml").read_text("utf-8")
            say(f"for example: {chosen.splitlines()[0].removeprefix('# ')}", error=True)
        sys.exit(status)

    def _jobs(self) -> None:
        typed = sys.argv[1:]
        if "--version" in typed:
            print(f"adverts {__version__}")
            return
        typed = self._with_file(typed)
        words = typed_words(_flags_first(typed, self._schema.model_fields))
        refuse_keys_of_hydra(words)
        for flag, name in itertools.pairwise(words):
            if flag in ("-cn", "--config-name"):
                refuse_other_verbs(name, self._verb)
        sys.argv[1:] = words
        with resolvers_of(self._schema), read_as_data(self._verb):
            try:
                if any(word.startswith("query=") for word in words):  # of -sc
                    with redirect_stdout(StringIO()) as offered:
                        _run_jobs(self._composing(self._run))
                    print("\n".join(plain_words(offered.getvalue())))
                    return
                _run_jobs(self._composing(self._run))
            except HydraException as error:
                faults = every_rejection(error, self._verb, self._schema, words, self._refusal)
                raise InputError("\n".join(dict.fromkeys([*faults, *self._faults]))) from error

    def _with_file(self, words: list[str]) -> list[str]:
        """Return the words with the path of a file, if there is one, as the settings it stands for.

        Raises:
            InputError: The file cannot be read, or nothing in it looks like adverts.
        """
        bare = [
            place
            for place, word in enumerate(words)
            if "=" not in word
            and not word.startswith(("-", "~"))
            and (place == 0 or words[place - 1] not in _FLAGS_WITH_VALUE)
        ]
        if self._of_file is None or len(bare) != 1:
            return words
        path = Path(words[bare[0]])
        if not path.is_file():
            if path.suffix or len(path.parts) > 1:
                raise InputError(f"{path} does not exist, or is no file; give the file of adverts")
            return words
        others = [*words[: bare[0]], *words[bare[0] + 1 :]]
        return [*self._of_file(path, others), *others]

    def _refusal(self, words: Sequence[str]) -> Exception | None:
        """Return the error of Hydra for other words; None if it composes them."""
        typed = list(sys.argv)
        sys.argv[1:] = words
        try:
            _run_jobs(self._composing(self._check))
        except HydraException as error:
            return error
        finally:
            sys.argv[:] = typed
        return None

    def _composing(self, job: Callable[[DictConfig], None]) -> Callable[[], object]:
        """Return a function that composes each job and calls ``job`` with it."""

        @hydra.main(
            version_base="1.3", config_path=f"pkg://{self._configs}", config_name=self._verb
        )
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
        refuse_shadowed(_given_folders())
        return parse(self._schema, composed, job, self._settle)


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
    words = tuple(map(str, cast("list[object]", typed)))
    return SweepJob(words, number, tuple(sys.argv))


def _run_jobs(run_job: Callable[[], object]) -> None:
    """Let Hydra compose and run every job; its files of a sweep go into a private folder."""
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra raises its errors instead of printing them
    try:
        run_job()
    except (AdvertsError, HydraException, OmegaConfBaseException, OSError, ImportError):
        raise
    except RecursionError:
        raise InputError(TOO_DEEP) from None
    except Exception as error:  # from Hydra before a job starts: jobs handle their own errors
        raise InputError(first_line(error)) from error


def _given_folders() -> list[Path]:
    """Return the folders of ``-cd`` that Hydra searches."""
    sources = HydraConfig.get().runtime.config_sources
    return [Path(source.path) for source in sources if source.provider == "command-line"]


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
            message, status = describe_rejection(error, verb, schema, sys.argv[1:]), USAGE_STATUS
        case ModuleNotFoundError(name=str(name)) if not name.startswith("adverts"):
            message, status = str(missing_extra(name)), USAGE_STATUS
        case OSError():
            message, status = system_message(error), USAGE_STATUS
        case _:
            pass
    return message, status


_INSTEAD = {
    "compare": "; instead: adverts evaluate champion=RUN compares two models, and "
    "adverts.api.compare in Python any number of runs",
}
"""What people type for a verb that has another name, and what they want."""


def main() -> None:
    """Run ``adverts VERB …``."""
    arguments = sys.argv[1:]
    verb = arguments[0] if arguments else "--help"
    if verb == "help" and len(arguments) > 1:
        verb, arguments = arguments[1], [arguments[1], "--help"]
    if verb in ("-h", "--help", "help"):
        sys.exit(_print(_usage()) or (0 if arguments else USAGE_STATUS))
    if verb in ("-V", "--version"):
        sys.exit(_print(f"adverts {__version__}"))
    if verb == "completion":
        sys.exit(_print_completion(arguments[1:]))
    found = {} if verb in {*VERBS, "init"} else _found()
    if verb not in {*VERBS, "init", *found}:
        known = [*VERBS, *found, *_OTHERS]
        near = difflib.get_close_matches(verb, known, n=1)
        hint = _INSTEAD.get(verb) or (f"; nearest: {near[0]}" if near else "")
        sys.exit(_complain("", f"no verb {verb!r}{hint}; legal: {', '.join(known)}", USAGE_STATUS))
    sys.argv = [f"adverts {verb}", *arguments[1:]]
    if verb in found:
        _run_found(found[verb])
    else:
        importlib.import_module(f"adverts.{verb}").main()


def _found() -> dict[str, FoundVerb]:
    """Return the verbs that installed packages bring; where they contradict each other, end."""
    try:
        return found_verbs({*VERBS, *_OTHERS})
    except InputError as error:
        sys.exit(_complain("", str(error), USAGE_STATUS))


def _run_found(verb: FoundVerb) -> None:
    try:
        run = verb.load()
    except (AdvertsError, ModuleNotFoundError) as error:
        sys.exit(_complain(verb.name, *_explain(error, verb.name, BaseModel)))
    run()


def _print_completion(arguments: Sequence[str]) -> int:
    shell = arguments[0] if arguments else "bash"
    if shell not in SHELLS:
        return _complain("", describe_choice("completion", shell, SHELLS), USAGE_STATUS)
    return _print(completion_script(shell, [*VERBS, *_found()], _OTHERS).rstrip("\n"))


def _print(text: str) -> int:
    """Print a text, and return the exit status: not 0 where nobody gets it."""
    try:
        print(text)
        flush_output()
    except BrokenPipeError:
        return PIPE_STATUS
    except OSError as error:
        return _complain("", system_message(error), USAGE_STATUS)
    return 0


def _usage() -> str:
    found = _found()
    ours = {one.name: one.about for one in found.values() if one.package == OURS}
    others = {
        one.name: f"{one.about} (of {one.package})".lstrip()
        for one in found.values()
        if one.package != OURS
    }
    groups = {
        **_GROUPS,
        "find out how much there is and who is behind it": ours,
        "of other packages": others,
        "beside them": _OTHERS,
    }
    lines = ["usage: adverts VERB [key=value …]"]
    for what, verbs in groups.items():
        if verbs:
            lines += ["", what, *(f"  {name:<10} {text}" for name, text in verbs.items())]
    return "\n".join([*lines, "", "adverts VERB --help shows its keys."])


def _flags_first(arguments: Sequence[str], keys_of_verb: Collection[str]) -> list[str]:
    """Return flags of Hydra before keys: its parser rejects keys on both sides of a flag.

    Raises:
        InputError: There is a flag that no verb takes, or a word that sets no key.
    """
    flags: list[str] = []
    keys: list[str] = []
    left = iter(arguments)
    for word in left:
        if not word.startswith("-"):
            refuse_bare(word)
            keys.append(word)
            continue
        flag, equal, value = word.partition("=")
        if flag not in _FLAGS:
            raise InputError(_no_flag(flag, value or "VALUE", keys_of_verb))
        flags.append(flag)
        if equal:
            flags.append(value)
        elif flag in _FLAGS_WITH_VALUE:
            flags.extend(itertools.islice(left, 1))
        if flag in ("-cd", "--config-dir") and len(flags) > 1:
            flags[-1] = os.path.expanduser(flags[-1])
    return [*flags, *keys]


def _no_flag(flag: str, value: str, keys: Collection[str]) -> str:
    key = flag.lstrip("-").replace("-", "_")
    if key.partition(".")[0] in keys:
        return f"{flag}: settings are typed without dashes, as {key}={value}"
    return describe_choice("flag", flag, _FLAGS)


def _complain(verb: str, message: str, status: int) -> int:
    name = f"adverts {verb}".strip()
    text = shown(message).replace("\n", "\n  ")
    say(f"{name}: {text}" if "\n" not in text else f"{name}:\n  {text}", error=True)
    return status


if __name__ == "__main__":
    main()
