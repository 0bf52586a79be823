"""How well the fits predict later trials from those before them alone."""

from __future__ import annotations

from markupsafe import Markup

from driftmill.comparison.limits import Horizon
from driftmill.report.blocks import Block, Column, Group, Note, Prose, table_block
from driftmill.report.data import ReportData
from driftmill.report.formatting import count
from driftmill.report.sections.other_units import in_numbers, two_by_two

_TRUST = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("datasets", "datasets", "count"),
    Column("blocks", "blocks", "count"),
    Column("trials", "trials", "count", "that were predicted"),
    Column("refits", "refits", "count"),
    Column("failed", "failed", "count", "refits that did not pass their gates"),
    Column("reached", "limit reached", "count", "datasets on which no refits were left"),
    Column("bad", "bad k", "count", "blocks predicted by weights of a k above the limit"),
    Column("k_max", "largest k", "number"),
    Column("k_limit", "limit", "number", "min(1 − 1/log10(draws), 0.7)"),
)


def later_trials(data: ReportData, columns: tuple[Column, ...]) -> list[Block]:
    """Show the comparison by later trials.

    Parameters
    ----------
    data
        Of the study.
    columns
        Columns of the table of all fits on all datasets.
    """
    horizon = data.study.future
    if horizon is None or not data.has("future_elpd"):
        return []
    blocks: list[Block] = [Prose(_unit(horizon))]
    if data.has("future_pairs"):
        caption = Markup(
            "Every two fits by later trials, summed over the datasets of a cell. Standard errors "
            "take blocks as independent."
        )
        blocks.append(two_by_two(data, "future_pairs", "Two by two, later trials", caption))
    if data.has("future_comparison"):
        caption = Markup("All fits on all datasets by later trials, the best first.")
        title, bad = "Later trials in numbers", "blocks with a Pareto k above the limit"
        blocks.append(in_numbers(data, "future_comparison", columns, title, caption, bad))
    blocks += _trust(data, horizon)
    return [Group("later-trials", "Later trials", tuple(blocks))]


def _unit(horizon: Horizon) -> Markup:
    """Say what is predicted, from what."""
    ahead = horizon.ahead
    what = (
        "the next trial</strong> of a known participant"
        if ahead == 1
        else f"the next {ahead} trials</strong> of a known participant, all together"
    )
    text = Markup(
        "The unit of prediction is <strong>{what}: from what all participants did on the trials "
        "before, and nothing of what came after (leave-future-out, Bürkner et al. 2020). "
        "Prediction begins after the first {first} trials of each; the trials that were predicted "
        "are known to the next prediction. "
    ).format(what=Markup(what), first=horizon.first)
    if ahead > 1:
        text += Markup(
            "Within a block a learner goes on learning from the responses and outcomes that there "
            "were; only the posterior waits for the block's end. "
        )
    return text + Markup(
        "Unlike leaving out a trial in the midst of others, this asks of a learner what it claims: "
        "to know the future from the past."
    )


def _trust(data: ReportData, horizon: Horizon) -> list[Block]:
    every = data.table("future_elpd")
    groups = every.groupby(["cell", "fit"], sort=False)
    summary = groups.agg(
        datasets=("dataset", "nunique"),
        blocks=("n_blocks", "sum"),
        trials=("n_trials", "sum"),
        refits=("n_refits", "sum"),
        failed=("n_failed", "sum"),
        reached=("limit_reached", "sum"),
        bad=("n_bad_k", "sum"),
        k_max=("pareto_k_max", "max"),
        k_limit=("k_limit", "min"),
    ).reset_index()
    refits, failed, reached, bad = (
        int(summary[name].sum()) for name in ("refits", "failed", "reached", "bad")
    )
    text = Markup(
        "{} blocks were predicted with {} refits; in between, trials were added by Pareto-smoothed "
        "importance weights, which a refit replaced where their k was above the limit"
    ).format(count(int(summary["blocks"].sum())), count(refits))
    if reached:
        text += Markup(
            ". On {} of {} datasets under a fit the limit of {} refits was reached: {} blocks were "
            "predicted by weights that cannot be trusted. More refits "
            "(<code>compare.future.refits</code>), or longer blocks "
            "(<code>ahead</code>), mend it"
        ).format(count(reached), count(len(every)), horizon.refits, count(bad))
    if failed:
        text += Markup(". {} refits did not pass their gates").format(count(failed))
    text += Markup(".")
    caption = Markup("Whether the elpd of later trials can be trusted.")
    title = "Trust in later trials"
    return [
        Note(text, "warning") if reached or failed else Prose(text),
        table_block(summary, _TRUST, title=title, caption=caption, table="future_elpd"),
    ]
