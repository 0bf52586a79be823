"""Posteriors of a conjugate normal model, where everything is known in closed form."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.recovery.batch import Labels
from driftmill.recovery.estimates import estimates
from driftmill.recovery.quantities import quantities
from driftmill.recovery.roles import Role
from driftmill.regression.fit_spec import FitSpec


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


def plain(tree: xr.DataTree, prior_sd: Mapping[str, float]):
    """What a tree holds that has one number a dataset for each parameter."""
    return list(quantities(tree, {name: Role("dataset", sd) for name, sd in prior_sd.items()}))


@pytest.fixture(name="plain")
def plain_fixture():
    return plain


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
            "level": "dataset",
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
    found = plain(conjugate.tree, {"v": conjugate.prior_sd})
    return estimates(conjugate.tree, conjugate.truth, labels, found)


def deviations(sigma: Prior | float) -> Prior:
    return Prior("Normal", {"mu": 0.0, "sigma": sigma})


HIERARCHY = FitSpec(
    name="f1",
    model=get_model("ddm"),
    fixed={"z": 0.5},
    regressions={
        "v": Regression(
            "v",
            "1 + c + (1 + c | participant_id)",
            Link("identity"),
            {
                "Intercept": Prior("Normal", {"mu": 1.0, "sigma": 2.0}),
                "c": Prior("Normal", {"mu": 0.0, "sigma": 0.6}),
                "1|participant_id": deviations(Prior("HalfNormal", {"sigma": 1.5})),
                "c|participant_id": deviations(Prior("Exponential", {"lam": 1.25})),
            },
        ),
        "a": Regression(
            "a",
            "1 + (1 | participant_id)",
            Link("log", 0.0),
            {
                "Intercept": Prior("Normal", {"mu": 0.0, "sigma": 0.5}),
                "1|participant_id": deviations(0.3),
            },
        ),
    },
)


@dataclass(frozen=True)
class Hierarchy:
    """Three datasets of up to three participants; the second lacks s3, the third failed."""

    spec: FitSpec
    tree: xr.DataTree
    members: dict[int, tuple[str, ...]]


@pytest.fixture(scope="session")
def hierarchy() -> Hierarchy:
    rng = np.random.default_rng(21)
    people, levels = ["s1", "s2", "s3"], ["b", "z"]
    group, expr = "participant_id__factor_dim", "c__expr_dim"
    shapes = {
        "t": (),
        "v_1|participant_id_offset": (group,),
        "v_1|participant_id_sigma": (),
        "v_Intercept": (),
        "v_c": ("v_c_dim",),
        "v_c|participant_id_offset": (group, expr),
        "v_c|participant_id_sigma": (expr,),
        "a_Intercept": (),
        "v_1|participant_id": (group,),
        "v_c|participant_id": (group, expr),
        "a_1|participant_id": (group,),
    }
    sizes = {group: 3, expr: 2, "v_c_dim": 2}
    coords = {group: people, expr: levels, "v_c_dim": levels, "dataset": [4, 5, 6]}
    variables, names = {}, []
    for name, dims in shapes.items():
        draws = rng.normal(0.2, 0.1, (4, 60, 3, *(sizes[dim] for dim in dims)))
        draws[:, :, 2] = np.nan
        if group in dims:
            draws[:, :, 1, 2] = np.nan
        variables[name] = (("chain", "draw", "dataset", *dims), draws)
        ends = itertools.product(*(coords[dim] for dim in dims))
        names += [f"{name}[{', '.join(end)}]" if end else name for end in ends]
    values = rng.uniform(1.0, 1.01, (3, len(names)))
    values[2] = np.nan
    values[1, ["s3" in name for name in names]] = np.nan
    tree = make_tree({"t": np.zeros((1, 1, 3))}, codes=["ok", "ok", "timeout"], datasets=[4, 5, 6])
    diagnostics = {
        name: (("dataset", "parameter"), values * scale)
        for name, scale in (("r_hat", 1.0), ("ess_bulk", 900.0), ("ess_tail", 700.0))
    }
    diagnostics["mcse_ratio"] = (("dataset", "parameter"), values / 50)
    tree["posterior"] = xr.DataTree(xr.Dataset(variables, coords))
    tree["diagnostics"] = xr.DataTree(
        xr.Dataset(diagnostics, {"dataset": [4, 5, 6], "parameter": names})
    )
    return Hierarchy(HIERARCHY, tree, {4: ("s1", "s2", "s3"), 5: ("s1", "s2"), 6: ("s2", "s3")})
