"""Trials without a response: they say that none came before their deadline.

In the trials an omission lacks rt and response and has a ``deadline``. Fits score it by the log
probability of no response up to then. In a go/no-go task one response is never seen: there it is
the log probability that none came, or the silent one.

In the columns of a program an omission holds its deadline for an rt and any response, and two
columns say which it is. Omissions that are alike in all that a fit looks at share one evaluation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.likelihoods.compiled import computed_once
from driftmill.likelihoods.lapse import RT_LAPSE_UPPER
from driftmill.likelihoods.time_quadrature import log_sum
from driftmill.models.declaration import DEADLINE, Columns, Model
from driftmill.regression.fit_spec import FitSpec

#: Column of the kind of omission, counted from 1; 0 where there is a response.
OMITTED = "trial_omitted"
#: Column whose first entries are the row of one omission of each kind.
EXAMPLE = "trial_example"
OMISSION_COLUMNS = (OMITTED, EXAMPLE)


def are_omitted(columns: Columns) -> NDArray[np.bool_]:
    """Tell which rows lack rt and response and have a deadline."""
    if DEADLINE not in columns or "rt" not in columns:
        return np.zeros(len(columns["response"]), dtype=np.bool_)
    rt, response, deadline = (numbers(columns[name]) for name in ("rt", "response", DEADLINE))
    return np.asarray(np.isnan(rt) & np.isnan(response) & np.isfinite(deadline))


def numbers(values: Any) -> NDArray[np.float64]:
    """Return values as numbers, NaN where they are missing."""
    return pd.Series(values).to_numpy(dtype=np.float64, na_value=np.nan)


def marked(spec: FitSpec, columns: Columns) -> tuple[FitSpec, Columns]:
    """Fill the gaps of omissions and say which they are.

    Parameters
    ----------
    spec
        The fit.
    columns
        Its columns, each of shape (n,); without a gap in rt and response but for omissions.

    Returns
    -------
    spec
        With room for so many kinds of omission, rounded up so that datasets share programs.
    columns
        With ``OMISSION_COLUMNS``, where the fit scores omissions.
    """
    if not spec.deadlines:
        return spec, columns
    omitted = are_omitted(columns)
    n = omitted.size
    kinds, examples = _kinds(spec, columns, omitted)
    room = min(n, 1 << max(0, len(examples) - 1).bit_length())
    response = spec.silent if spec.silent is not None else spec.model.choices[0]
    filled = {
        "rt": np.where(omitted, numbers(columns[DEADLINE]), numbers(columns["rt"])),
        "response": np.where(omitted, float(response), numbers(columns["response"])),
        OMITTED: kinds,
        EXAMPLE: np.concatenate([examples, np.zeros(n - len(examples))]),
    }
    return replace(spec, omission_kinds=room), {**columns, **filled}


def _kinds(
    spec: FitSpec, columns: Columns, omitted: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tell omissions apart that differ in what the fit looks at, and give a row of each."""
    rows = np.flatnonzero(omitted)
    names = [name for name in spec.columns if name not in spec.model.response_columns]
    if spec.model.learning is not None:
        which: NDArray[Any] = np.arange(rows.size)
    else:
        seen = pd.DataFrame({name: np.asarray(columns[name])[rows] for name in names})
        which = seen.groupby(names, sort=False, dropna=False).ngroup().to_numpy(dtype=np.int64)
    kinds = np.zeros(omitted.size)
    kinds[rows] = which + 1.0
    _, first = np.unique(which, return_index=True)
    return kinds, rows[first].astype(np.float64)


def responded(columns: Columns) -> NDArray[np.bool_]:
    """Tell which rows of marked columns have a response; all when none has."""
    if OMITTED not in columns:
        return np.ones(len(columns["response"]), dtype=np.bool_)
    mask = np.asarray(columns[OMITTED]) == 0
    return np.asarray(mask if mask.any() else ~mask)


def slow_rows(spec: FitSpec, columns: Columns) -> NDArray[np.bool_]:
    """Tell which rows of marked columns need bounds that have not met by their rt or deadline.

    Silence may be the silent response, given before.
    """
    everything = np.ones(len(columns["response"]), dtype=np.bool_)
    return everything if spec.silent is None else responded(columns)


def start_columns(spec: FitSpec, columns: Columns) -> Columns:
    """Return response columns from which rough values can be had, omissions among them.

    Omissions count as responses at the deadline, of every choice in turn; silent ones as times
    like those of the others.
    """
    if OMITTED not in columns:
        return columns
    omitted = ~responded(columns)
    rt, response = (np.array(columns[name], dtype=np.float64) for name in ("rt", "response"))
    if spec.silent is None:
        choices = np.asarray(spec.model.choices, dtype=np.float64)
        response[omitted] = np.resize(choices, int(omitted.sum()))
    else:
        rt[omitted] = np.resize(rt[~omitted], int(omitted.sum()))
    return {**columns, "rt": rt, "response": response}


def log_probabilities(
    spec: FitSpec,
    columns: Mapping[str, Any],
    deadlines: jax.Array,
    arguments: Sequence[Any],
) -> jax.Array:
    """Log probability of every omission; of other rows a number without a meaning.

    Parameters
    ----------
    spec
        The fit, with room for its omissions.
    columns
        ``OMISSION_COLUMNS``, shape (n,).
    deadlines
        Seconds, shape (n,).
    arguments
        Values of the decision model's parameters, each a scalar or of shape (n,).
    """
    room = spec.omission_kinds
    rows = columns[EXAMPLE][:room].astype(int)
    values = [x[rows] if jnp.ndim(x) > 0 else x for x in arguments]
    # Else the compiler evaluates the probability anew for every row that it is given to.
    at, *values = computed_once(deadlines[rows], *values)
    log_p = jnp.broadcast_to(log_silence(spec.model, spec.silent, at, values), (room,))
    (log_p,) = computed_once(log_p)
    if room == 1:
        return jnp.broadcast_to(log_p, deadlines.shape)
    return log_p[jnp.maximum(columns[OMITTED].astype(int) - 1, 0)]


def log_silence(
    model: Model, silent: int | None, deadline: Any, arguments: Sequence[Any]
) -> jax.Array:
    """Log probability that nothing is seen up to a deadline.

    Parameters
    ----------
    model
        A model with a survivor function, or a learner in front of one.
    silent
        The response that is inferred from silence; None: every response is seen.
    deadline
        Seconds.
    arguments
        Values of the decision model's parameters, in order.
    """
    assert model.log_survivor is not None
    log_p = jnp.asarray(model.log_survivor(deadline, *arguments))
    if silent is None:
        return log_p
    assert model.log_cumulative is not None
    unseen = jnp.asarray(model.log_cumulative(deadline, float(silent), *arguments))
    both = jnp.stack(jnp.broadcast_arrays(log_p, unseen), axis=-1)
    return jnp.minimum(log_sum(both), 0.0)


def log_lapse_silence(deadline: Any, n_choices: int, silent: int | None) -> jax.Array:
    """Log probability that a lapse is not seen up to a deadline.

    Lapses are spread evenly over the choices and over 0 to 20 seconds, so with probability
    ``1 - deadline / 20`` one comes too late; a silent response is not seen either.
    """
    seen = jnp.clip(deadline / RT_LAPSE_UPPER, 0.0, 1.0)
    if silent is not None:
        seen = seen * (1.0 - 1.0 / n_choices)
    return jnp.log1p(-seen)
