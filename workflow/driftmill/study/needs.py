"""What a job asks of the machine it runs on: minutes and memory.

Schedulers end jobs that take more than they asked for, so both are generous, grow with the
work of the batch, and with the attempt: the second asks for twice as much as the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from driftmill.study.expand import Plan

if TYPE_CHECKING:
    from driftmill.study.work import Work

#: How many times the estimated seconds are asked for, since machines differ.
SLACK = 3.0
#: Minutes and MB that every job asks for at least.
LEAST_MINUTES, LEAST_MB = 30, 2000

Asked = Callable[[Any, int], int]


class Needs:
    """Minutes and memory of every job of a plan.

    Only the process that the user started asks a scheduler for anything, so only there is the
    work looked at, which imports the models; a job that was submitted gets the least values.

    Parameters
    ----------
    plan
        What will be made.
    main
        Whether this is the process that the user started.
    longest, largest
        Minutes and MB that the cluster gives to a job at most; None for no limit.
    """

    def __init__(
        self,
        plan: Plan,
        main: bool = True,
        longest: float | None = None,
        largest: float | None = None,
    ) -> None:
        self._plan, self._main = plan, main
        self._longest, self._largest = longest or math.inf, largest or math.inf

    @cached_property
    def _work(self) -> Work:
        from driftmill.study.work import Work

        return Work(self._plan)

    def runtime(self, step: str) -> Asked:
        """Return the function from a job's wildcards and attempt to the minutes it asks for."""

        def minutes(wildcards: Any, attempt: int) -> int:
            seconds = self._work.seconds(step, dict(wildcards)) if self._main else 0.0
            asked = max(LEAST_MINUTES, SLACK * seconds / 60.0) * attempt
            return math.ceil(min(asked, self._longest))

        return minutes

    def mem_mb(self, step: str) -> Asked:
        """Return the function from a job's wildcards and attempt to the MB it asks for."""

        def megabytes(wildcards: Any, attempt: int) -> int:
            held = self._work.megabytes(step, dict(wildcards)) if self._main else 0.0
            return math.ceil(min((LEAST_MB + held) * attempt, self._largest))

        return megabytes
