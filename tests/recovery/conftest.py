"""Posteriors of a conjugate normal model, where everything is known in closed form."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from driftmill.recovery.batch import Labels
from driftmill.recovery.estimates import estimates


def make_tree(
    draws: Mapping[str, np.ndarray], codes=None, datasets=None, r_hat=None
) -> xr.DataTree:
    """A batch's tree from draws of shape (chain, draw, dataset)."""
    names = list(draws)
    n = draws[names[0]].shape[2]
    numbers = np.arange(n) if datasets is None else np.asarray(datasets)
    coords = {"dataset": numbers}
    parameter_coords = coords | {"parameter": names}
    shape = (n, len(names))
    diagnostics = {
        "r_hat": np.full(shape, 1.001) if r_hat is None else r_hat,
        "ess_bulk": np.full(shape, 900.0),
        "ess_tail": np.full(shape, 800.0),
        "mcse_ratio": np.full(shape, 0.02),
    }
    result = {
        "code": np.array(["ok"] * n if codes is None else codes, dtype=object),
        "rung": np.zeros(n, dtype=int),
        "divergences": np.zeros(n),
        "saturated": np.zeros(n),
        "e_bfmi": np.full(n, 0.9),
        "message": np.array([""] * n, dtype=object),
    }
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(
                {k: (("chain", "draw", "dataset"), v) for k, v in draws.items()}, coords
            ),
            "diagnostics": xr.Dataset(
                {k: (("dataset", "parameter"), v) for k, v in diagnostics.items()},
                parameter_coords,
            ),
            "result": xr.Dataset({k: ("dataset", v) for k, v in result.items()}, coords),
        }
    )


def make_truth(values: Mapping[str, np.ndarray], datasets=None) -> pd.DataFrame:
    """A truth table from one array over datasets a parameter."""
    tables = [
        pd.DataFrame(
            {
                "dataset": np.arange(len(v)) if datasets is None else datasets,
                "participant_id": pd.Series([None] * len(v), dtype="str"),
                "parameter": name,
                "value": v,
            }
        )
        for name, v in values.items()
    ]
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True)
class Conjugate:
    """Many datasets of ``y ~ Normal(v, 1)``, ``v ~ Normal(0, 2)``, with exact posteriors."""

    tree: xr.DataTree
    truth: pd.DataFrame
    values: np.ndarray
    mean: np.ndarray
    sd: float
    prior_sd: float


@pytest.fixture(name="make_tree")
def make_tree_fixture():
    return make_tree


@pytest.fixture(name="make_truth")
def make_truth_fixture():
    return make_truth


@pytest.fixture(scope="session")
def conjugate() -> Conjugate:
    """Two thousand datasets of ten observations, 4 chains of 250 independent draws."""
    rng = np.random.default_rng(77)
    n, observations, prior_sd = 2000, 10, 2.0
    truth = rng.normal(0, prior_sd, n)
    average = truth + rng.normal(0, observations**-0.5, n)
    precision = observations + prior_sd**-2
    mean, sd = observations * average / precision, precision**-0.5
    draws = rng.normal(mean, sd, (4, 250, n))
    return Conjugate(make_tree({"v": draws}), make_truth({"v": truth}), truth, mean, sd, prior_sd)


def make_estimates(truth, mean, sd=0.1, prior_sd=1.0, code="ok", **columns) -> pd.DataFrame:
    """Estimates rows with normal posteriors, one a dataset."""
    truth, mean, sd = np.broadcast_arrays(
        np.asarray(truth, float), np.asarray(mean, float), np.asarray(sd, float)
    )
    ends = {50: 0.6744898, 80: 1.2815516, 90: 1.6448536, 94: 1.8807936, 95: 1.9599640}
    table = pd.DataFrame(
        {
            "cell": "c1",
            "fit": "f1",
            "generator": "ddm",
            "model": "ddm",
            "matched": True,
            "dataset": np.arange(len(truth)),
            "parameter": "v",
            "truth": truth,
            "mean": mean,
            "sd": sd,
            **{f"lower_{level}": mean - z * sd for level, z in ends.items()},
            **{f"upper_{level}": mean + z * sd for level, z in ends.items()},
            "truth_quantile": np.where(np.isnan(mean), np.nan, 0.5),
            "z_score": (mean - truth) / sd,
            "prior_sd": prior_sd,
            "contraction": 1 - (sd / prior_sd) ** 2,
            "code": code,
        }
    )
    return table.assign(**columns)


@pytest.fixture(name="make_estimates")
def make_estimates_fixture():
    return make_estimates


@pytest.fixture(scope="session")
def conjugate_estimates(conjugate) -> pd.DataFrame:
    """Estimates of the conjugate model by the library's own path."""
    labels = Labels("c1", "f1", "normal", "normal")
    return estimates(conjugate.tree, conjugate.truth, labels, {"v": conjugate.prior_sd})
