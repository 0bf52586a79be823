"""What a family of prior distributions is: sets of arguments, and what each of them makes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Base(NamedTuple):
    """A distribution as scipy freezes it, the interval it is cut to, how many moments it has.

    Parameters
    ----------
    frozen
        Has ``support``, ``logpdf``, ``cdf``, ``sf``, ``ppf``, ``isf``, ``mean`` and ``std``.
    lower, upper
        The interval.
    moments
        Moments below this order are finite.
    """

    frozen: Any
    lower: float = -math.inf
    upper: float = math.inf
    moments: float = math.inf


class Form(NamedTuple):
    """One set of arguments of a family.

    Parameters
    ----------
    positive
        Arguments that must be above 0.
    build
        From the arguments, by name, to the distribution.
    real
        Arguments that may be any number.
    optional
        Arguments among these that may be left out.
    unbounded
        Arguments among these that may be infinite.
    """

    positive: tuple[str, ...]
    build: Callable[..., Base]
    real: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    unbounded: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of all arguments."""
        return self.real + self.positive

    def takes(self, given: frozenset[str]) -> bool:
        """Tell whether the arguments given are this set."""
        return given <= set(self.arguments) and set(self.arguments) <= given | set(self.optional)


#: The forms of each family, by PyMC's name of it.
Families = Mapping[str, tuple[Form, ...]]


def sd_of(tau: float) -> float:
    """Return the standard deviation of a precision."""
    return 1.0 / math.sqrt(tau)


def by_sd(build: Callable[..., Base], *real: str, precision: str = "tau") -> tuple[Form, Form]:
    """Return the two forms of a family whose scale is ``sigma`` or a precision."""

    def from_precision(**arguments: float) -> Base:
        sigma = sd_of(arguments.pop(precision))
        return build(sigma=sigma, **arguments)

    return Form(("sigma",), build, real), Form((precision,), from_precision, real)
