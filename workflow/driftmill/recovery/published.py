"""Numbers of a posterior beside numbers that others have published of the same data."""

from __future__ import annotations

import difflib
import itertools
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.base import array_stats

from driftmill.formulas.defaults import own_value_term
from driftmill.recovery.asked import Asked
from driftmill.recovery.batch import FloatArray
from driftmill.recovery.participants import own_values
from driftmill.recovery.quantities import quantities, sampled
from driftmill.recovery.roles import roles_of
from driftmill.regression.fit_spec import FitSpec

PUBLISHED_TYPES = {
    "label": "str",
    "cell": "str",
    "fit": "str",
    "dataset": "int64",
    "quantity": "str",
    "statistic": "str",
    "ours": "float64",
    "sd": "float64",
    "mcse": "float64",
    "published": "float64",
    "published_sd": "float64",
    "difference": "float64",
    "code": "str",
    "source": "str",
    "note": "str",
    "message": "str",
}
#: A number a posterior has, by its name and then by whose it is (None: nobody's own).
Named = dict[str, dict[str | None, FloatArray]]


class NoQuantityError(LookupError):
    """A posterior lacks a number that is asked for; the message says what it has."""


def named_draws(tree: xr.DataTree, spec: FitSpec) -> Named:
    """Return all numbers of one dataset's posterior and what follows from them.

    Parameters
    ----------
    tree
        A posterior whose dim ``dataset`` has one entry.
    spec
        The fit.

    Returns
    -------
    dict
        By name and participant, shape (chain, draw).
    """
    chains, drawn = tree["posterior"].sizes["chain"], bool(sampled(tree)[0])
    found: Named = {}
    for quantity in itertools.chain(quantities(tree, roles_of(spec)), own_values(tree, spec)):
        draws = quantity.draws[0].reshape(chains, -1)
        # What other datasets of the batch have is null here.
        if not (drawn and np.isnan(draws).all()):
            found.setdefault(quantity.parameter, {})[quantity.participant] = draws
    return found


def asked_draws(asked: Asked, named: Named, spec: FitSpec) -> FloatArray:
    """Return the draws of what is asked for, shape (chain, draw).

    Raises
    ------
    NoQuantityError
        When the posterior has no number of that name, or the participant none.
    """
    draws = _draws(asked.of, asked, named, spec)
    if asked.minus is not None:
        draws = draws - _draws(asked.minus, asked, named, spec)
    return asked.scale * draws


def _draws(name: str, asked: Asked, named: Named, spec: FitSpec) -> FloatArray:
    if name not in named:
        near = difflib.get_close_matches(name, named, n=5, cutoff=0.3)
        raise NoQuantityError(f"the posterior has no {name!r}; near it are {', '.join(near)}")
    people = named[name]
    if None in people:
        draws = people[None]
    elif asked.participant is None:
        draws = np.mean(list(people.values()), axis=0)
    elif asked.participant in people:
        draws = people[asked.participant]
    else:
        known = ", ".join(map(str, people))
        raise NoQuantityError(f"there is no participant {asked.participant!r}, but {known}")
    return spec.formulas[value_of(name, spec)].link.inverse(draws) if asked.natural else draws


def value_of(name: str, spec: FitSpec) -> str:
    """Return the parameter of which a coefficient is a value, not a difference.

    Raises
    ------
    NoQuantityError
        When it is neither an intercept nor, in a formula without one, a level's own value.
    """
    for parameter, regression in spec.formulas.items():
        term = own_value_term(regression.terms)
        variable = None if term is None else regression.variable(term)
        if variable is not None and (name == variable or name.startswith(f"{variable}[")):
            return parameter
    raise NoQuantityError(f"{name!r} is no intercept, so it has no value on the natural scale")


def beside_posterior(asked: Asked, tree: xr.DataTree, spec: FitSpec) -> dict[str, object]:
    """Return what one dataset's posterior says of what is asked for.

    Parameters
    ----------
    asked
        What is asked for; any statistic but ``elpd_diff``.
    tree
        Groups ``posterior``, ``diagnostics`` and ``result``, whose dim ``dataset`` has one entry.
    spec
        The fit.

    Returns
    -------
    dict
        Columns of `PUBLISHED_TYPES` but cell and fit. Where there is no such number, a
        ``message`` says why. The Monte-Carlo error of a share is null when all draws agree.
    """
    dataset, code = _dataset(tree)
    try:
        draws = asked_draws(asked, named_draws(tree, spec), spec)
    except NoQuantityError as error:
        return _row(asked, dataset, code, message=str(error))
    if not np.isfinite(draws).all():
        return _row(asked, dataset, code, message="the posterior has no draws: sampling failed")
    sd = float(draws.std(ddof=1))
    if asked.statistic == "mean":
        return _row(asked, dataset, code, float(draws.mean()), sd, _mcse(draws, "mean"))
    if asked.statistic == "sd":
        return _row(asked, dataset, code, sd, mcse=_mcse(draws, "sd"))
    share = np.asarray(draws > 0 if asked.statistic == "p_positive" else draws < 0, dtype=float)
    return _row(asked, dataset, code, float(share.mean()), mcse=_mcse(share, "mean"))


def beside_elpd(
    asked: Asked, pairs: pd.DataFrame, tree: xr.DataTree, fit: str
) -> dict[str, object]:
    """Return by how much elpd a fit is ahead of another one.

    Parameters
    ----------
    asked
        What is asked for; its statistic is ``elpd_diff``.
    pairs
        The comparisons of one cell: dataset, fit_1, fit_2, elpd_diff, dse.
    tree
        The fit's posterior, as for :func:`beside_posterior`.
    fit
        The fit that is ahead where the difference is positive.

    Returns
    -------
    dict
        As :func:`beside_posterior`; ``sd`` is the standard error of the difference.
    """
    dataset, code = _dataset(tree)
    here = pairs[pairs["dataset"] == dataset]
    for first, second, sign in ((fit, asked.of, 1.0), (asked.of, fit, -1.0)):
        row = here[(here["fit_1"] == first) & (here["fit_2"] == second)]
        if len(row) == 1 and np.isfinite(row["elpd_diff"].iloc[0]):
            ours = asked.scale * sign * float(row["elpd_diff"].iloc[0])
            return _row(asked, dataset, code, ours, abs(asked.scale) * float(row["dse"].iloc[0]))
    return _row(asked, dataset, code, message=f"there is no elpd of {fit} and {asked.of}")


def _dataset(tree: xr.DataTree) -> tuple[int, str]:
    """Return the number of the one dataset, and what became of its posterior."""
    result = tree["result"].to_dataset()
    return int(result["dataset"].item()), str(result["code"].item())


def _row(
    asked: Asked,
    dataset: int,
    code: str,
    ours: float = np.nan,
    sd: float = np.nan,
    mcse: float = np.nan,
    message: str = "",
) -> dict[str, object]:
    return {
        "label": asked.label,
        "dataset": dataset,
        "quantity": asked.quantity,
        "statistic": asked.statistic,
        "ours": ours,
        "sd": sd,
        "mcse": mcse,
        "published": asked.published,
        "published_sd": np.nan if asked.published_sd is None else asked.published_sd,
        "difference": ours - asked.published,
        "code": code,
        "source": asked.source,
        "note": asked.note,
        "message": message,
    }


def _mcse(draws: FloatArray, method: Literal["mean", "sd"]) -> float:
    """Return the Monte-Carlo error of a mean or sd over draws of shape (chain, draw)."""
    if np.ptp(draws) == 0:
        return np.nan
    error = array_stats.mcse(draws[None], method=method, chain_axis=1, draw_axis=2)
    return float(np.asarray(error).item())
