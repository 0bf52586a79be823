"""From what a study calls a model to the model."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from driftmill.models import Model
from driftmill.models.composition import CompositionError, compose
from driftmill.models.couplings import couplings_for
from driftmill.models.declaration import Parameter
from driftmill.models.learning import Coupling, Process
from driftmill.models.registry import (
    all_models,
    find_coupling,
    find_model,
    find_process,
)
from driftmill.study.learning import LearningModel
from driftmill.study.model_files import load_announced

#: Learning process, decision model, coupling, columns, cue, block, elapsed.
_Key = tuple[str, str, str | None, tuple[tuple[str, str], ...], str | None, str | None, str | None]


def model_of(spec: str | LearningModel) -> Model:
    """Return the model that a study names, or composes; the same one each time.

    Raises
    ------
    KeyError
        When a model, a process or a coupling is not known.
    CompositionError
        When the process cannot drive the decision model.
    StudyErrors
        When a file of the user's models cannot be loaded.
    """
    generation = load_announced()
    if isinstance(spec, str):
        return find_model(spec)
    columns = tuple(sorted(spec.columns.items()))
    key = (spec.learning, spec.decision, spec.coupling, columns, spec.cue, spec.block, spec.elapsed)
    return _composed(generation, key)


def known_model(spec: str | LearningModel) -> Model | None:
    """Return the model that a study names, or None where it names none."""
    try:
        return model_of(spec)
    except (KeyError, CompositionError):
        return None


def model_name(spec: str | LearningModel) -> str:
    """Return what a model is called in tables; it need not be known."""
    if isinstance(spec, str):
        return spec
    found = known_model(spec)
    return f"{spec.learning}+{spec.decision}" if found is None else found.name


def free_names(model: Model, freed: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the parameters that a model does not hold by itself, or that are freed."""
    return tuple(p.name for p in model.parameters if p.held is None or p.name in freed)


def held_parameters(model: Model) -> dict[str, Parameter]:
    """Return the parameters that a model holds by itself, by name."""
    return {p.name: p for p in model.parameters if p.held is not None}


@cache
def _composed(generation: int, key: _Key) -> Model:
    learning, decision_name, coupling_name, columns, cue, block, elapsed = key
    composed = compose(
        find_process(learning),
        find_model(decision_name),
        None if coupling_name is None else find_coupling(coupling_name),
        columns=dict(columns),
        cue=cue,
        block=block,
        elapsed=elapsed,
    )
    return replace(composed, name=_name(composed))


def _name(composed: Model) -> str:
    """Return a composition's own name where it has one, else the names of its parts."""
    parts = _parts(composed)
    assert parts is not None
    for known in all_models().values():
        if _parts(known) == parts:
            return known.name
    process, coupling, decision = parts
    usual = couplings_for(process.output, decision)
    if coupling in usual[:1]:
        return f"{process.name}+{decision.name}"
    return f"{process.name}+{coupling.name}+{decision.name}"


def _parts(model: Model) -> tuple[Process, Coupling, Model] | None:
    learning = model.learning
    return None if learning is None else (learning.process, learning.coupling, learning.decision)
