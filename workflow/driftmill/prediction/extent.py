"""How much of a study predictive checks look at, so that their cost and their tables stay small."""

from __future__ import annotations

#: Datasets of a cell whose trials are looked at in groups, and those looked at as a whole.
GROUPED, WHOLE = 4, 60
#: Draws and trials of a dataset that LOO-PIT takes at most; both evenly spaced.
PIT_DRAWS, PIT_TRIALS = 500, 1_000


def spread(total: int, most: int) -> list[int]:
    """Return evenly spaced numbers below a total: all of them, or so many."""
    return [k * total // most for k in range(most)] if total > most else list(range(total))
