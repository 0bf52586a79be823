"""What a learning rule is: how it starts, what it predicts, how a trial changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

#: A rule's memory: an array, or a nest of arrays, whose last axis is the lanes.
State = Any
#: One trial of every lane: ``choice`` (index of the option taken, int), ``observed`` (bool),
#: ``elapsed`` (time since the trial before, 1 unless told), and the rule's inputs, shape (lanes,).
Trial = Mapping[str, Any]
#: The rule's parameters on this trial by name, each a number or of shape (lanes,).
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """A learning rule as pure JAX functions over lanes; a lane is a participant.

    Parameters
    ----------
    start
        ``start(parameters, lanes)`` to the state before the first trial.
    predict
        ``predict(state, trial, parameters)`` to what the rule says of the trial before its
        outcome is known: an array of shape (lanes,), or (options, lanes). Of the trial it may use
        what is known by then, ``elapsed``.
    learn
        ``learn(state, trial, parameters)`` to the state after the trial. Where ``observed`` is
        false the inputs are zero and say nothing.
    """

    start: Callable[[Values, int], State]
    predict: Callable[[State, Trial, Values], Any]
    learn: Callable[[State, Trial, Values], State]


def is_off(value: Any, off: float = 0.0) -> bool:
    """Tell whether a parameter is the plain number that switches its part of a rule off.

    Only a Python float says so before a program is traced; an array is always computed with.
    """
    return isinstance(value, float) and value == off
