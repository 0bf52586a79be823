"""Posteriors made small enough that a page can hold a thousand of them.

A sketch keeps, of every scalar of one posterior, some draws of each chain in order, a byte each
between their smallest and largest, and how the ranks of each chain's draws are distributed, a byte
at each of a few places. A page draws trace, ranks and pairs from them; numbers that are told come
from the tables, never from sketches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from driftmill.recovery.quantities import element, labelled, own_dims

#: Draws kept of a chain, evenly spaced.
KEPT = 40
#: Places between 0 and 1 at which the ranks are held against uniformity.
PLACES = 19
#: Columns of the table of sketches, beside the cell and the fit.
SKETCHES_COLUMNS = ("dataset", "parameter", "low", "high", "chains", "draws", "ranks")
#: Scalars kept of a posterior.
MOST = 8
#: A byte's steps in one unit of the ranks' ECDF, and the byte that says zero.
STEPS, ZERO = 400.0, 128


def sketches(tree: xr.DataTree, datasets: Sequence[int]) -> pd.DataFrame:
    """Sketch the posteriors of some datasets of a batch.

    Parameters
    ----------
    tree
        Group ``posterior``: dims chain, draw, dataset and the variables' own.
    datasets
        Numbers of the datasets; those without finite draws are left out.

    Returns
    -------
    DataFrame
        A row a dataset and scalar: ``dataset``, ``parameter``, ``low`` and ``high`` (of the kept
        draws), ``chains``, ``draws`` (bytes, chain after chain) and ``ranks`` (likewise).
    """
    posterior = tree["posterior"].to_dataset()
    here = [n for n in posterior["dataset"].to_numpy().tolist() if n in set(datasets)]
    posterior = posterior.sel(dataset=here)
    found = list(_scalars(posterior))
    # Sds of groups come after what they are the sds of, where not all can be kept.
    found.sort(key=lambda named: named[0].endswith("_sigma"))
    tables = [_rows(name, draws, here) for name, draws in found[:MOST]]
    table = pd.concat([pd.DataFrame(columns=list(SKETCHES_COLUMNS)), *tables])
    return table.sort_values("dataset", kind="stable", ignore_index=True)


def rank_excess(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much the ECDF of each chain's ranks exceeds that of uniform ranks.

    Parameters
    ----------
    draws
        Shape (..., chain, draw).

    Returns
    -------
    array
        Shape (..., chain, ``PLACES``), at 1 / (``PLACES`` + 1), 2 / (``PLACES`` + 1), ...
    """
    pooled = draws.reshape(*draws.shape[:-2], -1)
    order = np.argsort(pooled, axis=-1, kind="stable")
    ranks = np.empty_like(pooled)
    np.put_along_axis(ranks, order, np.arange(pooled.shape[-1]) + 0.5, axis=-1)
    share = (ranks / pooled.shape[-1]).reshape(draws.shape)
    places = np.arange(1, PLACES + 1) / (PLACES + 1)
    below = np.stack([(share <= place).mean(axis=-1) for place in places], axis=-1)
    return np.asarray(below - places)


def _scalars(posterior: xr.Dataset) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield the name and draws, shape (dataset, chain, draw), of what a dataset has once."""
    for name, variable in posterior.items():
        dims = own_dims(variable)
        if any(dim.endswith("__factor_dim") for dim in dims):
            continue
        shaped = variable.transpose(*dims, "dataset", "chain", "draw").to_numpy()
        for place, labels in labelled(variable):
            yield element(str(name), labels), shaped[place].astype(np.float64)


def _rows(name: str, draws: NDArray[np.float64], datasets: Sequence[int]) -> pd.DataFrame:
    """Sketch one scalar on all datasets that have it."""
    finite = np.isfinite(draws).all(axis=(1, 2))
    if not finite.any():
        return pd.DataFrame()
    draws = draws[finite]
    length = draws.shape[-1]
    every = max(1, length // KEPT)
    kept = draws[..., ::every][..., :KEPT]
    low, high = kept.min(axis=(1, 2)), kept.max(axis=(1, 2))
    width = np.where(high > low, high - low, 1.0)[:, None, None]
    levels = np.rint(255 * (kept - low[:, None, None]) / width).astype(np.uint8)
    excess = np.clip(np.rint(STEPS * rank_excess(draws)) + ZERO, 0, 255).astype(np.uint8)
    return pd.DataFrame(
        {
            "dataset": np.asarray(datasets, dtype=np.int64)[finite],
            "parameter": name,
            "low": low,
            "high": high,
            "chains": draws.shape[1],
            "draws": [one.tobytes() for one in levels],
            "ranks": [one.tobytes() for one in excess],
        }
    )
