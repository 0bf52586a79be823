"""What a learning model declares: a process, a decision model, and how one drives the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from driftmill.processes.rule import Rule

if TYPE_CHECKING:
    from driftmill.models.declaration import Model, Parameter

#: What a process predicts: a value for every option, or one number about the input.
Output = Literal["values", "prediction"]


@dataclass(frozen=True)
class Process:
    """A learning process: a rule with its parameters.

    Parameters
    ----------
    name
        The name used in study files and tables.
    parameters
        Its parameters; one with ``held`` stays at that value until a fit frees it.
    inputs
        The trial columns that it learns from, besides the choice: ``("feedback",)``, ``("u",)``.
    output
        ``values``: a value for every option, shape (options, lanes). ``prediction``: one number,
        shape (lanes,).
    rule
        ``rule(options)``: the learning rule for that many options.
    title, equation, reference
        For the catalogue's listing.
    identifiability
        What is known of how well data tell its parameters, for the catalogue's page.
    options
        Fewest and most options it knows; ignored by processes whose output is a prediction.
    follows_choice
        Whether it learns from the choice, so that data must be simulated trial by trial.
    binary
        Whether its inputs can be 0 and 1 alone.
    """

    name: str
    parameters: tuple[Parameter, ...]
    inputs: tuple[str, ...]
    output: Output
    rule: Callable[[int], Rule]
    title: str
    equation: str
    reference: str
    options: tuple[int, int] = (2, 2)
    follows_choice: bool = True
    binary: bool = False
    identifiability: str = ""


@dataclass(frozen=True)
class Coupling:
    """How a process's output drives a decision model.

    Parameters
    ----------
    name
        The name used in study files.
    output
        The kind of output that it takes.
    parameters
        Its own parameters, e.g. ``scaler``.
    sets
        ``sets(decision)``: the parameters of the decision model that it sets, in order; empty
        when it cannot drive that model.
    couple
        ``couple(output, parameters, decision)`` to their values: ``output`` of shape
        (..., n) or (options, ..., n), parameters numbers or of shape (..., n).
    """

    name: str
    output: Output
    parameters: tuple[Parameter, ...]
    sets: Callable[[Model], tuple[str, ...]]
    couple: Callable[[Any, Mapping[str, Any], Model], Mapping[str, Any]]


@dataclass(frozen=True)
class Learning:
    """How a composed model decides: a process in front of a decision model.

    Parameters
    ----------
    process, coupling, decision
        What it is composed of.
    columns
        The trial columns that hold the process's inputs, by input.
    cue
        Column that says which cue or bandit a trial is about; values are kept for each. None:
        there is one.
    block
        Column whose every new value starts the process anew. None: it never starts anew.
    elapsed
        Column of the time since the trial before. None: 1.
    """

    process: Process
    coupling: Coupling
    decision: Model
    columns: Mapping[str, str] = field(default_factory=dict)
    cue: str | None = None
    block: str | None = None
    elapsed: str | None = None

    @property
    def rule(self) -> Rule:
        """The learning rule for the decision model's options."""
        return self.process.rule(len(self.decision.choices))

    def process_parameter(self, name: str) -> Parameter:
        """Return the process's parameter called ``name``; KeyError when there is none."""
        return {p.name: p for p in self.process.parameters}[name]

    @property
    def input_columns(self) -> tuple[str, ...]:
        """The trial columns of the process's inputs, in the order of its inputs."""
        return tuple(self.columns.get(name, name) for name in self.process.inputs)

    @property
    def needed_columns(self) -> tuple[str, ...]:
        """All trial columns that learning needs, besides the decision model's responses."""
        extra = (self.cue, self.block, self.elapsed)
        named = (*self.input_columns, *(name for name in extra if name is not None))
        return tuple(dict.fromkeys((*named, "participant_id", "trial_id")))
