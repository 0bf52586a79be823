"""What a learner remembers between trials: a rule's state for every cue, with new starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from driftmill.processes.rule import Rule, State, Trial, Values


@dataclass(frozen=True)
class Memory:
    """A rule whose state is kept for every cue and which may start anew.

    Parameters
    ----------
    rule
        The learning rule.
    parameters
        Its parameters by name, each a Python float (a constant) or of shape (lanes,).
    lanes
        How many participants learn side by side.
    cues
        How many cues each of them learns about. A trial is about one of them, which alone is
        predicted and learned; ``elapsed`` is then the time since that cue's trial before.

    Notes
    -----
    A trial is what `Rule` takes, and besides ``cue`` (int, below ``cues``; not looked at when
    there is one cue) and, where the process may start anew, ``reset`` (bool: all cues start anew
    before this trial). ``elapsed`` may be left out, which is 1.
    """

    rule: Rule
    parameters: Values
    lanes: int
    cues: int = 1

    def start(self) -> State:
        """Return the state before the first trial; with several cues their axis comes first."""
        state = self.rule.start(self.parameters, self.lanes)
        dtype = self._dtype

        def leaf(x: Any) -> Array:
            x = jnp.asarray(x)
            x = x.astype(dtype if jnp.issubdtype(x.dtype, jnp.floating) else x.dtype)
            return x if self.cues == 1 else jnp.broadcast_to(x, (self.cues, *x.shape))

        return jax.tree.map(leaf, state)

    def predict(self, state: State, trial: Trial) -> Any:
        """Return what the rule says of a trial's cue before the outcome is known."""
        now = self._recalled(self._entered(state, trial), trial)
        return self.rule.predict(now, _timed(trial), self.parameters)

    def learn(self, state: State, trial: Trial) -> State:
        """Return the state after a trial, in which only the trial's cue has changed."""
        entered = self._entered(state, trial)
        learned = self.rule.learn(self._recalled(entered, trial), _timed(trial), self.parameters)
        if self.cues == 1:
            return learned
        return jax.tree.map(
            lambda new, old: jnp.where(self._about(trial, old), new, old), learned, entered
        )

    @property
    def _dtype(self) -> Any:
        """The precision of the parameters, which the state has too."""
        arrays = [v for v in self.parameters.values() if not isinstance(v, float)]
        return jnp.result_type(*arrays) if arrays else jnp.result_type(float)

    def _entered(self, state: State, trial: Trial) -> State:
        """Return the state in which a trial is met: a new start where it asks for one."""
        if "reset" not in trial:
            return state
        return jax.tree.map(
            lambda new, old: jnp.where(trial["reset"], new, old), self.start(), state
        )

    def _about(self, trial: Trial, leaf: Array) -> Array:
        """Return which entries of a leaf of the state belong to the trial's cue."""
        chosen = jnp.equal(jnp.arange(self.cues)[:, None], trial["cue"])
        return chosen.reshape(self.cues, *(1,) * (leaf.ndim - 2), self.lanes)

    def _recalled(self, state: State, trial: Trial) -> State:
        """Return the state of the trial's cue."""
        if self.cues == 1:
            return state

        def leaf(x: Array) -> Array:
            # A masked sum, not a gather: its derivative is as cheap as itself.
            mine: Array = jnp.where(self._about(trial, x), x, 0).sum(axis=0, dtype=x.dtype)
            return mine

        return jax.tree.map(leaf, state)


def _timed(trial: Trial) -> Trial:
    return trial if "elapsed" in trial else {**trial, "elapsed": 1.0}
