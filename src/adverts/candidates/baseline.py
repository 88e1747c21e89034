"""Open the tf-idf baseline that a candidate is compared with: found next to it, or named."""

from __future__ import annotations

from pathlib import Path

from adverts.candidates.candidate import Candidate, open_candidate
from adverts.config import EvaluateConfig
from adverts.config.overrides import shell_word
from adverts.errors import InputError
from adverts.evaluation.figures.planned_figures import BASELINE
from adverts.training.runs.checkpoint_record import RECORD

_BESIDE = "baseline"


def open_baseline(config: EvaluateConfig, candidate: Candidate) -> Candidate | None:
    """Open the tf-idf model that was trained on the same dataset as a candidate.

    It is the one that ``baseline=`` names, otherwise the one that ``adverts train`` left near the
    candidate: in its folder, or in one of the two above.

    Args:
        config: Configuration of the evaluation.
        candidate: The judged model.

    Returns:
        The baseline; None if none is wanted or none was found.

    Raises:
        InputError: The named model is no tf-idf model, reads less of the texts than the candidate,
            or was trained on another dataset.
        IntegrityError: A file of the baseline is not the one that was written.
    """
    if isinstance(config.baseline, Path):
        return _named(config, config.baseline, candidate)
    path = config.candidate
    for place in (path, *path.absolute().parents[:2]) if config.baseline else ():
        folder = place / _BESIDE
        if folder.absolute() == path.absolute():
            return None  # a baseline has none beside it
        if (folder / RECORD).is_file():
            found = _open(config, folder)
            is_alike = found.facts.trained_on == candidate.facts.trained_on
            return found if is_alike and found.facts.is_tfidf else None
    return None


def require_named_baseline(config: EvaluateConfig, candidate: Candidate) -> None:
    """Check, before anything is scored, that a named baseline can be used.

    Raises:
        InputError: See :func:`open_baseline`.
        IntegrityError: See :func:`open_baseline`.
    """
    if isinstance(config.baseline, Path):
        open_baseline(config, candidate)


def why_no_baseline(config: EvaluateConfig, candidate: Candidate) -> str:
    """Say why a candidate without a baseline has none, and how to get one."""
    if config.baseline is False:
        return f"baseline=false leaves {BASELINE} out; remove it, or name a baseline: {_NAME}"
    texts = _texts(candidate)
    read = shell_word("model.inputs", texts)
    inputs = "" if texts == ["text"] else f" {read}"
    return (
        f"no {BASELINE} of the same dataset was found in or near the folder of the model; run "
        f"adverts train model=tfidf{inputs} {shell_word('prepared', str(config.prepared))} "
        f"run_dir=runs/tfidf, then add {_NAME} (prepared= must be what the model was trained on)"
    )


_NAME = "baseline=runs/tfidf"


def _named(config: EvaluateConfig, named: Path, candidate: Candidate) -> Candidate:
    if not named.exists():
        raise InputError(
            f"baseline={named} does not exist; give a run of adverts train model=tfidf, or true "
            "for the one near the candidate"
        )
    found = _open(config, named)
    if not found.facts.is_tfidf:
        raise InputError(
            f"baseline={named} holds {found.facts.name}, which is not known to be {BASELINE} with "
            "the shipped settings; give a run of adverts train model=tfidf, without other settings "
            "of model, on the dataset that the candidate was trained on"
        )
    unread = [
        one for one in candidate.facts.inputs if one != "image" and one not in found.facts.inputs
    ]
    if unread:
        wanted = ",".join(_texts(candidate))
        raise InputError(
            f"baseline={named} does not read {', '.join(unread)}, which the candidate reads, so "
            f"it is too easy to beat; train {BASELINE} with model.inputs=[{wanted}]"
        )
    ours, theirs = candidate.facts.trained_on, found.facts.trained_on
    if ours != theirs:
        raise InputError(
            f"baseline={named} was trained on {theirs.name}, data {theirs.data_hash[:12]}, and "
            f"the candidate on {ours.name or 'an unknown dataset'}, data "
            f"{ours.data_hash[:12] or '?'}; train {BASELINE} on the dataset of the candidate"
        )
    return found


def _texts(candidate: Candidate) -> list[str]:
    """Return the inputs of a candidate that tf-idf can read."""
    return [one for one in candidate.facts.inputs if one != "image"] or ["text"]


def _open(config: EvaluateConfig, folder: Path) -> Candidate:
    return open_candidate(folder, threads=config.threads)
