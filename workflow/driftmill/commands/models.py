"""``driftmill models``: the catalogue, the learning processes, and what joins them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from driftmill.commands.console import UserError, console, user_errors

if TYPE_CHECKING:
    from driftmill.models import Model
    from driftmill.models.declaration import Parameter
    from driftmill.models.learning import Coupling, Process
    from driftmill.store.cards import Card

FilesOption = Annotated[
    list[Path] | None,
    typer.Option("--file", "-f", help="A Python file that registers models of your own."),
]


def load_files(files: list[Path] | None) -> None:
    """Run files of models that the user named on the command line, so that they can be named."""
    from driftmill.study.model_files import announce, load_announced

    announce("--file", [str(path) for path in files or ()], trust=True)
    load_announced()


def find(name: str) -> Model:
    """Return the model of a name, or of the names of its parts: ``rescorla_wagner+ddm``.

    Raises
    ------
    UserError
        When there is none, naming the nearest.
    """
    from driftmill.models.registry import all_models
    from driftmill.study.check_model import check_model
    from driftmill.study.learning import LearningModel
    from driftmill.study.models import model_of
    from driftmill.study.problems import suggest

    if name in all_models():
        return all_models()[name]
    parts = [part.strip() for part in name.split("+")]
    if not 2 <= len(parts) <= 3:
        raise UserError(f"unknown model {name!r}: {suggest(name, all_models(), 'models')}")
    process, *between, decision = parts
    spec = LearningModel(learning=process, decision=decision, coupling=next(iter(between), None))
    if wrong := check_model(name, "", spec):
        raise UserError("\n".join(f"{p.message}: {p.remedy}" for p in wrong))
    return model_of(spec)


def models(
    name: Annotated[
        str | None,
        typer.Argument(
            help="One model, process, coupling or network, to be shown with all that is known."
        ),
    ] = None,
    file: FilesOption = None,
    page: Annotated[
        bool,
        typer.Option("--page", help="Print the whole catalogue as Markdown, as config/MODELS.md."),
    ] = False,
    designs: Annotated[
        bool,
        typer.Option(
            "--designs", help="Print how our networks are trained, as config/networks.yaml."
        ),
    ] = False,
) -> None:
    """List models, learning processes, couplings and compositions; networks, how accurate."""
    if designs:
        from driftmill.study.shipped_networks import designs_text

        typer.echo(designs_text(), nl=False)
        return
    with user_errors():
        from driftmill.models.registry import all_couplings, all_models, all_processes
        from driftmill.store.cards import shipped_cards

        load_files(file)
        plain = {k: m for k, m in all_models().items() if m.learning is None}
        composed = {k: m for k, m in all_models().items() if m.learning is not None}
        processes, couplings = all_processes(), all_couplings()
        networks = shipped_cards()
        known = [*dict.fromkeys([*plain, *composed, *processes, *couplings, *networks])]
        if name is not None and name not in known:
            from driftmill.study.problems import suggest

            raise UserError(f"unknown model {name!r}: {suggest(name, known, 'models')}")
    if page:
        from driftmill.commands.catalogue import catalogue_page

        shown = _kept(plain | composed, name), _kept(processes, name), _kept(couplings, name)
        typer.echo(catalogue_page(*shown, _of_model(networks, name)), nl=False)
        return
    whole, out = name is not None, console()
    if kept := _kept(plain, name):
        out.print(_parameters("model", {m.name: m.parameters for m in kept}))
        _tell([_model_words(model) for model in kept], [_source(m) for m in kept] if whole else [])
    if kept_processes := _kept(processes, name):
        listed = {
            p.name: tuple(each for each in p.parameters if whole or each.held is None)
            for p in kept_processes
        }
        out.print(_parameters("process", listed))
        words = [_process_words(process) for process in kept_processes]
        _tell(words, [_source(p) for p in kept_processes] if whole else [])
    if kept_couplings := _kept(couplings, name):
        out.print(_couplings(kept_couplings, plain.values()))
    if cards := _of_model(networks, name):
        out.print(_networks(cards))
        _tell([], [line for card in cards for line in card_lines(card)] if whole else [])
    if kept := _kept(composed, name):
        out.print(_compositions(kept))
        if whole:
            out.print(_parameters("composition", {m.name: m.parameters for m in kept}))
            _tell([], [_source(m) for m in kept])


def _kept[T](known: dict[str, T], name: str | None) -> list[T]:
    """Return what is to be shown: the one that is named, or all."""
    return [item for key, item in known.items() if name in (None, key)]


def _of_model(cards: Mapping[str, Card], name: str | None) -> list[Card]:
    """Return the networks that are to be shown: of a name, of a model of that name, or all."""
    from driftmill.families import serves

    return [
        card
        for key, card in cards.items()
        if name in (None, key) or (name and serves(card.model, name))
    ]


def _networks(cards: Iterable[Card]) -> Table:
    table = _table("network", "of", "kind", "checked", "accuracy on fresh parameters")
    for card in cards:
        checked = "passed" if card.passed else "failed" if card.gates else "never"
        table.add_row(card.name, card.model, card.kind, checked, card.figures)
    return table


def card_lines(card: Card) -> list[str]:
    """Return the card of a network in short: box, layers, training, gates, digest."""
    box = ", ".join(f"{name} in [{low:g}, {high:g}]" for name, (low, high) in card.box.items())
    sizes = {n: x for n, x in card.training.items() if isinstance(x, int | float | str)}
    versions = card.training.get("versions", {})
    lines = [
        f"network {card.name} of {card.model} ({card.kind}), digest {card.digest}",
        f"    trained for {box}",
        f"    hidden layers {' - '.join(map(str, card.layers))}",
        f"    training: {', '.join(f'{name} {x}' for name, x in sizes.items())}",
        f"    made with {', '.join(f'{name} {x}' for name, x in versions.items())}",
    ]
    for gate in card.gates:
        verdict = "passes" if gate["passed"] else "fails"
        asked = f"{gate['lower']:g} to {gate['upper']:g}"
        lines.append(f"    {gate['figure']} {gate['value']:.4g}: {verdict} ({asked})")
    told = {gate["figure"] for gate in card.gates}
    lines += [f"    {n} {value:.4g}" for n, value in card.accuracy.items() if n not in told]
    return lines


def _tell(words: list[str], sources: list[str]) -> None:
    for line in (*words, *sources):
        typer.echo(line)


def _table(*columns: str, title: str | None = None) -> Table:
    table = Table(*columns, title=title, title_justify="left")
    for column in table.columns:
        column.overflow = "fold"
    return table


def _parameters(kind: str, owners: dict[str, tuple[Parameter, ...]]) -> Table:
    """Return a table of parameters; one that is held is told with the value."""
    held = any(p.held is not None for each in owners.values() for p in each)
    more = ("held at",) if held else ()
    table = _table(kind, "parameter", "support", "default prior", *more, "meaning")
    for column in table.columns[:-1]:
        column.no_wrap = True
    for name, parameters in owners.items():
        for i, parameter in enumerate(parameters):
            value = "" if parameter.held is None else f"{parameter.held:g}"
            table.add_row(
                name if i == 0 else "",
                parameter.name,
                parameter.support,
                str(parameter.prior),
                *((value,) if held else ()),
                parameter.description,
            )
        table.add_section()
    return table


def _couplings(couplings: list[Coupling], decisions: Iterable[Model]) -> Table:
    table = _table("coupling", "takes", "own parameters", "drives")
    models = list(decisions)
    for coupling in couplings:
        driven = [(m.name, coupling.sets(m)) for m in models if coupling.sets(m)]
        table.add_row(
            coupling.name,
            coupling.output,
            ", ".join(p.name for p in coupling.parameters),
            "; ".join(f"{', '.join(names)} of {name}" for name, names in driven),
        )
    return table


def _compositions(models: list[Model]) -> Table:
    table = _table("composition", "learning", "decision", "coupling", "free parameters")
    for model in models:
        assert model.learning is not None
        parts = model.learning
        free = ", ".join(p.name for p in model.parameters if p.held is None)
        table.add_row(
            model.name, parts.process.name, parts.decision.name, parts.coupling.name, free
        )
    return table


def _model_words(model: Model) -> str:
    from driftmill.models.sound import NUMPY_KINDS

    columns = " and ".join(model.response_columns)
    choices = ", ".join(map(str, model.choices))
    kinds = ", ".join(
        f"{kind} (no gradient: slow to fit)" if kind in NUMPY_KINDS else kind
        for kind in model.likelihoods
    )
    return f"{model.name}: {model.title}. Data: {columns}, responses {choices}; {kinds}."


def _process_words(process: Process) -> str:
    inputs = " and ".join(process.inputs)
    told = f"{process.name}: {process.title}. Learns from {inputs}; gives "
    fewest, most = process.options
    options = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    values = f"a value for each of {options} options"
    told += "a prediction." if process.output == "prediction" else f"{values}."
    held = [f"{p.name} at {p.held:g}" for p in process.parameters if p.held is not None]
    return f"{told} Holds {', '.join(held)}." if held else told


def _source(item: Model | Process) -> str:
    return f"    {item.equation}\n    {item.reference}"
