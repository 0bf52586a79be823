"""The picture of a fit's model: by Graphviz where it is there, else laid out here."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import numpy as np
import pymc as pm
from pymc.model_graph import DimInfo, ModelGraph, NodeInfo, NodeType, Plate, make_graph

from driftmill.models.declaration import Columns
from driftmill.regression.build import build_model
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.graph_svg import draw, themed
from driftmill.regression.lifter import prepare
from driftmill.regression.model_graph import Graph, Kind, graph_of, shown_name
from driftmill.regression.omissions import marked

_KINDS: dict[Kind, NodeType] = {
    "free": NodeType.FREE_RV,
    "observed": NodeType.OBSERVED_RV,
    "computed": NodeType.DETERMINISTIC,
}


def fit_svg(spec: FitSpec, columns: Columns) -> str:
    """Draw the graph of a fit on one dataset as an SVG element.

    PyMC's export is laid out by Graphviz's ``dot`` where that program is found; elsewhere the
    same graph is laid out here.

    Parameters
    ----------
    spec
        The fit.
    columns
        The dataset's columns, each of shape (n,).
    """
    trials = len(columns[spec.model.response_columns[0]])
    # Bambi squeezes a single row away; the graph of two is the same.
    rows = {k: np.repeat(x, 2) for k, x in columns.items()} if trials == 1 else columns
    taken, padded, panel = prepare(spec, rows, Shape(len(next(iter(rows.values())))))
    spec, taken = marked(spec, taken)
    model = build_model(spec, taken, padded, panel)
    graph = graph_of(model, spec.model.name, trials)
    program = shutil.which("dot")
    if program is not None:
        source = graphviz_source(model, graph)
        done = subprocess.run([program, "-Tsvg"], input=source, capture_output=True, text=True)
        if done.returncode == 0:
            return themed(done.stdout)
    return draw(graph)


def graphviz_source(model: pm.Model, graph: Graph) -> str:
    """Return PyMC's Graphviz export of a graph."""
    variables = {shown_name(model, name): model[name] for name in ModelGraph(model).vars_to_plot()}
    said = {node.name: node for node in graph.nodes}
    called = {id(variable): name for name, variable in variables.items()}

    def styled(shape: str, style: str | None) -> Any:
        def attributes(variable: Any) -> dict[str, str | None]:
            node = said[called[id(variable)]]
            told = f"{node.name}\n~ {node.distribution}" if node.distribution else node.name
            return {"shape": shape, "style": style, "label": told}

        return attributes

    plates: dict[tuple[tuple[str, int], ...], list[NodeInfo]] = {}
    for node in graph.nodes:
        plates.setdefault(node.plate, []).append(NodeInfo(variables[node.name], _KINDS[node.kind]))
    exported = make_graph(
        "",
        [
            Plate(DimInfo(tuple(n for n, _ in plate), tuple(k for _, k in plate)), members)
            for plate, members in plates.items()
        ],
        # PyMC's own edges, since its export gives nodes its own names for them.
        sorted(ModelGraph(model).edges()),
        node_formatters={
            NodeType.FREE_RV: styled("ellipse", None),
            NodeType.OBSERVED_RV: styled("ellipse", "filled"),
            NodeType.DETERMINISTIC: styled("box", None),
        },
        graph_attr={"rankdir": "LR", "bgcolor": "transparent"},
    )
    return str(exported.source)
