"""What was done about trials whose Pareto k is above its limit, in words."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from driftmill.report.formatting import count, percent


def mending(elpd: pd.DataFrame) -> Markup:
    """Say how many trials had a bad Pareto k and what became of them.

    Parameters
    ----------
    elpd
        Rows of posteriors that have an elpd: n_bad_k, n_matched, n_refitted, k_limit, n_trials.
    """
    counts = elpd[["n_matched", "n_refitted", "n_bad_k"]].astype("int64")
    matched, refitted, left = (int(x) for x in counts.sum())
    had = matched + refitted + left
    if not had:
        return Markup("No trial has a Pareto k above the limit: every elpd can be trusted.")
    share = had / max(int(elpd["n_trials"].sum()), 1)
    said = Markup(
        "k was above {:.2g} on {} of all trials ({}), of {} posteriors: {} mended by moment "
        "matching, {} by refits, {} left."
    ).format(
        float(elpd["k_limit"].min()),
        count(had),
        percent(share) if share >= 0.005 else "under 1 %",
        count(int((counts.sum(axis=1) > 0).sum())),
        count(matched),
        count(refitted),
        count(left),
    )
    if not left:
        return said + Markup(" Every elpd can be trusted.")
    return said + Markup(
        " The elpd of those that are left is not reliable: treat differences of datasets with bad "
        "k with care. Nothing is done about trials of posteriors that failed their gates, and of "
        "posteriors that have more of them than <code>compare.moment_match</code> and "
        "<code>compare.refits</code> allow."
    )
