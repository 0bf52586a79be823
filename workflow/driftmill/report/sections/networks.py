"""The networks whose likelihoods the fits have: how accurate, and how often their box was left."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import (
    Block,
    Column,
    Definitions,
    Group,
    Note,
    Prose,
    Section,
    table_block,
)
from driftmill.report.data import ReportData
from driftmill.report.formatting import plural
from driftmill.report.networks import NetworkSummary, sentence, words
from driftmill.report.sections.two_ways import two_ways

#: A posterior with more of its draws beyond the box than this is counted.
FEW = 0.01


def networks(data: ReportData) -> Section:
    """Say of every network what it is of and how accurate, and how many draws left its box."""
    found = data.study.networks
    if not found:
        return Section("networks", "Networks", ())
    intro = Markup(
        "A network in the place of a likelihood is accurate where it was trained, and as accurate "
        "as its gates say. Its log density has an error that posteriors, intervals and elpd "
        "inherit. Beyond its box a mixture network or one of a file has no meaning, and a floor "
        "leads the sampler back; a correction hands over to the exact density there."
    )
    blocks: list[Block] = [Prose(intro), *(_network(network) for network in found)]
    return Section("networks", "Networks", (*blocks, *_edges(data), *two_ways(data)))


def _network(network: NetworkSummary) -> Group:
    tone: Block = Prose(sentence(network))
    if not network.passed:
        tone = Note(sentence(network), "warning")
    items = [
        ("model", network.model),
        ("kind", network.kind),
        ("from", network.source),
        ("trained for", "; ".join(f"{n} in [{a:g}, {b:g}]" for n, (a, b) in network.box.items())),
        ("hidden layers", " - ".join(map(str, network.layers)) or "as in its file"),
        ("digest", network.digest),
    ]
    settings = network.training.get("settings", {})
    items += [
        (name.replace("_", " "), _plain(value))
        for name, value in {**network.training, **settings}.items()
        if isinstance(value, int | float | str)
    ]
    told = Definitions(f"Network {network.name}", tuple(items))
    anchor = f"network.{network.name}"
    return Group(anchor, network.name, (tone, _accuracy(network), told))


def _accuracy(network: NetworkSummary) -> Block:
    gates = {str(gate["figure"]): gate for gate in network.gates}
    rows = [
        {
            "figure": words(name),
            "value": value,
            "asked": _asked(gates[name]) if name in gates else "",
            "passed": ("yes" if gates[name]["passed"] else "no") if name in gates else "",
        }
        for name, value in network.accuracy.items()
    ]
    if not rows:
        return Note(Markup("Its accuracy was not measured."), "warning")
    columns = (
        Column("figure", "figure", "text"),
        Column("value", "value", "number"),
        Column("asked", "gate", "text"),
        Column("passed", "passed", "word"),
    )
    caption = Markup(
        "Accuracy of <code>{}</code> on parameters that it was not trained with, and what its "
        "gates ask."
    ).format(network.name)
    title = f"Accuracy of network {network.name}"
    return table_block(pd.DataFrame(rows), columns, title=title, caption=caption, table=None)


def _asked(gate: object) -> str:
    assert isinstance(gate, dict)
    return f"{gate['lower']:g} to {gate['upper']:g}"


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _edges(data: ReportData) -> list[Block]:
    table = data.table("edges")
    if table.empty:
        return []
    rows = [
        {
            "cell": cell,
            "fit": fit,
            "network": network,
            "posteriors": len(part),
            "left": int((part["beyond"] > 0).sum()),
            "many": int((part["beyond"] > FEW).sum()),
            "share": part["beyond"].mean(),
            "largest": part["beyond"].max(),
        }
        for (cell, fit, network), part in table.groupby(["cell", "fit", "network"], sort=False)
    ]
    many = sum(int(row["many"]) for row in rows)
    columns = (
        Column("cell", "cell", "text"),
        Column("fit", "fit", "text"),
        Column("network", "network", "text"),
        Column("posteriors", "posteriors", "count"),
        Column("left", "with draws beyond", "count", "posteriors with any draw beyond the box"),
        Column("many", "with more than 1 %", "count", "of their draws beyond the box"),
        Column("share", "draws beyond", "percent", "on average"),
        Column("largest", "at most", "percent", "of the draws of one posterior"),
    )
    caption = Markup(
        "Draws at which the parameters of some trial lie beyond a network's box. Good is none; a "
        "few at an end of a prior do little harm; many mean that the posterior is shaped by the "
        "box, unless an exact density takes over there."
    )
    counted = plural(many, "posterior") if many else "No posterior"
    text = Markup("More than 1 % of the draws beyond a network's box: {}.").format(counted.lower())
    said: Block = Note(text, "warning") if many else Prose(text)
    table_of = table_block(
        pd.DataFrame(rows), columns, title="Draws beyond the box", caption=caption, table="edges"
    )
    return [Group("networks-edges", "Beyond the box", (said, table_of))]
