"""The training curve of a run: a file of JSON lines, and progress on the terminal."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tqdm import tqdm

from adverts.errors import AdvertsError, is_silent, shown
from adverts.files.bounded_reading import parse_json
from adverts.record_lines import read_whole_lines

if TYPE_CHECKING:  # torch takes seconds to load, and tf-idf does not need it
    from adverts.training.loop import Step

_LINE_SECONDS = 10.0


class DivergedError(AdvertsError, FloatingPointError):
    """The loss or the gradient is no longer a finite number."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """Means over the steps since the previous line.

    Attributes:
        step: Number of optimiser steps done.
        epoch: Number of passes over the adverts done, with a fraction.
        loss: Mean loss over adverts, in nats.
        learning_rate: Learning rate of the last step.
        grad_norm: Mean gradient norm over steps, before clipping.
        adverts_per_s: Adverts per second, without the time for validation and checkpoints.
        padding: Share of padding among the tokens computed.
    """

    step: int
    epoch: float
    loss: float
    learning_rate: float
    grad_norm: float
    adverts_per_s: float
    padding: float

    def metrics(self) -> dict[str, float]:
        """Map the name under which each value is tracked to the value."""
        names = ("epoch", "loss", "learning_rate", "grad_norm", "adverts_per_s", "padding")
        return {f"train/{name}": getattr(self, name) for name in names}


class CurveJournal:
    """Collects steps and writes them as lines; the device is read only once for each line."""

    def __init__(
        self, path: Path | None, *, done: int, total: int, epochs: int, every: int
    ) -> None:
        """Open the log and remove the lines after step ``done`` that a killed run wrote.

        Args:
            path: Path of the log file; None writes and shows nothing.
            done: Number of steps done earlier.
            total: Number of steps of the whole run.
            epochs: Number of epochs of the whole run.
            every: Number of steps between two lines.
        """
        self._path, self._total, self._epochs, self._every = path, total, epochs, every
        if path is not None:
            _truncate(path, done)
        self._steps: list[Step] = []
        self._bar = Bar(done=done, total=total, silent=path is None)
        self._clock = time.perf_counter()

    def add(self, step: Step) -> LogLine | None:
        """Add one step and return a line if one is due, otherwise None.

        Raises:
            DivergedError: The loss or the gradient is not finite.
        """
        self._steps.append(step)
        return self.line() if len(self._steps) == self._every else None

    def line(self) -> LogLine | None:
        """Write the collected steps as one line and return it; None if there are no steps.

        Raises:
            DivergedError: The loss or the gradient is not finite.
        """
        if not self._steps:
            return None
        steps, self._steps = self._steps, []
        adverts = sum(step.adverts for step in steps)
        loss = sum(float(step.loss) * step.adverts for step in steps) / adverts
        grad_norm = sum(float(step.grad_norm) for step in steps) / len(steps)
        padded = sum(step.padded_tokens for step in steps)
        done = steps[-1].index + 1
        if not math.isfinite(loss + grad_norm):
            raise DivergedError(
                f"training diverged: loss {loss}, gradient norm {grad_norm} within the "
                f"{len(steps)} steps before step {done}; lower optimizer.learning_rate or raise "
                "optimizer.warmup_fraction, or use trainer.precision=fp32"
            )
        line = LogLine(
            step=done,
            epoch=done / self._total * self._epochs,
            loss=loss,
            learning_rate=steps[-1].learning_rate,
            grad_norm=grad_norm,
            adverts_per_s=adverts / (time.perf_counter() - self._clock),
            padding=1 - sum(step.tokens for step in steps) / padded if padded else 0.0,
        )
        self._clock = time.perf_counter()
        self.write(line.step, {name: round(v, 8) for name, v in line.metrics().items()})
        self._bar.show(
            done,
            f"loss {line.loss:.4f} · {line.adverts_per_s:.1f} adverts/s",
            last=done == self._total,
        )
        return line

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Append the values of ``step`` to the log; a value that is not finite becomes null."""
        if self._path is None:
            return
        finite = {name: value if math.isfinite(value) else None for name, value in values.items()}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **finite}, allow_nan=False) + "\n")

    def validated(self, step: int, figures: Mapping[str, float]) -> None:
        """Write and show the figures of a validation after ``step``."""
        self.write(step, {f"validation/{name}": value for name, value in figures.items()})
        text = " · ".join(f"{name} {value:.4f}" for name, value in figures.items())
        self._bar.say(f"validation after step {step}: {text}")

    def say(self, text: str) -> None:
        """Print a line that stays visible."""
        self._bar.say(text)

    def restart_clock(self) -> None:
        """Exclude the time since the last step from the measured speed."""
        self._clock = time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.close()


def validations(path: Path) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield step and figures of each validation in a log; without a file there is none."""
    prefix = "validation/"
    for values in read_whole_lines(parse_json, path) if path.is_file() else ():
        figures = {
            name.removeprefix(prefix): math.nan if value is None else value
            for name, value in values.items()
            if name.startswith(prefix)
        }
        if figures:
            yield values["step"], figures


class Bar:
    """A progress bar on a terminal; elsewhere, a line at most every ten seconds."""

    def __init__(self, *, done: int, total: int, silent: bool) -> None:
        self._total, self._start, self._silent = total, done, silent or is_silent()
        self._began = self._shown = time.perf_counter()
        self._live = sys.stderr.isatty() and not self._silent
        self._bar = tqdm(
            total=total, initial=done, unit="step", desc="train", disable=not self._live
        )

    def show(self, done: int, text: str, *, last: bool) -> None:
        """Show that ``done`` steps are done."""
        if self._silent:
            return
        now = time.perf_counter()
        if self._live:
            self._bar.set_postfix_str(text, refresh=False)
            self._bar.update(done - self._bar.n)
        elif last or now - self._shown >= _LINE_SECONDS:
            self._shown = now
            left = (now - self._began) / (done - self._start) * (self._total - done)
            print(
                f"train {done}/{self._total} · {text} · {left:.0f} s left",
                file=sys.stderr,
                flush=True,
            )

    def say(self, text: str) -> None:
        """Print a line that stays visible."""
        if not self._silent:
            tqdm.write(shown(text), file=sys.stderr)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.close()


def _truncate(path: Path, done: int) -> None:
    if not path.exists():
        return
    kept = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            if parse_json(text)["step"] <= done:
                kept.append(text + "\n")
        except (ValueError, KeyError, TypeError):
            continue  # the line was cut off when the run was killed
    partial = path.with_name(path.name + ".partial")
    partial.write_text("".join(kept), encoding="utf-8")
    os.replace(partial, path)
