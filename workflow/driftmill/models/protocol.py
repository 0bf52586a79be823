"""What every model must do, told as faults: the checks of a density that a user registers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from driftmill.models.declaration import FloatArray, Model
from driftmill.models.probe import Probe

#: By how much the mass of a density may miss 1, and a gradient its differences, relatively.
MASS_TOLERANCE = 1e-3
GRADIENT_TOLERANCE = 1e-4
_SETS = 3


@dataclass(frozen=True)
class Fault:
    """What is wrong with something that a user registered, and what to mend."""

    what: str
    remedy: str


def model_faults(model: Model, thorough: bool = True) -> list[Fault]:
    """Return what is wrong with the log densities of a model without a learning process.

    Parameters
    ----------
    model
        The model.
    thorough
        Whether gradients and masses are computed, which takes seconds; else shapes alone.
    """
    checks: list[Callable[[Probe], Iterator[Fault]]] = [_start, _shapes]
    checks += [_gradients, _mass] if thorough else []
    found: list[Fault] = []
    for kind in model.likelihoods:
        probe = Probe(model, kind)
        for check in checks:
            try:
                found += check(probe)
            except Exception as error:  # whatever a user's function raises
                told = (str(error) or " ").splitlines()[0]
                found.append(
                    Fault(f"likelihood {kind} fails: {type(error).__name__}: {told}", _CALL)
                )
            if found:
                break
    return found


_CALL = (
    "it is called with arrays of one length, or with numbers, for response columns and "
    "parameters; use jnp.where in place of if"
)


def _values(parameters: dict[str, float]) -> str:
    return ", ".join(f"{name}={value:.3g}" for name, value in parameters.items())


def _columns(probe: Probe, parameters: dict[str, float]) -> tuple[FloatArray, ...]:
    """Return a few responses of every choice, with ordinary times after the shift."""
    choices = np.array(probe.model.choices, dtype=np.float64)
    if not probe.model.has_rt:
        return (choices,)
    waits = np.array([0.1, 0.5, 1.0])
    rt = probe.shift(parameters) + np.tile(waits, choices.size)
    return rt, np.repeat(choices, waits.size)


def _start(probe: Probe) -> Iterator[Fault]:
    """Check the values at which a search for the mode starts."""
    model, rng = probe.model, np.random.default_rng(3)
    given = {"rt": 0.3 + rng.gamma(2.0, 0.3, 20), "response": rng.choice(model.choices, 20)}
    start = model.start({name: given[name] for name in model.response_columns})
    missing = [name for name in model.parameter_names if name not in start]
    if missing:
        yield Fault(f"start gives no value of {missing[0]}", "return one for every parameter")
        return
    for parameter in model.parameters:
        if not parameter.supports(float(start[parameter.name])):
            what = f"start gives {parameter.name} = {start[parameter.name]:g}"
            yield Fault(f"{what}, outside {parameter.support}", "return values inside the support")


def _shapes(probe: Probe) -> Iterator[Fault]:
    """Check that numbers and arrays go in, and one finite log density a trial comes out."""
    model = probe.model
    parameters = probe.draws(1, margin=0.4)[0]
    columns = _columns(probe, parameters)
    n, named = columns[0].size, f"likelihood {probe.kind}"
    scalars = list(parameters.values())
    vectors = [np.full(n, value) for value in scalars]
    whole = np.asarray(probe.log_density(*columns, *vectors))
    if whole.shape != (n,):
        what = f"{named} returns shape {whole.shape} for {n} trials"
        yield Fault(what, f"return one log density a trial, shape ({n},); do not sum")
        return
    if np.isnan(whole).any():
        k = int(np.flatnonzero(np.isnan(whole))[0])
        trial = ", ".join(
            f"{c}={x[k]:g}" for c, x in zip(model.response_columns, columns, strict=True)
        )
        what = f"{named} is NaN at {trial}, {_values(parameters)}"
        yield Fault(what, "return a number, or -inf where the density is 0")
        return
    if not np.isfinite(whole).any():
        what = f"{named} is -inf on ordinary trials, at {_values(parameters)}"
        yield Fault(what, "check the sign, and which choice is which")
    mixed = np.asarray(probe.log_density(*columns, *scalars))
    if mixed.shape != (n,) or not np.allclose(mixed, whole, rtol=1e-6, equal_nan=True):
        what = f"{named} gives other values for numbers than for arrays as parameters"
        yield Fault(what, "use operations that broadcast, jnp.where in place of if")
    one = np.asarray(probe.log_density(*(c[0] for c in columns), *scalars))
    if one.shape != () or not np.allclose(one, whole[0], rtol=1e-6, equal_nan=True):
        what = f"{named} gives another value for one trial than for many"
        yield Fault(what, "each trial's density depends on that trial alone")
    if not probe.in_jax:
        return
    _, gradients = probe.value_and_gradient(columns, vectors)
    for name, gradient in zip(model.parameter_names, gradients, strict=True):
        if not np.isfinite(np.asarray(gradient)[np.isfinite(whole)]).all():
            what = f"the gradient of {named} by {name} is not finite at {_values(parameters)}"
            yield Fault(what, "inside jnp.where both sides need finite derivatives")


def _gradients(probe: Probe) -> Iterator[Fault]:
    """Check gradients against finite differences, in the bulk and in both tails."""
    if not probe.in_jax:
        return
    model = probe.model
    for parameters in probe.draws(_SETS, margin=0.25):
        columns = probe.trials_at(parameters)
        vectors = [np.full(columns[0].size, x) for x in parameters.values()]
        base, gradients = probe.value_and_gradient(columns, vectors)
        base = np.asarray(base)
        for name, each in zip(model.parameter_names, gradients, strict=True):
            gradient = np.asarray(each)
            expected, step = probe.differences(columns, parameters, name)
            rounding = 1e-12 * np.maximum(np.abs(base), 1.0) / step
            allowed = GRADIENT_TOLERANCE * np.maximum(np.abs(gradient), 0.1) + rounding
            wrong = np.isfinite(base) & ~(np.abs(gradient - expected) < allowed)
            if wrong.any():
                k = int(np.flatnonzero(wrong)[0])
                what = (
                    f"the gradient of likelihood {probe.kind} by {name} is {gradient[k]:.4g}, by "
                    f"differences {expected[k]:.4g}, at {_values(parameters)}"
                )
                yield Fault(what, "look for constants that depend on it, stops and clipped values")
                return


def _mass(probe: Probe) -> Iterator[Fault]:
    """Check that the density over all choices, and times, sums to one."""
    model = probe.model
    for parameters in probe.draws(_SETS, margin=0.25):
        if model.has_rt:
            cumulative = probe.mass_over_time(parameters)[1]
            mass = float(sum(c[-1] for c in cumulative.values()))
        else:
            choices = [np.exp(probe.log_p(parameters, float(c))) for c in model.choices]
            mass = float(np.sum(choices))
        if abs(mass - 1.0) < MASS_TOLERANCE:
            continue
        over = "all choices and times" if model.has_rt else "all choices"
        what = f"likelihood {probe.kind} has a mass of {mass:.4g} over {over}, not 1, at "
        if np.isnan(mass):
            what = f"likelihood {probe.kind} is NaN at some rt, for "
        remedy = "normalise it: the densities of the choices together integrate to 1"
        yield Fault(f"{what}{_values(parameters)}", remedy)
        return
