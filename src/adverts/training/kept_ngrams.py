"""Keep the n-grams that were fitted last, for trainings in one process that differ elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor


@dataclass(slots=True)
class KeptNgrams:
    """The tensors of the branch of n-grams that was fitted last, and what they depend on.

    The trials of a study have the same n-grams as long as no setting of theirs differs; fitting
    them takes a fifth of a short trial.

    Attributes:
        key: Everything that the fit depends on; empty before the first.
        state: Tensors of the branch by name.
    """

    key: str = ""
    state: dict[str, Tensor] = field(default_factory=dict)

    def fitted(self, key: str, fit: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
        """Return the tensors of the last fit if it had this key; otherwise fit and keep them."""
        if key != self.key:
            state = fit()
            self.key, self.state = key, {name: one.clone() for name, one in state.items()}
        return self.state
