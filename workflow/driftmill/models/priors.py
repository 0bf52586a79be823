"""Priors as distributions on the support of a parameter: draws, densities, quantiles."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import quad

from driftmill.models.declaration import FloatArray, Prior
from driftmill.models.prior_families import PRIOR_NAMES, base_of

__all__ = ["PRIOR_NAMES", "Distribution"]


class Distribution:
    """A prior cut to the support of its parameter and normalised there.

    Parameters
    ----------
    prior
        Name and arguments as PyMC has them.
    lower, upper
        The open support of the parameter.

    Raises
    ------
    ValueError
        When the prior cannot be built, or has no mass inside the support.
    """

    def __init__(self, prior: Prior, lower: float = -math.inf, upper: float = math.inf) -> None:
        base = base_of(prior)
        natural = base.frozen.support()
        self.prior = prior
        self.lower = max(lower, base.lower, float(natural[0]))
        self.upper = min(upper, base.upper, float(natural[1]))
        #: Whether the uncut prior has mass below and above the parameter's support.
        self.reaches_past = (
            bool(lower > max(base.lower, natural[0])),
            bool(upper < min(base.upper, natural[1])),
        )
        self._frozen = base.frozen
        self._moments = base.moments
        self._whole = self.lower == natural[0] and self.upper == natural[1]
        # Above its median a distribution is measured from the right, or the tail rounds to 1.
        self._from_right = bool(self._frozen.cdf(self.lower) > 0.5)
        #: Mass of the uncut prior inside the support.
        self.mass = float(abs(self._measure(self.upper) - self._measure(self.lower)))
        if not (self.lower < self.upper and self.mass > 0.0):
            raise ValueError(f"{prior} has no mass inside the support ({lower:g}, {upper:g})")

    def __repr__(self) -> str:
        """Return the prior with its support."""
        return f"Distribution({self.prior} on ({self.lower:g}, {self.upper:g}))"

    @property
    def support(self) -> tuple[float, float]:
        """Ends of the interval that holds all mass."""
        return self.lower, self.upper

    def logpdf(self, x: ArrayLike) -> FloatArray:
        """Log density at ``x``, elementwise; -inf outside the open support."""
        x = np.asarray(x, dtype=np.float64)
        inside = (x > self.lower) & (x < self.upper)
        safe = np.where(inside, x, self._median)
        with np.errstate(over="ignore"):  # a double exponential far in its tail is -inf
            density = self._frozen.logpdf(safe) - math.log(self.mass)
        return np.where(inside, density, np.where(np.isnan(x), np.nan, -np.inf))

    def cdf(self, x: ArrayLike) -> FloatArray:
        """Probability of a value up to ``x``, elementwise."""
        x = np.clip(np.asarray(x, dtype=np.float64), self.lower, self.upper)
        part = np.abs(self._measure(x) - self._measure(self.lower)) / self.mass
        return np.clip(part, 0.0, 1.0)

    def ppf(self, q: ArrayLike) -> FloatArray:
        """Quantile at probability ``q``, elementwise, strictly inside a finite support."""
        q = np.asarray(q, dtype=np.float64)
        if self._from_right:
            x = self._frozen.isf(self._measure(self.lower) - q * self.mass)
        else:
            x = self._frozen.ppf(self._measure(self.lower) + q * self.mass)
        inner = np.nextafter([self.lower, self.upper], [self.upper, self.lower])
        ends = np.where(np.isinf(self.support), self.support, inner)
        return np.clip(np.asarray(x, dtype=np.float64), ends[0], ends[1])

    def sample(self, rng: np.random.Generator, size: int | tuple[int, ...]) -> FloatArray:
        """Draw ``size`` values by inversion: one uniform number of ``rng`` a value."""
        return self.ppf(np.maximum(rng.random(size), 2.0**-54))

    @cached_property
    def mean(self) -> float:
        """Expectation; infinite or NaN where there is none."""
        if self._whole:
            return float(self._frozen.mean())
        if self._moments <= 1.0 and math.isinf(self.upper - self.lower):
            return math.inf if math.isfinite(self.lower) else -math.inf
        return self._expect(lambda x: x)

    @cached_property
    def sd(self) -> float:
        """Standard deviation; infinite where there is none."""
        if self._moments <= 2.0 and math.isinf(self.upper - self.lower):
            return math.inf
        if self._whole:
            return float(self._frozen.std())
        mean = self.mean
        return math.sqrt(self._expect(lambda x: (x - mean) ** 2))

    @cached_property
    def _median(self) -> float:
        return float(self.ppf(0.5))

    def _measure(self, x: ArrayLike) -> FloatArray:
        """Mass to the left of ``x`` in the uncut distribution, or to the right of it."""
        side = self._frozen.sf if self._from_right else self._frozen.cdf
        return np.asarray(side(x), dtype=np.float64)

    def _expect(self, function: Callable[[float], float]) -> float:
        """Integrate ``function`` against the density, in units of the distribution's width."""
        q25, middle, q75 = (float(x) for x in self.ppf([0.25, 0.5, 0.75]))
        width = q75 - q25

        def integrand(y: float) -> float:
            x = middle + width * y
            return function(x) * math.exp(float(self.logpdf(x))) * width

        ends = ((self.lower - middle) / width, (self.upper - middle) / width)
        left = quad(integrand, ends[0], 0.0, limit=200, epsabs=0.0, epsrel=1e-10)[0]
        right = quad(integrand, 0.0, ends[1], limit=200, epsabs=0.0, epsrel=1e-10)[0]
        return float(left + right)
