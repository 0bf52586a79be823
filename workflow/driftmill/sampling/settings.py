"""How posteriors are sampled and what they must pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Sampler = Literal["nuts", "pymc"]
#: What became of a posterior.
Code = Literal["ok", "retried_ok", "not_converged", "numeric_failure", "timeout"]
#: Codes of posteriors that passed their gates.
PASSED: tuple[Code, ...] = ("ok", "retried_ok")


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


@dataclass(frozen=True)
class SamplingSettings:
    """Sampler, chains and draws, the first try and the retries after it.

    Parameters
    ----------
    sampler
        ``nuts``: ours, one compiled program for a batch; ``pymc``: plain ``pm.sample``.
    chains, draws
        Chains a posterior, and kept draws a chain.
    warmup, target_accept
        The first try's adaptation.
    gates
        What a posterior must pass.
    ladder
        Retries for a posterior that fails its gates, tried in order.
    max_tree_depth
        Doublings of a NUTS trajectory at most.
    timeout
        Seconds a posterior may take over all its tries; None is no limit. A run with a
        limit is not reproducible to the bit, since a slower machine stops earlier.
    """

    sampler: Sampler = "nuts"
    chains: int = 4
    draws: int = 1000
    warmup: int = 300
    target_accept: float = 0.8
    gates: Gates = field(default_factory=Gates)
    ladder: tuple[Rung, ...] = (Rung(1000, 0.9, "mode"), Rung(2000, 0.98, "prior"))
    max_tree_depth: int = 10
    timeout: float | None = None

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """The first try and the retries after it."""
        return (Rung(self.warmup, self.target_accept, "mode"), *self.ladder)
