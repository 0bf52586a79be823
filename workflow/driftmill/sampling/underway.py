"""A posterior in the making: all that its next draws depend on, as arrays that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from driftmill.sampling.centring import Centring
from driftmill.sampling.conditional import Conditional
from driftmill.sampling.keeping import Arrays, below, packed, unpacked
from driftmill.sampling.mode import Mode
from driftmill.sampling.nuts import Chain, Partial, joined_records, state_arrays
from driftmill.sampling.posterior import Posterior, pack_posterior, unpack_posterior
from driftmill.sampling.profile import Profile


@dataclass(frozen=True)
class Underway:
    """How far a posterior is.

    Parameters
    ----------
    mode
        Its centre.
    rung
        Index of the try.
    best
        The best of the tries before it that have draws.
    message
        What the last of them without draws failed at.
    chains
        Chains of this try that are done.
    partial
        The chain after these; None before its start.
    """

    mode: Mode
    rung: int = 0
    best: Posterior | None = None
    message: str = ""
    chains: tuple[Chain, ...] = ()
    partial: Partial | None = None

    def next_try(self, best: Posterior | None = None, message: str | None = None) -> Underway:
        """Return the posterior at the start of the next try."""
        return replace(
            self,
            rung=self.rung + 1,
            best=self.best if best is None else best,
            message=self.message if message is None else message,
            chains=(),
            partial=None,
        )


def pack_underway(underway: Underway, seconds: float) -> Arrays:
    """Return a posterior in the making as arrays, and the seconds that it took so far."""
    partial, best = underway.partial, underway.best
    chains = {
        f"{k}": {"positions": chain.positions, "stats": chain.stats}
        for k, chain in enumerate(underway.chains)
    }
    return packed(
        {
            "seconds": seconds,
            "mode": _fields(underway.mode),
            "rung": underway.rung,
            "best": None if best is None else pack_posterior(best),
            "message": underway.message,
            "chains": chains,
            "partial": None
            if partial is None
            else {
                "warmed": partial.warmed,
                "records": joined_records(partial),
                "state": {f"{k}": leaf for k, leaf in enumerate(state_arrays(partial.state))},
            },
        }
    )


def unpack_underway(arrays: Arrays, empty: Posterior) -> tuple[Underway, float]:
    """Return the posterior that was packed, and the seconds that it took.

    Parameters
    ----------
    arrays
        What ``pack_underway`` returned.
    empty
        The posterior without draws, which says what its variables are.

    Notes
    -----
    The state of ``partial`` is a list of arrays, of which ``nuts.state_of`` makes the kernel's.
    """
    told = unpacked(arrays)
    best = below(arrays, "best/")
    chains = told.get("chains", {})
    partial = told.get("partial")
    found = Underway(
        _mode(told["mode"]),
        told["rung"],
        unpack_posterior(best, empty.variables, empty.coords) if best else None,
        told["message"],
        tuple(Chain(**chains[f"{k}"]) for k in range(len(chains))),
        None if partial is None else _partial(below(arrays, "partial/")),
    )
    return found, told["seconds"]


def _partial(arrays: Arrays) -> Partial:
    state, records = below(arrays, "state/"), below(arrays, "records/")
    leaves = [state[f"{k}"] for k in range(len(state))]
    return Partial(leaves, int(arrays["warmed"]), (records,) if records else ())


def _fields(value: Any) -> Mapping[str, Any]:
    """Return the fields of a mode and of its parts."""
    parts = (Profile, Conditional, Centring)
    found = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: _fields(x) if isinstance(x, parts) else x for name, x in found.items()}


def _mode(told: Mapping[str, Any]) -> Mode:
    def part(name: str, kind: type) -> Any:
        return kind(**told[name]) if name in told else None

    return Mode(
        np.asarray(told["position"]),
        np.asarray(told["scale"]),
        part("profile", Profile),
        part("conditional", Conditional),
        part("centring", Centring),
    )
