r"""VERB: bundle + gate record -> registry alias moves, or rolls back.

Usage::

    adverts promote bundle_dir=runs/export/... gate_record=runs/evaluate/.../gate.json \
        gate_hash=... registered_model=adverts approved_by="A. Person" reason="..."
    adverts promote rollback=true registered_model=adverts approved_by="A. Person" reason="..."
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config import PromoteConfig
from adverts.config.overrides import in_shell, next_step
from adverts.errors import InputError, IntegrityError, say
from adverts.files.bounded_reading import MAX_BYTES, read_bounded

if TYPE_CHECKING:
    from adverts.config import GateConfig
    from adverts.evaluation.gate.gate_record import GateRecord
    from adverts.runtime.opening.bundle import Bundle
    from adverts.tracking.registry import Registry, Version

_REPLACED = "replaced_champion"  # tag of a version that took its place by a reason
_RESERVED = re.compile(r"latest|v\d+")  # names with a special meaning in MLflow


@dataclass(frozen=True, slots=True)
class Moved:
    """The version that an alias names now, and the one it named before; None if it named none."""

    now: Version
    before: Version | None


@dataclass(frozen=True, slots=True)
class Approved:
    """A bundle to promote, the record of the gate that it passed, and the bytes of the record."""

    bundle: Bundle
    record: GateRecord
    record_bytes: bytes

    @property
    def record_sha256(self) -> str:
        """The sha256 of the gate record."""
        return hashlib.sha256(self.record_bytes).hexdigest()


_PLACEHOLDERS = {"NAME", "YOU", "WHY"}


def _refuse_placeholders(config: PromoteConfig) -> None:
    """Reject the placeholders of the command that `evaluate` prints.

    Raises:
        InputError: A placeholder was not replaced.
    """
    given = {name: getattr(config, name) for name in ("registered_model", "approved_by", "reason")}
    left = [name for name, value in given.items() if value.strip() in _PLACEHOLDERS]
    if left:
        raise InputError(
            f"{', '.join(f'{name}={given[name]}' for name in left)} must be replaced by your own "
            "words: the name of the model, who approves it, and why; the registry keeps them"
        )


def promote(config: PromoteConfig) -> Moved:
    """Move the alias to a bundle that passed a gate, or back to the version that it named before.

    The gate record is added to the bundle before anything is registered. The bundle is signed again
    if a key is given, and a draft transparency record is written next to it. If the same bundle is
    promoted again, the alias does not move and nothing is registered twice.

    Raises:
        InputError: Bundle, gate record, hash, approval or registry do not allow it; the alias
            does not move.
        IntegrityError: The bundle or the record differs from what was written.
    """
    _refuse_placeholders(config)
    from adverts.tracking import open_registry

    _require_approval(config)
    if config.rollback:
        _require_store(config)
        return roll_back(config, open_registry(config.tracking))
    approved = read_approved(config)
    return _promote(config, approved, open_registry(config.tracking))


def read_approved(config: PromoteConfig) -> Approved:
    """Open bundle and gate record, and check that the record permits promoting the bundle.

    Raises:
        InputError: One of them is missing, they do not belong together, or the gate was changed.
        GateFailedError: The bundle was judged again, and failed.
        CannotJudgeError: It was judged again, and could not be judged.
        IntegrityError: One of them differs from what was written.
    """
    given = {name: getattr(config, name) for name in ("bundle_dir", "gate_record", "gate_hash")}
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise InputError(f"give {', '.join(missing)}; or rollback=true, which needs none of them")
    assert config.bundle_dir is not None
    assert config.gate_record is not None
    assert config.gate_hash is not None
    data = _record_bytes(config.gate_record, config.gate_hash)
    _require_signed(config, data)
    from adverts.runtime.opening.bundle import open_bundle

    bundle = open_bundle(config.bundle_dir)
    from adverts.bundle.handing_on.gate_evidence import require_promotable
    from adverts.evaluation.gate.gate_record import parse_record

    record = parse_record(data)
    require_promotable(bundle.manifest, record)
    _require_known_gate(config, record)
    _refuse_contradictions(record)
    if config.data_hash is not None and config.data_hash != record.data_hash:
        raise InputError(
            f"data_hash={config.data_hash[:12]}: the gate judged data {record.data_hash[:12]}; "
            "evaluate the bundle on the data that it should be judged on, and give its data_hash"
        )
    _judge_again(config, record)
    return Approved(bundle, record, data)


def roll_back(config: PromoteConfig, registry: Registry) -> Moved:
    """Move the alias back to the version that it named before.

    Raises:
        InputError: The alias names no version, no earlier version is recorded, or the registry
            does not answer.
    """
    from adverts.tracking.registry import rollback_tags

    given = [name for name in ("bundle_dir", "gate_record", "gate_hash") if getattr(config, name)]
    if given:
        raise InputError(
            f"rollback=true takes no {', '.join(given)}: the registry records the version to go "
            "back to; leave them out"
        )
    before = registry.named(config.registered_model, config.alias)
    if before is None:
        raise InputError(f"{_name(config)} names no version, so there is nothing to roll back")
    previous = before.previous(config.alias)
    if previous is None:
        raise InputError(
            f"{_name(config)} is version {before.number}, and no earlier version is recorded, so "
            "there is nothing to roll back to"
        )
    now = registry.version(config.registered_model, previous)
    # noted first: if killed here, the same command moves the alias once, not one version further
    registry.note(before, rollback_tags(now, approved_by=config.approved_by, reason=config.reason))
    registry.move(config.alias, now, known=before)
    return Moved(now, before)


def _promote(config: PromoteConfig, approved: Approved, registry: Registry) -> Moved:
    from adverts.bundle.handing_on.gate_evidence import add_evidence, private_copy
    from adverts.bundle.papers.transparency_record import write_transparency_record
    from adverts.files.file_hash import file_sha256
    from adverts.runtime.manifest import MANIFEST_NAME
    from adverts.runtime.opening.signature import SIGNATURE_NAME
    from adverts.tracking.events import LoggedBundle
    from adverts.tracking.promoted_version import gate_figures, version_text
    from adverts.tracking.registry import GATE, IDENTITY, promotion_tags

    record, manifest = approved.record, approved.bundle.manifest
    told = {IDENTITY: record.model, GATE: approved.record_sha256}
    before = registry.named(config.registered_model, config.alias)
    stands = before is not None and told.items() <= before.tags.items()
    exceptions = {} if stands else _exceptions(config, record, before, registry)
    signed = (approved.bundle.folder / SIGNATURE_NAME).exists()
    bundle = add_evidence(
        approved.bundle,
        record,
        approved.record_bytes,
        exceptions=exceptions,
        signing_key=config.signing_key,
    )
    if signed and not (bundle.folder / SIGNATURE_NAME).exists():
        say("caution: the manifest changed, so the signature is gone; give signing_key= to sign it")
    say(write_transparency_record(bundle.folder))
    if before is not None and stands:
        return Moved(before, before)
    run_id = manifest.training.get("mlflow_run_id")
    tags = promotion_tags(
        config.alias,
        before,
        approved_by=config.approved_by,
        reason=config.reason,
        told=told | {"data_hash": record.data_hash} | exceptions,
    )
    version = _begun(config.registered_model, registry, tags, before)
    if version is None:
        with tempfile.TemporaryDirectory(prefix="adverts-promote-") as folder:
            copy = private_copy(bundle.folder, record, approved.record_bytes, into=Path(folder))
            version = registry.add(
                config.registered_model,
                LoggedBundle(str(copy), file_sha256(copy / MANIFEST_NAME)),
                tags=tags,
                experiment=config.tracking.experiment,
                run_id=run_id if isinstance(run_id, str) else None,
                description=version_text(manifest, record),
                figures=gate_figures(record),
            )
    try:
        registry.require(config.registered_model, config.alias, before)
    except InputError:
        registry.withdraw(version)  # or it would say that it was promoted
        raise
    registry.move(config.alias, version, known=before)
    return Moved(version, before)


def _begun(
    model: str, registry: Registry, tags: Mapping[str, str], before: Version | None
) -> Version | None:
    """Return the version that a killed command registered before the alias was moved to it.

    A version that the alias named in the meantime, and was rolled back from, does not count.
    """
    from adverts.tracking.registry import ROLLED_BACK

    found = registry.find(model, tags)
    if found is None or ROLLED_BACK in found.tags:
        return None
    newer = before is None or int(found.number) > int(before.number)
    return found if newer else None


def _name(config: PromoteConfig) -> str:
    return f"{config.registered_model}@{config.alias}"


def _require_approval(config: PromoteConfig) -> None:
    from adverts.data.review.people import require_person

    require_person("approved_by", config.approved_by)
    if not config.reason.strip():
        raise InputError("reason is blank; write why this is promoted or rolled back")
    if _RESERVED.fullmatch(config.alias):
        raise InputError(f"MLflow reads alias={config.alias} as a version; choose another name")


def _require_store(config: PromoteConfig) -> None:
    """Raise InputError for a local store that does not exist; opening it would create one."""
    from adverts.tracking.build_tracker import local_store_lacks

    tracking = config.tracking
    if tracking.kind == "mlflow" and local_store_lacks(tracking.uri, tracking.store):
        raise InputError(
            f"there is no tracking store at {tracking.store}; give tracking.uri or tracking.store"
        )


def _record_bytes(path: Path, wanted: str) -> bytes:
    """Return the bytes of a gate record whose hash is ``wanted``; otherwise raise InputError."""
    try:
        data = read_bounded(path, most=MAX_BYTES)
    except OSError as error:
        raise InputError(
            f"gate_record={path}: {error.strerror}; give the path of a gate.json"
        ) from error
    found = hashlib.sha256(data).hexdigest()
    if found != wanted.strip().lower():
        raise InputError(
            f"gate_hash={wanted}: {path.name} has the sha256 {found}; approve the record that "
            "you read, or read this one first"
        )
    return data


def _require_signed(config: PromoteConfig, record: bytes) -> None:
    """Refuse a gate record that the owner of ``gate_key`` has not signed, if one is asked for.

    Raises:
        InputError: A signature is asked for, and no key to check it with is given.
        IntegrityError: The signature is missing, of another key, or of another record.
    """
    if config.gate_key is None:
        if config.require_signature:
            raise InputError(
                "require_signature=true needs the public key of those who judge: give gate_key=FILE"
            )
        return
    from adverts.evaluation.gate.gate_record import SIGNATURE_NAME
    from adverts.runtime.opening.signature import check_signature

    assert config.gate_record is not None, "its bytes were read"
    path = config.gate_record.with_name(SIGNATURE_NAME)
    try:
        signature = read_bounded(path, most=MAX_BYTES)
    except OSError:
        signature = None
    told = {"signed": "gate record", "whole": "gate record"}
    check_signature(record, signature, config.gate_key, name=SIGNATURE_NAME, **told)


def _why_uncompared(
    config: PromoteConfig, record: GateRecord, before: Version | None, registry: Registry
) -> str:
    """Return the reason why the bundle may become the champion without a comparison with it.

    It is empty where none is needed: the gate compared the bundle with the current champion, there
    is none to compare with, or it is the same model. A comparison with a model that is no champion
    says nothing of how good the bundle is.

    Raises:
        InputError: A reason is needed and none is given, or the gate compared it with another one.
    """
    from adverts.tracking.registry import IDENTITY

    reason = _why(config.replace_champion)
    if before is None:
        lack = _lack_of_beginning(config, record, registry)
        if lack is None or reason:
            return reason if lack else ""
        raise InputError(lack)
    if not _was_compared(record):
        if not _replaces(record, before):
            return ""
        if reason:
            return reason
        raise InputError(
            f"the gate {record.gate} compared this bundle with no champion, but {_name(config)} is "
            f"version {before.number}, so which of the two is better is unknown. Evaluate it with "
            f"gate=release champion=models:/{_name(config)}, or say why it may replace that one "
            "without a comparison: replace_champion=WHY"
        )
    standing = before.tags.get(IDENTITY)
    if standing != record.champion:
        against, named = (record.champion or "")[:12], (standing or "not known")[:12]
        raise InputError(
            f"the gate compared this bundle with {against}, but {_name(config)} is {named} "
            f"(version {before.number}); evaluate again with champion=models:/{_name(config)}"
        )
    return ""


def _lack_of_beginning(config: PromoteConfig, record: GateRecord, registry: Registry) -> str | None:
    """Return why an alias that names no version may not begin with a bundle; None if it may.

    It may not where another version was promoted to it, or where the gate compared the bundle with
    a model that is no champion.
    """
    from adverts.tracking.registry import ALIAS, CHAMPION, IDENTITY

    model = config.registered_model
    last = registry.find(model, {ALIAS: config.alias})
    if last is not None and last.tags.get(IDENTITY) != record.model:
        return (
            f"version {last.number} of {model} was promoted as {config.alias}, which names no "
            "version now, so which of the two is better is unknown. Give it the alias again in "
            "MLflow, or say why this one needs no comparison: replace_champion=WHY"
        )
    champion = registry.named(model, CHAMPION)
    is_champion = champion is not None and champion.tags.get(IDENTITY) == record.champion
    if _was_compared(record) and not is_champion:
        return (
            f"the gate {record.gate} compared this bundle with {(record.champion or '')[:12]}, "
            f"which is no champion of {model}. Evaluate a first model with gate=first, or say why "
            "this comparison is enough: replace_champion=WHY"
        )
    return None


def _require_known_gate(config: PromoteConfig, record: GateRecord) -> None:
    """Raise InputError for a gate that is not the shipped one, unless a reason is given."""
    if record.gate_changes == () or _why(config.accept_changed_gate):
        return
    was = "was changed" if record.how_it_differs == "changed" else f"is {record.how_it_differs}"
    found = (
        f"the record does not say whether the gate {record.gate} is the shipped one"
        if record.gate_changes is None
        else f"the gate {record.gate} {was}: {'; '.join(record.gate_changes)}"
    )
    raise InputError(
        f"{found}; evaluate the bundle with the shipped gate, or say why this one is enough: "
        "accept_changed_gate=WHY"
    )


def _refuse_contradictions(record: GateRecord) -> None:
    """Refuse a record that its own figures contradict, by the bars of its gate.

    Raises:
        InputError: They do, or the record does not hold what its gate asked.
    """
    from adverts.config.shipped_gates import gate_changes, gate_sha256
    from adverts.evaluation.gate.contradictions import contradictions

    gate = _gate_of(record)
    if gate is None:
        raise InputError(
            f"the record does not hold what the gate {record.gate} asked, so its verdict cannot be "
            "checked; evaluate the bundle again"
        )
    found = list(contradictions(record, gate, gate_sha256(gate)))
    untold = [one for one in gate_changes(gate) if one not in (record.gate_changes or ())]
    found += [f"it does not say that {one}" for one in untold]
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise InputError(
            f"the gate {record.gate} did not write this record: {found[0]}{more}; evaluate the "
            "bundle again"
        )


def _gate_of(record: GateRecord) -> GateConfig | None:
    """Return the gate that a record is of: the shipped one where it says so; None if unknown."""
    from adverts.config.shipped_gates import shipped_gate

    return shipped_gate(record.gate) if record.gate_changes == () else _asked(record)


def _asked(record: GateRecord) -> GateConfig | None:
    """Return the gate as the record holds it; None if it holds none, or what is no gate."""
    from pydantic import ValidationError

    from adverts.config import GateConfig

    try:
        return None if record.asked is None else GateConfig.model_validate(record.asked)
    except ValidationError:
        return None


def _judge_again(config: PromoteConfig, record: GateRecord) -> None:
    """Evaluate the bundle by the gate of its record once more, if a dataset is given.

    All settings are those that ship, and the prevalence in service is that of the bundle.

    Raises:
        InputError: The dataset is not the one that was judged, or cannot be used.
        GateFailedError: The bundle failed.
        CannotJudgeError: It could not be judged.
    """
    if config.prepared is None:
        return
    from adverts.compose import compose
    from adverts.config import EvaluateConfig
    from adverts.config.override_words import as_word
    from adverts.data.dataset.prepared import open_prepared
    from adverts.evaluate import evaluate

    if open_prepared(config.prepared).data_hash != record.data_hash:
        raise InputError(
            f"prepared={config.prepared} is not the data {record.data_hash[:12]} that the gate "
            "judged; give that dataset, or evaluate the bundle on this one"
        )
    asked = _asked(record)
    assert asked is not None, "a record without it was refused"
    disguised = any(one.kind == "robustness" for one in asked.conditions.values())
    with tempfile.TemporaryDirectory() as folder:
        given = {
            "candidate": config.bundle_dir,
            "prepared": config.prepared,
            "split": record.split,
            "run_dir": Path(folder) / "report",
            "champion": None if record.champion is None else f"models:/{_name(config)}",
            "baseline": config.baseline,
            "robustness": "quick" if disguised else None,
            "accept_no_prevalence": record.no_prevalence,
        }
        words = [as_word(key, str(value)) for key, value in given.items() if value is not None]
        settings = compose("evaluate", EvaluateConfig, words)
        done = evaluate(settings.model_copy(update={"gate": asked, "tracking": config.tracking}))
    assert done.gate is not None, "a gate was asked for"
    if done.gate.model != record.model:
        raise IntegrityError(
            f"{config.bundle_dir} was exchanged while it was judged again; nothing was promoted. "
            "Bring the bundle that was judged back, and promote it again"
        )


def _exceptions(
    config: PromoteConfig, record: GateRecord, before: Version | None, registry: Registry
) -> dict[str, str]:
    """Return the reasons given for exceptions from the rules; empty if none was needed."""
    found, reason = {}, _why(config.replace_champion)
    replaced = _why_uncompared(config, record, before, registry)
    if not replaced:
        lack = _rolled_back_before(config, record, registry)
        lack = lack or _loss_over_releases(config, record, before, registry)
        if lack and not reason:
            raise InputError(lack)
        replaced = reason if lack else ""
    if replaced:
        found[_REPLACED] = replaced
    if record.gate_changes != ():
        found["accepted_changed_gate"] = _why(config.accept_changed_gate)
    return found


def _rolled_back_before(
    config: PromoteConfig, record: GateRecord, registry: Registry
) -> str | None:
    """Return the message where this bundle was promoted and rolled back; otherwise None."""
    from adverts.tracking.registry import ALIAS, IDENTITY, ROLLED_BACK, ROLLED_BACK_REASON

    last = registry.find(config.registered_model, {ALIAS: config.alias, IDENTITY: record.model})
    if last is None or ROLLED_BACK not in last.tags:
        return None
    return (
        f"this bundle was version {last.number} of {last.model}, and was rolled back: "
        f"{last.tags.get(ROLLED_BACK_REASON, 'no reason is recorded')}; say why it may come "
        "back: replace_champion=WHY"
    )


def _loss_over_releases(
    config: PromoteConfig, record: GateRecord, before: Version | None, registry: Registry
) -> str | None:
    """Return the message where releases in a row lost more than one may lose; otherwise None.

    Each may be a little worse than the one before, so that several could be worse by anything.

    Raises:
        InputError: The store does not answer, or somebody changed its tags.
    """
    from adverts.config.gate import Relative
    from adverts.tracking.promoted_version import figure_tag, gate_figures

    gate, figures = _gate_of(record), gate_figures(record)
    assert gate is not None, "a record without it was refused"
    releases = _releases(before, config.alias, registry)
    for name, condition in gate.conditions.items():
        tag = figure_tag(name)
        if not isinstance(condition, Relative) or tag not in figures:
            continue
        gains = [figures[tag], *_figures_of(releases[:-1], tag)]
        if len(gains) > 1 and sum(gains) < -condition.must_see:
            first = releases[len(gains) - 1]
            return (
                f"{name}: {len(gains)} releases in a row lost {-sum(gains):.3f} since version "
                f"{first.number} of {first.model}, and no single one may lose "
                f"{condition.must_see:g}; train a better model, or say why this one may follow: "
                "replace_champion=WHY"
            )
    return None


def _releases(before: Version | None, alias: str, registry: Registry) -> list[Version]:
    """Return the versions that an alias named, newest first, back to one that begins a chain.

    That is the first of all, or one that took its place by a reason.
    """
    found = [] if before is None else [before]
    while found and _REPLACED not in found[-1].tags:
        number = found[-1].previous(alias)
        if number is None or _number(number) >= _number(found[-1].number):
            break
        found.append(registry.version(found[-1].model, number))
    return found


def _figures_of(releases: Sequence[Version], tag: str) -> Iterator[float]:
    """Yield a figure of each release, up to the first whose gate did not measure it."""
    for one in releases:
        if tag not in one.tags:
            return
        yield _number(one.tags[tag])


def _number(tag: str) -> float:
    try:
        return float(tag)
    except ValueError:
        raise InputError(f"the registry holds {tag!r} where promote wrote a number") from None


def _was_compared(record: GateRecord) -> bool:
    """Return whether a condition compared the bundle with a champion, beyond naming one."""
    held = any(one.kind == "relative" and one.outcome == "passed" for one in record.results)
    return record.champion is not None and held


def _replaces(record: GateRecord, before: Version | None) -> bool:
    """Return whether the alias currently names another model."""
    from adverts.tracking.registry import IDENTITY

    return before is not None and before.tags.get(IDENTITY) != record.model


def _why(reason: str | None) -> str:
    return (reason or "").strip()


def _told(config: PromoteConfig, moved: Moved) -> Iterator[str]:
    """Yield what a person reads of a promotion: where the alias is, and how to load its model."""
    from adverts.tracking.build_tracker import tracking_uri
    from adverts.tracking.events import without_credentials

    name = f"models:/{_name(config)}"
    if moved.before == moved.now:
        yield f"{name} is already version {moved.now.number}; nothing was moved"
    else:
        before = f"version {moved.before.number}" if moved.before else "nothing"
        yield f"{name} is now version {moved.now.number}; before, it was {before}"
    uri = without_credentials(tracking_uri(config.tracking.uri, config.tracking.store))
    store = in_shell(f"MLFLOW_TRACKING_URI={uri}")
    yield f'to load it: export {store}, and in Python mlflow.pyfunc.load_model("{name}")'
    if moved.before != moved.now:
        yield next_step(
            "evaluate", candidate="NEXT_BUNDLE", prepared="DATASET", gate="release", champion=name
        )


@command("promote", PromoteConfig)
def main(config: PromoteConfig) -> None:
    """Run ``adverts promote``."""
    for line in _told(config, promote(config)):
        say(line)


if __name__ == "__main__":
    main()
