"""The catalogue as a page of Markdown: ``config/MODELS.md`` is its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from driftmill.models.declaration import Model, Parameter
from driftmill.models.learning import Coupling, Process
from driftmill.store.cards import Card

HEAD = """# The models

Every model, learning process and coupling that driftmill brings along: equation, parameters,
likelihood, what is known of how well data tell its parameters, and where it comes from. This page
is written by `driftmill models --page`; a model of your own is shown by
`driftmill models --file my_model.py`.

Of diffusions, `a` is half the distance between the bounds and `z` the relative starting point; the
noise has an sd of 1 and times are in seconds. A prior is what a parameter without a formula has
when the study file says nothing; one with a formula has priors on the scale of its link.
"""
NETWORKS = """## Networks that come along

A fit takes the density of one by `likelihood: approx_differentiable`; of a model without another
likelihood it does so by itself. The box is in the parameters after the model's exact reductions.
Figures are of parameter sets that a network was not trained with: the total mass of its density,
its Hellinger distance to simulated trials over what sampling alone makes it, errors of its log
density. `driftmill models NAME` shows the rest of a card; `config/README.md` says how others are
trained.
"""
KINDS = {
    "analytical": "exact",
    "numerical": "by a numerical solver",
    "approx_differentiable": "by a network",
    "blackbox": "a black box without gradients",
}


def catalogue_page(
    models: Iterable[Model],
    processes: Iterable[Process],
    couplings: Iterable[Coupling],
    networks: Sequence[Card] = (),
) -> str:
    """Return the page.

    Parameters
    ----------
    models
        Decision models and compositions, in the order in which they are shown.
    processes, couplings
        The learning processes, and what joins them to decision models.
    networks
        The cards of the networks that come along.
    """
    known = list(models)
    decisions = [model for model in known if model.learning is None]
    composed = [model for model in known if model.learning is not None]
    parts = [
        HEAD,
        "## Decision models\n",
        _overview(decisions),
        *(_decision(model) for model in decisions),
        *([NETWORKS, _networks(networks)] if networks else []),
        "## Learning processes\n",
        *(_process(process) for process in processes),
        "## Couplings\n",
        _couplings(couplings, decisions),
        "## Compositions with a name of their own\n",
        _compositions(composed),
    ]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _overview(models: Sequence[Model]) -> str:
    rows = [
        (
            f"[`{model.name}`](#{model.name})",
            ", ".join(model.parameter_names),
            _codes(model),
            _likelihood(model),
            _silence(model),
        )
        for model in models
    ]
    return _table(("model", "parameters", "responses", "likelihood", "trials without one"), rows)


def _decision(model: Model) -> str:
    told = [
        f"### {model.name}\n",
        f"{model.title}.\n",
        f"    {model.equation}\n",
        _parameters(model.parameters),
        f"- Data: {' and '.join(model.response_columns)}; responses {_codes(model)}.",
        f"- Log density: {_likelihood(model)}.",
    ]
    for group in model.products:
        told.append(f"- Only the product of {' and '.join(group)} is identified.")
    if model.identifiability:
        told.append(f"- What data tell: {model.identifiability}")
    told.append(f"- Source: {model.reference}.")
    return "\n".join(told)


def _networks(cards: Sequence[Card]) -> str:
    rows = [
        (
            f"`{card.name}`",
            f"`{card.model}`",
            card.kind,
            ", ".join(f"{name} in [{low:g}, {high:g}]" for name, (low, high) in card.box.items()),
            " - ".join(map(str, card.layers)),
            card.figures,
            "passed" if card.passed else "failed" if card.gates else "never",
        )
        for card in cards
    ]
    head = ("network", "of", "kind", "trained for", "layers", "accuracy", "checked")
    return _table(head, rows)


def _process(process: Process) -> str:
    fewest, most = process.options
    options = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    gives = "a prediction" if process.output == "prediction" else f"values of {options} options"
    told = [
        f"### {process.name}\n",
        f"{process.title}.\n",
        f"    {process.equation}\n",
        _parameters(process.parameters),
        f"- Learns from {' and '.join(process.inputs)}; gives {gives}.",
    ]
    if process.identifiability:
        told.append(f"- What data tell: {process.identifiability}")
    told.append(f"- Source: {process.reference}.")
    return "\n".join(told)


def _couplings(couplings: Iterable[Coupling], decisions: Sequence[Model]) -> str:
    rows = [
        (
            f"`{coupling.name}`",
            coupling.output,
            ", ".join(parameter.name for parameter in coupling.parameters) or "none",
            "; ".join(
                f"{', '.join(driven)} of {model.name}"
                for model in decisions
                if (driven := coupling.sets(model))
            ),
        )
        for coupling in couplings
    ]
    return _table(("coupling", "takes", "parameters of its own", "drives"), rows)


def _compositions(models: Iterable[Model]) -> str:
    rows = []
    for model in models:
        assert model.learning is not None
        parts = model.learning
        free = ", ".join(p.name for p in model.parameters if p.held is None)
        names = (parts.process.name, parts.coupling.name, parts.decision.name)
        rows.append((f"`{model.name}`", *names, free))
    return _table(("model", "process", "coupling", "decision", "free parameters"), rows)


def _parameters(parameters: Iterable[Parameter]) -> str:
    rows = [
        (
            f"`{parameter.name}`",
            parameter.support,
            str(parameter.prior),
            "" if parameter.held is None else f"{parameter.held:g}",
            parameter.description,
        )
        for parameter in parameters
    ]
    head = ("parameter", "support", "default prior", "held at", "meaning")
    if any(row[3] for row in rows):
        return _table(head, rows)
    return _table((*head[:3], head[4]), [(*row[:3], row[4]) for row in rows])


def _codes(model: Model) -> str:
    return ", ".join(map(str, model.choices))


def _likelihood(model: Model) -> str:
    kinds = [KINDS.get(kind, kind) for kind in model.likelihoods]
    if model.error:
        by = "by quadrature" if "analytical" in model.likelihoods else kinds[0]
        kinds[0] = f"{by}, log densities right to {model.error:.0e}"
    return "; ".join(kinds)


def _silence(model: Model) -> str:
    return "no" if model.log_survivor is None else "scored"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    told = [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]
    return "\n".join(told) + "\n"
