"""The graph of a fit's PyMC model: what depends on what, and what is repeated over whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pymc as pm
from pymc.model_graph import ModelGraph

Kind = Literal["free", "observed", "computed"]
#: Bambi's name of the dim of the trials, and ours.
_ROWS, _TRIALS = "__obs__", "trials"
#: What the observed variable is called.
RESPONSE = "response"


@dataclass(frozen=True)
class Node:
    """One variable of a model.

    Parameters
    ----------
    name
        Its name.
    kind
        Drawn from its prior, observed, or computed from others.
    distribution
        What it is drawn from; empty for what is computed.
    plate
        What it is repeated over, with how often: ``(("participant_id", 20),)``.
    """

    name: str
    kind: Kind
    distribution: str
    plate: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Graph:
    """A model's variables in the order of their names, and who depends on whom."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]


def graph_of(model: pm.Model, likelihood: str, trials: int) -> Graph:
    """Take the graph of a model, in an order that no hash seed can change.

    Parameters
    ----------
    model
        The model of one dataset.
    likelihood
        What the responses are drawn from, e.g. ``ddm``.
    trials
        How many trials the dataset has.
    """
    found = ModelGraph(model)
    shown = {name: shown_name(model, name) for name in sorted(found.vars_to_plot())}
    nodes = [
        Node(RESPONSE, "observed", likelihood, ((_TRIALS, trials),))
        if called == RESPONSE
        else _node(model, name, trials)
        for name, called in shown.items()
    ]
    pairs = {
        (shown[parent], shown[name])
        for name, parents in found.make_compute_graph().items()
        for parent in parents
    }
    return Graph(tuple(nodes), tuple(sorted(pairs)))


def shown_name(model: pm.Model, name: str) -> str:
    """Return what a variable of a model is called in its graph."""
    return RESPONSE if model[name] in model.observed_RVs else name


def _node(model: pm.Model, name: str, trials: int) -> Node:
    variable = model[name]
    dims = model.named_vars_to_dims.get(name) or ()
    sizes = [trials if dim == _ROWS else len(model.coords[dim]) for dim in dims]
    plate = tuple(zip(map(_called, dims), sizes, strict=True))
    if variable in model.free_RVs:
        return Node(name, "free", type(variable.owner.op).__name__.removesuffix("RV"), plate)
    return Node(name, "computed", "", plate)


def _called(dim: str) -> str:
    """Return what a dim of Bambi's is over: ``participant_id`` for its factor."""
    if dim == _ROWS:
        return _TRIALS
    for ending in ("__factor_dim", "__expr_dim", "_dim"):
        if dim.endswith(ending):
            return dim.removesuffix(ending)
    return dim
