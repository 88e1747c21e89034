"""Compose a configuration from overrides, without a command line, and validate it.

Only this module and the command line know Hydra. Composing leaves the process as it was: a program
that has initialised Hydra for itself, such as a notebook, finds its own state again.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

from adverts.errors import AdvertsError, InputError, MissingExtraError, first_line

try:
    import hydra
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.hydra_config import HydraConfig
    from hydra.core.singleton import Singleton
    from hydra.core.utils import JobRuntime
    from hydra.errors import HydraException
    from hydra.version import VersionBase
    from omegaconf import DictConfig, OmegaConf
    from omegaconf.basecontainer import BaseContainer
    from omegaconf.errors import OmegaConfBaseException
    from pydantic import BaseModel, ValidationError

    from adverts.config.base import describe_keys
    from adverts.config.data import with_typed_kind
    from adverts.config.fault_messages import describe_faults, describe_missing
    from adverts.config.override_words import (
        quoted,
        refuse_flags,
        refuse_keys_of_hydra,
        typed_words,
    )
    from adverts.config.rejections import describe_rejection, every_rejection
    from adverts.settings_folder import (
        PACKAGED,
        read_as_data,
        refuse_other_verbs,
        refuse_shadowed,
    )
except ModuleNotFoundError as _missing:
    raise MissingExtraError(_missing.name or "a package", "train") from _missing

_OF_A_PROCESS: tuple[type, ...] = (GlobalHydra, HydraConfig, VersionBase, JobRuntime)
_RESOLVERS = ("now", "hydra", "python_version", "described_keys", "job_suffix", "private_folder")
_ALONE = threading.RLock()  # the state of Hydra belongs to the process

TOO_DEEP = "settings are nested too deep, or files choose one another in their defaults"
C = TypeVar("C", bound=BaseModel)
Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class SweepJob:
    """A job of a command: its overrides and its place in a sweep.

    Attributes:
        overrides: Overrides of its configuration, as they were typed.
        number: Place among the jobs of a sweep, from 0; None outside a sweep.
        shared: Words of the command, which all jobs of the sweep share.
    """

    overrides: tuple[str, ...]
    number: int | None
    shared: tuple[str, ...] = ()

    @property
    def typed(self) -> frozenset[str]:
        """The keys that the overrides set."""
        return frozenset(one.partition("=")[0].lstrip("+~") for one in self.overrides)

    @property
    def swept(self) -> tuple[str, ...]:
        """The overrides that differ between the jobs of the sweep."""
        return tuple(one for one in self.overrides if one not in self.shared)


Settle = Callable[[Values, SweepJob], Values]
"""A function that returns the final values of a job from the composed ones and the job."""


def unchanged(values: Values, job: SweepJob) -> Values:
    """Return the values as they are."""
    del job
    return values


def compose(
    verb: str,
    schema: type[C],
    overrides: Sequence[str] = (),
    *,
    config_dir: Path | None = None,
    config_name: str | None = None,
    settle: Settle = unchanged,
) -> C:
    """Return the configuration that ``adverts <verb> <overrides>`` would use.

    Args:
        verb: Name of the verb, which is also that of its configuration.
        schema: Schema of the configuration.
        overrides: Overrides in Hydra's words, such as ``trainer.epochs=3``.
        config_dir: A folder of configurations beside those of the package, as with ``-cd``.
        config_name: Name of another configuration to begin from, as with ``-cn``.
        settle: Returns the final values before they are validated.

    Raises:
        InputError: A key is missing, unknown, ill-typed or out of bounds; all are named.
    """
    words = typed_words(overrides)
    refuse_flags(words)
    refuse_keys_of_hydra(words)
    refuse_shadowed([] if config_dir is None else [config_dir])
    name = config_name or verb
    refuse_other_verbs(name, verb)

    def composed(given: Sequence[str]) -> C:
        job = SweepJob(tuple(given), None, tuple(given))
        found = _composed(name, given, config_dir)
        return parse(schema, found, job, settle)

    beside: list[str] = []

    def check(given: Sequence[str]) -> Exception | None:
        try:
            composed(given)
        except HydraException as error:
            return error
        except OmegaConfBaseException as error:
            beside.append(describe_rejection(error, verb, schema, given))
        except AdvertsError as error:
            beside.extend(str(error).splitlines())
        return None

    with private_hydra(schema), read_as_data(verb):
        try:
            return composed(words)
        except HydraException as error:
            faults = every_rejection(error, verb, schema, words, check)
            raise InputError("\n".join(dict.fromkeys([*faults, *beside]))) from error
        except OmegaConfBaseException as error:
            raise InputError(describe_rejection(error, verb, schema, words)) from error


def _composed(name: str, words: Sequence[str], folder: Path | None) -> DictConfig:
    own = None if folder is None else folder.absolute()
    also = None if own is None else f"file://{own}"
    if own is not None and (own / f"{name}.yaml").is_file():  # Hydra wants it in the first place
        begun: AbstractContextManager[None] = hydra.initialize_config_dir(
            str(own), version_base="1.3"
        )
        also = f"pkg://{PACKAGED}"
    else:
        begun = hydra.initialize_config_module(PACKAGED, version_base="1.3")
    search = [] if also is None else [f"hydra.searchpath=[{quoted(also)}]"]
    try:
        with begun:
            return hydra.compose(name, overrides=[*words, *search])
    except (AdvertsError, HydraException, OmegaConfBaseException, OSError, ImportError):
        raise
    except RecursionError:
        raise InputError(TOO_DEEP) from None
    except Exception as error:
        raise InputError(first_line(error)) from error


@contextmanager
def private_hydra(schema: type[BaseModel]) -> Iterator[None]:
    """Give a caller a Hydra of its own, and the process its former one afterwards.

    Calls in several threads wait for one another; a call inside another one of the same thread has
    a Hydra of its own too.
    """
    with _ALONE:
        instances, resolvers = Singleton._instances, BaseContainer._resolvers  # noqa: SLF001
        before = {one: instances.pop(one) for one in _OF_A_PROCESS if one in instances}
        theirs = {name: resolvers[name] for name in _RESOLVERS if name in resolvers}
        try:
            with resolvers_of(schema):
                yield
        finally:
            for one in _OF_A_PROCESS:
                instances.pop(one, None)
            instances.update(before)
            for name in _RESOLVERS:
                resolvers.pop(name, None)
            resolvers.update(theirs)


@contextmanager
def resolvers_of(schema: type[BaseModel]) -> Iterator[None]:
    """Register the functions that our configurations call, such as ``${job_suffix:}``."""
    with ExitStack() as made:

        @cache
        def private_folder() -> str:
            return made.enter_context(tempfile.TemporaryDirectory(prefix="adverts-sweep-"))

        register = OmegaConf.register_new_resolver
        register("private_folder", private_folder, replace=True)
        register("described_keys", lambda: describe_keys(schema), replace=True)
        register("job_suffix", _job_suffix, replace=True)
        yield


def _job_suffix() -> str:
    """Return ``-<number>`` in a sweep, whose jobs may start in the same second; otherwise ""."""
    composed = cast("DictConfig | None", HydraConfig.instance().cfg)
    number = None if composed is None else OmegaConf.select(composed, "hydra.job.num")
    return "" if number is None else f"-{number}"


def parse(schema: type[C], composed: DictConfig, job: SweepJob, settle: Settle = unchanged) -> C:
    """Validate a configuration that Hydra composed, and return it.

    Args:
        schema: Schema of the configuration.
        composed: Values of the configuration.
        job: The job that it is for.
        settle: Returns the final values before they are validated.

    Raises:
        InputError: A key is missing, unknown, ill-typed or out of bounds; all are named.
    """
    found = cast("Values", OmegaConf.to_container(composed, resolve=True))
    if "data" in found:
        found["data"] = with_typed_kind(found["data"], job.typed)
    raw = settle(found, job)
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
