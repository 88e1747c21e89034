"""From labelled adverts to scores in three lines: a thin door to :mod:`adverts.api`.

Usage::

    import adverts

    model = adverts.fit(frame, label="spam")
    model.evaluate(test)
    model.score(new)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from adverts import api
from adverts.calls.column_names import text_by_name
from adverts.calls.results import Bundle, Prepared, Report, Run, UnexportedRun
from adverts.calls.rows import is_table, rows_of
from adverts.errors import InputError, say

if TYPE_CHECKING:
    import pandas as pd

    from adverts.calls.settings import Overrides

__all__ = ["KINDS", "Model", "fit"]

KINDS: Mapping[str, tuple[str, str | None]] = {
    "tfidf": ("tfidf", None),
    "frozen": ("text", "frozen"),
    "fine_tuned": ("text", "upper_layers"),
}
"""Maps the kinds of models that :func:`fit` knows to ``model`` and ``trainer`` of their training.
With a column of pictures, ``fusion`` takes the place of ``text``."""
_FEW, _LEAST = 200, 20
_QUIET = {"tracking": "none"}


@dataclass(frozen=True)
class Model:
    """A model that :func:`fit` made, and the adverts that it learnt from.

    Attributes:
        kind: One of :data:`KINDS`.
        data: The prepared adverts: those that taught it, chose its thresholds, and judge it.
        run: Its training.
        folder: Folder of all that is kept, a restricted store.
    """

    kind: str
    data: Prepared
    run: Run
    folder: Path
    _prepare: Callable[..., Prepared] = field(repr=False)
    _progress: bool = field(repr=False)
    _removed_with_it: TemporaryDirectory[str] | None = field(default=None, repr=False)

    @cached_property
    def _scorer(self) -> UnexportedRun:
        return UnexportedRun(self.run.path, self.data.columns)

    def evaluate(self, test: object | None = None, *, overrides: Overrides = ()) -> Report:
        """Judge the model on labelled adverts, or on those that were kept apart for that.

        Args:
            test: A table with the columns that the model was made from, labels too; adverts that
                are copies of those that taught the model do not count. None: its split ``test``.
            overrides: Further settings of ``adverts evaluate``.

        Raises:
            InputError: Columns or labels cannot be used, or no advert was kept apart.
        """
        data = self.data
        if test is not None:
            data = self._prepare(
                test,
                self.folder / f"judged-{time.time_ns()}",
                overrides={"data.split.validation_fraction": 0, "data.split.test_fraction": 0},
            )
        return api.evaluate(
            self.run,
            prepared=data,
            split="test" if test is None else "all",
            run_dir=self.folder / "reports" / f"{self.kind}-{data.path.name}",
            overrides=_with(overrides),
            progress=self._progress,
        )

    def score(self, new: object) -> pd.DataFrame:
        """Return the answer to each advert of a table, in its order, with its index.

        ``score`` orders a queue, from the top. Where ``order_only`` is true, no threshold promises
        what is missed by whoever stops reading.

        Args:
            new: A table with the columns of captions or pictures that the model was made from.

        Raises:
            InputError: A column is missing.
        """
        if not is_table(new):
            raise InputError("model.score takes a table; adverts score takes files of any size")
        answers = api.score(self._scorer, new, progress=self._progress)
        assert not isinstance(answers, api.Scored), "a table is answered by a table"
        return answers

    def compare(self, kinds: Sequence[str] = tuple(KINDS)) -> pd.DataFrame:
        """Train the other kinds of models on the same adverts, and return how each does.

        Args:
            kinds: Kinds of models; ``fine_tuned`` takes minutes without a GPU.

        Returns:
            One row for each kind: average precision with its interval of 95 % and macro-F1 on the
            adverts that were kept apart, and seconds of training. A figure is missing where the
            adverts are too few for it.

        Raises:
            InputError: A kind is not known, or no advert was kept apart.
        """
        import pandas as pd

        rows = {}
        for kind in kinds:
            one = self if kind == self.kind else self._other(kind)
            figures = one.evaluate().figures
            precision, f1 = figures["average_precision"], figures["macro_f1"]
            outcome = one.run.record.outcome
            rows[kind] = {
                "average_precision": precision.value,
                "low": precision.low,
                "high": precision.high,
                "macro_f1": f1.value,
                "seconds": outcome.seconds if outcome else None,
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    def _other(self, kind: str) -> Model:
        run = _trained(kind, self.data, self.folder, (), progress=self._progress)
        return Model(kind, self.data, run, self.folder, self._prepare, self._progress)

    def export(self, bundle_dir: str | Path, *, overrides: Overrides = ()) -> Bundle:
        """Write the model as a bundle, which services load; see :func:`adverts.api.export`.

        Args:
            bundle_dir: New folder of the bundle.
            overrides: Further settings of ``adverts export``.
        """
        return api.export(
            self.run,
            prepared=self.data,
            bundle_dir=bundle_dir,
            overrides=_with(overrides),
            progress=self._progress,
        )


def fit(
    source: object,
    label: str = "label",
    *,
    model: str = "frozen",
    text: object | None = None,
    image: object | None = None,
    positive: object | None = None,
    split: object | None = None,
    minutes: float | None = None,
    folder: str | Path | None = None,
    overrides: Overrides = (),
    progress: bool = True,
) -> Model:
    """Prepare labelled adverts and train a model on them.

    Where the adverts name no split, about 70 of 100 teach the model, 15 choose its thresholds, and
    15 judge it; copies of one advert are never in two of them.

    Args:
        source: A table, a file or another source, see :func:`adverts.api.prepare`.
        label: Column of labels.
        model: ``frozen``: a small network on the features of a pretrained encoder, averaged with
            n-grams; ``tfidf``: n-grams alone; ``fine_tuned``: the upper layers learn, in minutes.
        text: Column of captions; None: the one with a usual name, such as ``text``.
        image: Column of pictures, whose text is read.
        positive: The label that is looked for; None: 1, yes or true.
        split: Column of splits: train, validation, test.
        minutes: About how long it may take. Where all adverts of a table would take longer, by
            what a few of them take, it learns from a share of each label, and says so.
        folder: New folder that keeps adverts and model; None: a private one that goes with them.
        overrides: Further settings of ``adverts train``.
        progress: Whether to write lines and bars of progress.

    Raises:
        InputError: Source, columns, labels or folder cannot be used.
        MissingExtraError: A package is not installed.
    """
    if model not in KINDS:
        raise InputError(f"model={model!r}: wanted one of {', '.join(KINDS)}")
    place = None if folder is None else Path(folder)
    if place is not None and place.exists() and any(place.iterdir()):
        raise InputError(f"folder={folder} is not empty; give a new one")
    if text is None and image is None and is_table(source):
        text = text_by_name(rows_of(source))
    prepare = partial(
        api.prepare, labels=label, text=text, image=image, positive=positive, progress=progress
    )
    if minutes is not None:

        def few(rows: object) -> Model:
            named = {"text": text, "image": image, "positive": positive, "split": split}
            return fit(rows, label, model=model, progress=False, **named)  # type: ignore[arg-type]

        source = _in_time(source, label, minutes, few, progress=progress)
    kept = TemporaryDirectory(prefix="adverts-") if place is None else None
    place = place or Path(kept.name)  # type: ignore[union-attr]
    data = prepare(source, place / "prepared", split=split)
    run = _trained(model, data, place, overrides, progress=progress)
    return Model(model, data, run, place, prepare, progress, kept)


def _trained(
    kind: str, data: Prepared, folder: Path, overrides: Overrides, *, progress: bool
) -> Run:
    if kind not in KINDS:
        raise InputError(f"{kind!r} is not known; wanted one of {', '.join(KINDS)}")
    model, trainer = KINDS[kind]
    return api.train(
        data,
        model="fusion" if model == "text" and "image" in data.columns else model,
        trainer=trainer,
        run_dir=folder / kind,
        overrides=_with(overrides),
        progress=progress,
    )


def _with(overrides: Overrides) -> Overrides:
    """Return overrides that record no run, since a fit is for the one who calls it."""
    if isinstance(overrides, Mapping):
        return {**_QUIET, **overrides}
    return [*(f"{key}={value}" for key, value in _QUIET.items()), *overrides]


def _in_time(
    source: object,
    label: str,
    minutes: float,
    fit_few: Callable[[object], Model],
    *,
    progress: bool,
) -> object:
    """Return as many rows of a table as can be learnt in time, by what a few of them take.

    Args:
        source: The table.
        label: Its column of labels, of each of which the same share is taken.
        minutes: The time.
        fit_few: Fits a model of the kind that is wanted.
        progress: Whether to say how many adverts are taken.

    Raises:
        InputError: The source is no table of pandas, or the time is too short for a few rows.
    """
    import pandas as pd

    if not isinstance(source, pd.DataFrame):
        raise InputError("minutes= is for a DataFrame; read the file with pandas, and give that")
    if minutes <= 0:
        raise InputError(f"minutes={minutes}: wanted more than 0")
    if len(source) <= _FEW:
        return source
    began = time.monotonic()
    fit_few(_share(source, label, _FEW // 4))  # what is loaded once is loaded here
    second = time.monotonic()
    few = _share(source, label, _FEW)
    fit_few(few)
    ended = time.monotonic()
    took = ended - second
    most = int(len(few) * (60 * minutes - (ended - began)) / took)
    if most < _FEW:
        raise InputError(
            f"minutes={minutes:g} is too short: {_FEW} adverts took {took:.0f} s; give more time, "
            "or model='tfidf'"
        )
    if most >= len(source):
        return source
    if progress:
        say(f"learns from {most:,} of {len(source):,} adverts, so that it takes {minutes:g} min")
    return _share(source, label, most)


def _share(frame: pd.DataFrame, label: str, count: int) -> pd.DataFrame:
    """Return about ``count`` rows, the same share of each label, of each 20 or all, in order."""
    import pandas as pd

    rows_of(frame).require(label, "label")
    codes, _ = pd.factorize(frame[label], use_na_sentinel=False)
    rows = np.random.default_rng(0).permutation(len(frame))
    parts = [rows[codes[rows] == code] for code in range(codes.max() + 1)]
    kept = [part[: max(_LEAST, round(count * len(part) / len(frame)))] for part in parts]
    return frame.iloc[np.sort(np.concatenate(kept))]
