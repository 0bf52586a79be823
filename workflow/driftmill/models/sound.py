"""Whether what a user registers is declared soundly: names, supports, priors, choices."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

from driftmill.models.declaration import Model, Parameter, SsmSimulator
from driftmill.models.learning import Coupling, Process
from driftmill.models.priors import Distribution

#: Kinds of likelihood; those of ``NUMPY_KINDS`` are plain functions without a gradient.
LIKELIHOOD_KINDS = ("analytical", "numerical", "approx_differentiable", "blackbox")
NUMPY_KINDS = ("blackbox",)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
#: Names that mean something else wherever parameters and columns are named.
_TAKEN = ("rt", "response", "participant_id", "trial_id", "dataset", "p_outlier", "counted")
_COLUMNS = (("rt", "response"), ("response",))


class RegistrationError(ValueError):
    """What a user registers cannot be; the message says what to mend."""


def check_declaration(item: Model | Process | Coupling) -> None:
    """Check all that can be checked without evaluating anything.

    Raises
    ------
    RegistrationError
        At the first thing that is wrong.
    """
    kind = type(item).__name__.lower()
    if not isinstance(item.name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+]*", item.name):
        raise RegistrationError(
            f"{kind} {item.name!r}: a name is made of letters, digits and _, a letter first"
        )
    place = f"{kind} {item.name}"
    _check_parameters(place, item.parameters)
    if not isinstance(item, Model):
        _check_typical(place, item.parameters)
    if isinstance(item, Model):
        _check_model(place, item)
    elif isinstance(item, Process):
        _check_process(place, item)
    else:
        if item.output not in ("values", "prediction"):
            raise _wrong(place, f"output is {item.output!r}", "give 'values' or 'prediction'")
        _check_callables(place, item, {"sets": 1, "couple": 3})


def _wrong(place: str, what: str, remedy: str) -> RegistrationError:
    return RegistrationError(f"{place}: {what}; {remedy}")


def _check_parameters(place: str, parameters: Sequence[Parameter]) -> None:
    names = [p.name for p in parameters]
    for parameter in parameters:
        at, name = f"{place}, parameter {parameter.name}", parameter.name
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _wrong(at, "no valid name", "use letters, digits and _, a letter first")
        if name in _TAKEN:
            raise _wrong(at, "the name means something else in driftmill", "choose another")
        if names.count(name) > 1:
            raise _wrong(at, "the name is given twice", "give each parameter its own")
        if not parameter.lower < parameter.upper:
            what = f"its support {parameter.support} is empty"
            raise _wrong(at, what, "give lower < upper")
        try:
            prior = Distribution(parameter.prior, parameter.lower, parameter.upper)
        except ValueError as error:
            raise _wrong(at, str(error), "give another prior or support") from error
        if not prior.mass > 1e-3:
            what = f"{parameter.prior} has almost no mass inside {parameter.support}"
            raise _wrong(at, what, "give another prior or support")
        held = parameter.held
        if held is not None and not parameter.lower <= held <= parameter.upper:
            what = f"it is held at {held:g}, outside {parameter.support}"
            raise _wrong(at, what, "give a value inside")


def _check_typical(place: str, parameters: Sequence[Parameter]) -> None:
    """Check the values at which the search for a mode starts."""
    for parameter in parameters:
        if parameter.held is None and not parameter.supports(parameter.typical):
            what = f"its typical value {parameter.typical:g} lies outside {parameter.support}"
            at = f"{place}, parameter {parameter.name}"
            raise _wrong(at, what, "give typical=... inside the support")


def _check_model(place: str, model: Model) -> None:
    if tuple(model.response_columns) not in _COLUMNS:
        what = f"response_columns are {model.response_columns}"
        raise _wrong(place, what, "give ('rt', 'response') or ('response',)")
    whole = all(type(choice) is int for choice in model.choices)
    if not whole or len(set(model.choices)) != len(model.choices) or not model.choices:
        remedy = "give different whole numbers, one an option: (-1, 1) or (0, 1, 2)"
        raise _wrong(place, f"choices are {model.choices}", remedy)
    if list(model.choices) != sorted(model.choices):
        raise _wrong(place, f"choices are {model.choices}", "give them in ascending order")
    if not model.likelihoods:
        raise _wrong(place, "it has no likelihood", "give {'analytical': function}")
    arguments = (*model.response_columns, *model.decision.parameter_names)
    for kind, density in model.likelihoods.items():
        if kind not in LIKELIHOOD_KINDS:
            what = f"the kind of likelihood {kind!r} is unknown"
            raise _wrong(place, what, f"use one of {', '.join(LIKELIHOOD_KINDS)}")
        _check_arguments(f"{place}, likelihood {kind}", density, arguments)
    names = model.parameter_names
    for group in model.products:
        if not set(group) <= set(names):
            raise _wrong(place, f"products name {group}", f"its parameters are {names}")
    for field, name in (
        ("shift", model.shift),
        ("ceiling", None if model.ceiling is None else model.ceiling.parameter),
    ):
        if name is not None and name not in names:
            raise _wrong(place, f"{field} names {name!r}", f"its parameters are {names}")
    if not isinstance(model.simulator, SsmSimulator):
        _check_callables(place, model, {"simulator": 2})
    _check_callables(place, model, {"start": 1})


def _check_process(place: str, process: Process) -> None:
    if process.output not in ("values", "prediction"):
        raise _wrong(place, f"output is {process.output!r}", "give 'values' or 'prediction'")
    if not process.inputs:
        raise _wrong(place, "it learns from nothing", "name its inputs, e.g. ('feedback',)")
    strange = [name for name in process.inputs if not _NAME.fullmatch(name) or name in _TAKEN]
    strange += [name for name in process.inputs if name in ("choice", "observed", "elapsed")]
    if strange:
        raise _wrong(place, f"the input {strange[0]!r} is no name for an input", "choose another")
    fewest, most = process.options
    if not 1 <= fewest <= most:
        raise _wrong(place, f"options are {process.options}", "give (fewest, most)")
    _check_callables(place, process, {"rule": 1})


def _check_callables(place: str, item: Any, wanted: dict[str, int]) -> None:
    """Check that fields are functions of so many arguments."""
    for field, count in wanted.items():
        function = getattr(item, field)
        if not callable(function):
            raise _wrong(place, f"{field} is no function", f"give one of {count} arguments")
        if not _takes(function, count):
            raise _wrong(place, f"{field} does not take {count} arguments", "mend its signature")


def _takes(function: Callable[..., object], count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:
        return True  # a builtin that does not tell
    return True


def _check_arguments(place: str, density: Any, names: tuple[str, ...]) -> None:
    """Check that a density takes columns, then parameters, in order and by their names."""
    if not callable(density):
        raise _wrong(place, "it is no function", f"give one of ({', '.join(names)})")
    if not _takes(density, len(names)):
        raise _wrong(place, "its arguments are others", f"it must take ({', '.join(names)})")
    try:
        taken = inspect.signature(density).parameters.values()
    except ValueError:
        return  # a builtin that does not tell
    named = [p.name for p in taken if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    found = named[: len(names)]
    moved = [name for k, name in enumerate(found) if name in names and names[k] != name]
    if moved:
        what = f"it takes ({', '.join(found)})"
        raise _wrong(place, what, f"the order is that of the model: ({', '.join(names)})")
