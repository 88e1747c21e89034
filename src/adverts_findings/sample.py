"""VERB: scores -> adverts that people label, drawn by chances that are known.

Usage::

    adverts sample scores=scores/posts budget=800 collected='posts collected from … between … and …' sample_dir=samples/w44
    adverts sample … plan_only=true width=500          # what to expect, before anything is drawn
    adverts sample … by=[platform] views=true          # each platform apart; a total of views too
    adverts sample … design=learn budget=200 prepared=prepared/mine sample_dir=samples/teach
    adverts sample sample_dir=samples/w44 labels=w44-1-ana-0905.csv   # writes the next round's sheets
"""  # noqa: E501 - commands stand in one line

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config.overrides import free_folder, next_step, shell_word
from adverts.errors import InputError, plural, say
from adverts_findings.config.survey import SampleConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adverts.data.review.answers import Round
    from adverts.data.review.reviews import Review
    from adverts.scoring.evidence_reader import OpenedEvidence
    from adverts_findings.survey.draw_sample import Drawn, PlannedStratum
    from adverts_findings.survey.frame import Frame
    from adverts_findings.survey.sample import Draw, Planted, ReviewQuestion, Sample
    from adverts_findings.survey.sheets.items import Item

_ROUNDS: tuple[Round, ...] = (1, 2, 3)


def sample(config: SampleConfig) -> Sample | None:
    """Draw a sample, seal it and write its sheets; the folder appears complete or not at all.

    Returns:
        The sample; None with ``plan_only``.

    Raises:
        InputError: Scores, budget or folder cannot be used, or a sample is there already.
        IntegrityError: A file of the scores is not that of its receipt.
        CannotJudgeError: No advert has a score.
    """
    from adverts.scoring.evidence_reader import open_evidence
    from adverts.work.progress import note_when_slow
    from adverts_findings.survey.frame import read_frame
    from adverts_findings.survey.question import question_of
    from adverts_findings.survey.reports import plan_lines

    assert config.scores is not None, "without scores nothing is drawn"
    assert config.collected is not None, "a frame is described"
    if not config.plan_only:
        _refuse_existing(config.sample_dir)
    opened = open_evidence(_absolute(config.scores), today=_today())
    with note_when_slow("reading the frame"):
        frame = read_frame(opened, " ".join(config.collected.split()))
    _say_what_is_undefined(question_of(frame.labels, config.definitions))
    say("\n".join(plan_lines.frame_lines(frame.facts)))
    planned = _planned(config, frame) if config.design == "estimate" else ()
    return None if config.plan_only else _sealed(config, opened, frame, planned)


def _say_what_is_undefined(question: ReviewQuestion) -> None:
    """Say if reviewers will see nothing but the words of the labels."""
    asked = [one.label for one in question.choices[:-1]]
    if not any(one.definition for one in question.choices[:-1]):
        say(
            f"no answer has a definition: reviewers will see only the words {', '.join(asked)}; "
            "give definitions= now, since after the draw they cannot change"
        )


def _refuse_existing(folder: Path) -> None:
    from adverts_findings.survey.sample import SAMPLE

    if (folder / SAMPLE).exists():
        raise InputError(
            f"{folder} holds a sealed sample, which is never drawn again; choose another folder, "
            "or go on with it without scores="
        )


def _absolute(scores: str) -> str:
    return scores if "://" in scores else str(Path(scores).absolute())


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _planned(config: SampleConfig, frame: Frame) -> Sequence[PlannedStratum]:
    """Return the strata of a plan, and say what to expect of them."""
    from adverts_findings.survey.draw_sample import divide, plan_strata
    from adverts_findings.survey.reports import plan_lines

    assert config.budget is not None, "a sample has a budget"
    planned = plan_strata(
        frame, config.budget, strata=config.strata, divide_by=config.by, views=config.views
    )
    strata = [one.sealed for one in planned]
    say("\n".join(plan_lines.strata_lines(strata)))
    asked = [one for one in divide(frame, planned) if one.field in config.by]
    lines = plan_lines.expected_lines(strata, asked, width=config.width, planted=config.planted)
    say("\n".join(lines))
    if told := plan_lines.views_line(strata):
        say(told)
    return planned


def _sealed(
    config: SampleConfig,
    opened: OpenedEvidence,
    frame: Frame,
    planned: Sequence[PlannedStratum],
) -> Sample:
    from adverts.data.review.reviews import item_name
    from adverts.work.progress import note_when_slow
    from adverts_findings.survey.sheets.items_drawn import items_drawn
    from adverts_findings.survey.sheets.stored_items import items_bytes

    names = [item_name(one) for one in frame.ids]
    if config.design == "learn":
        drawn = _to_teach(config, frame, names)
    else:
        drawn = _by_chance(config, frame, planned, names)
    with note_when_slow("reading the adverts again"):
        items = items_drawn(opened, frame, drawn, ocr_cache=config.ocr_cache)
    planted = _plant(config, frame, items)
    again = _again(config)
    made = _made(config, frame, planned, drawn, [one for one, _ in planted])
    items += [item for _, item in (*planted, *again)]
    content = items_bytes(items)
    made = replace(
        made,
        draws=(*made.draws, *(one for one, _ in again)),
        content=hashlib.sha256(content).hexdigest(),
    )
    _write(config.sample_dir, made, items, content)
    return made


def _seed(config: SampleConfig, frame: Frame) -> int:
    """Return the seed of the draws of this sample: two samples of one frame draw apart."""
    told = f"{config.seed} {frame.facts.hash} {config.sample_dir.name}"
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8])


def _by_chance(
    config: SampleConfig, frame: Frame, planned: Sequence[PlannedStratum], names: Sequence[str]
) -> Drawn:
    from adverts_findings.survey.draw_sample import draw

    return draw(
        frame,
        planned,
        seed=_seed(config, frame),
        second_share=config.second_share,
        adjudicated_share=config.adjudicated_share,
        names=names,
    )


def _to_teach(config: SampleConfig, frame: Frame, names: Sequence[str]) -> Drawn:
    from adverts.data.review.reviews import read_reviews
    from adverts_findings.survey.learning.draw_to_teach import draw_to_teach, labelled_items

    assert config.budget is not None, "a sample has a budget"
    labelled = {one.item for one in read_reviews(config.reviews)}
    if config.prepared is not None:
        labelled |= labelled_items(config.prepared, frame.labels.headline)
    budget = config.budget - (0 if config.recheck is None else config.budget // 4)
    drawn, reasons = draw_to_teach(
        frame, budget, names=names, labelled=labelled, seed=_seed(config, frame)
    )
    say(", ".join(f"{reason}: {number:,}" for reason, number in reasons.items()))
    return drawn


def _again(config: SampleConfig) -> list[tuple[Draw, Item]]:
    """Return the adverts whose labels an audit doubts."""
    from adverts_findings.survey.learning.rechecked import recheck

    if config.recheck is None:
        return []
    assert config.prepared is not None, "an audit is of a dataset"
    assert config.budget is not None, "a sample has a budget"
    found = recheck(config.recheck, config.prepared, config.budget // 4)
    say(f"likely label errors to look at again: {len(found):,}")
    return found


def _plant(config: SampleConfig, frame: Frame, drawn: Sequence[Item]) -> list[tuple[Planted, Item]]:
    from adverts.data.review.reviews import read_reviews
    from adverts_findings.survey.sheets.planted import plant, without_tells

    if not config.planted:
        return []
    assert config.prepared is not None, "planted adverts come from a dataset"
    known = {one.item for one in read_reviews(config.reviews)}  # somebody may recognise them
    found = plant(
        config.prepared,
        config.planted,
        task=frame.labels.headline,
        taken=known | {one.name for one in drawn},
        seed=_seed(config, frame),
    )
    return without_tells(found, drawn)


def _made(
    config: SampleConfig,
    frame: Frame,
    planned: Sequence[PlannedStratum],
    drawn: Drawn,
    planted: Sequence[Planted],
) -> Sample:
    from adverts import __version__
    from adverts.files.file_hash import producing_commit
    from adverts_findings.survey.draw_sample import divide
    from adverts_findings.survey.question import question_of
    from adverts_findings.survey.sample import Sample

    assert config.budget is not None, "a sample has a budget"
    commit = producing_commit()
    return Sample(
        name=config.sample_dir.name,
        design=config.design,
        sealed_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        created_by=f"adverts {__version__}" + (f", commit {commit}" if commit else ""),
        seed=config.seed,
        frame=frame.facts,
        labels=frame.labels,
        question=question_of(frame.labels, config.definitions),
        budget=config.budget,
        strata=tuple(one.sealed for one in planned),
        groups=divide(frame, planned) if planned else (),
        draws=drawn.draws,
        planted=tuple(planted),
        second_share=config.second_share,
        adjudicated_share=config.adjudicated_share,
        factor=config.factor,
    )


def _write(folder: Path, made: Sample, items: Sequence[Item], content: bytes) -> None:
    from adverts.files.staging import open_private, staging
    from adverts_findings.survey.sample import SAMPLE, sample_record
    from adverts_findings.survey.sheets.rounds import to_review
    from adverts_findings.survey.sheets.stored_items import ITEMS
    from adverts_findings.survey.sheets.write_round import next_sheets, write_round

    with staging(folder, marker=SAMPLE, also=(ITEMS, "round-*")) as partial:
        _refuse_existing(folder)  # another process may have been quicker
        with open_private(partial / SAMPLE) as file:
            file.write(sample_record(made))
        with open_private(partial / ITEMS) as file:
            file.write(content)
        by_name = {one.name: one for one in items}
        write_round(next_sheets(partial, to_review(made, (), 1), 1), made, 1, items=by_name)


def next_round(config: SampleConfig) -> Path | None:
    """Record what people said of a sample, and write the sheets of what is left to be asked.

    Returns:
        The folder of these sheets; None if every advert has its last word.

    Raises:
        InputError: There is no sample, or labels are of another one, or a reviewer may not review.
        IntegrityError: The sample was changed after it was sealed.
    """
    from adverts.data.review.people import require_person
    from adverts.data.review.reviews import read_reviews
    from adverts_findings.survey.sample import read_sample
    from adverts_findings.survey.sheets.record_labels import (
        note_known,
        record_labels,
        require_all_known,
    )
    from adverts_findings.survey.sheets.rounds import to_review
    from adverts_findings.survey.sheets.stored_items import ITEMS, read_items
    from adverts_findings.survey.sheets.write_round import next_sheets, write_round

    if config.reviewer is not None:
        require_person("reviewer", config.reviewer)
    made = read_sample(config.sample_dir)
    require_all_known(config.sample_dir, read_reviews(config.reviews))
    reviews = record_labels(made, config.labels, config.reviews, now=_now())
    note_known(config.sample_dir, read_reviews(config.reviews))
    for number in _ROUNDS:
        left = to_review(made, reviews, number)
        if not left:
            continue
        if config.reviewer is not None:
            left = to_review(made, reviews, number, reviewer=config.reviewer)
        if not left:
            raise InputError(
                f"round {number} asks about adverts that {config.reviewer} reviewed before; it "
                "needs another person: give reviewer=NAME"
            )
        sheets = next_sheets(config.sample_dir, left, number, reviewer=config.reviewer)
        if sheets.asked:
            _require_kept(made, config.sample_dir)
            items = read_items(config.sample_dir / ITEMS, made.content)
            earlier = () if config.reviewer is not None else _before(reviews, number)
            write_round(sheets, made, number, items=items, earlier=earlier)
        say(_left(reviews, number, len(left)))
        _say_how_to_go_on(sheets.folder, config)
        return sheets.folder
    say("every advert has its last word")
    say(_after_the_last_word(config, made))
    return None


def _after_the_last_word(config: SampleConfig, made: Sample) -> str:
    if made.design == "learn":
        return f"now: adverts prepare … {shell_word('data.review', str(config.reviews))}"
    folder = config.sample_dir
    target = free_folder(Path("runs") / f"estimate-{folder.name}")
    return next_step("estimate", sample=folder, reviews=config.reviews, estimate_dir=target)


def _left(reviews: Sequence[Review], number: Round, left: int) -> str:
    """Return what is left of a round, and who may do it."""
    answered = len({one.item for one in reviews if one.round == number})
    before = _before(reviews, number)
    told = f"round {number}: {answered:,} answered, {plural(left, 'advert')} to label"
    return told + (f", by somebody other than {', '.join(before)}" if before else "")


def _before(reviews: Sequence[Review], number: Round) -> list[str]:
    """Return the names of those who reviewed in an earlier round."""
    from adverts.data.review.people import person

    return [*{person(one.reviewer): one.reviewer for one in reviews if one.round < number}.values()]


def _say_how_to_go_on(folder: Path, config: SampleConfig) -> None:
    say(f"{folder / 'review.html'}  shows adverts: keep it here; or fill in sheet.csv beside it")
    sample_dir = shell_word("sample_dir", str(config.sample_dir))
    say(f"then: adverts sample {sample_dir} labels=FILE")


def _require_kept(made: Sample, folder: Path) -> None:
    """Refuse to show adverts longer than their evidence may be used.

    Raises:
        InputError: It has expired.
    """
    if _today().isoformat() > made.frame.expires:
        raise InputError(
            f"the adverts of {folder} may not be shown after {made.frame.expires}; labels given so "
            f"far are kept: remove {folder}/items.parquet and its rounds, and draw a new sample"
        )


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


@command("sample", SampleConfig)
def main(config: SampleConfig) -> None:
    """Run ``adverts sample``."""
    if config.scores is None:
        next_round(config)
        return
    made = sample(config)
    if made is None:
        return
    asked, planted = len(made.draws) + len(made.planted), len(made.planted)
    told = f" (do not tell reviewers that {planted:,} of them are planted)" if planted else ""
    say(f"{config.sample_dir}: {plural(asked, 'advert')} to label{told}")
    say(f"sealed as {made.seal}")
    _say_how_to_go_on(config.sample_dir / "round-1", config)


if __name__ == "__main__":
    main()
