"""What every learning process and every coupling must do, told as faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from driftmill.models import CATALOGUE
from driftmill.models.declaration import FloatArray, Model, Parameter
from driftmill.models.learning import Coupling, Process
from driftmill.models.priors import Distribution
from driftmill.models.protocol import GRADIENT_TOLERANCE, Fault
from driftmill.processes.memory import Memory
from driftmill.processes.rule import Rule
from driftmill.processes.trajectory import trajectory

_LANES, _TRIALS = 3, 12


def process_faults(process: Process, thorough: bool = True) -> list[Fault]:
    """Return what is wrong with a learning process.

    Parameters
    ----------
    process
        The process.
    thorough
        Whether gradients are computed, which takes seconds; else shapes alone.
    """
    options = process.options[0] if process.output == "values" else 2
    try:
        rule: object = process.rule(options)
        if not isinstance(rule, Rule):
            remedy = "rule(options) is a function that returns Rule(start, predict, learn)"
            return [Fault(f"rule returns a {type(rule).__name__}, not a Rule", remedy)]
        values = _parameters(process)
        found = list(_shapes(process, rule, options, values))
        if thorough and not found:
            found += _sequence(process, rule, options, values)
    except Exception as error:  # whatever a user's function raises
        told = (str(error) or " ").splitlines()[0]
        what = f"its rule fails: {type(error).__name__}: {told}"
        return [Fault(what, "start, predict and learn take lanes in the last axis; see Rule")]
    return found


def _parameters(process: Process) -> dict[str, FloatArray]:
    """Return a value a lane of every parameter: around the middle of its prior, or held."""
    rng = np.random.default_rng(5)
    return {p.name: _inside(p, rng) for p in process.parameters}


def _inside(parameter: Parameter, rng: np.random.Generator) -> FloatArray:
    if parameter.held is not None:
        return np.full(_LANES, parameter.held)
    prior = Distribution(parameter.prior, parameter.lower, parameter.upper)
    return prior.ppf(0.3 + 0.4 * rng.random(_LANES))


def _trials(process: Process, options: int) -> dict[str, Any]:
    """Return sequences in which inputs are 0 or 1 and two trials are not observed."""
    rng = np.random.default_rng(6)
    shape = (_TRIALS, _LANES)
    observed = np.ones(shape, dtype=bool)
    observed[3, 0] = observed[5, 2] = False
    inputs = {name: rng.integers(0, 2, shape) * observed for name in process.inputs}
    trials: dict[str, Any] = {name: np.asarray(x, np.float64) for name, x in inputs.items()}
    return trials | {"choice": rng.integers(0, options, shape), "observed": observed}


def _shapes(
    process: Process, rule: Rule, options: int, values: Mapping[str, FloatArray]
) -> Iterator[Fault]:
    """Check one trial: what is predicted, and that the state keeps its form."""
    memory = Memory(rule, {name: jnp.asarray(x) for name, x in values.items()}, _LANES)
    trial = {name: jnp.asarray(x[0]) for name, x in _trials(process, options).items()}
    state = memory.start()
    for leaf in jax.tree.leaves(state):
        if leaf.ndim < 1 or leaf.shape[-1] != _LANES:
            what = f"start returns an array of shape {leaf.shape} for {_LANES} lanes"
            yield Fault(what, f"the lanes are the last axis: (..., {_LANES})")
            return
    output = memory.predict(state, trial)
    wanted = (_LANES,) if process.output == "prediction" else (options, _LANES)
    if jnp.shape(output) != wanted:
        what = f"predict returns shape {jnp.shape(output)}"
        kind = "a prediction" if process.output == "prediction" else f"values of {options} options"
        yield Fault(what, f"return {wanted}: {kind} for {_LANES} lanes")
        return
    after = memory.learn(state, trial)
    form: Any = jax.tree.structure(state)
    if jax.tree.structure(after) != form:
        yield Fault("learn returns a state of another form than start", "return the same nest")
        return
    for before, now in zip(jax.tree.leaves(state), jax.tree.leaves(after), strict=True):
        if jnp.shape(now) != before.shape or jnp.asarray(now).dtype != before.dtype:
            what = (
                f"learn turns an array {before.dtype}{before.shape} of the state into "
                f"{jnp.asarray(now).dtype}{jnp.shape(now)}"
            )
            yield Fault(what, "keep shape and type")
            return


def _sequence(
    process: Process, rule: Rule, options: int, values: Mapping[str, FloatArray]
) -> Iterator[Fault]:
    """Check whole sequences: finite, lanes apart, gradients, what follows the choice."""
    trials = _trials(process, options)

    @jax.jit
    def run(given: Mapping[str, Any], trials: Mapping[str, Any]) -> Any:
        return trajectory(rule, given, trials)

    output = np.asarray(run(values, trials))
    if not np.isfinite(output).all():
        k = int(np.argwhere(~np.isfinite(output))[0][0])
        what = f"what it predicts is not finite on trial {k}, with inputs of 0 and 1"
        yield Fault(what, "inputs are 0 on trials that are not observed; keep them out of log, /")
        return
    moved = {**trials, "choice": options - 1 - trials["choice"]}
    if not process.follows_choice and not np.array_equal(output, run(values, moved)):
        what = "it depends on the choice, though follows_choice is False"
        yield Fault(what, "set follows_choice=True")
    # The last participant alone sees other inputs and chooses otherwise.
    others = {name: trials[name].copy() for name in ("choice", *process.inputs)}
    for name, column in others.items():
        column[:, -1] = (options - 1 if name == "choice" else 1) - column[:, -1]
    elsewhere = np.asarray(run(values, {**trials, **others}))
    if not np.allclose(output[..., :-1], elsewhere[..., :-1], rtol=1e-9):
        what = "what it predicts for a participant depends on the other participants"
        yield Fault(what, "use operations that keep the last axis, the lanes, apart")
        return
    yield from _gradients(process, run, values, trials)


def _gradients(
    process: Process, run: Any, values: Mapping[str, FloatArray], trials: Mapping[str, Any]
) -> Iterator[Fault]:
    """Check gradients of a mixture of all outputs against finite differences."""
    weights = np.random.default_rng(7).normal(size=np.shape(run(values, trials)))

    def total(given: Mapping[str, Any]) -> Any:
        return (run(given, trials) * weights).sum()

    gradient = jax.grad(total)({name: jnp.asarray(x) for name, x in values.items()})
    for parameter in process.parameters:
        if parameter.held is not None:
            continue
        name, x = parameter.name, values[parameter.name]
        room = np.minimum(x - parameter.lower, parameter.upper - x)
        step = 1e-4 * min(1.0, float(room.min()))
        for lane in range(_LANES):
            at = {}
            for k in (-1, 1):
                shifted = x.copy()
                shifted[lane] += k * step
                at[k] = float(total({**values, name: shifted}))
            expected = (at[1] - at[-1]) / (2 * step)
            found = float(gradient[name][lane])
            if not abs(found - expected) <= 10 * GRADIENT_TOLERANCE * max(1.0, abs(expected)):
                what = f"the gradient by {name} is {found:.4g}, by differences {expected:.4g}"
                yield Fault(what, "inside jnp.where both sides need finite derivatives")
                return


def coupling_faults(coupling: Coupling, models: Mapping[str, Model] = CATALOGUE) -> list[Fault]:
    """Return what is wrong with a coupling on the models that it says it can drive.

    Parameters
    ----------
    coupling
        The coupling.
    models
        The decision models that there are; those with a learning process are left out.
    """
    driven = 0
    for model in models.values():
        if model.learning is not None:
            continue
        try:
            found = list(_couple(coupling, model))
            driven += bool(coupling.sets(model))
        except Exception as error:  # whatever a user's function raises
            told = (str(error) or " ").splitlines()[0]
            what = f"it fails on {model.name}: {type(error).__name__}: {told}"
            return [Fault(what, "sets(decision) and couple(output, parameters, decision)")]
        if found:
            return found
    if not driven:
        return [Fault("it drives no model that there is", "return parameters from sets(decision)")]
    return []


def _couple(coupling: Coupling, model: Model) -> Iterator[Fault]:
    names = tuple(coupling.sets(model))
    strange = [name for name in names if name not in model.parameter_names]
    if strange:
        what = f"sets({model.name}) names {strange[0]!r}"
        yield Fault(what, f"its parameters are {', '.join(model.parameter_names)}")
    if strange or not names:
        return
    rng = np.random.default_rng(8)
    shape = (_LANES,) if coupling.output == "prediction" else (len(model.choices), _LANES)
    values = {p.name: jnp.asarray(_inside(p, rng)) for p in coupling.parameters}
    made = coupling.couple(jnp.asarray(rng.random(shape)), values, model)
    if set(made) != set(names):
        what = f"couple gives {', '.join(made) or 'nothing'} for {model.name}"
        yield Fault(what, f"give what sets names: {', '.join(names)}")
        return
    for name in names:
        if jnp.shape(made[name]) != (_LANES,) or not jnp.isfinite(made[name]).all():
            what = f"couple gives {name} of shape {jnp.shape(made[name])} for {model.name}"
            if jnp.shape(made[name]) == (_LANES,):
                what = f"couple gives a {name} for {model.name} that is not finite"
            yield Fault(what, f"return finite numbers of shape (n,), here ({_LANES},)")
