"""Keep what does not depend on the settings that differ, for trainings in one process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from adverts.training.runs.kept_frozen import KeptFrozen

_MOST = 16  # fits that are kept: a search chooses between a few of each kind


@dataclass(slots=True)
class KeptFits:
    """Tensors that earlier trainings fitted before their first step, and what they depend on.

    The trials of a study share their n-grams and the statistics of their pretrained features as
    long as no setting of theirs differs that matters for them. Together they take a third of the
    time of a trial that is pruned after its first pass.

    Attributes:
        frozen: Files of tensors that no training changes.
        states: Tensors by name, for each key: everything that the fit depends on.
    """

    frozen: KeptFrozen
    states: dict[str, dict[str, Tensor]] = field(default_factory=dict)

    def fitted(self, key: str, fit: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
        """Return the tensors of the fit that had this key; without one, fit and keep them."""
        if key not in self.states:
            state = fit()
            while len(self.states) >= _MOST:
                self.states.pop(next(iter(self.states)))
            self.states[key] = {name: one.detach().cpu().clone() for name, one in state.items()}
        return self.states[key]
