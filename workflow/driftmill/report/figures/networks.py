"""A network's training, and its density beside simulated trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from driftmill.models.declaration import FloatArray
from driftmill.networks.pictures import Picture
from driftmill.report.style import (
    BLUE,
    CYCLE,
    INK,
    MUTED,
    add_legend,
    figure_style,
    figure_svg,
    panels,
)

_BINS = 60


def loss_figure(steps: FloatArray, training: FloatArray, held_out: FloatArray) -> Figure:
    """Draw the losses of a training by its updates, each from its lowest value.

    Parameters
    ----------
    steps, training, held_out
        Updates until each look, and the losses then, shape (looks,).
    """
    fig, (ax,) = panels(1, width=3.35, height=2.4)
    lowest = min(np.min(training), np.min(held_out))
    scale = max(1e-6, 1e-3 * (max(np.max(training), np.max(held_out)) - lowest))
    for loss, color, width in ((training, MUTED, 0.8), (held_out, BLUE, 1.4)):
        ax.semilogy(steps, loss - lowest + scale, color=color, lw=width)
    ax.set_xlabel("updates")
    ax.set_ylabel("loss above the lowest")
    handles = [Line2D([], [], color=MUTED, lw=0.8, label="training")]
    handles.append(Line2D([], [], color=BLUE, label="held out"))
    add_legend(fig, handles)
    return fig


def density_figure(pictures: Sequence[Picture]) -> Figure:
    """Draw the network's density of every choice on simulated trials, a panel a set."""
    fig, axes = panels(max(1, len(pictures)), columns=2, width=3.4, height=2.3)
    exact = False
    for ax, picture in zip(axes, pictures, strict=False):
        edges = np.linspace(picture.rt.min(), picture.times[-1], _BINS)
        for k, (choice, density) in enumerate(picture.network.items()):
            color = CYCLE[k % len(CYCLE)]
            counts, _ = np.histogram(picture.rt[picture.response == choice], edges)
            share = counts / picture.rt.size / np.diff(edges)
            ax.stairs(share, edges, fill=True, color=color, alpha=0.25, lw=0)
            ax.plot(picture.times, density, color=color)
            if picture.exact is not None:
                exact = True
                ax.plot(picture.times, picture.exact[choice], color=INK, lw=0.7, ls="--")
        ax.set_title(_words(picture.parameters), fontsize=7)
        ax.set_xlabel("rt (s)")
        ax.set_ylabel("density")
    choices = list(pictures[0].network) if pictures else []
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=CYCLE[k % len(CYCLE)], label=f"response {choice}")
        for k, choice in enumerate(choices)
    ]
    handles.append(Patch(color=MUTED, alpha=0.25, lw=0, label="simulated"))
    if exact:
        handles.append(Line2D([], [], color=INK, lw=0.7, ls="--", label="exact"))
    add_legend(fig, handles)
    return fig


def loss_svg(training: Mapping[str, Any]) -> str:
    """Return the course of a training as SVG.

    Parameters
    ----------
    training
        What the card says of it: ``steps``, ``training_loss`` and ``validation_loss``, a number
        a look each.
    """
    columns = (
        np.asarray(training[n], float) for n in ("steps", "training_loss", "validation_loss")
    )
    with figure_style():
        return figure_svg(loss_figure(*columns), "loss")


def density_svg(pictures: Sequence[Picture]) -> str:
    """Return densities beside simulated trials as SVG."""
    with figure_style():
        return figure_svg(density_figure(pictures), "density")


def _words(parameters: Mapping[str, float]) -> str:
    """Say a set of parameters in lines of four."""
    told = [f"{name} = {value:.3g}" for name, value in parameters.items()]
    return "\n".join(", ".join(told[k : k + 4]) for k in range(0, len(told), 4))
