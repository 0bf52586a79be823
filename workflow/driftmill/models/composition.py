"""Composed models: any learning process in front of any decision model that a coupling joins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from driftmill.models.couplings import couplings_for
from driftmill.models.declaration import Columns, Model
from driftmill.models.learning import Coupling, Learning, Process


class CompositionError(ValueError):
    """A process cannot drive a decision model as asked."""


def compose(
    process: Process,
    decision: Model,
    coupling: Coupling | None = None,
    *,
    name: str | None = None,
    columns: Mapping[str, str] | None = None,
    cue: str | None = None,
    block: str | None = None,
    elapsed: str | None = None,
) -> Model:
    """Return the model in which a process drives a decision model.

    Parameters
    ----------
    process, decision
        What is composed.
    coupling
        How one drives the other; None: the one that fits.
    name
        The model's name; None: ``process+decision``.
    columns, cue, block, elapsed
        The trial columns, as `Learning` has them.

    Returns
    -------
    Model
        Its parameters are the process's, the coupling's, then the decision model's but for those
        that the coupling sets; its log densities and simulator are the decision model's.

    Raises
    ------
    CompositionError
        When no coupling fits, the process does not know that many options, or two parameters
        share a name.
    """
    found = couplings_for(process.output, decision) if coupling is None else (coupling,)
    driven = found[0].sets(decision) if found and found[0].output == process.output else ()
    if decision.learning is not None:
        raise CompositionError(f"{decision.name} has a learning process already")
    if not driven:
        raise CompositionError(
            f"the {process.output} of {process.name} cannot drive {decision.name}"
            + (f" by {coupling.name}" if coupling is not None else "; give a coupling of your own")
        )
    fewest, most = process.options
    options = len(decision.choices)
    if process.output == "values" and not fewest <= options <= most:
        raise CompositionError(
            f"{process.name} knows {fewest} to {most} options; {decision.name} has {options}"
        )
    chosen = found[0]
    kept = tuple(p for p in decision.parameters if p.name not in driven)
    parameters = (*process.parameters, *chosen.parameters, *kept)
    names = [p.name for p in parameters]
    twice = [n for n in dict.fromkeys(names) if names.count(n) > 1]
    if twice:
        raise CompositionError(f"{process.name} and {decision.name} both have {twice[0]}")
    own = {p.name: p.typical for p in (*process.parameters, *chosen.parameters)}

    def start(given: Columns) -> dict[str, float]:
        values = own | decision.start(given)
        return {p.name: values[p.name] for p in parameters}

    return replace(
        decision,
        name=name or f"{process.name}+{decision.name}",
        parameters=parameters,
        start=start,
        title=f"{process.title}; {decision.title[0].lower()}{decision.title[1:]}",
        equation=f"{process.equation}; {decision.equation}",
        reference=f"{process.reference}; {decision.reference}",
        products=tuple(g for g in decision.products if not set(g) & set(driven)),
        learning=Learning(process, chosen, decision, columns or {}, cue, block, elapsed),
    )
