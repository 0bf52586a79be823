"""What a comparison may do and cost: refits of trials, and how far ahead is predicted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remedies:
    """What is done about trials with a Pareto k above its limit.

    Parameters
    ----------
    moment_match
        Trials of a posterior that are scored by moved draws at most; with more, none is.
    refits
        Trials of a posterior that are scored by refits at most; with more left, none is.
    """

    moment_match: int = 50
    refits: int = 10


@dataclass(frozen=True)
class Horizon:
    """Where prediction begins, how far it goes at once, and what it may cost.

    Parameters
    ----------
    first
        Trials of each participant that are known at the start.
    ahead
        Trials of each participant that are predicted at once.
    refits
        Posteriors at most, the first among them.
    """

    first: int
    ahead: int = 1
    refits: int = 20
