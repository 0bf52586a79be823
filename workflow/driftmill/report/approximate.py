"""What the page says of a study whose posteriors are approximations, and where it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from driftmill.report.blocks import Block, FigureBlock, Group, Note, Section, TableBlock
from driftmill.report.data import StudySummary
from driftmill.report.style import VERMILLION
from driftmill.sampling.settings import APPROXIMATE, Sampler

#: Sections that show no number of a posterior, or speak of the approximation themselves.
UNMARKED = ("study", "fits", "gates", "methods")
#: Width of the strip beside a figure that holds its label, in inches.
STRIP = 0.16
WHAT: dict[Sampler, Markup] = {
    "laplace": Markup(
        "each is a Gaussian around the posterior's mode, with the curvature found there, on the "
        "unconstrained scale"
    ),
    "advi": Markup(
        "each is the Gaussian with independent coordinates that is nearest to the posterior by "
        "the ELBO, on the unconstrained scale, in the directions of the curvature at the mode"
    ),
    "map": Markup(
        "each is the mode of the posterior on the unconstrained scale, without any width: "
        "intervals are points and hold no truth, and contraction and z-scores do not exist"
    ),
}


def statement(study: StudySummary) -> Markup:
    """Say what the posteriors are and what that means for the numbers."""
    text = Markup(
        "The posteriors are approximations by <code>{}</code>, not samples: {}. Their result is "
        "<code>{}</code>, neither passed nor failed: no gate can vouch for them. They are quick "
        "looks; before anything rests on them, sample with <code>nuts</code>."
    )
    return text.format(study.sampling.sampler, WHAT[study.sampling.sampler], APPROXIMATE)


def on_elpd(study: StudySummary) -> Markup:
    """Say what becomes of leave-one-out on such posteriors."""
    if study.sampling.sampler == "map":
        return Markup(
            "A mode knows nothing of its uncertainty: elpd is here the log likelihood at the mode, "
            "without a price for the number of parameters, so the larger model has the advantage."
        )
    return Markup(
        "Leave-one-out takes the draws as if they came from the posterior itself: elpd has the "
        "approximation's error, which the Pareto k of single trials do not show."
    )


def marked(section: Section, study: StudySummary) -> Section:
    """Return a section with a note and with a label on every figure and table."""
    if not study.sampling.approximate or section.anchor in UNMARKED:
        return section
    note = Markup(
        "Approximate: the posteriors are approximations by <code>{}</code>; see the <a href="
        '"#gates">gates</a>.'
    ).format(study.sampling.sampler)
    blocks = tuple(_labelled(block, study) for block in section.blocks)
    return replace(section, blocks=(Note(note, "warning"), *blocks))


def _labelled(block: Block, study: StudySummary) -> Block:
    if isinstance(block, Group):
        return replace(block, blocks=tuple(_labelled(inner, study) for inner in block.blocks))
    if isinstance(block, TableBlock):
        return replace(block, title=f"{block.title} ({APPROXIMATE})")
    if isinstance(block, FigureBlock):
        words = f"{APPROXIMATE} ({study.sampling.sampler})"
        drawing = partial(_drawn, block.draw, words)
        return replace(block, title=f"{block.title} ({APPROXIMATE})", draw=drawing)
    return block


def _drawn(draw: Callable[[], Figure], words: str) -> Figure:
    """Draw a figure and write words along its right edge, so that it keeps them elsewhere."""
    fig = draw()
    width = fig.get_figwidth()
    engine = fig.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0.0, 0.0, 1.0 - STRIP / width, 1.0))
    right = 1.0 - 0.02 / width
    fig.text(right, 0.5, words, rotation=90, ha="right", va="center", size=7, color=VERMILLION)
    return fig
