"""How posteriors are sampled and what they must pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Sampler = Literal[
    "nuts",
    "hmc",
    "pymc",
    "numpyro",
    "nutpie",
    "blackjax",
    "slice",
    "demetropolisz",
    "laplace",
    "advi",
    "map",
]
#: What posteriors are sampled on.
Platform = Literal["cpu", "gpu", "auto"]
#: What ``nuts`` is on a GPU: there NUTS would wait for the deepest tree of all that go together.
ON_GPU: Sampler = "hmc"
#: Samplers behind ``pm.sample``, one dataset after the other.
PYMC_SAMPLERS: tuple[Sampler, ...] = ("pymc", "numpyro", "nutpie", "blackjax")
#: Samplers that go by values of the density alone, which black boxes need.
GRADIENT_FREE: tuple[Sampler, ...] = ("slice", "demetropolisz")
#: Quick looks at a posterior, which no gate can vouch for.
APPROXIMATIONS: tuple[Sampler, ...] = ("laplace", "advi", "map")
#: What became of a posterior.
Code = Literal["ok", "retried_ok", "approximate", "not_converged", "numeric_failure", "timeout"]
#: Codes of posteriors that passed their gates, and of those that did not. An approximation is
#: neither: its gates are not asked.
PASSED: tuple[Code, ...] = ("ok", "retried_ok")
FAILED: tuple[Code, ...] = ("not_converged", "numeric_failure", "timeout")
APPROXIMATE: Code = "approximate"


class NoGpuError(Exception):
    """Posteriors are to be sampled on a GPU, and there is none."""


@dataclass(frozen=True)
class Gates:
    """What a posterior must pass to count as converged (Vehtari et al. 2021).

    Parameters
    ----------
    r_hat
        Largest rank-normalised split r_hat of any parameter.
    ess_bulk, ess_tail
        Smallest effective sample sizes of any parameter.
    divergences, saturated
        Most divergent transitions and most saturated trees, over all chains.
    e_bfmi
        Smallest energy Bayesian fraction of missing information of any chain.
    mcse_ratio
        Largest Monte-Carlo error of a posterior mean, in posterior sds.
    """

    r_hat: float = 1.01
    ess_bulk: float = 400.0
    ess_tail: float = 400.0
    divergences: int = 0
    saturated: int = 0
    e_bfmi: float = 0.3
    mcse_ratio: float = 0.05


@dataclass(frozen=True)
class Rung:
    """One retry: a longer warm-up, a higher target acceptance, perhaps another start.

    Parameters
    ----------
    warmup
        Iterations of adaptation.
    target_accept
        Acceptance probability that the step size is adapted to.
    start
        ``mode``: chains start around the posterior's mode; ``prior``: at draws of the prior.
    """

    warmup: int
    target_accept: float
    start: Literal["mode", "prior"] = "mode"


Kind = Literal["plain", "groups", "products"]
#: The first try when nothing else is said, by the kind of fit. Sds of groups may come near
#: zero, where the steps must be smaller; so may a scale that its prior alone identifies.
FIRST_TRY: Mapping[Kind, Rung] = {
    "plain": Rung(300, 0.8),
    "groups": Rung(500, 0.8),
    "products": Rung(500, 0.95),
}


@dataclass(frozen=True)
class SamplingSettings:
    """Sampler, chains and draws, the first try and the retries after it.

    Parameters
    ----------
    sampler
        ``nuts``: ours, one compiled program for a batch; ``hmc``: all datasets of a batch side by
        side, with numbers of steps fixed beforehand; ``pymc``, ``numpyro``, ``nutpie`` and
        ``blackjax``: the NUTS of these through ``pm.sample``; ``slice`` and ``demetropolisz``:
        without gradients; ``laplace``, ``advi`` and ``map``: approximations.
    chains, draws
        Chains a posterior, and kept draws a chain.
    warmup, target_accept
        The first try's adaptation; None is what ``FIRST_TRY`` says for the kind of fit.
    gates
        What a posterior must pass.
    ladder
        Retries for a posterior that fails its gates, tried in order.
    max_tree_depth
        Doublings of a NUTS trajectory at most; those of ``hmc`` have fewer steps than its longest.
    timeout
        Seconds a posterior may take over all its tries; None is no limit. A run with a
        limit is not reproducible to the bit, since a slower machine stops earlier. The samplers
        behind ``pm.sample`` are not stopped: their limit ends the climb on the ladder. Posteriors
        that go side by side share the time.
    """

    sampler: Sampler = "nuts"
    chains: int = 4
    draws: int = 1000
    warmup: int | None = None
    target_accept: float | None = None
    gates: Gates = field(default_factory=Gates)
    ladder: tuple[Rung, ...] = (Rung(1000, 0.9, "mode"), Rung(2000, 0.98, "prior"))
    max_tree_depth: int = 10
    timeout: float | None = None

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The first try and the retries after it."""
        return (self.first_try(), *self.ladder)

    def first_try(self, kind: Kind = "plain") -> Rung:
        """Return the first try of a fit of some kind."""
        usual = FIRST_TRY[kind]
        return Rung(
            usual.warmup if self.warmup is None else self.warmup,
            usual.target_accept if self.target_accept is None else self.target_accept,
        )

    def of_fit(self, kind: Kind) -> SamplingSettings:
        """Return the settings with the first try of a fit of some kind."""
        first = self.first_try(kind)
        return replace(self, warmup=first.warmup, target_accept=first.target_accept)

    @property
    def approximate(self) -> bool:
        """Whether the posteriors are approximations, which have no gates."""
        return self.sampler in APPROXIMATIONS


def sampler_on(sampler: Sampler, platform: str) -> Sampler:
    """Return the sampler of the fits of a study that names ``sampler``, on a ``cpu`` or ``gpu``."""
    return ON_GPU if sampler == "nuts" and platform == "gpu" else sampler


#: What a black box is sampled with under ``nuts``: on a drift diffusion model it gave 2.5 times as
#: many effective draws a second as the slice sampler.
BLACK_BOX: Sampler = "demetropolisz"
#: Iterations, by parameters, of which the samplers without gradients keep one in the first try.
THINNING: Mapping[str, float] = {"slice": 0.25, "demetropolisz": 2.0}
#: Values of the density that an iteration takes, by parameters and besides.
_VALUES: Mapping[str, tuple[float, float]] = {"slice": (6.0, 0.0), "demetropolisz": (0.0, 1.0)}


def without_gradients(sampler: Sampler) -> Sampler:
    """Return the sampler of a black box in a study that names ``sampler``."""
    return sampler if sampler in GRADIENT_FREE else BLACK_BOX


def sampler_used(sampler: Sampler, black_box: bool) -> Sampler:
    """Return the sampler of a fit in a study that names ``sampler``."""
    return without_gradients(sampler) if black_box else sampler


def values_of_posterior(sampler: Sampler, chains: int, draws: int, dimension: int) -> float:
    """Return how many values of its density a posterior takes at the first try, about."""
    named = without_gradients(sampler)
    each, besides = _VALUES[named]
    return chains * draws * max(1.0, THINNING[named] * dimension) * (each * dimension + besides)
